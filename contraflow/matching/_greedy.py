"""The pairing that a patient person makes by hand, for comparison only."""

import numpy as np

from contraflow.matching._encode import encode
from contraflow.matching._problem import Pair, Problem
from contraflow.matching._solve import instance_of


def greedy(problem: Problem) -> tuple[Pair, ...]:
    """Pair the two who fit best, then the two who fit best of the rest, and so on.

    Keeps every rule and lock, and proves nothing: early choices leave later people with poor
    partners or none. Pairs of equal fit are taken in the order of the people. Takes
    O(n_mentors * n_mentees) memory and sorts once.

    Parameters
    ----------
    problem : Problem

    Returns
    -------
    tuple of (mentor id, mentee id)
        Locked pairs first, then the others in the order in which they were chosen.

    Examples
    --------
    >>> from contraflow.matching import Participant, Problem, Rules
    >>> problem = Problem(
    ...     mentors=[Participant(id="ama", topics={"ai": 4}), Participant(id="ben")],
    ...     mentees=[Participant(id="eve", topics={"ai": 2}), Participant(id="kim")],
    ...     rules=Rules(minimum_grade_gap=None, common_language=False),
    ... )
    >>> greedy(problem)
    (('ama', 'eve'), ('ben', 'kim'))
    """
    encoded = encode(problem)
    instance, locked = instance_of(problem, encoded)
    free = instance.without(locked)
    rows, columns = np.nonzero(free.allowed & ~locked)
    order = np.argsort(-encoded.scores[rows, columns], kind="stable")
    mentor_places, mentee_places = free.mentor_capacity.tolist(), free.mentee_capacity.tolist()
    open_places = min(sum(mentor_places), sum(mentee_places))
    chosen = list(problem.locked)
    for row, column in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        if not open_places:
            break
        if mentor_places[row] and mentee_places[column]:
            mentor_places[row] -= 1
            mentee_places[column] -= 1
            open_places -= 1
            chosen.append((problem.mentors[row].id, problem.mentees[column].id))
    return tuple(chosen)
