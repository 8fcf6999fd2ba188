"""The definition of fit and of the hard rules, for one pair at a time.

Everything is a whole number of micro-points, a full fit being `SCALE` of them, so that the
parts of a score add up exactly and a proof of optimality is a proof, not a tolerance.
`_encode` computes the same for all pairs at once; the tests hold the two together.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isqrt

from contraflow.matching._people import (
    MOST_WISHES,
    Participant,
    PersonId,
    Rules,
    Weights,
)

# Micro-points of a full fit. 16 times below 2**24, where float32 stops being exact.
SCALE = 1_000_000
# Sharing this many weekly hours is as good as sharing more: a session takes one.
HOURS_ENOUGH = 5
# Scale means of four items move in quarter points, so 1-5 becomes 0-16.
TRAIT_STEPS = 16
# Alike is better on these, different is better on the others (practice.md E17, E20).
ALIKE_TRAITS = ("conscientiousness", "intellect")
APART_TRAITS = ("extraversion",)
JUDGED_TRAITS = ALIKE_TRAITS + APART_TRAITS
# How far whoever stands at the top reaches down when any distance counts.
LEVELS_FROM_THE_TOP = 2

PUBLIC_PARTS = ("skills", "interests", "logistics", "distance")
PRIVATE_PARTS = ("personality", "wishes")
# The one word for every rule that rests on somebody's private choice.
NOT_POSSIBLE = "not_possible"


@dataclass(frozen=True)
class Points:
    """Hold the micro-points each part and sub-part can give at most."""

    skills: int
    interests: int
    hours: int
    language: int
    site: int
    function: int
    other_site: int
    trait_step: int
    personality_half: int
    wishes: tuple[int, ...]
    kept: int


def points(weights: Weights) -> Points:
    """Turn weights into whole micro-points."""

    def share(weight: float) -> int:
        return int(SCALE * weight / weights.total)

    logistics, distance = share(weights.logistics), share(weights.distance)
    hours, language = logistics * 60 // 100, logistics * 20 // 100
    function = distance * 60 // 100
    bonus = int(SCALE * weights.wish_bonus_per_side / 100)
    return Points(
        skills=share(weights.skills),
        interests=share(weights.interests),
        hours=hours,
        language=language,
        site=logistics - hours - language,
        function=function,
        other_site=distance - function,
        trait_step=share(weights.personality) // len(JUDGED_TRAITS) // TRAIT_STEPS**2,
        personality_half=share(weights.personality) // 2,
        wishes=tuple(bonus * (MOST_WISHES - rank) // MOST_WISHES for rank in range(MOST_WISHES)),
        kept=int(SCALE * weights.inertia / 100),
    )


def fit_parts(most: Points, mentor: Participant, mentee: Participant) -> dict[str, int]:
    """Return the parts of one pair's fit in micro-points.

    Their sum is the score, but for the inertia of two who are a pair already.
    """
    return {
        "skills": _skills(most, mentor, mentee),
        "interests": _interests(most, mentor, mentee),
        "logistics": _logistics(most, mentor, mentee),
        "distance": _distance(most, mentor, mentee),
        "personality": _personality(most, mentor, mentee),
        "wishes": _wish(most, mentor, mentee.id) + _wish(most, mentee, mentor.id),
    }


def most_parts(most: Points) -> dict[str, int]:
    """Return what each public part and the private parts together can give at most."""
    return {
        "skills": most.skills,
        "interests": most.interests,
        "logistics": most.hours + most.language + most.site,
        "distance": most.function + most.other_site,
        "private": most.trait_step * TRAIT_STEPS**2 * len(JUDGED_TRAITS) + 2 * most.wishes[0],
    }


def is_below_floor(rules: Rules, score: int) -> bool:
    """Say whether the floor rules a score out."""
    return rules.floor is not None and score < floor_points(rules.floor)


def floor_points(floor: float) -> int:
    """Return a floor of 0-1 in micro-points."""
    return round(SCALE * floor)


def open_topics(mentor: Participant) -> dict[str, int]:
    """Return what a mentor knows and speaks about."""
    return {
        topic: level
        for topic, level in mentor.topics.items()
        if level > 0 and topic not in mentor.closed_topics
    }


def wanted_topics(mentee: Participant) -> dict[str, int]:
    """Return what a mentee wants to learn, and to which level."""
    return {topic: level for topic, level in mentee.topics.items() if level > 0}


def quarter(personality_value: float) -> int:
    """Return a scale mean of 1-5 in quarter points from 0."""
    return round((personality_value - 1) * 4)


def has_answered(person: Participant) -> bool:
    """Say whether every judged trait of a person is known."""
    return person.personality is not None and all(
        trait in person.personality for trait in JUDGED_TRAITS
    )


def broken_rules(rules: Rules, mentor: Participant, mentee: Participant) -> list[str]:
    """Name the hard rules a pair breaks, private ones only as `NOT_POSSIBLE`.

    The floor and what the lead forbade are not the pair's own and are not looked at here.

    >>> from contraflow.matching import Participant, Rules, broken_rules
    >>> rules = Rules(minimum_grade_gap=None, common_language=False)
    >>> boss = Participant(id="boss", team="Sales")
    >>> broken_rules(rules, Participant(id="ada", team="Sales", managers=("boss",)), boss)
    ['reporting_line', 'different_team']
    """
    broken = []
    if mentor.id == mentee.id:
        broken.append("same_person")
    if in_reporting_line(rules, mentor, mentee):
        broken.append("reporting_line")
    if rules.different_team and mentor.team is not None and mentor.team == mentee.team:
        broken.append("different_team")
    if rules.minimum_grade_gap is not None and (
        mentor.grade is None
        or mentee.grade is None
        or mentee.grade - mentor.grade < rules.minimum_grade_gap
    ):
        broken.append("minimum_grade_gap")
    if rules.same_panel and (
        mentor.assessed_by & mentee.panels or mentee.assessed_by & mentor.panels
    ):
        broken.append("same_panel")
    if rules.common_language and not mentor.languages & mentee.languages:
        broken.append("common_language")
    if _is_not_possible(rules, mentor, mentee):
        broken.append(NOT_POSSIBLE)
    return broken


def in_reporting_line(rules: Rules, mentor: Participant, mentee: Participant) -> bool:
    """Say whether one is the other's manager, as near as the rule counts."""
    return _manages(rules, mentor, mentee) or _manages(rules, mentee, mentor)


