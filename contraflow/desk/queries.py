"""What lies on a lead's desk, gathered with a fixed number of queries."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contraflow.content.schema import load_health
from contraflow.core.sealing import open_together
from contraflow.desk.models import (
    CoverTalk,
    DeskPlace,
    Message,
    MessageWords,
    PairHealth,
    Step,
    StepWords,
    on_desk_of,
)
from contraflow.desk.texts import label_of
from contraflow.pairs.health import explained, in_words
from contraflow.pairs.models import Pair, Session
from contraflow.people.models import Person
from contraflow.programmes.models import Cohort, Enrolment, Programme, Side, Steward

PAGE_SIZE = 25
# a talk that is due lies among the pairs of the middle band, so that it cannot be told apart
TALK_WEIGHS = 30
# a talk nobody had by then has had its time
TALK_WAITS = dt.timedelta(days=28)
Band = PairHealth.Band

FILTERS: dict[str, Any] = {
    "": gettext_lazy("All there is to do"),
    Band.ACT.value: gettext_lazy("Act"),
    Band.SUPPORT.value: gettext_lazy("Support"),
    Band.WATCH.value: gettext_lazy("Watch"),
    "talks": gettext_lazy("Short talks"),
    "aside": gettext_lazy("Put aside"),
}


@dataclass(frozen=True, kw_only=True)
class Advice:
    """What to do for a pair: in words, and the ready text that goes with it."""

    text: str
    kind: str = ""
    label: str = ""


def advise(band: str, signals: list[dict], *, talk_is_due: bool = False) -> Advice:
    """Return what content/health.yaml asks for in a band."""
    actions, found = load_health().actions, {signal["id"] for signal in signals}
    if band == Band.ACT:
        return _mail(
            Step.Kind.TALK,
            _("A facilitated talk of %(minutes)s minutes, a new partner, a good end, or a pause.")
            % {"minutes": actions.facilitated_conversation.minutes},
        )
    if band == Band.SUPPORT:
        leader_first = any(s["id"] == "P5" and s.get("side") == Side.MENTEE for s in signals)
        text = (
            _("Call each of the two, the leader first, with an open question.")
            if leader_first
            else _("Call each of the two with an open question.")
        )
        return Advice(text=text, kind=Step.Kind.TALKED, label=_("I talked with them"))
    if band == Band.WATCH:
        if found <= {"P2", "P3", "P7"}:
            return Advice(
                text=_("Ask both to take ten minutes of their next session for the agreement."),
                kind=Step.Kind.TALKED,
                label=_("I talked with them"),
            )
        if "P1" in found:
            return _mail(Step.Kind.GUIDE, _("A guide makes the first conversation easy."))
        return _mail(Step.Kind.NUDGE, _("One line to both: set a date, make it shorter, or pause."))
    if talk_is_due:
        text = _("A short, friendly talk: how is it going? Everybody gets one.")
        return Advice(text=text, kind=Step.Kind.TALKED, label=_("I talked with them"))
    return Advice(text=_("Nothing to do: this pair is in rhythm."))


def _mail(kind: str, text: str) -> Advice:
    return Advice(text=text, kind=kind, label=label_of(kind))


# -- the list -------------------------------------------------------------------------------------


def waiting_talks(today: dt.date) -> Q:
    """Select talks that are due and not done."""
    return Q(done_at=None, due_on__lte=today, due_on__gt=today - TALK_WAITS)


def on_desk(reader: Person, *, today: dt.date) -> QuerySet[Pair]:
    """Return the pairs that wait for a lead, those that need most first; none of their own."""
    pairs = Pair.objects.filter(on_desk_of(reader, "")).active()
    pairs = pairs.filter(cohort__state=Cohort.State.RUNNING)
    due = CoverTalk.objects.filter(waiting_talks(today), pair=OuterRef("pk"))
    return pairs.annotate(
        talk_is_due=Exists(due),
        weight=Coalesce(F("health__points"), Value(0))
        + Case(
            When(Exists(due), then=Value(TALK_WEIGHS)),
            default=Value(0),
            output_field=IntegerField(),
        ),
    ).order_by("-weight", "pk")


def _is_aside(today: dt.date) -> Q:
    return Q(desk_place__aside_until__gt=today)


def _to_do(today: dt.date) -> Q:
    needs = Q(health__band__in=[Band.WATCH, Band.SUPPORT, Band.ACT]) | Q(talk_is_due=True)
    return needs & (Q(desk_place__aside_until=None) | Q(desk_place__aside_until__lte=today))


def _narrowed(pairs, only: str, today: dt.date):
    if only == "aside":
        return pairs.filter(_is_aside(today))
    pairs = pairs.filter(_to_do(today))
    if only == "talks":
        return pairs.filter(talk_is_due=True)
    return pairs.filter(health__band=only) if only else pairs


def desk_page(
    programme: Programme, *, reader: Person, cohort: Cohort | None = None, only: str = "",
    mine: bool = False, search: str = "", number: Any = 1, at: dt.datetime | None = None,
) -> Page:  # fmt: skip
    """Return one page of what waits for the leads of a programme, as rows ready to be shown."""
    today = timezone.localdate(at)
    pairs = on_desk(reader, today=today).filter(cohort__programme=programme)
    if cohort:
        pairs = pairs.filter(cohort=cohort)
    if mine:
        pairs = pairs.filter(desk_place__holder=reader)
    pairs = _narrowed(pairs, only, today)
    for word in search.split()[:5]:
        pairs = pairs.filter(Q(mentor__name__icontains=word) | Q(mentee__name__icontains=word))
    page = Paginator(pairs.values_list("pk", "talk_is_due"), PAGE_SIZE).get_page(number)
    page.object_list = rows_of(list(page.object_list))
    return page


def rows_of(found: list[tuple[int, bool]]) -> list[dict[str, Any]]:
    """Return the rows of pairs, each with its signals, advice, holder and last step."""
    keys = [pk for pk, _due in found]
    pairs = Pair.objects.filter(pk__in=keys).select_related(
        "mentor", "mentee", "cohort", "health", "desk_place__holder"
    )
    by_key = {pair.pk: pair for pair in pairs}
    last = last_steps(keys)
    return [row_of(by_key[pk], talk_is_due=due, last=last.get(pk)) for pk, due in found]


def row_of(pair: Pair, *, talk_is_due: bool, last: Step | None = None) -> dict[str, Any]:
    """Return what the desk shows of one pair."""
    health = getattr(pair, "health", None) or PairHealth(pair=pair)
    place = getattr(pair, "desk_place", None) or DeskPlace(pair=pair)
    return {
        "pair": pair,
        "band": health.band,
        "band_label": health.get_band_display(),
        "points": health.points,
        "signals": [explained(signal) for signal in health.signals],
        "reasons": [in_words(signal) for signal in health.signals],
        "computed_at": health.computed_at,
        "talk_is_due": talk_is_due,
        "advice": advise(health.band, health.signals, talk_is_due=talk_is_due),
        "place": place,
        "last": last,
    }


def last_steps(pair_ids: list[int]) -> dict[int, Step]:
    """Return the latest step of each pair that was not taken back."""
    later = Step.objects.filter(pair=OuterRef("pair"), undone_at=None, pk__gt=OuterRef("pk"))
    latest = Step.objects.filter(~Exists(later), pair__in=pair_ids, undone_at=None)
    return {step.pair_id: step for step in latest.select_related("by", "to")}


def count_on_desk(person: Person, *, at: dt.datetime | None = None) -> dict[int, int]:
    """Return how many pairs wait in each programme this person leads, by the programme's key."""
    today = timezone.localdate(at)
    pairs = on_desk(person, today=today).filter(_to_do(today)).order_by()
    counted = pairs.values("cohort__programme_id").annotate(n=Count("pk"))
    return dict(counted.values_list("cohort__programme_id", "n"))


