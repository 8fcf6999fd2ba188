"""An independent check of a pairing and its proof; shares no code with the search for pairs.

Read it from `check` downwards: what a pairing must be, then the proofs. All proofs have one
form, `_most_weight`: prices that bound what any pairing can weigh (`_instance.Prices` says why),
added up in whole numbers. Nothing is solved again. What is weighed differs:

1. Most pairs: each pair weighs 1, and the bound is the number of pairs there are.
2. First partners, where they are an aim: the same with one place each on that side.
3. Each of the lowest scores: a pair weighs more than all that pairs at the lower scores weigh
   less. It cannot be higher: without the pairs at this score the bound is less than what this
   pairing weighs. Nor can fewer have it: with them the bound is just what this pairing weighs.
4. The total: a pair weighs its score and a bonus, less what its level takes. The bound is what
   this pairing weighs, so none that serves the earlier aims as well has a larger total.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from contraflow.matching._arrays import Floats, Ints, Mask
from contraflow.matching._instance import Aims, Certificate, Level, Prices
from contraflow.matching._pairing import Pairing

# Prices beyond this could overflow when added and prove what is not true.
_LARGEST_PRICE = 2**59


@dataclass(frozen=True, eq=False)
class Claim:
    """Hold the question: what may be paired, at what score, and what is aimed at.

    `values` are scores in the units of the caller, `units` the same in whole units. Locked
    pairs are possible; the aims are for the others.
    """

    values: Ints | Floats
    units: Ints
    possible: Mask
    locked: Mask
    mentors: Ints
    mentees: Ints
    aims: Aims


def check(claim: Claim, pairing: Pairing) -> list[str]:
    """Return what is wrong with a pairing or its proofs, nothing if all is right."""
    if failures := wrong_shape(claim, pairing):
        return failures
    chosen = np.zeros_like(claim.possible)
    chosen[tuple(pairing.pairs.T)] = True
    return [
        *_wrong_pairs(claim, pairing, chosen),
        *_wrong_figures(claim, pairing, chosen),
        *_wrong_proofs(_Rest.of(claim, chosen), claim.aims, pairing.certificate),
    ]


# -- the pairing ---------------------------------------------------------------------------------


def wrong_shape(claim: Claim, pairing: Pairing) -> list[str]:
    """Return what is wrong with the form, on which all other checks rely."""
    (n, m), proof = claim.possible.shape, pairing.certificate
    pairs = pairing.pairs
    if pairs.ndim != 2 or pairs.shape[1] != 2 or pairs.dtype != np.int64:
        return ["pairs is not a list of (mentor, mentee)."]
    if len(pairs) and not ((pairs >= 0).all() and (pairs < (n, m)).all()):
        return ["A pair names somebody who is not there."]
    for prices in proof.proofs():
        for side, length in ((prices.mentors, n), (prices.mentees, m)):
            if side.shape != (length,) or side.dtype != np.int64:
                return ["The prices have the wrong length or are not whole."]
            if length and not (side.min() > -_LARGEST_PRICE and side.max() < _LARGEST_PRICE):
                return ["A price is beyond reason."]
    bonuses = (proof.bonus, proof.first_bonus, proof.loss)
    scores = [level.score for level in proof.levels]
    if max(map(abs, (*bonuses, *scores))) >= _LARGEST_PRICE:
        return ["A bonus or a level is beyond reason."]
    return []


def _wrong_pairs(claim: Claim, pairing: Pairing, chosen: Mask) -> list[str]:
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


def _wrong_figures(claim: Claim, pairing: Pairing, chosen: Mask) -> list[str]:
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


# -- the proofs ----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Rest:
    """Hold what was left to decide once the locked pairs had taken their places.

    `first_mentors` and `first_mentees` mark whose first partner is an aim: where some of that
    side may have several, whoever is in no locked pair.
    """

    units: Ints
    possible: Mask
    chosen: Mask
    mentors: Ints
    mentees: Ints
    first_mentors: Mask
    first_mentees: Mask

    @classmethod
    def of(cls, claim: Claim, chosen: Mask) -> "_Rest":
        locked = claim.locked
        asked = claim.aims.one_each_first
        several_mentors = asked and bool(claim.mentors.max(initial=0) > 1)
        several_mentees = asked and bool(claim.mentees.max(initial=0) > 1)
        return cls(
            claim.units,
            claim.possible & ~locked,
            chosen & ~locked,
            claim.mentors - locked.sum(axis=1),
            claim.mentees - locked.sum(axis=0),
            np.array(~locked.any(axis=1) & several_mentors, dtype=np.bool_),
            np.array(~locked.any(axis=0) & several_mentees, dtype=np.bool_),
        )

    @property
    def people(self) -> int:
        """Return how many of those marked have a partner."""
        mentors = self.chosen.any(axis=1) & self.first_mentors
        mentees = self.chosen.any(axis=0) & self.first_mentees
        return int(mentors.sum() + mentees.sum())


def _wrong_proofs(rest: _Rest, aims: Aims, proof: Certificate) -> list[str]:
    return [
        *_wrong_number(rest, proof),
        *_wrong_levels(rest, aims, proof.levels),
        *_wrong_total(rest, proof),
    ]


def _wrong_number(rest: _Rest, proof: Certificate) -> list[str]:
    failures = []
    one = np.ones_like(rest.units)
    if _most_weight(rest, one, rest.possible, proof.most) != rest.chosen.sum():
        failures.append("The prices do not prove that there are as many pairs as possible.")
    for marked, prices, axis in (
        (rest.first_mentors, proof.first_mentors, 1),
        (rest.first_mentees, proof.first_mentees, 0),
    ):
        if not marked.any():
            continue
        one_each = np.minimum(marked, rest.mentors if axis else rest.mentees)
        places = (one_each, rest.mentees) if axis else (rest.mentors, one_each)
        with_partner = int((rest.chosen.any(axis=axis) & marked).sum())
        if prices is None or (
            _most_weight(rest, one, rest.possible, prices, places=places) != with_partner
        ):
            failures.append("The prices do not prove that as many as possible have a partner.")
    return failures


def _wrong_levels(rest: _Rest, aims: Aims, levels: tuple[Level, ...]) -> list[str]:
    scores = rest.units[rest.chosen]
    counts = [(level.score, int((scores == level.score).sum())) for level in levels]
    failures = []
    in_order = all(low.score < high.score for low, high in pairwise(levels))
    if not in_order or [(level.score, level.pairs) for level in levels] != counts:
        failures.append("The lowest scores are not those of the pairs.")
    placed = sum(count for _, count in counts)
    beside = scores[~np.isin(scores, [score for score, _ in counts])]
    if beside.size and counts and beside.min() < counts[-1][0]:
        failures.append("A pair scores between the lowest scores.")
    wanted = aims.levels if len(scores) else 0
    if len(levels) != wanted and not (len(levels) < wanted and placed == len(scores)):
        failures.append("The lowest scores are not as many as asked for.")
    for place, level in enumerate(levels):
        if not _is_highest(rest, counts[:place], level):
            failures.append("The prices do not prove the least-served pairs.")
        if (level.fewer is None) != (place + 1 == aims.levels) or (
            level.fewer is not None and not _is_fewest(rest, counts[: place + 1], level.fewer)
        ):
            failures.append("The prices do not prove that fewest are served least.")
    return failures


def _is_highest(rest: _Rest, lower: list[tuple[int, int]], level: Level) -> bool:
    weights, each, loss = _weights(rest, lower)
    possible = rest.possible & ((rest.units > level.score) | _at(rest, lower))
    weight = each * (int(rest.chosen.sum()) + rest.people) - loss
    return _most_weight(rest, weights, possible, level.higher, first=each) < weight


def _is_fewest(rest: _Rest, levels: list[tuple[int, int]], prices: Prices) -> bool:
    (*lower, (score, here)), count = levels, int(rest.chosen.sum())
    weights, each, loss = _weights(rest, [*lower, (score, count)])
    possible = rest.possible & ((rest.units >= score) | _at(rest, lower))
    weight = each * (count + rest.people) - (loss - (count - here))
    return _most_weight(rest, weights, possible, prices, first=each) == weight


def _wrong_total(rest: _Rest, proof: Certificate) -> list[str]:
    """Check the total among pairings that keep the earlier aims.

    The last level takes nothing from a pair's weight if nothing proves that fewest are there:
    it is a floor, and the total decides.
    """
    settled = [(each.score, each.pairs) for each in proof.levels if each.fewer is not None]
    possible = rest.possible
    if proof.levels:
        possible = possible & ((rest.units >= proof.levels[-1].score) | _at(rest, settled))
    weights, each, loss = _weights(rest, settled)
    weights = rest.units + proof.bonus + proof.loss * (weights - each)
    count, total = int(rest.chosen.sum()), sum(rest.units[rest.chosen].tolist())
    weight = total + count * proof.bonus + rest.people * proof.first_bonus - proof.loss * loss
    several = (rest.mentors > 1)[:, None] & (rest.mentees > 1)
    prices = proof.total
    over = weights - prices.mentors[:, None] - prices.mentees[None, :]
    if (over[possible & ~several] > 0).any() or weight != _most_weight(
        rest, weights, possible, prices, first=proof.first_bonus
    ):
        return ["The prices do not prove the total."]
    return []


def _weights(rest: _Rest, levels: list[tuple[int, int]]) -> tuple[Ints, int, int]:
    """Return what each pair weighs, what it weighs beside the levels, and what they take.

    From the highest level down, a pair at a level weighs less by 1 more than all that is
    taken by the pairs at higher ones; a pair beside them weighs 1 more than all that is taken.
    """
    taken: dict[int, int] = {}
    loss = 0
    for score, pairs in reversed(levels):
        taken[score] = loss + 1
        loss += taken[score] * pairs
    weights = np.full(rest.units.shape, loss + 1, dtype=np.int64)
    for score, less in taken.items():
        weights[rest.units == score] -= less
    return weights, loss + 1, loss


def _at(rest: _Rest, levels: list[tuple[int, int]]) -> Mask:
    return np.isin(rest.units, [score for score, _ in levels])


def _most_weight(
    rest: _Rest,
    weights: Ints,
    possible: Mask,
    prices: Prices,
    *,
    first: int = 0,
    places: tuple[Ints, Ints] | None = None,
) -> int:
    """Return what no pairing of possible pairs can weigh more than, by these prices."""
    mentors, mentees = places or (rest.mentors, rest.mentees)
    total: int = 0
    for price, capacity, marked in (
        (prices.mentors, mentors, rest.first_mentors),
        (prices.mentees, mentees, rest.first_mentees),
    ):
        for worth, several, is_first in zip(
            price.tolist(), capacity.tolist(), marked.tolist(), strict=True
        ):
            if several:
                total += max(0, worth + first * is_first) + (several - 1) * max(0, worth)
    over = weights - prices.mentors[:, None] - prices.mentees[None, :]
    total += sum(over[possible & (over > 0)].tolist())
    return total
