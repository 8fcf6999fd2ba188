"""Read the answer of a calendar (iTIP REPLY, RFC 5546) out of a mail; nothing of it is trusted."""

import datetime as dt
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.utils import getaddresses
from typing import Any

from icalendar import Calendar

# what a mail server hands over, and the parts it may have
MOST_BYTES, MOST_PARTS = 10 << 20, 100
_TYPES = {"text/calendar", "application/ics"}
_UNREADABLE = (
    ValueError, KeyError, IndexError, TypeError, AttributeError, LookupError, OverflowError,
    RecursionError, AssertionError,
)  # fmt: skip


class BadReply(Exception):
    """The mail holds no answer that can be taken; the message says why, for the server's log."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """Who answers what to which invitation; `senders` are the addresses the mail is from."""

    uid: str
    attendee: str
    answer: str
    sequence: int
    stamped_at: dt.datetime
    senders: frozenset[str]


def read_reply(mail: bytes) -> Reply:
    """Return the answer that a mail holds, or say why it holds none."""
    if len(mail) > MOST_BYTES:
        raise BadReply("the mail is larger than 10 MB")
    try:
        message = message_from_bytes(mail)
        return _reply_of(_calendar_of(message), _senders(message))
    except _UNREADABLE as error:
        raise BadReply(f"it cannot be read ({type(error).__name__})") from None


def _senders(message: Message) -> frozenset[str]:
    said = [str(each) for name in ("From", "Sender") for each in message.get_all(name, [])]
    return frozenset(address.lower() for _name, address in getaddresses(said) if address)


def _calendar_of(message: Message) -> Any:
    for number, part in enumerate(message.walk()):
        if number >= MOST_PARTS:
            raise BadReply("the mail has more than 100 parts")
        content = part.get_payload(decode=True) if part.get_content_type() in _TYPES else None
        if isinstance(content, bytes):
            try:
                return Calendar.from_ical(content)
            except _UNREADABLE:
                raise BadReply("its calendar part is no calendar") from None
    raise BadReply("it has no calendar part, so it is no answer to an invitation")


def _reply_of(calendar: Any, senders: frozenset[str]) -> Reply:
    method = str(calendar.get("method", "")).upper()
    if method != "REPLY":
        raise BadReply(f"its method is {method[:20] or 'missing'}, not REPLY")
    events = calendar.walk("VEVENT")
    if len(events) != 1:
        raise BadReply("it does not answer exactly one event")
    event = events[0]
    attendees = event.get("attendee", [])
    attendees = attendees if isinstance(attendees, list) else [attendees]
    if len(attendees) != 1:
        raise BadReply("it does not name exactly one attendee")
    stamp = event["dtstamp"].dt
    if not isinstance(stamp, dt.datetime):
        raise BadReply("it does not say when it was written")
    return Reply(
        uid=str(event["uid"])[:200],
        attendee=str(attendees[0]).strip().lower().removeprefix("mailto:"),
        answer=str(attendees[0].params.get("PARTSTAT", "")).lower(),
        sequence=int(event.get("sequence", 0)),
        stamped_at=stamp.astimezone(dt.UTC) if stamp.tzinfo else stamp.replace(tzinfo=dt.UTC),
        senders=senders,
    )
