"""What may be behind what a pair does: for its lead from process facts, for the two from their own.

Each card is a hypothesis, made when a page is opened. That it was shown is kept nowhere, and no
order, count, mail or state depends on it.
"""

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils import timezone

from contraflow.content.schema import ResistanceCard, load_resistance
from contraflow.core.sealing import open_together
from contraflow.pairs.gates import is_opened_by_lead
from contraflow.pairs.health import read_facts, score
from contraflow.pairs.models import (
    Commitment,
    CommitmentWords,
    Pair,
    Session,
    SessionChange,
    SessionWords,
)
from contraflow.pairs.rests import rests_of, rests_until
from contraflow.people.models import Person
from contraflow.programmes.models import Cohort, Side
from contraflow.training.models import Progress

# "three times" of the playbook
THREE = 3
# the module about hearing criticism
FEEDBACK = "M05"


@dataclass(frozen=True, kw_only=True)
class Noticed:
    """A card, and what was noticed that it may go with, in words."""

    card: ResistanceCard
    signals: list[str]


def _day(moment: dt.datetime) -> dt.date:
    # of the installation: what is noticed is the same whoever looks
    return timezone.localdate(moment, timezone.get_default_timezone())


def _has_come(session: Session | None, on: dt.date) -> bool:
    if session is None:
        return False
    return (_day(session.starts_at) if session.starts_at else session.due_on) <= on


# -- for the lead: process facts ------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Process:
    """A pair as its lead knows it, and what the rule of its health found, by the rule's id."""

    pair: Pair
    on: dt.date
    found: Mapping[str, Mapping[str, Any]]

    def has_no_first_session(self) -> bool:
        return "P1" in self.found

    def has_a_leader_who_cancelled_twice(self) -> bool:
        cancelled = self.found.get("P5", {})
        return cancelled.get("side") == Side.MENTEE and "times" in cancelled

    def has_no_goal_of_the_leader(self) -> bool:
        return Side.MENTEE in self.found.get("P3", {}).get("missing", ())

    def has_the_feedback_module_open(self) -> bool:
        second = self.pair.sessions.filter(number=2).first()
        done = Progress.objects.done().filter(person=self.pair.mentee_id, module=FEEDBACK)
        return _has_come(second, self.on) and not is_opened_by_lead(self.pair) and not done.exists()

    def has_an_assistant_who_does_it_all(self) -> bool:
        kinds = SessionChange.Kind
        by_leader = SessionChange.objects.filter(
            session__pair=self.pair, side=Side.MENTEE,
            kind__in=[kinds.BOOKED, kinds.MOVED, kinds.CANCELLED],
        )  # fmt: skip
        helpers = list(by_leader.values_list("helper_id", flat=True))
        return len(helpers) >= THREE and None not in helpers


PROCESS: dict[str, Callable[[_Process], bool]] = {
    "no_first_session": _Process.has_no_first_session,
    "leader_cancelled_twice": _Process.has_a_leader_who_cancelled_twice,
    "only_the_assistant": _Process.has_an_assistant_who_does_it_all,
    "feedback_module_open": _Process.has_the_feedback_module_open,
    "no_goal_by_week_3": _Process.has_no_goal_of_the_leader,
}


def cards_for_lead(pair: Pair, *, at: dt.datetime | None = None) -> list[Noticed]:
    """Return what may be behind the leader's part in a pair, from dates and states alone.

    Nothing of a pair that rests, is paused or has ended.
    """
    at = at or timezone.now()
    on, pairs = _day(at), Pair.objects.filter(pk=pair.pk).active()
    facts = read_facts(pairs.filter(cohort__state=Cohort.State.RUNNING), until=at).get(pair.pk)
    if facts is None or rests_until(on, facts.rests):
        return []
    found = {signal["id"]: signal for signal in score(facts, on=on).signals}
    known = _Process(pair=pair, on=on, found=found)
    return _cards({key for key, holds in PROCESS.items() if holds(known)})


# -- for the two: what they did and wrote themselves ----------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Inside:
    """A pair as one of the two knows it."""

    pair: Pair
    reader: Person
    on: dt.date

    @cached_property
    def sessions(self) -> list[Session]:
        return list(self.pair.sessions.order_by("starts_at", "number"))

    @cached_property
    def held(self) -> list[Session]:
        return [session for session in self.sessions if session.state == Session.State.HELD]

    def has_no_question_ahead(self) -> bool:
        second = next((session for session in self.sessions if session.number == 2), None)
        # later it would be no help in beginning
        if not _has_come(second, self.on) or len(self.held) > 2:
            return False
        words = SessionWords.objects.visible_to(self.reader).filter(session__pair=self.pair)
        return not words.filter(question__isnull=False).exists()

    def has_no_commitments(self) -> bool:
        made = Commitment.objects.visible_to(self.reader).filter(session__pair=self.pair)
        return not made.exists() and len(self.held) >= 2

    def had_one_topic_three_times(self) -> bool:
        last = self.held[-THREE:]
        if len(last) < THREE or len({session.has_own_topic for session in last}) > 1:
            return False
        if not last[0].has_own_topic:
            topics = {session.planned_id for session in last}
        else:
            words = SessionWords.objects.visible_to(self.reader).filter(session__in=last)
            rows = open_together(words.select_related("session"))
            topics = {row.own_topic and " ".join(row.own_topic.casefold().split()) for row in rows}
        return len(topics) == 1 and None not in topics

    def dropped_three_of_the_leaders(self) -> bool:
        words = CommitmentWords.objects.visible_to(self.reader).filter(
            commitment__session__pair=self.pair, commitment__side=Side.MENTEE
        )
        rows = open_together(words.select_related("commitment__session"))
        return sum(row.outcome == CommitmentWords.Outcome.DROPPED for row in rows) >= THREE


INSIDE: dict[str, Callable[[_Inside], bool]] = {
    "no_question_ahead": _Inside.has_no_question_ahead,
    "dropped_three_times": _Inside.dropped_three_of_the_leaders,
    "same_topic_three_times": _Inside.had_one_topic_three_times,
    "no_commitments": _Inside.has_no_commitments,
}


def cards_inside(pair: Pair, *, reader: Person, at: dt.datetime | None = None) -> list[Noticed]:
    """Return what may help one of the two, from what they may read themselves.

    Nothing while they rest, and nothing once the pair is over as far as the reader knows.
    """
    on = _day(at or timezone.now())
    meeting = Pair.objects.meeting_for(reader).filter(
        pk=pair.pk, cohort__state=Cohort.State.RUNNING
    )
    if not meeting.exists() or rests_until(on, rests_of(meeting).get(pair.pk, ())):
        return []
    mine = {"both"} | ({"leader"} if pair.side_of(reader) == Side.MENTEE else set())
    known = _Inside(pair=pair, reader=reader, on=on)
    shown = {s.key for card in load_resistance() for s in card.signals if s.shown_to in mine}
    return _cards({key for key, holds in INSIDE.items() if key in shown and holds(known)})


def _cards(keys: Collection[str]) -> list[Noticed]:
    noticed = [
        Noticed(card=card, signals=[s.inside or s.text for s in card.signals if s.key in keys])
        for card in load_resistance()
    ]
    return [each for each in noticed if each.signals]
