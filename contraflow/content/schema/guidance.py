"""Shape what people are told: training, resistance, role guides, launch, messages, sponsors."""

import re
from functools import cache
from typing import Annotated, Literal

from pydantic import Field, model_validator

from contraflow.content.schema.base import EvidenceId, Key, ModuleId, Strict, Text, load

# where in the product a step is done; contraflow/readiness knows the address of each
Place = Literal[
    "question", "session", "date", "series", "agreement", "pause", "story", "stories", "ledger",
    "record", "looks", "sponsor", "place", "profile",
]  # fmt: skip


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


class Step(Strict):
    """Say one thing to do, to whoever does it, and name where in the product it is done."""

    do: Text
    where: tuple[Place | ModuleId, ...] = ()


class ReadinessItem(Step):
    """Go with one item of a readiness check: what to do first where it is not so yet."""

    item: Text


class Readiness(Strict):
    """Hold what to do first, item by item, as the items stand in instruments.yaml."""

    leader: tuple[ReadinessItem, ...]
    mentor: tuple[ReadinessItem, ...]


class Signal(Strict):
    """Say what may point to reluctance, who is shown it, and from which fact, if from any.

    What is shown to the lead is a process fact. Everything else stays inside the pair: with the
    leader, or with both.
    """

    key: Key
    text: Text
    shown_to: Literal["lead", "leader", "both"]
    fact: str = ""
    # how it is said to the two, or to the leader
    inside: str = ""
    # why nobody is shown it: the fact is not recorded, or would have to be guessed
    not_computed: str = ""

    @model_validator(mode="after")
    def _is_computed_or_not(self) -> "Signal":
        if bool(self.fact) == bool(self.not_computed):
            raise ValueError("a signal has the fact it is computed from, or why it is not computed")
        if bool(self.inside) != (bool(self.fact) and self.shown_to != "lead"):
            raise ValueError("what is shown inside the pair is said to those it is shown to")
        return self


class ResistanceCard(Strict):
    """Offer a first step for one form of reluctance; a hypothesis, never a label on a person.

    `do`, `script` and `avoid` speak to the lead and the sponsor; `to_you` and `for_you` say the
    same to the leader.
    """

    id: Annotated[str, Field(pattern=r"^R\d$")]
    form: Text
    sounds_like: Text
    plainly: Text
    signals: tuple[Signal, ...]
    do: tuple[Text, ...]
    for_you: tuple[Step, ...]
    script: Text
    to_you: Text
    evidence: tuple[EvidenceId, ...]
    avoid: Text

    @model_validator(mode="after")
    def _says_each_thing_to_the_leader_too(self) -> "ResistanceCard":
        if len(self.for_you) != len(self.do):
            raise ValueError("each thing to do is said to the leader, too")
        return self


class Term(Strict):
    """Say a word that not everybody knows in plain ones; `also` are its other forms."""

    word: Text
    also: tuple[Text, ...] = ()
    plain: Text


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
def load_readiness() -> Readiness:
    """Return what to do first for each item of the readiness checks."""
    return load("readiness", Readiness)


@cache
def load_words() -> tuple[Term, ...]:
    """Return the words that not everybody knows, in the order of the alphabet."""
    return load("words", tuple[Term, ...])


@cache
def load_launch() -> LaunchAndMessages:
    """Return the launch checklist and the messages."""
    return load("launch_gate_and_messages", LaunchAndMessages)


@cache
def load_sponsor_kit() -> SponsorKit:
    """Return what a sponsor does, with the words ready."""
    return load("sponsor", SponsorKit)
