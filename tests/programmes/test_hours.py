"""A line manager is asked for hours, by a link of their own, and sees nothing else."""

import datetime as dt
import re

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from contraflow.core.errors import Refusal
from contraflow.core.models import AuditEntry, OutgoingMail
from contraflow.pairs.models import Session
from contraflow.programmes import actions, queries
from contraflow.programmes.models import Enrolment, HoursRequest, Side
from tests.conftest import make_enrolment, make_person

LINK = re.compile(r"/programmes/hours/[\w-]{30,}/")


@pytest.fixture
def manager(cast):
    """Mara manages Ama, who mentors; Bela is a leader with a manager, and Olu has none."""
    manager = make_person("Mara", email="mara@example.org")
    cast.ama.manager = cast.bela.manager = manager
    cast.ama.save()
    cast.bela.save()
    make_enrolment(cast.cohort, make_person("Olu"))
    return manager


@pytest.fixture
def link(cast, manager, run_jobs, django_capture_on_commit_callbacks):
    """The address in the mail that Mara got."""
    with django_capture_on_commit_callbacks(execute=True):
        actions.ask_for_hours(cast.cohort, by=cast.chi)
    run_jobs()
    return LINK.search(mail.outbox[0].body)[0]


def test_only_managers_of_mentors_are_asked_and_once(cast, manager):
    now = timezone.now()
    assert actions.ask_for_hours(cast.cohort, by=cast.chi, at=now) == 1
    assert actions.ask_for_hours(cast.cohort, by=cast.chi, at=now) == 0
    assert actions.ask_for_hours(cast.cohort, by=cast.chi, at=now + dt.timedelta(days=8)) == 1

    request = HoursRequest.objects.get()
    assert (request.enrolment.person, request.manager) == (cast.ama, manager)
    # three sessions of 50 minutes, and half an hour beside each
    assert request.hours == 4
    assert list(OutgoingMail.objects.values_list("address", flat=True)) == ["mara@example.org"] * 2
    assert queries.hours_row(cast.cohort, at=now) == {
        "confirmed": 0, "waiting": 1, "not_now": 0, "no_manager": 1, "to_ask": 0, "why_not": None,
    }  # fmt: skip


def test_opening_the_link_confirms_nothing_and_one_press_does(client, cast, link):
    page = client.get(link)
    assert page.status_code == 200
    assert page["Referrer-Policy"] == "same-origin"
    assert HoursRequest.objects.get().answer == ""

    assert client.post(link, {"answer": "confirmed"}).url == link
    assert client.post(link, {"answer": "confirmed"}).status_code == 302
    assert "You confirmed the hours" in client.get(link).text
    assert AuditEntry.objects.filter(event="HoursAnswered").count() == 1

    client.post(link, {"answer": "not_now"})
    assert HoursRequest.objects.get().get_answer_display() == "hours not possible at present"
    assert client.post(link, {"answer": "perhaps"}).status_code == 409


def test_the_line_manager_sees_hours_and_nothing_else(client, cast, link):
    session = cast.pair.sessions.first()
    session.state, session.starts_at = Session.State.HELD, timezone.now()
    session.save()

    page = client.get(link).text

    assert "about 4 hours" in page
    assert "Spent in sessions so far: 50 min." in page
    for hidden in ("Bela", session.planned.topic, cast.pair.code, session.code, "Olu"):
        assert hidden not in page


def test_the_lead_and_the_mentor_read_the_answer(client, sign_in, cast, link):
    client.post(link, {"answer": "confirmed"})
    enrolment = HoursRequest.objects.get().enrolment

    assert "hours confirmed" in sign_in("chi").get(enrolment.get_absolute_url()).text
    assert "hours confirmed" in sign_in("ama").get(enrolment.get_absolute_url()).text
    assert "not answered" in sign_in("chi").get(cast.cohort.get_absolute_url()).text


@pytest.mark.parametrize("reason", ["wrong secret", "an older mail", "the manager left"])
def test_a_link_opens_for_nobody_else(client, cast, manager, link, reason):
    if reason == "wrong secret":
        link = link[:-4] + "xxx/"
    elif reason == "an older mail":
        actions.ask_for_hours(cast.cohort, by=cast.chi, at=timezone.now() + dt.timedelta(days=8))
    else:
        manager.left_on = timezone.localdate()
        manager.save()

    assert client.get(link).status_code == 404
    assert client.post(link, {"answer": "confirmed"}).status_code == 404
    assert HoursRequest.objects.get().answer == ""


def test_what_is_over_is_not_answered(client, cast, link):
    Enrolment.objects.filter(person=cast.ama).update(state=Enrolment.State.WITHDRAWN)
    assert client.post(link, {"answer": "confirmed"}).status_code == 409
    assert "no longer takes part" in client.get(link).text

    cast.cohort.state = "closed"
    with pytest.raises(Refusal, match="while the cohort"):
        actions.ask_for_hours(cast.cohort, by=cast.chi)


def test_whoever_leads_asks_from_the_cohorts_page(sign_in, cast, manager):
    page = sign_in("chi").get(cast.cohort.get_absolute_url()).text
    assert "Ask 1 line manager" in page
    assert "1 mentor has no line manager" in page

    sign_in("chi").post(reverse("programmes:hours-ask", args=[cast.cohort.code]))

    assert HoursRequest.objects.count() == 1
    assert "Ask 1 line manager" not in sign_in("chi").get(cast.cohort.get_absolute_url()).text
    assert HoursRequest.objects.get().enrolment.side == Side.MENTOR