def count_by_band(programme: Programme, *, reader: Person, at: dt.datetime | None = None):
    """Return (filter, label, how many) of each way to look at the desk of a programme."""
    today = timezone.localdate(at)
    pairs = on_desk(reader, today=today).filter(cohort__programme=programme).order_by()
    to_do = _to_do(today)
    counts = pairs.aggregate(
        all=Count("pk", filter=to_do),
        talks=Count("pk", filter=to_do & Q(talk_is_due=True)),
        aside=Count("pk", filter=_is_aside(today)),
        **{band: Count("pk", filter=to_do & Q(health__band=band)) for band in Band.values},
    )
    return [(key, label, counts[key or "all"]) for key, label in FILTERS.items()]


def own_pairs_left_out(programme: Programme, *, reader: Person) -> int:
    """Return how many pairs of the programme this person is in, which lie on others' desks."""
    return Pair.objects.of(reader).active().filter(cohort__programme=programme).count()


# -- one pair -------------------------------------------------------------------------------------


def history_of(pair: Pair, *, reader: Person) -> list[dict[str, Any]]:
    """Return what was done for a pair, newest first, with the words this person may read."""
    steps = list(Step.objects.visible_to(reader).filter(pair=pair).select_related("by", "to"))
    words = StepWords.objects.visible_to(reader).filter(step__in=steps)
    rows = open_together(words.select_related("step__pair__cohort"))
    by_step = {row.pk: row for row in rows}
    return [{"step": step, "words": by_step.get(step.pk)} for step in steps]


