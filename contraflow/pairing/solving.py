"""The web's door to the matching engine; `repair` shapes problems for running cohorts.

`options` is a second door, for the same people with other aims.

Import it where a draft is solved or a price is asked, not at the top of a module: the engine's
libraries take a while to load, and most pages never need them.

What the engine hears of private answers is covered before (`encode.read_profiles`), so that every
figure it gives may be kept and shown as it is, whatever settings a lead tries.
"""

import copy
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from contraflow import matching
from contraflow.core.figures import figure
from contraflow.matching import SCALE, Explanation, Pairing, Problem
from contraflow.pairing import repair
from contraflow.pairing.draft_settings import whole, wish_bonus
from contraflow.pairing.encode import Profiles, read_profiles
from contraflow.pairing.figures import as_fit, fits_in_figures
from contraflow.pairing.helps import left_over
from contraflow.pairing.models import Draft, Proposal, Wanted
from contraflow.pairing.standing import Standing, read_standing

# (person id of the mentor, person id of the leader)
Pair = tuple[int, int]
PUBLIC_PARTS = matching.PUBLIC_PARTS
# in larger cohorts (mentors times leaders) a price takes seconds, so it waits to be asked for
PRICED_UP_TO = 1_000_000
# not of the two people: a lead's decision, or a line the lead drew
_OF_THE_LEAD = {"floor", "share_of_best", "forbidden"}


