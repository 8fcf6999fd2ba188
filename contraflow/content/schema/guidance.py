"""Shape what people are told: training, resistance, role guides, launch, messages, sponsors."""

import re
from functools import cache
from typing import Annotated, Literal

from pydantic import Field, model_validator

from contraflow.content.schema.base import EvidenceId, Key, ModuleId, Strict, Text, load


class Question(Strict):
    """Ask one quiz question; `answer` counts from 0 and `why` is always shown."""

    q: Text
    options: Annotated[tuple[Text, ...], Field(min_length=2)]
    answer: Annotated[int, Field(ge=0)]
    why: Text

    @model_validator(mode="after")
    def _has_its_answer(self) -> "Question":
        if self.answer >= len(self.options):
            raise ValueError("the answer is one of the options")
        return self

    @property
    def best(self) -> str:
        """Return the option that answers it."""
        return self.options[self.answer]


class TrainingStep(Strict):
    """Say one point of a module on one screen, and perhaps give something to try."""

    text: Text
    try_this: Annotated[str, Field(alias="try")] = ""


class Choice(Strict):
    """Offer one thing to do in a scenario, and say what would come of it."""

    do: Text
    then: Text


class Scenario(Strict):
    """Put the reader into a moment in which they would have to choose."""

    situation: Text
    options: Annotated[tuple[Choice, ...], Field(min_length=2)]


class Module(Strict):
    """Teach one thing in six to ten minutes: each point of the outline has its step."""

    id: ModuleId
    title: Text
    audience: Literal["all", "mentor", "leader"]
    minutes: Annotated[int, Field(ge=6, le=10)]
    outcomes: tuple[Text, ...]
    outline: tuple[Text, ...]
    steps: tuple[TrainingStep, ...]
    scenario: Scenario
    quiz: Annotated[tuple[Question, ...], Field(min_length=3, max_length=3)]

    @model_validator(mode="after")
    def _has_a_step_for_each_point(self) -> "Module":
        if len(self.steps) != len(self.outline):
            raise ValueError("each point of the outline has one step")
        return self


class ResistanceCard(Strict):
    """Offer a first step for one form of reluctance; a hypothesis, never a label on a person."""

    id: Annotated[str, Field(pattern=r"^R\d$")]
    form: Text
    sounds_like: Text
    # a signal that starts with "(pair)" is computed and shown inside the pair only
    signals: tuple[Text, ...]
    do: tuple[Text, ...]
    script: Text
    evidence: tuple[EvidenceId, ...]
    avoid: Text


class RoleGuide(Strict):
    """Tell one role what to do, what to leave, and what it may count on."""

    purpose: Text
    do: tuple[Text, ...]
    dont: tuple[Text, ...]
    time: Text
    first_two_weeks: tuple[Text, ...] = ()
    rights: tuple[Text, ...] = ()
    good_signs: tuple[Text, ...] = ()


class RoleGuides(Strict):
    """Hold the guide of each role."""

    mentor: RoleGuide
    leader: RoleGuide
    programme_lead: RoleGuide
    sponsor: RoleGuide


class Training(Strict):
    """Hold the guide of each role and the modules in the order of the file."""

    role_guides: RoleGuides
    modules: tuple[Module, ...]


class ResistanceFile(Strict):
    """Wrap the cards under the file's one key."""

    resistance: tuple[ResistanceCard, ...]


class KitPart(Strict):
    """Name one thing a sponsor does, and say why."""

    title: Text
    about: Text


class KitParts(Strict):
    """Hold what a sponsor does, in the order of a cohort's life."""

    learner: KitPart
    opening: KitPart
    closing: KitPart
    personal_word: KitPart
    answer: KitPart
    learned: KitPart


Paragraphs = Annotated[tuple[Text, ...], Field(min_length=1)]


class Written(Strict):
    """Hold a mail by paragraph."""

    subject: Text
    body: Paragraphs


class KitWords(Strict):
    """Hold the ready words of a sponsor, by paragraph; each may be changed before it is used."""

    learner: Paragraphs
    learner_who_takes_part: Paragraphs
    opening: Written
    closing: Written
    who_learns_too: Paragraphs
    personal_word: Paragraphs
    reminder: Written

    @model_validator(mode="after")
    def _name_only_what_is_known(self) -> "KitWords":
        for paragraphs, known in (
            (self.learner + self.learner_who_takes_part + self.who_learns_too, set()),
            (self.opening.body + self.closing.body, {"programme", "cohort"}),
            (self.personal_word, {"minutes"}),
            (self.reminder.body, {"parts", "lead"}),
            ((self.reminder.subject,), {"programme"}),
        ):
            if unknown := set(re.findall(r"{(.*?)}", " ".join(paragraphs))) - known:
                raise ValueError(f"names what nobody knows: {', '.join(sorted(unknown))}")
        return self


class SponsorKit(Strict):
    """Hold a sponsor's part in a programme: what, and with which words."""

    parts: KitParts
    words: KitWords


class LaunchAndMessages(Strict):
    """Hold the checklist before a launch and the first words of each message."""

    launch_gate: tuple[Text, ...]
    messages: dict[Key, Text]


@cache
def load_training() -> Training:
    """Return the role guides and the training modules."""
    return load("training", Training)


@cache
def load_resistance() -> tuple[ResistanceCard, ...]:
    """Return the resistance cards in the order of the file."""
    return load("resistance", ResistanceFile).resistance


@cache
def load_launch() -> LaunchAndMessages:
    """Return the launch checklist and the messages."""
    return load("launch_gate_and_messages", LaunchAndMessages)


@cache
def load_sponsor_kit() -> SponsorKit:
    """Return what a sponsor does, with the words ready."""
    return load("sponsor", SponsorKit)
