"""The busy times of a calendar (RFC 5545): no titles, no places, no people, just when."""

import datetime as dt
import itertools
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from dateutil.rrule import rrulestr
from icalendar import Calendar

from contraflow.pairs.busy import BusyProblem

# what a calendar may hold of the weeks that are looked at, and on the way there
MOST_TIMES, MOST_STEPS = 2_000, 200_000
# a rule finer than a day belongs to no diary, and could be expanded for ever
_FREQUENCIES = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
_OURS = "@contraflow"
# what a library says to things that are no times: the one event is left out, the others count
_UNREADABLE = (
    ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError,
)  # fmt: skip
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MINUTE = dt.timedelta(minutes=1)

Zone = dt.tzinfo
Times = list[list[int]]


def busy_times(content: bytes, *, zone: Zone, first: int, last: int) -> Times:
    """Return when somebody is busy between two moments, in minutes since 1970, merged.

    `zone` is where times without a zone, and whole days, are lived.
    """
    window = (_EPOCH + first * _MINUTE, _EPOCH + last * _MINUTE)
    found: Times = []
    for start, end in itertools.islice(_all(content, zone, window), MOST_TIMES + 1):
        found.append([_minutes(start), _minutes(end, up=True)])
    if len(found) > MOST_TIMES:
        raise BusyProblem("too_much")
    return _merged([[max(a, first), min(b, last)] for a, b in found])


def _minutes(moment: dt.datetime, *, up: bool = False) -> int:
    since = moment - _EPOCH
    return -(-since // _MINUTE) if up else since // _MINUTE


def _merged(times: Times) -> Times:
    merged: Times = []
    for start, end in sorted(times):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return merged


def _all(content: bytes, zone: Zone, window) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    steps = itertools.count()
    for calendar in _calendars(content):
        events = calendar.walk("VEVENT")
        # single dates of a series that stand elsewhere, or nowhere
        moved = {
            (str(event.get("uid")), _moment(event["recurrence-id"].dt, zone))
            for event in events
            if _has_time(event, "recurrence-id")
        }
        for event in events:
            with suppress(*_UNREADABLE):
                yield from _of_event(event, zone, window, moved, steps)
        for part in calendar.walk("VFREEBUSY"):
            with suppress(*_UNREADABLE):
                yield from _periods(part, zone, window)


def _of_event(event, zone: Zone, window, moved, steps):
    if not _has_time(event, "dtstart") or not _counts(event):
        return
    length = _length(event, zone)
    for start in _starts(event, zone, window, moved, steps):
        if start < window[1] and start + length > window[0]:
            yield start, start + length


def _calendars(content: bytes) -> list[Any]:
    try:
        found = Calendar.from_ical(content, multiple=True)
    except _UNREADABLE:
        raise BusyProblem("not_a_calendar") from None
    if not any(each.name == "VCALENDAR" for each in found):
        raise BusyProblem("not_a_calendar")
    return found


def _value(event, name: str) -> Any:
    """Return what a property says, None where it is missing or nobody can read it."""
    try:
        return event[name].dt
    except (KeyError, AttributeError, ValueError):
        return None


def _has_time(event, name: str) -> bool:
    return isinstance(_value(event, name), dt.date)


def _counts(event) -> bool:
    """Tell whether an event makes busy: not cancelled, not shown as free, and not one of ours."""
    if str(event.get("uid", "")).endswith(_OURS):
        return False
    said = {str(event.get(name, "")).upper()
            for name in ("status", "transp", "x-microsoft-cdo-busystatus")}  # fmt: skip
    return said.isdisjoint({"CANCELLED", "TRANSPARENT", "FREE"})


def _moment(value: dt.date, zone: Zone) -> dt.datetime:
    if not isinstance(value, dt.datetime):
        value = dt.datetime.combine(value, dt.time())
    return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(dt.UTC)


def _length(event, zone: Zone) -> dt.timedelta:
    start = event["dtstart"].dt
    if _has_time(event, "dtend"):
        length = _moment(event["dtend"].dt, zone) - _moment(start, zone)
    elif isinstance(said := _value(event, "duration"), dt.timedelta):
        length = said
    else:
        length = dt.timedelta() if isinstance(start, dt.datetime) else dt.timedelta(days=1)
    return max(length, dt.timedelta())


def _starts(event, zone: Zone, window, moved, steps) -> Iterator[dt.datetime]:
    """Yield when an event begins, each time: by its rule, without exceptions, with additions."""
    start, uid = event["dtstart"].dt, str(event.get("uid"))
    if _has_time(event, "recurrence-id"):
        yield _moment(start, zone)
        return
    left_out = {_moment(each, zone) for each in _dates(event, "exdate")}
    begins = itertools.chain(
        _by_rule(event, start, zone, window, steps),
        (_moment(each, zone) for each in _dates(event, "rdate")),
    )
    for moment in begins:
        if moment not in left_out and (uid, moment) not in moved:
            yield moment


def _by_rule(event, start: dt.date, zone: Zone, window, steps) -> Iterator[dt.datetime]:
    rule = event.get("rrule")
    frequency = rule.get("FREQ", [""])[0] if isinstance(rule, dict) else ""
    if frequency not in _FREQUENCIES:
        yield _moment(start, zone)
        return
    # on the clock of the event, so that nine o'clock stays nine o'clock across a change of clocks
    is_day = not isinstance(start, dt.datetime)
    own = zone if is_day or start.tzinfo is None else start.tzinfo
    naive = dt.datetime.combine(start, dt.time()) if is_day else start.replace(tzinfo=None)
    until = [_naive(each, own) for each in rule.get("UNTIL", [])]
    text = ";".join(
        part for part in rule.to_ical().decode().split(";") if not part.startswith("UNTIL=")
    )
    end = min([*until, window[1].astimezone(own).replace(tzinfo=None)])
    try:
        for moment in rrulestr(text, dtstart=naive):
            if moment > end:
                return
            if next(steps) > MOST_STEPS:
                raise BusyProblem("too_much")
            yield moment.replace(tzinfo=own).astimezone(dt.UTC)
    except (ValueError, TypeError, KeyError, OverflowError):
        # a rule that nobody can read: the first time is all that is known
        yield _moment(start, zone)


def _naive(value: dt.date, zone: Zone) -> dt.datetime:
    if not isinstance(value, dt.datetime):
        return dt.datetime.combine(value, dt.time(23, 59, 59))
    return (value.astimezone(zone) if value.tzinfo else value).replace(tzinfo=None)


def _dates(event, name: str) -> Iterator[dt.date]:
    found = event.get(name, [])
    for each in found if isinstance(found, list) else [found]:
        for one in getattr(each, "dts", []):
            value = one.dt[0] if isinstance(one.dt, tuple) else one.dt
            if isinstance(value, dt.date):
                yield value


def _periods(part, zone: Zone, window) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    found = part.get("freebusy", [])
    for each in found if isinstance(found, list) else [found]:
        if str(getattr(each, "params", {}).get("FBTYPE", "")).upper() == "FREE":
            continue
        value = getattr(each, "dt", None)
        if not isinstance(value, tuple):
            continue
        start = _moment(value[0], zone)
        end = start + value[1] if isinstance(value[1], dt.timedelta) else _moment(value[1], zone)
        if start < window[1] and end > window[0] and start < end:
            yield start, end
