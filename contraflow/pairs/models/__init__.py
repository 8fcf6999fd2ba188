"""What pairs, their sessions and their diaries are made of, by noun."""

from contraflow.pairs.models.agreements import (
    Agreement,
    AgreementChange,
    AgreementWords,
    Goal,
    GoalWords,
)
from contraflow.pairs.models.answers import SessionAnswer
from contraflow.pairs.models.closings import Closing, ClosingPage, ClosingWords
from contraflow.pairs.models.diaries import (
    Appointment,
    Assistant,
    BusyCalendar,
    BusyTimes,
)
from contraflow.pairs.models.endings import Afterwards, Ending, Hold
from contraflow.pairs.models.feeds import CalendarFeed
from contraflow.pairs.models.followups import FollowUp
from contraflow.pairs.models.gates import GateOpening
from contraflow.pairs.models.pairs import (
    Commitment,
    CommitmentWords,
    Pair,
    Session,
    SessionChange,
    SessionWords,
    left_by,
)
from contraflow.pairs.models.rests import Absence, Pause, Shutdown
from contraflow.pairs.models.stories import SharedStory, Story, StoryWords

__all__ = [
    "Absence",
    "Agreement",
    "AgreementChange",
    "AgreementWords",
    "Afterwards",
    "Appointment",
    "Assistant",
    "BusyCalendar",
    "BusyTimes",
    "CalendarFeed",
    "Closing",
    "ClosingPage",
    "ClosingWords",
    "Commitment",
    "CommitmentWords",
    "FollowUp",
    "Goal",
    "GoalWords",
    "Ending",
    "Hold",
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
    "left_by",
]
