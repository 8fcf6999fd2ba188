"""What happened in people's training, told to the rooms above: that it is done, never how."""

from dataclasses import dataclass

from contraflow.core.events import Event


@dataclass(frozen=True, kw_only=True)
class ModuleDone(Event):
    """Somebody has gone through a module."""

    person_id: int
    module: str


@dataclass(frozen=True, kw_only=True)
class TrainingRemindedOf(Event):
    """A lead reminded those of a cohort whose training before session 2 is open."""

    cohort_id: int
    count: int


@dataclass(frozen=True, kw_only=True)
class OwnModuleChanged(Event):
    """A programme's own module was made, changed, published, taken back or archived."""

    module_id: int
    programme_id: int
    kind: str
