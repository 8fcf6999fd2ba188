"""Let the pairs of cohort A live their fourteen weeks, by the actions that people call.

Chance, from a seed, decides who books, who cancels and what is learned; what a pair does depends
on that pair alone, so a killed worker's successor goes on with the next pair.
"""

import datetime as dt
import zoneinfo
from collections.abc import Callable
from random import Random

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contraflow.core.errors import Refusal
from contraflow.core.mail import no_mail
from contraflow.ops.demo_around import name_assistant
from contraflow.ops.demo_texts import (
    LEADERS_GOALS,
    LEADERS_TEACH,
    MENTORS_GOALS,
    MENTORS_TEACH,
    OUTCOMES,
    PLANS,
    QUESTIONS,
)
from contraflow.ops.demo_training import train
from contraflow.pairs import actions, meeting
from contraflow.pairs.models import Commitment, Pair, Session, SessionChange
from contraflow.pairs.rests import Rests, rests_of_pair, rests_until
from contraflow.pairs.times import suits_both, times_for_both
from contraflow.programmes.models import Cohort

SEED = 2026
# cancels nothing: a date that was put off would stand where its next one is to be very soon
SHOWN = (0, 0, 2)
# among so many pairs one is looked for that is awake now
AWAKE_AMONG = 100
# how a pair is: (share of pairs, chance that a date is cancelled, days a date slips)
STEADY, SLOW, TROUBLED = (0.86, 0.06, 2), (0.10, 0.18, 9), (0.04, 0.75, 20)
# shares of the pairs in which somebody is away for a while, in which they ask ahead and set
# themselves something to try, and of the slow ones that pause now
AWAY, KEEPERS, PAUSED = 0.12, 0.25, 0.3


def pairs_to_live(cohort: Cohort) -> list[Pair]:
    """Return the pairs that did nothing yet, in their order."""
    busy = SessionChange.objects.filter(session__pair__cohort=cohort).values("session__pair")
    idle = cohort.pairs.exclude(pk__in=busy).order_by("pk")
    return list(idle.select_related("mentor", "mentee", "cohort"))


def live(pair: Pair, *, now: dt.datetime, is_shown: bool = False) -> None:
    """Live the weeks of a pair up to now, in one transaction.

    `is_shown` makes it a pair in good rhythm whose next session begins within the hour, or as soon
    as it suits both: it is the one that visitors sign in to. Of that session they are told.
    """
    seed = f"{SEED}/{pair.mentor.email}/{pair.mentee.email}"
    chance = Random(seed)
    character = SHOWN if is_shown else _character(chance)
    with transaction.atomic():
        with no_mail():
            train(pair, seed=seed, until=now, is_diligent=is_shown)
            _agree(pair, is_shown=is_shown)
            coming = _live_so_far(pair, character, chance, now, is_shown=is_shown)
        if coming:
            _book_soon(coming, now)


def _live_so_far(
    pair: Pair, character: tuple[float, float, int], chance: Random, now: dt.datetime,
    *, is_shown: bool,
) -> Session | None:  # fmt: skip
    """Live up to now; return the session of the shown pair that is to come."""
    _share, cancels, slips = character
    if not is_shown and chance.random() < AWAY:
        _be_away(pair, chance)
    keeps = chance.random() < KEEPERS or is_shown
    rests = rests_of_pair(pair)
    free_from = _at_nine(pair.started_on)
    for session in pair.sessions.select_related("pair__cohort", "planned").order_by("number"):
        session.pair = pair
        # most pairs meet for the first time sooner than the plan asks
        early = -11 if session.number == 1 else -3
        wanted = max(free_from, _at_nine(session.due_on) + _days(chance, early, slips))
        if is_shown and wanted >= now - dt.timedelta(days=7):
            return session
        held_at = _meet(session, _rested(wanted, rests), cancels, chance, now)
        if held_at is None:
            break
        if keeps and session.state == Session.State.HELD:
            _keep(session, chance, held_at)
        free_from = held_at + dt.timedelta(days=5)
    if character == SLOW and chance.random() < PAUSED:
        _pause(pair, chance, now)
    return None


