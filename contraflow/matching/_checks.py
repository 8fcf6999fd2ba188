"""Checks at the border: everything past this file may trust its arrays."""

import numpy as np
import numpy.typing as npt

from contraflow.matching._arrays import Floats, Ints, Mask
from contraflow.matching._errors import MatchingInputError


def as_scores(values: npt.ArrayLike) -> Ints | Floats:
    """Return scores as a fresh matrix of int64 or float64, or say what is wrong."""
    scores = np.array(values)
    if scores.ndim != 2:
        raise MatchingInputError(f"scores must be 2-D, got {scores.ndim}-D.")
    if scores.size == 0:
        return scores.astype(np.int64)
    if scores.dtype.kind not in "iuf":
        raise MatchingInputError(f"scores must be numbers, got {scores.dtype}.")
    if scores.dtype.kind == "u" and scores.max() > np.iinfo(np.int64).max:
        raise MatchingInputError("scores must fit into 64-bit signed whole numbers.")
    if scores.dtype.kind == "f":
        return scores.astype(np.float64)
    return scores.astype(np.int64)


def as_allowed(values: npt.ArrayLike | None, scores: Ints | Floats) -> Mask:
    """Return who may be paired as a fresh mask; scores where it is True must be finite."""
    if values is None:
        allowed = np.ones(scores.shape, dtype=np.bool_)
    else:
        given = np.array(values)
        if given.shape != scores.shape:
            raise MatchingInputError(f"allowed must have shape {scores.shape}, got {given.shape}.")
        if given.dtype != np.bool_ and given.size:
            raise MatchingInputError(f"allowed must be True or False, got {given.dtype}.")
        allowed = given.astype(np.bool_)
    if not np.isfinite(scores[allowed]).all():
        raise MatchingInputError(
            "scores must be finite; say who may not be paired by `allowed`, not by a score."
        )
    return allowed


def as_capacity(values: npt.ArrayLike, name: str, length: int) -> Ints:
    """Return one whole number from 0 for each person."""
    given = np.array(values)
    if given.shape not in ((), (length,)):
        raise MatchingInputError(f"{name} must be one number or {length}, got {given.shape}.")
    if given.size and (given.dtype.kind not in "iu" or given.min() < 0):
        raise MatchingInputError(f"{name} must be whole numbers from 0.")
    if given.size and given.max() > np.iinfo(np.int32).max:
        raise MatchingInputError(f"{name} must be below 2**31.")
    return np.array(np.broadcast_to(given, (length,)), dtype=np.int64)


def as_share(share: float, scores: Ints | Floats) -> float:
    """Return a share of everybody's best score, or say what is wrong."""
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
        raise MatchingInputError(f"share_of_best must be from 0 to 1, got {share!r}.")
    if scores.size and scores.min() < 0:
        raise MatchingInputError("share_of_best needs scores from 0; a share of less says nothing.")
    return float(share)


def as_seed(seed: int) -> int:
    """Return the seed, or say what is wrong."""
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise MatchingInputError(f"seed must be a whole number from 0, got {seed!r}.")
    return seed
