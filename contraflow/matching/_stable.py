"""Deferred acceptance, and who would rather have each other: for comparison only.

Both ask what each side would choose for itself. The score is the same for the two of a pair but
for wishes, so somebody's own view of a partner is the score without the partner's wish.
"""

import heapq
from collections.abc import Collection

import numpy as np

from contraflow.matching._arrays import Ints, Mask
from contraflow.matching._encode import encode, mentee_wishes, mentor_wishes
from contraflow.matching._instance import Instance
from contraflow.matching._problem import Pair, Problem
from contraflow.matching._rules import ids_to_places
from contraflow.matching._solve import instance_of


def deferred_acceptance(problem: Problem) -> tuple[Pair, ...]:
    """Pair by deferred acceptance: leaders propose, mentors keep whom they like best so far.

    No two people who are not a pair would then both rather have each other. Nothing is proven
    about how many are placed or how well; everybody ranks by fit and own wishes, ties in the
    order of the people. Keeps every rule and lock.

    References
    ----------
    D. Gale, L. S. Shapley, College admissions and the stability of marriage, American
    Mathematical Monthly 69 (1962) 9-15; with several places on both sides A. E. Roth, M.
    Sotomayor, Two-sided matching (1990), chapter 6.

    Examples
    --------
    >>> from contraflow.matching import Participant, Problem, Rules, solve
    >>> problem = Problem(
    ...     mentors=[
    ...         Participant(id="ama", topics={"ai": 4, "video": 4}),
    ...         Participant(id="ben", topics={"ai": 3}),
    ...     ],
    ...     mentees=[
    ...         Participant(id="eve", topics={"ai": 4}),
    ...         Participant(id="kim", topics={"video": 4}),
    ...     ],
    ...     rules=Rules(minimum_grade_gap=None, common_language=False),
    ... )
    >>> deferred_acceptance(problem)
    (('ama', 'eve'), ('ben', 'kim'))
    >>> count_blocking(problem, deferred_acceptance(problem))
    0
    """
    free, _ = _free(problem)
    of_mentors, of_mentees = _own_views(problem)
    likes_best = np.argsort(-of_mentees, axis=0, kind="stable")
    places = free.mentee_capacity.tolist()
    asked = [0] * len(places)
    held: list[list[tuple[int, int]]] = [[] for _ in free.mentor_capacity]
    waiting = [mentee for mentee in range(len(places)) if places[mentee] > 0]
    while waiting:
        mentee = waiting[-1]
        if places[mentee] == 0 or asked[mentee] == len(held):
            waiting.pop()
            continue
        mentor = int(likes_best[asked[mentee], mentee])
        asked[mentee] += 1
        if not free.allowed[mentor, mentee] or not free.mentor_capacity[mentor]:
            continue
        places[mentee] -= 1
        # the earlier of two equals is kept, so that the order of the people decides
        heapq.heappush(held[mentor], (int(of_mentors[mentor, mentee]), -mentee))
        if len(held[mentor]) > free.mentor_capacity[mentor]:
            _, refused = heapq.heappop(held[mentor])
            places[-refused] += 1
            waiting.append(-refused)
    pairs = [(row, -mentee) for row, kept in enumerate(held) for _, mentee in kept]
    found = [(problem.mentors[i].id, problem.mentees[j].id) for i, j in sorted(pairs)]
    return (*problem.locked, *found)


def count_blocking(problem: Problem, pairs: Collection[Pair]) -> int:
    """Return how many two people who are not a pair would both rather have each other.

    Each of the two has a place left or likes the other strictly better than the partner liked
    least. Pairs the lead locked are not up for choice. The number says how far a pairing is from
    what people would agree on among themselves; names would tell whom somebody wished for.
    """
    free, locked = _free(problem)
    chosen = np.zeros_like(locked)
    for row, column in ids_to_places(problem, pairs):
        chosen[row, column] = not locked[row, column]
    of_mentors, of_mentees = _own_views(problem)
    rather = (
        free.allowed
        & ~chosen
        & (of_mentors > _least_liked(of_mentors, chosen, free.mentor_capacity, axis=1)[:, None])
        & (of_mentees > _least_liked(of_mentees, chosen, free.mentee_capacity, axis=0)[None, :])
    )
    return int(rather.sum())


def _least_liked(views: Ints, chosen: Mask, capacity: Ints, *, axis: int) -> Ints:
    """Return how much the partner liked least is liked: less than anything with a place left."""
    most, least = np.iinfo(np.int64).max, np.iinfo(np.int64).min
    liked = np.where(chosen, views, most).min(axis=axis, initial=most)
    return np.where(chosen.sum(axis=axis) < capacity, least, liked)


def _free(problem: Problem) -> tuple[Instance, Mask]:
    instance, locked = instance_of(problem, encode(problem))
    return instance.without(locked), locked


def _own_views(problem: Problem) -> tuple[Ints, Ints]:
    """Return how mentors see mentees and mentees see mentors, in micro-points."""
    of_mentors, of_mentees = encode(problem).scores.copy(), encode(problem).scores.copy()
    for row, column, bonus in mentor_wishes(problem):
        of_mentees[row, column] -= bonus
    for row, column, bonus in mentee_wishes(problem):
        of_mentors[row, column] -= bonus
    return of_mentors, of_mentees
