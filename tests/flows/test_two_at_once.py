"""People who press at the same moment, each in a browser of their own: their calendars agree."""

import datetime as dt
import time
import zoneinfo
from collections import Counter
from contextlib import ExitStack
from itertools import pairwise

import pytest
from django.utils import timezone
from icalendar import Calendar
from playwright.sync_api import expect

from contraflow.core.models import OutgoingMail
from contraflow.pairs import actions
from contraflow.pairs.models import Appointment, Session, SessionChange
from tests.conftest import make_cohort, make_pair, make_person
from tests.flows.browsing import wait_for

PRESSED = {"book": "Book the session", "move": "Move the session", "cancel": "Cancel the session"}
DONE = {"book": "Booked.", "move": "Moved.", "cancel": "Cancelled."}
# what each change is called in the history
KINDS = {"book": "booked", "move": "moved", "cancel": "cancelled"}
# how people press in a round, each so many milliseconds after the first; the rounds that move or
# cancel begin with a date
ROUNDS = [
    {"ama": ("book", 0), "bela": ("book", 0)},
    {"ama": ("move", 0), "bela": ("move", 0)},
    {"ama": ("move", 0), "bela": ("cancel", 0)},
    {"ama": ("book", 8), "bela": ("book", 0), "dov": ("book", 4)},
    {"ama": ("cancel", 0), "bela": ("move", 5), "dov": ("move", 0)},
    {"bela": ("book", 0), "dov": ("book", 0)},
    {"bela": ("cancel", 0), "dov": ("move", 0)},
    {"ama": ("book", 0), "dov": ("book", 12)},
    {"ama": ("cancel", 0), "bela": ("cancel", 0), "dov": ("cancel", 0)},
    {"ama": ("book", 0), "ama on the phone": ("book", 0), "bela": ("book", 10)},
    {"ama": ("move", 0), "ama on the phone": ("cancel", 0), "bela": ("move", 0)},
]


@pytest.fixture
def people(site, visit):
    """Those who press, each with a browser; Dov keeps the diary of Bela, who leads."""
    cast = site.cast
    actions.name_assistant(cast.bela, assistant=cast.dov)
    who = {"ama": cast.ama, "ama on the phone": cast.ama, "bela": cast.bela, "dov": cast.dov}
    return {name: (person, visit(person)) for name, person in who.items()}


def test_nothing_is_lost_and_nothing_done_twice_however_two_press_at_once(site, people):
    cast, session = site.cast, site.cast.pair.sessions.get(number=1)
    times = moments()
    overlaps = 0

    for presses in ROUNDS:
        make_ready(session, is_booked="book" not in {verb for verb, _delay in presses.values()})
        before = changes(session)
        ready = {}
        for name, (verb, delay) in presses.items():
            person, page = people[name]
            ready[name] = prepare(page, session, person, verb, next(times)), delay
        overlaps += press_together(ready.values())

        seen = Counter()
        for name, (verb, _delay) in presses.items():
            person, page = people[name]
            if is_done(page, verb):
                seen[KINDS[verb], "mentor" if person == cast.ama else "mentee"] += 1
            else:
                expect(page.get_by_text(reason_on(session, verb)).first).to_be_visible()
        assert changes(session) - before == seen, presses

    # else the rounds have shown nothing
    assert overlaps >= 3
    check_calendars(site, {cast.ama: people["ama"][1], cast.bela: people["bela"][1]}, session)


def test_an_hour_of_a_leader_is_given_to_one_mentor(site, people, visit):
    """Two mentors of one leader, and the leader's assistant for one of them, want the same hour."""
    cast, bela = site.cast, site.cast.bela
    kim = make_person("Kim")
    other = make_pair(make_cohort(cast.programme), kim, bela)
    first, second = cast.pair.sessions.get(number=1), other.sessions.get(number=1)
    wanted = next(moments())
    pages = {cast.ama: people["ama"][1], kim: visit(kim), cast.dov: people["dov"][1]}
    about = {cast.ama: first, kim: second, cast.dov: second}

    ready = [
        (prepare(page, about[person], person, "book", wanted), 0) for person, page in pages.items()
    ]
    press_together(ready)

    (booked,) = Session.objects.filter(state="booked")
    assert [is_done(page, "book") for page in pages.values()].count(True) == 1
    for person, page in pages.items():
        if about[person] != booked:
            expect(page.get_by_text("One of you has another session at this time.")).to_be_visible()
    partner = booked.pair.mentor
    check_calendars(site, {partner: pages[partner], bela: people["bela"][1]}, booked)
    assert site.mailbox.to(cast.ama if partner == kim else kim) == []


