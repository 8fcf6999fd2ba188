"""The second aim: the lowest scores as high as possible, one after the other.

A bottleneck assignment by threshold search. An upper bound comes first: where everybody of
one side is placed, no pairing lifts its lowest pair above the best score of the person whose
best is lowest. On real data the bound is often the answer, and one test proves it.

Below the first level the same search goes on among pairings that have as few pairs as
possible at the levels found so far (leximin; Ogryczak 1997 for its place among fair aims).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from contraflow.matching._arrays import Mask
from contraflow.matching._heaviest import heaviest
from contraflow.matching._instance import Instance, Level, Prices, level_weights
from contraflow.matching._most import most_pairs, smallest_cover

_LOWEST = np.iinfo(np.int64).min


@dataclass(frozen=True, eq=False)
class LevelSearch:
    """Find the lowest scores of the fairest pairing.

    Parameters
    ----------
    instance : Instance
    step : callable
        Called after each test.
    """

    instance: Instance
    step: Callable[[], None]

    def run(self, depth: int, start: Mask) -> tuple[list[Level], Mask]:
        """Return up to `depth` levels, and a pairing that has them.

        `start` is a pairing that serves the earlier aims. Levels end early where every pair
        has one of their scores.
        """
        levels: list[Level] = []
        chosen = start
        while len(levels) < depth and sum(level.pairs for level in levels) < int(start.sum()):
            level, chosen = self._next(levels, chosen)
            if len(levels) + 1 < depth:
                level, chosen = self._fewest(levels, level, int(start.sum()))
            levels.append(level)
        return levels, chosen

    def _next(self, levels: Sequence[Level], chosen: Mask) -> tuple[Level, Mask]:
        """Return the next level, as high as it can be, and a pairing that has it.

        Each test at a threshold asks whether the pairs from it upwards, with those at the
        levels so far, are as good in every earlier aim.
        """
        scores = self.instance.scores
        floor = levels[-1].score if levels else _LOWEST
        worth = self._worth(levels, chosen)
        low = int(scores[chosen & (scores > floor)].min())
        high = int(scores.max()) if levels else self._upper_bound(chosen)
        guess = (low + high + 1) // 2 if levels else high
        while low < high:
            found, _ = self._best(as_pairs(levels), guess)
            if self._worth(levels, found) == worth:
                chosen = found
                low = int(scores[found & (scores > floor)].min())
            else:
                lower = scores[self.instance.allowed & (scores < guess)]
                high = int(lower.max(initial=low))
            guess = (low + high + 1) // 2
            self.step()
        _, higher = self._best(as_pairs(levels), low + 1)
        return Level(low, int((scores[chosen] == low).sum()), higher, None), chosen

    def _fewest(self, levels: Sequence[Level], level: Level, count: int) -> tuple[Level, Mask]:
        """Return a level with as few pairs as possible, and a pairing that has it."""
        chosen, fewer = self._best([*as_pairs(levels), (level.score, count)], level.score)
        here = int((self.instance.scores[chosen] == level.score).sum())
        return replace(level, pairs=here, fewer=fewer), chosen

    def _best(self, levels: Sequence[tuple[int, int]], lowest: int) -> tuple[Mask, Prices]:
        """Return the pairing with the fewest pairs at the levels, the rest from `lowest` up."""
        instance = self.instance
        allowed = within(instance, levels, lowest)
        if not levels and not instance.first_mentors.any() and not instance.first_mentees.any():
            places = (instance.mentor_capacity, instance.mentee_capacity)
            chosen = most_pairs(allowed, *places)
            return chosen, smallest_cover(allowed, *places, chosen)
        less, each = level_weights(levels)
        weights = np.full(instance.scores.shape, each, dtype=np.int64)
        for (score, _), by in zip(levels, less, strict=True):
            weights[instance.scores == score] -= by
        return heaviest(instance, weights, allowed, first=each, step=self.step)

    def _worth(self, levels: Sequence[Level], chosen: Mask) -> tuple[int, ...]:
        """Return how a pairing serves the earlier aims, for comparing."""
        at_levels = [-int((self.instance.scores[chosen] == level.score).sum()) for level in levels]
        return (int(chosen.sum()), people_placed(self.instance, chosen), *at_levels)

    def _upper_bound(self, chosen: Mask) -> int:
        """Return a score that the lowest pair cannot exceed.

        Where everybody of one side is placed, it is the best of the person whose best is lowest.
        """
        instance, count = self.instance, int(chosen.sum())
        scores = np.where(instance.allowed, instance.scores, _LOWEST)
        bounds = [int(scores.max())]
        for axis, capacity in ((1, instance.mentor_capacity), (0, instance.mentee_capacity)):
            if capacity.sum() == count:
                bounds.append(int(scores.max(axis=axis)[capacity > 0].min()))
        return min(bounds)


def within(instance: Instance, levels: Sequence[tuple[int, int]], lowest: int) -> Mask:
    """Return the pairs that may be made: at one of the levels, or at `lowest` and above."""
    good_enough: Mask = instance.scores >= lowest
    for score, _ in levels:
        good_enough = good_enough | (instance.scores == score)
    return instance.allowed & good_enough


def as_pairs(levels: Sequence[Level]) -> list[tuple[int, int]]:
    """Return the score of each level and how many pairs have it."""
    return [(level.score, level.pairs) for level in levels]


def people_placed(instance: Instance, chosen: Mask) -> int:
    """Return how many of those marked as `first` have a partner."""
    mentors = chosen.any(axis=1) & instance.first_mentors
    mentees = chosen.any(axis=0) & instance.first_mentees
    return int(mentors.sum() + mentees.sum())
