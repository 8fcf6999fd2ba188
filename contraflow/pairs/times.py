"""Times for a session that suit both people, each by the hours they named and their own clock."""

import datetime as dt
import zoneinfo
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils import formats, timezone

from contraflow.content.schema.defaults import load_defaults
from contraflow.core.sealing import open_together
from contraflow.pairs.models import BusyTimes, Pair, Session, SessionChange
from contraflow.pairs.rests import agreed_rests_of, holidays_of, lies_in_rest
from contraflow.people.models import Person
from contraflow.programmes.models import Profile, Side

# minutes of a talk that keeps the thread
SHORT_SESSION = 25
# so many times are proposed at once
PROPOSED = 3
# dates in a series lie no further ahead than rules.BOOK_AHEAD allows
SERIES_AHEAD = dt.timedelta(days=365)
# so far around the wanted moment a time for both is looked for
LOOK_BACK, LOOK_AHEAD = dt.timedelta(days=4), dt.timedelta(days=14)
# of the week, for those who have not said which hours suit: Monday to Friday, nine to five
WORKING_HOURS = frozenset(24 * day + hour for day in range(5) for hour in range(9, 17))
# the longest a session can be: the check constraint of its minutes
LONGEST = dt.timedelta(minutes=480)
_EPOCH, _MINUTE = dt.datetime(1970, 1, 1, tzinfo=dt.UTC), dt.timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class PartnersTime:
    """A moment as the partner sees it."""

    local: str
    zone: str
    # None where the partner has not said which hours suit
    suits: bool | None


def partners_time(
    session: Session, person: Person, starts_at: dt.datetime, minutes: int | None = None
) -> PartnersTime:
    """Return what the other's clock shows, and whether that lies in hours they said suit."""
    partner = session.pair.partner_of(person)
    zone = zoneinfo.ZoneInfo(partner.time_zone)
    hours = _hours_of(session.pair).get(partner.pk)
    length = dt.timedelta(minutes=minutes or session.minutes)
    return PartnersTime(
        local=formats.date_format(starts_at.astimezone(zone), "l j F, H:i"),
        zone=partner.time_zone.replace("_", " "),
        suits=_lies_in(hours, starts_at, length, zone) if hours else None,
    )


def times_for_both(
    session: Session,
    *,
    near: dt.datetime,
    minutes: int | None = None,
    earliest: dt.datetime | None = None,
    at: dt.datetime | None = None,
) -> list[dt.datetime]:
    """Return up to three times around a wanted one, in order, that suit both and are free.

    They begin at full hours of the person who looks; at half hours only where no full one suits.
    A few times, never the hours themselves.
    """
    at = at or timezone.now()
    first = max(at + dt.timedelta(minutes=1), earliest or near - LOOK_BACK)
    last = max(near, first) + LOOK_AHEAD
    suits = _suits(session, minutes, first, last)
    for offset in (0, 30):
        found = [moment for moment in _moments(first, last, offset) if suits(moment)]
        if found:
            return sorted(sorted(found, key=lambda moment: abs(moment - near))[:PROPOSED])
    return []


def suits_both(session: Session, starts_at: dt.datetime) -> bool:
    """Tell whether a time lies in the hours of both, and neither has another session then."""
    return _suits(session, None, starts_at, starts_at + LONGEST)(starts_at)


def _suits(
    session: Session, minutes: int | None, first: dt.datetime, last: dt.datetime
) -> Callable[[dt.datetime], bool]:
    """Look once at the hours and dates of both, and return what judges each moment by them."""
    length = dt.timedelta(minutes=minutes or session.minutes)
    is_free = _frees(session, length, first, last)
    in_hours = _in_hours(session.pair, length)
    return lambda moment: is_free(moment) and in_hours(moment)


def _in_hours(pair: Pair, length: dt.timedelta) -> Callable[[dt.datetime], bool]:
    said = _hours_of(pair)
    both = [
        (said.get(person.pk) or WORKING_HOURS, zoneinfo.ZoneInfo(person.time_zone))
        for person in (pair.mentor, pair.mentee)
    ]
    return lambda moment: all(_lies_in(hours, moment, length, zone) for hours, zone in both)