def pairs_without_lead(programme: Programme | None = None) -> list[Pair]:
    """Return the pairs, of one programme or of all, that no lead can look after: all are in it."""
    leads = Steward.objects.filter(kind=Steward.Kind.LEAD).order_by()
    of_programme: dict[int, set[int]] = {}
    for programme_id, person_id in leads.values_list("programme_id", "person_id"):
        of_programme.setdefault(programme_id, set()).add(person_id)
    leading = leads.values("person")
    pairs = Pair.objects.active().filter(Q(mentor__in=leading) | Q(mentee__in=leading))
    if programme:
        pairs = pairs.filter(cohort__programme=programme)
    return [
        pair
        for pair in pairs.select_related("cohort__programme", "mentor", "mentee").order_by("pk")
        if of_programme.get(pair.cohort.programme_id, set()) <= {pair.mentor_id, pair.mentee_id}
    ]


# -- messages -------------------------------------------------------------------------------------


def audience(cohort: Cohort, to: str) -> QuerySet[Person]:
    """Return the people of a cohort whom a message reaches, each once."""
    people = Person.objects.active()
    if to in {Message.To.NO_DATE, Message.To.NOT_MET}:
        state = Session.State.BOOKED if to == Message.To.NO_DATE else Session.State.HELD
        there = Exists(Session.objects.filter(pair=OuterRef("pk"), state=state))
        pairs = cohort.pairs.active().filter(~there).order_by()
        return people.filter(
            Q(pk__in=pairs.values("mentor_id")) | Q(pk__in=pairs.values("mentee_id"))
        )
    enrolled = cohort.enrolments.filter(
        state__in=[Enrolment.State.ENROLLED, Enrolment.State.BENCH]
    ).order_by()
    if to in Side.values:
        enrolled = enrolled.filter(side=to)
    return people.filter(pk__in=enrolled.values("person_id"))


def messages_of(cohort: Cohort, *, reader: Person, number: Any = 1) -> Page:
    """Return one page of the messages to a cohort, newest first, with their subjects."""
    sent = Message.objects.visible_to(reader).filter(cohort=cohort).select_related("by")
    page = Paginator(sent, PAGE_SIZE).get_page(number)
    rows = list(page.object_list)
    words = MessageWords.objects.visible_to(reader).filter(message__in=rows)
    opened = open_together(words.select_related("message__cohort"))
    by_message = {each.pk: each for each in opened}
    page.object_list = [{"message": row, "words": by_message.get(row.pk)} for row in rows]
    return page


# -- Monday ---------------------------------------------------------------------------------------

LINES = 5
_IN_DIGEST = {*Band.values, "talks"}


def digest_of(person: Person, *, at: dt.datetime) -> list[dict[str, Any]]:
    """Return what lies on a lead's desks, by programme: figures and reasons, no names."""
    today = timezone.localdate(at)
    parts = []
    for programme in Programme.objects.led_by(person).filter(pk__in=count_on_desk(person, at=at)):
        page = desk_page(programme, reader=person, at=at)
        counts = count_by_band(programme, reader=person, at=at)
        fresh = PairHealth.objects.visible_to(person).filter(
            pair__cohort__programme=programme, band_since__gt=today - dt.timedelta(days=7)
        )
        parts.append(
            {
                "programme": programme,
                "counts": [(label, n) for key, label, n in counts if n and key in _IN_DIGEST],
                "n_new": fresh.exclude(band=Band.STEADY).count(),
                # what many pairs share is said once
                "lines": list(dict.fromkeys(map(_line, page.object_list)))[:LINES],
            }
        )  # fmt: skip
    return parts


def _line(row: dict[str, Any]) -> str:
    if not row["signals"]:
        return row["advice"].text
    return f"{FILTERS[row['band']]}: {', '.join(row['reasons'])}"
