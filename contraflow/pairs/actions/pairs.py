"""What can be done to a pair and its sessions.

The row of a pair is the lock of everything in it: each action takes it first, looks at the
session as it stands then, and refuses in words where somebody else was faster. `by` is the
person who acts, `at` the moment it happens, now if not given.
"""

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from contraflow.content.schema.defaults import load_defaults
from contraflow.core.errors import Refusal, refuse_if
from contraflow.core.events import announce, announce_many
from contraflow.pairs import closings, events, mails, rules
from contraflow.pairs.models import (
    CalendarFeed,
    Hold,
    Pair,
    Session,
    SessionChange,
    SessionWords,
)
from contraflow.pairs.rests import Rests, moved_on, rests_to_start_with
from contraflow.people.models import Person
from contraflow.programmes.models import Cohort, PlannedSession

Kind = SessionChange.Kind
State = Session.State


@dataclass(frozen=True, kw_only=True)
class Couple:
    """Two people who are to become a pair, and what they have in common."""

    mentor: Person
    mentee: Person
    theme: str = ""
    common_ground: Sequence[Any] = ()


# -- a pair begins ------------------------------------------------------------------------------


def start_pair(
    cohort: Cohort,
    *,
    mentor: Person,
    mentee: Person,
    by: Person | None,
    theme: str = "",
    common_ground: Sequence[Any] = (),
    at: dt.datetime | None = None,
) -> Pair:
    """Let two people become a pair, with the sessions that the cohort's plan has for them."""
    couple = Couple(mentor=mentor, mentee=mentee, theme=theme, common_ground=common_ground)
    return start_pairs(cohort, [couple], by=by, at=at)[0]


@transaction.atomic
def start_pairs(
    cohort: Cohort, couples: Iterable[Couple], *, by: Person | None, at: dt.datetime | None = None
) -> list[Pair]:
    """Let many people become pairs at once, with as few queries as for one pair.

    The pairs are made in the order of the mentors' names, who stand first where lists show them.
    """
    couples = sorted(couples, key=lambda couple: couple.mentor.name.casefold())
    _refuse_couples(cohort, couples)
    started_on = timezone.localdate(at)
    pairs = Pair.objects.bulk_create(
        Pair(
            cohort=cohort,
            mentor=couple.mentor,
            mentee=couple.mentee,
            theme=couple.theme,
            common_ground=list(couple.common_ground),
            started_on=started_on,
        )
        for couple in couples
    )
    plan = list(cohort.plan.all())
    due = _due_days(cohort, started_on, len(plan))
    rests_for = rests_to_start_with(cohort)
    Session.objects.bulk_create(
        (
            _planned_session(pair, planned, day, rests_for(pair))
            for pair in pairs
            for planned, day in zip(plan, due, strict=True)
        ),
        batch_size=1000,
    )
    announce_many(
        [events.PairStarted(pair_id=pair.pk, cohort_id=cohort.pk) for pair in pairs], by=by
    )
    return pairs


def _planned_session(pair: Pair, planned: PlannedSession, day: dt.date, rests: Rests) -> Session:
    due_on = moved_on(day, rests, since=pair.started_on)
    return Session(
        pair=pair,
        number=planned.number,
        planned=planned,
        due_on=due_on,
        due_at_first=day if due_on != day else None,
        minutes=pair.cohort.session_minutes,
    )


def _refuse_couples(cohort: Cohort, couples: list[Couple]) -> None:
    living = cohort.pairs.exclude(state=Pair.State.ENDED)
    together = set(living.values_list("mentor_id", "mentee_id"))
    for couple in couples:
        refuse_if(rules.why_not_start(cohort, couple.mentor, couple.mentee))
        both = (couple.mentor.pk, couple.mentee.pk)
        if both in together:
            names = {"mentor": couple.mentor, "mentee": couple.mentee}
            raise Refusal(_("%(mentor)s and %(mentee)s are a pair already.") % names)
        together.add(both)


