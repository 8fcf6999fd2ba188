"""The bare numbers of a pairing, what is aimed at, and the proof that comes with a solution."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from contraflow.matching._arrays import Ints, Mask


@dataclass(frozen=True)
class Aims:
    """Say what is aimed at, after as many pairs as possible.

    Parameters
    ----------
    objective : {"least_served", "total"}
        The lowest-scored pairs first, or the largest total at once.
    depth : int
        How many of the lowest scores are lifted, one after the other, before the total.
    one_each_first : bool
        Nobody has a second partner while somebody who could have one has none.
    """

    objective: str = "least_served"
    depth: int = 1
    one_each_first: bool = False

    @property
    def levels(self) -> int:
        """Return how many of the lowest scores are lifted."""
        return self.depth if self.objective == "least_served" else 0


@dataclass(frozen=True, eq=False)
class Instance:
    """Hold whole-number scores, who may be paired, and how often each may.

    Parameters
    ----------
    scores : ndarray of int64, shape (n_mentors, n_mentees)
    allowed : ndarray of bool, same shape
    mentor_capacity : ndarray of int64, shape (n_mentors,)
    mentee_capacity : ndarray of int64, shape (n_mentees,)
    first_mentors, first_mentees : ndarray of bool
        Whose first partner counts as an aim of its own: nobody's, unless some of that side
        may have several and nobody is to have a second while another has none.
    """

    scores: Ints
    allowed: Mask
    mentor_capacity: Ints
    mentee_capacity: Ints
    first_mentors: Mask
    first_mentees: Mask

    @classmethod
    def of(
        cls, scores: Ints, allowed: Mask, mentors: Ints, mentees: Ints, *, one_each_first: bool
    ) -> "Instance":
        """Return an instance from scores, who may be paired, and the capacities."""
        several_mentors, several_mentees = (
            one_each_first and bool(capacity.size) and int(capacity.max()) > 1
            for capacity in (mentors, mentees)
        )
        return cls(
            scores,
            allowed,
            mentors,
            mentees,
            np.full(mentors.shape, several_mentors, dtype=np.bool_),
            np.full(mentees.shape, several_mentees, dtype=np.bool_),
        )

    def without(self, locked: Mask) -> "Instance":
        """Return what is left to decide once `locked` pairs have taken their places.

        Whoever is in a locked pair has a first partner.
        """
        return Instance(
            self.scores,
            self.allowed & ~locked,
            self.mentor_capacity - locked.sum(axis=1),
            self.mentee_capacity - locked.sum(axis=0),
            self.first_mentors & ~locked.any(axis=1),
            self.first_mentees & ~locked.any(axis=0),
        )


@dataclass(frozen=True, eq=False)
class Prices:
    """Prove an upper bound by dual prices, whole numbers for each mentor and each mentee.

    Let each pair weigh w_ij, and each person marked as `first` weigh f more with a partner than
    without. With prices u and p, the places a and b, no pairing weighs more than

        sum_i [ max(0, u_i + f_i) + (a_i - 1) max(0, u_i) ]  over mentors with a place
      + the same over mentees with b, p and their f
      + sum over possible pairs of max(0, w_ij - u_i - p_j)

    because each pair made weighs at most u_i + p_j and its own term of the last sum. Where
    every f is 0 the first line is ``sum a_i max(0, u_i)``; with w = 1 and prices 0 or 1 this is
    Konig's bound on the number of pairs.
    """

    mentors: Ints
    mentees: Ints


@dataclass(frozen=True, eq=False)
class Level:
    """Hold one of the lowest scores and the proof that it cannot be better.

    Parameters
    ----------
    score : int
        In whole units.
    pairs : int
        How many pairs have just this score.
    higher : Prices
        Proves that with the lower levels as they are this one cannot be higher.
    fewer : Prices or None
        Proves that fewer pairs cannot have this score; None at the last level aimed at, where
        the total decides.
    """

    score: int
    pairs: int
    higher: Prices
    fewer: Prices | None


@dataclass(frozen=True, eq=False)
class Certificate:
    """Prove a pairing optimal; `verify` needs this, the scores and nothing else.

    Parameters
    ----------
    most : Prices
        Proves that no pairing has more pairs.
    first_mentors, first_mentees : Prices or None
        Prove that no pairing gives more mentors, or mentees, a first partner; None where
        that is no aim.
    levels : tuple of Level
        From the lowest up; empty if the objective is the total.
    total : Prices
        Proves the total: what one more place of a person would be worth to everybody
        together, in whole units.
    bonus, first_bonus, loss : int
        What each pair and each first partner count on top of the scores, and by what a pair at
        a level counts less, once for each unit of `level_weights`, so that every earlier aim
        outweighs a later one.
    unit, offset : float
        A caller's score is ``offset + unit * whole units``; (1, 0) if it was whole already.
    """

    most: Prices
    first_mentors: Prices | None
    first_mentees: Prices | None
    levels: tuple[Level, ...]
    total: Prices
    bonus: int
    first_bonus: int
    loss: int
    unit: float = 1.0
    offset: float = 0.0

    def proofs(self) -> Iterator[Prices]:
        """Yield the prices of every proof there is."""
        of_levels = [each for level in self.levels for each in (level.higher, level.fewer)]
        for each in (self.most, self.first_mentors, self.first_mentees, *of_levels, self.total):
            if each is not None:
                yield each

    @property
    def least(self) -> int | None:
        """Return the proven lowest score of a pair in whole units, None if not aimed at."""
        return self.levels[0].score if self.levels else None


def level_weights(levels: Sequence[tuple[int, int]]) -> tuple[list[int], int]:
    """Return what a pair at each level weighs less, and what every pair weighs before.

    A pair at a level weighs less by more than all the pairs there are at the higher ones, so
    that the lightest loss is the fewest pairs at the lowest level, then at the next. What a
    pair weighs is more than the whole loss, so that no pair is given up for it.

    Parameters
    ----------
    levels : sequence of (score, pairs)
        From the lowest up.

    Examples
    --------
    >>> level_weights([(70, 1), (80, 2), (90, 1)])
    ([6, 2, 1], 12)
    """
    less: list[int] = []
    loss = 0
    for _, pairs in reversed(levels):
        less.insert(0, loss + 1)
        loss += less[0] * pairs
    return less, loss + 1
