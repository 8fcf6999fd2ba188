"""The hard rules of `_fit` for all pairs at once: one mask of blocked pairs for each rule."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from contraflow.matching import _fit
from contraflow.matching._arrays import Floats, Ints, Mask
from contraflow.matching._features import codes, count_shared
from contraflow.matching._people import Participant
from contraflow.matching._problem import Pair, Problem

# The one rule that rests on what all others leave possible.
SHARE_OF_BEST = "share_of_best"


def blocked_pairs(problem: Problem, scores: Ints) -> dict[str, Mask]:
    """Return for each rule that is on the pairs it blocks, but for the share of the best."""
    masks = {name: mask(problem, scores) for name, mask in _MASKS.items()}
    return {name: mask for name, mask in masks.items() if mask is not None}


def rule_mask(rule: str, problem: Problem, scores: Ints) -> Mask:
    """Return the pairs that one rule blocks, none where it is off."""
    mask = _MASKS[rule](problem, scores)
    return np.zeros(scores.shape, dtype=np.bool_) if mask is None else mask


def _same_person(problem: Problem, scores: Ints) -> Mask:
    both = [(person.id, person.id) for person in problem.mentors]
    return _mask(scores.shape, ids_to_places(problem, both))


def _forbidden(problem: Problem, scores: Ints) -> Mask:
    return forbidden_pairs(problem)


def _reporting_line(problem: Problem, scores: Ints) -> Mask:
    return _mask(scores.shape, _reporting_lines(problem))


def _not_possible(problem: Problem, scores: Ints) -> Mask:
    blocked = _mask(scores.shape, _vetoes(problem))
    if problem.rules.closed_topics:
        blocked |= _all_wanted_closed(problem.mentors, problem.mentees)
    return blocked


def _different_team(problem: Problem, scores: Ints) -> Mask | None:
    if not problem.rules.different_team:
        return None
    ours, theirs = codes([p.team for p in problem.mentors], [p.team for p in problem.mentees])
    same: Mask = (ours[:, None] == theirs[None, :]) & (ours[:, None] >= 0)
    return same


def _minimum_grade_gap(problem: Problem, scores: Ints) -> Mask | None:
    gap = problem.rules.minimum_grade_gap
    if gap is None:
        return None
    narrow: Mask = ~_gap_is_wide(problem.mentors, problem.mentees, gap)
    return narrow


def _same_panel(problem: Problem, scores: Ints) -> Mask | None:
    if not problem.rules.same_panel:
        return None
    mentors, mentees = problem.mentors, problem.mentees
    judged = count_shared([p.assessed_by for p in mentors], [p.panels for p in mentees])
    judging = count_shared([p.panels for p in mentors], [p.assessed_by for p in mentees])
    judging_or_judged: Mask = (judged + judging) > 0
    return judging_or_judged


def _common_language(problem: Problem, scores: Ints) -> Mask | None:
    if not problem.rules.common_language:
        return None
    ours, theirs = [p.languages for p in problem.mentors], [p.languages for p in problem.mentees]
    nothing_shared: Mask = count_shared(ours, theirs) == 0
    return nothing_shared


def _floor(problem: Problem, scores: Ints) -> Mask | None:
    floor = problem.rules.floor
    return None if floor is None else scores < _fit.floor_points(floor)


# By the word a reason is given with.
_MASKS: dict[str, Callable[[Problem, Ints], Mask | None]] = {
    "same_person": _same_person,
    "forbidden": _forbidden,
    "reporting_line": _reporting_line,
    _fit.NOT_POSSIBLE: _not_possible,
    "different_team": _different_team,
    "minimum_grade_gap": _minimum_grade_gap,
    "same_panel": _same_panel,
    "common_language": _common_language,
    "floor": _floor,
}


def below_share(scores: Ints | Floats, possible: Mask, share: float) -> Mask:
    """Return the pairs below a share of the best possible score of either of the two."""
    known = np.where(possible, scores, 0)
    of_mentor = share * known.max(axis=1, initial=0)
    of_mentee = share * known.max(axis=0, initial=0)
    below: Mask = (scores < of_mentor[:, None]) | (scores < of_mentee[None, :])
    return below


def forbidden_pairs(problem: Problem) -> Mask:
    """Return the pairs the lead does not want."""
    shape = (len(problem.mentors), len(problem.mentees))
    return _mask(shape, ids_to_places(problem, problem.forbidden))


def _mask(shape: tuple[int, int], places: Iterator[tuple[int, int]]) -> Mask:
    mask = np.zeros(shape, dtype=np.bool_)
    for row, column in places:
        mask[row, column] = True
    return mask


def _vetoes(problem: Problem) -> Iterator[tuple[int, int]]:
    for person in problem.mentors:
        yield from ids_to_places(problem, [(person.id, veto) for veto in person.vetoes])
    for person in problem.mentees:
        yield from ids_to_places(problem, [(veto, person.id) for veto in person.vetoes])


def _reporting_lines(problem: Problem) -> Iterator[tuple[int, int]]:
    """Yield who is in one line: only named managers can be, so nobody else is looked at."""
    near = [(p.id, manager) for p in problem.mentors for manager in p.managers]
    near += [(manager, p.id) for p in problem.mentees for manager in p.managers]
    for row, column in ids_to_places(problem, near):
        mentor, mentee = problem.mentors[row], problem.mentees[column]
        if _fit.in_reporting_line(problem.rules, mentor, mentee):
            yield row, column


def ids_to_places(problem: Problem, pairs: Iterable[Pair]) -> Iterator[tuple[int, int]]:
    """Return row and column of each pair of ids; those with somebody unknown are left out."""
    for mentor, mentee in pairs:
        if problem.has_mentor(mentor) and problem.has_mentee(mentee):
            yield problem.mentor_row(mentor), problem.mentee_column(mentee)


def _gap_is_wide(mentors: Sequence[Participant], mentees: Sequence[Participant], gap: int) -> Mask:
    # Grades are opaque whole numbers, so "not known" needs a mask of its own.
    ours = np.array([p.grade or 0 for p in mentors], dtype=np.int64)
    theirs = np.array([p.grade or 0 for p in mentees], dtype=np.int64)
    known_ours = np.array([p.grade is not None for p in mentors], dtype=np.bool_)
    known_theirs = np.array([p.grade is not None for p in mentees], dtype=np.bool_)
    wide: Mask = theirs[None, :] - ours[:, None] >= gap
    return wide & known_ours[:, None] & known_theirs[None, :]


def _all_wanted_closed(mentors: Sequence[Participant], mentees: Sequence[Participant]) -> Mask:
    wanted = [set(_fit.wanted_topics(person)) for person in mentees]
    closed = count_shared([person.closed_topics for person in mentors], wanted)
    counts = np.array([len(topics) for topics in wanted], dtype=np.float32)
    blocked: Mask = (closed == counts[None, :]) & (counts[None, :] > 0)
    return blocked
