"""What pages show of the dates of a pair beside its course: rests, diaries, series and answers."""

import datetime as dt
import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from contraflow.pairs.models import (
    Absence,
    Appointment,
    Assistant,
    Pair,
    Session,
    SessionAnswer,
    SessionChange,
)
from contraflow.pairs.queries import course_through
from contraflow.pairs.rests import agreed_rests_of, holidays_of, merged, next_rest, rests_until
from contraflow.people.holidays import holidays_in
from contraflow.people.models import Person

State = Session.State
# enough to see whether these are one's own
NEXT_HOLIDAYS = 4


def rest_of(pair: Pair) -> dict[str, Any] | None:
    """Return the rest a pair is in, or the next one; whether it has begun, and can be ended.

    Public holidays are no news, and whose they are is nobody else's business.
    """
    today = timezone.localdate()
    rest = pair.state != Pair.State.ENDED and next_rest(today, agreed_rests_of(pair))
    if not rest:
        return None
    now = pair.pauses.filter(starts_on__lte=today, ends_on__gte=today)
    return {
        "first": rest[0],
        "last": rest[1],
        "is_now": rest[0] <= today,
        "is_pause": now.exists(),
    }


def sessions_in(absences: Iterable[Absence], person: Person) -> list[Session]:
    """Return this person's booked sessions in their absences or on a public holiday of theirs."""
    zone = zoneinfo.ZoneInfo(person.time_zone)
    days = merged((each.starts_on, each.ends_on) for each in absences)
    booked = Session.objects.visible_to(person).ahead_of(person).filter(
        state=State.BOOKED, starts_at__gt=timezone.now()
    )  # fmt: skip
    return [
        session
        for session in booked.order_by("starts_at")
        if rests_until(session.starts_at.astimezone(zone).date(), days)
        or any(holidays_of(person, session.starts_at, session.ends_at))
    ]


def next_holidays(person: Person, *, today: dt.date | None = None) -> list[tuple[dt.date, str]]:
    """Return the next few public holidays of a person, day and name."""
    today = today or timezone.localdate()
    days = [
        each for year in (today.year, today.year + 1)
        for each in holidays_in(person.country, year).items()
    ]  # fmt: skip
    return [each for each in days if each[0] >= today][:NEXT_HOLIDAYS]


@dataclass(frozen=True, kw_only=True)
class Diary:
    """What an assistant sees of one person: dates that stand, and pairs that need one."""

    row: Assistant
    booked: list[Appointment]
    to_book: list[Appointment]


def diaries_kept_by(assistant: Person) -> list[Diary]:
    """Return the diaries of everybody for whom this person keeps one, with two queries."""
    rows = Assistant.objects.visible_to(assistant).kept_by(assistant).select_related("person")
    now = timezone.now()
    seen = Appointment.objects.visible_to(assistant)
    open_ones = seen.exclude(state=State.HELD).order_by("due_on", "pk")
    by_pair: dict[int, list[Appointment]] = {}
    for each in open_ones:
        by_pair.setdefault(each.pair_id, []).append(each)
    diaries = [Diary(row=row, booked=[], to_book=[]) for row in rows.order_by("person__name")]
    for diary in diaries:
        for sessions in by_pair.values():
            if sessions[0].pair.side_of(diary.row.person) is None:
                continue
            course = course_through(sessions, at=now)
            diary.booked.extend(
                each for each in sessions if each.state == State.BOOKED and each.starts_at > now
            )
            if course.to_book and not course.next:
                diary.to_book.append(course.to_book)
        diary.booked.sort(key=lambda each: each.starts_at)
    return diaries


# how long what was booked in one go can be taken back in one press
UNDO_SERIES = dt.timedelta(hours=1)


def sessions_without_date(pair: Pair) -> list[Session]:
    """Return the sessions of the plan that wait for a date, in its order."""
    waiting = pair.sessions.filter(state=State.PLANNED).select_related("planned")
    sessions = list(waiting.order_by("number"))
    for session in sessions:
        session.pair = pair
    return sessions


def series_just_booked(pair: Pair, *, at: dt.datetime | None = None) -> list[Session]:
    """Return the sessions that were booked in one go lately and stand as they were booked."""
    at = at or timezone.now()
    changes = SessionChange.objects.filter(
        session__pair=pair, kind=SessionChange.Kind.BOOKED, at__gt=at - UNDO_SERIES,
        session__state=State.BOOKED, session__starts_at=F("was_at"), session__starts_at__gt=at,
    )  # fmt: skip
    found: dict[dt.datetime, list[Session]] = {}
    for change in changes.exclude(side="").select_related("session").order_by("-at"):
        found.setdefault(change.at, []).append(change.session)
    return next((sessions for sessions in found.values() if len(sessions) > 1), [])


def answers_to(session: Session, *, reader: Person) -> list[dict[str, Any]]:
    """Return what the calendars of the two answered to the date as it stands, in words."""
    if session.state != State.BOOKED:
        return []
    rows = SessionAnswer.objects.visible_to(reader).filter(
        session=session, sequence=session.sequence
    )
    names = {"mentor": session.pair.mentor, "mentee": session.pair.mentee}
    told: dict[str, Any] = {
        SessionAnswer.Answer.ACCEPTED: _("%(name)s has accepted"),
        SessionAnswer.Answer.DECLINED: _("It does not suit %(name)s"),
        SessionAnswer.Answer.TENTATIVE: _("%(name)s says perhaps"),
    }
    return [
        {
            "words": told[row.answer] % {"name": names[row.side].get_short_name()},
            "is_no": row.answer == SessionAnswer.Answer.DECLINED,
        }
        for row in rows.order_by("side")
    ]
