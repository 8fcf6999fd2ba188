"""What the two of a pair did beside their sessions: facts, never words."""

from dataclasses import dataclass

from contraflow.core.events import Event


@dataclass(frozen=True, kw_only=True)
class MessageSent(Event):
    """One of the two wrote to the other."""

    message_id: int
    pair_id: int


@dataclass(frozen=True, kw_only=True)
class MessageTakenBack(Event):
    """One of the two took a message back; its words are gone."""

    message_id: int
    pair_id: int


@dataclass(frozen=True, kw_only=True)
class NoteWritten(Event):
    """One of the two noted something, or put it in other words."""

    note_id: int
    pair_id: int


@dataclass(frozen=True, kw_only=True)
class NoteForgotten(Event):
    """A note is gone."""

    note_id: int
    pair_id: int


@dataclass(frozen=True, kw_only=True)
class PromiseMade(Event):
    """One of the two promised the other something."""

    promise_id: int
    pair_id: int


@dataclass(frozen=True, kw_only=True)
class PromiseSettled(Event):
    """A promise was kept or dropped, or is open again."""

    promise_id: int
    pair_id: int