def _frees(
    session: Session, length: dt.timedelta, first: dt.datetime, last: dt.datetime
) -> Callable[[dt.datetime], bool]:
    """Look once at dates, busy times and rests of both, and return what judges each moment."""
    pair = session.pair
    taken = [(each.starts_at, each.ends_at) for each in booked_with(session, first, last + length)]
    taken += busy_of(pair, first, last + length)
    rests = agreed_rests_of(pair)

    def is_free(moment: dt.datetime) -> bool:
        until = moment + length
        is_taken = any(starts < until and ends > moment for starts, ends in taken)
        is_closed = any(
            any(holidays_of(person, moment, until)) for person in (pair.mentor, pair.mentee)
        )
        return not (is_taken or is_closed or lies_in_rest(pair, moment, until, rests))

    return is_free


@dataclass(frozen=True, kw_only=True)
class ClosedDay:
    """A day of a public holiday; its name where it is one's own, "" where it is the partner's."""

    day: dt.date
    holiday: str


def closed_days(
    session: Session, person: Person, *, near: dt.datetime, at: dt.datetime | None = None
) -> list[ClosedDay]:
    """Return the days of public holidays around a wanted time, on which none is proposed."""
    first, last = max(at or timezone.now(), near - LOOK_BACK), near + LOOK_AHEAD
    partner = session.pair.partner_of(person)
    found = dict.fromkeys((day for day, _name in holidays_of(partner, first, last)), "")
    found |= dict(holidays_of(person, first, last))
    return [ClosedDay(day=day, holiday=name) for day, name in sorted(found.items())]


@dataclass(frozen=True, kw_only=True)
class Slot:
    """One date of a series: for which session, None where it is left out."""

    starts_at: dt.datetime
    session: Session | None
    # whether it lies in the hours of both
    suits: bool = True


def series_of(
    pair: Pair, sessions: Sequence[Session], *, first: dt.datetime, weeks: int,
    at: dt.datetime | None = None,
) -> list[Slot]:  # fmt: skip
    """Return the same time every few weeks for each session, on the clock of who looks.

    A date at which one of the two cannot, or the pair rests, is left out, and the session takes
    the next one. Nothing lies further ahead than a date can be booked.
    """
    if not sessions:
        return []
    end = (at or timezone.now()) + SERIES_AHEAD
    length = dt.timedelta(minutes=max(session.minutes for session in sessions))
    is_free = _frees(sessions[0], length, first, end)
    in_hours = _in_hours(pair, length)
    local, waiting, found = timezone.localtime(first), list(sessions), []
    while waiting:
        moment = local.astimezone(dt.UTC)
        if moment >= end:
            break
        # at a local time that the clocks skip, nobody can meet
        is_there = timezone.localtime(moment).replace(tzinfo=None) == local.replace(tzinfo=None)
        if is_there and is_free(moment):
            found.append(Slot(starts_at=moment, session=waiting.pop(0), suits=in_hours(moment)))
        else:
            found.append(Slot(starts_at=moment, session=None))
        local += dt.timedelta(weeks=weeks)
    # what was left out after the last session tells nothing
    while found and found[-1].session is None:
        found.pop()
    return found


def booked_with(session: Session, first: dt.datetime, last: dt.datetime):
    """Return other booked sessions of either of the two that may touch this stretch of time."""
    both = (session.pair.mentor_id, session.pair.mentee_id)
    near = Session.objects.filter(
        Q(pair__mentor__in=both) | Q(pair__mentee__in=both),
        state=Session.State.BOOKED,
        starts_at__lt=last,
        starts_at__gt=first - LONGEST,
    )
    # whoever has left another pair has these hours free, also before their partner hears of it
    gone = Q(pair__mentor__in=both, pair__endings__who=Side.MENTOR)
    gone |= Q(pair__mentee__in=both, pair__endings__who=Side.MENTEE)
    return near.exclude(pk=session.pk).exclude(gone)


