"""Mail that cannot arrive: refused when it is sent, or returned later (RFC 3464).

Only what is said of the address itself counts. A server that dislikes the sender or the content
says nothing about whether the person has this address.
"""

import email
import email.policy
import re
import smtplib
from collections.abc import Iterable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from contraflow.core.events import Event, announce
from contraflow.core.models import Bounce, Notice, OutgoingMail
from contraflow.core.notices import News, add_notices, register_notice

# no report is larger; what is may be the attachment of somebody's answer
MOST_BYTES = 5_000_000
# RFC 3463: the address (1), the mailbox (2) and the way to it (4); not sender, content or policy
_OF_THE_ADDRESS = re.compile(r"5\.[124]\.\d{1,3}")
# a mailbox that is full, or a message that is too long, says nothing of the address
_PASSING = {"5.2.2", "5.2.3", "5.4.5", "5.4.7"}
# servers without enhanced codes: no such mailbox, not here, no such name
_PLAIN = {550: "5.1.1", 551: "5.1.6", 553: "5.1.3"}
_MESSAGE_ID = re.compile(r"contraflow\.([a-z0-9]{12})@")
_ENVELOPE = re.compile(r"\+([a-z0-9]{12})@")


# -- refused when it is sent ----------------------------------------------------------------------


def refused_for_good(error: Exception) -> str:
    """Return the status by which a server refused an address for ever, else nothing."""
    if not isinstance(error, smtplib.SMTPRecipientsRefused):
        return ""
    ((code, words),) = list(error.recipients.values())[:1]
    said = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
    enhanced = re.match(r"\s*(\d\.\d{1,3}\.\d{1,3})\b", said)
    if enhanced:
        return enhanced[1] if _is_of_the_address(enhanced[1]) else ""
    return _PLAIN.get(code, "")


def _is_of_the_address(status: str) -> bool:
    return bool(_OF_THE_ADDRESS.fullmatch(status)) and status not in _PASSING


# -- returned later -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Returned:
    """What a delivery status notification says about one of our mails."""

    mail_code: str
    status: str
    is_permanent: bool


def read_bounce(raw: bytes) -> Returned | None:
    """Read a raw mail as a delivery status notification about a mail of ours; None if it is none.

    Our mail is known by the code in its Message-ID or envelope, which nobody can guess.
    """
    if len(raw) > MOST_BYTES:
        return None
    message = email.message_from_bytes(raw, policy=email.policy.default)
    if message.get_content_type() != "multipart/report":
        return None
    report = _part(message, "message/delivery-status")
    code = _code_of(message)
    if report is None or not code:
        return None
    for block in report.get_payload():
        action = str(block.get("Action", "")).strip().lower()
        status = re.match(r"\s*(\d\.\d{1,3}\.\d{1,3})", str(block.get("Status", "")))
        if action and status:
            permanent = action == "failed" and _is_of_the_address(status[1])
            return Returned(code, status[1], permanent)
    return None


def _part(message: EmailMessage, kind: str) -> Any:
    return next((part for part in message.walk() if part.get_content_type() == kind), None)


def _code_of(message: EmailMessage) -> str:
    """Return the code of the mail a report is about, from its envelope or the returned headers."""
    for name in ("Delivered-To", "X-Original-To", "To"):
        for value in message.get_all(name, []):
            if found := _ENVELOPE.search(str(value)):
                return found[1]
    for part in message.walk():
        if part.get_content_type() == "text/rfc822-headers":
            returned = str(part.get_payload(decode=True) or b"", "utf-8", "replace")
            if found := re.search(rf"(?im)^Message-ID:\s*<{_MESSAGE_ID.pattern}", returned):
                return found[1]
        elif part.get_content_type() == "message/rfc822":
            inner = part.get_payload(0)
            if found := _MESSAGE_ID.search(str(inner.get("Message-ID", ""))):
                return found[1]
    return ""


# -- what is known of an address ------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class AddressReturned(Event):
    """A person's address does not exist, says a mail server."""

    person_id: int
    status: str


@dataclass(frozen=True, kw_only=True)
class AddressConfirmed(Event):
    """Somebody says that a person's address is right after all."""

    person_id: int


_NOTICE = "core.address_returned"


@register_notice(_NOTICE, icon="mail")
def _say_it_came_back(notices: list[Notice], _reader: Any) -> dict[int, str]:
    words = _("A mail to you came back. Is your address right?")
    return dict.fromkeys((notice.pk for notice in notices), words)


@transaction.atomic
def note_bounce(mail: OutgoingMail, status: str, source: str) -> None:
    """Note that the address of a mail does not exist; the same is noted once."""
    bounce, made = Bounce.objects.get_or_create(
        person_id=mail.to_id, address=mail.address, cleared_at=None,
        defaults={"status": status, "source": source},
    )  # fmt: skip
    if made:
        path = reverse("people:mail-choices")
        once = f"{_NOTICE}/{bounce.pk}"
        add_notices([News(kind=_NOTICE, for_id=mail.to_id, once=once, path=path)])
        announce(AddressReturned(person_id=mail.to_id, status=status), by=None)


def take_bounce(raw: bytes) -> Returned | None:
    """Read a raw mail and note what it says of an address of ours; None if it is no such report.

    A report about a mail that is long gone, or one that says "later", changes nothing.
    """
    returned = read_bounce(raw)
    if returned is None or not returned.is_permanent:
        return returned
    mail = OutgoingMail.objects.filter(code=returned.mail_code).defer("words").first()
    if mail is not None:
        note_bounce(mail, returned.status, Bounce.Source.RETURNED)
    return returned


@transaction.atomic
def confirm_address(person: Any, *, by: Any) -> None:
    """Say that the address is right after all: mails are sent to it again."""
    mine = Bounce.objects.open().filter(person_id=person.pk, address=person.email)
    if mine.update(cleared_at=timezone.now()):
        announce(AddressConfirmed(person_id=person.pk), by=by)


def returned_addresses(people: Iterable[Any]) -> set[tuple[int, str]]:
    """Return which of these people have an address that mail comes back from, by id and address.

    Whoever has another address since then is not among them.
    """
    by_id = {person.pk: person.email for person in people}
    rows = Bounce.objects.open().filter(person_id__in=by_id).values_list("person_id", "address")
    return {(person_id, address) for person_id, address in rows if by_id[person_id] == address}


def envelope_of(mail: OutgoingMail) -> str:
    """Return where a mail server shall send this mail back to; empty without such an address."""
    if not settings.BOUNCES_TO:
        return ""
    box, _at, domain = settings.BOUNCES_TO.rpartition("@")
    return f"{box}+{mail.code}@{domain}"
