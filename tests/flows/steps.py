"""What several flows do in the same way: sign in, fill in a profile, do a module, write a goal."""

import datetime as dt

from django.utils import timezone
from playwright.sync_api import expect

from tests.flows.browsing import link_in

HOURS = "Office hours"
GOALS = {
    "mentor": ("9", "present to the steering group", "its minutes", "I want to be heard"),
    "leader": ("12", "let everybody speak once", "a tally", "I hear the same voices"),
}


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


def go_through(page, module, axe):
    """Read each screen of a module, look into its scenario, and answer its questions."""
    count = len(module.screens)
    for number, screen in enumerate(module.screens[:-1], 1):
        expect(page.get_by_text(f"Step {number} of {count}")).to_be_visible()
        if screen.scenario:
            page.locator("details").nth(1).locator("summary").click()
            expect(page.get_by_text(screen.scenario.options[1].then)).to_be_visible()
        if axe and (number == 1 or screen.scenario):
            axe(page)
        page.get_by_role("button", name="Next").click()
    # a wrong answer first: it is explained as well, and costs nothing
    for number, question in enumerate(module.quiz, 1):
        wrong = question.options[(question.answer + 1) % 3]
        choose(page, number, wrong if number == 1 else question.options[question.answer])
        expect(page.get_by_text(question.why)).to_be_visible()
    expect(page.get_by_text("This module is done.")).to_be_visible()
    if axe:
        axe(page)
    page.get_by_role("link", name="Next:").click()


def choose(page, number, option):
    card = page.locator(f"#question-{number}")
    card.get_by_label(option, exact=True).check()
    card.get_by_role("button", name="Check").click()


def write(page, label, text, place):
    """Type into a box and leave it; it is saved by itself, and the form says so."""
    box = page.locator(place).get_by_label(label)
    box.fill(text)
    # the words "Saved" of an earlier box may still stand there
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        box.blur()
    expect(page.locator(place).locator("output.saved")).to_have_text("Saved")


def write_goal(page, side):
    """Write one's own goal, box by box."""
    labels = ("By week", "I will …", "seen by …", "because …")
    for label, text in zip(labels, GOALS[side], strict=True):
        write(page, label, text, "#goal")


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
