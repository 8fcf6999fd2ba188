"""Slow and plain answers to compare with, sharing nothing with the engine."""

from itertools import combinations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linear_sum_assignment, milp
from scipy.sparse import eye_array, kron


def brute_force(scores, allowed, rows, columns):
    """Return (pairs, least, total under least, largest total) by trying every set of pairs."""
    found = _largest_sets(scores, allowed, rows, columns)
    if not found:
        return 0, None, 0, 0
    values = [[int(scores[pair]) for pair in chosen] for chosen in found]
    least = max(map(min, values))
    fair = max(sum(each) for each in values if min(each) == least)
    return len(found[0]), least, fair, max(map(sum, values))


def brute_force_aims(scores, allowed, rows, columns, *, depth=0, one_each_first=False):
    """Return the best `served` of all largest sets of pairs, by trying every one."""
    found = _largest_sets(scores, allowed, rows, columns)
    options = {"depth": depth, "one_each_first": one_each_first}
    return max((served(scores, rows, columns, chosen, **options) for chosen in found), default=None)


def served(scores, rows, columns, pairs, *, depth=0, one_each_first=False):
    """Return how pairs serve the aims, in their order, so that more is better.

    Depth 0 is the total alone. Each lowest score counts, then how few pairs have it, and so on
    as deep as asked for, the last one without the number of pairs.
    """
    values = sorted(int(scores[tuple(pair)]) for pair in pairs)
    several = [side.max(initial=0) > 1 for side in (rows, columns)]
    people = [len({pair[side] for pair in pairs}) for side in (0, 1) if several[side]]
    lowest = []
    for score in sorted(set(values))[:depth]:
        lowest += [score, -values.count(score)]
    if len(lowest) == 2 * depth:
        lowest = lowest[:-1]
    return len(values), sum(people) if one_each_first else 0, lowest, sum(values)


def _largest_sets(scores, allowed, rows, columns):
    possible = [tuple(pair) for pair in np.argwhere(allowed)]
    for count in range(min(rows.sum(), columns.sum(), len(possible)), 0, -1):
        sets = combinations(possible, count)
        if found := [chosen for chosen in sets if _within(chosen, rows, columns)]:
            return found
    return []


def _within(chosen, rows, columns):
    loads = np.zeros((2, max(len(rows), len(columns))), dtype=int)
    for i, j in chosen:
        loads[0, i] += 1
        loads[1, j] += 1
    return (loads[0, : len(rows)] <= rows).all() and (loads[1, : len(columns)] <= columns).all()


def by_programme(scores, allowed, rows, columns):
    """Return (pairs, least, total under least, largest total) by integer programming.

    The least-served score comes from a threshold search of its own.
    """
    count = _most(allowed, rows, columns)
    if not count:
        return 0, None, 0, 0
    total = _largest(scores, allowed, rows, columns, count)
    values = np.unique(scores[allowed])
    low, high = 0, len(values) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if _most(allowed & (scores >= values[middle]), rows, columns) == count:
            low = middle
        else:
            high = middle - 1
    least = int(values[low])
    fair = _largest(scores, allowed & (scores >= least), rows, columns, count)
    return count, least, fair, total


def by_assignment(scores, allowed, rows, columns):
    """Return the same by SciPy's assignment, where at most one side has several places."""
    scores = np.repeat(np.repeat(scores, rows, axis=0), columns, axis=1).astype(float)
    allowed = np.repeat(np.repeat(allowed, rows, axis=0), columns, axis=1)
    count = len(_chosen(np.zeros_like(scores), allowed))
    if not count:
        return 0, None, 0, 0
    total = sum(_chosen(scores, allowed))
    values = np.unique(scores[allowed])
    low, high = 0, len(values) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if len(_chosen(np.zeros_like(scores), allowed & (scores >= values[middle]))) == count:
            low = middle
        else:
            high = middle - 1
    fair = sum(_chosen(scores, allowed & (scores >= values[low])))
    return count, int(values[low]), int(fair), int(total)


def _chosen(scores, allowed):
    """Return the scores of most pairs with the largest total; a pair outweighs all scores."""
    worth = np.where(allowed, scores - scores.min() + 1 + np.ptp(scores) * min(scores.shape), 0)
    rows, columns = linear_sum_assignment(worth, maximize=True)
    made = allowed[rows, columns]
    return scores[rows[made], columns[made]].tolist()


def _most(allowed, rows, columns):
    return round(_programme(np.ones(allowed.shape), allowed, rows, columns))


def _largest(scores, allowed, rows, columns, count):
    return round(_programme(scores.astype(float), allowed, rows, columns, count))


def _programme(gain, allowed, rows, columns, count=None):
    n, m = allowed.shape
    limits = [
        LinearConstraint(kron(eye_array(n), np.ones((1, m))), ub=rows),
        LinearConstraint(kron(np.ones((1, n)), eye_array(m)), ub=columns),
    ]
    if count is not None:
        limits.append(LinearConstraint(np.ones((1, n * m)), lb=count, ub=count))
    answer = milp(
        -gain.ravel(),
        integrality=np.ones(n * m),
        bounds=Bounds(0, allowed.ravel().astype(float)),
        constraints=limits,
        options={"mip_rel_gap": 0},
    )
    assert answer.success
    return -answer.fun


def instance(seed, *, most=6, spread=None):
    """Return a random instance of a random kind: (scores, allowed, rows, columns)."""
    rng = np.random.default_rng(seed)
    n, m = rng.integers(1, most + 1, 2)
    scores = rng.integers(-3, spread or rng.choice([1, 4, 1000]), (n, m))
    allowed = rng.random((n, m)) < rng.choice([0.3, 0.7, 1.0])
    kind = seed % 4
    rows = rng.integers(0, 4, n) if kind in (1, 3) else np.ones(n, dtype=int)
    columns = rng.integers(0, 4, m) if kind in (2, 3) else np.ones(m, dtype=int)
    return scores, allowed, rows, columns
