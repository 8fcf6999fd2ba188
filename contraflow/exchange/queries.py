"""What the pages of a pair's room show, opened with as many queries for many rows as for one."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from contraflow.core.sealing import open_together
from contraflow.exchange.gains import Gains, gains_in, kept_gains_of
from contraflow.exchange.models import Message, Note, NoteWords, Promise, PromiseWords, ReadMark
from contraflow.pairs.models import Pair, Session, SessionWords, left_by
from contraflow.people.models import Person
from contraflow.programmes.models import Side

MESSAGES_SHOWN = 50


# -- messages -----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Thread:
    """A piece of what the two wrote each other, oldest first."""

    messages: list[dict[str, Any]]
    # the code of the first message shown, where earlier ones stand before it
    earlier_than: str
    is_latest: bool


def thread_of(pair: Pair, *, reader: Person, before: str = "", everything: bool = False) -> Thread:
    """Return the latest messages, those before one of them, or all; nothing for anybody else."""
    seen = Message.objects.visible_to(reader).filter(pair=pair).select_related("words")
    if pair.words_deleted_at:
        seen = seen.none()
    if pair.has_left(reader):
        # what the other writes before hearing of the end does not reach who has left
        seen = seen.exclude(pk__in=unread(pair, reader).order_by().values("pk"))
    last = seen.filter(code=before).first() if before else None
    rows = seen.filter(pk__lt=last.pk) if last else seen
    if not everything:
        rows = rows.reverse()[: MESSAGES_SHOWN + 1]
    found = list(rows) if everything else list(rows)[::-1]
    has_earlier = not everything and len(found) > MESSAGES_SHOWN
    found = found[1:] if has_earlier else found
    open_together(each.words for each in found if not each.taken_back_at)
    side, read_up_to = pair.side_of(reader), _read_up_to(pair, reader)
    both = {Side.MENTOR: pair.mentor, Side.MENTEE: pair.mentee}
    return Thread(
        messages=[
            {
                "message": each,
                "author": both[each.side],
                "is_mine": each.side == side,
                "is_new": each.side != side and each.pk > read_up_to,
                "text": "" if each.taken_back_at else each.words.text,
            }
            for each in found
        ],
        earlier_than=found[0].code if has_earlier else "",
        is_latest=last is None,
    )


def unread(pair: Pair, reader: Person) -> QuerySet[Message]:
    """Return the messages to a person of a pair that they have not read, oldest first."""
    theirs = Message.objects.standing().filter(pair=pair).exclude(side=pair.side_of(reader))
    return theirs.filter(pk__gt=_read_up_to(pair, reader))


def _read_up_to(pair: Pair, reader: Person) -> int:
    mark = ReadMark.objects.visible_to(reader).filter(pair=pair).first()
    return mark.up_to if mark else 0


def pairs_with_unread(reader: Person) -> list[tuple[Pair, int]]:
    """Return the pairs that go on for a person and in which messages wait, and how many."""
    pairs = Pair.objects.of(reader).living().exclude(left_by(reader)).visible_to(reader)
    marks = {
        mark.pair_id: mark.up_to
        for mark in ReadMark.objects.visible_to(reader).filter(
            pair__in=pairs.order_by().values("pk")
        )
    }
    waiting = Q()
    for pair in pairs:
        waiting |= Q(pair=pair, pk__gt=marks.get(pair.pk, 0)) & ~Q(side=pair.side_of(reader))
    if not waiting:
        return []
    rows = Message.objects.standing().filter(waiting).order_by().values("pair")
    counts = dict(rows.annotate(n=Count("pk")).values_list("pair", "n"))
    return [(pair, counts[pair.pk]) for pair in pairs if pair.pk in counts]


# -- notes --------------------------------------------------------------------------------------


def notes_of(pair: Pair, *, reader: Person, session: Session | None = None) -> list[dict[str, Any]]:
    """Return the notes a person may read, the latest first."""
    notes = Note.objects.visible_to(reader).filter(pair=pair)
    if session:
        notes = notes.filter(session=session)
    words = NoteWords.objects.filter(note__in=notes.order_by().values("pk"))
    rows = words.select_related("note__pair__mentor", "note__pair__mentee", "note__session")
    rows = open_together(rows.order_by("-note__written_at", "-note__pk"))
    side = pair.side_of(reader)
    return [{"note": row.note, "text": row.text, "is_mine": row.note.side == side} for row in rows]


# -- the ledger ---------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Given:
    """What one of the two got from the other, and what the other promised them."""

    side: str
    giver: Person
    taker: Person
    learned: list[str]
    promises: list[dict[str, Any]]

    def _count(self, state: str) -> int:
        return sum(each["promise"].state == state for each in self.promises)

    @property
    def kept(self) -> int:
        """Return how many promises were kept."""
        return self._count(Promise.State.KEPT)

    @property
    def open(self) -> int:
        """Return how many promises are open."""
        return self._count(Promise.State.OPEN)


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """What went between the two, both ways, with equal weight."""

    by_mentor: Given
    by_mentee: Given
    sessions: int
    minutes: int


def ledger_of(pair: Pair, *, reader: Person) -> Ledger:
    """Return what each of the two gave; nothing for anybody but the two."""
    words = SessionWords.objects.visible_to(reader).filter(session__pair=pair)
    learned = open_together(words.select_related("session").order_by("session__number"))
    rows = PromiseWords.objects.visible_to(reader).filter(promise__pair=pair)
    promised = open_together(rows.select_related("promise__pair").order_by("promise__pk"))
    held = pair.sessions.held().aggregate(sessions=Count("pk"), minutes=Sum("minutes"))
    side = pair.side_of(reader)

    def given(by: Side, taker: str) -> Given:
        giver = pair.mentor if by == Side.MENTOR else pair.mentee
        return Given(
            side=by,
            giver=giver,
            taker=pair.partner_of(giver),
            learned=[text for row in learned if (text := getattr(row, f"learned_by_{taker}"))],
            promises=[
                {"promise": row.promise, "text": row.text, "is_mine": row.promise.side == side}
                for row in promised
                if row.promise.side == by
            ],
        )

    return Ledger(
        by_mentor=given(Side.MENTOR, "mentee"),
        by_mentee=given(Side.MENTEE, "mentor"),
        sessions=held["sessions"],
        minutes=held["minutes"] or 0,
    )


@dataclass(frozen=True, kw_only=True)
class Record:
    """What a person gained in one pair, in words that are theirs to take along."""

    pair: Pair
    partner: Person
    side: str
    sessions: int
    minutes: int
    gains: Gains


def records_of(person: Person) -> list[Record]:
    """Return what somebody gained in each of their pairs, the latest first."""
    pairs = Pair.objects.of(person).visible_to(person).select_related("cohort__programme")
    held = Q(sessions__state=Session.State.HELD)
    counted = pairs.annotate(
        held=Count("sessions", filter=held), minutes=Sum("sessions__minutes", filter=held)
    )
    found = list(counted.order_by("-pk"))
    # those of which nothing but this is left, and those whose words still stand
    gains = gains_in(found, reader=person) | kept_gains_of(person)
    return [
        Record(
            pair=pair,
            partner=pair.partner_of(person),
            side=(side := pair.side_of(person)),
            sessions=pair.held,
            minutes=pair.minutes or 0,
            gains=gains.get((pair.pk, side), Gains()),
        )
        for pair in found
    ]
