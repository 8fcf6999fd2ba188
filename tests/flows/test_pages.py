"""What pages promise whoever uses them: nothing lost, done once, by keyboard, on paper."""

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from contraflow.core.models import Job
from contraflow.pairing.actions import make_draft
from contraflow.pairing.models import Publication
from contraflow.pairs.actions import book_session
from contraflow.pairs.models import Pair
from contraflow.programmes.catalogue import load_catalogue
from contraflow.programmes.models import Cohort
from tests.conftest import make_cohort, make_enrolment
from tests.flows.browsing import violations, wait_for
from tests.flows.steps import press, tab_to
from tests.pairing.makers import make_small_cohort


@pytest.fixture
def enrolment(site):
    """Dov's place in a cohort that enrols, with an empty profile."""
    load_catalogue()
    site.cast.dov.languages = ["en"]
    site.cast.dov.save()
    cohort = make_cohort(site.cast.programme, state=Cohort.State.ENROLLING)
    return make_enrolment(cohort, site.cast.dov, side="mentor")


def test_a_profile_saves_itself_and_loses_nothing(site, visit, enrolment):
    here = f"/programmes/enrolments/{enrolment.code}/profile"
    page = visit(site.cast.dov)
    page.goto(f"{here}/topics/")
    page.get_by_label("Search the catalogue").fill("programming")
    first = page.locator("#found li").filter(has_text="programming").first
    first.get_by_role("button", name="Add").click()
    page.get_by_role("group", name="How well do you know it?").get_by_label("4").check()
    page.get_by_label("ask first").check()
    expect(page.locator("output.saved")).to_have_text("Saved")
    page.goto(f"{here}/hours/")
    for hour in ("Monday 9:00", "Tuesday 10:00", "Friday 16:00"):
        page.get_by_label(hour, exact=True).check()
    expect(page.locator("output.saved")).to_have_text("Saved")
    page.context.close()

    again = visit(site.cast.dov)
    again.goto(f"{here}/topics/")
    expect(again.get_by_role("group", name="How well").get_by_label("4")).to_be_checked()
    expect(again.get_by_label("ask first")).to_be_checked()
    again.goto(f"{here}/hours/")
    ticked = again.locator("input[name=hours]:checked")
    assert ticked.evaluate_all("all => all.map((each) => each.ariaLabel)") == [
        "Monday 9:00", "Tuesday 10:00", "Friday 16:00"
    ]  # fmt: skip
    (topic,) = enrolment.profile.topics.all()
    assert (topic.level, topic.consent) == (4, "ask")


def test_an_empty_language_is_named_beside_its_field_until_it_is_filled_in(
    site, visit, axe, enrolment
):
    page = visit(site.cast.dov)
    page.goto(f"/programmes/enrolments/{enrolment.code}/profile/interests/")
    languages = page.get_by_role("textbox", name="Languages")
    languages.fill("")
    page.get_by_label("chess").check()
    wrong = page.get_by_text("Name at least one language.")
    expect(wrong).to_be_visible()
    axe(page)

    languages.fill("English")
    languages.press("Tab")

    expect(wrong).to_be_hidden()
    expect(page.get_by_label("chess")).to_be_checked()
    site.cast.dov.refresh_from_db()
    assert (enrolment.profile.interests, site.cast.dov.languages) == (["chess"], ["English"])


def test_what_was_wrong_with_a_date_goes_when_it_is_mended_and_a_time_for_both_is_offered(
    site, visit, axe
):
    session = site.cast.pair.sessions.get(number=1)
    page = visit(site.cast.ama)
    page.goto(session.get_absolute_url())
    day, time = page.get_by_label("Day", exact=True), page.get_by_label("Time")

    time.fill("")
    page.get_by_role("button", name="Book the session").click()
    required = page.get_by_text("This field is required.")
    expect(required).to_be_visible()
    time.fill("10:00")
    expect(required).to_be_hidden()

    day.fill("2020-01-02")
    expect(page.get_by_text("This day has passed.")).to_be_visible()
    offered = page.locator("#time-check a").first
    axe(page)
    offered.click()

    expect(page.get_by_label("Day", exact=True)).not_to_have_value("2020-01-02")
    page.get_by_role("button", name="Book the session").click()
    expect(page.get_by_text("Booked. The invitation is on its way")).to_be_visible()


def test_pressing_publish_twice_publishes_once(site, visit):
    cohort, _people = make_small_cohort(site.cast.programme)
    draft = make_draft(cohort, by=site.cast.chi)
    page = visit(site.cast.chi)
    page.goto(draft.get_absolute_url())
    page.get_by_role("button", name="Publish 2 pairs").click()

    page.get_by_role("dialog").get_by_role("button", name="Publish").dblclick()

    expect(page.get_by_text("Everybody was introduced by mail.")).to_be_visible()
    assert Publication.objects.filter(draft=draft).count() == 1
    assert Pair.objects.filter(cohort=cohort).count() == 2
    assert Job.objects.filter(kind="pairing.publish_draft").count() == 1
    gerald = Pair.objects.get(mentee__email="gerald@x.org").mentee
    wait_for(lambda: site.mailbox.to(gerald), "Gerald was not introduced")
    assert len(site.mailbox.to(gerald)) == 1


def test_a_dialog_is_used_with_the_keyboard(site, visit):
    session = site.cast.pair.sessions.get(number=1)
    soon = timezone.now() + dt.timedelta(days=3)
    book_session(session, by=site.cast.ama, starts_at=soon)
    page = visit(site.cast.ama)
    page.goto(site.cast.pair.get_absolute_url())
    opener = page.get_by_role("button", name="Cancel it")

    press(page, opener)
    dialog = page.get_by_role("dialog", name="Cancel this session?")
    expect(dialog).to_be_visible()
    assert violations(page) == []
    for _step in range(8):
        page.keyboard.press("Tab")
        # the browser's own bar is part of the round; the page behind the dialog is not
        assert page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    session.refresh_from_db()
    assert session.starts_at == soon

    press(page, opener)
    press(page, dialog.get_by_role("button", name="Cancel the session"))
    expect(page.get_by_text("Cancelled. You can set a new date at any time.")).to_be_visible()


def test_the_choice_of_dark_stays_and_the_system_can_have_it_back(site, visit):
    page = visit(site.cast.ama, color_scheme="light")
    page.goto("/")
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")

    page.get_by_role("button", name="Your account: Ama").click()
    page.get_by_role("button", name="Dark").click()
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark != paper
    page.goto("/programmes/")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark

    page.get_by_role("button", name="Your account: Ama").click()
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    tab_to(page, page.get_by_role("button", name="System"))
    page.keyboard.press("Enter")
    page.reload()
    assert page.locator("html").get_attribute("data-theme") is None
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == paper


def test_the_overview_fits_on_white_paper(site, visit):
    page = visit(site.cast.chi, color_scheme="dark")
    page.goto(f"/overview/{site.cast.cohort.code}/")
    page.emulate_media(media="print", color_scheme="dark")

    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".site-header")).to_be_hidden()
    expect(page.locator(".tabs")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert violations(page, rules=["color-contrast"]) == []
    pdf = page.pdf(format="A4")
    assert pdf.count(b"/Type /Page\n") in {1, 2}
