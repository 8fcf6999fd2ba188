"""When a pair rests, and the days that count for it: one answer for all that measures gaps.

A pair rests on the days on which one of the two is away or has a public holiday, the pair pauses
or its cohort is closed. `Rests` are such days as (first, last) pairs, both included, merged and in
order.
"""

import datetime as dt
import zoneinfo
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from operator import itemgetter

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from contraflow.pairs.models import Absence, Pair, Pause, Shutdown
from contraflow.people.holidays import NOWHERE, holiday_on, holidays_in
from contraflow.people.models import Person
from contraflow.programmes.models import Cohort

Rests = tuple[tuple[dt.date, dt.date], ...]
_DAY, _MOMENT = dt.timedelta(days=1), dt.timedelta(microseconds=1)
# calendar years ahead whose public holidays count: no date and no due day lies further
_YEARS_AHEAD = 2


def merged(intervals: Iterable[tuple[dt.date, dt.date]]) -> Rests:
    """Return intervals of days in order, those that touch or overlap as one."""
    found: list[tuple[dt.date, dt.date]] = []
    for first, last in sorted(intervals):
        if found and first <= found[-1][1] + _DAY:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return tuple(found)


def _from(day: dt.date, rests: Rests) -> Rests:
    """Return the rests that are not over before this day."""
    return rests[bisect_left(rests, day, key=itemgetter(1)) :]


def _within(first: dt.date, last: dt.date, rests: Rests) -> Iterator[tuple[dt.date, dt.date]]:
    """Yield the rests that touch these days."""
    for rest in _from(first, rests):
        if rest[0] > last:
            break
        yield rest


def days_that_count(first: dt.date, last: dt.date, rests: Rests = ()) -> int:
    """Count the days after `first` up to and with `last` on which the pair did not rest."""
    days = (last - first).days
    for begins, ends in _within(first, last, rests):
        days -= max(0, (min(ends, last) - max(begins, first + _DAY)).days + 1)
    return max(0, days)


def working_days_between(first: dt.date, last: dt.date, rests: Rests = ()) -> int:
    """Count the days from Monday to Friday that count after `first` up to and with `last`."""
    days = _weekdays(first, last)
    for begins, ends in _within(first, last, rests):
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
    for begins, ends in _from(since, rests):
        from_on = max(begins, since)
        if from_on > day:
            break
        day += max(dt.timedelta(), ends - from_on + _DAY)
    return day


def rests_until(day: dt.date, rests: Rests) -> dt.date | None:
    """Return the last day of the rest that this day lies in, None where the pair does not rest."""
    return next((ends for _begins, ends in _within(day, day, rests)), None)


def next_rest(day: dt.date, rests: Rests) -> tuple[dt.date, dt.date] | None:
    """Return the rest that this day lies in, or the next one to come."""
    return next(iter(_from(day, rests)), None)


# -- public holidays ------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _holidays(places: frozenset[str], first: int, last: int) -> Rests:
    """Return the public holidays of places in some years; the same for all who live there."""
    years = range(first, last + 1)
    return merged(
        (day, day) for place in places for year in years for day in holidays_in(place, year)
    )


def _holidays_of(started_on: dt.date, *places: str) -> Rests:
    last = timezone.localdate().year + _YEARS_AHEAD
    return _holidays(frozenset(places) - {"", NOWHERE}, started_on.year, last)


def holidays_of(
    person: Person, starts_at: dt.datetime, ends_at: dt.datetime
) -> Iterator[tuple[dt.date, str]]:
    """Yield each public holiday, with its name, that a stretch of time touches on their clock."""
    zone = zoneinfo.ZoneInfo(person.time_zone)
    day, last = starts_at.astimezone(zone).date(), (ends_at - _MOMENT).astimezone(zone).date()
    while day <= last:
        if name := holiday_on(person.country, day):
            yield day, name
        day += _DAY


def _places_closed_on(day: dt.date) -> list[str]:
    """Return the places, of those that people are in, that have a public holiday on a day."""
    places = Person.objects.order_by().exclude(country="").values_list("country", flat=True)
    return [place for place in places.distinct() if holiday_on(place, day)]


