"""The three algorithms taken from SciPy, which takes two seconds to import: only when needed."""

from typing import Any

import numpy as np

from contraflow.matching._arrays import Floats, Ints, Mask


def best_assignment(values: Floats) -> tuple[Ints, Ints]:
    """Return rows and columns of the assignment with the largest total (Jonker-Volgenant)."""
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415  -- slow import

    rows, columns = linear_sum_assignment(values, maximize=True)
    return np.asarray(rows, dtype=np.int64), np.asarray(columns, dtype=np.int64)


def most_ones(allowed: Mask) -> Ints:
    """Return for each row its column in a largest matching, or -1 (Hopcroft-Karp)."""
    from scipy.sparse import csr_array  # noqa: PLC0415  -- slow import
    from scipy.sparse.csgraph import maximum_bipartite_matching  # noqa: PLC0415  -- slow import

    n_rows, n_columns = allowed.shape
    # built by hand: going through coordinates takes longer than the search itself
    columns = (np.flatnonzero(allowed) % n_columns).astype(np.int32)
    starts = np.concatenate([[0], np.cumsum(allowed.sum(axis=1))]).astype(np.int32)
    graph = csr_array((np.ones(len(columns), dtype=np.int8), columns, starts), shape=allowed.shape)
    return np.asarray(maximum_bipartite_matching(graph, perm_type="column"), dtype=np.int64)


def largest_flow(allowed: Mask, row_capacity: Ints, column_capacity: Ints) -> Mask:
    """Return the pairs of a largest flow in which each pair carries at most one (Dinic)."""
    from scipy.sparse import csr_array  # noqa: PLC0415  -- slow import
    from scipy.sparse.csgraph import maximum_flow  # noqa: PLC0415  -- slow import

    n_rows, n_columns = allowed.shape
    rows, columns = np.nonzero(allowed)
    source, sink = n_rows + n_columns, n_rows + n_columns + 1
    tails = np.concatenate([rows, np.full(n_rows, source), np.arange(n_rows, n_rows + n_columns)])
    heads = np.concatenate([columns + n_rows, np.arange(n_rows), np.full(n_columns, sink)])
    capacity = np.concatenate(
        [np.ones(len(rows), dtype=np.int32), row_capacity, column_capacity]
    ).astype(np.int32)
    graph: Any = csr_array((capacity, (tails, heads)), shape=(sink + 1, sink + 1))
    flow = maximum_flow(graph, source, sink).flow[:n_rows, n_rows : n_rows + n_columns]
    return np.asarray(flow.toarray() > 0, dtype=np.bool_)
