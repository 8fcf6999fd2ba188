"""A lead decides about one pair after the other and never loses their place in the table."""

import pytest
from playwright.sync_api import expect

from contraflow.pairing.actions import make_draft
from contraflow.pairing.models import Draft
from tests.flows.browsing import PHONE, wait_for
from tests.pairing.makers import make_many


@pytest.fixture
def draft(site):
    """A solved draft of thirty pairs, longer than a window."""
    cohort = make_many(site.cast.programme, 30, 30)
    draft = make_draft(cohort, by=site.cast.chi)
    solved = Draft.objects.filter(pk=draft.pk, state=Draft.State.READY, result__has_key="options")
    wait_for(solved.exists, "the draft was not solved", seconds=30)
    return draft


def top_of(row):
    return round(row.evaluate("row => row.getBoundingClientRect().top"))


def test_the_row_stays_under_the_mouse_and_the_answer_offers_to_undo(site, visit, axe, draft):
    page = visit(site.cast.chi)
    page.goto(f"{draft.get_absolute_url()}?order=least")
    code = page.locator("tbody tr[id]").nth(20).get_attribute("id")
    row = page.locator(f"[id='{code}']")
    row.scroll_into_view_if_needed()
    before = top_of(row)

    row.get_by_role("button", name="Keep together").click()
    expect(row.get_by_text("kept together", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="1 decision")).to_have_count(1)
    axe(page)
    assert top_of(row) == pytest.approx(before, abs=2)
    page.locator(".toast").get_by_role("button", name="Undo").click()

    expect(row.get_by_role("button", name="Keep together")).to_be_enabled()
    expect(page.get_by_text("is taken back.")).to_be_visible()
    assert top_of(row) == pytest.approx(before, abs=2)
    assert page.url.endswith("?order=least")


def test_settings_fold_on_a_phone_and_labels_sum_to_a_hundred_as_they_move(site, visit, axe, draft):
    page = visit(site.cast.chi, size=PHONE)
    page.goto(draft.get_absolute_url())
    skills = page.get_by_label("Skills", exact=True)
    expect(skills).to_be_hidden()
    page.get_by_text("What matters here").first.click()

    skills.fill("90")

    said = page.locator("[data-shares] output").all_inner_texts()
    assert said == ["62 %", "14 %", "10 %", "7 %", "7 %"]
    axe(page)
    wide = visit(site.cast.chi)
    wide.goto(draft.get_absolute_url())
    expect(wide.get_by_label("Skills", exact=True)).to_be_visible()
    thumbs = wide.locator("#id_distance, #id_private").evaluate_all(
        "all => all.map((each) => 8 + (each.clientWidth - 16) * each.value / each.max)"
    )
    assert thumbs[0] == pytest.approx(thumbs[1], abs=1)
