"""What pairs, their sessions and their diaries are made of, by noun."""

from contraflow.pairs.models.agreements import (
    Agreement,
    AgreementChange,
    AgreementWords,
    Goal,
    GoalWords,
)
from contraflow.pairs.models.answers import SessionAnswer
from contraflow.pairs.models.diaries import (
    Appointment,
    Assistant,
    BusyCalendar,
    BusyTimes,
)
from contraflow.pairs.models.pairs import (
    CalendarFeed,
    Commitment,
    CommitmentWords,
    Pair,
    Session,
    SessionChange,
    SessionWords,
)
from contraflow.pairs.models.rests import Absence, Pause, Shutdown
from contraflow.pairs.models.stories import SharedStory, Story, StoryWords

__all__ = [
    "Absence",
    "Agreement",
    "AgreementChange",
    "AgreementWords",
    "Appointment",
    "Assistant",
    "BusyCalendar",
    "BusyTimes",
    "CalendarFeed",
    "Commitment",
    "CommitmentWords",
    "Goal",
    "GoalWords",
    "Pair",
    "Pause",
    "Session",
    "SessionAnswer",
    "SessionChange",
    "SessionWords",
    "SharedStory",
    "Shutdown",
    "Story",
    "StoryWords",
]