class Ground:
    """Hold a draft's problem as the people and the lead's decisions are today."""

    def __init__(self, draft: Draft, *, profiles: Profiles | None = None):
        self.draft = draft
        self.standing = Standing() if draft.is_first else read_standing(draft.cohort)
        self.profiles: Profiles = profiles or read_profiles(
            draft.cohort, with_reserve=not draft.is_first
        )
        self.dropped: list[Pair] = []
        self.undecided = problem_of(self.profiles, draft.settings)
        self._decided = list(draft.wanted.order_by("pk"))
        self.kept = self._kept()
        self.problem = self._problem()

    def _problem(self) -> Problem:
        free = self.undecided if self.draft.is_first else repair.around(self)
        locked, forbidden = [], list(free.forbidden)
        places = Counter({each.id: each.capacity for each in [*free.mentors, *free.mentees]})
        for wanted in self._decided:
            pair = self._people_of(wanted)
            known = free.has_mentor(pair[0]) and free.has_mentee(pair[1])
            if known and wanted.kind == Wanted.Kind.FORBID:
                forbidden.append(pair)
            elif known and may_be(free, pair) and all(places[person] > 0 for person in pair):
                locked.append(pair)
                places.subtract(pair)
            elif wanted.kind == Wanted.Kind.LOCK and pair not in self.kept:
                self.dropped.append((wanted.mentor_id, wanted.mentee_id))
        apart = [each for each in dict.fromkeys(forbidden) if each not in locked]
        undecided = not locked and apart == list(free.forbidden)
        return free if undecided else replace(free, locked=locked, forbidden=apart)

    def _people_of(self, wanted: Wanted) -> Pair:
        people = {pk: person for person, pk in self.profiles.enrolments.items()}
        return people.get(wanted.mentor_id, -1), people.get(wanted.mentee_id, -1)

    def _kept(self) -> frozenset[Pair]:
        """Return the standing pairs that are no part of the problem: in a repair, all.

        In a re-match those of people whose profile is not finished, those the lead keeps though
        today's rules forbid them, and those only something private forbids: neither of the two
        can have said anything new since they became a pair.
        """
        if self.draft.kind == Draft.Kind.REPAIR:
            return frozenset(self.standing.pairs)
        kept = self.standing.pairs.keys() - set(self.known_standing)
        for pair in self.known_standing:
            broken = self._broken_rules(pair)
            if broken and (pair in self.locks or broken == {matching.NOT_POSSIBLE}):
                kept.add(pair)
        return frozenset(kept - self._decided_pairs(Wanted.Kind.FORBID))

    @cached_property
    def locks(self) -> set[Pair]:
        """Return the pairs that the lead keeps together, whether or not they are possible."""
        return self._decided_pairs(Wanted.Kind.LOCK)

    def _decided_pairs(self, kind: str) -> set[Pair]:
        return {self._people_of(each) for each in self._decided if each.kind == kind}

    @cached_property
    def known_standing(self) -> list[Pair]:
        """Return the standing pairs of two whose profiles are finished."""
        free = self.undecided
        pairs = self.standing.pairs
        return [each for each in pairs if free.has_mentor(each[0]) and free.has_mentee(each[1])]

    def as_repair(self) -> "Ground":
        """Return the ground of a repair for the same people, settings and decisions."""
        draft = copy.copy(self.draft)
        draft.kind = Draft.Kind.REPAIR
        return Ground(draft, profiles=self.profiles)

    @cached_property
    def best(self) -> Pairing:
        """Return the best pairing under today's decisions."""
        if self.draft.is_first and self.problem is not self.undecided:
            matching.carry_over(self.undecided, self.problem)
        return matching.solve(self.problem)

    @cached_property
    def _explained(self) -> dict[Pair, Explanation]:
        return {}

    def explain(self, pair: Pair) -> Explanation:
        """Explain a pair, once however often it is asked."""
        if pair not in self._explained:
            self._explained[pair] = matching.explain(self.undecided, *pair)
        return self._explained[pair]

    def is_allowed(self, pair: Pair) -> bool:
        """Tell whether no rule stands between two people, whatever the lead decided."""
        return not self._broken_rules(pair)

    def _broken_rules(self, pair: Pair) -> set[str]:
        return set(self.explain(pair).broken_rules) - _OF_THE_LEAD

    def best_pairs(self) -> list[Pair]:
        """Return the pairs of the best pairing by the ids of the people."""
        return ids(self.problem, self.best.pairs)

    def propose(self, pair: Pair, *, locked: bool, stays: bool = False) -> Proposal:
        """Return two people as a draft proposes them."""
        why = self.explain(pair)
        mentor, mentee = self.enrolled(pair)
        return Proposal(
            draft=self.draft, mentor_id=mentor, mentee_id=mentee, **why.public_parts,
            private=why.private, fit=why.score,
            common=self.profiles.common_ground(*pair), locked=locked, stays=stays,
        )  # fmt: skip

    def enrolled(self, pair: Pair) -> tuple[int, int]:
        """Return the enrolment ids of two people."""
        return self.profiles.enrolments[pair[0]], self.profiles.enrolments[pair[1]]

    def fit(self, pair: Pair) -> int:
        """Return the fit of a pair in millionths."""
        return self.explain(pair).score

    def fits(self, pairs: list[Pair]) -> list[int | None]:
        """Return the fits of many pairs in millionths, None where two are not possible.

        They are read from matrices of everybody, which solving needs anyway.
        """
        scores, possible = matching.fits(self.undecided)
        free = self.undecided
        places = [(free.mentor_row(mentor), free.mentee_column(mentee)) for mentor, mentee in pairs]
        return [int(scores[place]) if possible[place] else None for place in places]

    def person(self, enrolment_id: int) -> int | None:
        """Return the person id of an enrolment that takes part, else None."""
        free = self.problem
        found = next((p for p, pk in self.profiles.enrolments.items() if pk == enrolment_id), -1)
        return found if free.has_mentor(found) or free.has_mentee(found) else None

    def pair_in(self, problem: Problem, mentor: int, mentee: int) -> Pair | None:
        """Return two enrolments by the ids of their people, None if one is not in a problem."""
        people = {pk: person for person, pk in self.profiles.enrolments.items()}
        pair = people.get(mentor, -1), people.get(mentee, -1)
        return pair if problem.has_mentor(pair[0]) and problem.has_mentee(pair[1]) else None