# -- of the pairs of the database -------------------------------------------------------------


def rests_of(pairs: QuerySet[Pair]) -> dict[int, Rests]:
    """Return the rests of each pair that has any, with two queries however many pairs there are."""
    pairs = pairs.order_by()
    found = _agreed_days_of(pairs)
    resting = {pk: merged(days) for pk, days in found.items()}
    has_place = ~Q(mentor__country="") | ~Q(mentee__country="")
    rows = pairs.filter(has_place).values_list(
        "pk", "started_on", "mentor__country", "mentee__country"
    )
    for pk, *life in rows:
        holidays = _holidays_of(*life)
        resting[pk] = merged([*holidays, *found[pk]]) if pk in found else holidays
    return resting


def _agreed_days_of(pairs: QuerySet[Pair]) -> dict[int, list[tuple[dt.date, dt.date]]]:
    """Return the days of absences, pauses and closed cohorts, as somebody entered them."""
    found = defaultdict(list)
    rows = _days_of(pairs, "pauses").union(
        _days_of(pairs, "cohort__shutdowns"),
        _days_of(pairs, "mentor__absences"),
        _days_of(pairs, "mentee__absences"),
        all=True,
    )
    for pk, first, last in rows:
        found[pk].append((first, last))
    return found


def _days_of(pairs: QuerySet[Pair], where: str):
    rows = pairs.filter(**{f"{where}__starts_on__isnull": False})
    return rows.values_list("pk", f"{where}__starts_on", f"{where}__ends_on")


def rests_of_pair(pair: Pair) -> Rests:
    """Return the rests of one pair."""
    return rests_of(Pair.objects.filter(pk=pair.pk)).get(pair.pk, ())


def agreed_rests(pairs: QuerySet[Pair]) -> dict[int, Rests]:
    """Return the rests that somebody entered, all but public holidays, with one query."""
    return {pk: merged(days) for pk, days in _agreed_days_of(pairs.order_by()).items()}


def agreed_rests_of(pair: Pair) -> Rests:
    """Return the rests of one pair that somebody entered: all but public holidays."""
    return agreed_rests(Pair.objects.filter(pk=pair.pk)).get(pair.pk, ())


def rests_to_start_with(cohort: Cohort) -> Callable[[Pair], Rests]:
    """Return what tells the rests of pairs that are about to start, with two queries for all."""
    closed = list(cohort.shutdowns.values_list("starts_on", "ends_on"))
    away = defaultdict(list)
    theirs = Absence.objects.filter(person__enrolments__cohort=cohort).distinct()
    for person, first, last in theirs.values_list("person_id", "starts_on", "ends_on"):
        away[person].append((first, last))

    def rests(pair: Pair) -> Rests:
        both = (pair.mentor_id, pair.mentee_id)
        return merged([*closed, *(day for person in both for day in away.get(person, ()))])

    return rests


def lies_in_rest(pair: Pair, starts_at: dt.datetime, ends_at: dt.datetime, rests: Rests) -> bool:
    """Tell whether a stretch of time touches a day of rest, on the clock of either of the two.

    A public holiday is one only on the clock of whom it is of: `holidays_of` tells.
    """
    zones = {zoneinfo.ZoneInfo(each.time_zone) for each in (pair.mentor, pair.mentee)}
    days = {at.astimezone(zone).date() for zone in zones for at in (starts_at, ends_at)}
    return any(rests_until(day, rests) for day in days)


def rest_on(day: dt.date) -> Q:
    """Select the pairs that rest on a day."""
    on = {"starts_on__lte": day, "ends_on__gte": day}
    both = Q(person=OuterRef("mentor")) | Q(person=OuterRef("mentee"))
    closed = _places_closed_on(day)
    return (
        Q(mentor__country__in=closed)
        | Q(mentee__country__in=closed)
        | Q(Exists(Pause.objects.filter(pair=OuterRef("pk"), **on)))
        | Q(Exists(Absence.objects.filter(both, **on)))
        | Q(Exists(Shutdown.objects.filter(cohort=OuterRef("cohort"), **on)))
    )
