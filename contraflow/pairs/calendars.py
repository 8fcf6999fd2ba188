"""Sessions as calendars understand them: iCalendar (RFC 5545) and invitations (RFC 5546).

A calendar is read by assistants and shown on shared screens, so nothing here says more than
when, how long, with whom and where: no topic, no agenda, no word of the two. Every time is in
UTC, which each calendar turns into its owner's hours, also where the clock changes.
"""

import datetime as dt
import unicodedata
from collections.abc import Iterable
from email.utils import parseaddr
from enum import StrEnum

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress, vText, vUri

from contraflow.pairs.models import Session
from contraflow.people.models import Person


class Method(StrEnum):
    """What an invitation asks of a calendar (RFC 5546)."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


def invitation(
    session: Session,
    method: Method,
    *,
    to: Person,
    starts_at: dt.datetime,
    at: dt.datetime,
    by: Person | None,
) -> str:
    """Return the message that puts a session into a person's calendar, moves it or takes it out.

    `starts_at` is given, as a cancelled session no longer has a time of its own.
    """
    calendar = _calendar()
    calendar.add("method", method.value)
    event = _event(session, to, starts_at, stamped_at=at)
    event.add("status", "CANCELLED" if method is Method.CANCEL else "CONFIRMED")
    _add_people(event, session, accepted_by=by)
    calendar.add_component(event)
    return calendar.to_ical().decode()


def single(session: Session, *, to: Person, at: dt.datetime) -> str:
    """Return one session as a file to open in a calendar."""
    calendar = _calendar()
    calendar.add_component(_event(session, to, session.starts_at, stamped_at=at))
    return calendar.to_ical().decode()


def feed(sessions: Iterable[tuple[Session, dt.datetime]], *, to: Person) -> str:
    """Return all sessions of a person as one calendar; each comes with when it last changed.

    The text is the same for the same sessions, so that a calendar notices when nothing changed.
    """
    calendar = _calendar()
    calendar.add("x-wr-calname", _("Reverse mentoring"))
    calendar.add("name", _("Reverse mentoring"))
    calendar.add("refresh-interval", dt.timedelta(hours=1))
    calendar.add("x-published-ttl", "PT1H")
    for session, changed_at in sessions:
        event = _event(session, to, session.starts_at, stamped_at=changed_at)
        event.add("status", "CONFIRMED")
        calendar.add_component(event)
    return calendar.to_ical().decode()


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Contraflow//Contraflow//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    return calendar


def _event(session: Session, to: Person, starts_at: dt.datetime, *, stamped_at) -> Event:
    partner = session.pair.partner_of(to)
    page = f"{settings.SITE_URL}{session.get_absolute_url()}"
    about = _("The session's page, for the two of you: %(page)s") % {"page": page}
    event = Event()
    event.add("uid", session.uid)
    event.add("sequence", session.sequence)
    event.add("dtstamp", stamped_at.astimezone(dt.UTC))
    event.add("dtstart", starts_at.astimezone(dt.UTC))
    event.add("dtend", starts_at.astimezone(dt.UTC) + dt.timedelta(minutes=session.minutes))
    event.add("summary", _("Reverse mentoring with %(name)s") % {"name": _plain(partner.name)})
    event.add("description", about)
    if session.video_link:
        event.add("location", session.video_link)
    event.add("url", page)
    event.add("transp", "OPAQUE")
    return event


def _add_people(event: Event, session: Session, *, accepted_by: Person | None) -> None:
    """Name the installation as the organiser and the two as those invited.

    Answers are asked for only where somebody reads them: at the address of `contraflow mail-in`.
    """
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    address = settings.REPLY_ADDRESS or address
    organizer = vCalAddress(vUri(f"mailto:{address}"))
    organizer.params["CN"] = vText(_plain(name) or "Contraflow")
    event.add("organizer", organizer)
    for person in (session.pair.mentor, session.pair.mentee):
        attendee = vCalAddress(vUri(f"mailto:{person.email}"))
        has_accepted = accepted_by is not None and person.pk == accepted_by.pk
        attendee.params["CN"] = vText(_plain(person.name))
        attendee.params["CUTYPE"] = vText("INDIVIDUAL")
        attendee.params["ROLE"] = vText("REQ-PARTICIPANT")
        attendee.params["PARTSTAT"] = vText("ACCEPTED" if has_accepted else "NEEDS-ACTION")
        attendee.params["RSVP"] = vText("TRUE" if settings.REPLY_ADDRESS else "FALSE")
        event.add("attendee", attendee)


def _plain(name: str) -> str:
    """Return a name on one line, without the control characters that iCalendar forbids.

    A backslash becomes a slash: before an n, many programmes take even an escaped one for a
    line break.
    """
    shown = "".join(" " if unicodedata.category(each) in {"Cc", "Zl", "Zp"} else each
                    for each in name)  # fmt: skip
    return " ".join(shown.replace("\\", "/").split())
