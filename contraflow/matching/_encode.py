"""All pairs at once: the scores and the hard rules of `_fit` as whole-number matrices.

Shared topics, interests and hours are products of whole-number float32 matrices whose
partial sums stay below 2**24, so they are exact in any order, on any number of threads.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from itertools import chain
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from contraflow.matching import _fit
from contraflow.matching._arrays import Ints, Mask
from contraflow.matching._errors import MatchingError
from contraflow.matching._features import Features, codes, indicators, truth
from contraflow.matching._pairing import read_only
from contraflow.matching._people import Participant
from contraflow.matching._problem import Problem
from contraflow.matching._rules import (
    SHARE_OF_BEST,
    below_share,
    blocked_pairs,
    forbidden_pairs,
    ids_to_places,
)

# Whole numbers are exact in float32 below this.
EXACT_BELOW = 2**24
# Mentors scored at a time: keeps the scratch matrices of a block in megabytes.
BLOCK = 256


@dataclass(frozen=True, eq=False)
class Encoded:
    """Hold what solving needs of a problem.

    Parameters
    ----------
    scores : ndarray of int64, shape (n_mentors, n_mentees)
        Micro-points.
    blocked : dict of str to ndarray of bool, shape (n_mentors, n_mentees)
        For each hard rule the pairs it rules out.
    allowed : ndarray of bool, shape (n_mentors, n_mentees)
        Pairs that no rule blocks.
    """

    scores: Ints
    blocked: dict[str, Mask]
    allowed: Mask


_encoded: WeakKeyDictionary[Problem, Encoded] = WeakKeyDictionary()


def encode(
    problem: Problem,
    *,
    executor: Executor | None = None,
    step: Callable[[], None] = lambda: None,
) -> Encoded:
    """Return the matrices of a problem, computed once for as long as it lives."""
    known = _encoded.get(problem)
    if known is None:
        scores = score_matrix(problem, executor=executor, step=step)
        known = _encoded[problem] = _with_rules(problem, scores, blocked_pairs(problem, scores))
    return known


def carry_over(problem: Problem, changed: Problem) -> None:
    """Let a problem that differs in locked and forbidden pairs only use the same matrices."""
    known = encode(problem)
    blocked = {**known.blocked, "forbidden": forbidden_pairs(changed)}
    _encoded[changed] = _with_rules(changed, known.scores, blocked)


def _with_rules(problem: Problem, scores: Ints, blocked: dict[str, Mask]) -> Encoded:
    allowed = without_share(blocked)
    if problem.rules.share_of_best is not None:
        blocked[SHARE_OF_BEST] = below_share(scores, allowed, problem.rules.share_of_best)
        allowed = allowed & ~blocked[SHARE_OF_BEST]
    # Everybody who asks gets the same arrays, so nobody may change them.
    for array in (scores, allowed, *blocked.values()):
        read_only(array)
    return Encoded(scores, blocked, allowed)


def without_share(blocked: dict[str, Mask]) -> Mask:
    """Return the pairs that no rule blocks but perhaps the share of everybody's best."""
    others = [mask for rule, mask in blocked.items() if rule != SHARE_OF_BEST]
    possible: Mask = ~np.logical_or.reduce(others)
    return possible


def score_matrix(
    problem: Problem, *, executor: Executor | None = None, step: Callable[[], None] = lambda: None
) -> Ints:
    """Return the fit of every mentor with every mentee in micro-points."""
    most = _fit.points(problem.weights)
    features = _Features.of(most, problem.mentors, problem.mentees)
    rows = [range(start, start + BLOCK) for start in range(0, len(problem.mentors), BLOCK)]
    blocks = [features.only(block) for block in rows]
    scores = np.zeros((len(problem.mentors), len(problem.mentees)), dtype=np.int64)
    score = partial(_score_block, most)
    for block, part in zip(rows, (executor.map if executor else map)(score, blocks), strict=True):
        scores[block.start : block.stop] = part
        step()
    for row, column, bonus in chain(mentor_wishes(problem), mentee_wishes(problem)):
        scores[row, column] += bonus
    for row, column in ids_to_places(problem, problem.current):
        scores[row, column] += most.kept
    return scores


