"""The first aim, as many pairs as possible, and what proves it."""

import numpy as np

from contraflow.matching._arrays import Ints, Mask
from contraflow.matching._instance import Prices
from contraflow.matching._scipy import largest_flow, most_ones


def most_pairs(allowed: Mask, mentor_capacity: Ints, mentee_capacity: Ints) -> Mask:
    """Return a largest set of pairs within capacity, each pair at most once."""
    chosen = np.zeros(allowed.shape, dtype=np.bool_)
    if not allowed.any():
        return chosen
    mentors = np.minimum(mentor_capacity, allowed.sum(axis=1))
    mentees = np.minimum(mentee_capacity, allowed.sum(axis=0))
    if mentors.max() > 1 and mentees.max() > 1:
        return largest_flow(allowed, mentors, mentees)
    if mentors.max() > 1:
        return most_pairs(allowed.T, mentee_capacity, mentor_capacity).T
    places = np.repeat(np.arange(len(mentees)), mentees)
    found = most_ones(allowed[:, places] & (mentors > 0)[:, None])
    rows = np.flatnonzero(found >= 0)
    chosen[rows, places[found[rows]]] = True
    return chosen


def smallest_cover(
    allowed: Mask, mentor_capacity: Ints, mentee_capacity: Ints, chosen: Mask
) -> Prices:
    """Return the prices, 1 for whoever is covered, that prove a largest set of pairs to be one.

    Starts from the mentors with places left and follows possible pairs to mentees and
    chosen pairs back: who is reached could be placed better, so the mentees reached are
    full (covered), and so are the mentors never reached (covered).
    """
    reached_mentors = chosen.sum(axis=1) < mentor_capacity
    reached_mentees = np.zeros(allowed.shape[1], dtype=np.bool_)
    frontier = np.flatnonzero(reached_mentors)
    while len(frontier):
        to_mentees = (allowed[frontier] & ~chosen[frontier]).any(axis=0) & ~reached_mentees
        reached_mentees |= to_mentees
        to_mentors = chosen[:, to_mentees].any(axis=1) & ~reached_mentors
        reached_mentors |= to_mentors
        frontier = np.flatnonzero(to_mentors)
    return Prices((~reached_mentors).astype(np.int64), reached_mentees.astype(np.int64))
