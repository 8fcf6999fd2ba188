"""How long the words of a pair live: what each room seals for it, and what becomes of that.

Rooms above may not be imported here, so each room registers its part: which rows are deleted some
time after the end of a pair, and what each of the two takes home of them before that.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from contraflow.content.schema.defaults import load_defaults
from contraflow.core.figures import figure
from contraflow.pairs.models import Pair
from contraflow.people.models import Person

# -- what a room adds -----------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing in a copy: what it is, of which day, and its words, each with what they are."""

    title: str
    day: dt.date | None = None
    words: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """A kind of things in a copy."""

    title: str
    entries: list[Entry]


@dataclass(frozen=True, kw_only=True)
class SealedRows:
    """Rows whose words are sealed for a pair, and the way from them to it."""

    model: type[models.Model]
    path: str
    only: Q = field(default_factory=Q)

    def of(self, keys: Sequence[int]) -> models.QuerySet[Any]:
        """Return the rows of these pairs."""
        return self.model._base_manager.filter(self.only, **{f"{self.path}__in": keys})


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one room seals for a pair.

    `chapters` opens what the reader may read, for their copy. `before_deletion` is called in the
    transaction that deletes `rows`, with the pairs, for what is somebody's own and stays.
    """

    rows: Sequence[SealedRows]
    chapters: Callable[[Pair, Person], list[Chapter]]
    before_deletion: Callable[[Sequence[Pair]], None] | None = None


_parts: list[Part] = []


def register_part(part: Part) -> None:
    """Let what a room seals for a pair be taken home, and deleted after its end."""
    _parts.append(part)


def parts() -> Sequence[Part]:
    """Return what all rooms registered."""
    return _parts


def chapters_of(pair: Pair, *, reader: Person) -> list[Chapter]:
    """Return everything of the pair that one of the two may read, without what is empty."""
    found = (chapter for part in _parts for chapter in part.chapters(pair, reader))
    return [chapter for chapter in found if chapter.entries]


# -- until when -----------------------------------------------------------------------------------


def days_kept() -> int:
    """Return how many days after the end of a pair its words are deleted."""
    return load_defaults().privacy.pair_words_deleted_days_after_close


def reminded_before() -> tuple[int, ...]:
    """Return how many days before that the two are reminded, the earliest first."""
    return load_defaults().privacy.pair_words_reminders_days_before


def why_words_are_gone(pair: Pair) -> str | None:
    """Say that the words of a pair are deleted, so that nothing is written there now, or None."""
    if pair.words_deleted_at is None:
        return None
    return _(
        "What the two of you wrote was deleted on %(day)s, %(days)s days after the end of your "
        "pair. Nothing can be written here any more."
    ) % {
        "day": formats.date_format(timezone.localtime(pair.words_deleted_at), "j F Y"),
        "days": figure(days_kept()),
    }


def why_not_take_copy(pair: Pair, *, by: Person) -> str | None:
    """Say why this person cannot take a copy of the pair's words home, or None if they can."""
    if pair.side_of(by) is None:
        return _("Only the two people of a pair take a copy.")
    return why_words_are_gone(pair)
