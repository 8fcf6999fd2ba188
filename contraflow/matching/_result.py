"""From what the engine chose to the `Pairing` a caller gets."""

import math
import time

import numpy as np

from contraflow.matching._arrays import Floats, Ints, Mask
from contraflow.matching._instance import Certificate, Instance
from contraflow.matching._pairing import Diagnosis, Pairing, read_only


def assemble(
    instance: Instance,
    chosen: Mask,
    certificate: Certificate,
    *,
    diagnosis: Diagnosis,
    values: Ints | Floats,
    started: float,
) -> Pairing:
    """Put a pairing together.

    Parameters
    ----------
    instance : Instance
        With full capacities.
    chosen : ndarray of bool
        All pairs, those settled by hand included.
    values : ndarray
        The scores in the units of the caller.
    """
    pairs = np.argwhere(chosen).astype(np.int64)
    pair_scores = values[chosen]
    score = int(pair_scores.sum()) if values.dtype.kind == "i" else math.fsum(pair_scores.tolist())
    unmatched_mentors = np.flatnonzero(~chosen.any(axis=1) & (instance.mentor_capacity > 0))
    unmatched_mentees = np.flatnonzero(~chosen.any(axis=0) & (instance.mentee_capacity > 0))
    for array in (pairs, pair_scores, unmatched_mentors, unmatched_mentees):
        read_only(array)
    for prices in certificate.proofs():
        read_only(prices.mentors)
        read_only(prices.mentees)
    nobody = not len(pairs) and len(unmatched_mentors) > 0 and len(unmatched_mentees) > 0
    return Pairing(
        status="infeasible" if nobody else "optimal",
        pairs=pairs,
        pair_scores=pair_scores,
        score=score,
        bound=score,
        gap=0.0,
        unmatched_mentors=unmatched_mentors,
        unmatched_mentees=unmatched_mentees,
        diagnosis=diagnosis,
        certificate=certificate,
        seconds=time.perf_counter() - started,
    )