def _agree(pair: Pair, *, is_shown: bool) -> None:
    """Write a goal each and sign; a few pairs leave a goal or a signature for later.

    A chance of its own, so that what else a pair does stays as it was.
    """
    chance = Random(f"{SEED}/agreement/{pair.mentor.email}/{pair.mentee.email}")
    left_out = None if is_shown else _left_out(chance)
    at = _at_nine(pair.started_on) + _days(chance, 2, 12)
    for person, goals in ((pair.mentee, LEADERS_GOALS), (pair.mentor, MENTORS_GOALS)):
        if (left_out, person) == ("goal", pair.mentor):
            return
        will, seen_by, because = chance.choice(goals)
        actions.set_goal(
            pair, by=person, week=chance.randint(8, 13), will=will, seen_by=seen_by,
            because=because, at=at,
        )  # fmt: skip
    actions.sign_agreement(pair, by=pair.mentee, version=2, pledges=True, at=at)
    if left_out is None:
        at += dt.timedelta(hours=chance.randint(1, 90))
        actions.sign_agreement(pair, by=pair.mentor, version=2, at=at)


def _left_out(chance: Random) -> str | None:
    drawn = chance.random()
    return "goal" if drawn < 0.03 else "signature" if drawn < 0.06 else None


def _be_away(pair: Pair, chance: Random) -> None:
    """Let one of the two be away for a week or two, told ten days before."""
    person = chance.choice([pair.mentor, pair.mentee])
    first = pair.started_on + _days(chance, 20, 95)
    actions.state_absence(
        person, starts_on=first, ends_on=first + _days(chance, 4, 13),
        today=first - dt.timedelta(days=10),
    )  # fmt: skip


def _rested(wanted: dt.datetime, rests: Rests) -> dt.datetime:
    last = rests_until(wanted.date(), rests)
    return _at_nine(last + dt.timedelta(days=1)) if last else wanted


def _pause(pair: Pair, chance: Random, now: dt.datetime) -> None:
    """Let the pair rest from a few days ago on."""
    since = timezone.localdate(now) - _days(chance, 1, 5)
    by = chance.choice([pair.mentor, pair.mentee])
    actions.pause_pair(pair, by=by, until=since + _days(chance, 14, 28), today=since)


def _keep(session: Session, chance: Random, held_at: dt.datetime) -> None:
    """Look back at what both had set themselves last time, and set something new."""
    pair = session.pair
    before = Commitment.objects.filter(session__pair=pair, reviewed_at=None)
    for commitment in before.select_related("session", "words"):
        commitment.session.pair = pair
        by = pair.mentor if commitment.side == pair.side_of(pair.mentor) else pair.mentee
        outcome = chance.choice(OUTCOMES)
        meeting.review_commitment(commitment, by=by, outcome=outcome, at=held_at)
    for person in (pair.mentee, pair.mentor):
        if chance.random() < 0.6:
            condition, action = chance.choice(PLANS[pair.side_of(person)])
            meeting.commit(session, by=person, condition=condition, action=action)


def _character(chance: Random) -> tuple[float, float, int]:
    drawn = chance.random()
    if drawn < TROUBLED[0]:
        return TROUBLED
    return SLOW if drawn < TROUBLED[0] + SLOW[0] else STEADY


def _meet(
    session: Session, wanted: dt.datetime, cancels: float, chance: Random, now: dt.datetime
) -> dt.datetime | None:
    """Book, perhaps lose and book again, then hold; None where that has not come to an end yet."""
    leader, mentor = session.pair.mentee, session.pair.mentor
    for _attempt in range(3):
        starts_at = _hour_for_both(wanted, session.pair, chance)
        booked_at = starts_at - _days(chance, 3, 12)
        if booked_at > now:
            return None
        by = leader if chance.random() < 0.7 else mentor
        try:
            actions.book_session(session, by=by, starts_at=starts_at, at=booked_at)
        except Refusal:  # one of the two has another session at this hour
            wanted += dt.timedelta(days=1)
            continue
        notice = dt.timedelta(hours=chance.choice([1, 3, 20, 30, 48, 70]))
        if chance.random() < cancels and starts_at - notice < now:
            by = leader if chance.random() < 0.8 else mentor
            actions.cancel_session(session, by=by, at=max(booked_at, starts_at - notice))
            wanted = starts_at + _days(chance, 4, 10)
            continue
        return _after(session, starts_at, chance, now)
    return None


def _after(
    session: Session, starts_at: dt.datetime, chance: Random, now: dt.datetime
) -> dt.datetime | None:
    """Say what became of a session once it is over; None while it is to come."""
    leader, mentor = session.pair.mentee, session.pair.mentor
    told_at = starts_at + dt.timedelta(hours=chance.choice([1, 2, 20]))
    if told_at > now:
        return None
    teller = mentor if chance.random() < 0.6 else leader
    if chance.random() < 0.03:
        actions.record_missed(session, by=teller, at=told_at)
        return starts_at
    actions.record_held(session, by=teller, at=told_at)
    if chance.random() < 0.7:
        topic = chance.choice(_topics(session.pair))
        text = _next_of(MENTORS_TEACH, session) % {"topic": topic}
        actions.write_learned(session, by=leader, text=text)
    if chance.random() < 0.6:
        actions.write_learned(session, by=mentor, text=_next_of(LEADERS_TEACH, session))
    return starts_at