@dataclass(frozen=True, eq=False)
class _Features:
    """Hold both sides as arrays: products give counts, codes compare, -1 is not answered."""

    products: dict[str, tuple[Features, Features]]
    answered: dict[str, tuple[Mask, Mask]]
    codes: dict[str, tuple[Ints, Ints]]
    traits: tuple[Ints, Ints]

    @classmethod
    def of(
        cls, most: _fit.Points, mentors: Sequence[Participant], mentees: Sequence[Participant]
    ) -> "_Features":
        def answers(question: Callable[[Participant], object]) -> tuple[Mask, Mask]:
            return truth([question(p) for p in mentors]), truth([question(p) for p in mentees])

        def coded(value: Callable[[Participant], Hashable | None]) -> tuple[Ints, Ints]:
            return codes([value(p) for p in mentors], [value(p) for p in mentees])

        return cls(
            products={
                "skills": _skills(most, mentors, mentees),
                "interests": _interests(most, mentors, mentees),
                "hours": indicators([p.hours for p in mentors], [p.hours for p in mentees]),
                "languages": indicators(
                    [p.languages for p in mentors], [p.languages for p in mentees]
                ),
            },
            answered={
                "skills": (
                    np.ones(len(mentors), dtype=np.bool_),
                    truth([_fit.wanted_topics(p) for p in mentees]),
                ),
                "interests": answers(lambda p: p.interests),
                "hours": answers(lambda p: p.hours),
                "languages": answers(lambda p: p.languages),
                "traits": answers(_fit.has_answered),
            },
            codes={
                "site": coded(lambda p: p.site),
                "function": coded(lambda p: p.department[0] if p.department else None),
                "department": coded(lambda p: tuple(p.department) or None),
            },
            traits=(_traits(mentors), _traits(mentees)),
        )

    def only(self, rows: range) -> "_Features":
        """Return the same with these mentors only."""
        cut = slice(rows.start, rows.stop)
        return _Features(
            {name: (ours[cut], theirs) for name, (ours, theirs) in self.products.items()},
            {name: (ours[cut], theirs) for name, (ours, theirs) in self.answered.items()},
            {name: (ours[cut], theirs) for name, (ours, theirs) in self.codes.items()},
            (self.traits[0][cut], self.traits[1]),
        )

    def product(self, name: str) -> npt.NDArray[np.int32]:
        ours, theirs = self.products[name]
        return np.asarray(ours @ theirs.T, dtype=np.int32)

    def both_answered(self, name: str) -> Mask:
        ours, theirs = self.answered[name]
        return ours[:, None] & theirs[None, :]

    def both_known(self, name: str) -> Mask:
        ours, theirs = self.codes[name]
        return (ours[:, None] >= 0) & (theirs[None, :] >= 0)

    def same(self, name: str) -> Mask:
        ours, theirs = self.codes[name]
        same: Mask = ours[:, None] == theirs[None, :]
        return same


