"""What a programme lead did for a pair or a cohort, told to the rooms above."""

from dataclasses import dataclass

from contraflow.core.events import Event


@dataclass(frozen=True, kw_only=True)
class StepTaken(Event):
    """A lead did something for a pair: wrote, talked, put it aside, handed it over."""

    step_id: int
    pair_id: int
    kind: str


@dataclass(frozen=True, kw_only=True)
class StepUndone(Event):
    """A lead took a mail back before it left."""

    step_id: int
    pair_id: int


@dataclass(frozen=True, kw_only=True)
class PairsDrawn(Event):
    """Lots chose the pairs of a fortnight that the lead talks with."""

    draw_id: int
    cohort_id: int


@dataclass(frozen=True, kw_only=True)
class MessageSent(Event):
    """A lead wrote to the people of a cohort."""

    message_id: int
    cohort_id: int
