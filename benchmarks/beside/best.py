"""What is possible at all on a workload, by SciPy alone and by nothing of the engine."""

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from benchmarks.beside.workload import STEPS, Workload


def most_pairs(work: Workload, *, least: int = 0) -> int:
    """Return how many leaders can have a mentor, with no pair below `least`."""
    possible = work.allowed & (work.scores >= least)
    every_place = csr_array(np.repeat(possible, work.places, axis=0))
    return int((maximum_bipartite_matching(every_place, perm_type="row") >= 0).sum())


def best_least(work: Workload) -> int:
    """Return the highest lowest score of a pairing with most pairs, by threshold search."""
    most, values = most_pairs(work), np.unique(work.scores[work.allowed])
    low, high = 0, len(values) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if most_pairs(work, least=values[middle]) == most:
            low = middle
        else:
            high = middle - 1
    return int(values[low])


def best_total(work: Workload, *, least: int = 0) -> int:
    """Return the largest total of a pairing with most pairs, none of them below `least`."""
    # more than all the score that one pair more could cost
    bonus = STEPS * work.scores.shape[1] + 1
    possible = work.allowed & (work.scores >= least)
    worth = np.repeat(np.where(possible, work.scores + bonus, 0), work.places, axis=0)
    chosen = worth[linear_sum_assignment(worth, maximize=True)]
    return int((chosen[chosen > 0] - bonus).sum())
