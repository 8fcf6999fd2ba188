"""The largest total where both sides may take part in several pairs, a pair at most once.

The linear programme is: maximise the sum of w_ij x_ij, each mentor i within a_i, each mentee
j within b_j, and 0 <= x_ij <= 1. Its dual is: minimise sum a_i u_i + sum b_j p_j + sum t_ij
with u, p, t >= 0 and u_i + p_j + t_ij >= w_ij. The bound x_ij <= 1 is not implied by the
capacities here, hence the extra term, whose best value is t_ij = max(0, w_ij - u_i - p_j).

Successive shortest paths keep, from the first step to the last:

- u_i + p_j >= w_ij for each pair not chosen, u_i + p_j <= w_ij for each chosen pair;
- p_j = 0 for each mentee with places left, u_i = 0 for each mentor done with places left.

At the end these are complementary slackness, so both programmes have the same value.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from contraflow.matching._arrays import Ints, Mask

_FAR = 2**62


def largest_total_by_paths(
    weights: Ints, allowed: Mask, mentors: Ints, mentees: Ints, step: Callable[[], None]
) -> tuple[Mask, Ints, Ints]:
    """Return the pairs with the largest total weight, and the prices u and p that prove it.

    Parameters
    ----------
    weights : ndarray of int64, shape (n_mentors, n_mentees)
        Positive where allowed.
    """
    state = _State(
        weights=weights,
        allowed=allowed,
        chosen=np.zeros_like(allowed),
        partners=[[] for _ in mentees],
        places=mentees.copy(),
        u=np.where(allowed, weights, 0).max(axis=1, initial=0),
        p=np.zeros(len(mentees), dtype=np.int64),
    )
    for row in range(len(mentors)):
        for _ in range(int(mentors[row])):
            if state.u[row] <= 0:
                break
            state.place(row)
        step()
    return state.chosen, state.u, state.p


@dataclass
class _State:
    weights: Ints
    allowed: Mask
    chosen: Mask
    partners: list[list[int]]
    places: Ints
    u: Ints
    p: Ints

    def place(self, start: int) -> None:
        """Give one more pair to mentor `start` along the cheapest chain of changes.

        Dijkstra over slacks. A chain ends at a mentee with a place left, or at a mentor who
        gives up a pair: cheapest when the price u left to that mentor is the least.
        """
        row_distance = {start: 0}
        column_distance = np.full(len(self.p), _FAR, dtype=np.int64)
        reached_from = np.full(len(self.p), -1, dtype=np.int64)
        open_columns = np.full(len(self.p), _FAR, dtype=np.int64)
        came_by: dict[int, int] = {}
        waiting = [(0, start)]
        scanned: dict[int, int] = {}
        end, best = ("mentor", start), int(self.u[start])
        while True:
            column = int(open_columns.argmin())
            nearest = int(open_columns[column])
            if min(waiting[0][0] if waiting else _FAR, nearest) >= best:
                break
            if waiting and waiting[0][0] <= nearest:
                distance, row = heapq.heappop(waiting)
                if row in scanned:
                    continue
                scanned[row] = distance
                if distance + int(self.u[row]) < best:
                    end, best = ("mentor", row), distance + int(self.u[row])
                slack = distance + self.u[row] + self.p - self.weights[row]
                nearer = self.allowed[row] & ~self.chosen[row] & (slack < column_distance)
                column_distance[nearer] = open_columns[nearer] = slack[nearer]
                reached_from[nearer] = row
                continue
            open_columns[column] = _FAR
            if self.places[column] > 0:
                end, best = ("mentee", column), nearest
                break
            for row in self.partners[column]:
                give = int(self.weights[row, column] - self.u[row] - self.p[column])
                if nearest + give < row_distance.get(row, _FAR):
                    row_distance[row] = nearest + give
                    came_by[row] = column
                    heapq.heappush(waiting, (nearest + give, row))
        self._move_prices(scanned, column_distance, best)
        self._change_pairs(start, end, came_by, reached_from)

    def _move_prices(self, rows: dict[int, int], columns: Ints, best: int) -> None:
        for row, distance in rows.items():
            self.u[row] -= max(0, best - distance)
        self.p += np.maximum(0, best - columns)

    def _change_pairs(
        self, start: int, end: tuple[str, int], came_by: dict[int, int], reached_from: Ints
    ) -> None:
        kind, place = end
        if kind == "mentee":
            self.places[place] -= 1
            column = place
        elif place == start:
            return
        else:
            column = came_by[place]
            self._drop(place, column)
        while True:
            row = int(reached_from[column])
            self.chosen[row, column] = True
            self.partners[column].append(row)
            if row == start:
                return
            column = came_by[row]
            self._drop(row, column)

    def _drop(self, row: int, column: int) -> None:
        self.chosen[row, column] = False
        self.partners[column].remove(row)
