"""The third aim, the largest total, and the prices that prove it."""

from collections.abc import Callable

import numpy as np

from contraflow.matching._arrays import Ints, Mask
from contraflow.matching._errors import MatchingError, MatchingInputError
from contraflow.matching._flow import largest_total_by_paths
from contraflow.matching._instance import Instance
from contraflow.matching._scipy import best_assignment

# Whole numbers are exact in float64 below 2**53; one bit is left for sums of two.
_EXACT_IN_FLOAT = 2**52
# Room for a price plus a weight in int64.
_EXACT_IN_INT = 2**60
_NONE = -(2**61)


def largest_total(
    instance: Instance, allowed: Mask, count: int, step: Callable[[], None]
) -> tuple[Mask, Ints, Ints, int]:
    """Return the pairs with the largest total among those with `count` pairs, and prices.

    Each pair gets a bonus larger than all the score that could be lost by one pair more,
    so the largest total with the bonus is the largest total of a largest pairing.

    Returns
    -------
    chosen, mentor_prices, mentee_prices, bonus
    """
    mentors, mentees = instance.mentor_capacity, instance.mentee_capacity
    possible = instance.scores[allowed]
    if not possible.size:
        return np.zeros_like(allowed), np.zeros_like(mentors), np.zeros_like(mentees), 0
    lowest, highest = int(possible.min()), int(possible.max())
    bonus = count * (highest - lowest) + 1 - lowest
    longest_path = len(mentors) + int(np.minimum(mentees, len(mentors)).sum()) + 1
    if (highest + bonus) * longest_path >= _EXACT_IN_INT:
        raise MatchingInputError("The scores lie too far apart to be solved as whole numbers.")
    weights = np.where(allowed, instance.scores + bonus, 0)
    most_mentors = np.minimum(mentors, allowed.sum(axis=1))
    most_mentees = np.minimum(mentees, allowed.sum(axis=0))
    both_repeat = most_mentors.max() > 1 and most_mentees.max() > 1
    if both_repeat or (highest + bonus) * longest_path >= _EXACT_IN_FLOAT:
        chosen, u, p = largest_total_by_paths(weights, allowed, mentors, mentees, step)
    else:
        chosen = _by_assignment(weights, allowed, most_mentors, most_mentees)
        step()
        u, p = _prices(weights, allowed, chosen, mentors, mentees)
    _raise_to_the_pair(instance, weights, chosen, (u, p))
    return chosen, u, p, bonus


def _by_assignment(weights: Ints, allowed: Mask, mentors: Ints, mentees: Ints) -> Mask:
    """Repeat the column of whoever takes part in several pairs, and assign."""
    if mentors.max() > 1:
        return _by_assignment(weights.T, allowed.T, mentees, mentors).T
    rows = np.flatnonzero(mentors)
    places = np.repeat(np.arange(len(mentees)), mentees)
    found, at = best_assignment(weights[np.ix_(rows, places)].astype(np.float64))
    chosen = np.zeros_like(allowed)
    chosen[rows[found], places[at]] = True
    return chosen & allowed


def _prices(
    weights: Ints, allowed: Mask, chosen: Mask, mentors: Ints, mentees: Ints
) -> tuple[Ints, Ints]:
    """Recover the lowest mentor prices u and the mentee prices p that prove `chosen` optimal.

    With v = -p the conditions are differences: u_i >= v_j + w_ij for a pair not chosen,
    v_j >= u_i - w_ij for a chosen one, u >= 0 >= v, and 0 for whoever has places left.
    Longest paths from 0 are their least solution (Bellman-Ford; only what changed goes on).
    """
    onward = np.where(allowed & ~chosen, weights, _NONE).T.copy()
    pair_rows, pair_columns = np.nonzero(chosen)
    pair_weights = weights[pair_rows, pair_columns]
    u = np.zeros(len(mentors), dtype=np.int64)
    v = np.where(chosen.sum(axis=0) < mentees, 0, _NONE)
    before = np.full_like(v, _NONE)
    for _ in range(len(u) + len(v) + 2):
        np.maximum.at(v, pair_columns, u[pair_rows] - pair_weights)
        changed = np.flatnonzero(v > before)
        if not len(changed):
            # Only a column without any place is never reached; its price is free of cost.
            return u, np.where(v > _NONE, -v, weights.max(axis=0))
        before = v.copy()
        np.maximum(u, (onward[changed] + v[changed, None]).max(axis=0), out=u)
    raise MatchingError("The assignment found was not optimal; please report this.")


def _raise_to_the_pair(
    instance: Instance, weights: Ints, chosen: Mask, prices: tuple[Ints, Ints]
) -> None:
    """Let whoever has one place bear the whole worth of the pair that takes it.

    A pair may be worth more than its two prices. Where one of the two has a single place,
    that price can rise by the difference: the proof says the same with fewer terms, and a
    price altered afterwards no longer adds up.
    """
    u, p = prices
    for row, column in np.argwhere(chosen).tolist():
        rest = weights[row, column] - u[row] - p[column]
        if instance.mentor_capacity[row] == 1:
            u[row] += rest
        elif instance.mentee_capacity[column] == 1:
            p[column] += rest
