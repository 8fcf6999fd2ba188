"""Make the matching profiles of the demonstration: real skills and wishes, the rest invented.

Real, from the survey: which technologies a mentor works with, and which a leader wants and does
not work with yet. The survey has no levels, so `level` is derived by a written rule (see
`mentor_level` and `leader_level`). Template themes, consents, interests, hours, capacity,
personality answers, wishes and vetoes are invented with a seed.
"""

from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import Literal

from contraflow.content.schema import load_templates
from contraflow.ops.demo_survey import Answer, Technology

# templates whose themes stand in where the survey has no wish
THEME_TEMPLATES = ("ai_fluency", "digital_literacy")
PERSONALITY_ITEMS = 16
# shares of people, chosen to look like a programme that works
MENTORS_FOR_TWO = 0.06
PERSONALITY_ANSWERED = 0.6
WISHING = 0.1
VETOING = 0.02


@dataclass(frozen=True, kw_only=True)
class DemoSkill:
    """Say how far a mentor knows a topic, or a leader wants to."""

    topic: str
    level: int
    consent: Literal["open", "ask", "closed"] = "open"
    # False: the topic is a real answer of the survey; its level is derived all the same
    invented: bool = False


@dataclass(frozen=True, kw_only=True)
class DemoProfile:
    """Hold what one participant says for matching."""

    skills: tuple[DemoSkill, ...]
    interests: tuple[str, ...]
    # local hours of the week at which a session suits, 0 is Monday 00:00
    hours: tuple[int, ...]
    capacity: int
    # answers from 1 to 5 in the order of content/instruments.yaml without neuroticism, or None
    personality: tuple[int, ...] | None


def mentor_level(technology: Technology, answer: Answer) -> int:
    """Derive 1 to 4 from years of coding, going on with it, and focus.

    One for less than two years of coding and two for more; one more if they want to work with it
    next year too; one more if it is one of at most three of its theme.
    """
    beside = Counter(each.theme for each in answer.works_with)[technology.theme]
    years = 1 if answer.years_of_coding == "<2 years" else 2
    return years + (technology in answer.wants) + (beside <= 3)


def leader_level(technology: Technology, answer: Answer) -> int:
    """Derive 2 to 4 from what they know beside it, and focus.

    Two to begin with; one more if they already work with something of its theme; one more if it
    is their only wish of its theme.
    """
    knows_beside = any(each.theme == technology.theme for each in answer.works_with)
    wishes = Counter(each.theme for each in answer.learning_needs)[technology.theme]
    return 2 + knows_beside + (wishes == 1)


def mentor_profile(answer: Answer, interests: list[str], rng: Random) -> DemoProfile:
    """Return a mentor's profile; two to four themes of templates are invented beside the real."""
    real = [
        DemoSkill(
            topic=each.key,
            level=mentor_level(each, answer),
            consent=_consent(rng),
        )
        for each in answer.works_with
    ]
    themes = _themes(rng, least=2, most=4)
    return DemoProfile(
        skills=(*real, *themes),
        interests=_interests(interests, rng),
        hours=_hours(answer, rng),
        capacity=2 if rng.random() < MENTORS_FOR_TWO else 1,
        personality=_personality(rng),
    )


def leader_profile(answer: Answer, interests: list[str], rng: Random) -> DemoProfile:
    """Return a leader's profile; who wants nothing new gets invented themes instead."""
    real = tuple(
        DemoSkill(topic=each.key, level=leader_level(each, answer))
        for each in answer.learning_needs
    )
    return DemoProfile(
        skills=real or _themes(rng, least=3, most=5),
        interests=_interests(interests, rng),
        hours=_hours(answer, rng),
        capacity=1,
        personality=_personality(rng),
    )


def choices_of_partners(
    partners: list[str], rng: Random
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return invented wishes (at most three, best first) and vetoes, mostly none of either."""
    wishes = rng.randint(1, 3) if rng.random() < WISHING else 0
    vetoes = rng.randint(1, 2) if rng.random() < VETOING else 0
    drawn = rng.sample(partners, min(wishes + vetoes, len(partners)))
    return tuple(drawn[:wishes]), tuple(drawn[wishes:])


def _consent(rng: Random) -> Literal["open", "ask", "closed"]:
    drawn = rng.random()
    if drawn < 0.03:
        return "closed"
    return "ask" if drawn < 0.11 else "open"


def _themes(rng: Random, *, least: int, most: int) -> tuple[DemoSkill, ...]:
    keys = [
        f"template:{template.key}/{theme.key}"
        for template in load_templates()
        if template.key in THEME_TEMPLATES
        for theme in template.themes
    ]
    return tuple(
        DemoSkill(topic=key, level=rng.randint(2, 4), invented=True)
        for key in sorted(rng.sample(keys, rng.randint(least, most)))
    )


def _interests(interests: list[str], rng: Random) -> tuple[str, ...]:
    return tuple(sorted(rng.sample(interests, rng.randint(2, 6))))


def _hours(answer: Answer, rng: Random) -> tuple[int, ...]:
    """Return the working hours of a week around nine to five, less on some days.

    Who works part-time in the survey has one or two weekdays off.
    """
    first, lunch = rng.choice([7, 8, 8, 9, 9, 9, 10]), rng.choice([12, 12, 13])
    days_off = rng.sample(range(5), rng.randint(1, 2) if answer.part_time else 0)
    hours = []
    for day in range(5):
        start = first + rng.choice([0, 0, 0, 1])
        end = first + 8 - rng.choice([0, 0, 1, 2])
        if day not in days_off:
            hours += [24 * day + hour for hour in range(start, end) if hour != lunch]
    return tuple(hours)


def _personality(rng: Random) -> tuple[int, ...] | None:
    if rng.random() >= PERSONALITY_ANSWERED:
        return None
    drawn = (round(rng.gauss(3, 1)) for _ in range(PERSONALITY_ITEMS))
    return tuple(min(5, max(1, answer)) for answer in drawn)
