"""The door for an explicit matrix of scores."""

import math
import time
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt

from contraflow.matching._arrays import Floats, Ints, Mask
from contraflow.matching._checks import as_allowed, as_capacity, as_scores, as_seed, as_share
from contraflow.matching._diagnosis import diagnose
from contraflow.matching._engine import settle
from contraflow.matching._errors import MatchingInputError
from contraflow.matching._instance import Instance
from contraflow.matching._pairing import Pairing
from contraflow.matching._problem import as_aims
from contraflow.matching._relax import matrix_relaxations
from contraflow.matching._result import assemble
from contraflow.matching._rules import SHARE_OF_BEST, below_share

# Steps of the whole-number grid a float score is put on, over the range of the scores.
GRID_STEPS = 10_000_000


def solve_matrix(
    scores: npt.ArrayLike,
    *,
    allowed: npt.ArrayLike | None = None,
    mentor_capacity: npt.ArrayLike = 1,
    mentee_capacity: npt.ArrayLike = 1,
    objective: str = "least_served",
    depth: int = 1,
    one_each_first: bool = False,
    floor: float | None = None,
    share_of_best: float | None = None,
    seed: int = 0,
) -> Pairing:
    """Pair mentors with mentees by an explicit matrix of scores, proven best.

    The aims in their order: as many pairs as possible; then, for "least_served", the
    lowest-scored pair as high as possible; then the largest total.

    Parameters
    ----------
    scores : array_like of int or float, shape (n_mentors, n_mentees)
        Any real values, higher is better. Whole numbers are solved exactly as given; other
        floats on a whole-number grid of 1e-7 of their range.
    allowed : array_like of bool, same shape, optional
        Who may be paired at all; everybody by default. Scores elsewhere may be NaN.
    mentor_capacity, mentee_capacity : int or array_like of int
        How many pairs each takes part in at most; each pair occurs at most once.
    objective : {"least_served", "total"}
    depth : int
        How many of the lowest scores are lifted, one after the other (leximin to that depth).
    one_each_first : bool
        Where people may take part in several pairs: nobody has a second partner while
        somebody who could have one has none.
    floor : float, optional
        No pair scores below this, in the units of `scores`.
    share_of_best : float, optional
        No pair scores below this share, 0-1, of the best possible of either of the two; needs
        scores from 0.
    seed : int
        Which of several equally good pairings comes out.

    Returns
    -------
    Pairing
        Its score is in the units of `scores`.

    Raises
    ------
    MatchingInputError
        If an argument breaks this contract. A shortage is no error but an answer.

    Notes
    -----
    Bottleneck assignment by threshold search with Hopcroft-Karp (1973), then the assignment
    problem (Kuhn 1955, Munkres 1957; Jonker and Volgenant 1987), or successive shortest
    paths where both sides repeat. See docs/matching/how-it-works.md.

    Examples
    --------
    The largest total is 9 + 1, and serves the second mentee badly:

    >>> solve_matrix([[9, 4], [5, 1]], objective="total").pairs.tolist()
    [[0, 0], [1, 1]]
    >>> pairing = solve_matrix([[9, 4], [5, 1]])
    >>> pairing.pairs.tolist(), pairing.score, pairing.least_served
    ([[0, 1], [1, 0]], 9, 4)
    """
    started = time.perf_counter()
    aims = as_aims(objective, depth, one_each_first)
    values = as_scores(scores)
    possible = as_allowed(allowed, values)
    blocked = {"not_allowed": ~possible}
    if floor is not None:
        if isinstance(floor, bool) or not isinstance(floor, int | float) or math.isnan(floor):
            raise MatchingInputError(f"floor must be a number or None, got {floor!r}.")
        blocked["floor"] = possible & (values < floor)
        possible = possible & (values >= floor)
    if share_of_best is not None:
        share = as_share(share_of_best, values[possible])
        blocked[SHARE_OF_BEST] = possible & below_share(values, possible, share)
        possible = possible & ~blocked[SHARE_OF_BEST]
    units, unit, offset = whole_units(values, possible)
    instance = Instance.of(
        units,
        possible,
        as_capacity(mentor_capacity, "mentor_capacity", values.shape[0]),
        as_capacity(mentee_capacity, "mentee_capacity", values.shape[1]),
        one_each_first=one_each_first,
    )
    chosen, certificate = settle(instance, aims, seed=as_seed(seed))
    milder = partial(matrix_relaxations, values, ~blocked["not_allowed"], floor, share_of_best)
    nothing_locked = np.zeros_like(chosen)
    return assemble(
        instance,
        chosen,
        replace(certificate, unit=unit, offset=offset),
        diagnosis=diagnose(instance, nothing_locked, blocked, chosen, milder),
        values=values,
        started=started,
    )


def whole_units(values: Ints | Floats, possible: Mask) -> tuple[Ints, float, float]:
    """Put scores on a whole-number grid; return it with its unit and offset."""
    if values.dtype.kind == "i":
        return np.where(possible, values, 0).astype(np.int64), 1.0, 0.0
    used = values[possible]
    if not used.size:
        return np.zeros(values.shape, dtype=np.int64), 1.0, 0.0
    if np.all(used == np.rint(used)) and np.abs(used).max() < 2**52:
        return np.where(possible, values, 0).astype(np.int64), 1.0, 0.0
    low, high = float(used.min()), float(used.max())
    unit = (high - low) / GRID_STEPS or 1.0
    if not math.isfinite(unit):
        raise MatchingInputError("The scores lie too far apart for their range to be a number.")
    return np.rint((np.where(possible, values, low) - low) / unit).astype(np.int64), unit, low