def _book_soon(session: Session, now: dt.datetime) -> None:
    """Set the date of the shown pair's next session: very soon, or at the next hour for both."""
    starts_at = _soon(now)
    if not suits_both(session, starts_at):
        times = times_for_both(session, near=starts_at, earliest=starts_at, at=now)
        starts_at = times[0] if times else starts_at
    pair, at = session.pair, now - dt.timedelta(days=4)
    assistant = name_assistant(pair.mentee)
    later = starts_at + dt.timedelta(hours=2)
    actions.book_session(session, by=assistant or pair.mentee, starts_at=later, at=at)
    meeting.ask_ahead(session, by=pair.mentee, text=QUESTIONS[0])
    moved_at = now - dt.timedelta(hours=20)
    actions.move_session(session, by=pair.mentor, starts_at=starts_at, at=moved_at)


def _soon(now: dt.datetime) -> dt.datetime:
    """Return the next five minutes past 35 from now."""
    soon = now + dt.timedelta(minutes=40)
    return soon - dt.timedelta(
        minutes=soon.minute % 5, seconds=soon.second, microseconds=soon.microsecond
    )


def shown_pair(cohort: Cohort) -> Pair | None:
    """Return the pair that visitors sign in to: the one that lived first, else the first."""
    first = SessionChange.objects.filter(session__pair__cohort=cohort).order_by("pk").first()
    pairs = cohort.pairs.select_related("mentor", "mentee")
    return pairs.filter(sessions__changes=first).first() or pairs.order_by("pk").first()


def _awake(cohort: Cohort, now: dt.datetime) -> Pair:
    """Return the first pair whose hours hold a session very soon, else one that shares any."""
    begin = Session.objects.filter(pair__cohort=cohort, number=1).order_by("pair_id")
    asked = begin.select_related("pair__mentor", "pair__mentee")[:AWAKE_AMONG]
    soon = _soon(now)
    now_awake = (each for each in asked if suits_both(each, soon))
    ever_awake = (each for each in asked if times_for_both(each, near=soon, at=now))
    return (next(now_awake, None) or next(ever_awake, asked[0])).pair


def _next_of(texts: list[str], session: Session) -> str:
    """Return the next text of a list that begins elsewhere for each pair."""
    return texts[(session.pair_id + session.number) % len(texts)]


def _topics(pair: Pair) -> list[str]:
    return [str(topic) for topic in pair.common_ground] or [pair.theme or "…"]


def _days(chance: Random, least: int, most: int) -> dt.timedelta:
    return dt.timedelta(days=chance.randint(least, max(least, most)))


def _at_nine(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(9), tzinfo=dt.UTC)


def _hour_for_both(wanted: dt.datetime, pair: Pair, chance: Random) -> dt.datetime:
    """Return a moment from Monday to Friday in the day of both, else in the mentor's."""
    zones = [zoneinfo.ZoneInfo(person.time_zone) for person in (pair.mentor, pair.mentee)]
    day = timezone.localtime(wanted, zones[0]).date()
    day += dt.timedelta(days=(7 - day.weekday()) % 7 if day.weekday() >= 5 else 0)
    hours = [
        dt.datetime.combine(day, dt.time(hour, chance.choice([0, 30])), tzinfo=zones[0])
        for hour in range(8, 18)
    ]
    shared = [hour for hour in hours if 8 <= hour.astimezone(zones[1]).hour < 18]
    return chance.choice(shared or hours[2:8])


def live_all(cohort: Cohort, tell: Callable[[int, int, str], None], *, now: dt.datetime) -> None:
    """Let every pair that did nothing yet live, and tell how many of all have.

    The first to live is the one that visitors sign in to, so it is one that is awake now.
    """
    total = cohort.pairs.count()
    waiting = pairs_to_live(cohort)
    shown = None
    if waiting and len(waiting) == total:
        shown = _awake(cohort, now)
        waiting.sort(key=lambda pair: pair != shown)
    step = _("Step 3 of 3: the pairs live fourteen weeks")
    for number, pair in enumerate(waiting, start=total - len(waiting)):
        tell(number, total, step)
        live(pair, now=now, is_shown=pair == shown)
    tell(total, total, step)
