"""What each of the two gained in a pair: read from its words, and kept as one's own after them.

When the words of a pair are deleted, what one of them gained is sealed for that person alone.
"""

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db.models import QuerySet

from contraflow.core.sealing import SealingError, open_together
from contraflow.exchange.models import Gained, GainedWords, Promise, PromiseWords
from contraflow.pairs.agreements import OneGoal
from contraflow.pairs.models import GoalWords, Pair, SessionWords
from contraflow.people.models import Person
from contraflow.programmes.models import Side

log = logging.getLogger(__name__)
Whose = tuple[int, str]  # the key of the pair, and the side


@dataclass(kw_only=True)
class Gains:
    """One's goal and how it stands, what one learned, and the kept promises of the partner."""

    goal: str = ""
    outcome: str = ""
    learned: list[str] = field(default_factory=list)
    # each with its day, as in a file
    got: list[tuple[str, str]] = field(default_factory=list)

    def __bool__(self):
        return bool(self.goal or self.learned or self.got)

    @property
    def got_on(self) -> list[tuple[str, dt.date]]:
        """Return the kept promises, each with its day."""
        return [(text, dt.date.fromisoformat(day)) for text, day in self.got]


def gains_in(pairs: Sequence[Pair], *, reader: Person | None) -> dict[Whose, Gains]:
    """Return what each of the two gained, in as many queries for many pairs as for one.

    Only what the reader may read; for None, who deletes it, all of it.
    """
    by_key = {pair.pk: pair for pair in pairs}
    found: dict[Whose, Gains] = defaultdict(Gains)

    def rows(manager: Any, path: str, *more: str) -> Iterable[Any]:
        seen: QuerySet[Any] = manager.visible_to(reader) if reader else manager.all()
        seen = seen.filter(**{f"{path}__in": list(by_key)}).select_related(*more)
        return open_together(seen.order_by("pk"))

    for row in rows(SessionWords.objects, "session__pair", "session"):
        for side in Side.values:
            with _unless_altered():
                if text := getattr(row, f"learned_by_{side}"):
                    found[row.session.pair_id, side].learned.append(text)
    for row in rows(PromiseWords.objects, "promise__pair", "promise"):
        promise = row.promise
        if promise.state == Promise.State.KEPT:
            taker = Side.MENTEE if promise.side == Side.MENTOR else Side.MENTOR
            with _unless_altered():
                found[promise.pair_id, taker].got.append((row.text, promise.ended_on.isoformat()))
    for row in rows(GoalWords.objects, "goal__pair", "goal__pair__agreement"):
        with _unless_altered():
            gains = found[row.goal.pair_id, row.goal.side]
            gains.goal = _in_words(row, by_key[row.goal.pair_id])
            gains.outcome = row.outcome_in_words() if gains.goal else ""
    return found


@contextmanager
def _unless_altered() -> Iterator[None]:
    """Leave out a word that does not open, so that it never holds up the deletion of all."""
    try:
        yield
    except SealingError:
        log.exception("left out of what somebody gained")


def _in_words(words: GoalWords, pair: Pair) -> str:
    """Return a goal in its form, empty while it is not whole."""
    goal = words.goal
    agreement = getattr(goal.pair, "agreement", None)
    one = OneGoal(
        person=pair.mentor if goal.side == Side.MENTOR else pair.mentee, side=goal.side,
        is_mine=True, is_set=bool(agreement and agreement.goal_at(goal.side)), goal=goal,
        words=words,
    )  # fmt: skip
    return one.in_words


def keep_gains(pairs: Sequence[Pair]) -> None:
    """Seal for each of the two alone what they gained, before the words of their pairs go."""
    by_key = {pair.pk: pair for pair in pairs}
    found = {whose: gains for whose, gains in gains_in(pairs, reader=None).items() if gains}
    rows = Gained.objects.bulk_create(Gained(pair=by_key[key], side=side) for key, side in found)
    GainedWords.objects.bulk_create(
        GainedWords(gained=row, gains=asdict(found[row.pair_id, row.side])) for row in rows
    )


def kept_gains_of(person: Person) -> dict[Whose, Gains]:
    """Return what stays of pairs whose words are deleted, to whom it is of alone."""
    rows = GainedWords.objects.visible_to(person).select_related("gained__pair")
    return {
        (row.gained.pair_id, row.gained.side): Gains(**row.gains) for row in open_together(rows)
    }
