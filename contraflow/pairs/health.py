"""Which pairs need help, by the written rule of content/health.yaml, from process facts alone.

Answers, concerns and wishes to leave never enter here. The signals that need an agreement,
goals, commitments or training (P2, P3, P7, P8) count from when those exist.
"""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contraflow.content.schema import load_health
from contraflow.pairs.models import Pair, Session, SessionChange
from contraflow.programmes.models import Cohort

# a pair is in rhythm while its last session lies no further back than this many cadences
RHYTHM = 1.5
# a cancellation later than this before the session is a late one
LATE_HOURS = 24


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of a pair's process on a day."""

    today: dt.date
    started_on: dt.date
    cadence_days: int
    last_held_on: dt.date | None = None
    has_booked: bool = False
    # (side, notice in hours) of cancellations since the last held session, oldest first
    cancellations: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Health:
    """The points of a pair, each in words, and what to do about them."""

    points: int = 0
    band: str = "steady"
    words: list[str] = field(default_factory=list)


def health_of(facts: Facts) -> Health:
    """Add up the points of a pair and name its band."""
    found = [
        signal
        for signal in (
            _no_first_session(facts),
            _long_gap(facts),
            _cancelled(facts),
            _nothing_booked(facts),
        )
        if signal
    ]
    points = sum(each for each, _words in found)
    return Health(points=points, band=_band(points), words=[words for _points, words in found])


def _steps(signal: str) -> dict[str, int]:
    rules = load_health().health.process_score
    return next(rule.steps for rule in rules if rule.id == signal)


def _band(points: int) -> str:
    bands = load_health().health.bands
    return next(name for name, (low, high) in bands if low <= min(points, 100) <= high)


def _no_first_session(facts: Facts) -> tuple[int, str] | None:
    days = (facts.today - facts.started_on).days
    if facts.last_held_on or days < 14:
        return None
    points = _steps("P1")["21_days" if days >= 21 else "14_days"]
    return points, _("No first session for %(days)s days") % {"days": days}


def _long_gap(facts: Facts) -> tuple[int, str] | None:
    if facts.last_held_on is None:
        return None
    days = (facts.today - facts.last_held_on).days
    gap = days / facts.cadence_days
    if gap <= 1.5:
        return None
    points = _steps("P4")["over_2_0" if gap > 2 else "over_1_5"]
    return points, _("No session for %(days)s days") % {"days": days}


def _cancelled(facts: Facts) -> tuple[int, str] | None:
    by_leader = 0
    for side, _notice in reversed(facts.cancellations):
        if side != "mentee":
            break
        by_leader += 1
    if by_leader >= 2:
        words = ngettext(
            "leader cancelled %(times)s time running",
            "leader cancelled %(times)s times running",
            by_leader,
        )
        return _steps("P5")["leader_2_in_a_row"], words % {"times": by_leader}
    late = [side for side, notice in facts.cancellations[-3:] if notice < LATE_HOURS]
    if any(late.count(side) >= 2 for side in late):
        return _steps("P5")["same_person_late_2_of_last_3"], _("cancelled late twice")
    return None


def _nothing_booked(facts: Facts) -> tuple[int, str] | None:
    if facts.has_booked or facts.last_held_on is None:
        return None
    if working_days_between(facts.last_held_on, facts.today) < 5:
        return None
    return _steps("P6")["holds"], _("nothing booked")


def working_days_between(first: dt.date, last: dt.date) -> int:
    """Count the days from Monday to Friday after `first` up to and with `last`."""
    weeks, rest = divmod((last - first).days, 7)
    extra = sum((first + dt.timedelta(days=day)).weekday() < 5 for day in range(1, rest + 1))
    return 5 * weeks + extra


# -- the pairs of a cohort ------------------------------------------------------------------------


def rhythm_of(cohort: Cohort) -> dt.timedelta:
    """Return how far back the last session of a pair in rhythm may lie."""
    return dt.timedelta(days=RHYTHM * cohort.cadence_days)


def has_held(**limits: dt.datetime) -> Exists:
    """Ask whether a pair held a session, `since` and `before` some moment."""
    held = Session.objects.filter(pair=OuterRef("pk"), state=Session.State.HELD)
    if since := limits.get("since"):
        held = held.filter(starts_at__gte=since)
    if before := limits.get("before"):
        held = held.filter(starts_at__lt=before)
    return Exists(held)


@dataclass(frozen=True, kw_only=True)
class PairInNeed:
    """A pair with its health, ready to be shown."""

    pk: int
    code: str
    mentor: str
    mentee: str
    health: Health


def pairs_in_need(
    cohort: Cohort, *, now: dt.datetime, only: Pair | None = None
) -> list[PairInNeed]:
    """Return the active pairs outside the steady band, those that need most first.

    `only` asks about one pair of the cohort.
    """
    today, zone = timezone.localdate(now), timezone.get_current_timezone()
    pairs = Pair.objects.filter(cohort=cohort, **({"pk": only.pk} if only else {})).active()
    cancelled = _cancellations(pairs)
    needy = []
    for row in _pairs_to_look_at(pairs, cohort, list(cancelled), now):
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
                    pk=row["pk"],
                    code=row["code"],
                    mentor=row["mentor__name"],
                    mentee=row["mentee__name"],
                    health=health,
                )
            )
    return sorted(needy, key=lambda each: (-each.health.points, each.code))


def _pairs_to_look_at(pairs, cohort: Cohort, cancelled_ids: list[int], now: dt.datetime):
    """Leave out the many pairs that are in rhythm and were never cancelled: they need nobody.

    A pair in rhythm without a next date has 10 points at most, which is steady.
    """
    of_pair = Session.objects.filter(pair=OuterRef("pk"))
    fine = Q(has_held(since=now - rhythm_of(cohort) + dt.timedelta(days=1)))
    rows = pairs.filter(~fine | Q(pk__in=cancelled_ids))
    held = of_pair.filter(state=Session.State.HELD).order_by("-starts_at")
    booked = of_pair.filter(state=Session.State.BOOKED, starts_at__gte=now)
    return rows.annotate(
        last_held=Subquery(held.values("starts_at")[:1]), has_booked=Exists(booked)
    ).values("pk", "code", "mentor__name", "mentee__name", "started_on", "last_held", "has_booked")


def _cancellations(pairs) -> dict[int, list[tuple[dt.datetime, str, int]]]:
    """Return (when, by which side, hours before) of each pair that cancelled at least twice."""
    changes = SessionChange.objects.filter(
        session__pair__in=pairs, kind=SessionChange.Kind.CANCELLED
    ).order_by("at", "pk")
    found = defaultdict(list)
    for pair_id, *change in changes.values_list("session__pair_id", "at", "side", "notice_hours"):
        found[pair_id].append(tuple(change))
    return {pair_id: each for pair_id, each in found.items() if len(each) > 1}
