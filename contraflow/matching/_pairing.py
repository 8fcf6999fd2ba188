"""What comes out: the pairing, its proof, and what stands in the way of more."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from contraflow.matching._arrays import Floats, Ints
from contraflow.matching._instance import Certificate

Setting = int | float | bool | None


@dataclass(frozen=True, kw_only=True)
class Unplaced:
    """Tell what stands in the way of one person who has no partner.

    Parameters
    ----------
    side : {"mentor", "mentee"}
    place : int
        Row or column.
    nobody_possible : bool
        True if the rules leave this person no partner at all; otherwise others were placed.
    blocked : mapping of str to int
        For each public rule the number of partners it rules out for this person.
    """

    side: str
    place: int
    nobody_possible: bool
    blocked: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Help:
    """Say how many more pairs there could be if one thing were milder.

    Parameters
    ----------
    rule : str
        A public rule by its name in `Rules`; "forbidden" for the pairs ruled out by hand; or
        "mentor_places" ("mentee_places") for people who would take part in one more pair.
    setting : int, float, bool or None
        The mildest change that has this effect: a value of the rule, False or None being
        off; or how many people would need one more place.
    more_pairs : int
    """

    rule: str
    setting: Setting
    more_pairs: int


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """Tell why not everybody has a partner, and what would help.

    Parameters
    ----------
    mentor_places, mentee_places : int
        Sums of capacity: more pairs than the smaller one there cannot be.
    blocked : mapping of str to int
        For each rule that is on the number of pairs it rules out, alone or with others;
        all rules that rest on somebody's private choice together as ``"not_possible"``.
    unplaced : tuple of Unplaced
        Who has a place and no partner, mentees first.
    helps : tuple of Help
        What, made milder alone, would allow more pairs; the most helpful first.
    """

    mentor_places: int
    mentee_places: int
    blocked: Mapping[str, int]
    unplaced: tuple[Unplaced, ...]
    helps: tuple[Help, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Pairing:
    """Hold a pairing; the same fields whatever the input and whatever the answer.

    Parameters
    ----------
    status : {"optimal", "bounded", "infeasible"}
        Proven best; within `gap` of the best; or people on both sides and no pair possible.
    pairs : ndarray of int64, shape (n_pairs, 2)
        Mentor row and mentee column, sorted.
    pair_scores : ndarray, shape (n_pairs,)
        In the units of the input; micro-points for a `Problem`.
    score, bound : int or float
        Total of the pairs, and the proven upper bound for pairings that serve the earlier
        aims as well. Equal where the status is "optimal".
    gap : float
        ``(bound - score) / abs(bound)``, unitless; exactly 0 if optimal.
    unmatched_mentors, unmatched_mentees : ndarray of int64
        Rows and columns of those with a place who are in no pair.
    diagnosis : Diagnosis
    certificate : Certificate
    seconds : float
        Wall-clock time of solving.
    """

    status: str
    pairs: Ints
    pair_scores: Ints | Floats
    score: int | float
    bound: int | float
    gap: float
    unmatched_mentors: Ints
    unmatched_mentees: Ints
    diagnosis: Diagnosis
    certificate: Certificate
    seconds: float

    @property
    def least_served(self) -> int | float | None:
        """Return the score of the lowest-scored pair, or None without pairs."""
        return self.pair_scores.min().item() if len(self.pair_scores) else None


def read_only(array: npt.NDArray[np.generic]) -> None:
    """Keep an array that leaves the engine from being changed."""
    array.setflags(write=False)
