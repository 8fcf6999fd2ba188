"""The outbox: a mail is written with its cause and sent after the commit.

A mail that was accepted by the server but whose worker died before it could note so is sent
again with the same Message-ID, so that mailboxes show it once.
"""

import contextlib
import itertools
import logging
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import make_msgid
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone, translation

from contraflow.core.jobs import TryLater, Work, job, start_job
from contraflow.core.models import Installation, Job, OutgoingMail
from contraflow.core.sealing import SealingError
from contraflow.core.upkeep import on_upkeep

log = logging.getLogger(__name__)
_held_back: ContextVar[bool] = ContextVar("held_back", default=False)

# how many times settings.EMAIL_TIMEOUT a mail is left to the worker that sends it: more than
# the steps of sending one, each of which may take that long
_STEPS_OF_A_CLAIM = 30
# seconds until another attempt at a mail server that cannot be reached
_SERVER_PAUSE = 60
# what is written with one query, so that memory does not grow with a cohort
_LETTERS_AT_A_TIME = 500
# after 1, 2, 4 ... minutes, then given up after about a day
MAX_ATTEMPTS = 11


@contextlib.contextmanager
def no_mail() -> Iterator[None]:
    """Write no mails inside: for the past that the demonstration lives through at once."""
    token = _held_back.set(True)
    try:
        yield
    finally:
        _held_back.reset(token)


def is_held_back() -> bool:
    """Tell whether mails are not written at present, so that nobody prepares one in vain."""
    return _held_back.get()


def queue_mail(
    kind: str,
    *,
    to: Any,
    once: str,
    subject: Any,
    template: str,
    context: dict[str, Any] | None = None,
    calendar: str = "",
    method: str = "",
    not_before: datetime | None = None,
) -> OutgoingMail | None:
    """Write a mail to a person in the caller's transaction; None if `once` was used before.

    `template` names `<template>.txt` and `<template>.html`. `calendar` is an iCalendar text
    with its iTIP `method` (RFC 5546), sent as its own part, which calendars act on.
    The mail is sent at once, or from `not_before` on.
    """
    if _held_back.get() or OutgoingMail.objects.filter(once=once).exists():
        return None
    content = _content(to, subject, template, context or {}, Installation.current().organisation)
    content |= {"calendar": calendar, "method": method}
    mail, made = OutgoingMail.objects.get_or_create(
        once=once,
        defaults={
            "kind": kind,
            "to_id": to.pk,
            "address": to.email,
            "words": content,
            "not_before": not_before or timezone.now(),
        },
    )
    if not made:
        return None
    transaction.on_commit(wake_outbox, robust=True)
    return mail


def take_mail_back(once: str, *, not_before: datetime) -> bool:
    """Take a mail that waits for its hour out of the outbox; tell whether nobody gets it.

    A mail whose hour has come may be on its way and stays.
    """
    waiting = OutgoingMail.objects.filter(once=once, not_before=not_before)
    if not_before > timezone.now():
        # no worker looks at it before its hour
        waiting.filter(state=OutgoingMail.State.WAITING).delete()
    return not OutgoingMail.objects.filter(once=once).exists()


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One of many mails that are written together; the fields are those of `queue_mail`."""

    kind: str
    to: Any
    once: str
    subject: Any
    template: str
    context: dict[str, Any]


def queue_mails(letters: Iterable[Letter]) -> None:
    """Write many mails in the caller's transaction, with a handful of queries for all of them.

    As with `queue_mail`, those whose `once` was used before are left out.
    """
    if _held_back.get():
        return
    organisation, waiting = Installation.current().organisation, iter(letters)
    while batch := list(itertools.islice(waiting, _LETTERS_AT_A_TIME)):
        _write(batch, organisation)
    transaction.on_commit(wake_outbox, robust=True)


def _write(letters: list[Letter], organisation: str) -> None:
    by_once = {letter.once: letter for letter in letters}
    known = OutgoingMail.objects.filter(once__in=by_once)
    for once in list(known.values_list("once", flat=True)):
        del by_once[once]
    OutgoingMail.objects.bulk_create(
        (
            OutgoingMail(
                kind=letter.kind,
                once=letter.once,
                to_id=letter.to.pk,
                address=letter.to.email,
                words=_content(
                    letter.to, letter.subject, letter.template, letter.context, organisation
                ),
            )
            for letter in by_once.values()
        ),
        ignore_conflicts=True,  # somebody was faster: theirs is the same mail
    )


def _content(
    to: Any, subject: Any, template: str, context: dict[str, Any], organisation: str
) -> dict[str, str]:
    words = {"organisation": organisation, "site_url": settings.SITE_URL, "to": to, **context}
    with translation.override(settings.LANGUAGE_CODE):
        return {
            "subject": " ".join(str(subject).split()),
            "text": render_to_string(f"{template}.txt", words),
            "html": render_to_string(f"{template}.html", words),
            "calendar": "",
            "method": "",
        }


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
    try:
        as_message(mail, server).send()
    except OSError as error:  # smtplib's errors are OSErrors
        _hang_up(server)  # in whatever state the conversation was
        _note_refusal(mail, error, final=mail.attempts + 1 >= MAX_ATTEMPTS)
    except (SealingError, ValueError) as error:
        # its key was destroyed, or the address is none: no later attempt can do better
        _note_refusal(mail, error, final=True)
    else:
        mail.state, mail.sent_at, mail.error = OutgoingMail.State.SENT, timezone.now(), ""
    mail.save(update_fields=["state", "attempts", "error", "not_before", "sent_at"])


def _note_refusal(mail: OutgoingMail, error: Exception, *, final: bool) -> None:
    mail.attempts += 1
    mail.error = f"{type(error).__name__}: {error}"[:300]
    mail.not_before = timezone.now() + timedelta(minutes=2 ** (mail.attempts - 1))
    if final:
        mail.state = OutgoingMail.State.FAILED
    # the error itself may name the address
    log.warning("mail %s was not accepted (%s)", mail.code, type(error).__name__)


def as_message(mail: OutgoingMail, server: Any = None) -> EmailMultiAlternatives:
    """Open a mail of the outbox as the message that is sent."""
    words = mail.words
    message = EmailMultiAlternatives(
        subject=words["subject"], body=words["text"], to=[mail.address], connection=server
    )
    message.extra_headers["Message-ID"] = _message_id(mail)
    message.extra_headers["Auto-Submitted"] = "auto-generated"
    message.attach_alternative(words["html"], "text/html")
    if words["calendar"]:
        message.attach_alternative(words["calendar"], f"text/calendar; method={words['method']}")
        # bytes, as text of this type would lose its letters beyond ASCII
        message.attach("invite.ics", words["calendar"].encode(), "application/ics")
    return message


def _message_id(mail: OutgoingMail) -> str:
    domain = settings.DEFAULT_FROM_EMAIL.rsplit("@", 1)[-1].rstrip(">")
    return f"<contraflow.{mail.code}@{domain}>" if domain else make_msgid()
