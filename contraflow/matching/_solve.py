"""The door for people: a `Problem` in, a `Pairing` out."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from functools import partial

import numpy as np

from contraflow.matching._arrays import Ints, Mask
from contraflow.matching._diagnosis import diagnose
from contraflow.matching._encode import BLOCK, Encoded, encode
from contraflow.matching._engine import settle
from contraflow.matching._instance import Instance
from contraflow.matching._pairing import Pairing
from contraflow.matching._people import Participant, PersonId
from contraflow.matching._problem import Problem
from contraflow.matching._relax import relaxations
from contraflow.matching._result import assemble

# The least number of steps reported besides one for each block of mentors.
_STEPS = 30


def solve(
    problem: Problem,
    *,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
    start: Pairing | None = None,
) -> Pairing:
    """Pair people by their features, weights and rules, proven best.

    The order of the people does not influence who is paired with whom.

    Parameters
    ----------
    problem : Problem
    executor : concurrent.futures.Executor, optional
        Scores blocks of mentors in parallel; the answer is the same with any or none.
    progress : callable, optional
        Called with (steps done, steps in all). Whatever it raises ends the solving and
        reaches the caller, so that it is also the way to cancel.
    start : Pairing, optional
        An earlier pairing of the same people, such as the last draft's: shortens the search
        and never changes the answer.

    Returns
    -------
    Pairing
        Scores are micro-points: 1 000 000 is a full fit.

    Examples
    --------
    >>> from contraflow.matching import Participant, Problem, Rules
    >>> def person(name, **topics):
    ...     return Participant(id=name, topics=topics, languages=frozenset({"en"}))
    >>> problem = Problem(
    ...     mentors=[person("ama", ai=4), person("ben", video=3)],
    ...     mentees=[person("eve", video=2), person("kim", ai=2, video=1)],
    ...     rules=Rules(minimum_grade_gap=None),
    ... )
    >>> pairing = solve(problem)
    >>> [(problem.mentors[i].id, problem.mentees[j].id) for i, j in pairing.pairs]
    [('ama', 'kim'), ('ben', 'eve')]
    >>> pairing.status, pairing.score == pairing.bound
    ('optimal', True)
    """
    started = time.perf_counter()
    step = _steps(progress, len(problem.mentors) // BLOCK + 1 + _STEPS)
    encoded = encode(problem, executor=executor, step=step)
    instance, locked = instance_of(problem, encoded)
    remaining = instance.without(locked)
    chosen, certificate = settle(
        remaining,
        problem.aims,
        order=(in_order(problem.mentors), in_order(problem.mentees)),
        known=_still_possible(remaining, start),
        step=step,
    )
    chosen |= locked
    return assemble(
        instance,
        chosen,
        certificate,
        diagnosis=diagnose(
            instance, locked, encoded.blocked, chosen, partial(relaxations, problem, encoded)
        ),
        values=encoded.scores,
        started=started,
    )


def instance_of(problem: Problem, encoded: Encoded) -> tuple[Instance, Mask]:
    """Return the numbers of a problem, and which pairs are locked.

    A locked pair is possible even below the floor: the lead has settled it.
    """
    locked = np.zeros(encoded.scores.shape, dtype=np.bool_)
    for mentor, mentee in problem.locked:
        locked[problem.mentor_row(mentor), problem.mentee_column(mentee)] = True
    instance = Instance.of(
        encoded.scores,
        encoded.allowed | locked,
        np.array([person.capacity for person in problem.mentors], dtype=np.int64),
        np.array([person.capacity for person in problem.mentees], dtype=np.int64),
        one_each_first=problem.one_each_first,
    )
    return instance, locked


def in_order(people: Sequence[Participant]) -> Ints:
    """Return the places of people by id, an order that does not depend on how they came."""

    def key(place: int) -> tuple[bool, PersonId]:
        return isinstance(people[place].id, str), people[place].id

    return np.array(sorted(range(len(people)), key=key), dtype=np.int64)


def _still_possible(instance: Instance, start: Pairing | None) -> Mask | None:
    """Return an earlier pairing if it fits this instance as it stands, else None."""
    if start is None:
        return None
    known = np.zeros(instance.scores.shape, dtype=np.bool_)
    rows, columns = start.pairs.T
    if not len(rows) or rows.max() >= len(known) or columns.max() >= len(known.T):
        return None
    known[rows, columns] = True
    fits = (
        instance.allowed[known].all()
        and (known.sum(axis=1) <= instance.mentor_capacity).all()
        and (known.sum(axis=0) <= instance.mentee_capacity).all()
    )
    return known if fits else None


def _steps(progress: Callable[[int, int], None] | None, total: int) -> Callable[[], None]:
    """Count steps; the searches may need fewer or more than planned, so the end is capped."""
    done = 0

    def step() -> None:
        nonlocal done
        done = min(done + 1, total)
        if progress is not None:
            progress(done, total)

    return step
