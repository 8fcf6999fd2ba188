"""What else could have been, and what it would cost everybody."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from contraflow.matching._arrays import Ints, Mask
from contraflow.matching._encode import carry_over, encode
from contraflow.matching._errors import MatchingInputError
from contraflow.matching._heaviest import bound
from contraflow.matching._instance import Certificate, Instance
from contraflow.matching._least import people_placed
from contraflow.matching._pairing import Pairing
from contraflow.matching._people import PersonId
from contraflow.matching._problem import Pair, Problem
from contraflow.matching._search import Chains
from contraflow.matching._solve import instance_of, solve

_MOST = np.iinfo(np.int64).max


@dataclass(frozen=True, kw_only=True)
class Alternative:
    """Hold a pair that was not made.

    Parameters
    ----------
    score : int
        Its fit in micro-points.
    costs_at_least : int
        Micro-points the total loses at least if this pair is made, as many are placed and
        nobody is served worse than the least served now. A proven bound, from the prices;
        `price_of` returns the exact figure.
    lowers_least : bool
        True if this pair would be the new least-served one.
    """

    mentor: PersonId
    mentee: PersonId
    score: int
    costs_at_least: int
    lowers_least: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class Price:
    """Hold what a decision changes for everybody; each figure is after less before.

    Parameters
    ----------
    pairs : int
        Pairs more or fewer.
    least_served : int
        Change of the lowest score in micro-points.
    total : int
        Change of the total in micro-points.
    moved : int
        Pairs that would be made anew, the decided ones not counted.
    after : ndarray of int64, shape (n_pairs, 2)
        A best pairing with the decision taken: mentor row and mentee column, sorted.
    by_search : bool
        True if one search proved it, False if everything was solved again; exact either way.
    """

    pairs: int
    least_served: int
    total: int
    moved: int
    after: Ints
    by_search: bool


def alternatives(
    problem: Problem,
    pairing: Pairing,
    *,
    mentor: PersonId | None = None,
    mentee: PersonId | None = None,
    count: int = 3,
) -> tuple[Alternative, ...]:
    """Return the possible pairs of one person that were not made, the cheapest first.

    Name either a mentor or a mentee. A person whose places are all locked has none, and
    such a person is nobody's alternative.

    Examples
    --------
    >>> from contraflow.matching import Participant, Problem, Rules, solve
    >>> problem = Problem(
    ...     mentors=[Participant(id="ama", topics={"ai": 4}), Participant(id="ben")],
    ...     mentees=[Participant(id="eve", topics={"ai": 2})],
    ...     rules=Rules(minimum_grade_gap=None, common_language=False),
    ... )
    >>> found = alternatives(problem, solve(problem), mentee="eve")
    >>> [(each.mentor, each.score, each.costs_at_least) for each in found]
    [('ben', 275000, 450000)]
    """
    encoded = encode(problem)
    instance, locked = instance_of(problem, encoded)
    free = instance.without(locked)
    possible = free.allowed & (free.mentor_capacity > 0)[:, None] & (free.mentee_capacity > 0)
    possible[tuple(pairing.pairs.T)] = False
    only = np.zeros_like(possible)
    if mentor is not None and mentee is None:
        only[problem.mentor_row(mentor), :] = True
    elif mentee is not None and mentor is None:
        only[:, problem.mentee_column(mentee)] = True
    else:
        raise MatchingInputError("Name either a mentor or a mentee.")
    proof = pairing.certificate
    found = []
    for row, column in np.argwhere(possible & only).tolist():
        score = int(encoded.scores[row, column])
        worth = int(proof.total.mentors[row] + proof.total.mentees[column])
        found.append(
            Alternative(
                mentor=problem.mentors[row].id,
                mentee=problem.mentees[column].id,
                score=score,
                costs_at_least=worth - score - proof.bonus,
                lowers_least=proof.least is not None and score < proof.least,
            )
        )
    found.sort(key=lambda each: (each.costs_at_least, -each.score, str((each.mentor, each.mentee))))
    return tuple(found[:count])


def price_of(
    problem: Problem,
    pairing: Pairing,
    *,
    force: Sequence[Pair] = (),
    forbid: Sequence[Pair] = (),
    mentor_leaves: PersonId | None = None,
    mentee_leaves: PersonId | None = None,
) -> Price:
    """Return exactly what making or ruling out pairs changes, or that somebody leaves.

    One single change is answered by a search for the cheapest chain of moves wherever the
    proof of `pairing` shows that its answer is the best in every aim; else by solving again.
    Where both are best, they may name different pairs.

    Parameters
    ----------
    problem : Problem
    pairing : Pairing
        Its solution.
    force, forbid : sequence of (mentor id, mentee id)
        Forced pairs are set aside first, as locked ones are; the aims are then for the rest.
    mentor_leaves, mentee_leaves : id, optional

    Raises
    ------
    MatchingInputError
        If a forced pair is not possible; the message does not say which rule forbids it.

    Examples
    --------
    >>> from contraflow.matching import Participant, Problem, Rules, solve
    >>> problem = Problem(
    ...     mentors=[Participant(id="ama", topics={"ai": 4}), Participant(id="ben")],
    ...     mentees=[Participant(id="eve", topics={"ai": 2})],
    ...     rules=Rules(minimum_grade_gap=None, common_language=False),
    ... )
    >>> price = price_of(problem, solve(problem), force=[("ben", "eve")])
    >>> price.pairs, price.least_served, price.total, price.moved
    (0, -450000, -450000, 0)
    >>> price_of(problem, solve(problem), mentor_leaves="ama").after.tolist()
    [[1, 0]]
    """
    leaves = (mentor_leaves, mentee_leaves)
    changes = [*force, *forbid, *(person for person in leaves if person is not None)]
    if not changes:
        raise MatchingInputError("Name pairs to force or to forbid, or somebody who leaves.")
    after = None
    if len(changes) == 1:
        after = _by_search(problem, pairing, force, forbid, leaves)
    by_search = after is not None
    if after is None:
        after = solve(_changed(problem, force, forbid, leaves), start=pairing).pairs
    scores = encode(problem).scores
    forced = {(problem.mentor_row(a), problem.mentee_column(b)) for a, b in force}
    before = {tuple(pair) for pair in pairing.pairs.tolist()}
    found = scores[tuple(after.T)]
    return Price(
        pairs=len(after) - len(pairing.pairs),
        least_served=int(found.min(initial=_MOST) if len(found) else 0)
        - int(pairing.least_served or 0),
        total=int(found.sum() - pairing.score),
        moved=len({tuple(pair) for pair in after.tolist()} - before - forced),
        after=after,
        by_search=by_search,
    )


def _changed(
    problem: Problem, force: Sequence[Pair], forbid: Sequence[Pair], leaves: tuple[Any, Any]
) -> Problem:
    """Return the problem with the decision taken; whoever leaves has no place any more."""
    sides = [
        [replace(person, capacity=0) if person.id == gone else person for person in people]
        for people, gone in zip((problem.mentors, problem.mentees), leaves, strict=True)
    ]
    decided = [pair for pair in force if pair not in problem.locked]
    kept = [pair for pair in problem.locked if pair[0] != leaves[0] and pair[1] != leaves[1]]
    ruled_out = [pair for pair in forbid if pair not in problem.forbidden]
    changed = replace(
        problem,
        mentors=sides[0],
        mentees=sides[1],
        locked=(*kept, *decided),
        forbidden=(*problem.forbidden, *ruled_out),
    )
    carry_over(problem, changed)
    return changed


def _by_search(
    problem: Problem,
    pairing: Pairing,
    force: Sequence[Pair],
    forbid: Sequence[Pair],
    leaves: tuple[Any, Any],
) -> Ints | None:
    """Return the pairs after one change, None where the proof does not show them to be best."""
    proof = pairing.certificate
    if len(proof.levels) > 1:
        return None
    encoded = encode(problem)
    instance, locked = instance_of(problem, encoded)
    free = instance.without(locked)
    chosen = np.zeros_like(locked)
    chosen[tuple(pairing.pairs.T)] = True
    chosen &= ~locked
    lowest = proof.least
    usable = free.allowed if lowest is None else free.allowed & (free.scores >= lowest)
    weights = free.scores + proof.bonus
    chains = Chains(free, weights, usable, chosen, proof.total, proof.first_bonus)
    after, rest = _after_change(problem, chains, force, forbid, leaves)
    if after is None or rest is None or not _is_best(proof, rest, chosen, after, bool(force)):
        return None
    made = after | locked
    for pair in force:
        made[problem.mentor_row(pair[0]), problem.mentee_column(pair[1])] = True
    return np.argwhere(made).astype(np.int64)


def _after_change(
    problem: Problem,
    chains: Chains,
    force: Sequence[Pair],
    forbid: Sequence[Pair],
    leaves: tuple[Any, Any],
) -> tuple[Mask | None, Instance | None]:
    """Return the pairs that are not settled by hand after the change, and what was to decide."""
    chosen, instance = chains.chosen, chains.instance
    one = np.zeros_like(chosen)
    if force:
        row, column = problem.mentor_row(force[0][0]), problem.mentee_column(force[0][1])
        places = instance.mentor_capacity[row], instance.mentee_capacity[column]
        if not instance.allowed[row, column] or not all(places):
            return None, None
        one[row, column] = True
        if chosen[row, column]:
            return chosen & ~one, instance.without(one)
        start, end = chains.mentee(column), chains.mentor(row)
        return chains.cheapest(start, end), instance.without(one)
    if forbid:
        row, column = problem.mentor_row(forbid[0][0]), problem.mentee_column(forbid[0][1])
        if not chosen[row, column]:
            return None, None
        one[row, column] = True
        start, end = chains.mentor(row), chains.mentee(column)
        after = chains.cheapest(start, end, apart=(row, column))
        return (
            None if after is None else after & ~one,
            replace(instance, allowed=instance.allowed & ~one),
        )
    return _without_person(problem, chains, leaves)


def _without_person(
    problem: Problem, chains: Chains, leaves: tuple[Any, Any]
) -> tuple[Mask | None, Instance | None]:
    chosen, instance = chains.chosen, chains.instance
    one = np.zeros_like(chosen)
    if leaves[0] is not None:
        row = problem.mentor_row(leaves[0])
        partners, gone = np.flatnonzero(chosen[row]), chains.mentor(row)
        ends = [(chains.nobody, chains.mentee(column)) for column in partners.tolist()]
        one[row] = True
    else:
        column = problem.mentee_column(leaves[1])
        partners, gone = np.flatnonzero(chosen[:, column]), chains.mentee(column)
        ends = [(chains.mentor(row), chains.nobody) for row in partners.tolist()]
        one[:, column] = True
    if len(ends) > 1 or problem.locked:
        return None, None
    after: Mask | None = chosen
    if ends:
        after = chains.cheapest(*ends[0], gone=gone)
    places = (
        np.where(one.all(axis=1), 0, instance.mentor_capacity),
        np.where(one.all(axis=0), 0, instance.mentee_capacity),
    )
    rest = replace(
        instance,
        allowed=instance.allowed & ~one,
        mentor_capacity=places[0],
        mentee_capacity=places[1],
    )
    return (None if after is None else after & ~one), rest


def _is_best(
    proof: Certificate, rest: Instance, before: Mask, after: Mask, is_forced: bool
) -> bool:
    """Tell whether the proof of the pairing before shows the one after to be best in every aim.

    The total is the largest among pairs that reach the old lowest score. As many pairs and
    people as before cannot be surpassed, since every pairing that is left was one before.
    """
    count, people = int(after.sum()), people_placed(rest, after)
    ones = np.ones_like(rest.scores)
    if count + is_forced < int(before.sum()):
        most = bound(rest, ones, rest.allowed, first=0, prices=proof.most)
        if most != count or rest.first_mentors.any() or rest.first_mentees.any():
            return False
    elif people < people_placed(rest, before):
        return False
    if proof.least is None or (count == int(before.sum()) and not is_forced):
        return True
    above = rest.allowed & (rest.scores > proof.least)
    higher = proof.levels[0].higher
    return bound(rest, ones, above, first=1, prices=higher) < count + people
