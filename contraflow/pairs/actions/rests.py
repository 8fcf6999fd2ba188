"""What stops the clocks of a pair: somebody is away, the two pause, their cohort is closed."""

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from contraflow.core.errors import refuse_if
from contraflow.core.events import announce
from contraflow.core.jobs import start_job
from contraflow.pairs import events, rules
from contraflow.pairs.due_days import move_due_days
from contraflow.pairs.models import Absence, Pair, Pause, Shutdown
from contraflow.people.actions import edit_person
from contraflow.people.models import Person
from contraflow.programmes.models import Cohort

_DAY = dt.timedelta(days=1)


def _lock(pairs: QuerySet[Pair]) -> QuerySet[Pair]:
    """Take the locks of pairs in the order of their keys; whoever moves due days waits here."""
    list(pairs.order_by("pk").select_for_update(of=("self",), no_key=True).values_list("pk"))
    return pairs


# -- a person is away -----------------------------------------------------------------------------


@transaction.atomic
def state_absence(
    person: Person, *, starts_on: dt.date, ends_on: dt.date, today: dt.date | None = None
) -> Absence:
    """Say that a person is away, without a reason; saying it twice is saying it once."""
    today = today or timezone.localdate()
    refuse_if(rules.why_not_be_away(starts_on=starts_on, ends_on=ends_on, today=today))
    pairs = _lock(Pair.objects.of(person).living())
    absence, made = Absence.objects.get_or_create(
        person=person, starts_on=starts_on, ends_on=ends_on
    )
    if made:
        move_due_days(pairs)
        announce(events.AbsenceStated(person_id=person.pk), by=person)
    return absence


@transaction.atomic
def end_absence(absence: Absence, *, by: Person, today: dt.date | None = None) -> None:
    """Take an absence back, or end one that has begun with yesterday."""
    pairs = _lock(Pair.objects.of(by).living())
    if _end(Absence.objects.filter(pk=absence.pk, person=by), today or timezone.localdate()):
        move_due_days(pairs)
        announce(events.AbsenceEnded(person_id=by.pk), by=by)


def _end(rests: QuerySet, today: dt.date) -> bool:
    """Delete rests that have not begun before today, end the others; tell whether any changed."""
    to_come = rests.filter(starts_on__gte=today).delete()[0]
    begun = rests.filter(starts_on__lt=today, ends_on__gte=today).update(ends_on=today - _DAY)
    return bool(to_come or begun)


@transaction.atomic
def keep_holidays(person: Person, *, place: str) -> None:
    """Let the public holidays of a place be a person's; no later import changes it."""
    refuse_if(rules.why_not_keep_holidays(place))
    if person.country != place:
        edit_person(person, by=person, country=place)


# -- the two pause --------------------------------------------------------------------------------


@transaction.atomic
def pause_pair(pair: Pair, *, by: Person, until: dt.date, today: dt.date | None = None) -> Pair:
    """Let a pair rest from today on; a pause that stands gets the new last day."""
    today = today or timezone.localdate()
    one = _lock(Pair.objects.filter(pk=pair.pk))
    pair.refresh_from_db(fields=["state"])
    refuse_if(rules.why_not_pause(pair, by=by, until=until, today=today))
    standing = Pause.objects.filter(pair=pair, starts_on__lte=today, ends_on__gte=today)
    if standing.filter(ends_on=until).exists():
        return pair
    if not standing.update(ends_on=until):
        Pause.objects.create(pair=pair, starts_on=today, ends_on=until)
    move_due_days(one)
    announce(events.PairPaused(pair_id=pair.pk, cohort_id=pair.cohort_id), by=by)
    return pair


@transaction.atomic
def end_pause(pair: Pair, *, by: Person, today: dt.date | None = None) -> Pair:
    """Let a pair go on; without a pause, do nothing."""
    one = _lock(Pair.objects.filter(pk=pair.pk))
    refuse_if(rules.why_not_go_on(pair, by=by))
    if _end(Pause.objects.filter(pair=pair), today or timezone.localdate()):
        move_due_days(one)
        announce(events.PauseEnded(pair_id=pair.pk, cohort_id=pair.cohort_id), by=by)
    return pair


# -- a cohort is closed ---------------------------------------------------------------------------


@transaction.atomic
def add_shutdown(
    cohort: Cohort, *, by: Person, starts_on: dt.date, ends_on: dt.date,
    today: dt.date | None = None,
) -> Shutdown:  # fmt: skip
    """Say when nobody of a cohort meets; a job moves the due days of its pairs."""
    today = today or timezone.localdate()
    refuse_if(rules.why_not_be_away(starts_on=starts_on, ends_on=ends_on, today=today))
    shutdown, made = Shutdown.objects.get_or_create(
        cohort=cohort, starts_on=starts_on, ends_on=ends_on
    )
    if made:
        move_due_days_of(cohort, by)
        announce(events.ShutdownAdded(cohort_id=cohort.pk), by=by)
    return shutdown


@transaction.atomic
def end_shutdown(shutdown: Shutdown, *, by: Person, today: dt.date | None = None) -> None:
    """Take a shutdown back, or end one that has begun with yesterday."""
    if _end(Shutdown.objects.filter(pk=shutdown.pk), today or timezone.localdate()):
        move_due_days_of(shutdown.cohort, by)
        announce(events.ShutdownEnded(cohort_id=shutdown.cohort_id), by=by)


def move_due_days_of(cohort: Cohort, by: Person | None) -> None:
    """Start the job that moves the due days of a whole cohort."""
    start_job(
        "pairs.move_due_days", by=by, only_one=cohort.code, behind_running=True,
        cohort_id=cohort.pk,
    )  # fmt: skip
