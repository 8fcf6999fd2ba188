"""What a lead's desk and a sponsor's part are made of, by noun."""

from contraflow.desk.models.desk import (
    CoverDraw,
    CoverTalk,
    DeskPlace,
    LaunchOverride,
    LaunchTick,
    Message,
    MessageWords,
    PairHealth,
    Step,
    StepWords,
    on_desk_of,
)
from contraflow.desk.models.sponsors import (
    PersonalWord,
    PersonalWordGiven,
    PersonalWordText,
    PublicLearner,
    Speech,
    SponsorReminder,
)

__all__ = [
    "CoverDraw",
    "CoverTalk",
    "DeskPlace",
    "LaunchOverride",
    "LaunchTick",
    "Message",
    "MessageWords",
    "PairHealth",
    "PersonalWord",
    "PersonalWordGiven",
    "PersonalWordText",
    "PublicLearner",
    "Speech",
    "SponsorReminder",
    "Step",
    "StepWords",
    "on_desk_of",
]
