"""What happened, said once: one call writes the audit trail and wakes the rooms above."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from django.db import transaction

from contraflow.core.models import AuditEntry


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact in the past tense; holds ids and codes only, so it can be stored and replayed."""


Reaction = Callable[[Any], None]
_reactions: dict[type[Event], list[Reaction]] = defaultdict(list)


def on(event_type: type[Event]) -> Callable[[Reaction], Reaction]:
    """Let a function of a higher room react to `event_type` after the commit."""

    def remember(reaction: Reaction) -> Reaction:
        _reactions[event_type].append(reaction)
        return reaction

    return remember


def announce(event: Event, *, by: Any) -> None:
    """Record `event` in the caller's transaction; run the reactions once it is committed.

    `by` is the person who acted, or None where the system did.
    """
    announce_many([event], by=by)


def announce_many(events: Iterable[Event], *, by: Any) -> None:
    """Record many events with one query, for actions that do one thing to many rows."""
    events = list(events)
    by_id = by.pk if by else None
    AuditEntry.objects.bulk_create(
        AuditEntry(event=type(event).__name__, facts=asdict(event), by_id=by_id) for event in events
    )
    for event in events:
        for reaction in _reactions[type(event)]:
            transaction.on_commit(partial(reaction, event))