def _due_days(cohort: Cohort, started_on: dt.date, count: int) -> list[dt.date]:
    """Return the days the plan has in mind: the first soon, the others in the cohort's rhythm.

    None lies after the cohort, unless the pair itself starts later than that.
    """
    soon = min(load_defaults().programme.first_session_within_days, cohort.cadence_days)
    first = max(started_on, cohort.starts_on) + dt.timedelta(days=soon)
    left = max(0, (cohort.ends_on - first).days)
    # a pair that starts late meets more often, so that its plan still ends with the cohort
    rhythm = min(cohort.cadence_days, left / max(1, count - 1))
    return [first + dt.timedelta(days=int(number * rhythm)) for number in range(count)]


# -- dates ----------------------------------------------------------------------------------------


@transaction.atomic
def book_session(
    session: Session,
    *,
    by: Person,
    starts_at: dt.datetime,
    minutes: int | None = None,
    at: dt.datetime | None = None,
) -> Session:
    """Set the date of a session, and write invitations to both."""
    at = at or timezone.now()
    _lock_calendars(session)
    refuse_if(
        rules.why_not_book(session, by=by)
        or rules.why_not_time(session, by=by, starts_at=starts_at, minutes=minutes, at=at)
    )
    session.minutes = minutes or session.minutes
    return set_date(session, by=by, starts_at=starts_at, at=at)


def set_date(session: Session, *, by: Person, starts_at: dt.datetime, at: dt.datetime) -> Session:
    """Write the date of a session whose locks are held and against which nothing stands."""
    session.starts_at = starts_at
    _put(session, State.BOOKED, Kind.BOOKED, by=by, at=at, about=starts_at)
    mails.send_invitations(session, by=by, at=at)
    announce(_date_event(events.SessionBooked, session, by), by=by)
    return session


def give_up_date(session: Session, *, by: Person, at: dt.datetime) -> None:
    """Take a date back as if it had not been set: no side is counted as having cancelled."""
    _cancel(session, by=None, at=at)
    announce(_date_event(events.SessionCancelled, session, by), by=by)


@transaction.atomic
def move_session(
    session: Session, *, by: Person, starts_at: dt.datetime, at: dt.datetime | None = None
) -> Session:
    """Change the date of a session; moving it to where it is changes nothing."""
    at = at or timezone.now()
    _lock_calendars(session)
    refuse_if(rules.why_not_move(session, by=by, at=at))
    if (was_at := session.starts_at) == starts_at:
        return session
    refuse_if(rules.why_not_time(session, by=by, starts_at=starts_at, at=at))
    session.starts_at = starts_at
    _put(session, State.BOOKED, Kind.MOVED, by=by, at=at, about=was_at)
    mails.send_move(session, was_at=was_at, by=by, at=at)
    announce(_date_event(events.SessionMoved, session, by), by=by)
    return session


@transaction.atomic
def cancel_session(session: Session, *, by: Person, at: dt.datetime | None = None) -> Session:
    """Give up the date of a session; it waits for a new one."""
    at = at or timezone.now()
    lock_session(session)
    refuse_if(rules.why_not_cancel(session, by=by, at=at))
    _cancel(session, by=by, at=at)
    announce(_date_event(events.SessionCancelled, session, by), by=by)
    return session


def _date_event(event: type[events.DateEvent], session: Session, by: Person) -> events.DateEvent:
    """Return what is told of a date; where an assistant changed it, with for whom."""
    one = rules.acts_for(by, session)
    for_id = one.pk if one is not None and one.pk != by.pk else None
    return event(session_id=session.pk, pair_id=session.pair_id, for_id=for_id)


def _cancel(session: Session, *, by: Person | None, at: dt.datetime) -> None:
    was_at, session.starts_at = session.starts_at, None
    _put(session, State.PLANNED, Kind.CANCELLED, by=by, at=at, about=was_at)
    mails.send_cancellation(session, was_at=was_at, by=by, at=at)


# -- what became of it ----------------------------------------------------------------------------


def record_held(session: Session, *, by: Person, at: dt.datetime | None = None) -> Session:
    """Say that the session took place; saying it twice changes nothing."""
    return _record(session, State.HELD, events.SessionHeld, by=by, at=at)


def record_missed(session: Session, *, by: Person, at: dt.datetime | None = None) -> Session:
    """Say that the session did not take place; it can be booked again."""
    return _record(session, State.MISSED, events.SessionMissed, by=by, at=at)


