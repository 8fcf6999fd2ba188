"""Say what each shipped file must look like, and load it checked and typed.

Every model refuses unknown keys and wrong types, and is frozen: loaders share one instance.
"""

from contraflow.content.schema.agreement import Agreement, load_agreement
from contraflow.content.schema.base import ContentError, check
from contraflow.content.schema.closing import Closing, load_closing
from contraflow.content.schema.defaults import AgendaShares, Defaults, load_defaults
from contraflow.content.schema.guidance import (
    LaunchAndMessages,
    Module,
    Question,
    Readiness,
    ResistanceCard,
    RoleGuide,
    Signal,
    SponsorKit,
    Step,
    Term,
    Training,
    load_launch,
    load_readiness,
    load_resistance,
    load_sponsor_kit,
    load_training,
    load_words,
)
from contraflow.content.schema.insights import InsightLoop, load_insight_loop
from contraflow.content.schema.measures import Health, Instruments, load_health, load_instruments
from contraflow.content.schema.templates import (
    Objective,
    ProgrammeTemplate,
    Session,
    Theme,
    load_templates,
)

__all__ = [
    "AgendaShares",
    "Agreement",
    "Closing",
    "ContentError",
    "Defaults",
    "Health",
    "InsightLoop",
    "Instruments",
    "LaunchAndMessages",
    "Module",
    "Objective",
    "ProgrammeTemplate",
    "Question",
    "Readiness",
    "ResistanceCard",
    "RoleGuide",
    "Session",
    "Signal",
    "SponsorKit",
    "Step",
    "Term",
    "Theme",
    "Training",
    "check",
    "load_agreement",
    "load_closing",
    "load_defaults",
    "load_health",
    "load_insight_loop",
    "load_instruments",
    "load_launch",
    "load_readiness",
    "load_resistance",
    "load_sponsor_kit",
    "load_templates",
    "load_training",
    "load_words",
]
