"""A lead goes through the desk: nudge, undo, put aside, write to all."""

import datetime as dt

from django.utils import timezone
from playwright.sync_api import expect

from contraflow.core.models import OutgoingMail
from contraflow.desk.actions import recompute


def test_a_lead_nudges_undoes_puts_aside_and_writes_to_all(site, visit, axe):
    session = site.cast.pair.sessions.get(number=1)
    session.starts_at, session.state = timezone.now() - dt.timedelta(days=25), "held"
    session.save()
    recompute()
    page = visit(site.cast.chi)
    page.goto("/")
    page.get_by_role("link", name="Open the desk").click()
    expect(page.get_by_text("No session for 25 days, planned every 14: 15 points")).to_be_visible()
    axe(page)

    page.get_by_role("link", name="Nudge both").click()
    axe(page)
    page.get_by_label("Subject").fill("A quick line")
    page.get_by_role("button", name="Send to both").dblclick()
    expect(page.get_by_text("Your mail to Ama and Bela leaves at")).to_be_visible()
    assert OutgoingMail.objects.filter(kind="desk.nudge").count() == 2
    axe(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Taken back: nobody gets that mail.")).to_be_visible()
    assert not OutgoingMail.objects.filter(kind="desk.nudge").exists()
    # whoever takes it back goes on with their own text
    expect(page.get_by_label("Subject")).to_have_value("A quick line")
    page.get_by_role("link", name="Desk").first.click()

    page.get_by_role("link", name="More for Ama and Bela").click()
    axe(page)
    page.get_by_label("Note").fill("Both travel")
    page.get_by_role("button", name="Put aside").click()
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()
    axe(page)

    page.goto(f"/desk/cohort/{site.cast.cohort.code}/messages/")
    page.get_by_label("Subject").fill("A week off")
    page.get_by_label("Text").fill("The office is closed.")
    page.get_by_role("button", name="Look at it first").click()
    expect(page.get_by_text("to 2 people")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Send", exact=True).dblclick()
    expect(page.get_by_role("link", name="A week off")).to_be_visible()
    site.mailbox.wait_for(site.cast.ama, "A week off")
    assert OutgoingMail.objects.filter(kind="desk.message").count() == 2
    page.get_by_role("link", name="A week off").click()
    axe(page)