@dataclass(frozen=True, kw_only=True)
class Solved:
    """Hold what solving a draft leaves in the database: its proposals and its figures."""

    ground: Ground
    proposals: list[Proposal]
    result: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Price:
    """Say what a choice changes for everybody; fits from 0 to 1.

    The totals are of all fits.
    """

    total_before: float
    total_after: float
    least_before: float
    least_after: float
    fewer_pairs: int
    changed: int

    @property
    def loses(self) -> float:
        """Return what the total falls by, as the two totals say it."""
        return round(self.total_before - self.total_after, 2)

    @property
    def gains(self) -> float:
        """Return what the total grows by, where the order of aims has a better total cost it."""
        return -self.loses

    @property
    def is_free(self) -> bool:
        """Tell whether nobody loses anything that two decimals show."""
        return not self.fewer_pairs and not self.loses and self.least_after >= self.least_before


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One partner somebody could have: the fit, or nothing where that is not possible."""

    enrolment_id: int
    fit: float
    is_possible: bool


# -- solving -------------------------------------------------------------------------------------


def solve_draft(draft: Draft, tell: Callable[..., None]) -> Solved:
    """Solve a draft with what the lead decided in it; `tell` hears how far it is, and what comes.

    1. Read the people; leave out decisions that today's people or rules do not allow.
    2. Solve, and have the answer checked by the independent checker.
    3. Explain each pair, and compare with pairing greedily.
    """
    started = time.perf_counter()
    tell(0, step=_("Reading the profiles"))
    ground = Ground(draft)
    problem = ground.problem
    read = time.perf_counter()
    tell(0, step=_("Comparing every mentor with every leader, and finding the best pairing"))
    pairing = ground.best = matching.solve(problem, progress=tell)
    tell(
        0,
        step=_("%(count)s pairs: having the proof checked") % {"count": figure(len(pairing.pairs))},
    )
    verdict = matching.verify(problem, pairing)
    tell(0, step=_("Writing down the reasons"))
    solved = time.perf_counter()
    locked, standing = set(problem.locked), ground.standing.pairs
    proposals = [
        ground.propose(pair, locked=pair in locked, stays=pair in standing)
        for pair in ground.best_pairs()
    ]
    result = fits_in_figures([proposal.fit for proposal in proposals])
    result |= {
        "mentors": len(problem.mentors),
        "mentees": len(problem.mentees),
        "status": pairing.status,
        "gap": pairing.gap,
        "verified": verdict.valid,
        "bound": round(result["total"] + (pairing.bound - pairing.score) / SCALE, 2),
        "greedy": fits_in_figures([ground.fit(pair) for pair in matching.greedy(problem)]),
        "dropped": ground.dropped,
        **left_over(ground, pairing),
        "seconds": {
            "read": round(read - started, 2),
            "solve": round(solved - read, 2),
            "explain": round(time.perf_counter() - solved, 2),
        },
    }
    solved = Solved(ground=ground, proposals=proposals, result=result)
    return solved if draft.is_first else repair.with_what_stands(ground, solved)


def problem_of(profiles: Profiles, settings: dict[str, Any]) -> Problem:
    """Return the engine's problem for these people and settings, nothing decided by hand."""
    settings, weights = whole(settings), settings["weights"]
    public = {name: weights[name] for name in PUBLIC_PARTS}
    return Problem(
        mentors=profiles.mentors,
        mentees=profiles.mentees,
        weights=matching.Weights(
            **public,
            personality=weights["private"],
            wish_bonus_per_side=wish_bonus(weights["private"]),
        ),
        rules=matching.Rules(
            **settings["rules"], floor=settings["floor"], share_of_best=settings["share_of_best"]
        ),
        objective=settings["objective"],
        depth=settings["depth"],
        one_each_first=settings["one_each_first"],
    )


def ids(problem: Problem, pairs: np.ndarray) -> list[Pair]:
    """Return pairs of rows and columns by the ids of the people."""
    return [(problem.mentors[row].id, problem.mentees[column].id) for row, column in pairs]


def may_be(problem: Problem, pair: Pair) -> bool:
    """Tell whether no rule stands between two people, whatever the lead decided about them."""
    return not set(matching.explain(problem, *pair).broken_rules) - _OF_THE_LEAD


