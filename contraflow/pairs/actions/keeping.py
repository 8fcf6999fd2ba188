"""The words of a pair after its end: both are reminded of their copy, then the words are deleted.

Each step is one transaction for some pairs, whose rows it locks; it finds what is left by the
facts of the pairs, so it can be killed anywhere, and two at once do nothing twice.
"""

import datetime as dt

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from contraflow.core.events import announce
from contraflow.core.sealing import destroy_keys
from contraflow.pairs import events, keeping, mails
from contraflow.pairs.models import Pair

# a transaction of that many takes half a second, in which nobody else writes on SQLite
_AT_ONCE = 50
# at noon in UTC the day has begun for everybody on earth: nobody's words go before their day
_NOON = dt.timedelta(hours=12)


def _day(at: dt.datetime) -> dt.date:
    return (at.astimezone(dt.UTC) - _NOON).date()


def to_remind(at: dt.datetime) -> QuerySet[Pair]:
    """Return the pairs of which a reminder is due and not out."""
    due = Q()
    for number, days in enumerate(keeping.reminded_before(), 1):
        last = _day(at) + dt.timedelta(days=days)
        due |= Q(words_reminders__lt=number, words_kept_until__lte=last)
    return Pair.objects.with_words_to_delete().filter(due)


def to_delete(at: dt.datetime) -> QuerySet[Pair]:
    """Return the pairs whose day has come, and which were reminded of it to the last."""
    waiting = Pair.objects.with_words_to_delete().filter(words_kept_until__lte=_day(at))
    return waiting.filter(words_reminders__gte=len(keeping.reminded_before()))


@transaction.atomic
def remind_of_deletion(*, at: dt.datetime | None = None) -> int:
    """Remind the two of some pairs, of how many is returned; where that is late, the day moves on.

    After a stop of the server the last reminder still comes as long before the day as it should.
    """
    at = at or timezone.now()
    pairs, before = _locked(to_remind(at)), keeping.reminded_before()
    for pair in pairs:
        earliest = _day(at) + dt.timedelta(days=before[-1])
        pair.words_kept_until = max(pair.words_kept_until, earliest)
        left = (pair.words_kept_until - _day(at)).days
        pair.words_reminders = sum(days >= left for days in before)
    Pair.objects.bulk_update(pairs, ["words_kept_until", "words_reminders"])
    mails.remind_of_copy(pairs)
    return len(pairs)


@transaction.atomic
def delete_words(*, at: dt.datetime | None = None) -> int:
    """Delete the words of some pairs and destroy their keys; return of how many.

    Facts stay: that they were a pair, which sessions were held, what was signed and when.
    """
    at = at or timezone.now()
    pairs = _locked(to_delete(at))
    keys = [pair.pk for pair in pairs]
    if not keys:
        return 0
    for part in keeping.parts():
        if part.before_deletion:
            part.before_deletion(pairs)
    for rows in (rows for part in keeping.parts() for rows in part.rows):
        rows.of(keys).delete()
    destroy_keys([f"pair:{key}" for key in keys], at=at)
    Pair.objects.filter(pk__in=keys).update(words_deleted_at=at)
    announce(events.PairWordsDeleted(pairs=len(keys)), by=None)
    return len(keys)


def _locked(pairs: QuerySet[Pair]) -> list[Pair]:
    """Take the locks of some pairs; of what another worker did meanwhile, none is among them."""
    some = pairs.order_by("pk").select_for_update(of=("self",), no_key=True)
    return list(some.select_related("mentor", "mentee")[:_AT_ONCE])
