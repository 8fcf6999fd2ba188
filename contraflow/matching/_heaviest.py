"""The pairing with the largest weight, and the prices that prove it.

Every aim beyond the number of pairs comes down to this: the weights say what counts.
"""

from collections.abc import Callable

import numpy as np

from contraflow.matching._arrays import Ints, Mask
from contraflow.matching._errors import MatchingError, MatchingInputError
from contraflow.matching._instance import Instance, Prices
from contraflow.matching._paths import heaviest_by_paths
from contraflow.matching._scipy import best_assignment

# Whole numbers are exact in float64 below 2**53; one bit is left for sums of two.
_EXACT_IN_FLOAT = 2**52
# Room for a price plus a weight in int64.
_EXACT_IN_INT = 2**60
_NONE = -(2**61)


def heaviest(
    instance: Instance, weights: Ints, allowed: Mask, *, first: int, step: Callable[[], None]
) -> tuple[Mask, Prices]:
    """Return the allowed pairs that weigh most together, and the prices that prove it.

    Parameters
    ----------
    instance : Instance
        For its places, and for whose first partner weighs more.
    weights : ndarray of int64, shape (n_mentors, n_mentees)
        Positive where allowed.
    first : int
        What a first partner weighs on top for those marked in `instance`.

    Raises
    ------
    MatchingInputError
        If the weights are too large to be added up exactly.
    """
    mentors, mentees = instance.mentor_capacity, instance.mentee_capacity
    firsts = (first * instance.first_mentors.astype(np.int64), first * instance.first_mentees)
    if not allowed.any():
        return np.zeros_like(allowed), Prices(-firsts[0], -firsts[1])
    weights = np.where(allowed, weights, 0)
    largest = int(weights.max()) + 2 * first
    longest_path = len(mentors) + int(np.minimum(mentees, len(mentors)).sum()) + 1
    if largest * longest_path >= _EXACT_IN_INT:
        raise MatchingInputError("The scores lie too far apart to be solved as whole numbers.")
    most_mentors = np.minimum(mentors, allowed.sum(axis=1))
    most_mentees = np.minimum(mentees, allowed.sum(axis=0))
    both_repeat = most_mentors.max() > 1 and most_mentees.max() > 1
    if both_repeat or largest * longest_path >= _EXACT_IN_FLOAT:
        chosen, u, p = heaviest_by_paths(weights, allowed, (mentors, mentees), firsts, step)
    else:
        chosen = _by_assignment(weights, allowed, (most_mentors, most_mentees), firsts)
        step()
        u, p = _prices(weights, allowed, chosen, (mentors, mentees), firsts)
    _raise_to_the_pair(instance, weights, chosen, (u, p))
    return chosen, Prices(u, p)


def _by_assignment(
    weights: Ints, allowed: Mask, places: tuple[Ints, Ints], firsts: tuple[Ints, Ints]
) -> Mask:
    """Repeat the column of whoever takes part in several pairs, and assign."""
    (mentors, mentees), (first_mentors, first_mentees) = places, firsts
    if mentors.max() > 1:
        turned = (mentees, mentors), (first_mentees, first_mentors)
        return _by_assignment(weights.T, allowed.T, *turned).T
    rows = np.flatnonzero(mentors)
    columns = np.repeat(np.arange(len(mentees)), mentees)
    grid = np.ix_(rows, columns)
    values = weights[grid].astype(np.float64)
    if first_mentors.any() or first_mentees.any():
        is_first = np.diff(columns, prepend=-1) > 0
        more = first_mentors[rows, None] + np.where(is_first, first_mentees[columns], 0)[None, :]
        values += np.where(allowed[grid], more, 0)
    found, at = best_assignment(values)
    chosen = np.zeros_like(allowed)
    chosen[rows[found], columns[at]] = True
    return chosen & allowed


def _prices(
    weights: Ints,
    allowed: Mask,
    chosen: Mask,
    places: tuple[Ints, Ints],
    firsts: tuple[Ints, Ints],
) -> tuple[Ints, Ints]:
    """Recover the lowest mentor prices u and the mentee prices p that prove `chosen` optimal.

    With v = -p the conditions are differences: u_i >= v_j + w_ij for a pair not chosen,
    v_j >= u_i - w_ij for a chosen one. A mentor's last place in use bounds u from below by what
    it weighs less: -f for a first one, else 0; whoever has no pair may have the same. A
    mentee's next free place bounds v from below: f for a first one, else 0. Longest paths from
    these bounds are the least solution (Bellman-Ford; only what changed goes on).
    """
    onward = np.where(allowed & ~chosen, weights, _NONE).T.copy()
    pair_rows, pair_columns = np.nonzero(chosen)
    pair_weights = weights[pair_rows, pair_columns]
    loads = chosen.sum(axis=1), chosen.sum(axis=0)
    u = np.where(loads[0] <= 1, -firsts[0], 0).astype(np.int64)
    v = np.where(loads[1] < places[1], np.where(loads[1] == 0, firsts[1], 0), _NONE)
    before = np.full_like(v, _NONE)
    for _ in range(len(u) + len(v) + 2):
        np.maximum.at(v, pair_columns, u[pair_rows] - pair_weights)
        changed = np.flatnonzero(v > before)
        if not len(changed):
            # Only a column without any place is never reached; its price is free of cost.
            return u, np.where(v > _NONE, -v, weights.max(axis=0) + firsts[0].max(initial=0))
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


def bound(instance: Instance, weights: Ints, allowed: Mask, *, first: int, prices: Prices) -> int:
    """Return the upper bound on the weight of allowed pairs that prices prove."""
    sides = (
        (instance.mentor_capacity, instance.first_mentors, prices.mentors),
        (instance.mentee_capacity, instance.first_mentees, prices.mentees),
    )
    total = 0
    for places, is_first, price in sides:
        one = np.minimum(places, 1)
        total += int((one * np.maximum(price + first * is_first, 0)).sum())
        total += int(((places - one) * np.maximum(price, 0)).sum())
    over = weights - prices.mentors[:, None] - prices.mentees[None, :]
    return total + int(np.where(allowed, np.maximum(over, 0), 0).sum())
