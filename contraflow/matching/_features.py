"""People turned into arrays that can be compared all at once."""

from collections.abc import Hashable, Sequence
from collections.abc import Set as AbstractSet

import numpy as np
import numpy.typing as npt

from contraflow.matching._arrays import Ints, Mask

Features = npt.NDArray[np.float32]


def indicators(
    mentors: Sequence[AbstractSet[Hashable]], mentees: Sequence[AbstractSet[Hashable]]
) -> tuple[Features, Features]:
    """Return a 0/1 matrix for each side whose product counts what two people share.

    Only what occurs on both sides gets a column: the rest could never be shared.
    """
    shared = frozenset().union(*mentors) & frozenset().union(*mentees)
    # Any order gives the same counts, so the arbitrary order of a set does no harm.
    columns = {thing: column for column, thing in enumerate(shared)}
    return _indicator(mentors, columns), _indicator(mentees, columns)


def count_shared(
    mentors: Sequence[AbstractSet[Hashable]], mentees: Sequence[AbstractSet[Hashable]]
) -> Features:
    """Return how many things each mentor shares with each mentee."""
    ours, theirs = indicators(mentors, mentees)
    return ours @ theirs.T


def codes(
    mentors: Sequence[Hashable | None], mentees: Sequence[Hashable | None]
) -> tuple[Ints, Ints]:
    """Return one number for each different value, equal for equal values, -1 for None."""
    numbers: dict[Hashable, int] = {}
    coded = [
        np.array(
            [-1 if value is None else numbers.setdefault(value, len(numbers)) for value in side],
            dtype=np.int64,
        )
        for side in (mentors, mentees)
    ]
    return coded[0], coded[1]


def truth(values: Sequence[object]) -> Mask:
    """Return for each value whether it is true or not empty."""
    return np.array([bool(value) for value in values], dtype=np.bool_)


def _indicator(
    people: Sequence[AbstractSet[Hashable]], columns: dict[Hashable, int]
) -> npt.NDArray[np.float32]:
    matrix = np.zeros((len(people), len(columns)), dtype=np.float32)
    for row, things in enumerate(people):
        matrix[row, [columns[thing] for thing in things if thing in columns]] = 1
    return matrix
