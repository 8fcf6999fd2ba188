"""What this room seals for a pair: taken home by each of the two, deleted some time after."""

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from contraflow.exchange.gains import keep_gains
from contraflow.exchange.models import MessageWords, NoteWords, PromiseWords
from contraflow.exchange.queries import ledger_of, notes_of, thread_of
from contraflow.pairs.keeping import Chapter, Entry, Part, SealedRows, register_part
from contraflow.pairs.models import Pair
from contraflow.people.models import Person


def _chapters(pair: Pair, reader: Person) -> list[Chapter]:
    return [
        Chapter(title=_("Our messages"), entries=_messages(pair, reader)),
        Chapter(title=_("Notes"), entries=_notes(pair, reader)),
        Chapter(title=_("What we promised"), entries=_promises(pair, reader)),
    ]


def _messages(pair: Pair, reader: Person) -> list[Entry]:
    return [
        Entry(
            title=each["author"].name,
            day=timezone.localdate(each["message"].sent_at),
            words=[("", each["text"] or _("Taken back."))],
        )
        for each in thread_of(pair, reader=reader, everything=True).messages
    ]


def _notes(pair: Pair, reader: Person) -> list[Entry]:
    entries = []
    for each in reversed(notes_of(pair, reader=reader)):
        note = each["note"]
        title = _("For me alone") if note.is_private else note.author.name
        about = _("session %(number)s") % {"number": note.session.number} if note.session else ""
        day = timezone.localdate(note.written_at)
        entries.append(Entry(title=title, day=day, words=[(about.capitalize(), each["text"])]))
    return entries


def _promises(pair: Pair, reader: Person) -> list[Entry]:
    ledger = ledger_of(pair, reader=reader)
    return [
        Entry(
            title=given.giver.name,
            day=each["promise"].made_on,
            words=[
                (each["promise"].get_kind_display(), each["text"]),
                (_("What became of it"), each["promise"].get_state_display()),
            ],
        )
        for given in (ledger.by_mentor, ledger.by_mentee)
        for each in given.promises
    ]


register_part(
    Part(
        rows=(
            SealedRows(model=MessageWords, path="message__pair"),
            # what somebody noted for themself alone is sealed with their own key, and stays theirs
            SealedRows(model=NoteWords, path="note__pair", only=Q(note__is_private=False)),
            SealedRows(model=PromiseWords, path="promise__pair"),
        ),
        chapters=_chapters,
        before_deletion=keep_gains,
    )
)
