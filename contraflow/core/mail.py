"""The outbox: a mail is written with its cause and sent after the commit.

A mail that was accepted by the server but whose worker died before it could note so is sent
again with the same Message-ID, so that mailboxes show it once.
"""

import contextlib
import itertools
import logging
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from email.utils import make_msgid
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from contraflow.core.bounces import (
    envelope_of,
    note_bounce,
    refused_for_good,
    returned_addresses,
)
from contraflow.core.branding import with_logo
from contraflow.core.codes import make_code
from contraflow.core.figures import figure
from contraflow.core.held_back import is_held_back, no_mail  # noqa: F401 -- found here by others
from contraflow.core.jobs import TryLater, Work, job, start_job
from contraflow.core.letters import (
    Care,
    Composed,
    MailKind,
    Wording,
    as_documents,
    compose,
    is_optional,
    kind_of,
    registered,
    said,
    wording,
)
from contraflow.core.mail_choices import (
    choices_of,
    choices_url,
    next_open,
    plan_of,
    stop_url,
    zone_of,
)
from contraflow.core.models import Bounce, Installation, Job, MailChoice, OutgoingMail
from contraflow.core.sealing import SealingError
from contraflow.core.upkeep import on_upkeep

log = logging.getLogger(__name__)

# how many times settings.EMAIL_TIMEOUT a mail is left to the worker that sends it: more than
# the steps of sending one, each of which may take that long
_STEPS_OF_A_CLAIM = 30
# seconds until another attempt at a mail server that cannot be reached
_SERVER_PAUSE = 60
# what is written with one query, so that memory does not grow with a cohort
_LETTERS_AT_A_TIME = 500
# after 1, 2, 4 ... minutes, then given up after about a day
MAX_ATTEMPTS = 11


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One of many mails that are written together: a registered kind with its placeholders."""

    kind: str
    to: Any
    once: str
    values: dict[str, Any] = field(default_factory=dict)
    calendar: str = ""
    method: str = ""
    not_before: datetime | None = None
    # ids that `still_due` of its kind asks with before the mail is sent
    cause: dict[str, Any] = field(default_factory=dict)


def queue_mail(kind: str, *, to: Any, once: str, **more: Any) -> OutgoingMail | None:
    """Write a mail to a person in the caller's transaction; None if `once` was used before.

    The other arguments are the fields of `Letter`: `values` for what the kind's text names in
    braces; `calendar`, an iCalendar text with its iTIP `method` (RFC 5546), sent as its own part,
    which calendars act on.
    The mail is sent at once, or from `not_before` on; one that is not essential also waits for
    the hours and the digest of who gets it, and is not written for who does not want it.
    """
    if is_held_back() or OutgoingMail.objects.filter(once=once).exists():
        return None
    letter = Letter(kind=kind, to=to, once=once, **more)
    written = _Desk([letter]).write(letter)
    if written is None:
        return None
    try:
        with transaction.atomic():
            written.save(force_insert=True)
    except IntegrityError:  # somebody was faster: theirs is the same mail
        return None
    transaction.on_commit(wake_outbox, robust=True)
    return written


def take_mail_back(once: str, *, not_before: datetime) -> bool:
    """Take a mail that waits for its hour out of the outbox; tell whether nobody gets it.

    A mail whose hour has come may be on its way and stays.
    """
    waiting = OutgoingMail.objects.filter(once=once, not_before=not_before)
    if not_before > timezone.now():
        # no worker looks at it before its hour
        waiting.filter(state=OutgoingMail.State.WAITING).delete()
    return not OutgoingMail.objects.filter(once=once).exists()


def queue_mails(letters: Iterable[Letter]) -> None:
    """Write many mails in the caller's transaction, with a handful of queries for all of them.

    As with `queue_mail`, those whose `once` was used before are left out.
    """
    if is_held_back():
        return
    waiting, is_any = iter(letters), False
    while batch := list(itertools.islice(waiting, _LETTERS_AT_A_TIME)):
        _write(batch)
        is_any = True
    if is_any:
        transaction.on_commit(wake_outbox, robust=True)


def _write(letters: list[Letter]) -> None:
    by_once = {letter.once: letter for letter in letters}
    known = OutgoingMail.objects.filter(once__in=by_once)
    for once in list(known.values_list("once", flat=True)):
        del by_once[once]
    desk = _Desk(list(by_once.values()))
    written = (desk.write(letter) for letter in by_once.values())
    OutgoingMail.objects.bulk_create(
        (mail for mail in written if mail is not None),
        ignore_conflicts=True,  # somebody was faster: theirs is the same mail
    )


class _Desk:
    """Where letters are written: what they need of the database is asked once for all of them."""

    def __init__(self, letters: list[Letter]) -> None:
        self._kinds = {letter.kind: registered(letter.kind) for letter in letters}
        self._installation = Installation.current()
        self._wordings = {
            name: wording(kind, settings.LANGUAGE_CODE) for name, kind in self._kinds.items()
        }
        optional = [letter for letter in letters if is_optional(self._kinds[letter.kind])]
        people = [letter.to for letter in optional]
        self._choices = choices_of(people, (each.kind for each in optional)) if optional else {}
        self._returned = returned_addresses(people) if optional else set()

    def write(self, letter: Letter) -> OutgoingMail | None:
        """Return a mail ready to be saved, None where it is not wanted or cannot arrive."""
        kind, to = self._kinds[letter.kind], letter.to
        how = self._choices.get((to.pk, letter.kind), "")
        plan = plan_of(kind, to, how, at=letter.not_before or timezone.now())
        if not plan.is_wanted or (is_optional(kind) and (to.pk, to.email) in self._returned):
            return None
        return OutgoingMail(
            kind=letter.kind,
            once=letter.once,
            to_id=to.pk,
            address=to.email,
            words=self._words(kind, letter)
            | {"calendar": letter.calendar, "method": letter.method},
            not_before=plan.not_before,
            digest=plan.digest,
            cause=letter.cause,
        )

    def _words(self, kind: MailKind, letter: Letter) -> dict[str, Any]:
        common = {
            "name": letter.to.get_short_name(),
            "organisation": self._installation.organisation,
        }
        with translation.override(settings.LANGUAGE_CODE):
            values = {name: said(value) for name, value in {**common, **letter.values}.items()}
            composed = compose(kind, self._wordings[kind.id], values)
            links = {}
            if is_optional(kind):
                links = {
                    "stop_url": stop_url(letter.to.pk, kind.id),
                    "choices_url": choices_url(),
                }
            written = {
                "subject": composed.subject,
                **as_documents([composed], self._installation, **links),
            }
        # only what may be gathered is needed in pieces
        return written | ({"part": asdict(composed)} if kind.care is Care.USUAL else {})


@transaction.atomic
def queue_test(kind: MailKind, words: Wording, *, to: Any) -> None:
    """Write a mail of invented values to whoever tries a text out."""
    with translation.override(settings.LANGUAGE_CODE):
        examples = {name: said(value) for name, value in kind.examples.items()}
        installation = Installation.current()
        composed = compose(kind, words, examples | {"organisation": installation.organisation})
        subject = _("Test: %(subject)s") % {"subject": composed.subject}
    OutgoingMail.objects.create(
        kind="core.test",
        once=f"core.test/{make_code()}",
        to_id=to.pk,
        address=to.email,
        words={
            "subject": subject,
            "calendar": "",
            "method": "",
            **as_documents([composed], installation),
        },
    )
    transaction.on_commit(wake_outbox, robust=True)


def wake_outbox() -> None:
    """Start the job that sends, now even if one pauses, unless one is about to."""
    # one question for each of the thousand mails of a publication; only the first starts a job
    if not Job.objects.due(timezone.now()).filter(kind="core.deliver_mails").exists():
        start_job("core.deliver_mails", by=None, only_one="all", behind_running=True)


@on_upkeep
def look_into_outbox() -> None:
    """Start the job that sends where a kill left due mails without one."""
    now = timezone.now()
    under_way = Q(state__in=[Job.State.WAITING, Job.State.RUNNING])
    # a bug, or a wrong setting: tried once a minute, not at each look
    just_failed = Q(state=Job.State.FAILED, ended_at__gt=now - timedelta(seconds=_SERVER_PAUSE))
    jobs = Job.objects.filter(under_way | just_failed, kind="core.deliver_mails")
    if OutgoingMail.objects.due(now).exists() and not jobs.exists():
        wake_outbox()


@job("core.deliver_mails")
def deliver_mails(work: Work) -> None:
    """Send what waits in the outbox; come back later for what the server refused."""
    sent = 0
    server = get_connection()
    try:
        # in the order of the index; those that never failed stand in the order they were written
        while mail := OutgoingMail.objects.due(timezone.now()).order_by("not_before").first():
            _reach(server)
            _deliver(mail, server)
            sent += 1
            work.progress(sent)
    finally:
        _hang_up(server)
    waiting = OutgoingMail.objects.filter(state=OutgoingMail.State.WAITING)
    if soonest := waiting.order_by("not_before").first():
        raise TryLater(max(1.0, (soonest.not_before - timezone.now()).total_seconds()))


def _reach(server: Any) -> None:
    """Open the connection if it is not open; a server that is away is no mail's fault."""
    try:
        server.open()
    except OSError as error:
        log.warning("the mail server cannot be reached: %s", error)
        raise TryLater(_SERVER_PAUSE) from error