# -- what if -------------------------------------------------------------------------------------


def price_of_pairing(ground: Ground, pair: Pair) -> Price | None:
    """Return what it costs everybody that these two are paired; None if that is not possible."""
    problem = ground.problem
    if not may_be(problem, pair):
        return None
    locked = _without_conflicts(ground, pair)
    if len(locked) == len(problem.locked) and pair not in problem.forbidden:
        return _price(ground, matching.price_of(problem, ground.best, force=[pair]).after)
    forbidden = [each for each in problem.forbidden if each != pair]
    changed = replace(problem, locked=[*locked, pair], forbidden=forbidden)
    return _price(ground, matching.solve(changed).pairs)


def price_of_parting(ground: Ground, pair: Pair) -> Price:
    """Return what it costs everybody that these two are kept apart."""
    problem = ground.problem
    if pair not in problem.locked:
        return _price(ground, matching.price_of(problem, ground.best, forbid=[pair]).after)
    locked = [each for each in problem.locked if each != pair]
    changed = replace(problem, locked=locked, forbidden=[*problem.forbidden, pair])
    return _price(ground, matching.solve(changed).pairs)


def price_of_leaving(ground: Ground, person: int) -> Price:
    """Return what it costs everybody that somebody leaves and all others are paired anew."""
    side = "mentor_leaves" if ground.problem.has_mentor(person) else "mentee_leaves"
    return _price(ground, matching.price_of(ground.problem, ground.best, **{side: person}).after)


def _without_conflicts(ground: Ground, pair: Pair) -> list[Pair]:
    """Return the locked pairs that leave both people of `pair` a place, the oldest given up."""
    locked = [each for each in ground.problem.locked if each != pair]
    for side, person in enumerate(ground.problem.people(pair)):
        taken = [each for each in locked if each[side] == person.id]
        for each in taken[: max(0, len(taken) + 1 - person.capacity)]:
            locked.remove(each)
    return locked


def _price(ground: Ground, after: np.ndarray) -> Price:
    pairs_before, pairs_after = ground.best_pairs(), ids(ground.problem, after)
    fits_before, fits_after = ground.fits(pairs_before), ground.fits(pairs_after)
    return Price(
        total_before=as_fit(sum(fits_before)),
        total_after=as_fit(sum(fits_after)),
        least_before=as_fit(min(fits_before, default=0)),
        least_after=as_fit(min(fits_after, default=0)),
        fewer_pairs=len(pairs_before) - len(pairs_after),
        changed=len(set(pairs_after) - set(pairs_before)),
    )


def choices_of(ground: Ground, person: int, *, side: str) -> list[Choice]:
    """Return every partner somebody could have, the best fit first, the impossible last."""
    others = ground.problem.mentees if side == "mentor" else ground.problem.mentors
    found = []
    for other in others:
        pair = (person, other.id) if side == "mentor" else (other.id, person)
        possible = may_be(ground.problem, pair)
        found.append(
            Choice(
                enrolment_id=ground.profiles.enrolments[other.id],
                fit=as_fit(ground.fit(pair)) if possible else 0.0,
                is_possible=possible,
            )
        )
    return sorted(found, key=lambda each: (not each.is_possible, -each.fit, each.enrolment_id))


@dataclass(frozen=True, kw_only=True)
class Costs:
    """Hold what choices about two people would cost everybody.

    `together` is None where the two are not possible; `next_best` maps the best other leader of
    the mentor and the best other mentor of the leader to what choosing them would cost, None
    where that is told on the page of those two alone.
    """

    is_possible: bool
    fit: float
    together: Price | None
    apart: Price | None
    next_best: dict[Choice, Price | None]


