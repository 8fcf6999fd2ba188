"""Check a pairing against the question it answers: people, or a matrix of scores.

`_checker` checks the pairing and its proofs by numbers. The matrix of scores and rules is the same
encoding that the solver used; each pair that was made, and with `thorough` each that could
be, is looked at again here by the one-pair definitions.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from contraflow.matching import _fit
from contraflow.matching._arrays import Floats, Ints, Mask
from contraflow.matching._checker import Claim, check, wrong_shape
from contraflow.matching._checks import as_allowed, as_capacity, as_scores, as_share
from contraflow.matching._encode import encode, without_share
from contraflow.matching._instance import Certificate
from contraflow.matching._pairing import Pairing
from contraflow.matching._problem import Problem, as_aims

# The coarsest grid float scores may be put on, as a share of their range.
_COARSEST = 1e-6


@dataclass(frozen=True)
class Verdict:
    """Say whether a pairing is what it claims to be, and what is wrong if not."""

    failures: tuple[str, ...]

    @property
    def valid(self) -> bool:
        """Return whether nothing is wrong."""
        return not self.failures


def verify(
    problem_or_scores: Problem | npt.ArrayLike,
    pairing: Pairing,
    *,
    allowed: npt.ArrayLike | None = None,
    mentor_capacity: npt.ArrayLike = 1,
    mentee_capacity: npt.ArrayLike = 1,
    objective: str = "least_served",
    depth: int = 1,
    one_each_first: bool = False,
    floor: float | None = None,
    share_of_best: float | None = None,
    thorough: bool = False,
) -> Verdict:
    """Check a pairing, its scores and its proofs against the question it answers.

    Parameters
    ----------
    problem_or_scores : Problem or array_like
        What was given to `solve` or `solve_matrix`; for a matrix with the same options.
    pairing : Pairing
    thorough : bool
        For a `Problem`, also score every possible pair a second time by the one-pair
        definition of fit, not only the pairs that were made. Takes about 20 microseconds
        each.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from contraflow.matching import solve_matrix
    >>> pairing = solve_matrix([[9, 4], [5, 1]])
    >>> verify([[9, 4], [5, 1]], pairing).valid
    True
    >>> verify([[9, 4], [5, 1]], replace(pairing, score=10, bound=10)).failures
    ('The score is not the sum of the pairs.',)
    """
    if isinstance(problem_or_scores, Problem):
        claim = claim_of(problem_or_scores)
        failures = check(claim, pairing)
        if not wrong_shape(claim, pairing):
            failures += _wrong_people(problem_or_scores, claim, pairing, thorough)
        return Verdict(tuple(failures))
    aims = as_aims(objective, depth, one_each_first)
    values = as_scores(problem_or_scores)
    possible = as_allowed(allowed, values)
    if floor is not None:
        possible &= values >= floor
    if share_of_best is not None:
        possible &= ~_below_share(values, possible, as_share(share_of_best, values[possible]))
    units = _on_grid(values, possible, pairing.certificate)
    if units is None:
        return Verdict(("The grid of whole units is too coarse.",))
    claim = Claim(
        values,
        units,
        possible,
        np.zeros_like(possible),
        as_capacity(mentor_capacity, "mentor_capacity", values.shape[0]),
        as_capacity(mentee_capacity, "mentee_capacity", values.shape[1]),
        aims,
    )
    return Verdict(tuple(check(claim, pairing)))


def claim_of(problem: Problem) -> Claim:
    """Return the question a problem asks, in numbers."""
    encoded = encode(problem)
    locked = np.zeros(encoded.scores.shape, dtype=np.bool_)
    for mentor, mentee in problem.locked:
        locked[problem.mentor_row(mentor), problem.mentee_column(mentee)] = True
    return Claim(
        encoded.scores,
        encoded.scores,
        encoded.allowed | locked,
        locked,
        np.array([person.capacity for person in problem.mentors], dtype=np.int64),
        np.array([person.capacity for person in problem.mentees], dtype=np.int64),
        problem.aims,
    )


def _on_grid(values: Ints | Floats, possible: Mask, proof: Certificate) -> Ints | None:
    """Return scores in whole units, or None if the units are too coarse to mean anything."""
    used = values[possible]
    if values.dtype.kind == "i" or not used.size:
        return np.where(possible, values, 0).astype(np.int64) if proof.unit == 1 else None
    if proof.unit == 1 and proof.offset == 0 and np.all(used == np.rint(used)):
        return np.where(possible, values, 0).astype(np.int64)
    spread = float(used.max() - used.min())
    if not 0 < proof.unit <= spread * _COARSEST and spread > 0:
        return None
    safe = np.where(possible, values, proof.offset)
    return np.rint((safe - proof.offset) / proof.unit).astype(np.int64)


def _below_share(values: Ints | Floats, possible: Mask, share: float) -> Mask:
    """Return the pairs below a share of the best that either of the two could have."""
    known = np.where(possible, values, 0)
    best_of_mentor = known.max(axis=1, initial=0)[:, None]
    best_of_mentee = known.max(axis=0, initial=0)[None, :]
    below: Mask = values < share * np.maximum(best_of_mentor, best_of_mentee)
    return below


def _wrong_people(problem: Problem, claim: Claim, pairing: Pairing, thorough: bool) -> list[str]:
    """Check pairs against the definitions of fit and of the rules, person by person."""
    most = _fit.points(problem.weights)
    forbidden, locked = set(problem.forbidden), set(problem.locked)
    chosen = np.zeros_like(claim.possible)
    chosen[tuple(pairing.pairs.T)] = True
    below_share = np.zeros_like(claim.possible)
    if problem.rules.share_of_best is not None:
        others = without_share(encode(problem).blocked)
        below_share = _below_share(claim.units, others, problem.rules.share_of_best)
    failures: Counter[str] = Counter()
    looked_at = np.ones_like(chosen) if thorough else chosen
    for row, column in np.argwhere(looked_at).tolist():
        mentor, mentee = problem.mentors[row], problem.mentees[column]
        pair = (mentor.id, mentee.id)
        score = sum(_fit.fit_parts(most, mentor, mentee).values())
        score += most.kept if pair in problem.current else 0
        wanted = pair not in forbidden and not _fit.is_below_floor(problem.rules, score)
        may_be = not _fit.broken_rules(problem.rules, mentor, mentee) and (
            pair in locked or (wanted and not below_share[row, column])
        )
        if score != claim.units[row, column]:
            failures["A score is not the fit of the two people."] += 1
        if may_be != claim.possible[row, column]:
            failures["A hard rule was overlooked or invented."] += 1
        if chosen[row, column] and not may_be:
            failures["A pair breaks a hard rule."] += 1
    return list(failures)