def busy_of(
    pair: Pair, first: dt.datetime, last: dt.datetime
) -> list[tuple[dt.datetime, dt.datetime]]:
    """Return when either of the two is busy by their own calendar; whose it is, nobody learns."""
    both = [pair.mentor_id, pair.mentee_id]
    rows = BusyTimes.objects.filter(calendar__person__in=both).select_related("calendar")
    return [
        (starts, ends)
        for row in open_together(rows)
        for start, end in row.times or ()
        if (starts := _EPOCH + start * _MINUTE) < last and (ends := _EPOCH + end * _MINUTE) > first
    ]


def _moments(first: dt.datetime, last: dt.datetime, offset: int) -> Iterator[dt.datetime]:
    """Yield every moment whose minutes, on the clock of who looks, are the offset."""
    local = timezone.localtime(first).replace(minute=offset, second=0, microsecond=0)
    moment = local.astimezone(dt.UTC)
    while moment < last:
        if moment >= first:
            yield moment
        moment += dt.timedelta(hours=1)


def _hours_of(pair: Pair) -> dict[int, set[int]]:
    """Return the hours of the week that suit each of the two, where they have said any."""
    rows = Profile.objects.filter(
        enrolment__person__in=[pair.mentor_id, pair.mentee_id], enrolment__cohort=pair.cohort_id
    )
    return {person: set(hours) for person, hours in rows.values_list("enrolment__person", "hours")}


def _lies_in(hours, starts_at: dt.datetime, length: dt.timedelta, zone) -> bool:
    """Tell whether every hour of the week that a session touches is one of `hours`."""
    moment, ends_at = starts_at, starts_at + length
    while moment < ends_at:
        local = moment.astimezone(zone)
        if local.weekday() * 24 + local.hour not in hours:
            return False
        # steps of a quarter of an hour: no time zone's hours begin in between
        moment += dt.timedelta(minutes=15)
    last = (ends_at - dt.timedelta(minutes=1)).astimezone(zone)
    return last.weekday() * 24 + last.hour in hours


def shorter_for(session: Session) -> int | None:
    """Return the minutes to propose once the leader gave up two dates in a row, else None."""
    if session.minutes <= SHORT_SESSION:
        return None
    given_up = two_given_up(Pair.objects.filter(pk=session.pair_id))
    return SHORT_SESSION if given_up else None


def two_given_up(pairs: QuerySet[Pair]) -> dict[int, dt.datetime]:
    """Return the pairs whose last two dates the leader gave up, with the moment of the second.

    One query, however many pairs there are.
    """
    told = SessionChange.objects.filter(
        session__pair__in=pairs.order_by().values("pk"),
        kind__in=[SessionChange.Kind.CANCELLED, SessionChange.Kind.HELD],
    ).exclude(side="")
    changes = defaultdict(list)
    rows = told.order_by("-at", "-pk").values_list("session__pair_id", "kind", "side", "at")
    for pair_id, kind, side, at in rows:
        changes[pair_id].append((kind, side, at))
    given_up = (SessionChange.Kind.CANCELLED, Side.MENTEE)
    return {
        pair_id: told_of[0][2]
        for pair_id, told_of in changes.items()
        if [each[:2] for each in told_of[:2]] == [given_up, given_up]
    }


# -- the hour at which an end is told -------------------------------------------------------------


def told_at(pair: Pair, at: dt.datetime) -> dt.datetime:
    """Return the next fixed hour: of the next working day, on the mentor's clock."""
    hour = dt.time(load_defaults().pause_and_exit.told_at_hour)
    zone = zoneinfo.ZoneInfo(pair.mentor.time_zone)
    day = at.astimezone(zone).date()
    while (then := dt.datetime.combine(day, hour, tzinfo=zone)) <= at or day.weekday() > 4:
        day += dt.timedelta(days=1)
    return then.astimezone(dt.UTC)
