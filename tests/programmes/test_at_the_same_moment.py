"""Two people press at the same moment: the last place is given once, lots are drawn once."""

import threading

import pytest
from django.db import connection

from contraflow.core.errors import Refusal
from contraflow.core.models import Installation
from contraflow.programmes.actions import accept_invitation, apply_to, draw_lots
from contraflow.programmes.models import Enrolment, LotteryDraw, Side
from tests.conftest import make_cohort, make_enrolment, make_person, make_programme

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
S = Enrolment.State


def at_once(*presses):
    """Run the presses in threads that start together; return the refusals."""
    start, refusals = threading.Barrier(len(presses)), []

    def run(press):
        start.wait()
        try:
            press()
        except Refusal as refusal:
            refusals.append(str(refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[press]) for press in presses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return refusals


@pytest.fixture
def cohort():
    Installation.objects.create(pk=1, organisation="Lumenport")
    return make_cohort(make_programme(), state="enrolling", applications_open=True, mentor_places=2)


def test_the_last_places_are_given_once(cohort):
    invited = [make_enrolment(cohort, state=S.INVITED) for _ in range(6)]

    refusals = at_once(
        *(
            lambda each=each: accept_invitation(Enrolment.objects.get(pk=each.pk), by=each.person)
            for each in invited
        )
    )

    assert refusals == []
    states = sorted(cohort.enrolments.values_list("state", flat=True))
    assert states == [S.ENROLLED] * 2 + [S.WAITING] * 4
    waiting = cohort.enrolments.filter(state=S.WAITING).order_by("waiting_place")
    assert list(waiting.values_list("waiting_place", flat=True)) == [1, 2, 3, 4]


def test_lots_are_drawn_once_and_an_application_is_made_once(cohort):
    lead, eager = make_person(), make_person()
    at_once(*(lambda: apply_to(cohort, Side.MENTOR, by=eager) for _press in range(3)))
    assert cohort.enrolments.get().person == eager
    for _ in range(4):
        apply_to(cohort, Side.MENTOR, by=make_person())

    refusals = at_once(*(lambda: draw_lots(cohort, Side.MENTOR, by=lead) for _press in range(3)))

    assert refusals == ["Nobody waits for a decision."] * 2
    assert len(LotteryDraw.objects.get().log) == 5
