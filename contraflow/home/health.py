"""Which pairs need help, by the written rule of content/health.yaml, from process facts alone.

Answers, concerns and wishes to leave never enter here. The signals that need an agreement,
goals, commitments or training (P2, P3, P7, P8) count from when those exist.
"""

import datetime as dt
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contraflow.content.schema import load_health

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