@transaction.atomic
def _record(session, state, event, *, by, at):
    at = at or timezone.now()
    lock_session(session)
    if session.state == state and rules.is_in_pair(by, session):
        return session  # a double click, or the other one said so too
    refuse_if(rules.why_not_record(session, by=by, at=at))
    _put(session, state, Kind(state), by=by, at=at, about=session.starts_at)
    if state == State.HELD:
        closings.note_held(session, at=at)
    announce(event(session_id=session.pk, pair_id=session.pair_id), by=by)
    return session


@transaction.atomic
def undo_record(session: Session, *, by: Person, at: dt.datetime | None = None) -> Session:
    """Take back a slip of held or not held within a day."""
    at = at or timezone.now()
    lock_session(session)
    refuse_if(rules.why_not_undo(session, by=by, at=at))
    _put(session, State.BOOKED, Kind.CORRECTED, by=by, at=at, about=session.starts_at)
    closings.note_not_held(session)
    announce(events.SessionCorrected(session_id=session.pk, pair_id=session.pair_id), by=by)
    return session


@transaction.atomic
def write_learned(session: Session, *, by: Person, text: str) -> SessionWords:
    """Keep the one thing this person learned, for the two to read; no text takes it away."""
    text = text.strip()
    lock_session(session)
    refuse_if(rules.why_not_write(session, by=by, text=text))
    words, _made = SessionWords.objects.get_or_create(session=session)
    # one's own field alone, so that two who write at the same moment both keep their words
    own = f"learned_by_{session.pair.side_of(by)}"
    setattr(words, own, text or None)
    words.save(update_fields=[own])
    announce(events.LearnedWritten(session_id=session.pk, pair_id=session.pair_id), by=by)
    return words


# -- a pair ends ----------------------------------------------------------------------------------


@transaction.atomic
def end_pair(pair: Pair, *, by: Person | None, at: dt.datetime | None = None) -> Pair:
    """End a pair at once, as a new matching does; the mails wait for the full hour.

    Booked sessions that have not begun are given up. Both get the same words, whoever did it.
    What one of the two, a lead or a departure ends waits for its hour: `ask_to_end`.
    """
    at = at or timezone.now()
    lock_pair(pair)
    refuse_if(rules.why_not_end(pair, by=by))
    end_locked(pair, by=by, at=at, told_at=mails.next_full_hour(at))
    return pair


def end_locked(
    pair: Pair, *, by: Person | None, at: dt.datetime, told_at: dt.datetime | None = None
) -> None:
    """End a pair whose lock is held; its mails wait for `told_at`, or leave at once."""
    give_up_dates(pair, at=at)
    pair.state, pair.ended_on = Pair.State.ENDED, timezone.localdate(at)
    kept_for = load_defaults().privacy.pair_words_deleted_days_after_close
    pair.words_kept_until = pair.ended_on + dt.timedelta(days=kept_for)
    pair.save(update_fields=["state", "ended_on", "words_kept_until"])
    Hold.objects.filter(pair=pair).delete()
    closings.forget_who_asked(pair)
    mails.forget_closing(pair)
    mails.send_ending(pair, at=told_at or at)
    announce(events.PairEnded(pair_id=pair.pk, cohort_id=pair.cohort_id), by=by)


def give_up_dates(pair: Pair, *, at: dt.datetime) -> None:
    """Take back every date that has not begun, in words that name nobody."""
    for session in pair.sessions.filter(state=State.BOOKED, starts_at__gt=at):
        session.pair = pair
        _cancel(session, by=None, at=at)


