"""The bare numbers of a pairing, and the proof that comes with its solution."""

from dataclasses import dataclass

from contraflow.matching._arrays import Ints, Mask


@dataclass(frozen=True, eq=False)
class Instance:
    """Hold whole-number scores, who may be paired, and how often each may.

    Parameters
    ----------
    scores : ndarray of int64, shape (n_mentors, n_mentees)
    allowed : ndarray of bool, same shape
    mentor_capacity : ndarray of int64, shape (n_mentors,)
    mentee_capacity : ndarray of int64, shape (n_mentees,)
    """

    scores: Ints
    allowed: Mask
    mentor_capacity: Ints
    mentee_capacity: Ints

    def without(self, locked: Mask) -> "Instance":
        """Return what is left to decide once `locked` pairs have taken their places."""
        return Instance(
            self.scores,
            self.allowed & ~locked,
            self.mentor_capacity - locked.sum(axis=1),
            self.mentee_capacity - locked.sum(axis=0),
        )


@dataclass(frozen=True, eq=False)
class Cover:
    """Prove an upper bound on the number of pairs (Konig).

    Whatever the pairing, each of its pairs uses a place of a covered mentor, a place of a
    covered mentee, or is one of the possible pairs between two people not covered. So there
    are at most as many pairs as those three counts together.
    """

    mentors: Mask
    mentees: Mask


@dataclass(frozen=True, eq=False)
class Certificate:
    """Prove a pairing optimal; `verify` needs this, the scores and nothing else.

    Parameters
    ----------
    most : Cover
        Proves that no pairing has more pairs.
    least : int or None
        The lowest score of a pair, in whole units; None if the objective is the total.
    least_cover : Cover or None
        Proves that pairs above `least` alone would be fewer.
    mentor_prices, mentee_prices : ndarray of int64
        Dual prices, at least 0, in whole units: what one more place of that person would be
        worth to everybody together.
    bonus : int
        What each pair counts on top of its score, so that one more pair is always better.
    unit, offset : float
        A caller's score is ``offset + unit * whole units``; (1, 0) if it was whole already.
    """

    most: Cover
    least: int | None
    least_cover: Cover | None
    mentor_prices: Ints
    mentee_prices: Ints
    bonus: int
    unit: float = 1.0
    offset: float = 0.0
