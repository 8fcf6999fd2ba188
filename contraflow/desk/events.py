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


@dataclass(frozen=True, kw_only=True)
class LaunchLineTicked(Event):
    """A line of the launch checklist was said to be done."""

    cohort_id: int
    line: str


@dataclass(frozen=True, kw_only=True)
class LaunchLineUnticked(Event):
    """A line of the launch checklist was opened again."""

    cohort_id: int
    line: str


@dataclass(frozen=True, kw_only=True)
class LaunchOverridden(Event):
    """A cohort may launch with open lines; the reason stands in the checklist."""

    cohort_id: int
    open_lines: list[str]


@dataclass(frozen=True, kw_only=True)
class ProgrammeHandedOver(Event):
    """One lead took a programme over from another."""

    programme_id: int
    from_id: int
    to_id: int


# -- the sponsor's part ---------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class LearningPublished(Event):
    """A sponsor said in public what they want to learn, or learned, or said it anew."""

    programme_id: int


@dataclass(frozen=True, kw_only=True)
class LearningTakenBack(Event):
    """A sponsor no longer says in public what they want to learn."""

    programme_id: int


@dataclass(frozen=True, kw_only=True)
class SpeechGiven(Event):
    """A sponsor opened or closed a cohort with a few words."""

    speech_id: int
    cohort_id: int
    kind: str


@dataclass(frozen=True, kw_only=True)
class SpeechUndone(Event):
    """A sponsor took their words back before they left."""

    speech_id: int
    cohort_id: int


@dataclass(frozen=True, kw_only=True)
class PersonalWordWritten(Event):
    """A sponsor's personal word stands ready for leaders whose dates fall through."""

    word_id: int
    programme_id: int


@dataclass(frozen=True, kw_only=True)
class PersonalWordEnded(Event):
    """A sponsor's personal word reaches nobody any more."""

    word_id: int
    programme_id: int


@dataclass(frozen=True, kw_only=True)
class SponsorReminded(Event):
    """A lead asked the sponsors of a programme for their part."""

    reminder_id: int
    programme_id: int
