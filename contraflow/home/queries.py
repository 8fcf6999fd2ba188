"""The figures of the pages that gather: each one a few queries, whatever the cohort's size."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, Subquery, Sum
from django.utils import timezone

from contraflow.home.health import Facts, Health, health_of
from contraflow.pairs.models import Pair, Session, SessionChange
from contraflow.programmes.models import (
    Cohort,
    Enrolment,
    Objective,
    Programme,
    Reading,
    Side,
)

HELD, BOOKED = Session.State.HELD, Session.State.BOOKED
# a pair is in rhythm while its last session lies no further back than this many cadences
RHYTHM = 1.5


def cohorts_led_by(person):
    """Return the cohorts this person runs, with the numbers that name them, newest first."""
    led = Cohort.objects.filter(programme__in=Programme.objects.led_by(person).values("pk"))
    enrolled = Q(enrolments__state=Enrolment.State.ENROLLED)
    return (
        led.exclude(state=Cohort.State.CLOSED)
        .select_related("programme")
        .annotate(
            n_enrolled=Count("enrolments", filter=enrolled, distinct=True),
            n_pairs=Count("pairs", filter=Q(pairs__state=Pair.State.ACTIVE), distinct=True),
        )
    )


def cohorts_open_to(person):
    """Return the cohorts everybody may apply to and this person is not in."""
    open_now = Cohort.objects.open_for_applications()
    return open_now.exclude(enrolments__person=person).select_related("programme")


@dataclass(frozen=True, kw_only=True)
class Funnel:
    """How many people reach each step, from invitation to rhythm."""

    invited: int
    enrolled: int
    paired: int
    met: int
    in_rhythm: int


def funnel(cohort: Cohort, *, now: dt.datetime) -> Funnel:
    """Count the people of a cohort at each step; two pairs of one person count once.

    Nobody is on both sides of a cohort, so mentors and leaders add up.
    """
    states = Enrolment.State
    people = cohort.enrolments.aggregate(
        invited=Count("pk"),
        enrolled=Count("pk", filter=Q(state__in=[states.ENROLLED, states.BENCH])),
    )
    steps = {
        "paired": Q(),
        "met": Q(_has_held()),
        "in_rhythm": Q(_has_held(since=now - rhythm_of(cohort))),
    }
    counted = cohort.pairs.exclude(state=Pair.State.ENDED).aggregate(
        **{
            f"{step}_{side}": Count(side, distinct=True, filter=reached)
            for step, reached in steps.items()
            for side in Side.values
        }
    )
    reached = {step: sum(counted[f"{step}_{side}"] for side in Side.values) for step in steps}
    return Funnel(**people, **reached)


def rhythm_of(cohort: Cohort) -> dt.timedelta:
    """Return how far back the last session of a pair in rhythm may lie."""
    return dt.timedelta(days=RHYTHM * cohort.cadence_days)


def _has_held(**limits: dt.datetime) -> Exists:
    """Ask whether a pair held a session, `since` and `before` some moment."""
    held = Session.objects.filter(pair=OuterRef("pk"), state=HELD)
    if since := limits.get("since"):
        held = held.filter(starts_at__gte=since)
    if before := limits.get("before"):
        held = held.filter(starts_at__lt=before)
    return Exists(held)


# -- objectives ------------------------------------------------------------------------------


def _share(part: int, whole: int) -> float | None:
    return 100 * part / whole if whole else None


def sessions_held_share(cohorts, *, now: dt.datetime) -> float | None:
    """Return the per cent of sessions held, of those the plan has had up to today."""
    today = timezone.localdate(now)
    counts = Session.objects.filter(pair__cohort__in=cohorts, due_on__lte=today).aggregate(
        due=Count("pk"), held=Count("pk", filter=Q(state=HELD))
    )
    return _share(counts["held"], counts["due"])


def pairs_meeting_share(cohorts, *, now: dt.datetime) -> float | None:
    """Return the per cent of pairs ever started that go on and are in rhythm."""
    started = meeting = 0
    for cohort in cohorts:
        in_rhythm = Q(_has_held(since=now - rhythm_of(cohort))) & ~Q(state=Pair.State.ENDED)
        counts = cohort.pairs.filter(started_on__lte=timezone.localdate(now)).aggregate(
            started=Count("pk"), meeting=Count("pk", filter=in_rhythm)
        )
        started, meeting = started + counts["started"], meeting + counts["meeting"]
    return _share(meeting, started)


def first_session_in_time_share(cohorts, *, now: dt.datetime) -> float | None:
    """Return the per cent of pairs that met within 14 days, of those that had so long."""
    within = dt.timedelta(days=14)
    old_enough = Pair.objects.filter(
        cohort__in=cohorts, started_on__lte=timezone.localdate(now) - within
    )
    in_time = Q(pk__in=[])
    # a cohort starts on one day, and a few pairs later: a handful of days at most
    for day in old_enough.order_by("started_on").values_list("started_on", flat=True).distinct():
        end = timezone.make_aware(
            dt.datetime.combine(day + within + dt.timedelta(days=1), dt.time())
        )
        in_time |= Q(started_on=day) & Q(_has_held(before=end))
    counts = old_enough.aggregate(all=Count("pk"), in_time=Count("pk", filter=in_time))
    return _share(counts["in_time"], counts["all"])


COMPUTED = {
    "sessions_held_share": sessions_held_share,
    "pairs_meeting_share": pairs_meeting_share,
    "first_session_in_time_share": first_session_in_time_share,
}


def objectives(programme, cohorts, *, now: dt.datetime) -> list[dict]:
    """Return each objective with where it stands; None while nothing lawful can be shown."""
    newest = Reading.objects.filter(objective=OuterRef("pk"))
    rows = programme.objectives.annotate(latest=Subquery(newest.values("value")[:1]))
    return [{"objective": row, "now": _value(row, cohorts, now)} for row in rows]


def _value(objective: Objective, cohorts, now: dt.datetime) -> float | None:
    if objective.source == Objective.Source.COMPUTED:
        return COMPUTED[objective.source_key](cohorts, now=now)
    if objective.source == Objective.Source.MANUAL and objective.latest is not None:
        return float(objective.latest)
    return None


# -- pairs that need help -----------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class PairInNeed:
    """A pair with its health, ready to be shown."""

    code: str
    mentor: str
    mentee: str
    health: Health


def pairs_in_need(cohort: Cohort, *, now: dt.datetime) -> list[PairInNeed]:
    """Return the active pairs outside the steady band, those that need most first."""
    today, zone = timezone.localdate(now), timezone.get_current_timezone()
    cancelled = _cancellations(cohort)
    needy = []
    for row in _pairs_to_look_at(cohort, list(cancelled), now):
        last_held = row["last_held"]
        facts = Facts(
            today=today,
            started_on=row["started_on"],
            cadence_days=cohort.cadence_days,
            last_held_on=last_held.astimezone(zone).date() if last_held else None,
            has_booked=row["has_booked"],
            cancellations=tuple(
                (side, notice or 0)
                for at, side, notice in cancelled.get(row["pk"], ())
                if last_held is None or at > last_held
            ),
        )
        health = health_of(facts)
        if health.band != "steady":
            needy.append(
                PairInNeed(
                    code=row["code"],
                    mentor=row["mentor__name"],
                    mentee=row["mentee__name"],
                    health=health,
                )
            )
    return sorted(needy, key=lambda each: (-each.health.points, each.code))


def _pairs_to_look_at(cohort: Cohort, cancelled_ids: list[int], now: dt.datetime):
    """Leave out the many pairs that are in rhythm and were never cancelled: they need nobody.

    A pair in rhythm without a next date has 10 points at most, which is steady.
    """
    of_pair = Session.objects.filter(pair=OuterRef("pk"))
    fine = Q(_has_held(since=now - rhythm_of(cohort) + dt.timedelta(days=1)))
    rows = cohort.pairs.active().filter(~fine | Q(pk__in=cancelled_ids))
    return rows.annotate(
        last_held=Subquery(
            of_pair.filter(state=HELD).order_by("-starts_at").values("starts_at")[:1]
        ),
        has_booked=Exists(of_pair.filter(state=BOOKED, starts_at__gte=now)),
    ).values("pk", "code", "mentor__name", "mentee__name", "started_on", "last_held", "has_booked")


def _cancellations(cohort: Cohort) -> dict[int, list[tuple[dt.datetime, str, int]]]:
    """Return (when, by which side, hours before) of each pair that cancelled at least twice."""
    changes = SessionChange.objects.filter(
        session__pair__cohort=cohort,
        session__pair__state=Pair.State.ACTIVE,
        kind=SessionChange.Kind.CANCELLED,
    ).order_by("at", "pk")
    found = defaultdict(list)
    for pair_id, *change in changes.values_list("session__pair_id", "at", "side", "notice_hours"):
        found[pair_id].append(tuple(change))
    return {pair_id: each for pair_id, each in found.items() if len(each) > 1}


# -- sessions by theme and week -----------------------------------------------------------------


def held_by_theme_and_week(
    cohort: Cohort, *, now: dt.datetime
) -> list[tuple[str, list[int | None]]]:
    """Count held sessions for each theme and week; None in weeks that have not begun."""
    edges = week_edges(cohort)
    weeks = {
        f"week_{number}": Count("pk", filter=Q(starts_at__gte=first, starts_at__lt=last))
        for number, (first, last) in enumerate(edges)
    }
    held = Session.objects.filter(pair__cohort=cohort, state=HELD)
    rows = held.values("pair__theme").annotate(**weeks).order_by("pair__theme")
    return [
        (
            row["pair__theme"],
            [
                row[f"week_{number}"] if first <= now else None
                for number, (first, _last) in enumerate(edges)
            ],
        )
        for row in rows
    ]


def week_edges(cohort: Cohort) -> list[tuple[dt.datetime, dt.datetime]]:
    """Return the first moment of each week of the cohort and of the week after it."""
    starts = [
        timezone.make_aware(
            dt.datetime.combine(cohort.starts_on + dt.timedelta(weeks=week), dt.time())
        )
        for week in range(cohort.length_weeks + 1)
    ]
    return list(zip(starts, starts[1:], strict=False))


# -- the sponsor's counts -------------------------------------------------------------------------


def by_course(cohorts, *, today: dt.date) -> list[Cohort]:
    """Return cohorts as they matter now: those that run, those to come, those that are over.

    Of those that run or are over the newest stands first, of those to come the next one.
    """

    def place(cohort: Cohort) -> tuple[int, int]:
        day = cohort.starts_on.toordinal()
        if cohort.state == Cohort.State.CLOSED or today > cohort.ends_on:
            return 2, -day
        return (0, -day) if cohort.state == Cohort.State.RUNNING else (1, day)

    return sorted(cohorts, key=place)


def sponsor_counts(cohort: Cohort, *, now: dt.datetime) -> dict:
    """Return what the sponsor's page says of a cohort: counts, nothing about one person."""
    started = cohort.pairs.count()
    met = Exists(Session.objects.filter(pair=OuterRef("pk"), state=HELD))
    meeting = cohort.pairs.exclude(state=Pair.State.ENDED).filter(met).count()
    sessions = Session.objects.filter(pair__cohort=cohort)
    counts = sessions.aggregate(
        due=Count("pk", filter=Q(due_on__lte=timezone.localdate(now))),
        held=Count("pk", filter=Q(state=HELD)),
        minutes=Sum("minutes", filter=Q(state=HELD)),
    )
    changes = SessionChange.objects.filter(
        session__pair__cohort=cohort, kind=SessionChange.Kind.CANCELLED
    ).aggregate(
        by_leaders=Count("pk", filter=Q(side=Side.MENTEE)),
        by_mentors=Count("pk", filter=Q(side=Side.MENTOR)),
    )
    # the hours of both people
    hours = round(2 * (counts.pop("minutes") or 0) / 60)
    return {"started": started, "meeting": meeting, "hours": hours, **counts, **changes}


def held_of_due_by_week(cohort: Cohort, *, now: dt.datetime) -> list[tuple[int, int, int]]:
    """Return (week, sessions held, sessions the plan had) for each week that has begun."""
    edges = [(first, last) for first, last in week_edges(cohort) if first <= now]
    held = {
        f"held_{number}": Count("pk", filter=Q(state=HELD, starts_at__gte=a, starts_at__lt=b))
        for number, (a, b) in enumerate(edges)
    }
    due = {
        f"due_{number}": Count(
            "pk", filter=Q(due_on__gte=timezone.localdate(a), due_on__lt=timezone.localdate(b))
        )
        for number, (a, b) in enumerate(edges)
    }
    if not edges:
        return []
    counts = Session.objects.filter(pair__cohort=cohort).aggregate(**held, **due)
    return [
        (number + 1, counts[f"held_{number}"], counts[f"due_{number}"])
        for number in range(len(edges))
    ]
