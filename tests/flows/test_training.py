"""The short training on a phone: from Today through the gate, by taps and by the keyboard alone."""

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from contraflow.pairs.models import Session
from contraflow.training.models import OwnModule, Progress
from contraflow.training.modules import gate_keys, shipped
from tests.conftest import make_trained
from tests.flows.browsing import PHONE, sideways
from tests.flows.steps import go_through
from tests.training.test_writing import QUESTION


@pytest.fixture
def untrained(site):
    """Ama and Bela have met once; nobody of them has done the training."""
    Progress.objects.all().delete()
    first, second, _third = site.cast.pair.sessions.order_by("number")
    now = timezone.now()
    Session.objects.filter(pk=first.pk).update(state="held", starts_at=now - dt.timedelta(days=7))
    Session.objects.filter(pk=second.pk).update(
        state="booked", starts_at=now + dt.timedelta(days=3)
    )
    site.second = second
    return site


def test_a_new_mentor_goes_from_today_through_the_gate_by_taps(untrained, visit, axe):
    page = visit(untrained.cast.ama, size=PHONE)
    page.goto(untrained.url)
    card = page.locator("section", has_text="33 minutes left, in short parts")
    expect(card).to_be_visible()
    card.get_by_role("link", name="Begin").click()
    for number, key in enumerate(gate_keys("mentor")):
        go_through(page, shipped()[key], axe if number == 0 else None)
    assert sideways(page) == []

    # the agenda waits for Bela too, and says no more of her than that
    page.goto(untrained.url + untrained.second.get_absolute_url())
    expect(page.get_by_text("Your part of the training is done.")).to_be_visible()
    expect(page.get_by_role("link", name="Agenda with a clock")).to_have_count(0)
    axe(page)
    make_trained(untrained.cast.bela, "mentee")
    page.reload()
    page.get_by_role("link", name="Agenda with a clock").click()
    expect(page.get_by_role("button", name="Begin")).to_be_visible()


def test_a_new_leader_does_a_module_by_the_keyboard_alone(untrained, visit):
    page = visit(untrained.cast.bela, size=PHONE)
    module = shipped()["M05"]
    page.goto(f"{untrained.url}/training/module/M05/")
    for number in range(1, len(module.screens)):
        expect(page.get_by_text(f"Step {number} of 7")).to_be_visible()
        press(page, page.get_by_role("button", name="Next"), "Enter")
    for number, question in enumerate(module.quiz, 1):
        card = page.locator(f"#question-{number}")
        press(page, card.get_by_role("radio").first, "Space")
        for _step in range(question.answer):
            page.keyboard.press("ArrowDown")
        press(page, card.get_by_role("button", name="Check"), "Enter")
        expect(page.get_by_text(question.why)).to_be_visible()
        # whoever goes on by the keyboard is where they were
        expect(card.get_by_role("button", name="Check")).to_be_focused()

    expect(page.get_by_text("This module is done.")).to_be_visible()
    assert Progress.objects.done().get().person_id == untrained.cast.bela.pk


def press(page, target, key):
    """Go to something with the tabulator, as whoever has no pointer does, and press a key."""
    for _stop in range(60):
        if target.evaluate("each => each === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(target).to_be_focused()
    page.keyboard.press(key)


def test_without_a_script_every_step_works(untrained, visit):
    page = visit(untrained.cast.ama, size=PHONE, java_script_enabled=False)
    page.goto("/training/module/M07/")

    go_through(page, shipped()["M07"], None)

    assert Progress.objects.done().filter(module="M07").count() == 1


def test_the_file_is_readable_without_a_network(untrained, visit, tmp_path, axe):
    page = visit(untrained.cast.ama, size=PHONE)
    page.goto(f"{untrained.url}/training/")
    axe(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Keep for offline").click()
    path = tmp_path / "training.html"
    download.value.save_as(path)

    kept = visit(size=PHONE, offline=True)
    asked = []
    kept.on("request", lambda request: asked.append(request.url))
    kept.goto(path.as_uri())

    expect(kept.get_by_role("heading", name="7. Confidentiality and safe space")).to_be_visible()
    assert asked == [path.as_uri()]
    assert sideways(kept) == []


def test_a_lead_writes_a_module_and_reminds_and_opens_the_gate(untrained, visit, axe):
    page = visit(untrained.cast.chi)
    page.goto(untrained.url + untrained.cast.programme.get_absolute_url())
    page.get_by_role("link", name="Modules of your own").click()
    axe(page)
    page.get_by_role("link", name="Write a module").click()
    page.get_by_label("Title").fill("Our house")
    page.get_by_label("Text", exact=True).fill("## At the door\n\nWe <b>greet</b> everybody.")
    page.get_by_label("Questions").fill(QUESTION)
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("Line 3: HTML is shown as it is typed.")).to_be_visible()
    axe(page)
    page.get_by_label("Text", exact=True).fill("## At the door\n\nWe **greet** everybody.")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("As it will look, not kept yet")).to_be_visible()
    page.get_by_role("button", name="Keep").click()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Published: the people it is for")).to_be_visible()
    axe(page)
    assert OwnModule.objects.get().state == OwnModule.State.PUBLISHED

    page.goto(f"{untrained.url}/training/cohort/{untrained.cast.cohort.code}/")
    axe(page)
    page.get_by_role("button", name="Remind those who have not").click()
    page.get_by_role("dialog").get_by_role("button", name="Remind").click()
    untrained.mailbox.wait_for(untrained.cast.ama, "A short training before your second session")

    page.goto(untrained.url + untrained.cast.pair.get_absolute_url())
    page.get_by_text("Open it all the same").click()
    page.get_by_label("Why, in a sentence").fill("Both did the same training last year.")
    axe(page)
    page.get_by_role("button", name="Open session 2").click()
    expect(page.get_by_text("Session 2 was opened on")).to_be_visible()
