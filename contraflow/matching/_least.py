"""The second aim: the lowest-scored pair as high as possible among the largest pairings.

A bottleneck assignment by threshold search. An upper bound comes first: where everybody of
one side is placed, no pairing lifts its lowest pair above the best score of the person whose
best is lowest. On real data the bound is often the answer, and one test proves it.
"""

from collections.abc import Callable

import numpy as np

from contraflow.matching._arrays import Ints, Mask
from contraflow.matching._instance import Instance
from contraflow.matching._most import most_pairs

_LOWEST = np.iinfo(np.int64).min


def highest_least(instance: Instance, chosen: Mask, step: Callable[[], None]) -> int:
    """Return the highest lowest score of a pairing with as many pairs as `chosen`.

    Each test at a threshold asks whether the pairs from it upwards still place as many.
    """
    scores, count = instance.scores, int(chosen.sum())
    low = int(scores[chosen].min())
    values = np.unique(scores[instance.allowed])
    first = int(np.searchsorted(values, low))
    last = int(np.searchsorted(values, _upper_bound(instance, count), side="right")) - 1
    guess = last
    while first < last:
        found = _pairs_from(instance, int(values[guess]))
        if found.sum() == count:
            first = int(np.searchsorted(values, scores[found].min()))
        else:
            last = guess - 1
        guess = (first + last + 1) // 2
        step()
    return int(values[first])


def _pairs_from(instance: Instance, threshold: int) -> Mask:
    good_enough = instance.allowed & (instance.scores >= threshold)
    return most_pairs(good_enough, instance.mentor_capacity, instance.mentee_capacity)


def _upper_bound(instance: Instance, count: int) -> int:
    scores = np.where(instance.allowed, instance.scores, _LOWEST)
    bounds = [int(scores.max())]
    for axis, capacity in ((1, instance.mentor_capacity), (0, instance.mentee_capacity)):
        if capacity.sum() == count:
            bounds.append(_lowest_best(scores.max(axis=axis), capacity))
    return min(bounds)


def _lowest_best(best: Ints, capacity: Ints) -> int:
    return int(best[capacity > 0].min())
