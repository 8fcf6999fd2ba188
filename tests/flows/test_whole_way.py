"""From a list of people to a session held and counted: the main job, in a real browser."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.utils import timezone
from icalendar import Calendar
from playwright.sync_api import expect

from contraflow.core.models import Installation
from contraflow.pairs.models import Pair, Session
from contraflow.people.models import Person, Role
from contraflow.programmes.catalogue import load_catalogue
from contraflow.programmes.models import Cohort, Enrolment
from tests.conftest import make_person
from tests.flows.browsing import PHONE, link_in, sideways
from tests.flows.steps import answer_invitation, fill_in_profile, sign_in_by_link

PASSWORD = "seven plain wooden doors"
LIST = """\
Name;E-mail;Job title;Grade;Department;Manager email;Languages;Time zone
Priya Raman;priya@example.org;Data analyst;2;Finance/Reporting;;en, de;Europe/Berlin
Tom Okafor;tom@example.org;Designer;2;Products/Design;;en;Europe/London
Gerald Whitfield;gerald@example.org;Chief operating officer;8;Operations;;en;Europe/Berlin
Inés Duarte;ines@example.org;Chief people officer;8;People;;en, es;Europe/Madrid
Nobody Atall;not an address;Clerk;3;Operations;;en;Europe/Berlin
"""
MENTORS = {"Priya Raman": "priya@example.org", "Tom Okafor": "tom@example.org"}
LEADERS = {"Gerald Whitfield": "gerald@example.org", "Inés Duarte": "ines@example.org"}


@pytest.fixture
def walk(served, visit, axe):
    """What the steps of the walk share: Chi, who leads, with a browser of her own."""
    Installation.objects.create(pk=1, organisation="Lumenport")
    load_catalogue()
    chi = make_person("Chi", email="chi@example.org")
    chi.set_password(PASSWORD)
    chi.save()
    for kind in (Role.Kind.ADMINISTRATOR, Role.Kind.LEAD):
        Role.objects.create(person=chi, kind=kind)
    return SimpleNamespace(site=served, visit=visit, axe=axe, chi=chi, page=visit())


def test_from_a_list_of_people_to_a_session_held_and_counted(walk):
    sign_in(walk)
    import_people(walk)
    create_programme(walk)
    cohort = create_cohort(walk)
    invite_everybody(walk)
    for name, address in (MENTORS | LEADERS).items():
        take_part(walk, name, Person.objects.get(email=address))
    pair_and_publish(walk, cohort)
    pair = Pair.objects.get(mentor__email=MENTORS["Priya Raman"])
    page = open_introduction(walk, pair)
    session = book_first_session(walk, page, pair)
    check_invitations(walk, session)
    hold(walk, page, session)
    look_at_overview(walk, cohort)


def sign_in(walk):
    page = walk.page
    page.goto("/")
    expect(page).to_have_title("Sign in · Contraflow")
    walk.axe(page)

    form = page.locator("form", has=page.get_by_label("Password"))
    form.get_by_label("E-mail").fill(walk.chi.email)
    form.get_by_label("Password").fill(PASSWORD)
    form.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Bring your people in")).to_be_visible()
    walk.axe(page)


def import_people(walk):
    page = walk.page
    page.get_by_role("link", name="Import people").click()
    walk.axe(page)
    file = {"name": "people.csv", "mimeType": "text/csv", "buffer": LIST.encode()}
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Upload and look").click()

    expect(page.get_by_role("heading", name="Apply it")).to_be_visible()
    assert Person.objects.count() == 1
    walk.axe(page)
    expect(page.get_by_text("not an address").first).to_be_visible()
    page.get_by_role("button", name="Apply the file").click()
    expect(page.get_by_text("Applied.", exact=True)).to_be_visible()
    walk.axe(page)

    page.get_by_role("link", name="See the people").click()
    expect(page.get_by_role("link", name="Inés Duarte")).to_be_visible()
    walk.axe(page)
    assert set(Person.objects.values_list("email", flat=True)) == {
        walk.chi.email, *MENTORS.values(), *LEADERS.values()
    }  # fmt: skip


def create_programme(walk):
    page = walk.page
    page.get_by_role("link", name="Programmes").first.click()
    walk.axe(page)
    page.get_by_role("link", name="New programme").first.click()
    walk.axe(page)
    page.get_by_role("link", name="Start from this: Digital literacy").click()
    walk.axe(page)
    page.get_by_role("button", name="Create the programme").click()
    expect(page.get_by_role("heading", name="Objectives")).to_be_visible()
    walk.axe(page)


def create_cohort(walk):
    page = walk.page
    page.get_by_role("link", name="New cohort").first.click()
    page.get_by_label("Name").fill("First round")
    page.get_by_label("Starts on").fill(timezone.localdate().isoformat())
    walk.axe(page)
    page.get_by_role("button", name="Create the cohort").click()
    expect(page.get_by_role("heading", name="Enrolment")).to_be_visible()
    walk.axe(page)
    page.get_by_role("button", name="Open enrolment").click()
    expect(page.get_by_role("link", name="Invite people")).to_be_visible()
    return Cohort.objects.get()


def invite_everybody(walk):
    page = walk.page
    page.get_by_role("link", name="Invite people").click()
    walk.axe(page)
    form = page.locator("#people")
    for name in MENTORS:
        form.get_by_label(name).check()
    form.get_by_label("Mentor").check()
    form.get_by_role("button", name="Invite those ticked").click()
    expect(page.get_by_role("link", name="Tom Okafor")).to_be_visible()

    page.get_by_role("link", name="Invite people").click()
    form = page.locator("form", has=page.get_by_label("E-mail addresses"))
    form.get_by_label("Leader").check()
    form.get_by_label("E-mail addresses").fill("; ".join(LEADERS.values()))
    form.get_by_role("button", name="Invite them").click()
    expect(page.get_by_role("link", name="Inés Duarte")).to_be_visible()
    walk.axe(page)


def take_part(walk, name, person):
    """Follow the mailed invitation and fill in the profile; axe looks at one of each side."""
    page = walk.visit()
    axe = walk.axe if name in {"Priya Raman", "Gerald Whitfield"} else lambda page: None
    page.goto(link_in(walk.site.mailbox.wait_for(person, "An invitation to")))
    axe(page)
    page.get_by_role("button", name="Read the invitation").click()
    axe(page)
    answer_invitation(page)
    axe(page)
    fill_in_profile(page, axe)
    axe(page)
    page.context.close()

    enrolment = Enrolment.objects.get(person=person)
    assert enrolment.state == Enrolment.State.ENROLLED
    assert enrolment.profile.finished_at
    assert enrolment.profile.topics.count() == 3


def pair_and_publish(walk, cohort):
    page = walk.page
    page.goto(cohort.get_absolute_url())
    page.get_by_role("button", name="Start pairing").click()
    page.get_by_role("link", name="Matching").click()
    walk.axe(page)
    page.get_by_role("button", name="Propose pairs").click()
    expect(page.get_by_role("heading", name="Proposed pairs")).to_be_visible()
    walk.axe(page)
    page.get_by_role("link", name="Why Priya Raman").click()
    walk.axe(page)
    page.go_back()
    assert not Pair.objects.exists()

    page.get_by_role("link", name="Open the launch checklist").click()
    walk.axe(page)
    page.get_by_label("Reason").fill("The sponsor joins the next cohort.")
    page.get_by_role("button", name="Launch all the same").click()
    page.get_by_role("link", name="Matching").click()

    page.get_by_role("button", name="Publish 2 pairs").click()
    walk.axe(page)
    page.get_by_role("dialog").get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Everybody was introduced by mail.")).to_be_visible()
    walk.axe(page)
    cohort.refresh_from_db()
    assert cohort.state == Cohort.State.RUNNING
    assert Pair.objects.count() == 2


def open_introduction(walk, pair):
    """Let the mentor open the mail's link on a phone, where nobody is signed in."""
    page = walk.visit(size=PHONE)
    page.goto(link_in(walk.site.mailbox.wait_for(pair.mentor, f"You and {pair.mentee.name}")))
    sign_in_by_link(page, walk.site, pair.mentor)
    expect(page.get_by_role("heading", level=1)).to_contain_text(pair.mentee.get_short_name())
    assert sideways(page) == []
    walk.axe(page)
    return page