def _hang_up(server: Any) -> None:
    # a server that is gone need not hear goodbye
    with contextlib.suppress(OSError):
        server.close()


def _deliver(mail: OutgoingMail, server: Any) -> None:
    # a claim: whoever else drains the outbox leaves this mail alone until the claim runs out
    claim = timezone.now() + timedelta(seconds=_STEPS_OF_A_CLAIM * settings.EMAIL_TIMEOUT)
    mine = OutgoingMail.objects.due(timezone.now()).filter(pk=mail.pk, not_before=mail.not_before)
    if not mine.update(not_before=claim):
        return
    mails = [mail, *_claim_rest_of_digest(mail, claim)]
    wanted = [each for each in mails if not _is_settled(each)]
    if not wanted:
        return
    try:
        _as_one(wanted, server).send()
    except OSError as error:  # smtplib's errors are OSErrors
        _hang_up(server)  # in whatever state the conversation was
        gone = refused_for_good(error)
        if gone:
            note_bounce(mail, gone, Bounce.Source.REFUSED)
        for each in wanted:
            final = bool(gone) or each.attempts + 1 >= MAX_ATTEMPTS
            _note_refusal(each, error, final=final)
    except (SealingError, ValueError) as error:
        # its key was destroyed, or the address is none: no later attempt can do better
        for each in wanted:
            _note_refusal(each, error, final=True)
    else:
        for each in wanted:
            each.state, each.sent_at, each.error = OutgoingMail.State.SENT, timezone.now(), ""
    for each in wanted:
        each.save(update_fields=["state", "attempts", "error", "not_before", "sent_at"])


