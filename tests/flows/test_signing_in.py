"""Coming in by a mailed link, with the keyboard alone, or without scripts."""

from django.test import Client
from playwright.sync_api import expect

from contraflow.pairs.models import Session
from contraflow.programmes.models import Cohort, Enrolment
from tests.conftest import make_cohort, make_enrolment
from tests.flows.browsing import link_in
from tests.flows.steps import press, sign_in_by_link, tab_to, tomorrow


def test_a_link_survives_a_mail_scanner_and_works_once(site, visit, axe):
    page = visit()
    page.goto(f"/pairs/{site.cast.pair.code}/")
    sign_in_by_link(page, site, site.cast.ama)
    expect(page.get_by_role("heading", level=1)).to_have_text("You and Bela")

    visitor = visit()
    visitor.goto("/people/sign-in/")
    link = link_in(site.mailbox.wait_for(site.cast.ama, "Your link to sign in"))
    visitor.goto(link)
    expect(visitor.get_by_role("heading", level=1)).to_have_text("This link no longer works")
    axe(visitor)
    assert Client().get(link).status_code == 410


def test_what_scanners_open_is_not_used_up(site, visit):
    page = visit()
    page.goto("/people/sign-in/")
    page.get_by_label("E-mail").first.fill(site.cast.ama.email)
    page.get_by_role("button", name="Mail me a link").click()
    link = link_in(site.mailbox.wait_for(site.cast.ama, "Your link to sign in"))

    for _scan in range(3):
        assert Client().get(link).status_code == 200

    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Your account: Ama")).to_be_visible()


def test_with_the_keyboard_alone_from_signing_in_to_a_date(site, visit):
    site.cast.ama.set_password("seven plain wooden doors")
    site.cast.ama.save()
    page = visit()
    page.goto(f"/pairs/{site.cast.pair.code}/")

    tab_to(page, page.locator("#id_email"))
    page.keyboard.type(site.cast.ama.email)
    tab_to(page, page.get_by_label("Password"))
    page.keyboard.type("seven plain wooden doors")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("You and Bela")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("Time", exact=True))
    # after the hour and minute, a browser with twelve hours wants to know which half of the day
    page.keyboard.type("1000AM")
    press(page, page.get_by_role("button", name="Book the session"))

    expect(page.get_by_text("Booked. The invitation is on its way")).to_be_visible()
    session = site.cast.pair.sessions.get(number=1)
    assert session.state == Session.State.BOOKED
    assert session.starts_at.hour == 10


def test_without_scripts_people_answer_fill_in_and_book(site, visit):
    cohort = make_cohort(site.cast.programme, state=Cohort.State.ENROLLING)
    site.cast.dov.languages = ["en"]
    site.cast.dov.save()
    invited = Enrolment.State.INVITED
    enrolment = make_enrolment(cohort, site.cast.dov, side="mentor", state=invited)
    page = visit(java_script_enabled=False)
    page.goto(enrolment.get_absolute_url())
    sign_in_by_link(page, site, site.cast.dov)
    page.get_by_role("button", name="Yes, I take part").click()
    page.get_by_role("link", name="Interests").click()
    page.get_by_label("hiking").check()
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("When does a session suit you?")

    enrolment.refresh_from_db()
    assert enrolment.state == Enrolment.State.ENROLLED
    assert enrolment.profile.interests == ["hiking"]

    page = visit(site.cast.ama, java_script_enabled=False)
    page.goto(site.cast.pair.get_absolute_url())
    page.get_by_label("Day", exact=True).fill(tomorrow())
    page.get_by_label("Time", exact=True).fill("10:00")
    page.get_by_role("button", name="Check Bela's time").click()
    expect(page.locator("#time-check")).to_contain_text("For Bela that is")
    page.get_by_role("button", name="Book the session").click()
    expect(page.get_by_role("link", name="Join")).to_be_visible()
    page.get_by_role("button", name="Cancel it").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel the session").click()
    expect(page.get_by_role("button", name="Book the session")).to_be_visible()
    assert site.cast.pair.sessions.get(number=1).state == Session.State.PLANNED