def _score_block(most: _fit.Points, block: _Features) -> npt.NDArray[np.int32]:
    """Score some mentors with all mentees; each line is one formula of `_fit`."""
    hours = most.hours // _fit.HOURS_ENOUGH * np.minimum(block.product("hours"), _fit.HOURS_ENOUGH)
    language = np.where(block.product("languages") > 0, most.language, 0)
    same_site = block.same("site")
    in_function = np.where(block.same("department"), 0, most.function // 2)
    function = np.where(block.same("function"), in_function, most.function)
    parts = (
        (block.both_answered("skills"), block.product("skills"), most.skills // 2),
        (block.both_answered("interests"), block.product("interests"), most.interests // 2),
        (block.both_answered("hours"), hours, most.hours // 2),
        (block.both_answered("languages"), language, most.language // 2),
        (block.both_known("site"), np.where(same_site, most.site, 0), most.site // 2),
        (block.both_known("function"), function, most.function // 2),
        (block.both_known("site"), np.where(same_site, 0, most.other_site), most.other_site // 2),
        (block.both_answered("traits"), _personality(most, block), most.personality_half),
    )
    scores = np.zeros(parts[0][0].shape, dtype=np.int32)
    for known, part, neutral in parts:
        scores += np.where(known, part, neutral).astype(np.int32)
    return scores


def _personality(most: _fit.Points, block: _Features) -> Ints:
    ours, theirs = block.traits
    total = np.zeros((len(ours), len(theirs)), dtype=np.int64)
    for place, trait in enumerate(_fit.JUDGED_TRAITS):
        squares = (ours[:, place, None] - theirs[None, :, place]) ** 2
        total += squares if trait in _fit.APART_TRAITS else _fit.TRAIT_STEPS**2 - squares
    return most.trait_step * total


def mentor_wishes(problem: Problem) -> Iterator[tuple[int, int, int]]:
    """Yield row, column and micro-points of each wish of a mentor for somebody who is here."""
    most = _fit.points(problem.weights)
    for row, person in enumerate(problem.mentors):
        for wish, bonus in _fit.wishes_of(most, person):
            if problem.has_mentee(wish):
                yield row, problem.mentee_column(wish), bonus


def mentee_wishes(problem: Problem) -> Iterator[tuple[int, int, int]]:
    """Yield row, column and micro-points of each wish of a mentee for somebody who is here."""
    most = _fit.points(problem.weights)
    for column, person in enumerate(problem.mentees):
        for wish, bonus in _fit.wishes_of(most, person):
            if problem.has_mentor(wish):
                yield problem.mentor_row(wish), column, bonus


def _traits(people: Sequence[Participant]) -> Ints:
    traits = np.zeros((len(people), len(_fit.JUDGED_TRAITS)), dtype=np.int64)
    for row, person in enumerate(people):
        if person.personality is not None and _fit.has_answered(person):
            traits[row] = [_fit.quarter(person.personality[t]) for t in _fit.JUDGED_TRAITS]
    return traits


def _skills(
    most: _fit.Points, mentors: Sequence[Participant], mentees: Sequence[Participant]
) -> tuple[Features, Features]:
    """Return thermometers: one 1 for each level reached, so that a product counts minima."""
    wanted = [_fit.wanted_topics(person) for person in mentees]
    ours, theirs = indicators(
        [_levels(_fit.open_topics(person)) for person in mentors],
        [_levels(topics) for topics in wanted],
    )
    shares = [most.skills // sum(topics.values()) if topics else 0 for topics in wanted]
    theirs *= np.array(shares, dtype=np.float32).reshape(-1, 1)
    return exact(ours, theirs)


def _levels(topics: dict[str, int]) -> set[tuple[str, int]]:
    return {(topic, step) for topic, level in topics.items() for step in range(level)}


def _interests(
    most: _fit.Points, mentors: Sequence[Participant], mentees: Sequence[Participant]
) -> tuple[Features, Features]:
    ours, theirs = indicators([p.interests for p in mentors], [p.interests for p in mentees])
    ours *= _interest_factors(most, mentors)
    theirs *= _interest_factors(most, mentees)
    return exact(ours, theirs)


def _interest_factors(most: _fit.Points, people: Sequence[Participant]) -> Features:
    factors = [_fit.interest_factor(most, person.interests) for person in people]
    return np.array(factors, dtype=np.float32).reshape(-1, 1)


def exact(ours: Features, theirs: Features) -> tuple[Features, Features]:
    """Return the two unless a sum of their products could leave float32's whole numbers."""
    if ours.size and theirs.size:
        largest = ours.max(axis=0, initial=0).astype(np.float64)
        if float((theirs.astype(np.float64) @ largest).max(initial=0)) >= EXACT_BELOW:
            raise MatchingError("A partial score would leave the exact range of float32.")
    return ours, theirs
