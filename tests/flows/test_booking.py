"""Booking for somebody else, and the pages that say when one can meet."""

from django.urls import reverse

from contraflow.pairs import actions


def test_an_assistant_books_for_a_leader_and_both_are_told(site, visit, axe):
    cast = site.cast
    actions.name_assistant(cast.bela, assistant=cast.dov)
    page = visit(cast.dov)

    page.goto("/")
    page.get_by_role("link", name="Open the diary").click()
    axe(page)
    page.get_by_role("link", name="Set a date").click()
    axe(page)
    page.get_by_role("button", name="Book the session").click()

    for person in (cast.ama, cast.bela):
        assert site.mailbox.wait_for(person, "Reverse mentoring with")
    page.get_by_role("link", name="Move or cancel").click()
    axe(page)


def test_the_pages_that_say_when_one_can_meet(site, visit, axe):
    cast = site.cast
    page = visit(cast.ama)
    for name in ("absences", "assistants", "busy"):
        page.goto(reverse(f"pairs:{name}"))
        axe(page)

    page.goto(reverse("pairs:series", args=[cast.pair.code]))
    page.get_by_role("button", name="Show the dates").click()
    axe(page)
    page.get_by_role("button", name="Book these 3 sessions").click()
    page.get_by_role("button", name="Take all of it back").wait_for()
    axe(page)

    lead = visit(cast.chi)
    lead.goto(reverse("pairs:shutdowns", args=[cast.cohort.code]))
    axe(lead)
