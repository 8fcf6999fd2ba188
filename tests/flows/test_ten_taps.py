"""On a phone: a leader's whole session, and an assistant's booking, with fewer than ten taps each.

A tap is each time the thumb touches a link or a button; what is typed into a field is not one.
Each thing that is tapped must be large enough for a thumb.
"""

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from contraflow.core.mail import wake_outbox
from contraflow.core.models import OutgoingMail
from contraflow.pairs import actions
from contraflow.pairs.models import Commitment, Session, SessionWords
from contraflow.pairs.reminders import remind
from tests.flows.browsing import PHONE, link_in, sideways

TAPS = 10
# the smallest side of what a thumb hits, in px
THUMB = 44


class Thumb:
    """Somebody with a phone in one hand, whose taps are counted."""

    def __init__(self, page, mailbox, person, axe):
        self.page, self.mailbox, self.person, self.axe = page, mailbox, person, axe
        self.taps = 0

    def open_mail(self, subject):
        """Tap the first link of the newest mail with this subject."""
        self.page.goto(link_in(self.mailbox.wait_for(self.person, subject)))
        self.taps += 1
        self.look()

    def tap(self, name, role="button"):
        """Tap the one thing of this name on the page, and look at where it leads."""
        target = self.page.get_by_role(role, name=name, exact=True)
        target.scroll_into_view_if_needed()
        box = target.bounding_box()
        assert min(box["width"], box["height"]) >= THUMB, name
        target.tap()
        self.taps += 1

    def see(self, text):
        """Wait for words on the page that a tap led to, and hold it to what all pages promise."""
        expect(self.page.get_by_text(text).first).to_be_visible()
        self.look()

    def look(self):
        assert sideways(self.page) == []
        self.axe(self.page)


@pytest.fixture
def thumb(site, visit, axe):
    """Return a function that gives a person a phone on which they are signed in."""

    def give(person):
        page = visit(person, size=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)
        return Thumb(page, site.mailbox, person, axe)

    return give


def write_reminders(at):
    """Write the reminders of a moment, and let them leave now."""
    remind(at)
    OutgoingMail.objects.filter(state=OutgoingMail.State.WAITING).update(not_before=timezone.now())
    wake_outbox()


def test_a_leaders_whole_session_takes_fewer_than_ten_taps(site, thumb):
    bela, session = site.cast.bela, site.cast.pair.sessions.get(number=1)
    Session.objects.filter(pk=session.pk).update(due_on=timezone.localdate())
    phone = thumb(bela)
    page = phone.page
    # the browser's own clock, so that an hour need not be waited for
    page.clock.install()

    write_reminders(timezone.now())
    phone.open_mail("Time for a date with Ama")
    phone.tap("Book the session")
    phone.see("Booked. The invitation is on its way")
    session.refresh_from_db()
    write_reminders(session.starts_at - dt.timedelta(days=1))
    phone.open_mail("Soon: Ama")
    page.get_by_label("A question to think about beforehand").fill("Whom do you ask first?")
    phone.tap("Keep the question")
    phone.see("Kept. Ama sees it on this page.")

    Session.objects.filter(pk=session.pk).update(starts_at=timezone.now())
    phone.tap("Agenda with a clock", role="link")
    phone.see("Whom do you ask first?")
    phone.tap("Begin")
    phone.see("minutes left")
    step_through(page)
    phone.tap("Yes, we met")
    phone.see("What stays with you")
    page.get_by_label("One thing I learned").fill("People ask each other before they ask me.")
    page.get_by_label("If or when this happens").fill("on Monday the team meets")
    page.get_by_label("I will do this").fill("I speak last")
    phone.tap("Keep it")
    phone.see("Kept, for the two of you.")

    assert phone.taps < TAPS
    session.refresh_from_db()
    words = SessionWords.objects.get(session=session)
    plan = Commitment.objects.get(session=session, side="mentee").words
    assert session.state == "held"
    assert words.question == "Whom do you ask first?"
    assert words.learned_by_mentee == "People ask each other before they ask me."
    assert (plan.condition, plan.action) == ("on Monday the team meets", "I speak last")


def step_through(page):
    """Let the time of the session pass; the agenda goes from part to part by itself."""
    current = page.locator(".clock [aria-current]")
    parts = page.locator(".clock [data-minutes]")
    for number in range(parts.count()):
        expect(current).to_have_count(1)
        assert current.text_content() == parts.nth(number).text_content()
        minutes = int(parts.nth(number).get_attribute("data-minutes"))
        page.clock.fast_forward(1000 * 60 * minutes)
    expect(page.get_by_text("Time is up.").first).to_be_visible()


def test_an_assistant_books_and_moves_with_fewer_than_ten_taps(site, thumb):
    cast, session = site.cast, site.cast.pair.sessions.get(number=1)
    actions.name_assistant(cast.bela, assistant=cast.dov)
    phone = thumb(cast.dov)

    phone.open_mail("You keep the diary of Bela")
    phone.tap("Set a date", role="link")
    phone.see("Both of them are told, with your name.")
    phone.tap("Book the session")
    phone.see("Booked. The invitation is on its way")
    session.refresh_from_db()
    booked = session.starts_at
    phone.tap("Move or cancel", role="link")
    phone.see("These times suit both of them:")
    page = phone.page
    proposed = page.locator("a[href*='?at=']").first.text_content().strip()
    phone.tap(proposed, role="link")
    phone.tap("Move the session")
    phone.see("Moved. Both calendars will follow.")

    assert phone.taps < TAPS
    session.refresh_from_db()
    assert session.starts_at != booked
    assert f"{session.starts_at:%H:%M}" in proposed
    for person in (cast.ama, cast.bela):
        mail = site.mailbox.wait_for(person, "New time with")
        assert "Dov moved it for" in mail.get_body(preferencelist=["plain"]).get_content()
