"""What the two can do here. The row of the pair is the lock; `by` is who acts, `at` when."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from contraflow.core.errors import refuse_if
from contraflow.core.events import announce
from contraflow.exchange import events, mails, rules
from contraflow.exchange.models import (
    Message,
    MessageWords,
    Note,
    NoteWords,
    Promise,
    PromiseWords,
    ReadMark,
)
from contraflow.pairs.actions import lock_pair
from contraflow.pairs.models import Pair, Session
from contraflow.people.models import Person

# the same words within this time are a double click
_DOUBLE_CLICK = dt.timedelta(seconds=10)


# -- messages -----------------------------------------------------------------------------------


@transaction.atomic
def send_message(pair: Pair, *, by: Person, text: str, at: dt.datetime | None = None) -> Message:
    """Write to the partner; they are told once, however many messages then wait for them."""
    at, text = at or timezone.now(), text.strip()
    lock_pair(pair)
    refuse_if(rules.why_not_write(pair, by=by, text=text))
    side = pair.side_of(by)
    latest = Message.objects.filter(pair=pair, side=side).standing().last()
    if latest and at - latest.sent_at < _DOUBLE_CLICK and latest.words.text == text:
        return latest
    message = Message.objects.create(pair=pair, side=side, sent_at=at)
    MessageWords.objects.create(message=message, text=text)
    _mark_read(pair, side, up_to=message.pk)
    mails.tell_partner(message, by=by)
    announce(events.MessageSent(message_id=message.pk, pair_id=pair.pk), by=by)
    return message


@transaction.atomic
def take_back(message: Message, *, by: Person, at: dt.datetime | None = None) -> None:
    """Take a message away, words and all; that one stood there can still be seen."""
    lock_pair(message.pair)
    message.refresh_from_db(fields=["taken_back_at"])
    refuse_if(rules.why_not_take_back(message, by=by, at=at))
    MessageWords.objects.filter(message=message).delete()
    message.taken_back_at = at or timezone.now()
    message.save(update_fields=["taken_back_at"])
    announce(events.MessageTakenBack(message_id=message.pk, pair_id=message.pair_id), by=by)


@transaction.atomic
def mark_read(pair: Pair, *, by: Person, up_to: int) -> None:
    """Note for this person alone that they have read this far."""
    if side := pair.side_of(by):
        _mark_read(pair, side, up_to=up_to)


def _mark_read(pair: Pair, side: str, *, up_to: int) -> None:
    mark, made = ReadMark.objects.get_or_create(pair=pair, side=side, defaults={"up_to": up_to})
    if not made:
        # two windows: what was read later stays read
        ReadMark.objects.filter(pk=mark.pk, up_to__lt=up_to).update(up_to=up_to)


# -- notes --------------------------------------------------------------------------------------


@transaction.atomic
def write_note(
    pair: Pair, *, by: Person, text: str, session: Session | None = None,
    is_private: bool = False, at: dt.datetime | None = None,
) -> Note:  # fmt: skip
    """Note something, for both or for oneself alone."""
    at, text = at or timezone.now(), text.strip()
    lock_pair(pair)
    refuse_if(rules.why_not_write(pair, by=by, text=text, at_most=rules.MAX_NOTE))
    latest = Note.objects.filter(pair=pair, side=pair.side_of(by)).first()
    if latest and at - latest.written_at < _DOUBLE_CLICK and latest.words.text == text:
        return latest
    note = Note.objects.create(
        pair=pair, side=pair.side_of(by), session=session, is_private=is_private, written_at=at
    )
    NoteWords.objects.create(note=note, text=text)
    announce(events.NoteWritten(note_id=note.pk, pair_id=pair.pk), by=by)
    return note


@transaction.atomic
def change_note(
    note: Note, *, by: Person, text: str, is_private: bool, at: dt.datetime | None = None
) -> None:
    """Put other words in place of a note's, for both or for oneself alone."""
    text = text.strip()
    lock_pair(note.pair)
    refuse_if(rules.why_not_write(note.pair, by=by, text=text, at_most=rules.MAX_NOTE))
    note.is_private, note.changed_at = is_private, at or timezone.now()
    note.save(update_fields=["is_private", "changed_at"])
    # sealed anew, for whoever may read it from now on
    NoteWords(note=note, text=text).save(force_update=True)
    announce(events.NoteWritten(note_id=note.pk, pair_id=note.pair_id), by=by)


@transaction.atomic
def forget_note(note: Note, *, by: Person) -> None:
    """Take a note away for good."""
    lock_pair(note.pair)
    announce(events.NoteForgotten(note_id=note.pk, pair_id=note.pair_id), by=by)
    note.delete()


# -- promises -----------------------------------------------------------------------------------


@transaction.atomic
def make_promise(
    pair: Pair, *, by: Person, kind: str, text: str, at: dt.datetime | None = None
) -> Promise:
    """Promise the partner something; nobody can promise in another's name."""
    text, today = text.strip(), timezone.localdate(at)
    lock_pair(pair)
    refuse_if(rules.why_not_write(pair, by=by, text=text, at_most=rules.MAX_PROMISE))
    side = pair.side_of(by)
    for promise in Promise.objects.filter(pair=pair, side=side, kind=kind, state="open"):
        if promise.words.text == text:
            return promise  # a double click, or said before
    promise = Promise.objects.create(pair=pair, side=side, kind=Promise.Kind(kind), made_on=today)
    PromiseWords.objects.create(promise=promise, text=text)
    announce(events.PromiseMade(promise_id=promise.pk, pair_id=pair.pk), by=by)
    return promise


@transaction.atomic
def settle_promise(
    promise: Promise, *, by: Person, state: str, at: dt.datetime | None = None
) -> None:
    """Say that a promise was kept or dropped, or is open again."""
    lock_pair(promise.pair)
    promise.refresh_from_db(fields=["state"])
    refuse_if(rules.why_not_settle(promise, by=by, state=state))
    if promise.state == state:
        return
    promise.state = state
    promise.ended_on = None if state == Promise.State.OPEN else timezone.localdate(at)
    promise.save(update_fields=["state", "ended_on"])
    announce(events.PromiseSettled(promise_id=promise.pk, pair_id=promise.pair_id), by=by)
