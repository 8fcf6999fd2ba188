"""What makes a draft one for a running cohort: its pairs stand, or change as little as pays.

`solving` asks here what to leave out of the problem, and what to add to the answer. A pair that
is kept is taken out with the places it fills. That comes to the same as locking it, and holds
for a pair that today's rules would not allow any more.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from contraflow.pairing.figures import fits_in_figures
from contraflow.pairing.models import Draft
from contraflow.pairing.standing import Couple
from contraflow.programmes.models import Side

if TYPE_CHECKING:
    from contraflow.pairing.solving import Ground, Problem, Solved


# -- the problem --------------------------------------------------------------------------------


def around(ground: "Ground") -> "Problem":
    """Return the problem of a draft for a running cohort, before what the lead decided in it.

    Two who are kept are not paired twice, and two who have parted not again. A repair looks at
    nobody but those who have no partner and those who could be theirs.
    """
    problem = leave_alone(ground.undecided, ground.kept)
    apart = [*ground.kept, *ground.standing.parted]
    if ground.draft.kind == Draft.Kind.REPAIR:
        return _for_those_alone(problem, ground.standing.alone, apart)
    return replace(
        problem,
        weights=replace(problem.weights, inertia=ground.draft.inertia),
        current=ground.standing.pairs.keys() - ground.kept,
        forbidden=_known(problem, apart),
    )


def leave_alone(problem: "Problem", kept: Collection[Couple]) -> "Problem":
    """Return the problem of those who have a place left beside the pairs that are kept."""
    taken = Counter(person for couple in kept for person in couple)
    sides = {
        name: [
            replace(person, capacity=person.capacity - taken[person.id])
            for person in getattr(problem, name)
            if person.capacity > taken[person.id]
        ]
        for name in ("mentors", "mentees")
    }
    return replace(problem, **sides)


def _for_those_alone(problem: "Problem", alone: Collection[int], apart: list[Couple]) -> "Problem":
    """Leave the reserve out where nobody of the other side is alone, and apart from itself."""
    mentor_looks = any(each.id in alone for each in problem.mentors)
    leader_looks = any(each.id in alone for each in problem.mentees)
    mentors = [each for each in problem.mentors if each.id in alone or leader_looks]
    mentees = [each for each in problem.mentees if each.id in alone or mentor_looks]
    reserve = [[each.id for each in side if each.id not in alone] for side in (mentors, mentees)]
    apart = [*apart, *((mentor, mentee) for mentor in reserve[0] for mentee in reserve[1])]
    problem = replace(problem, mentors=mentors, mentees=mentees)
    return replace(problem, forbidden=_known(problem, apart))


def _known(problem: "Problem", couples: list[Couple]) -> list[Couple]:
    known = (c for c in couples if problem.has_mentor(c[0]) and problem.has_mentee(c[1]))
    return list(dict.fromkeys(known))


# -- the answer ---------------------------------------------------------------------------------


def with_what_stands(ground: "Ground", solved: "Solved") -> "Solved":
    """Add to an answer the pairs that stay, those that would end, and how it was before.

    A standing pair of somebody whose profile is not finished is kept and not shown: nothing can
    be said of its fit.
    """
    staying = [
        ground.propose(couple, stays=True, locked=couple in ground.locks)
        for couple in ground.known_standing
        if couple in ground.kept
    ]
    proposals = [*solved.proposals, *staying]
    proposed = {(each.mentor_id, each.mentee_id) for each in proposals}
    ends = [each for each in ground.known_standing if ground.enrolled(each) not in proposed]
    figures = fits_in_figures([each.fit for each in proposals])
    distance_to_bound = solved.result["bound"] - solved.result["total"]
    result = solved.result | figures | {
        "bound": round(figures["total"] + distance_to_bound, 2),
        "new": sum(not each.stays for each in proposals),
        "before": fits_in_figures([ground.fit(each) for each in ground.known_standing]),
        "looking": sorted(ground.standing.alone),
        "ends": _ends(ground, ends),
        **_still_alone(ground, solved.result),
    }  # fmt: skip
    if ground.draft.kind == Draft.Kind.REMATCH:
        result["repair"] = _repair_alone(ground)
    return replace(solved, proposals=proposals, result=result)


def _ends(ground: "Ground", couples: list[Couple]) -> list[dict[str, Any]]:
    """Return the pairs that end, by key, each with why, and its fit where the two may be one."""
    ends = []
    for couple in couples:
        is_possible = ground.is_allowed(couple)
        ends.append(
            {
                "pair": ground.standing.pairs[couple],
                "why": "changes" if is_possible else "not_possible",
                "fit": ground.fit(couple) if is_possible else None,
            }
        )
    gone = sorted(ground.standing.left_behind.values())
    return ends + [{"pair": pair, "why": "left", "fit": None} for pair in gone]


def _still_alone(ground: "Ground", result: dict[str, Any]) -> dict[str, Any]:
    """Tell who looks for a partner in vain, or loses one; the reserve goes on standing ready.

    What is kept apart here is not the lead's doing alone, so it is not named as the reason.
    """
    paired = {person for couple in ground.kept for person in couple}
    had_one = {person for couple in ground.standing.pairs for person in couple}
    matter = (ground.standing.alone | had_one) - paired
    enrolments = {ground.profiles.enrolments.get(person) for person in matter}
    alone = []
    for each in result["alone"]:
        if each["enrolment"] in enrolments:
            rules = [rule for rule in each["rules"] if rule != "forbidden"]
            impossible = each["nobody_possible"] and rules == each["rules"]
            alone.append(each | {"rules": rules, "nobody_possible": impossible})
    sides = Counter(each["side"] for each in alone)
    return {
        "alone": alone,
        "helps": [each for each in result["helps"] if each["rule"] != "forbidden"],
        "mentor_places": sides[Side.MENTOR],
        "mentee_places": sides[Side.MENTEE],
    }


def _repair_alone(ground: "Ground") -> dict[str, Any]:
    """Return the figures that a repair under the same settings and decisions would have."""
    other = ground.as_repair()
    new = other.best_pairs()
    fits = [other.fit(each) for each in [*new, *ground.known_standing]]
    return fits_in_figures(fits) | {"new": len(new)}
