"""What the engine knows about people, what counts, and what must not happen."""

import math
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from contraflow.matching._errors import MatchingInputError

PersonId = str | int
TRAITS = ("extraversion", "agreeableness", "conscientiousness", "intellect")
# A week of whole hours in UTC: 0 is Monday 00:00-01:00, 167 is Sunday 23:00-24:00.
HOURS_IN_WEEK = 168
_WEEK = frozenset(range(HOURS_IN_WEEK))
MOST_LEVEL = 4
MOST_WISHES = 3
_SETS = ("closed_topics", "interests", "languages", "hours", "panels", "assessed_by", "vetoes")


@dataclass(frozen=True, kw_only=True)
class Participant:
    """Describe one person, mentor or mentee, by what pairing may look at and nothing else.

    Age, generation, gender, ethnicity and performance have no field here on purpose.
    A field left empty means "not answered"; `_fit` says what each part then counts.

    Parameters
    ----------
    id : str or int
        Opaque and unique on its side. The same id on both sides is the same person.
    topics : mapping of str to int
        Level 0-4 per topic: what a mentor knows, what a mentee wants to learn.
    closed_topics : frozenset of str
        Topics a mentor does not speak about: they never count and never appear.
    interests, languages : frozenset of str
        Compared as they are; normalise case and spelling before.
    hours : frozenset of int
        Weekly hours that suit, 0-167 in UTC, 0 being Monday 00:00.
    site, team : str or None
        Same text, same place or team.
    department : tuple of str
        Path from the root; its first element is the function.
    grade : int or None
        Higher is more senior.
    managers : tuple of ids
        From the direct manager upwards; empty for whoever stands at the top.
    panels, assessed_by : frozenset of str
        Pay and promotion panels the person sits on, and those that judge the person.
    personality : mapping of str to float, or None
        Scale means, 1-5, of `TRAITS`; private.
    wishes : tuple of ids
        Up to three wished partners, the most wished first; private.
    vetoes : frozenset of ids
        Partners ruled out; private.
    decoy_wishes : tuple of ids or None
        One for each rank, counted like wishes; drawn by `cover`.
    capacity : int
        How many pairs the person takes part in at most, in this role.
    """

    id: PersonId
    topics: Mapping[str, int] = field(default_factory=dict)
    closed_topics: frozenset[str] = frozenset()
    interests: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    hours: frozenset[int] = frozenset()
    site: str | None = None
    department: tuple[str, ...] = ()
    team: str | None = None
    grade: int | None = None
    managers: tuple[PersonId, ...] = ()
    panels: frozenset[str] = frozenset()
    assessed_by: frozenset[str] = frozenset()
    personality: Mapping[str, float] | None = None
    wishes: tuple[PersonId, ...] = ()
    vetoes: frozenset[PersonId] = frozenset()
    decoy_wishes: tuple[PersonId | None, ...] = ()
    capacity: int = 1


