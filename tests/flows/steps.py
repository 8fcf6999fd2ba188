"""What several flows do in the same way: sign in by a mailed link, answer, fill in a profile."""

import datetime as dt

from django.utils import timezone
from playwright.sync_api import expect

from tests.flows.browsing import link_in

HOURS = "Office hours"


def sign_in_by_link(page, site, person):
    """From the page to sign in, ask for a link, open it from the mail and press its button."""
    so_far = len(site.mailbox.to(person))
    form = page.locator("form", has=page.get_by_role("button", name="Mail me a link"))
    form.get_by_label("E-mail").fill(person.email)
    form.get_by_role("button", name="Mail me a link").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    page.goto(link_in(site.mailbox.wait_for(person, "Your link to sign in", after=so_far)))
    page.get_by_role("button", name="Sign in").click()


def answer_invitation(page):
    """Say yes on the page of one's own enrolment."""
    page.get_by_role("button", name="Yes, I take part").click()
    expect(page.get_by_role("link", name="Fill in your profile")).to_be_visible()


def fill_in_profile(page, axe):
    """Walk through the five steps, with three of the suggested topics."""
    page.get_by_role("link", name="Fill in your profile").click()
    for count in (1, 2, 3):
        page.locator("#found").get_by_role("button", name="Add").first.click()
        expect(page.locator(".topic-rows > li")).to_have_count(count)
    axe(page)
    _continue(page, "What do you like outside work?")
    page.get_by_label("hiking").check()
    axe(page)
    _continue(page, "When does a session suit you?")
    page.get_by_role("button", name=HOURS).click()
    expect(page.get_by_label("Monday 9:00", exact=True)).to_be_checked()
    axe(page)
    _continue(page, "How are you, mostly?")
    axe(page)
    _continue(page, "Anybody in particular?")
    axe(page)
    page.get_by_role("button", name="My profile is ready").click()
    expect(page.get_by_role("heading", name="Your profile is ready")).to_be_visible()


def _continue(page, heading):
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)


def tomorrow() -> str:
    """Return tomorrow as a date field takes it."""
    return (timezone.localdate() + dt.timedelta(days=1)).isoformat()


def tab_to(page, target):
    """Move on with the Tab key until the target has the focus, and can be seen to have it."""
    for _step in range(80):
        if target.evaluate("each => each === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(target).to_be_focused()
    drawn = target.evaluate("each => getComputedStyle(each).outlineStyle")
    assert drawn != "none", "the focus cannot be seen"


def press(page, button):
    """Go to a button with the Tab key and press it."""
    tab_to(page, button)
    page.keyboard.press("Enter")
