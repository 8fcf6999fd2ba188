"""The models of programmes, by noun."""

from contraflow.programmes.models.hours import HoursRequest
from contraflow.programmes.models.profiles import PrivateProfile, Profile, ProfileTopic, Topic
from contraflow.programmes.models.programmes import (
    Cohort,
    CohortMove,
    Enrolment,
    LotteryDraw,
    Objective,
    PlannedSession,
    Programme,
    Reading,
    Side,
    Steward,
)

__all__ = [
    "Cohort",
    "CohortMove",
    "Enrolment",
    "HoursRequest",
    "LotteryDraw",
    "Objective",
    "PlannedSession",
    "PrivateProfile",
    "Profile",
    "ProfileTopic",
    "Programme",
    "Reading",
    "Side",
    "Steward",
    "Topic",
]