def _manages(rules: Rules, manager: Participant, report: Participant) -> bool:
    levels = rules.reporting_line_levels
    if levels is None:
        levels = len(report.managers) if manager.managers else LEVELS_FROM_THE_TOP
    return manager.id in report.managers[:levels]


def _is_not_possible(rules: Rules, mentor: Participant, mentee: Participant) -> bool:
    if mentee.id in mentor.vetoes or mentor.id in mentee.vetoes:
        return True
    wanted = wanted_topics(mentee)
    return rules.closed_topics and bool(wanted) and mentor.closed_topics.issuperset(wanted)


def _skills(most: Points, mentor: Participant, mentee: Participant) -> int:
    wanted = wanted_topics(mentee)
    if not wanted:
        return most.skills // 2
    return most.skills // sum(wanted.values()) * covered_levels(mentor, mentee)


def covered_levels(mentor: Participant, mentee: Participant) -> int:
    """Count the wanted levels a mentor reaches: the raw score, before it becomes a share.

    Naming less can only lower it. The share, what `_skills` makes of it, may rise when a need
    that is not covered is left out; docs/matching/gaming.md has what that gains.
    """
    known = open_topics(mentor)
    return sum(min(level, known.get(topic, 0)) for topic, level in wanted_topics(mentee).items())


def interest_factor(most: Points, interests: frozenset[str]) -> int:
    """Return one side's factor of the cosine: the root of points per interest."""
    return isqrt(most.interests // len(interests)) if interests else 0


def _interests(most: Points, mentor: Participant, mentee: Participant) -> int:
    if not mentor.interests or not mentee.interests:
        return most.interests // 2
    factors = interest_factor(most, mentor.interests) * interest_factor(most, mentee.interests)
    return factors * len(mentor.interests & mentee.interests)


def _logistics(most: Points, mentor: Participant, mentee: Participant) -> int:
    hours, language, site = most.hours // 2, most.language // 2, most.site // 2
    if mentor.hours and mentee.hours:
        shared = len(mentor.hours & mentee.hours)
        hours = most.hours // HOURS_ENOUGH * min(shared, HOURS_ENOUGH)
    if mentor.languages and mentee.languages:
        language = most.language if mentor.languages & mentee.languages else 0
    if mentor.site is not None and mentee.site is not None:
        site = most.site if mentor.site == mentee.site else 0
    return hours + language + site


def _distance(most: Points, mentor: Participant, mentee: Participant) -> int:
    function, site = most.function // 2, most.other_site // 2
    if mentor.department and mentee.department:
        if mentor.department[0] != mentee.department[0]:
            function = most.function
        else:
            function = 0 if mentor.department == mentee.department else most.function // 2
    if mentor.site is not None and mentee.site is not None:
        site = most.other_site if mentor.site != mentee.site else 0
    return function + site


def _personality(most: Points, mentor: Participant, mentee: Participant) -> int:
    if not has_answered(mentor) or not has_answered(mentee):
        return most.personality_half
    ours, theirs = mentor.personality or {}, mentee.personality or {}
    squares = {t: (quarter(ours[t]) - quarter(theirs[t])) ** 2 for t in JUDGED_TRAITS}
    alike = sum(TRAIT_STEPS**2 - squares[trait] for trait in ALIKE_TRAITS)
    apart = sum(squares[trait] for trait in APART_TRAITS)
    return most.trait_step * (alike + apart)


def wishes_of(most: Points, person: Participant) -> Iterator[tuple[PersonId, int]]:
    """Yield each partner a person wishes for, decoys included, with the bonus it gives."""
    for wishes in (person.wishes, person.decoy_wishes):
        for partner, bonus in zip(wishes, most.wishes, strict=False):
            if partner is not None:
                yield partner, bonus


def _wish(most: Points, person: Participant, partner: PersonId) -> int:
    return sum(bonus for wished, bonus in wishes_of(most, person) if wished == partner)
