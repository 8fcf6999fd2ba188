"""Shape `insight_loop.yaml`: how what a pair learned reaches a decision."""

from functools import cache

from pydantic import model_validator

from contraflow.content.schema.base import Key, Strict, Text, load

# a field is a type in words, a list of choices, or choices for each partner
FieldKind = Text | tuple[Text, ...] | dict[Key, Text | tuple[Text, ...]]


class Lifecycle(Strict):
    """Hold the fields of a thing and the states it may move between."""

    fields: dict[Key, FieldKind]
    states: dict[Key, tuple[Key, ...]]
    rules: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _moves_to_known_states(self) -> "Lifecycle":
        unknown = {to for moves in self.states.values() for to in moves} - set(self.states)
        if unknown:
            raise ValueError(f"moves to states that do not exist: {', '.join(sorted(unknown))}")
        return self


class Decision(Strict):
    """Hold the fields of a decision."""

    fields: dict[Key, FieldKind | int]


class Rhythm(Strict):
    """Say when each step of the loop happens."""

    capture: Key
    theming: Key
    sponsor_review: Key
    publication: Key


class LoopMeasures(Strict):
    """Say how the loop itself is judged."""

    answer_rate_30_days: Text
    median_days_to_answer: Text
    share_do_or_test: Text
    kept_after_180_days: Text
    mentor_impact_item: Text


class YouSaid(Strict):
    """Hold the empty form of "you said, we did"."""

    we_heard: str
    we_decided: str
    because: str
    by_when: str
    what_happened: str
    still_open: str


class Loop(Strict):
    """Close the loop: who hears first, in which rhythm, and what is counted."""

    you_said_we_did: YouSaid
    audience_order: tuple[Key, ...]
    rhythm: Rhythm
    measures: LoopMeasures
    guard: Text


class InsightLoop(Strict):
    """Hold the whole way from a pair's insight to a kept decision."""

    insight: Lifecycle
    theme: Lifecycle
    decision: Decision
    loop: Loop


@cache
def load_insight_loop() -> InsightLoop:
    """Return the way from insight to decision."""
    return load("insight_loop", InsightLoop)
