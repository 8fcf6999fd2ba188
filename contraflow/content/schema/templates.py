"""Shape `programme_templates.yaml`."""

from functools import cache
from typing import Annotated, Literal

from pydantic import Field, model_validator

from contraflow.content.schema.base import Count, Key, Strict, Text, load


class Session(Strict):
    """Plan one session of a template."""

    n: Count
    topic: Text
    opening: Text
    activity: Text
    leader_between: Text
    reflection: Text


class Theme(Strict):
    """Name a topic that a leader may want and a mentor may know, never who somebody is."""

    key: Key
    name: Annotated[Text, Field(max_length=40)]
    about: Annotated[Text, Field(max_length=90)]


class Objective(Strict):
    """State one measurable aim; a baseline of None is measured at the start."""

    statement: Annotated[Text, Field(max_length=300)]
    measure: Annotated[Text, Field(max_length=200)]
    unit: Literal["percent", "points", "count", "score", "working_days"]
    baseline: float | None
    target: float
    source: Literal["instrument", "computed", "manual"]
    # the instrument (`file key.scale`) or the computed figure; None when entered by hand
    key: str | None = None
    direction: Literal["at_least", "at_most"] = "at_least"
    due: Literal["end", "plus_12_weeks"] = "end"
    primary: bool = False

    @model_validator(mode="after")
    def _has_a_key_unless_manual(self) -> "Objective":
        if (self.key is None) != (self.source == "manual"):
            raise ValueError("a key is given exactly when the source is not manual")
        return self


class ProgrammeTemplate(Strict):
    """Hold one ready programme: aims, themes, rhythm and sessions."""

    key: Key
    title: Text
    objective: Text
    outcomes: tuple[Text, ...]
    objectives: Annotated[tuple[Objective, ...], Field(min_length=1)]
    themes: Annotated[tuple[Theme, ...], Field(min_length=6, max_length=10)]
    length_weeks: Count
    cadence_days: Count
    session_minutes: Count
    guardrails: tuple[Text, ...]
    # what a story of one's own may begin with; offered, never asked for
    stories: Annotated[tuple[Text, ...], Field(min_length=2, max_length=5)]
    sessions: Annotated[tuple[Session, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _is_consistent(self) -> "ProgrammeTemplate":
        if [session.n for session in self.sessions] != [*range(1, len(self.sessions) + 1)]:
            raise ValueError("sessions are numbered 1, 2, 3 in order")
        if sum(objective.primary for objective in self.objectives) != 1:
            raise ValueError("exactly one objective is primary")
        if len({theme.key for theme in self.themes}) != len(self.themes):
            raise ValueError("theme keys are unique in a template")
        return self

    @property
    def primary(self) -> Objective:
        """Return the one outcome on which the programme is judged."""
        return next(objective for objective in self.objectives if objective.primary)


@cache
def _templates() -> tuple[ProgrammeTemplate, ...]:
    return load("programme_templates", tuple[ProgrammeTemplate, ...])


def load_templates() -> list[ProgrammeTemplate]:
    """Return the shipped programme templates in the order of the file."""
    return list(_templates())
