"""An independent check of a pairing and its proof; shares no code with the search for pairs.

The matrix of scores and rules is the same encoding that the solver used; each pair that was
made, and with `thorough` each that could be, is looked at again by the one-pair definitions.

Read it from `verify` downwards: what a pairing must be, then the three proofs. A proof is
checked by adding up whole numbers, never by solving anything again:

1. Most pairs: the covered places and the possible pairs outside the cover are as many as the
   pairs there are, and no pairing can have more.
2. Least served: among pairs that score higher than the lowest pair, a cover allows fewer.
3. Largest total: for any prices u, p >= 0 and any bonus, a pairing of k pairs totals at most
   ``sum capacity_i u_i + sum capacity_j p_j + sum max(0, score + bonus - u_i - p_j) - k bonus``,
   the last sum going over the possible pairs. The pairing's own total reaches that. Where
   either of two people has one place only, the term of their pair is 0.
"""

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from contraflow.matching import _fit
from contraflow.matching._arrays import Floats, Ints, Mask
from contraflow.matching._checks import as_allowed, as_capacity, as_scores
from contraflow.matching._encode import encode
from contraflow.matching._instance import Certificate, Cover
from contraflow.matching._pairing import Pairing
from contraflow.matching._problem import Problem, check_objective

# Prices beyond this could overflow when added and prove what is not true.
_LARGEST_PRICE = 2**60
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


@dataclass(frozen=True, eq=False)
class _Claim:
    """Hold the question as the checker sees it: what may be paired and at what score."""

    values: Ints | Floats
    units: Ints
    possible: Mask
    locked: Mask
    mentors: Ints
    mentees: Ints
    objective: str


