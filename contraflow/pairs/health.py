"""Which pairs need help, by the written rule of content/health.yaml, from process facts alone.

Answers, concerns and wishes to leave never enter here. The signals that need an agreement or
goals (P2, P3) have no facts yet: not counted. What the two set themselves to try
(P7) only they see: not counted either.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contraflow.content.schema import load_health
from contraflow.core.figures import figure
from contraflow.pairs.gates import waiting_on
from contraflow.pairs.models import Pair, Session, SessionChange
from contraflow.pairs.rests import (
    Rests,
    days_that_count,
    rests_of,
    rests_until,
    working_days_between,
)
from contraflow.programmes.models import Cohort, Side

# a pair is in rhythm while its last session lies no further back than this many cadences
RHYTHM = 1.5
# a cancellation later than this before the session is a late one
LATE_HOURS = 24
COUNTED = ("P1", "P4", "P5", "P6", "P8")


@dataclass(frozen=True, kw_only=True)
class Cancelled:
    """A date was given up: when, by which side, how many hours before."""

    at: dt.datetime
    side: str
    notice: int


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of a pair's process; nothing in it depends on the order of its rows."""

    started_on: dt.date
    cadence_days: int
    # when sessions that took place began; the last one is enough
    held: Sequence[dt.datetime] = ()
    # when sessions begin that have a date
    booked: Sequence[dt.datetime] = ()
    cancelled: Sequence[Cancelled] = ()
    # how many of the two had training of the gate to do once the day of session 2 had come
    untrained: int = 0
    rests: Rests = ()


@dataclass(frozen=True, kw_only=True)
class Health:
    """The points of a pair, each with the facts behind it, and its band."""

    points: int = 0
    band: str = "steady"
    signals: list[dict[str, Any]] = field(default_factory=list)

    @property
    def words(self) -> list[str]:
        """Return each signal in a few words."""
        return [in_words(signal) for signal in self.signals]


def score(facts: Facts, *, on: dt.date) -> Health:
    """Add up the points of a pair on a day and name its band; what comes later is not looked at.

    While a pair rests, nobody need do anything.
    """
    if rests_until(on, facts.rests):
        return Health()
    last = max((at for at in facts.held if _day(at) <= on), default=None)
    found = [
        _no_first_session(facts, last, on),
        _long_gap(facts, last, on),
        _cancelled(facts, last, on),
        _nothing_booked(facts, last, on),
        _training_open(facts),
    ]
    signals = [signal for signal in found if signal]
    points = min(100, sum(signal["points"] for signal in signals))
    return Health(points=points, band=band_of(points), signals=signals)


def _steps(signal: str) -> dict[str, int]:
    rules = load_health().health.process_score
    return next(rule.steps for rule in rules if rule.id == signal)


def band_of(points: int) -> str:
    """Return the band in which so many points lie."""
    bands = load_health().health.bands
    return next(name for name, (low, high) in bands if low <= points <= high)


def _day(moment: dt.datetime) -> dt.date:
    # of the installation, not of whoever looks: a score is the same for everybody
    return timezone.localdate(moment, timezone.get_default_timezone())


def _no_first_session(facts: Facts, last, on: dt.date) -> dict[str, Any] | None:
    days = days_that_count(facts.started_on, on, facts.rests)
    if last or days < 14:
        return None
    points = _steps("P1")["21_days" if days >= 21 else "14_days"]
    return {"id": "P1", "points": points, "days": days}


def _long_gap(facts: Facts, last, on: dt.date) -> dict[str, Any] | None:
    if last is None:
        return None
    days = days_that_count(_day(last), on, facts.rests)
    gap = days / facts.cadence_days
    if gap <= 1.5:
        return None
    points = _steps("P4")["over_2_0" if gap > 2 else "over_1_5"]
    return {"id": "P4", "points": points, "days": days, "every": facts.cadence_days}


def _cancelled(facts: Facts, last, on: dt.date) -> dict[str, Any] | None:
    """Look at what either side gave up since the two last met; what the system did is nobody's."""
    since = sorted(
        (
            each
            for each in facts.cancelled
            if each.side and _day(each.at) <= on and (not last or each.at > last)
        ),
        key=lambda each: (each.at, each.side, each.notice),
    )
    by_leader = 0
    for each in reversed(since):
        if each.side != Side.MENTEE:
            break
        by_leader += 1
    if by_leader >= 2:
        points = _steps("P5")["leader_2_in_a_row"]
        return {"id": "P5", "points": points, "side": Side.MENTEE.value, "times": by_leader}
    late = [each.side for each in since[-3:] if each.notice < LATE_HOURS]
    if side := next((side for side in late if late.count(side) >= 2), None):
        points = _steps("P5")["same_person_late_2_of_last_3"]
        return {"id": "P5", "points": points, "side": side, "late": late.count(side)}
    return None


def _nothing_booked(facts: Facts, last, on: dt.date) -> dict[str, Any] | None:
    if last is None or any(_day(at) >= on for at in facts.booked):
        return None
    days = working_days_between(_day(last), on, facts.rests)
    if days < 5:
        return None
    return {"id": "P6", "points": _steps("P6")["holds"], "days": days}


def _training_open(facts: Facts) -> dict[str, Any] | None:
    if not facts.untrained:
        return None
    points = _steps("P8")["both" if facts.untrained == 2 else "one"]
    return {"id": "P8", "points": points, "people": facts.untrained}


