"""A message of a lead to the people of a cohort: written once, sent to each by a job."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from contraflow.core.errors import Refusal
from contraflow.core.events import announce
from contraflow.core.jobs import start_job
from contraflow.desk import events, mails, rules
from contraflow.desk.models import Message, MessageWords
from contraflow.desk.queries import audience, digest_of
from contraflow.desk.texts import Text
from contraflow.people.models import Person
from contraflow.programmes.models import Cohort, Steward

SEND_KIND = "desk.send_message"


@transaction.atomic
def send_message(
    cohort: Cohort, to: str, *, by: Person, text: Text, code: str, at: dt.datetime | None = None
) -> Message:
    """Write to everybody of an audience; who presses twice with the same form sends once.

    Who gets it is settled now; the mails are written by a job, so that nobody waits for them.
    """
    cohort = Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)
    if message := Message.objects.filter(code=code).first():
        if message.cohort_id != cohort.pk:
            raise Refusal(rules.why_not_reuse())
        return message
    people = list(audience(cohort, to).values_list("pk", flat=True))
    if reason := rules.why_not_send(cohort, to, count=len(people)):
        raise Refusal(reason)
    message = Message.objects.create(
        cohort=cohort, code=code, to=to, by=by, count=len(people), sent_at=at or timezone.now()
    )
    MessageWords.objects.create(message=message, subject=text.subject, text=text.body)
    announce(events.MessageSent(message_id=message.pk, cohort_id=cohort.pk), by=by)
    start_job(
        SEND_KIND, by=by, only_one=str(message.pk), message_id=message.pk, person_ids=people
    )  # fmt: skip
    return message


def write_letters(message: Message, person_ids: list[int]) -> None:
    """Put the mails of a message into the outbox, each once however often this is done."""
    words = MessageWords.objects.select_related("message__cohort__programme").get(pk=message.pk)
    people = Person.objects.active().filter(pk__in=person_ids).order_by("pk")
    text = Text(subject=words.subject, body=words.text)
    mails.send_message(words.message, text, list(people))


@transaction.atomic
def send_test(*, by: Person, text: Text, code: str) -> None:
    """Send a message to its author alone, once for each time its words have changed."""
    mails.send_test(text, to=by, code=code)


def send_digests(*, at: dt.datetime | None = None) -> None:
    """Tell each lead once a week what lies on their desk.

    It is written on Sunday, so that it comes on Monday morning to whoever gets mail at once, once a
    day or once a week; after a stop, on Monday or Tuesday.
    """
    at = at or timezone.now()
    tomorrow = timezone.localdate(at, timezone.get_default_timezone()) + dt.timedelta(days=1)
    if tomorrow.weekday() > 2:
        return
    week = mails.week_of(tomorrow)
    leads = Person.objects.active().filter(stewardships__kind=Steward.Kind.LEAD).distinct()
    for lead in leads.order_by("pk"):
        if not mails.has_digest(lead, week) and (parts := digest_of(lead, at=at)):
            mails.send_digest(lead, week, parts)
