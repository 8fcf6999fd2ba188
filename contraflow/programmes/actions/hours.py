"""Ask line managers for the hours of those who take part; they see hours and nothing else."""

import datetime as dt
import hashlib
import secrets

from django.db import transaction
from django.utils import timezone

from contraflow.core.errors import Refusal
from contraflow.core.events import announce
from contraflow.people.models import Person
from contraflow.programmes import mails
from contraflow.programmes.events import HoursAnswered, HoursAsked
from contraflow.programmes.models import Cohort, HoursRequest
from contraflow.programmes.queries import hours_needed, mentors_to_ask_about
from contraflow.programmes.rules import why_not_answer_hours, why_not_ask_hours


@transaction.atomic
def ask_for_hours(cohort: Cohort, *, by: Person, at: dt.datetime | None = None) -> int:
    """Mail every line manager who has to be asked a link of their own; return how many."""
    at = at or timezone.now()
    Cohort.objects.select_for_update(of=("self",)).get(pk=cohort.pk)
    if reason := why_not_ask_hours(cohort):
        raise Refusal(reason)
    waiting = mentors_to_ask_about(cohort, at=at).select_related("person__manager")
    hours, asked = hours_needed(cohort), []
    for enrolment in waiting.order_by("pk"):
        secret = secrets.token_urlsafe(32)
        request = HoursRequest(
            enrolment=enrolment, manager=enrolment.person.manager, hours=hours, asked_at=at,
            digest=hashlib.sha256(secret.encode()).hexdigest(),
        )  # fmt: skip
        asked.append((request, secret))
    if asked:
        HoursRequest.objects.filter(enrolment__in=[each.enrolment_id for each, _ in asked]).delete()
        HoursRequest.objects.bulk_create([each for each, _secret in asked], batch_size=500)
        mails.send_hours_requests(cohort, asked)
        announce(HoursAsked(cohort_id=cohort.pk, count=len(asked)), by=by)
    return len(asked)


@transaction.atomic
def answer_hours(request: HoursRequest, *, answer: str, at: dt.datetime | None = None) -> None:
    """Keep a line manager's answer; it can be changed while the cohort is not closed."""
    if reason := why_not_answer_hours(request):
        raise Refusal(reason)
    request = HoursRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if request.answer == answer:
        return
    request.answer, request.answered_at = HoursRequest.Answer(answer).value, at or timezone.now()
    request.save(update_fields=["answer", "answered_at"])
    announce(HoursAnswered(enrolment_id=request.enrolment_id), by=request.manager)
