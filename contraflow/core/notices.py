"""What stands below the bell: written with its cause, put into words when it is read.

A notice keeps facts, ids above all: whoever is renamed is named anew, and what somebody may no
longer see is no longer told.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from contraflow.core.held_back import is_held_back
from contraflow.core.models import Notice
from contraflow.core.upkeep import on_prune

KEPT = dt.timedelta(days=30)
# more are not counted: the bell says "99+"
MOST_COUNTED = 100
IN_PANEL, PER_PAGE = 8, 30
# the notices of a kind and their reader, to the words by the notice's key; who has none is left out
Words = Callable[[list[Notice], Any], dict[int, str]]


@dataclass(frozen=True)
class NoticeKind:
    """How notices of a kind look and read."""

    icon: str
    words: Words


_kinds: dict[str, NoticeKind] = {}


def register_notice(kind: str, *, icon: str) -> Callable[[Words], Words]:
    """Let `words` say what notices of a kind tell, all those of a page at once."""

    def remember(words: Words) -> Words:
        _kinds[kind] = NoticeKind(icon, words)
        return words

    return remember


@dataclass(frozen=True, kw_only=True)
class News:
    """A notice to be written; `once` is what caused it."""

    kind: str
    for_id: int
    once: str
    path: str
    facts: dict[str, Any] = field(default_factory=dict)


def add_notices(news: Iterable[News]) -> None:
    """Write notices in the caller's transaction; the same cause tells nothing twice."""
    if is_held_back():
        return
    Notice.objects.bulk_create(
        [Notice(**vars(each)) for each in news], ignore_conflicts=True, batch_size=500
    )


def count_unread(person: Any) -> int:
    """Count what a person has not read, as far as the bell counts."""
    return Notice.objects.visible_to(person).unread()[:MOST_COUNTED].count()


@dataclass(frozen=True)
class Told:
    """A notice in words."""

    notice: Notice
    icon: str
    words: str


def told(person: Any, notices: Iterable[Notice]) -> list[Told]:
    """Put notices into words, with as many queries for thirty of a kind as for one."""
    notices, by_kind = list(notices), defaultdict(list)
    for notice in notices:
        by_kind[notice.kind].append(notice)
    words: dict[int, str] = {}
    for kind, those in by_kind.items():
        if kind in _kinds:
            words |= _kinds[kind].words(those, person)
    if gone := [notice.pk for notice in notices if notice.pk not in words]:
        # what it was about is gone; the bell would go on counting it
        Notice.objects.filter(pk__in=gone).delete()
    return [
        Told(notice, _kinds[notice.kind].icon, words[notice.pk])
        for notice in notices
        if notice.pk in words
    ]


@transaction.atomic
def mark_read(person: Any, *, only: Notice | None = None) -> None:
    """Note that a person has read one notice, or all of them."""
    unread = Notice.objects.visible_to(person).unread()
    (unread.filter(pk=only.pk) if only else unread).update(read_at=timezone.now())


@on_prune
def forget_old_notices(now: dt.datetime) -> None:
    """Delete what is older than thirty days, read or not."""
    Notice.objects.filter(at__lt=now - KEPT).delete()
