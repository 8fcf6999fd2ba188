"""How a pair begins, each of the two on their phone: from the invitation to the first session."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from contraflow.desk.models import LaunchOverride
from contraflow.pairing.actions import make_draft, publish_draft
from contraflow.pairing.models import Draft
from contraflow.pairs.models import Pair, Session
from contraflow.programmes.actions import (
    create_cohort,
    create_programme,
    invite,
    open_enrolment,
    start_pairing,
)
from contraflow.programmes.catalogue import load_catalogue
from contraflow.training.modules import gate_keys, shipped
from tests.conftest import make_person
from tests.flows.browsing import PHONE, link_in, sideways, wait_for
from tests.flows.steps import (
    answer_invitation,
    fill_in_profile,
    go_through,
    tomorrow,
    write_goal,
)


@pytest.fixture
def new(site, visit):
    """Ines and Karen, who never saw the product, each with a phone that knows nobody."""
    load_catalogue()
    chi, today = site.cast.chi, timezone.localdate()
    programme = create_programme(
        by=chi, title="Digital fluency", purpose="Both.", template="inclusion_belonging"
    )
    cohort = create_cohort(programme, by=chi, name="First round", starts_on=today)
    open_enrolment(cohort, by=chi)
    ines = make_person("Ines", grade=2, time_zone="Europe/Berlin", languages=["en"])
    karen = make_person("Karen", grade=8, time_zone="Europe/Berlin", languages=["en"])
    phones = {who: visit(size=PHONE, has_touch=True, is_mobile=True) for who in (ines, karen)}
    return SimpleNamespace(site=site, cohort=cohort, ines=ines, karen=karen, phones=phones)


def test_two_begin_on_their_phones_from_the_invitation_to_the_first_session(new, axe):
    chi = new.site.cast.chi
    for person, side in ((new.ines, "mentor"), (new.karen, "mentee")):
        invite(new.cohort, [person], side, by=chi)
        take_part(new, person, axe)
    pair = publish(new, by=chi)
    for person, side in ((new.ines, "mentor"), (new.karen, "mentee")):
        open_introduction(new, person, pair, axe)
        do_short_training(new, person, side, axe)
    agree(new, pair, axe)
    session = book(new, pair, axe)
    hold(new, session, axe)


def take_part(new, person, axe):
    """Follow the mailed invitation, where nobody is signed in, and fill in the profile."""
    page = new.phones[person]
    page.goto(link_in(new.site.mailbox.wait_for(person, "An invitation to")))
    axe(page)
    page.get_by_role("button", name="Read the invitation").tap()
    answer_invitation(page)
    fill_in_profile(page, axe)
    assert sideways(page) == []


def publish(new, *, by):
    """Pair the two as a lead would; what they see of it is an introduction."""
    cohort = start_pairing(new.cohort, by=by)
    LaunchOverride.objects.create(cohort=cohort, reason="Two people are enough to begin.")
    draft = make_draft(cohort, by=by)
    ready = Draft.objects.filter(pk=draft.pk, state=Draft.State.READY)
    draft = wait_for(ready.first, "the draft was not solved", seconds=30)
    publish_draft(draft, by=by)
    return wait_for(Pair.objects.filter(cohort=cohort).first, "no pair was published", seconds=30)


def open_introduction(new, person, pair, axe):
    """Open the mail's link: the pair's page says who the other is."""
    page = new.phones[person]
    partner = pair.partner_of(person)
    page.goto(link_in(new.site.mailbox.wait_for(person, f"You and {partner.name}")))
    expect(page.get_by_role("heading", level=1)).to_contain_text(partner.name)
    assert sideways(page) == []
    axe(page)


def do_short_training(new, person, side, axe):
    """Go from Today through every module of the gate."""
    page = new.phones[person]
    page.goto("/")
    axe(page)
    page.locator("section", has_text="in short parts").get_by_role("link", name="Begin").tap()
    for key in gate_keys(side):
        go_through(page, shipped()[key], None)
    page.goto("/training/")
    axe(page)
    assert sideways(page) == []


def agree(new, pair, axe):
    """Write a goal each and sign, one after the other."""
    ines, karen = new.phones[new.ines], new.phones[new.karen]
    ines.goto("/")
    ines.get_by_role("link", name="Open the agreement").tap()
    write_goal(ines, "mentor")
    karen.goto(link_in(new.site.mailbox.wait_for(new.karen, "Ines wrote in your agreement")))
    write_goal(karen, "leader")
    karen.get_by_label("I give this pledge.").check()
    karen.get_by_role("button", name="Sign what I have read").tap()
    expect(karen.locator("#sign")).to_contain_text("You have signed this.")
    ines.goto(link_in(new.site.mailbox.wait_for(new.ines, "Karen has signed your agreement")))
    ines.get_by_role("button", name="Sign what I have read").tap()
    expect(ines.get_by_text("Signed by both of you.")).to_be_visible()
    axe(ines)
    assert not Pair.objects.get(pk=pair.pk).is_forming


def book(new, pair, axe):
    """The leader sets the date, and both are invited."""
    page = new.phones[new.karen]
    page.goto(pair.get_absolute_url())
    page.get_by_label("Day", exact=True).fill(tomorrow())
    page.get_by_label("Time", exact=True).fill("10:00")
    page.get_by_role("button", name="Book the session").tap()
    expect(page.get_by_role("link", name="Join")).to_be_visible()
    axe(page)
    for person in (new.ines, new.karen):
        partner = pair.partner_of(person).name
        assert new.site.mailbox.wait_for(person, f"Reverse mentoring with {partner}")
    return pair.sessions.get(number=1)


def hold(new, session, axe):
    """The hour has come: both hold it by the agenda, and each says what stays with them."""
    soon = timezone.now() - dt.timedelta(minutes=5)
    Session.objects.filter(pk=session.pk).update(starts_at=soon)
    page = new.phones[new.ines]
    page.goto(session.get_absolute_url())
    page.get_by_role("link", name="Agenda with a clock").tap()
    page.get_by_role("button", name="Begin").tap()
    expect(page.get_by_text("minutes left").first).to_be_visible()
    axe(page)
    over = timezone.now() - dt.timedelta(hours=2)
    Session.objects.filter(pk=session.pk).update(starts_at=over)
    for person, learned in ((new.ines, "How a board listens."), (new.karen, "What I never ask.")):
        page = new.phones[person]
        page.goto(session.get_absolute_url())
        if person == new.ines:
            page.get_by_role("button", name="Yes, we met").tap()
        page.get_by_label("One thing I learned").fill(learned)
        page.get_by_role("button", name="Keep it").tap()
        expect(page.get_by_text("Kept, for the two of you.")).to_be_visible()
        assert sideways(page) == []
    session.refresh_from_db()
    assert session.state == Session.State.HELD
