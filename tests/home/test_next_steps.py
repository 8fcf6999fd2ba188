"""Whoever sets up or runs reads on the page they land on what to do next, and finds it there."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from contraflow.core.models import Installation
from contraflow.home.next_steps import next_steps, setting_up_cards
from contraflow.people.models import Role
from contraflow.programmes.models import Cohort, Enrolment, Profile
from tests.conftest import make_cohort, make_enrolment, make_person, make_programme

TODAY = dt.date(2026, 3, 2)


def titles(person):
    return [card.title for card in setting_up_cards(person)]


def test_first_administrator_is_led_from_an_empty_house_to_the_first_programme(installation):
    root = make_person("Root")
    Role.objects.create(person=root, kind=Role.Kind.ADMINISTRATOR)

    assert titles(root) == [
        "Keep the key in a second place",
        "Bring your people in",
        "Make somebody programme lead",
    ]

    Installation.objects.update(key_backed_up_at=timezone.now())
    chi = make_person("Chi")
    assert titles(root) == ["Make somebody programme lead"]

    Role.objects.create(person=chi, kind=Role.Kind.LEAD)
    assert titles(root) == []
    assert titles(chi) == ["Make your first programme"]


def test_nobody_is_asked_to_set_up_what_is_not_theirs_or_is_done(cast):
    Installation.objects.update(key_backed_up_at=timezone.now())

    for who in ("ama", "bela", "chi", "cleo", "sol", "tru", "dov", "root"):
        assert titles(getattr(cast, who)) == [], who


def test_every_card_leads_to_a_page_that_opens(installation, client):
    root = make_person("Root")
    for kind in (Role.Kind.ADMINISTRATOR, Role.Kind.LEAD):
        Role.objects.create(person=root, kind=kind)
    client.force_login(root)

    page = client.get(reverse("home:today")).text

    for card in setting_up_cards(root):
        assert card.title in page
        assert client.get(card.url).status_code == 200, card.title


@pytest.mark.parametrize(
    ("state", "enrolled", "expected"),
    [
        (
            "draft",
            [],
            ("Open enrolment", "Nobody can be invited or apply before enrolment is open."),
        ),
        ("enrolling", [], ("Invite people", "Enrolment is open, and nobody is asked yet.")),
        (
            "enrolling",
            ["invited", "invited", "applied", "enrolled"],
            (
                "See who",
                "1 application waits for you, 2 invitations are not answered, "
                "1 profile is not finished.",
            ),
        ),
        (
            "enrolling",
            ["ready", "declined"],
            ("Propose pairs", "Everybody has answered, and every profile is finished."),
        ),
        (
            "pairing",
            ["ready"],
            (
                "Go to matching",
                "Enrolment has ended: propose pairs, look at them, and publish them.",
            ),
        ),
    ],
)
def test_a_cohort_names_the_step_that_brings_it_on(cast, sign_in, state, enrolled, expected):
    cohort = make_cohort(cast.programme, state=state)
    for each in enrolled:
        is_ready = each == "ready"
        enrolment = make_enrolment(
            cohort, state=Enrolment.State.ENROLLED if is_ready else Enrolment.State(each)
        )
        if is_ready:
            Profile.objects.create(enrolment=enrolment, finished_at=timezone.now())

    step = next_steps([cohort], today=TODAY)[cohort.pk]

    assert (step.action, step.text) == expected
    client = sign_in("chi")
    assert client.get(step.url).status_code == 200
    for page in (reverse("home:today"), reverse("home:overview", args=[cohort.code])):
        assert f'href="{step.url}"' in client.get(page).text


@pytest.mark.parametrize(
    ("state", "today", "action"),
    [
        ("running", dt.date(2026, 4, 12), None),
        ("running", dt.date(2026, 4, 13), "Close the cohort"),
        ("closed", dt.date(2026, 4, 13), None),
    ],
)
def test_running_pairs_need_no_step_until_their_last_day_has_passed(db, state, today, action):
    cohort = make_cohort(make_programme(), state=Cohort.State(state))

    step = next_steps([cohort], today=today)[cohort.pk]

    assert (step and step.action) == action


def test_a_lead_reads_that_a_leader_of_a_running_cohort_has_no_mentor(cast):
    cohort, today = cast.cohort, cast.cohort.starts_on
    make_enrolment(cohort)  # a mentor more than there are leaders needs nobody
    assert next_steps([cohort], today=today) == {cohort.pk: None}

    cast.ama.left_on = today
    cast.ama.save()

    (step,) = next_steps([cohort], today=today).values()
    assert (step.text, step.action) == ("1 leader has no mentor.", "Find a mentor")
    assert step.url == reverse("pairing:cohort", args=[cohort.code])
