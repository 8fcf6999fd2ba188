"""The heaviest pairing where both sides may take part in several pairs, a pair at most once.

The linear programme: maximise ``sum w_ij x_ij + sum f_i y_i + sum g_j z_j`` with 0 <= x_ij <= 1,
each mentor i within a_i and each mentee j within b_j pairs, and y_i (z_j) at most 1 and at most
the pairs of i (of j): a first partner weighs f_i (g_j) more. `_instance.Prices` states its dual.

Successive shortest paths place one mentor's pair after the other and keep, from the first step
to the last, with "worth" being f_i (or g_j) for a first pair and 0 for any further one:

- u_i + p_j >= w_ij for each pair not chosen, u_i + p_j <= w_ij for each chosen pair;
- u_i >= -worth of the last pair of i; u_i <= -worth of the next one once i is done;
- p_j >= -worth of the last pair of j; p_j <= -worth of the next one while j has places left.

At the end these are complementary slackness, so both programmes have the same value. As w, f
and g enter as they are and all steps add whole numbers, so do the prices.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from contraflow.matching._arrays import Ints, Mask

_FAR = 2**62


def heaviest_by_paths(
    weights: Ints,
    allowed: Mask,
    places: tuple[Ints, Ints],
    firsts: tuple[Ints, Ints],
    step: Callable[[], None],
) -> tuple[Mask, Ints, Ints]:
    """Return the pairs with the largest total weight, and the prices u and p that prove it.

    Parameters
    ----------
    weights : ndarray of int64, shape (n_mentors, n_mentees)
        Positive where allowed.
    places, firsts : two ndarrays of int64
        Of the mentors and of the mentees: how many pairs at most, and what a first one weighs
        on top.
    """
    mentors, mentees = places
    p = -firsts[1]
    state = _State(
        weights=weights,
        allowed=allowed,
        chosen=np.zeros_like(allowed),
        partners=[[] for _ in mentees],
        places=mentees,
        firsts=(firsts[0].tolist(), firsts[1].tolist()),
        loads=([0] * len(mentors), [0] * len(mentees)),
        u=np.where(allowed, weights - p, -firsts[0][:, None]).max(axis=1, initial=0),
        p=p,
    )
    for row in range(len(mentors)):
        for _ in range(int(mentors[row])):
            if state.u[row] + state.next_worth(0, row) <= 0:
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
    firsts: tuple[list[int], list[int]]
    loads: tuple[list[int], list[int]]
    u: Ints
    p: Ints

    def next_worth(self, side: int, person: int) -> int:
        """Return what one pair more of a person weighs on top."""
        return 0 if self.loads[side][person] else self.firsts[side][person]

    def last_worth(self, side: int, person: int) -> int:
        """Return what the last pair of a person weighs on top."""
        return self.firsts[side][person] if self.loads[side][person] == 1 else 0

    def place(self, start: int) -> None:
        """Give one more pair to mentor `start` along the cheapest chain of changes.

        Dijkstra over slacks. A chain ends at a mentee with a place left, or at a mentor who
        gives up a pair, where the price left to that person is the least.
        """
        row_distance = {start: 0}
        column_distance = np.full(len(self.p), _FAR, dtype=np.int64)
        reached_from = np.full(len(self.p), -1, dtype=np.int64)
        open_columns = np.full(len(self.p), _FAR, dtype=np.int64)
        came_by: dict[int, int] = {}
        waiting = [(0, start)]
        scanned: dict[int, int] = {}
        end, best = ("mentor", start), int(self.u[start]) + self.next_worth(0, start)
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
                given_up = distance + int(self.u[row]) + self.last_worth(0, row)
                if row != start and given_up < best:
                    end, best = ("mentor", row), given_up
                slack = distance + self.u[row] + self.p - self.weights[row]
                nearer = self.allowed[row] & ~self.chosen[row] & (slack < column_distance)
                column_distance[nearer] = open_columns[nearer] = slack[nearer]
                reached_from[nearer] = row
                continue
            open_columns[column] = _FAR
            if self.loads[1][column] < self.places[column]:
                taken = nearest - self.next_worth(1, column) - int(self.p[column])
                if taken < best:
                    end, best = ("mentee", column), taken
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
            column = place
        elif place == start:
            return
        else:
            column = came_by[place]
            self._change(place, column, -1)
        while True:
            row = int(reached_from[column])
            self._change(row, column, +1)
            if row == start:
                return
            column = came_by[row]
            self._change(row, column, -1)

    def _change(self, row: int, column: int, by: int) -> None:
        self.chosen[row, column] = by > 0
        self.loads[0][row] += by
        self.loads[1][column] += by
        if by > 0:
            self.partners[column].append(row)
        else:
            self.partners[column].remove(row)
