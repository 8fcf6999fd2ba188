"""Slow and plain answers to compare with, sharing nothing with the engine."""

from itertools import combinations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import eye_array, kron


def brute_force(scores, allowed, rows, columns):
    """Return (pairs, least, total under least, largest total) by trying every set of pairs."""
    possible = [tuple(pair) for pair in np.argwhere(allowed)]
    for count in range(min(rows.sum(), columns.sum(), len(possible)), 0, -1):
        found = [
            [int(scores[pair]) for pair in chosen]
            for chosen in combinations(possible, count)
            if _within(chosen, rows, columns)
        ]
        if found:
            least = max(min(values) for values in found)
            fair = max(sum(values) for values in found if min(values) == least)
            return count, least, fair, max(map(sum, found))
    return 0, None, 0, 0


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