def book_first_session(walk, page, pair):
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    page.get_by_label("Day", exact=True).fill(tomorrow.isoformat())
    page.get_by_label("Time", exact=True).fill("10:00")
    page.get_by_role("button", name="Book the session").click()
    expect(page.get_by_role("link", name="Join")).to_be_visible()
    walk.axe(page)

    session = pair.sessions.get(number=1)
    assert session.state == Session.State.BOOKED
    return session


def check_invitations(walk, session):
    """Both get the same request for their calendars, with both as attendees."""
    pair = session.pair
    both = {pair.mentor.email, pair.mentee.email}
    for person in (pair.mentor, pair.mentee):
        mail = walk.site.mailbox.wait_for(
            person, f"Reverse mentoring with {pair.partner_of(person).name}"
        )
        (text,) = (part for part in mail.walk() if part.get_content_type() == "text/calendar")
        calendar = Calendar.from_ical(text.get_content())
        (event,) = calendar.walk("VEVENT")
        assert calendar["METHOD"] == "REQUEST"
        assert session.code in event["UID"]
        assert event.start == session.starts_at
        assert event.end == session.starts_at + dt.timedelta(minutes=session.minutes)
        assert {each.removeprefix("mailto:") for each in event["ATTENDEE"]} == both


def hold(walk, page, session):
    """Let the time of the session pass, then say that it was held and what was learned."""
    Session.objects.filter(pk=session.pk).update(starts_at=timezone.now() - dt.timedelta(hours=2))
    page.reload()
    page.get_by_role("button", name="Yes, we met").click()
    page.get_by_label("One thing I learned").fill("How a board reads a forecast.")
    walk.axe(page)
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_text("Kept, for the two of you.")).to_be_visible()
    walk.axe(page)

    session.refresh_from_db()
    assert session.state == Session.State.HELD


def look_at_overview(walk, cohort):
    page = walk.page
    page.goto(f"/overview/{cohort.code}/")
    funnel = page.locator("section, div.card", has=page.get_by_role("heading", name="From invit"))
    counts = dict(funnel.last.locator("tbody tr").evaluate_all(
        "rows => rows.map((row) => [...row.cells].slice(0, 2).map((cell) => cell.textContent))"
    ))  # fmt: skip
    assert counts == {
        "Invited": "4", "Enrolled": "4", "Paired": "4", "Have met": "2", "In rhythm": "2"
    }  # fmt: skip
    walk.axe(page)
