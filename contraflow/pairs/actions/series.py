"""The rest of a plan booked in one go, and taken back in one press."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contraflow.core.errors import Refusal
from contraflow.pairs import diary, rules
from contraflow.pairs.actions.pairs import give_up_date, lock_calendars, set_date
from contraflow.pairs.models import Pair, Session
from contraflow.people.models import Person


@transaction.atomic
def book_series(
    pair: Pair, *, by: Person, moments: Sequence[dt.datetime], at: dt.datetime | None = None
) -> list[Session]:
    """Book the next sessions without a date at these moments, all of them or none.

    Pressed twice, it is booked once.
    """
    at = at or timezone.now()
    lock_calendars(pair)
    sessions = list(pair.sessions.order_by("number"))
    booked = [each for each in sessions if each.state == Session.State.BOOKED]
    if moments and set(moments) <= {each.starts_at for each in booked}:
        return booked
    waiting = [each for each in sessions if each.state == Session.State.PLANNED]
    if not moments or len(moments) > len(waiting) or sorted(set(moments)) != list(moments):
        raise Refusal(_("The plan has changed meanwhile. Look at the dates again."))
    done = []
    for session, starts_at in zip(waiting, moments, strict=False):
        session.pair = pair
        reason = rules.why_not_book(session, by=by)
        if reason := reason or rules.why_not_time(session, by=by, starts_at=starts_at, at=at):
            day = rules.when_in_words(starts_at)
            raise Refusal(_("%(day)s: %(reason)s") % {"day": day, "reason": reason})
        done.append(set_date(session, by=by, starts_at=starts_at, at=at))
    return done


@transaction.atomic
def undo_series(pair: Pair, *, by: Person, at: dt.datetime | None = None) -> None:
    """Take back what was booked in one go within the hour; nobody's cancellation is counted."""
    at = at or timezone.now()
    lock_calendars(pair)
    if not rules.is_in_pair(by, pair):
        raise Refusal(_("Only the two people of a pair set its dates."))
    for session in diary.series_just_booked(pair, at=at):
        session.pair = pair
        give_up_date(session, by=by, at=at)
