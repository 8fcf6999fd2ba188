"""The outbox: a mail is written with its cause and sent after the commit.

A mail that was accepted by the server but whose worker died before it could note so is sent
again with the same Message-ID, so that mailboxes show it once.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from email.utils import make_msgid
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from contraflow.core.jobs import TryLater, Work, job, on_sweep, start_job
from contraflow.core.models import Installation, OutgoingMail

log = logging.getLogger(__name__)
_held_back: ContextVar[bool] = ContextVar("held_back", default=False)

# longer than a mail server may take to answer (settings.EMAIL_TIMEOUT, in each of its steps)
CLAIM = timedelta(minutes=10)
# after 1, 2, 4 ... minutes, then given up after about a day
MAX_ATTEMPTS = 11


@contextmanager
def no_mail() -> Iterator[None]:
    """Write no mails inside: for the past that the demonstration lives through at once."""
    token = _held_back.set(True)
    try:
        yield
    finally:
        _held_back.reset(token)


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
) -> OutgoingMail | None:
    """Write a mail to a person in the caller's transaction; None if `once` was used before.

    `template` names `<template>.txt` and `<template>.html`. `calendar` is an iCalendar text
    with its iTIP `method` (RFC 5546), sent as its own part, which calendars act on.
    """
    if _held_back.get() or OutgoingMail.objects.filter(once=once).exists():
        return None
    words = {
        "organisation": Installation.current().organisation,
        "site_url": settings.SITE_URL,
        "to": to,
        **(context or {}),
    }
    with translation.override(settings.LANGUAGE_CODE):
        content = {
            "subject": " ".join(str(subject).split()),
            "text": render_to_string(f"{template}.txt", words),
            "html": render_to_string(f"{template}.html", words),
            "calendar": calendar,
            "method": method,
        }
    mail, made = OutgoingMail.objects.get_or_create(
        once=once,
        defaults={"kind": kind, "to_id": to.pk, "address": to.email, "words": content},
    )
    if not made:
        return None
    transaction.on_commit(wake_outbox)
    return mail


@on_sweep
def wake_outbox() -> None:
    """Start the job that sends, if a mail is due and no such job waits."""
    if OutgoingMail.objects.due(timezone.now()).exists():
        start_job("core.deliver_mails", by=None, only_one="all", behind_running=True)


@job("core.deliver_mails")
def deliver_mails(work: Work) -> None:
    """Send what waits in the outbox; come back later for what the server refused."""
    sent = 0
    with get_connection() as server:
        while mail := OutgoingMail.objects.due(timezone.now()).order_by("made_at").first():
            _deliver(mail, server)
            sent += 1
            work.progress(sent)
    waiting = OutgoingMail.objects.filter(state=OutgoingMail.State.WAITING)
    if soonest := waiting.order_by("not_before").first():
        raise TryLater(max(1.0, (soonest.not_before - timezone.now()).total_seconds()))


def _deliver(mail: OutgoingMail, server: Any) -> None:
    # a claim: whoever else drains the outbox leaves this mail alone until the claim runs out
    claim = timezone.now() + CLAIM
    mine = OutgoingMail.objects.due(timezone.now()).filter(pk=mail.pk, not_before=mail.not_before)
    if not mine.update(not_before=claim):
        return
    try:
        as_message(mail, server).send()
    except OSError as error:  # smtplib's errors are OSErrors
        mail.attempts += 1
        mail.error = f"{type(error).__name__}: {error}"[:300]
        mail.not_before = timezone.now() + timedelta(minutes=2 ** (mail.attempts - 1))
        if mail.attempts >= MAX_ATTEMPTS:
            mail.state = OutgoingMail.State.FAILED
        log.warning("mail %s was not accepted (%s)", mail.code, type(error).__name__)
    else:
        mail.state, mail.sent_at, mail.error = OutgoingMail.State.SENT, timezone.now(), ""
    fields = ["state", "attempts", "error", "not_before", "sent_at"]
    mail.save(update_fields=fields)


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
        message.attach_alternative(
            words["calendar"], f"text/calendar; charset=utf-8; method={words['method']}"
        )
        message.attach("invite.ics", words["calendar"], "application/ics")
    return message


def _message_id(mail: OutgoingMail) -> str:
    domain = settings.DEFAULT_FROM_EMAIL.rsplit("@", 1)[-1].rstrip(">")
    return f"<contraflow.{mail.code}@{domain}>" if domain else make_msgid()
