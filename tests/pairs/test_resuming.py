"""The end of a pair is taken back: what is as before, and who hears of it."""

import datetime as dt

import pytest
from django.utils import timezone

from contraflow.core.errors import Refusal
from contraflow.core.models import AuditEntry, OutgoingMail
from contraflow.pairs import actions
from tests.conftest import make_pair

NOW = dt.datetime(2026, 1, 12, 9, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
SOON = NOW + 48 * HOUR


@pytest.fixture
def booked(cast):
    """The first session of Ama and Bela, booked in two days."""
    session = cast.pair.sessions.get(number=1)
    return actions.book_session(session, by=cast.ama, starts_at=SOON, at=NOW)


def stored(session):
    session.refresh_from_db()
    return session.state, session.starts_at, session.sequence


def test_a_resumed_pair_is_as_it_was_and_says_so(cast, booked):
    ended_at = NOW + dt.timedelta(minutes=20)
    actions.end_pair(cast.pair, by=cast.chi, at=ended_at)

    actions.resume_pair(cast.pair, ended_at=ended_at, by=cast.chi, at=ended_at)

    assert (cast.pair.state, cast.pair.ended_on) == ("active", None)
    assert stored(booked) == ("booked", SOON, 3)
    entry = AuditEntry.objects.order_by("pk").last()
    assert (entry.event, entry.by_id) == ("PairResumed", cast.chi.pk)


@pytest.mark.parametrize(
    ("minutes", "state"),
    [
        pytest.param(20, "planned", id="a date that has passed"),
        pytest.param(-1, "booked", id="not"),
    ],
)
def test_only_dates_to_come_stand_again(cast, booked, minutes, state):
    actions.end_pair(cast.pair, by=cast.chi, at=NOW)

    at = SOON + dt.timedelta(minutes=minutes)
    actions.resume_pair(cast.pair, ended_at=NOW, by=cast.chi, at=at)

    assert stored(booked)[0] == state


def test_a_date_that_one_of_the_two_cancelled_stays_cancelled(cast, booked):
    actions.cancel_session(booked, by=cast.ama, at=NOW)
    actions.end_pair(cast.pair, by=cast.chi, at=NOW)

    actions.resume_pair(cast.pair, ended_at=NOW, by=cast.chi, at=NOW)

    assert stored(booked)[0] == "planned"


def test_a_pair_that_goes_on_is_not_resumed(cast):
    with pytest.raises(Refusal, match="This pair has not ended."):
        actions.resume_pair(cast.pair, ended_at=NOW, by=cast.chi)


def test_two_who_are_a_pair_again_are_not_resumed_as_another(cast):
    actions.end_pair(cast.pair, by=cast.chi, at=NOW)
    make_pair(cast.cohort, cast.ama, cast.bela)

    with pytest.raises(Refusal, match="Ama and Bela are a pair already."):
        actions.resume_pair(cast.pair, ended_at=NOW, by=cast.chi)


def test_who_has_left_the_organisation_is_not_written_to(cast):
    cast.ama.left_on = NOW.date()
    cast.ama.save()

    actions.end_pair(cast.pair, by=cast.chi, at=NOW)

    mails = OutgoingMail.objects.filter(kind="pairs.pair_ended")
    assert list(mails.values_list("to_id", flat=True)) == [cast.bela.pk]


@pytest.mark.parametrize(
    ("hours_ago", "told", "ends"),
    [
        pytest.param(0, set(), 2, id="nobody has read of the end"),
        pytest.param(1, {"pairs.pair_ended", "pairs.pair_resumed"}, 4, id="both have"),
    ],
)
def test_who_has_read_of_the_end_reads_that_it_goes_on(cast, hours_ago, told, ends):
    ended_at = timezone.now().replace(minute=1) - hours_ago * HOUR
    actions.end_pair(cast.pair, by=cast.chi, at=ended_at)

    actions.resume_pair(cast.pair, ended_at=ended_at, by=cast.chi)
    assert set(OutgoingMail.objects.values_list("kind", flat=True)) == told

    # and if it ends after all, the two are told of that end as well
    actions.end_pair(cast.pair, by=cast.chi, at=ended_at + 2 * HOUR)
    assert OutgoingMail.objects.filter(kind="pairs.pair_ended").count() == ends
