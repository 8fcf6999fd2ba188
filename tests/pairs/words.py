"""A pair that wrote into everything there is, how it ends, and how its words go."""

import datetime as dt

import pytest
from django.urls import reverse

from contraflow.core.models import Notice, OutgoingMail
from contraflow.exchange import actions as exchange
from contraflow.pairs import actions, keeping, stories
from contraflow.pairs.meeting import commit
from contraflow.pairs.models import (
    Session,
)

# a Wednesday; the pair ends then, and its words go on 14 April
NOW = dt.datetime(2026, 1, 14, 15, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
LAST = dt.datetime(2026, 4, 14, 12, 0, tzinfo=dt.UTC)
TWO = {"ama", "bela"}
SEALED_FOR_PAIRS = {rows.model: rows for part in keeping.parts() for rows in part.rows}


def copy_url(pair):
    return reverse("pairs:pair-copy", args=[pair.code])


def data_url(pair):
    return reverse("pairs:pair-copy-data", args=[pair.code])


def let_words_go(*, at=LAST):
    """Do what the job does, as if the worker had looked every day until then."""
    for days in (14, 3, 0):
        while actions.remind_of_deletion(at=at - days * DAY):
            pass
    count = 0
    while done := actions.delete_words(at=at):
        count += done
    return count


@pytest.fixture
def lived(cast):
    """Let the two write into everything there is."""
    first = cast.pair.sessions.first()
    Session.objects.filter(pk=first.pk).update(state="held", starts_at=NOW - 9 * DAY)
    first.refresh_from_db()
    for person, will in ((cast.ama, "Present to the board"), (cast.bela, "Listen more")):
        actions.set_goal(
            cast.pair, by=person, week=9, will=will, seen_by="everybody", because="it helps"
        )
    for person, version in ((cast.ama, 2), (cast.bela, 2)):
        actions.sign_agreement(cast.pair, by=person, version=version, pledges=True)
    actions.write_learned(first, by=cast.ama, text="How a budget is made")
    actions.write_learned(first, by=cast.bela, text="What a prompt is")
    commit(first, by=cast.ama, condition="it rains", action="I write")
    for person, text in ((cast.ama, "My first job"), (cast.bela, "My last job")):
        stories.tell_story(cast.pair, by=person, text=text, shared_as="with_name")
    for person in (cast.ama, cast.bela):
        actions.suggest_closing(cast.pair, by=person)
    for person, text in ((cast.ama, "To ask first"), (cast.bela, "To wait")):
        actions.write_closing_page(cast.pair, by=person, texts={"taken": text}, is_ready=True)
    exchange.send_message(cast.pair, by=cast.bela, text="See you on Monday")
    exchange.write_note(cast.pair, by=cast.bela, text="Ours to remember")
    exchange.write_note(cast.pair, by=cast.ama, text="Only Ama knows", is_private=True)
    exchange.write_note(cast.pair, by=cast.bela, text="Only Bela knows", is_private=True)
    promise = exchange.make_promise(cast.pair, by=cast.bela, kind="other", text="Meet my team")
    exchange.settle_promise(promise, by=cast.ama, state="kept")
    return cast


@pytest.fixture
def ended(lived):
    """The same once the pair has ended."""
    actions.end_pair(lived.pair, by=None, at=NOW)
    OutgoingMail.objects.all().delete()
    Notice.objects.all().delete()
    return lived
