"""How a pair ends well: who may suggest, write and say that it is done, and what its page reads.

It ends by one row among those of `Ending`, at the hour of every end, so that nobody outside can
tell it from any other. What leads and others see does not depend on anything in here.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contraflow.content.agenda import timed_agenda
from contraflow.content.schema import load_closing
from contraflow.content.schema.defaults import load_defaults
from contraflow.core.figures import figure
from contraflow.core.sealing import open_together
from contraflow.pairs import queries
from contraflow.pairs.models import (
    Closing,
    ClosingPage,
    ClosingWords,
    Ending,
    Pair,
    Session,
    SessionWords,
)
from contraflow.pairs.queries import Course
from contraflow.pairs.rules import is_in_pair
from contraflow.pairs.times import told_at
from contraflow.people.models import Person
from contraflow.programmes.models import Side

MAX_ANSWER = 1_000
QUESTIONS = {question.key: question for question in load_closing().questions}
# the two halves of a sentence
_THANKS = ("because", "now")
_ENDED = gettext_lazy("This pair has ended.")


# -- who may what, and when -----------------------------------------------------------------------


def _why_not_here(pair: Pair, by: Person) -> str | None:
    if not is_in_pair(by, pair):
        return _("Only the two people of a pair close it together.")
    return str(_ENDED) if pair.is_over_for(by) else None


def why_not_suggest(
    pair: Pair, closing: Closing | None, *, by: Person, at: dt.datetime
) -> str | None:
    """Say why this person cannot suggest to close, or agree to it, or None if they can."""
    if reason := _why_not_here(pair, by):
        return reason
    if closing and closing.agreed_at:
        return _("You both want to close already.")
    again = closing and may_suggest_from(closing, side=pair.side_of(by))
    if again and again > at:
        return _("%(name)s goes on for now. You can suggest it again from %(day)s on.") % {
            "name": pair.partner_of(by).get_short_name(),
            "day": date_format(timezone.localtime(again), "j F"),
        }
    return None


def may_suggest_from(closing: Closing, *, side: str | None) -> dt.datetime | None:
    """Return from when on a side may suggest again, to which the other has said "not yet"."""
    if closing.declined_at is None or closing.suggested_by != side:
        return None
    days = load_defaults().pause_and_exit.suggest_close_again_after_days
    return closing.declined_at + dt.timedelta(days=days)


def why_not_put_off(pair: Pair, *, by: Person) -> str | None:
    """Say why this person cannot take the closing back, or say "not yet", or None if they can."""
    return _why_not_here(pair, by)


def why_not_write_page(
    pair: Pair, closing: Closing | None, *, by: Person, texts: dict[str, str]
) -> str | None:
    """Say why this person cannot keep that on their page, or None if they can."""
    if reason := _why_not_here(pair, by) or _why_not_agreed(closing):
        return reason
    if max(map(len, texts.values()), default=0) > MAX_ANSWER:
        return _("At most %(count)s characters.") % {"count": figure(MAX_ANSWER)}
    return None


def why_not_finish_page(texts: dict[str, str]) -> str | None:
    """Say why a page cannot be given to the other to read, or None if it can."""
    return None if any(texts.values()) else _("Nothing stands on your page yet.")


def why_not_say_done(pair: Pair, closing: Closing | None, *, by: Person) -> str | None:
    """Say why this person cannot say that the closing is done, or None if they can."""
    return _why_not_here(pair, by) or _why_not_agreed(closing)


def _why_not_agreed(closing: Closing | None) -> str | None:
    if closing is None or closing.agreed_at is None:
        return _("This begins once both of you want to close.")
    return None


# -- when it is done ------------------------------------------------------------------------------


def note_held(session: Session, *, at: dt.datetime) -> None:
    """Let a pair whose closing session was held end at the hour; its lock is held."""
    if closing := _closing_in(session):
        close_at_the_hour(closing, session.pair, at=at)


def note_not_held(session: Session) -> None:
    """Take that back with the slip, as long as the pair has not ended."""
    closing = _closing_in(session)
    if closing and not all(page.done_at for page in closing.pages.all()):
        stay_open(closing, session.pair)


def _closing_in(session: Session) -> Closing | None:
    closings = Closing.objects.filter(session=session, agreed_at__isnull=False)
    return closings.exclude(pair__state=Pair.State.ENDED).first()


def close_at_the_hour(closing: Closing, pair: Pair, *, at: dt.datetime) -> None:
    """Note that the two are done: their pair ends as every other does, at its hour."""
    closing.done_at = closing.done_at or at
    closing.save(update_fields=["done_at"])
    Ending.objects.get_or_create(
        pair=pair, who=Ending.Who.TOGETHER, defaults={"tells_at": told_at(pair, at)}
    )


def stay_open(closing: Closing, pair: Pair) -> None:
    """Take back that the two are done."""
    closing.done_at = None
    closing.save(update_fields=["done_at"])
    pair.endings.filter(who=Ending.Who.TOGETHER).delete()


def forget_who_asked(pair: Pair) -> None:
    """Keep of a suggestion nobody answered no more than that the pair ended."""
    Closing.objects.filter(pair=pair, agreed_at=None).update(suggested_by="", declined_at=None)


# -- what its page reads --------------------------------------------------------------------------


def closing_of(pair: Pair, *, reader: Person) -> Closing | None:
    """Return how far the two are, to the two alone; None before anybody suggested it."""
    closing = Closing.objects.visible_to(reader).filter(pair=pair).first()
    if closing:
        closing.pair = pair
    return closing


def texts_of(pair: Pair, *, reader: Person) -> dict[str, dict[str, str]]:
    """Return the pages that the reader may read, by side."""
    rows = ClosingWords.objects.visible_to(reader).filter(page__closing__pair=pair)
    return {row.page.side: row.texts or {} for row in open_together(rows.select_related("page"))}


@dataclass(frozen=True, kw_only=True)
class OnePage:
    """The closing page of one of the two, as the reader sees it."""

    person: Person
    side: str
    is_mine: bool
    page: ClosingPage | None
    answers: list[dict[str, Any]]

    @property
    def hue(self) -> str:
        """Return the side as components know it."""
        return "mentor" if self.side == Side.MENTOR else "leader"

    @property
    def is_ready(self) -> bool:
        """Tell whether whoever writes it has finished."""
        return bool(self.page and self.page.ready_at)


def pages_of(pair: Pair, closing: Closing | None, *, reader: Person) -> list[OnePage]:
    """Return both pages, one's own first; the other's holds words only once it may be read."""
    texts = texts_of(pair, reader=reader)
    own = pair.side_of(reader)
    both = [(Side.MENTOR.value, pair.mentor), (Side.MENTEE.value, pair.mentee)]
    return [
        OnePage(
            person=person,
            side=side,
            is_mine=side == own,
            page=closing and closing.page_of(side),
            answers=_answers(texts.get(side, {})),
        )
        for side, person in sorted(both, key=lambda each: each[0] != own)
    ]


def _answers(texts: dict[str, str]) -> list[dict[str, Any]]:
    """Return what was written, with the question it answers; both halves of thanks as one."""
    halves = [texts.get(key, "").rstrip(".") for key in _THANKS]
    thanks = all(halves) and _("Because you %(because)s, I now %(now)s.") % dict(
        zip(_THANKS, halves, strict=True)
    )
    return [
        {"title": _("Thanks"), "text": thanks}
        if thanks and key in _THANKS
        else {"title": question.title, "text": texts[key]}
        for key, question in QUESTIONS.items()
        if texts.get(key) and not (thanks and key == _THANKS[1])
    ]


def agenda_of(
    session: Session, closing: Closing | None, words: SessionWords | None = None
) -> list[dict[str, Any]]:
    """Return the agenda of a session: that of the ritual for the one the two close in."""
    if not closes_in(session, closing):
        return queries.agenda_of(session, words)
    names = {
        "mentor": session.pair.mentor.get_short_name(),
        "leader": session.pair.mentee.get_short_name(),
    }
    parts = {part.key: part for part in load_closing().agenda}
    shares = {key: part.share for key, part in parts.items()}
    return [
        {"minutes": minutes, "name": parts[key].title, "text": parts[key].text.format(**names)}
        for key, minutes in timed_agenda(shares, session.minutes)
    ]


def closes_in(session: Session, closing: Closing | None) -> bool:
    """Tell whether a session is the one in which the two close."""
    return bool(closing and closing.agreed_at) and closing.session_id == session.pk


def is_time_to_close(course: Course, closing: Closing | None) -> bool:
    """Tell whether the plan itself suggests it: its last session is at hand, or was held."""
    if closing and (closing.suggested_by or closing.agreed_at):
        return False
    count = len(course.sessions)
    return count > 1 and (course.now is None or course.now.number == count) and not course.to_tell