def verify(
    problem_or_scores: Problem | npt.ArrayLike,
    pairing: Pairing,
    *,
    allowed: npt.ArrayLike | None = None,
    mentor_capacity: npt.ArrayLike = 1,
    mentee_capacity: npt.ArrayLike = 1,
    objective: str = "least_served",
    floor: float | None = None,
    thorough: bool = False,
) -> Verdict:
    """Check a pairing, its scores and its three proofs against the question it answers.

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
    proof = pairing.certificate
    if isinstance(problem_or_scores, Problem):
        claim = _claim_of_problem(problem_or_scores)
    else:
        check_objective(objective)
        values = as_scores(problem_or_scores)
        possible = as_allowed(allowed, values)
        if floor is not None:
            possible &= values >= floor
        units = _on_grid(values, possible, proof)
        if units is None:
            return Verdict(("The grid of whole units is too coarse.",))
        claim = _Claim(
            values,
            units,
            possible,
            np.zeros_like(possible),
            as_capacity(mentor_capacity, "mentor_capacity", values.shape[0]),
            as_capacity(mentee_capacity, "mentee_capacity", values.shape[1]),
            objective,
        )
    failures = _wrong_shape(claim, pairing)
    if failures:
        return Verdict(tuple(failures))
    chosen = np.zeros_like(claim.possible)
    chosen[tuple(pairing.pairs.T)] = True
    failures = [*_wrong_pairs(claim, pairing, chosen), *_wrong_figures(claim, pairing, chosen)]
    failures += _wrong_proofs(claim, proof, chosen & ~claim.locked)
    if isinstance(problem_or_scores, Problem):
        failures += _wrong_people(problem_or_scores, claim, chosen, thorough)
    return Verdict(tuple(failures))


def _claim_of_problem(problem: Problem) -> _Claim:
    encoded = encode(problem)
    locked = np.zeros(encoded.scores.shape, dtype=np.bool_)
    for mentor, mentee in problem.locked:
        locked[problem.mentor_row(mentor), problem.mentee_column(mentee)] = True
    return _Claim(
        encoded.scores,
        encoded.scores,
        encoded.allowed | locked,
        locked,
        np.array([person.capacity for person in problem.mentors], dtype=np.int64),
        np.array([person.capacity for person in problem.mentees], dtype=np.int64),
        problem.objective,
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


def _wrong_shape(claim: _Claim, pairing: Pairing) -> list[str]:
    """Check what the other checks rely on."""
    (n, m), proof = claim.possible.shape, pairing.certificate
    pairs = pairing.pairs
    if pairs.ndim != 2 or pairs.shape[1] != 2 or pairs.dtype != np.int64:
        return ["pairs is not a list of (mentor, mentee)."]
    if len(pairs) and not ((pairs >= 0).all() and (pairs < (n, m)).all()):
        return ["A pair names somebody who is not there."]
    covers = [proof.most] if proof.least_cover is None else [proof.most, proof.least_cover]
    if any(cover.mentors.shape != (n,) or cover.mentees.shape != (m,) for cover in covers):
        return ["A cover has the wrong length."]
    for prices, length in ((proof.mentor_prices, n), (proof.mentee_prices, m)):
        if prices.shape != (length,) or prices.dtype != np.int64:
            return ["The prices have the wrong length or are not whole."]
        if length and not (prices.min() >= 0 and prices.max() < _LARGEST_PRICE):
            return ["A price is negative or beyond reason."]
    return [] if abs(proof.bonus) < _LARGEST_PRICE else ["The bonus is beyond reason."]


def _wrong_pairs(claim: _Claim, pairing: Pairing, chosen: Mask) -> list[str]:
    failures = []
    if int(chosen.sum()) != len(pairing.pairs):
        failures.append("A pair occurs twice.")
    if (chosen & ~claim.possible).any():
        failures.append("A pair is not allowed.")
    if (claim.locked & ~chosen).any():
        failures.append("A locked pair is missing.")
    if (chosen.sum(axis=1) > claim.mentors).any() or (chosen.sum(axis=0) > claim.mentees).any():
        failures.append("Somebody is in more pairs than they have places.")
    return failures


def _wrong_figures(claim: _Claim, pairing: Pairing, chosen: Mask) -> list[str]:
    failures = []
    mentors = [i for i, load in enumerate(chosen.sum(axis=1)) if not load and claim.mentors[i]]
    mentees = [j for j, load in enumerate(chosen.sum(axis=0)) if not load and claim.mentees[j]]
    if (
        pairing.unmatched_mentors.tolist() != mentors
        or pairing.unmatched_mentees.tolist() != mentees
    ):
        failures.append("The people without a partner are not those listed.")
    values = [claim.values[i, j].item() for i, j in pairing.pairs]
    if pairing.pair_scores.tolist() != values:
        failures.append("A pair's score is not its own.")
    if pairing.score != (math.fsum(values) if claim.values.dtype.kind == "f" else sum(values)):
        failures.append("The score is not the sum of the pairs.")
    nobody = not len(pairing.pairs) and bool(mentors) and bool(mentees)
    if pairing.status != ("infeasible" if nobody else "optimal"):
        failures.append("The status is not what the pairs say.")
    if pairing.bound != pairing.score or pairing.gap != 0:
        failures.append("An optimal pairing has its own score as bound, and no gap.")
    return failures


def _wrong_proofs(claim: _Claim, proof: Certificate, free: Mask) -> list[str]:
    """Check the three proofs for the pairs that were not settled by hand."""
    possible = claim.possible & ~claim.locked
    mentors = claim.mentors - claim.locked.sum(axis=1)
    mentees = claim.mentees - claim.locked.sum(axis=0)
    count, total = int(free.sum()), sum(claim.units[free].tolist())
    failures = []
    if _most_under(proof.most, possible, mentors, mentees) != count:
        failures.append("The cover does not prove that there are as many pairs as possible.")
    if claim.objective == "least_served" and count:
        lowest = int(claim.units[free].min())
        higher = possible & (claim.units > lowest)
        cover = proof.least_cover
        if proof.least != lowest:
            failures.append("The lowest score of a pair is not the one proven.")
        if cover is None or _most_under(cover, higher, mentors, mentees) >= count:
            failures.append("The cover does not prove the least-served pair.")
        possible = possible & (claim.units >= lowest)
    over = claim.units + proof.bonus - proof.mentor_prices[:, None] - proof.mentee_prices[None, :]
    over = np.where(possible, np.maximum(over, 0), 0)
    bound = (
        sum(a * u for a, u in zip(mentors.tolist(), proof.mentor_prices.tolist(), strict=True))
        + sum(b * p for b, p in zip(mentees.tolist(), proof.mentee_prices.tolist(), strict=True))
        + sum(over[over > 0].tolist())
        - count * proof.bonus
    )
    several = (mentors > 1)[:, None] & (mentees > 1)
    if bound != total or over[~several].any():
        failures.append("The prices do not prove the total.")
    return failures


def _most_under(cover: Cover, possible: Mask, mentors: Ints, mentees: Ints) -> int:
    """Return how many pairs there can be at most, by a cover."""
    outside = possible & ~cover.mentors[:, None] & ~cover.mentees[None, :]
    return int(mentors[cover.mentors].sum() + mentees[cover.mentees].sum() + outside.sum())


def _wrong_people(problem: Problem, claim: _Claim, chosen: Mask, thorough: bool) -> list[str]:
    """Check pairs against the definitions of fit and of the rules, person by person."""
    most = _fit.points(problem.weights)
    forbidden, locked = set(problem.forbidden), set(problem.locked)
    failures: Counter[str] = Counter()
    looked_at = np.ones_like(chosen) if thorough else chosen
    for row, column in np.argwhere(looked_at).tolist():
        mentor, mentee = problem.mentors[row], problem.mentees[column]
        pair = (mentor.id, mentee.id)
        score = sum(_fit.fit_parts(most, mentor, mentee).values())
        score += most.kept if pair in problem.current else 0
        may_be = not _fit.broken_rules(problem.rules, mentor, mentee) and (
            pair in locked
            or (pair not in forbidden and not _fit.is_below_floor(problem.rules, score))
        )
        if score != claim.units[row, column]:
            failures["A score is not the fit of the two people."] += 1
        if may_be != claim.possible[row, column]:
            failures["A hard rule was overlooked or invented."] += 1
        if chosen[row, column] and not may_be:
            failures["A pair breaks a hard rule."] += 1
    return list(failures)