# -- in words -------------------------------------------------------------------------------------


def in_words(signal: Mapping[str, Any]) -> str:
    """Return a signal in a few words, as a list of pairs shows it."""
    if signal["id"] == "P1":
        return _("No first session for %(days)s days") % {"days": figure(signal["days"])}
    if signal["id"] == "P4":
        return _("No session for %(days)s days") % {"days": figure(signal["days"])}
    if signal["id"] == "P6":
        return _("nothing booked")
    if signal["id"] == "P8":
        return _("training open at session 2")
    if "late" in signal:
        return _("cancelled late twice")
    times = signal["times"]
    words = ngettext(
        "leader cancelled %(times)s time running", "leader cancelled %(times)s times running", times
    )
    return words % {"times": figure(times)}


def explained(signal: Mapping[str, Any]) -> str:
    """Return a signal as a sentence that says what was counted and what it weighs."""
    facts = {name: figure(value) for name, value in signal.items() if isinstance(value, int)}
    if signal["id"] == "P1":
        text = _("No first session for %(days)s days since the pair began")
    elif signal["id"] == "P4":
        text = _("No session for %(days)s days, planned every %(every)s")
    elif signal["id"] == "P6":
        text = _("Nothing booked %(days)s working days after the last session")
    elif signal["id"] == "P8":
        text = (
            _("The training before session 2 is open for both")
            if signal["people"] == 2
            else _("The training before session 2 is open for one of the two")
        )
    elif signal.get("late"):
        text = (
            _("The mentor cancelled late twice of the last three times")
            if signal["side"] == Side.MENTOR
            else _("The leader cancelled late twice of the last three times")
        )
    else:
        text = _("The leader cancelled %(times)s times in a row")
    points = ngettext("%(points)s point", "%(points)s points", signal["points"])
    return f"{text}: {points}" % facts


# -- the facts of many pairs ----------------------------------------------------------------------


def read_facts(
    pairs, *, until: dt.datetime | None = None, rests: Mapping[int, Rests] | None = None
) -> dict[int, Facts]:
    """Return what is known of these pairs, by their key, with five queries for any number.

    `rests` are the days on which each pair's clocks stand still, read with one more if not given.
    """
    until = until or timezone.now()
    rests = rests_of(pairs) if rests is None else rests
    sessions = {
        pair_id: (held, booked)
        for pair_id, held, booked in Session.objects.filter(pair__in=pairs.order_by().values("pk"))
        .order_by()
        .values("pair_id")
        .annotate(
            held=Max("starts_at", filter=Q(state=Session.State.HELD, starts_at__lte=until)),
            booked=Max("starts_at", filter=Q(state=Session.State.BOOKED)),
        )
        .values_list("pair_id", "held", "booked")
    }
    cancelled, untrained = _cancellations(pairs, until), _untrained(pairs, until)
    found = {}
    rows = pairs.order_by().values_list("pk", "started_on", "cohort__cadence_days")
    for pair_id, started_on, cadence_days in rows:
        held, booked = sessions.get(pair_id, (None, None))
        found[pair_id] = Facts(
            started_on=started_on,
            cadence_days=cadence_days,
            held=(held,) if held else (),
            booked=(booked,) if booked else (),
            cancelled=cancelled.get(pair_id, ()),
            untrained=untrained[pair_id],
            rests=rests.get(pair_id, ()),
        )
    return found


def _cancellations(pairs, until: dt.datetime) -> dict[int, list[Cancelled]]:
    """Return what was given up in each pair that cancelled at least twice; fewer weigh nothing."""
    changes = SessionChange.objects.filter(
        session__pair__in=pairs.order_by().values("pk"), kind=SessionChange.Kind.CANCELLED,
        at__lte=until,
    ).order_by()  # fmt: skip
    found = defaultdict(list)
    rows = changes.values_list("session__pair_id", "at", "side", "notice_hours")
    for pair_id, at, side, notice in rows:
        found[pair_id].append(Cancelled(at=at, side=side, notice=notice or 0))
    return {pair_id: each for pair_id, each in found.items() if len(each) > 1}


def _untrained(pairs, until: dt.datetime) -> Counter[int]:
    """Count, of the pairs whose second session has come, on how many sides training is open."""
    has_come = Session.objects.filter(
        Q(starts_at__lte=until) | Q(starts_at=None, due_on__lte=_day(until)),
        pair=OuterRef("pk"), number=2,
    )  # fmt: skip
    at_second = pairs.order_by().filter(Exists(has_come))
    return Counter(
        pk for side in Side for pk in waiting_on(side, at_second).values_list("pk", flat=True)
    )


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
    pairs = Pair.objects.filter(cohort=cohort, **({"pk": only.pk} if only else {})).active()
    facts = read_facts(pairs, until=now)
    health = {pk: score(each, on=_day(now)) for pk, each in facts.items()}
    needy = {pk: each for pk, each in health.items() if each.band != "steady"}
    named = Pair.objects.filter(pk__in=needy).values_list(
        "pk", "code", "mentor__name", "mentee__name"
    )
    found = [
        PairInNeed(pk=pk, code=code, mentor=mentor, mentee=mentee, health=needy[pk])
        for pk, code, mentor, mentee in named.order_by()
    ]
    return sorted(found, key=lambda each: (-each.health.points, each.code))
