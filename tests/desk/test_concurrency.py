"""Two leads at the same moment: one mail, and words for the slower one."""

import datetime as dt

import pytest

from contraflow.core.models import OutgoingMail
from contraflow.desk import actions
from contraflow.desk.models import CoverDraw, CoverTalk, Message, Step
from contraflow.desk.texts import Text
from contraflow.programmes.models import Steward
from tests.conftest import make_person
from tests.pairs.test_concurrency import at_once, refusals

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = Text(subject="Hello", body="You two")


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
