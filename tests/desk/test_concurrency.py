"""Two leads or sponsors at the same moment: one mail, and words for the slower one."""

import datetime as dt
import time

import pytest
from django.db import transaction
from django.utils import timezone

from contraflow.core.models import OutgoingMail
from contraflow.desk import actions
from contraflow.desk.models import (
    CoverDraw,
    CoverTalk,
    Message,
    PersonalWord,
    Speech,
    Step,
)
from contraflow.desk.rules import UNDO_WITHIN
from contraflow.desk.texts import Text
from contraflow.programmes.models import Steward
from tests.conftest import make_person
from tests.desk.test_personal_word import give_up_twice
from tests.pairs.test_concurrency import at_once, refusals

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = Text(subject="Hello", body="You two")
LONG_AGO = timezone.now() - dt.timedelta(days=9)


@pytest.mark.slow
def test_two_leads_who_nudge_the_same_pair_send_one_mail_to_each(cast):
    other = make_person("Lena")
    Steward.objects.create(programme=cast.programme, person=other, kind="lead")

    results = at_once(
        lambda: actions.write_to_both(cast.pair, "nudge", by=cast.chi, text=TEXT),
        lambda: actions.write_to_both(cast.pair, "nudge", by=other, text=TEXT),
    )

    assert len(refusals(results)) == 1
    assert "wrote to both within the last day" in refusals(results)[0]
    assert OutgoingMail.objects.count() == 2
    assert Step.objects.count() == 1


@pytest.mark.slow
def test_two_presses_of_one_form_and_two_workers_do_a_thing_once(cast):
    def send():
        return actions.send_message(
            cast.cohort, "everybody", by=cast.chi, text=TEXT, code="pressed1"
        )

    assert refusals(at_once(send, send)) == []
    assert Message.objects.count() == 1

    day = dt.datetime(2026, 1, 19, 9, tzinfo=dt.UTC)
    at_once(lambda: actions.plan_cover_talks(at=day), lambda: actions.plan_cover_talks(at=day))
    assert CoverDraw.objects.count() == 1
    assert CoverTalk.objects.filter(reason="drawn").count() == 1


@pytest.fixture
def begun(cast):
    """Let the cohort have begun a fortnight ago."""
    cast.cohort.starts_on = timezone.localdate() - dt.timedelta(days=14)
    cast.cohort.save()


@pytest.mark.slow
def test_two_sponsors_who_open_a_cohort_at_once_open_it_once(cast, begun):
    other = make_person("Otto")
    Steward.objects.create(programme=cast.programme, person=other, kind="sponsor")

    def speak(by, code):
        return lambda: actions.give_speech(cast.cohort, "opening", by=by, text=TEXT, code=code)

    results = at_once(speak(cast.sol, "pressed1"), speak(other, "pressed2"))

    assert len(refusals(results)) == 1
    assert "has said these words already" in refusals(results)[0]
    assert Speech.objects.count() == 1


@pytest.mark.slow
def test_two_presses_of_a_sponsor_and_two_workers_reach_everybody_once(cast, begun):
    def speak():
        return actions.give_speech(
            cast.cohort, "opening", by=cast.sol, text=TEXT, code="pressed1", at=LONG_AGO
        )

    def write():
        return actions.write_personal_word(cast.programme, by=cast.sol, text="Well?", at=LONG_AGO)

    assert refusals(at_once(speak, speak)) == []
    assert refusals(at_once(write, write)) == []
    speech = Speech.objects.get()
    at_once(lambda: deliver(speech), lambda: deliver(speech))
    assert OutgoingMail.objects.filter(kind="desk.opening").count() == 2

    give_up_twice(cast.pair, last=LONG_AGO)
    at_once(actions.give_personal_words, actions.give_personal_words)
    assert PersonalWord.objects.get().given.count() == 1
    assert OutgoingMail.objects.filter(kind="desk.personal_word").count() == 1


def deliver(speech):
    with transaction.atomic():
        actions.deliver_speech(speech.pk)


@pytest.mark.slow
def test_words_that_leave_the_moment_they_are_taken_back_do_only_one_of_both(cast, begun):
    speech = actions.give_speech(
        cast.cohort, "opening", by=cast.sol, text=TEXT, code="pressed1",
        at=timezone.now() - UNDO_WITHIN + dt.timedelta(seconds=0.5),
    )  # fmt: skip

    def at_the_last_moment(do):
        time.sleep((speech.leaves_at - timezone.now()).total_seconds())
        return do()

    results = at_once(
        lambda: at_the_last_moment(lambda: deliver(speech)),
        lambda: at_the_last_moment(lambda: actions.undo_speech(speech, by=cast.sol)),
    )

    speech.refresh_from_db()
    is_undone, n_mails = speech.undone_at is not None, OutgoingMail.objects.count()
    assert (is_undone, n_mails, len(refusals(results))) in {(True, 0, 0), (False, 2, 1)}


@pytest.mark.slow
def test_two_leads_who_remind_a_sponsor_at_once_send_one_mail(cast):
    other = make_person("Lena")
    Steward.objects.create(programme=cast.programme, person=other, kind="lead")

    def remind(by, code):
        return lambda: actions.remind_sponsor(cast.programme, by=by, text=TEXT, code=code)

    results = at_once(remind(cast.chi, "pressed1"), remind(other, "pressed2"))

    assert len(refusals(results)) == 1
    assert OutgoingMail.objects.count() == 1
