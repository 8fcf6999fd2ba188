"""Which pairs need help, by the written rule of content/health.yaml, from process facts alone.

Answers, concerns and wishes to leave never enter here, nor does a word of an agreement, a goal or
a commitment, nor an answer of training: that it was signed, set, looked back at or done counts.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, Max, Min, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from contraflow.content.schema import load_health
from contraflow.core.figures import figure
from contraflow.pairs.gates import waiting_on
from contraflow.pairs.models import AgreementChange, Commitment, Pair, Session, SessionChange
from contraflow.pairs.rests import (
    Rests,
    days_that_count,
    rests_of,
    rests_until,
    working_days_between,
)
from contraflow.programmes.models import Cohort, Side

# a pair is in rhythm while no more days than this many cadences count since its last session
RHYTHM = 1.5
# a cancellation later than this before the session is a late one
LATE_HOURS = 24
COUNTED = ("P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8")
# somebody who opens a signed agreement again has so many days before it counts as not signed
SIGN_AGAIN_WITHIN = 14


@dataclass(frozen=True, kw_only=True)
class Cancelled:
    """A date was given up: when, by which side, how many hours before."""

    at: dt.datetime
    side: str
    notice: int


@dataclass(frozen=True, kw_only=True)
class Agreed:
    """What became of a pair's agreement, each as the moments at which it happened.

    `active` is when the two had both signed for the first time, each with a goal; a pair that
    began before there were agreements counts as active from its start.
    """

    active: dt.datetime | None = None
    goal_of_mentor: dt.datetime | None = None
    goal_of_mentee: dt.datetime | None = None
    # both had signed, and one of them changed it; both signed again: the last of each is enough
    reopened: Sequence[dt.datetime] = ()
    signed_again: Sequence[dt.datetime] = ()


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
    # when the second session began, if it took place
    second_held: dt.datetime | None = None
    agreed: Agreed = Agreed()
    # since when a commitment has been left alone in two sessions, and until when it was
    passed_over: Sequence[tuple[dt.datetime, dt.datetime | None]] = ()


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
        _not_signed(facts, on),
        _goal_missing(facts, on),
        _long_gap(facts, last, on),
        _cancelled(facts, last, on),
        _nothing_booked(facts, last, on),
        _not_looked_back(facts, on),
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


def _happened(moment: dt.datetime | None, on: dt.date) -> bool:
    return moment is not None and _day(moment) <= on


def _not_signed(facts: Facts, on: dt.date) -> dict[str, Any] | None:
    """Look at a pair that never agreed, and at one that opened its agreement again."""
    steps, agreed = _steps("P2"), facts.agreed
    if not _happened(agreed.active, on):
        days = days_that_count(facts.started_on, on, facts.rests)
        if _happened(facts.second_held, on):
            return {"id": "P2", "points": steps["after_session_2"], "days": days}
        return {"id": "P2", "points": steps["14_days"], "days": days} if days >= 14 else None
    opened = max((at for at in agreed.reopened if _day(at) <= on), default=None)
    if opened is None or any(at > opened and _day(at) <= on for at in agreed.signed_again):
        return None
    days = days_that_count(_day(opened), on, facts.rests)
    return (
        {"id": "P2", "points": steps["14_days"], "days": days}
        if days >= SIGN_AGAIN_WITHIN
        else None
    )


def _goal_missing(facts: Facts, on: dt.date) -> dict[str, Any] | None:
    """Look for a side without a goal, once the weeks in which a pair starts are over."""
    agreed = facts.agreed
    goals = {Side.MENTOR.value: agreed.goal_of_mentor, Side.MENTEE.value: agreed.goal_of_mentee}
    missing = [side for side, at in goals.items() if not _happened(at, on)]
    weeks = days_that_count(facts.started_on, on, facts.rests) // 7
    if not missing or weeks < 3 or _happened(agreed.active, on):
        return None
    points = _steps("P3")["week_5" if weeks >= 5 else "week_3"]
    return {"id": "P3", "points": points, "weeks": weeks, "missing": missing}


def _long_gap(facts: Facts, last, on: dt.date) -> dict[str, Any] | None:
    if last is None:
        return None
    days = days_that_count(_day(last), on, facts.rests)
    gap = days / facts.cadence_days
    if gap <= RHYTHM:
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


def _not_looked_back(facts: Facts, on: dt.date) -> dict[str, Any] | None:
    for since, until in facts.passed_over:
        if _happened(since, on) and not _happened(until, on):
            return {"id": "P7", "points": _steps("P7")["holds"]}
    return None


def _training_open(facts: Facts) -> dict[str, Any] | None:
    if not facts.untrained:
        return None
    points = _steps("P8")["both" if facts.untrained == 2 else "one"]
    return {"id": "P8", "points": points, "people": facts.untrained}


# -- in words -------------------------------------------------------------------------------------


_SHORT: dict[str, Any] = {
    "P2": gettext_lazy("agreement not signed"),
    "P3": gettext_lazy("goal missing"),
    "P6": gettext_lazy("nothing booked"),
    "P7": gettext_lazy("commitment not looked back at"),
    "P8": gettext_lazy("training open at session 2"),
}


def in_words(signal: Mapping[str, Any]) -> str:
    """Return a signal in a few words, as a list of pairs shows it."""
    if signal["id"] == "P1":
        return _("no first session for %(days)s days") % {"days": figure(signal["days"])}
    if signal["id"] == "P4":
        return _("no session for %(days)s days") % {"days": figure(signal["days"])}
    if signal["id"] in _SHORT:
        return str(_SHORT[signal["id"]])
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
    elif signal["id"] == "P2":
        text = _("The agreement is not signed by both after %(days)s days")
    elif signal["id"] == "P3":
        text = _missing_in_words(signal["missing"])
    elif signal["id"] == "P6":
        text = _("Nothing booked %(days)s working days after the last session")
    elif signal["id"] == "P7":
        text = _("A commitment was not looked back at in two sessions")
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


def _missing_in_words(sides: Sequence[str]) -> str:
    if len(sides) == len(Side.values):
        return _("Neither side has a goal after %(weeks)s weeks")
    if Side.MENTOR in sides:
        return _("The mentor has no goal after %(weeks)s weeks")
    return _("The leader has no goal after %(weeks)s weeks")


# -- the facts of many pairs ----------------------------------------------------------------------


def read_facts(
    pairs, *, until: dt.datetime | None = None, rests: Mapping[int, Rests] | None = None
) -> dict[int, Facts]:
    """Return what is known of these pairs, by their key, with eight queries for any number.

    `rests` are the days on which each pair's clocks stand still, read with one more if not given.
    """
    until = until or timezone.now()
    rests = rests_of(pairs) if rests is None else rests
    sessions, cancelled = _sessions(pairs, until), _cancellations(pairs, until)
    opened, passed_over = _opened_again(pairs, until), _passed_over(pairs, until)
    untrained = _untrained(pairs, until)
    found = {}
    rows = pairs.order_by().values_list(
        "pk", "started_on", "cohort__cadence_days", "active_since",
        "agreement__goal_of_mentor_at", "agreement__goal_of_mentee_at",
    )  # fmt: skip
    for pair_id, started_on, cadence_days, active, goal_of_mentor, goal_of_mentee in rows:
        held, second_held, booked = sessions.get(pair_id, (None, None, None))
        reopened, signed_again = opened.get(pair_id, ((), ()))
        found[pair_id] = Facts(
            started_on=started_on,
            cadence_days=cadence_days,
            held=(held,) if held else (),
            booked=(booked,) if booked else (),
            second_held=second_held,
            cancelled=cancelled.get(pair_id, ()),
            untrained=untrained[pair_id],
            rests=rests.get(pair_id, ()),
            agreed=Agreed(
                active=active, goal_of_mentor=goal_of_mentor, goal_of_mentee=goal_of_mentee,
                reopened=reopened, signed_again=signed_again,
            ),
            passed_over=passed_over.get(pair_id, ()),
        )  # fmt: skip
    return found


def _sessions(pairs, until: dt.datetime) -> dict[int, tuple]:
    """Return when each pair last met, when its second session was, and what it has booked."""
    held = Q(state=Session.State.HELD, starts_at__lte=until)
    rows = (
        Session.objects.filter(pair__in=pairs.order_by().values("pk"))
        .order_by()
        .values("pair_id")
        .annotate(
            held=Max("starts_at", filter=held),
            second_held=Max("starts_at", filter=held & Q(number=2)),
            booked=Max("starts_at", filter=Q(state=Session.State.BOOKED)),
        )
    )
    return {row[0]: row[1:] for row in rows.values_list("pair_id", "held", "second_held", "booked")}


def _opened_again(pairs, until: dt.datetime) -> dict[int, tuple]:
    """Return the moments of each agreement that was opened again; of the others nothing."""
    kinds = AgreementChange.Kind
    rows = (
        AgreementChange.objects.filter(
            agreement__in=pairs.order_by().values("pk"), at__lte=until,
            kind__in=[kinds.REOPENED, kinds.AGREED],
        )
        .order_by()
        .values("agreement_id")
        .annotate(
            reopened=Max("at", filter=Q(kind=kinds.REOPENED)),
            signed=Max("at", filter=Q(kind=kinds.AGREED)),
        )
        .filter(reopened__isnull=False)
        .values_list("agreement_id", "reopened", "signed")
    )  # fmt: skip
    return {pair_id: ((reopened,), (signed,)) for pair_id, reopened, signed in rows}


def _passed_over(pairs, until: dt.datetime) -> dict[int, list[tuple]]:
    """Return since when a commitment has been left alone in two sessions, of the pairs that did.

    The oldest one that is open is enough: no other has more sessions after it.
    """
    waiting = Commitment.objects.filter(
        Q(reviewed_at=None) | Q(reviewed_at__gt=until),
        session__pair__in=pairs.order_by().values("pk"), made_at__lte=until,
    ).order_by()  # fmt: skip
    oldest = dict(
        waiting.values("session__pair_id")
        .annotate(made=Min("session__starts_at"))
        .values_list("session__pair_id", "made")
    )
    # compared here: asked of the database for each commitment, it would walk through all sessions
    held = Session.objects.filter(
        state=Session.State.HELD, starts_at__lte=until, pair__in=waiting.values("session__pair")
    ).order_by("starts_at")
    later = defaultdict(list)
    for pair_id, starts_at in held.values_list("pair_id", "starts_at"):
        if starts_at > oldest[pair_id]:
            later[pair_id].append(starts_at)
    return {pair_id: [(begun[1], None)] for pair_id, begun in later.items() if len(begun) > 1}


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


def in_rhythm(pairs, *, at: dt.datetime) -> set[int]:
    """Return the keys of those that have met lately enough, with two queries for any number.

    Days of rest do not count, and a pair that has met stays in rhythm while it rests.
    """
    on, rests = _day(at), rests_of(pairs)
    held = Max("sessions__starts_at", filter=Q(sessions__state=Session.State.HELD))
    rows = pairs.order_by().annotate(held=held).values_list("pk", "cohort__cadence_days", "held")
    return {
        pk
        for pk, cadence_days, last in rows
        if last and _keeps_rhythm(last, cadence_days, rests.get(pk, ()), on)
    }


def _keeps_rhythm(last: dt.datetime, cadence_days: int, rests: Rests, on: dt.date) -> bool:
    days = days_that_count(_day(last), on, rests)
    return days <= RHYTHM * cadence_days or rests_until(on, rests) is not None


def has_held(*, before: dt.datetime | None = None) -> Exists:
    """Ask whether a pair held a session, `before` some moment or at all."""
    held = Session.objects.filter(pair=OuterRef("pk"), state=Session.State.HELD)
    return Exists(held.filter(starts_at__lt=before) if before else held)


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