@dataclass(frozen=True, kw_only=True)
class Weights:
    """Say how much each part of the fit counts; only their proportions matter.

    Two come on top, in hundredths of a full fit: `wish_bonus_per_side` for a first wish, and
    `inertia` for two who are a pair already, so that nobody is moved for next to nothing.
    """

    skills: float = 45
    interests: float = 20
    logistics: float = 15
    personality: float = 10
    distance: float = 10
    wish_bonus_per_side: float = 5
    inertia: float = 2

    def __post_init__(self) -> None:
        """Refuse what is no weight."""
        for name, value in vars(self).items():
            if not _is_number(value) or not 0 <= value <= 1000:
                raise MatchingInputError(f"Weight {name} must be from 0 to 1000, got {value!r}.")
        if self.total <= 0:
            raise MatchingInputError("At least one weight must be above 0.")
        for name in ("wish_bonus_per_side", "inertia"):
            if getattr(self, name) > 100:
                raise MatchingInputError(f"{name} must be at most 100.")

    @property
    def total(self) -> float:
        """Return the sum that stands for a full fit."""
        return self.skills + self.interests + self.logistics + self.personality + self.distance


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Say which pairs must not be, whatever their fit.

    A rule that is on is never skipped in silence: where the grade of either side, or the
    languages of either side, are not known, the pair is not allowed. Turn the rule off
    if the organisation does not record them.

    Parameters
    ----------
    reporting_line_levels : int or None
        Neither may be the other's manager within so many levels; None means at any
        distance, 0 turns the rule off. A manager who has no manager always counts by
        levels (2 if None), or could never have a mentor.
    different_team : bool
        Not of one team. People without a team are of no common team.
    minimum_grade_gap : int or None
        The mentee's grade less the mentor's, at least; None turns the rule off.
    same_panel : bool
        Neither sits on a pay or promotion panel that judges the other.
    common_language : bool
        At least one language in common.
    closed_topics : bool
        Not if the mentor has closed every topic the mentee wants to learn.
    floor : float or None
        No pair with a fit below this, 0-1. A locked pair may be below.
    share_of_best : float or None
        Nobody gets less than this share, 0-1, of the best fit they could have under all other
        rules; mentors and mentees alike. A locked pair may be below.
    """

    reporting_line_levels: int | None = 2
    different_team: bool = True
    minimum_grade_gap: int | None = 2
    same_panel: bool = True
    common_language: bool = True
    closed_topics: bool = True
    floor: float | None = None
    share_of_best: float | None = None

    def __post_init__(self) -> None:
        """Refuse what is no rule."""
        levels, gap = self.reporting_line_levels, self.minimum_grade_gap
        if levels is not None and (not is_whole(levels) or levels < 0):
            raise MatchingInputError(
                f"reporting_line_levels must be a whole number from 0, or None, got {levels!r}."
            )
        if gap is not None and not is_whole(gap):
            raise MatchingInputError(
                f"minimum_grade_gap must be a whole number or None, got {gap!r}."
            )
        for name in ("floor", "share_of_best"):
            value = getattr(self, name)
            if value is not None and (not _is_number(value) or not 0 <= value <= 1):
                raise MatchingInputError(f"{name} must be from 0 to 1, or None, got {value!r}.")
        for name in ("different_team", "same_panel", "common_language", "closed_topics"):
            if not isinstance(getattr(self, name), bool):
                raise MatchingInputError(f"Rule {name} must be True or False.")


def check_person(person: Participant, side: str) -> None:
    """Raise if a field of `person` breaks the contract of `Participant`."""
    who = f"{side} {person.id!r}"
    if isinstance(person.id, bool) or not isinstance(person.id, str | int):
        raise MatchingInputError(f"{who}: id must be text or a whole number.")
    _check_kinds(person, who)
    for topic, level in person.topics.items():
        if not is_whole(level) or not 0 <= level <= MOST_LEVEL:
            raise MatchingInputError(f"{who}: level of topic {topic!r} must be 0 to {MOST_LEVEL}.")
    # everybody has dozens of hours, so they are looked at together
    kinds = set(map(type, person.hours))
    if not person.hours <= _WEEK or bool in kinds or not all(issubclass(k, int) for k in kinds):
        raise MatchingInputError(f"{who}: hours must be 0 to {HOURS_IN_WEEK - 1}.")
    if not is_whole(person.capacity) or person.capacity < 0:
        raise MatchingInputError(f"{who}: capacity must be a whole number from 0.")
    if person.grade is not None and not is_whole(person.grade):
        raise MatchingInputError(f"{who}: grade must be a whole number or None.")
    if len(person.wishes) > MOST_WISHES or len(set(person.wishes)) < len(person.wishes):
        raise MatchingInputError(f"{who}: at most {MOST_WISHES} wishes, each another person.")
    if len(person.decoy_wishes) > MOST_WISHES:
        raise MatchingInputError(f"{who}: at most {MOST_WISHES} decoy wishes.")
    for trait, value in (person.personality or {}).items():
        if trait not in TRAITS or not _is_number(value) or not 1 <= value <= 5:
            raise MatchingInputError(f"{who}: personality takes {', '.join(TRAITS)}, each 1 to 5.")


def _check_kinds(person: Participant, who: str) -> None:
    for name in _SETS:
        # the two usual kinds first, as an abstract one takes longer to ask for
        if not isinstance(getattr(person, name), frozenset | set | AbstractSet):
            raise MatchingInputError(f"{who}: {name} must be a set.")
    for name in ("department", "managers", "wishes", "decoy_wishes"):
        if not isinstance(getattr(person, name), tuple):
            raise MatchingInputError(f"{who}: {name} must be a tuple.")


def is_whole(value: object) -> bool:
    """Tell a whole number from everything else, True and False included."""
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
