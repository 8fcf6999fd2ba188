"""What pairs, their sessions and their diaries are made of, by noun."""

from contraflow.pairs.models.answers import SessionAnswer
from contraflow.pairs.models.diaries import (
    Appointment,
    Assistant,
    BusyCalendar,
    BusyTimes,
)
from contraflow.pairs.models.gates import GateOpening
from contraflow.pairs.models.pairs import (
    CalendarFeed,
    Commitment,
    CommitmentWords,
    Pair,
    Session,
    SessionChange,
    SessionWords,
    SharedStory,
    Story,
    StoryWords,
)
from contraflow.pairs.models.rests import Absence, Pause, Shutdown

__all__ = [
    "Absence",
    "Appointment",
    "Assistant",
    "BusyCalendar",
    "BusyTimes",
    "CalendarFeed",
    "Commitment",
    "CommitmentWords",
    "GateOpening",
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
