"""What other aims would give the same people, and what each of them costs, side by side.

A door to the matching engine like `solving`: import it where options are priced, not at the top
of a module.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from contraflow import matching
from contraflow.core.errors import Refusal
from contraflow.matching import Problem
from contraflow.pairing.draft_settings import OPTIONS, option_of
from contraflow.pairing.figures import fits_in_figures
from contraflow.pairing.models import Draft
from contraflow.pairing.solving import Ground, Pair, ids

# what a lead cannot choose: it proves nothing, and stands beside for comparison
BY_HAND, DEFERRED = "by_hand", "deferred"
AS_SET = "as_set"


def price(draft: Draft, tell: Callable[[int, int], None]) -> Iterator[dict[str, Any]]:
    """Yield one row for each option: whom it places, how well, and how much of this draft differs.

    People, weights, rules and decisions are the draft's. `tell` hears how many rows of how many
    are done; whatever it raises ends the work.
    """
    ground = Ground(draft)
    here = _pairs_of(ground)
    plain = with_aims(ground.problem, OPTIONS["total"][1])
    ways = _ways(ground, plain, here)
    for done, (name, pairs_of) in enumerate(ways.items()):
        pairs = pairs_of(lambda *_, at=done: tell(at, len(ways)))
        yield {
            "name": name,
            **fits_in_figures([ground.fit(pair) for pair in pairs]),
            "mentors": len({mentor for mentor, _mentee in pairs}),
            "mentees": len({mentee for _mentor, mentee in pairs}),
            "differ": len(here - set(pairs)),
            # among all whom the rules allow, so that the rows can be compared
            "blocking": matching.count_blocking(plain, pairs),
        }


Way = Callable[[Callable[..., None]], list[Pair]]


def _ways(ground: Ground, plain: Problem, here: set[Pair]) -> dict[str, Way]:
    """Return how each pairing is made, by its name, in the order in which they are shown."""

    def solved(aims: dict[str, Any]) -> Way:
        asked = with_aims(plain, aims)
        return lambda tell: ids(asked, matching.solve(asked, progress=tell).pairs)

    ways: dict[str, Way] = {}
    if option_of(ground.draft.settings) is None:
        ways[AS_SET] = lambda _tell: list(here)
    for name, (_label, aims) in OPTIONS.items():
        if name != "one_each_first" or _is_somebody_in_several(plain):
            ways[name] = solved(aims)
    ways[BY_HAND] = lambda _tell: list(matching.greedy(plain))
    ways[DEFERRED] = lambda _tell: list(matching.deferred_acceptance(plain))
    return ways


def with_aims(problem: Problem, aims: dict[str, Any]) -> Problem:
    """Return the same problem with other aims, in the words of a draft's settings."""
    return replace(
        problem,
        objective=aims["objective"],
        depth=aims["depth"],
        one_each_first=aims["one_each_first"],
        rules=replace(problem.rules, share_of_best=aims["share_of_best"]),
    )


def certificate_of(draft: Draft) -> str:
    """Return the proof of a draft as JSON: numbers instead of people.

    It is made anew from the people as they are; where they no longer give the same pairs there is
    no proof of this draft.
    """
    ground = Ground(draft)
    best = {ground.enrolled(pair) for pair in ground.best_pairs()}
    # what stands beside the problem, in a cohort that runs
    kept = {ground.enrolled(pair) for pair in ground.known_standing if pair in ground.kept}
    if best != set(draft.proposals.order_by().values_list("mentor_id", "mentee_id")) - kept:
        raise Refusal(
            _("People or decisions have changed since this draft was made. Match again, and take "
              "the proof of the new draft.")
        )  # fmt: skip
    return json.dumps(matching.report_of(ground.problem, ground.best))


def _is_somebody_in_several(problem: Problem) -> bool:
    return any(person.capacity > 1 for person in (*problem.mentors, *problem.mentees))


def _pairs_of(ground: Ground) -> set[Pair]:
    """Return the pairs that stand in the draft, of people who still take part."""
    people = {enrolment: person for person, enrolment in ground.profiles.enrolments.items()}
    rows = ground.draft.proposals.order_by().values_list("mentor_id", "mentee_id")
    return {
        (people[mentor], people[mentee])
        for mentor, mentee in rows
        if mentor in people and mentee in people
    }