def _claim_rest_of_digest(mail: OutgoingMail, claim: datetime) -> list[OutgoingMail]:
    """Take what else waits for the same digest of the same person, in the order it was written."""
    if not mail.digest:
        return []
    same = OutgoingMail.objects.filter(to_id=mail.to_id, address=mail.address, digest=mail.digest)
    due = same.due(timezone.now())
    if not due.update(not_before=claim):
        return []
    rest = same.filter(state=OutgoingMail.State.WAITING, not_before=claim).exclude(pk=mail.pk)
    return list(rest.order_by("made_at"))


def _is_settled(mail: OutgoingMail) -> bool:
    """Let a mail go that is not needed or wished for any more, and one that comes at a bad hour.

    Asked when it is sent: between writing and sending people answer, choose and change places.
    """
    kind, now = kind_of(mail.kind), timezone.now()
    if kind is None:
        return False
    if kind.still_due and not kind.still_due(mail.cause):
        return _let_go(mail, state=OutgoingMail.State.DROPPED)
    if not is_optional(kind):
        return False
    person = get_user_model()._default_manager.filter(pk=mail.to_id).first()
    if person is None or returned_addresses([person]):
        return _let_go(mail, state=OutgoingMail.State.DROPPED)
    how = choices_of([person], [kind.id]).get((person.pk, kind.id), "")
    if how == MailChoice.How.NEVER:
        return _let_go(mail, state=OutgoingMail.State.DROPPED)
    opens = next_open(now, zone_of(person))
    if kind.care is Care.USUAL and opens > now:
        return _let_go(mail, not_before=opens)
    return False


