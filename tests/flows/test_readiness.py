"""A leader who would rather not look incompetent: nobody knows, and a first step is near."""

from playwright.sync_api import expect

from contraflow.pairs.models import SessionWords
from tests.flows.browsing import PHONE


def test_a_leader_finds_a_first_step_on_a_phone_without_scripts(site, visit):
    page = visit(site.cast.bela, size=PHONE, java_script_enabled=False)
    page.goto("/")
    page.get_by_role("link", name="Before you begin, as a leader").click()
    page.get_by_label("There are things in my work").check()

    page.get_by_role("button", name="What could I do first?").click()

    first = page.locator("#first")
    expect(first).to_contain_text("I can name a question I want help with.")
    assert "?" not in page.url
    with page.expect_popup() as opened:
        first.get_by_role("link", name="Write a question ahead").click()
    beside = opened.value
    beside.get_by_label("A question to think about beforehand").fill("What do I not see?")
    beside.get_by_role("button", name="Keep the question").click()
    # the answer is still there to go on with
    expect(first).to_be_visible()
    words = SessionWords.objects.get(session__pair=site.cast.pair, session__number=1)
    assert words.question == "What do I not see?"


def test_doubts_are_answered_and_gone_when_one_comes_back(site, visit, axe):
    page = visit(site.cast.bela)
    page.goto("/readiness/doubts/")
    page.get_by_label("I am fine with the basics.").check()

    page.get_by_role("button", name="What helps?").click()

    expect(
        page.get_by_text("Asking on a hard topic makes people think more of you")
    ).to_be_visible()
    axe(page)
    page.goto("/readiness/doubts/")
    expect(page.get_by_label("I am fine with the basics.")).not_to_be_checked()
