"""The milder settings of each rule, from the nearest to off, and who could be paired then."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from contraflow.matching._arrays import Floats, Ints, Mask
from contraflow.matching._diagnosis import Relaxation
from contraflow.matching._encode import Encoded
from contraflow.matching._pairing import Setting
from contraflow.matching._problem import Problem
from contraflow.matching._rules import SHARE_OF_BEST, below_share, rule_mask

# Where a reason is given with another word than the name of the rule.
_WORDS = {"reporting_line_levels": "reporting_line"}
# Settings of a rule by levels: nobody needs more to choose from.
_MOST_LEVELS = 5


def relaxations(problem: Problem, encoded: Encoded) -> Iterator[Relaxation]:
    """Yield what could be relaxed in a problem; what is private never is."""

    def possible_under(rule: str) -> Callable[[Setting], Mask]:
        def possible(setting: Setting) -> Mask:
            word = _WORDS.get(rule, rule)
            masks = [
                mask for name, mask in encoded.blocked.items() if name not in (word, SHARE_OF_BEST)
            ]
            rules = problem.rules
            if rule != "forbidden":
                changed: dict[str, Any] = {rule: setting}
                rules = replace(rules, **changed)
                if rule != SHARE_OF_BEST:
                    milder = replace(problem, rules=rules, locked=())
                    masks.append(rule_mask(word, milder, encoded.scores))
            allowed: Mask = ~np.logical_or.reduce(masks)
            if rules.share_of_best is not None:
                allowed &= ~below_share(encoded.scores, allowed, rules.share_of_best)
            return allowed

        return possible

    for rule in vars(problem.rules):
        if settings := _milder(problem, rule):
            yield rule, settings, possible_under(rule)
    if problem.forbidden:
        yield "forbidden", [None], possible_under("forbidden")


def _milder(problem: Problem, rule: str) -> Sequence[Setting]:
    value = getattr(problem.rules, rule)
    if rule == "minimum_grade_gap" and value is not None:
        return [*range(value - 1, max(-1, value - 1 - _MOST_LEVELS), -1), None]
    if rule == "reporting_line_levels":
        return list(range(_MOST_LEVELS if value is None else value - 1, -1, -1))
    if rule in ("floor", SHARE_OF_BEST) and value is not None:
        return [percent / 100 for percent in range(_percent_below(value), -1, -1)]
    return [False] if value is True and rule != "closed_topics" else []


def _percent_below(share: float) -> int:
    """Return the next whole percent below a share."""
    return -int(-share * 100 // 1) - 1


def matrix_relaxations(
    values: Ints | Floats, allowed: Mask, floor: float | None, share_of_best: float | None
) -> Iterator[Relaxation]:
    """Yield what could be relaxed in a matrix of scores."""

    def possible(lowest: float | None, share: float | None, among: Mask) -> Mask:
        found = among if lowest is None else among & (values >= lowest)
        return found if share is None else found & ~below_share(values, found, share)

    if not allowed.all():
        everybody = np.isfinite(values)
        yield "not_allowed", [None], lambda _: possible(floor, share_of_best, everybody)
    if floor is not None:
        lower = np.unique(values[allowed & (values < floor)])[::-1].tolist()
        yield "floor", [*lower, None], lambda each: possible(each, share_of_best, allowed)
    if share_of_best:
        shares = [percent / 100 for percent in range(_percent_below(share_of_best), -1, -1)]
        yield SHARE_OF_BEST, shares, lambda each: possible(floor, each, allowed)
