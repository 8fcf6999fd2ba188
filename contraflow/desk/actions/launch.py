"""What makes a cohort ready to launch, and a lead ready to go."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from contraflow.core.errors import refuse_if
from contraflow.core.events import announce
from contraflow.desk import events, mails, rules
from contraflow.desk.launch import lines_of
from contraflow.desk.models import DeskPlace, LaunchOverride, LaunchTick
from contraflow.people.models import Person
from contraflow.programmes.actions import add_steward, remove_steward
from contraflow.programmes.models import Cohort, Programme, Steward


def _lock(cohort: Cohort) -> Cohort:
    locked = Cohort.objects.select_for_update(of=("self",), no_key=True)
    return locked.select_related("programme").get(pk=cohort.pk)


@transaction.atomic
def tick_line(cohort: Cohort, line: str, *, by: Person, at: dt.datetime | None = None) -> None:
    """Say that a line of the launch checklist is done; saying it twice changes nothing."""
    cohort = _lock(cohort)
    refuse_if(rules.why_not_tick(cohort, line))
    _tick, made = LaunchTick.objects.get_or_create(
        cohort=cohort, line=line, defaults={"by": by, "at": at or timezone.now()}
    )
    if made:
        announce(events.LaunchLineTicked(cohort_id=cohort.pk, line=line), by=by)


@transaction.atomic
def untick_line(cohort: Cohort, line: str, *, by: Person) -> None:
    """Open a line of the checklist again."""
    cohort = _lock(cohort)
    refuse_if(rules.why_not_tick(cohort, line))
    deleted, _models = LaunchTick.objects.filter(cohort=cohort, line=line).delete()
    if deleted:
        announce(events.LaunchLineUnticked(cohort_id=cohort.pk, line=line), by=by)


@transaction.atomic
def override_launch(
    cohort: Cohort, *, by: Person, reason: str, at: dt.datetime | None = None
) -> None:
    """Let a cohort launch with open lines; the first reason given stays."""
    cohort = _lock(cohort)
    refuse_if(rules.why_not_override(cohort, reason=reason))
    missing = [line.key for line in lines_of(cohort) if not line.is_met]
    _row, made = LaunchOverride.objects.get_or_create(
        cohort=cohort,
        defaults={
            "reason": reason.strip(), "open_lines": missing, "by": by, "at": at or timezone.now(),
        },
    )  # fmt: skip
    if made:
        announce(events.LaunchOverridden(cohort_id=cohort.pk, open_lines=missing), by=by)


@transaction.atomic
def hand_programme_over(programme: Programme, *, by: Person, to: Person) -> None:
    """Let another lead take a programme over in one press; both are told, pairs go along."""
    Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
    leads = programme.stewards.filter(kind=Steward.Kind.LEAD)
    own = leads.filter(person=by).first()
    if own is None:
        return  # a second press: it is handed over already
    refuse_if(rules.why_not_hand_programme_over(programme, by=by, to=to))
    if not leads.filter(person=to).exists():
        add_steward(programme, to, Steward.Kind.LEAD, by=by)
    remove_steward(own, by=by)
    held = DeskPlace.objects.filter(pair__cohort__programme=programme, holder=by)
    held.exclude(pair__mentor=to).exclude(pair__mentee=to).update(holder=to)
    announce(
        events.ProgrammeHandedOver(programme_id=programme.pk, from_id=by.pk, to_id=to.pk), by=by
    )
    mails.send_programme_handed_over(programme, by=by, to=to)
