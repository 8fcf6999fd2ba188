"""When a pair rests, and the days that count for it: one answer for all that measures gaps.

A pair rests on the days on which one of the two is away, the pair pauses or its cohort is closed.
`Rests` are such days as (first, last) pairs, both included, merged and in order.
"""

import datetime as dt
import zoneinfo
from collections import defaultdict
from collections.abc import Callable, Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from contraflow.pairs.models import Absence, Pair, Pause, Shutdown
from contraflow.programmes.models import Cohort

Rests = tuple[tuple[dt.date, dt.date], ...]
_DAY = dt.timedelta(days=1)


def merged(intervals: Iterable[tuple[dt.date, dt.date]]) -> Rests:
    """Return intervals of days in order, those that touch or overlap as one."""
    found: list[tuple[dt.date, dt.date]] = []
    for first, last in sorted(intervals):
        if found and first <= found[-1][1] + _DAY:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return tuple(found)


def days_that_count(first: dt.date, last: dt.date, rests: Rests = ()) -> int:
    """Count the days after `first` up to and with `last` on which the pair did not rest."""
    days = (last - first).days
    for begins, ends in rests:
        days -= max(0, (min(ends, last) - max(begins, first + _DAY)).days + 1)
    return max(0, days)


def working_days_between(first: dt.date, last: dt.date, rests: Rests = ()) -> int:
    """Count the days from Monday to Friday that count after `first` up to and with `last`."""
    days = _weekdays(first, last)
    for begins, ends in rests:
        before, until = max(begins - _DAY, first), min(ends, last)
        if before < until:
            days -= _weekdays(before, until)
    return days


def _weekdays(first: dt.date, last: dt.date) -> int:
    weeks, rest = divmod((last - first).days, 7)
    extra = sum((first + dt.timedelta(days=day)).weekday() < 5 for day in range(1, rest + 1))
    return 5 * weeks + extra


def moved_on(day: dt.date, rests: Rests, *, since: dt.date) -> dt.date:
    """Return the day that the plan has in mind once the rests before it are not counted."""
    for begins, ends in rests:
        from_on = max(begins, since)
        if from_on > day:
            break
        day += max(dt.timedelta(), ends - from_on + _DAY)
    return day


def rests_until(day: dt.date, rests: Rests) -> dt.date | None:
    """Return the last day of the rest that this day lies in, None where the pair does not rest."""
    return next((ends for begins, ends in rests if begins <= day <= ends), None)


def next_rest(day: dt.date, rests: Rests) -> tuple[dt.date, dt.date] | None:
    """Return the rest that this day lies in, or the next one to come."""
    return next((each for each in rests if each[1] >= day), None)


# -- of the pairs of the database -------------------------------------------------------------


def rests_of(pairs: QuerySet[Pair]) -> dict[int, Rests]:
    """Return the rests of each pair that has any, with one query however many pairs there are."""
    pairs = pairs.order_by()
    found = defaultdict(list)
    rows = _days_of(pairs, "pauses").union(
        _days_of(pairs, "cohort__shutdowns"),
        _days_of(pairs, "mentor__absences"),
        _days_of(pairs, "mentee__absences"),
        all=True,
    )
    for pk, first, last in rows:
        found[pk].append((first, last))
    return {pk: merged(intervals) for pk, intervals in found.items()}


def _days_of(pairs: QuerySet[Pair], where: str):
    rows = pairs.filter(**{f"{where}__starts_on__isnull": False})
    return rows.values_list("pk", f"{where}__starts_on", f"{where}__ends_on")


def rests_of_pair(pair: Pair) -> Rests:
    """Return the rests of one pair."""
    return rests_of(Pair.objects.filter(pk=pair.pk)).get(pair.pk, ())


def rests_to_start_with(cohort: Cohort) -> Callable[[Pair], Rests]:
    """Return what tells the rests of pairs that are about to start, with two queries for all."""
    closed = list(cohort.shutdowns.values_list("starts_on", "ends_on"))
    away = defaultdict(list)
    theirs = Absence.objects.filter(person__enrolments__cohort=cohort).distinct()
    for person, first, last in theirs.values_list("person_id", "starts_on", "ends_on"):
        away[person].append((first, last))

    def rests(pair: Pair) -> Rests:
        return merged(closed + away.get(pair.mentor_id, []) + away.get(pair.mentee_id, []))

    return rests


def lies_in_rest(pair: Pair, starts_at: dt.datetime, ends_at: dt.datetime, rests: Rests) -> bool:
    """Tell whether a stretch of time touches a day of rest, on the clock of either of the two."""
    zones = {zoneinfo.ZoneInfo(each.time_zone) for each in (pair.mentor, pair.mentee)}
    days = {at.astimezone(zone).date() for zone in zones for at in (starts_at, ends_at)}
    return any(rests_until(day, rests) for day in days)


def rest_on(day: dt.date) -> Q:
    """Select the pairs that rest on a day."""
    on = {"starts_on__lte": day, "ends_on__gte": day}
    both = Q(person=OuterRef("mentor")) | Q(person=OuterRef("mentee"))
    return (
        Q(Exists(Pause.objects.filter(pair=OuterRef("pk"), **on)))
        | Q(Exists(Absence.objects.filter(both, **on)))
        | Q(Exists(Shutdown.objects.filter(cohort=OuterRef("cohort"), **on)))
    )
