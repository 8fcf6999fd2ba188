"""A pair ends, the lead finds a partner from the bench, and only those two hear of it."""

import datetime as dt

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from contraflow.core.models import OutgoingMail
from contraflow.pairing.actions import make_draft, publish_draft
from contraflow.pairing.models import Draft
from contraflow.pairs.actions import come_true
from contraflow.pairs.models import Ending, Pair
from contraflow.programmes.models import Cohort, Enrolment
from tests.flows.browsing import link_in, wait_for
from tests.flows.test_every_page import wait_for_state
from tests.pairing.makers import couples, make_participant, make_small_cohort, pair_of


@pytest.fixture
def running(site):
    """A cohort that runs: Priya with Gerald, Ines with Karen, Zoe on the bench."""
    cohort, site.people = make_small_cohort(site.cast.programme)
    draft = make_draft(cohort, by=site.cast.chi)
    wait_for_state(draft, Draft.State.READY)
    publish_draft(draft, by=site.cast.chi)
    wait_for_state(cohort, Cohort.State.RUNNING)
    site.cohort = cohort
    return site


def living(cohort):
    return couples(Pair.objects.filter(cohort=cohort, state="active"))


def end_by_herself(page, pair, axe):
    """End a pair, change one's mind, and end it all the same."""
    page.goto(pair.get_absolute_url())
    page.get_by_role("link", name="End this pair").click()
    axe(page)
    page.get_by_role("button", name="End the pair").click()
    expect(page.get_by_text("You have ended this pair.")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Take it back").click()
    page.get_by_role("link", name="End this pair").click()
    page.get_by_role("button", name="End the pair").click()
    expect(page.get_by_text("You have ended this pair.")).to_be_visible()


def look_for_another(page, pair, axe):
    page.goto(pair.get_absolute_url())
    axe(page)
    page.get_by_role("button", name="Find me a new partner").click()
    expect(page.get_by_role("button", name="I look for nobody any more")).to_be_visible()
    axe(page)


def test_when_a_pair_ends_the_lead_finds_a_partner_from_the_bench(running, visit, axe):
    cohort, chi = running.cohort, running.cast.chi
    pair = pair_of(cohort, "priya")
    end_by_herself(visit(pair.mentor), pair, axe)
    page = visit(chi)
    page.goto(pair.get_absolute_url())
    expect(page.get_by_role("link", name="End this pair")).to_be_visible()
    come_true(at=Ending.objects.get().tells_at)
    for one in (pair.mentor, pair.mentee):
        look_for_another(visit(one), pair, axe)

    page.goto(f"/overview/{cohort.code}/")
    expect(page.get_by_text("2 people have no partner")).to_be_visible()
    axe(page)
    page.get_by_role("link", name="Find a partner").click()
    expect(page.get_by_role("heading", name="Without a partner")).to_be_visible()
    expect(page.get_by_role("link", name="Zoe Adler").first).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Find a partner").click()

    expect(page.get_by_text("1 pair meets, and it stays as it is.")).to_be_visible()
    axe(page)
    assert living(cohort) == {("ines", "karen")}
    page.get_by_role("button", name="Publish 1 new pair").click()
    axe(page)
    page.get_by_role("dialog").get_by_role("button", name="Publish").click()
    expect(page.get_by_text("The new pairs were introduced by mail.")).to_be_visible()
    axe(page)

    assert living(cohort) == {("ines", "karen"), ("zoe", "gerald")}
    pair = pair_of(cohort, "zoe")
    for person in (pair.mentor, pair.mentee):
        partner = pair.partner_of(person).name
        mail = running.mailbox.wait_for(person, f"You and {partner} are a pair")
        assert pair.get_absolute_url() in link_in(mail)
    # Karen and Ines were introduced when the cohort began, and heard nothing since
    told = OutgoingMail.objects.filter(address__in=["karen@x.org", "ines@x.org"])
    assert set(told.values_list("kind", flat=True)) == {"introduction"}
    assert told.count() == 2


def test_a_re_match_shows_first_who_would_change_and_keeps_who_is_ticked(running, visit, axe):
    cohort = running.cohort
    make_participant(
        cohort, "mentor", "Amy Best", hours=range(9, 17), topics=[("Generative AI", 4)]
    )
    running.people["priya"].profile.topics.update(level=1)
    page = visit(running.cast.chi)
    page.goto(reverse("pairing:cohort", args=[cohort.code]))
    page.get_by_role("button", name="Re-match", exact=True).click()

    row = page.get_by_role("row", name="Priya Raman and Gerald Whitfield").first
    expect(row).to_contain_text("Gerald Whitfield → Amy Best")
    expect(page.get_by_role("heading", name="Repair only, or re-match?")).to_be_visible()
    axe(page)
    row.get_by_label("Keep").check()
    page.get_by_role("button", name="Keep those ticked, and match again").click()

    expect(page.get_by_text("2 pairs meet, and every one of them stays")).to_be_visible()
    expect(page.get_by_role("heading", name="Your decisions")).to_be_visible()
    axe(page)
    assert living(cohort) == {("priya", "gerald"), ("ines", "karen")}


def test_a_publication_of_one_pair_is_taken_back_within_the_hour(running, visit):
    cohort = running.cohort
    priya = running.people["priya"].person
    priya.left_on = dt.date(2026, 2, 2)
    priya.save()
    page = visit(running.cast.chi)
    page.goto(reverse("pairing:cohort", args=[cohort.code]))
    expect(page.get_by_text("Priya Raman has left the organisation")).to_be_visible()
    page.get_by_role("button", name="Find a partner").click()
    page.get_by_role("button", name="Publish 1 new pair").click()
    page.get_by_role("dialog").get_by_role("button", name="Publish").click()
    page.get_by_role("button", name="Undo the publication").click()
    page.get_by_role("dialog").get_by_role("button", name="Take them back").click()

    wait_for(
        lambda: living(cohort) == {("priya", "gerald"), ("ines", "karen")}, "nothing was undone"
    )
    assert Enrolment.objects.get(person__name="Zoe Adler").state == "bench"
