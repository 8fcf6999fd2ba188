"""What happened to drafts and their publication."""

from dataclasses import dataclass

from contraflow.core.events import Event


@dataclass(frozen=True, kw_only=True)
class DraftMade(Event):
    """A draft was asked for; it is solved in the background."""

    draft_id: int
    cohort_id: int


@dataclass(frozen=True, kw_only=True)
class ReportTaken(Event):
    """Somebody took a draft out of the house: to read, as a table, or its proof."""

    draft_id: int
    cohort_id: int
    kind: str


@dataclass(frozen=True, kw_only=True)
class PairingPublished(Event):
    """A draft became real: its pairs exist and were introduced."""

    publication_id: int
    draft_id: int
    cohort_id: int
    pairs: int


@dataclass(frozen=True, kw_only=True)
class ConflictCleared(Event):
    """A lead had a paused pair looked at again, and it is in conflict no longer."""

    pair_id: int
    cohort_id: int


@dataclass(frozen=True, kw_only=True)
class PublicationUndone(Event):
    """A publication was taken back within the hour."""

    publication_id: int
    cohort_id: int
