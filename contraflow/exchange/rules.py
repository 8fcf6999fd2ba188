"""Who may write what into a pair's room, and when."""

import datetime as dt

import rules
from django.utils import timezone
from django.utils.translation import gettext as _

from contraflow.core.figures import figure
from contraflow.exchange.models import Message, Promise
from contraflow.pairs.keeping import why_words_are_gone
from contraflow.pairs.rules import is_in_pair
from contraflow.people.rules import is_signed_in

MAX_MESSAGE = 4_000
MAX_NOTE = 10_000
MAX_PROMISE = 300
# how long a message can be taken back
TAKE_BACK_WITHIN = dt.timedelta(minutes=10)


@rules.predicate
def is_author(person, thing):
    """Be who wrote or promised it."""
    return thing.pair.side_of(person) == thing.side


rules.add_perm("exchange.write_message", is_in_pair)
rules.add_perm("exchange.take_back", is_author)
rules.add_perm("exchange.write_note", is_in_pair)
rules.add_perm("exchange.change_note", is_author)
rules.add_perm("exchange.keep_ledger", is_in_pair)
rules.add_perm("exchange.settle_promise", is_in_pair)
rules.add_perm("exchange.view_record", is_signed_in)


def why_not_write(pair, *, by, text="", at_most=MAX_MESSAGE) -> str | None:
    """Say why this person cannot write so much here now, or None if they can."""
    if not is_in_pair(by, pair):
        return _("Only the two people of a pair write here.")
    if pair.is_over_for(by):
        return _("This pair has ended.")
    if len(text) > at_most:
        return _("At most %(count)s characters, please.") % {"count": figure(at_most)}
    return None


def why_not_take_back(message: Message, *, by, at=None) -> str | None:
    """Say why this person cannot take the message back, or None if they can."""
    if not is_author(by, message):
        return _("Only who wrote a message takes it back.")
    if message.taken_back_at:
        return _("It was taken back already.")
    if (at or timezone.now()) - message.sent_at > TAKE_BACK_WITHIN:
        return _("A message can be taken back within ten minutes; this one stands.")
    return None


def why_not_settle(promise: Promise, *, by, state: str) -> str | None:
    """Say why this person cannot say so of a promise, or None if they can."""
    if not is_in_pair(by, promise):
        return _("Only the two people of a pair keep their ledger.")
    if state not in Promise.State.values:
        return _("Say what became of the promise.")
    if state == Promise.State.DROPPED and not is_author(by, promise):
        return _("Only who promised something drops it.")
    return why_words_are_gone(promise.pair)