def _let_go(mail: OutgoingMail, **fields: Any) -> bool:
    OutgoingMail.objects.filter(pk=mail.pk).update(**fields)
    return True


def _note_refusal(mail: OutgoingMail, error: Exception, *, final: bool) -> None:
    mail.attempts += 1
    mail.error = f"{type(error).__name__}: {error}"[:300]
    mail.not_before = timezone.now() + timedelta(minutes=2 ** (mail.attempts - 1))
    if final:
        mail.state = OutgoingMail.State.FAILED
    # the error itself may name the address
    log.warning("mail %s was not accepted (%s)", mail.code, type(error).__name__)


def _as_one(mails: list[OutgoingMail], server: Any) -> EmailMultiAlternatives:
    """Open what is sent together: one mail, or all of a digest as the first of them."""
    return as_message(mails[0], server, *mails[1:])


def as_message(
    mail: OutgoingMail, server: Any = None, *rest: OutgoingMail
) -> EmailMultiAlternatives:
    """Open a mail of the outbox as the message that is sent, with the rest of its digest in it."""
    words = _gathered([mail, *rest]) if rest else mail.words
    message = EmailMultiAlternatives(
        subject=words["subject"], body=words["text"], to=[mail.address], connection=server
    )
    if envelope := envelope_of(mail):
        # the sender of the envelope, to whom mail comes back; people see the one below
        message.from_email = envelope
        message.extra_headers["From"] = settings.DEFAULT_FROM_EMAIL
    message.extra_headers["Message-ID"] = _message_id(mail)
    message.extra_headers["Auto-Submitted"] = "auto-generated"
    kinds = {each.kind: kind_of(each.kind) for each in (mail, *rest)}
    if all(kind and is_optional(kind) for kind in kinds.values()):
        # RFC 8058: mailboxes show a button that stops it with one click
        stop = stop_url(mail.to_id, *kinds)
        message.extra_headers["List-Unsubscribe"] = f"<{stop}>"
        message.extra_headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    with_logo(message, words["html"])
    if words["calendar"]:
        message.attach_alternative(words["calendar"], f"text/calendar; method={words['method']}")
        # bytes, as text of this type would lose its letters beyond ASCII
        message.attach("invite.ics", words["calendar"].encode(), "application/ics")
    return message


def _gathered(mails: list[OutgoingMail]) -> dict[str, str]:
    """Return the words of a digest: those of all its mails under one heading."""
    with translation.override(settings.LANGUAGE_CODE):
        heading = _("What waited for you: %(count)s mails") % {"count": figure(len(mails))}
        parts = [Composed(**mail.words["part"]) for mail in mails]
        documents = as_documents(
            parts,
            Installation.current(),
            heading=heading,
            stop_url=stop_url(mails[0].to_id, *{mail.kind: 1 for mail in mails}),
            choices_url=choices_url(),
        )
    return {"subject": heading, **documents, "calendar": "", "method": ""}


def _message_id(mail: OutgoingMail) -> str:
    domain = settings.DEFAULT_FROM_EMAIL.rsplit("@", 1)[-1].rstrip(">")
    return f"<contraflow.{mail.code}@{domain}>" if domain else make_msgid()
