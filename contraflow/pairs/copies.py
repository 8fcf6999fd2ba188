"""What this room seals for a pair, in the copy that each of the two takes home."""

from django.utils import timezone
from django.utils.translation import gettext as _

from contraflow.core.figures import figure
from contraflow.core.sealing import open_together
from contraflow.pairs import agreements, closings, queries
from contraflow.pairs.keeping import Chapter, Entry, Part, SealedRows, register_part
from contraflow.pairs.models import (
    AgreementWords,
    ClosingWords,
    CommitmentWords,
    Goal,
    GoalWords,
    Pair,
    Session,
    SessionWords,
    StoryWords,
)
from contraflow.people.models import Person
from contraflow.programmes.models import Side


def _chapters(pair: Pair, reader: Person) -> list[Chapter]:
    return [
        Chapter(title=_("Our agreement"), entries=_agreed(pair, reader)),
        Chapter(title=_("Our goals"), entries=_goals(pair, reader)),
        Chapter(title=_("Our sessions"), entries=_sessions(pair, reader)),
        Chapter(title=_("Our stories"), entries=_stories(pair, reader)),
        Chapter(title=_("How we closed"), entries=_closed(pair, reader)),
    ]


def _agreed(pair: Pair, reader: Person) -> list[Entry]:
    agreement = agreements.agreement_of(pair, reader=reader)
    if agreement is None:
        return []
    texts = agreements.words_of(pair, reader=reader)
    entries = [
        Entry(title=section.title, words=[("", texts[key])])
        for key, section in agreements.SECTIONS.items()
        if texts[key]
    ]
    signed = [
        Entry(title=_("Signed by %(name)s") % {"name": person.name}, day=timezone.localdate(at))
        for side, person in ((Side.MENTOR, pair.mentor), (Side.MENTEE, pair.mentee))
        if (at := agreement.signed_at(side))
    ]
    return entries + signed


def _goals(pair: Pair, reader: Person) -> list[Entry]:
    agreement = agreements.agreement_of(pair, reader=reader)
    entries = []
    for each in agreements.goals_of(pair, agreement, reader=reader):
        if each.goal is None or each.words is None:
            continue
        words = [("", each.in_words)] if each.in_words else _begun(each.goal, each.words)
        words.append((_("Where it stands"), each.words.outcome_in_words()))
        title = _("Goal of %(name)s") % {"name": each.person.name}
        day = timezone.localdate(each.goal.made_at)
        entries.append(Entry(title=title, day=day, words=_written(words)))
    return entries


def _begun(goal: Goal, words: GoalWords) -> list[tuple[str, str | None]]:
    """Return what stands of a goal that is not whole."""
    week = None if goal.week is None else figure(goal.week)
    labels = (_("By week"), _("I will"), _("Seen by"), _("Because"))
    return list(zip(labels, (week, words.will, words.seen_by, words.because), strict=True))


def _sessions(pair: Pair, reader: Person) -> list[Entry]:
    """Return each session with its date and what became of it, and what was written about it."""
    rows = SessionWords.objects.visible_to(reader).filter(session__pair=pair)
    written = {row.session_id: row for row in open_together(rows)}
    commitments = queries.commitments_of(pair, reader=reader)
    entries = []
    for session in queries.course_of(pair, reader=reader).sessions:
        words = _words_of(session, written.get(session.pk))
        for each in commitments:
            if each["number"] == session.number:
                plan = _("If %(condition)s, then %(action)s") % each
                words.append((_("%(name)s wanted to try") % each, plan))
                words.append((_("What became of it"), each["outcome_in_words"]))
        if not (session.starts_at or _written(words)):
            continue
        names = {"number": session.number, "topic": session.topic}
        state = (_("What became of it"), session.get_state_display())
        entries.append(
            Entry(
                title=_("Session %(number)s: %(topic)s") % names,
                day=session.starts_at and timezone.localdate(session.starts_at),
                words=_written([state, *words]),
            )
        )
    return entries


def _words_of(session: Session, row: SessionWords | None) -> list[tuple[str, str | None]]:
    if row is None:
        return []
    mentor, leader = session.pair.mentor.get_short_name(), session.pair.mentee.get_short_name()
    return [
        (_("Our own topic"), row.own_topic),
        (_("What we wanted to do"), row.own_activity),
        (_("%(name)s asked in advance") % {"name": leader}, row.question),
        (_("%(name)s learned") % {"name": mentor}, row.learned_by_mentor),
        (_("%(name)s learned") % {"name": leader}, row.learned_by_mentee),
    ]


def _stories(pair: Pair, reader: Person) -> list[Entry]:
    return [
        Entry(
            title=_("%(name)s told") % {"name": each["author"].name},
            day=timezone.localdate(each["story"].made_at),
            words=_written(
                [
                    (each["prompt"] or "", each["text"]),
                    (_("Who else hears it"), each["shared_as"] if each["is_shared"] else ""),
                ]
            ),
        )
        for each in queries.stories_of(pair, reader=reader)
    ]


def _closed(pair: Pair, reader: Person) -> list[Entry]:
    """Return one's own closing page, and the other's where both read each other's."""
    closing = closings.closing_of(pair, reader=reader)
    return [
        Entry(
            title=_("The page of %(name)s") % {"name": each.person.name},
            words=[(answer["title"], answer["text"]) for answer in each.answers],
        )
        for each in closings.pages_of(pair, closing, reader=reader)
        if each.answers
    ]


def _written(words: list[tuple[str, str | None]]) -> list[tuple[str, str]]:
    return [(label, text) for label, text in words if text]


register_part(
    Part(
        rows=(
            SealedRows(model=AgreementWords, path="agreement__pair"),
            SealedRows(model=GoalWords, path="goal__pair"),
            SealedRows(model=SessionWords, path="session__pair"),
            SealedRows(model=CommitmentWords, path="commitment__session__pair"),
            SealedRows(model=StoryWords, path="story__pair"),
            SealedRows(model=ClosingWords, path="page__closing__pair"),
        ),
        chapters=_chapters,
    )
)
