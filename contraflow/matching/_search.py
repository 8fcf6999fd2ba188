"""What one change does to an optimal pairing, by a single search for the cheapest chain.

Prices that prove a pairing optimal leave nothing to gain anywhere. So one change (two who are to be
a pair, two who are not, somebody who leaves) unsettles two places only, and the best answer is
the cheapest chain of moves from the one to the other: Dijkstra over what each move loses
against the prices, which is never negative. Nothing is solved again.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from contraflow.matching._arrays import Ints, Mask
from contraflow.matching._instance import Instance, Prices

_FAR = 2**62
Chain = list[tuple[int, int]]


@dataclass(frozen=True, eq=False)
class Chains:
    """Hold an optimal pairing with its prices, as the network in which chains are found.

    A chain visits mentors who look for a partner, mentees who have one too many, and `nobody`:
    there somebody goes without, or somebody idle comes in. Nodes are numbers: mentors first,
    then mentees, then nobody.

    Parameters
    ----------
    instance : Instance
        Without locked pairs.
    weights : ndarray of int64
        As the prices prove them.
    usable : ndarray of bool
        Pairs that may be made.
    chosen : ndarray of bool
        The optimal pairing.
    first : int
        What a first partner weighs on top for those marked in `instance`.
    """

    instance: Instance
    weights: Ints
    usable: Mask
    chosen: Mask
    prices: Prices
    first: int

    @property
    def nobody(self) -> int:
        """Return the node where somebody goes without or comes in."""
        return sum(self.chosen.shape)

    def mentor(self, row: int) -> int:
        """Return the node of a mentor."""
        return row

    def mentee(self, column: int) -> int:
        """Return the node of a mentee."""
        return len(self.chosen) + column

    def cheapest(
        self, start: int, end: int, *, apart: tuple[int, int] | None = None, gone: int | None = None
    ) -> Mask | None:
        """Return the pairing after the cheapest chain from `start` to `end`, None if there is none.

        `apart` is a pair that no chain makes, `gone` a node that none visits.
        """
        n, m = self.chosen.shape
        distance = np.full(n + m + 1, _FAR, dtype=np.int64)
        before = np.full(n + m + 1, -1, dtype=np.int64)
        waiting = distance.copy()
        distance[start] = waiting[start] = 0
        done = np.zeros(n + m + 1, dtype=np.bool_)
        if gone is not None:
            done[gone] = True
        while True:
            node = int(waiting.argmin())
            if waiting[node] >= _FAR:
                return None
            if node == end:
                return self._after(before, start, end)
            done[node], waiting[node] = True, _FAR
            reach = distance[node] + self._losses(node, apart)
            nearer = (reach < distance) & ~done
            distance[nearer] = waiting[nearer] = reach[nearer]
            before[nearer] = node

    def _losses(self, node: int, apart: tuple[int, int] | None) -> Ints:
        """Return what a step from a node to each other one loses, far where there is none."""
        n, m = self.chosen.shape
        u, p = self.prices.mentors, self.prices.mentees
        losses = np.full(n + m + 1, _FAR // 2, dtype=np.int64)
        if node < n:
            may = self.usable[node] & ~self.chosen[node]
            if apart is not None and apart[0] == node:
                may[apart[1]] = False
            losses[n : n + m][may] = (u[node] + p - self.weights[node])[may]
            losses[-1] = u[node] + self._last[0][node]
        elif node < n + m:
            column = node - n
            partners = self.chosen[:, column]
            losses[:n][partners] = (self.weights[:, column] - u - p[column])[partners]
            if self._free[1][column]:
                losses[-1] = -self._next[1][column] - p[column]
        else:
            idle, paired = self._free[0], self.chosen.any(axis=0)
            losses[:n][idle] = (-self._next[0] - u)[idle]
            losses[n : n + m][paired] = (p + self._last[1])[paired]
        return losses

    @cached_property
    def _loads(self) -> tuple[Ints, Ints]:
        return self.chosen.sum(axis=1), self.chosen.sum(axis=0)

    @cached_property
    def _free(self) -> tuple[Mask, Mask]:
        """Tell who has a place left."""
        mentors, mentees = self._loads
        instance = self.instance
        return mentors < instance.mentor_capacity, mentees < instance.mentee_capacity

    @cached_property
    def _next(self) -> tuple[Ints, Ints]:
        """Hold what one pair more of each person weighs on top."""
        return self._worth(at_load=0)

    @cached_property
    def _last(self) -> tuple[Ints, Ints]:
        """Hold what the last pair of each person weighs on top."""
        return self._worth(at_load=1)

    def _worth(self, *, at_load: int) -> tuple[Ints, Ints]:
        mentors, mentees = self._loads
        return (
            np.where(self.instance.first_mentors & (mentors == at_load), self.first, 0),
            np.where(self.instance.first_mentees & (mentees == at_load), self.first, 0),
        )

    def _after(self, before: Ints, start: int, end: int) -> Mask:
        n, m = self.chosen.shape
        chosen = self.chosen.copy()
        node = end
        while node != start:
            previous = int(before[node])
            if previous < n <= node < n + m:
                chosen[previous, node - n] = True
            elif node < n <= previous < n + m:
                chosen[node, previous - n] = False
            node = previous
        return chosen
