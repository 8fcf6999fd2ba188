"""What else could have been, and what it would cost everybody."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from contraflow.matching._encode import carry_over, encode
from contraflow.matching._errors import MatchingInputError
from contraflow.matching._pairing import Pairing
from contraflow.matching._people import PersonId
from contraflow.matching._problem import Pair, Problem
from contraflow.matching._solve import instance_of, solve


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


@dataclass(frozen=True, kw_only=True)
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
    pairing : Pairing
        The best pairing with the decision taken.
    """

    pairs: int
    least_served: int
    total: int
    moved: int
    pairing: Pairing


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
) -> Price:
    """Return exactly what making or ruling out some pairs changes, by solving again.

    Parameters
    ----------
    problem : Problem
    pairing : Pairing
        Its solution.
    force, forbid : sequence of (mentor id, mentee id)
        Forced pairs are set aside first, as locked ones are; the aims are then for the rest.

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
    """
    if not force and not forbid:
        raise MatchingInputError("Name pairs to force or to forbid.")
    decided = [pair for pair in force if pair not in problem.locked]
    ruled_out = [pair for pair in forbid if pair not in problem.forbidden]
    changed = replace(
        problem,
        locked=(*problem.locked, *decided),
        forbidden=(*problem.forbidden, *ruled_out),
    )
    carry_over(problem, changed)
    after = solve(changed, start=pairing)
    before = {tuple(pair) for pair in pairing.pairs.tolist()}
    forced = {(problem.mentor_row(a), problem.mentee_column(b)) for a, b in force}
    return Price(
        pairs=len(after.pairs) - len(pairing.pairs),
        least_served=int((after.least_served or 0) - (pairing.least_served or 0)),
        total=int(after.score - pairing.score),
        moved=len({tuple(pair) for pair in after.pairs.tolist()} - before - forced),
        pairing=after,
    )