def costs_of(draft: Draft, mentor: int, mentee: int) -> Costs:
    """Return what it costs to pair two enrolments, to part them, and to choose the next best."""
    ground = Ground(draft)
    pair = (ground.person(mentor), ground.person(mentee))
    if None in pair or not may_be(ground.problem, pair):
        nothing = {"together": None, "apart": None, "next_best": {}}
        return Costs(is_possible=False, fit=0.0, **nothing)
    paired = pair in ids(ground.problem, ground.best.pairs)
    is_large = len(ground.problem.mentors) * len(ground.problem.mentees) > PRICED_UP_TO
    next_best: dict[Choice, Price | None] = {}
    if paired:
        for side, person in zip(("mentor", "mentee"), pair, strict=True):
            if choice := _second_choice(ground, person, side=side):
                other = ground.person(choice.enrolment_id)
                wanted = (person, other) if side == "mentor" else (other, person)
                next_best[choice] = None if is_large else price_of_pairing(ground, wanted)
    return Costs(
        is_possible=True,
        fit=as_fit(ground.fit(pair)),
        together=None if paired else price_of_pairing(ground, pair),
        apart=price_of_parting(ground, pair) if paired else None,
        next_best=next_best,
    )


def proposal_of(draft: Draft, mentor: int, mentee: int) -> Proposal | None:
    """Return two enrolments as a draft would propose them; None where that is not possible."""
    ground = Ground(draft)
    pair = ground.pair_in(ground.undecided, mentor, mentee)
    return ground.propose(pair, locked=False) if pair and ground.is_allowed(pair) else None


def costs_of_leaving(draft: Draft, *enrolments: int) -> list[Price | None]:
    """Return what it would cost that each of these left; None for whoever takes no part."""
    ground = Ground(draft)
    people = [ground.person(enrolment) for enrolment in enrolments]
    return [None if each is None else price_of_leaving(ground, each) for each in people]


def _second_choice(ground: Ground, person: int, *, side: str) -> Choice | None:
    """Return the best partner somebody could have and has not: the first such of `choices_of`."""
    mentor_asks = side == "mentor"
    others = ground.problem.mentees if mentor_asks else ground.problem.mentors
    taken = {each for pair in ground.best_pairs() if person in pair for each in pair}
    free = [each.id for each in others if each.id not in taken]
    found = ground.fits([(person, each) if mentor_asks else (each, person) for each in free])
    ranked = [
        (-as_fit(fit), ground.profiles.enrolments[other])
        for other, fit in zip(free, found, strict=True)
        if fit is not None
    ]
    if not ranked:
        return None
    best, enrolment = min(ranked)
    return Choice(enrolment_id=enrolment, fit=-best, is_possible=True)


def leaders_for(draft: Draft, mentor: int) -> list[Choice] | None:
    """Return every leader as a choice for a mentor; None if the mentor no longer takes part."""
    ground = Ground(draft)
    person = ground.person(mentor)
    return None if person is None else choices_of(ground, person, side="mentor")


def changed_since(draft: Draft) -> tuple[list[int], list[tuple[int, int]]]:
    """Return the enrolments of a draft that are gone, and its pairs that today's data forbid.

    Pairs that stay are not looked at: nothing is done to them.
    """
    profiles = read_profiles(draft.cohort, with_reserve=not draft.is_first)
    problem = problem_of(profiles, draft.settings)
    people = {pk: person for person, pk in profiles.enrolments.items()}
    new = draft.proposals.filter(stays=False).order_by("pk")
    pairs = list(new.values_list("mentor_id", "mentee_id"))
    gone = [each for pair in pairs for each in pair if each not in people]
    impossible = [
        pair
        for pair in pairs
        if not set(pair) & set(gone) and not may_be(problem, (people[pair[0]], people[pair[1]]))
    ]
    return list(dict.fromkeys(gone)), impossible


def is_possible(draft: Draft, mentor: int, mentee: int) -> bool:
    """Tell whether today's data allow two enrolments to be paired."""
    ground = Ground(draft)
    whole = ground.problem if draft.kind == Draft.Kind.REPAIR else ground.undecided
    pair = ground.pair_in(whole, mentor, mentee)
    return pair is not None and ground.is_allowed(pair)
