"""The figures of the pages that gather: each one a few queries, whatever the cohort's size."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Subquery, Sum
from django.utils import timezone

from contraflow.pairs.health import has_held, in_rhythm
from contraflow.pairs.models import Pair, Session, SessionChange
from contraflow.programmes.models import (
    Cohort,
    Enrolment,
    Objective,
    Programme,
    Reading,
    Side,
)

HELD = Session.State.HELD
# enrolled, as people say it: with a place, also where the place is on the reserve bench
HAVE_A_PLACE = [Enrolment.State.ENROLLED, Enrolment.State.BENCH]


def cohorts_led_by(person):
    """Return the cohorts this person runs, with the numbers that name them, newest first."""
    led = Cohort.objects.filter(programme__in=Programme.objects.led_by(person).values("pk"))
    enrolled = Q(enrolments__state__in=HAVE_A_PLACE)
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
    """Count the people of a cohort at each step; two pairs of one person count once."""
    counted = cohort.enrolments.aggregate(
        invited=Count("pk"),
        enrolled=Count("pk", filter=Q(state__in=HAVE_A_PLACE)),
    )
    living = cohort.pairs.exclude(state=Pair.State.ENDED)
    pairs = living.order_by().annotate(met=has_held()).values("pk", "mentor", "mentee", "met")
    meeting = in_rhythm(living, at=now)
    return Funnel(
        **counted,
        paired=_people_of(pairs),
        met=_people_of(pair for pair in pairs if pair["met"]),
        in_rhythm=_people_of(pair for pair in pairs if pair["pk"] in meeting),
    )


def _people_of(pairs: Iterable[dict[str, Any]]) -> int:
    return len({pair[side] for pair in pairs for side in Side.values})


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
    started = Pair.objects.filter(cohort__in=cohorts, started_on__lte=timezone.localdate(now))
    meeting = in_rhythm(started.exclude(state=Pair.State.ENDED), at=now)
    return _share(len(meeting), started.count())


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
        in_time |= Q(started_on=day) & Q(has_held(before=end))
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