# -- pressing ------------------------------------------------------------------------------------


def moments():
    """Yield one moment after the other that nobody has asked for yet, all in working hours."""
    day = timezone.now().replace(hour=9, minute=0, second=0, microsecond=0)
    for number in range(200):
        yield day + dt.timedelta(days=3 + number // 5, hours=number % 5)


def make_ready(session, *, is_booked):
    """Let the mentor alone set a date or give it up, where the round needs it otherwise."""
    session = Session.objects.select_related("pair__mentor", "pair__mentee").get(pk=session.pk)
    mentor = session.pair.mentor
    if is_booked and session.starts_at is None:
        starts_at = timezone.now().replace(second=0, microsecond=0) + dt.timedelta(days=90)
        actions.book_session(session, by=mentor, starts_at=starts_at)
    elif session.starts_at and not is_booked:
        actions.cancel_session(session, by=mentor)


def prepare(page, session, person, verb, starts_at):
    """Open a person's form for a session, filled in; return the button that remains."""
    local = starts_at.astimezone(zoneinfo.ZoneInfo(person.time_zone))
    mine = session.pair.side_of(person) is not None
    about = session if mine else Appointment.objects.get(pk=session.pk)
    page.goto(f"{about.get_absolute_url()}?at={local:%Y-%m-%dT%H:%M}")
    if verb == "cancel":
        page.get_by_role("button", name="Cancel it").click()
    return page.get_by_role("button", name=PRESSED[verb])


def press_together(buttons):
    """Press each button so many ms after one moment; tell whether the server had two at once."""
    buttons = list(buttons)
    moment = 1000 * time.time() + 250
    with ExitStack() as answers:
        posts = [
            answers.enter_context(button.page.expect_request_finished(is_post))
            for button, _delay in buttons
        ]
        for button, _delay in buttons:
            answers.enter_context(button.page.expect_navigation())
        for button, delay in buttons:
            button.evaluate(
                "(button, at) => { setTimeout(() => button.click(), at - Date.now()) }",
                moment + delay,
            )
    asked = sorted(
        (timing["startTime"], timing["startTime"] + timing["responseStart"])
        for timing in (post.value.timing for post in posts)
    )
    return any(second[0] < first[1] for first, second in pairwise(asked))


def is_post(request):
    return request.method == "POST"


def is_done(page, verb):
    # in the toast: elsewhere on a page the word may stand as well
    return page.locator(".toast").get_by_text(DONE[verb]).count() == 1


def reason_on(session, verb):
    """Return the words for whoever came too late."""
    if verb == "book":
        return "It is booked for"
    return "This session has no date at the moment."


def changes(session):
    """Count the changes of a session by their kind and by whose side they were made."""
    rows = SessionChange.objects.filter(session=session)
    return Counter(rows.values_list("kind", "side"))


# -- calendars -----------------------------------------------------------------------------------


def check_calendars(site, pages, session):
    """Hold the mails that two people got, their feeds and the database against one another."""
    session.refresh_from_db()
    stands = {session.uid: (session.starts_at, session.ends_at)} if session.starts_at else {}
    waiting = OutgoingMail.objects.exclude(state=OutgoingMail.State.SENT)
    wait_for(lambda: not waiting.exists(), "not all mails were sent")
    for person, page in pages.items():
        events = events_in(site.mailbox.to(person))
        assert {str(event["UID"]) for _method, event in events} == {session.uid}
        # each change once, none lost, in their order
        assert [event["SEQUENCE"] for _method, event in events] == [*range(1, session.sequence + 1)]
        assert calendar_after(events) == stands

        feed = page.request.get(actions.make_feed(person).get_absolute_url())
        shown = Calendar.from_ical(feed.text()).walk("VEVENT")
        assert {str(event["UID"]): (event.start, event.end) for event in shown} == stands
        assert {event["SEQUENCE"] for event in shown} <= {session.sequence}


def events_in(mails):
    """Return what mails ask of a calendar, in the order they came."""
    found = []
    for mail in mails:
        for part in mail.walk():
            if part.get_content_type() == "text/calendar":
                calendar = Calendar.from_ical(part.get_content())
                (event,) = calendar.walk("VEVENT")
                found.append((str(calendar["METHOD"]), event))
    return found


def calendar_after(events):
    """Return what a calendar shows that took these messages in (RFC 5546, 3.2.2 and 3.2.5)."""
    shown = {}
    for method, event in events:
        if method == "REQUEST":
            shown[str(event["UID"])] = event.start, event.end
        else:
            assert method == "CANCEL"
            del shown[str(event["UID"])]
    return shown
