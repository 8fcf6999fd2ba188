"""What the two do to close their pair together; each can still leave at any moment, as ever.

Nothing of it is announced: an end that somebody outside could tell from others would say of all
those that it was another.
"""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from contraflow.core.errors import refuse_if
from contraflow.pairs import closings, mails, queries
from contraflow.pairs.actions.pairs import lock_pair
from contraflow.pairs.models import Closing, ClosingPage, ClosingWords, Pair
from contraflow.people.models import Person
from contraflow.programmes.models import Side


def _standing(pair: Pair) -> Closing | None:
    """Take the pair's lock, and return how far the two are now."""
    lock_pair(pair)
    closing = Closing.objects.filter(pair=pair).prefetch_related("pages").first()
    if closing:
        closing.pair = pair
    return closing


@transaction.atomic
def suggest_closing(pair: Pair, *, by: Person, at: dt.datetime | None = None) -> Closing:
    """Suggest to close the pair, or agree where the other suggested it; twice is once."""
    at = at or timezone.now()
    closing = _standing(pair)
    side = pair.side_of(by)
    wants_it = closing and side and (closing.agreed_at or closing.was_suggested_by(side))
    if closing and wants_it and not pair.is_over_for(by):
        return closing
    refuse_if(closings.why_not_suggest(pair, closing, by=by, at=at))
    closing = closing or Closing(pair=pair)
    if closing.waits_for(side):
        _agree(closing, at=at)
        mails.tell_of_closing(mails.CLOSING_AGREED, pair, by=by, at=at)
    else:
        closing.suggested_by, closing.declined_at = side, None
        closing.save()
        mails.tell_of_closing(mails.CLOSING_SUGGESTED, pair, by=by, at=at)
    return closing


def _agree(closing: Closing, *, at: dt.datetime) -> None:
    course = queries.course_through(list(closing.pair.sessions.order_by("number")), at=at)
    closing.session, closing.agreed_at = course.now, at
    closing.suggested_by = ""
    closing.save()
    # those from an earlier time that both wanted to close keep what stands on them
    ClosingPage.objects.bulk_create(
        (ClosingPage(closing=closing, side=side) for side in Side.values), ignore_conflicts=True
    )


@transaction.atomic
def put_off_closing(pair: Pair, *, by: Person, at: dt.datetime | None = None) -> None:
    """Take one's suggestion back, say "not yet" to the other's, or go on after all.

    Nobody is asked why. What stands on the pages stays with whoever wrote it, for another time.
    """
    at = at or timezone.now()
    closing = _standing(pair)
    refuse_if(closings.why_not_put_off(pair, by=by))
    if closing is None:
        return
    side = pair.side_of(by)
    if closing.agreed_at:
        closings.stay_open(closing, pair)
        closing.pages.update(ready_at=None, done_at=None)
        closing.agreed_at = closing.session = None
        closing.save()
        mails.tell_of_closing(mails.CLOSING_NOT_YET, pair, by=by, at=at)
    elif closing.waits_for(side):
        closing.declined_at = at
        closing.save()
        mails.tell_of_closing(mails.CLOSING_NOT_YET, pair, by=by, at=at)
    elif closing.was_suggested_by(side):
        closing.suggested_by = ""
        closing.save()


@transaction.atomic
def write_closing_page(
    pair: Pair, *, by: Person, texts: dict[str, str] | None = None, is_ready: bool | None = None,
    at: dt.datetime | None = None,
) -> None:  # fmt: skip
    """Keep what stands on one's own page, None as it is; finished or not, where `is_ready` says so.

    The other reads a finished page once theirs is finished too, or once the two sit together.
    """
    at = at or timezone.now()
    closing = _standing(pair)
    given = {key: text.strip() for key, text in (texts or {}).items()}
    refuse_if(closings.why_not_write_page(pair, closing, by=by, texts=given))
    page = closing.pages.get(side=pair.side_of(by))
    page.closing = closing
    words = ClosingWords.objects.filter(page=page).first() or ClosingWords(page=page)
    if texts is not None:
        words.texts = {key: given.get(key, "") for key in closings.QUESTIONS}
        words.save()
    if is_ready is None or is_ready == bool(page.ready_at):
        return
    if is_ready:
        refuse_if(closings.why_not_finish_page(words.texts or {}))
    page.ready_at = at if is_ready else None
    page.save(update_fields=["ready_at"])
    if not closing.pages.filter(ready_at=None).exists():
        mails.tell_of_closing(mails.CLOSING_READY, pair, by=by, at=at)


@transaction.atomic
def say_done(pair: Pair, *, by: Person, at: dt.datetime | None = None) -> None:
    """Say that the closing is done; once both have, the pair ends at the hour of every end."""
    at = at or timezone.now()
    closing = _standing(pair)
    refuse_if(closings.why_not_say_done(pair, closing, by=by))
    mine = closing.pages.filter(side=pair.side_of(by), done_at=None)
    if mine.update(done_at=at) and not closing.pages.filter(done_at=None).exists():
        closings.close_at_the_hour(closing, pair, at=at)