@transaction.atomic
def resume_pair(
    pair: Pair, *, ended_at: dt.datetime, by: Person | None, at: dt.datetime | None = None
) -> Pair:
    """Take the end of a pair back, as if it had not been.

    1. The two meet again, with everything they wrote.
    2. Dates that the end gave up stand again, where they are still to come.
    3. Whoever has not read of the end yet never will; the others are told that they go on.
    """
    at = at or timezone.now()
    lock_pair(pair)
    refuse_if(rules.why_not_resume(pair))
    pair.state, pair.ended_on = Pair.State.ACTIVE, None
    pair.words_kept_until, pair.words_reminders = None, 0
    pair.save(update_fields=["state", "ended_on", "words_kept_until", "words_reminders"])
    given_up = SessionChange.objects.filter(
        session__pair=pair, session__state=State.PLANNED, kind=Kind.CANCELLED, side="",
        at=ended_at, was_at__gt=at,
    )  # fmt: skip
    for change in given_up.select_related("session"):
        session = change.session
        session.pair, session.starts_at = pair, change.was_at
        _put(session, State.BOOKED, Kind.BOOKED, by=None, at=at, about=change.was_at)
        mails.send_invitations(session, by=None, at=at)
    mails.take_ending_back(pair, ended_at=ended_at)
    announce(events.PairResumed(pair_id=pair.pk, cohort_id=pair.cohort_id), by=by)
    return pair


# -- how a session is changed ---------------------------------------------------------------------


def lock_pair(pair: Pair) -> None:
    """Take the pair's lock, then see it as it stands now."""
    locked = Pair.objects.select_for_update(of=("self",), no_key=True)
    pair.refresh_from_db(from_queryset=locked.select_related("mentor", "mentee", "cohort"))


def lock_session(session: Session) -> None:
    """Take the pair's lock, then see the session as it stands now."""
    _hold(session, Pair.objects.filter(pk=session.pair_id))


def _lock_calendars(session: Session) -> None:
    """Take the lock of every pair that one of the two is in: none of them books meanwhile.

    In the order of their keys, so that nobody waits for somebody who waits for them.
    """
    _hold(session, _pairs_of_both(session.pair))


def lock_calendars(pair: Pair) -> None:
    """Take the same locks for a pair, and see it as it stands now."""
    held = _held(_pairs_of_both(pair))[pair.pk]
    pair.state, pair.mentor, pair.mentee = held.state, held.mentor, held.mentee


def _pairs_of_both(pair: Pair) -> QuerySet[Pair]:
    both = (pair.mentor_id, pair.mentee_id)
    theirs = Pair.objects.filter(Q(mentor__in=both) | Q(mentee__in=both))
    living = theirs.exclude(state=Pair.State.ENDED) | Pair.objects.filter(pk=pair.pk)
    return living.order_by("pk")


def _hold(session: Session, pairs: QuerySet[Pair]) -> None:
    held = _held(pairs)
    session.refresh_from_db()
    session.pair = held[session.pair_id]


def _held(pairs: QuerySet[Pair]) -> dict[int, Pair]:
    locked = pairs.select_for_update(of=("self",), no_key=True)
    return {pair.pk: pair for pair in locked.select_related("mentor", "mentee")}


def _put(session: Session, state, kind, *, by, at: dt.datetime, about: dt.datetime) -> None:
    """Save a change, with which side made it, or had it made, and how long before the session."""
    one = rules.acts_for(by, session) if by else None
    session.state = state
    fields = ["state"]
    if kind in {Kind.BOOKED, Kind.MOVED, Kind.CANCELLED}:
        session.sequence += 1
        fields += ["starts_at", "minutes", "sequence"]
    session.save(update_fields=fields)
    late = kind in {Kind.MOVED, Kind.CANCELLED}
    SessionChange.objects.create(
        session=session,
        kind=kind,
        side=session.pair.side_of(one) if one else "",
        helper=by if by != one else None,
        at=at,
        was_at=about,
        notice_hours=(about - at) // dt.timedelta(hours=1) if late else None,
    )


# -- the private calendar -------------------------------------------------------------------------


@transaction.atomic
def make_feed(person: Person) -> CalendarFeed:
    """Give a person a private address for their calendar; an earlier one stops working."""
    secret = secrets.token_urlsafe(32)
    feed = CalendarFeed(
        person=person, secret=secret, digest=hashlib.sha256(secret.encode()).hexdigest()
    )
    CalendarFeed.objects.filter(person=person).delete()
    feed.save(force_insert=True)
    announce(events.FeedMade(person_id=person.pk), by=person)
    return feed


@transaction.atomic
def revoke_feed(person: Person) -> None:
    """Let a person's private address stop working; without one, do nothing."""
    deleted, _models = CalendarFeed.objects.filter(person=person).delete()
    if deleted:
        announce(events.FeedRevoked(person_id=person.pk), by=person)
