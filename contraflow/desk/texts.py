"""The ready texts of the desk, to be changed before they are sent."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from contraflow.content.schema import load_health, load_sponsor_kit
from contraflow.core.figures import figure
from contraflow.desk.models import Speech, Step, StepWords
from contraflow.pairs.models import Pair
from contraflow.pairs.times import SHORT_SESSION
from contraflow.people.models import Person
from contraflow.programmes.models import Cohort, Programme

Kind = Step.Kind


@dataclass(frozen=True, kw_only=True)
class Text:
    """A mail as the lead sends it; the greeting and the links are put around it."""

    subject: str
    body: str


def label_of(kind: str) -> str:
    """Return what the button says that opens a ready text."""
    return {
        Kind.NUDGE: _("Nudge both"),
        Kind.GUIDE: _("Send a kick-off guide"),
        Kind.TALK: _("Offer a facilitated talk"),
        Kind.REMATCH: _("Offer a new partner"),
    }[Kind(kind)]


def text_for(pair: Pair, kind: str, *, by: Person) -> Text:
    """Return the text to begin with: one's own that was just taken back, or the ready one."""
    own = StepWords.objects.visible_to(by).filter(step__pair=pair, step__kind=kind, step__by=by)
    latest = own.select_related("step").order_by("-pk").first()
    if latest and latest.step.undone_at:
        return Text(subject=latest.subject, body=latest.text)
    return {
        Kind.NUDGE: _nudge,
        Kind.GUIDE: _guide,
        Kind.TALK: _talk,
        Kind.REMATCH: _rematch,
    }[Kind(kind)](pair, by)


def _nudge(pair: Pair, by) -> Text:
    if pair.sessions.filter(state="held").exists():
        body = _(
            "You two have not met for a while. Pick one of the three below: a new date, a "
            "25-minute call, or a pause."
        )
    else:
        body = _(
            "You two have not met yet. Pick one of the three below: a first date, a 25-minute "
            "call, or a pause."
        )
    return Text(subject=_("Your next conversation"), body=f"{body}\n\n{_signed(by)}")


def _guide(pair: Pair, by) -> Text:
    body = _(
        "The first conversation is the hardest to get into the diary, and the easiest to have. "
        "Half an hour is enough:\n\n"
        "- Five minutes: how you each came to be here.\n"
        "- Ten minutes: what the leader would like to see differently by the end.\n"
        "- Ten minutes: what the mentor would like to take away.\n"
        "- Five minutes: when and how often you meet, and what stays between you.\n\n"
        "Nobody needs to prepare anything. {leader} proposes a time; {mentor} brings the first "
        "question."
    ).format(leader=pair.mentee.get_short_name(), mentor=pair.mentor.get_short_name())
    return Text(subject=_("A guide for your first conversation"), body=f"{body}\n\n{_signed(by)}")


def _talk(pair: Pair, by) -> Text:
    talk = load_health().actions.facilitated_conversation
    body = _(
        "I would like to offer you a talk of {minutes} minutes, the three of us. It is about how "
        "you work together, not about who is right: what each of you hoped for, what you got, and "
        "what you would like to keep, drop or change. At the end you decide whether and how to go "
        "on. Stopping is fine too, and says nothing about either of you.\n\n"
        "Please write to me with two times that suit you."
    ).format(minutes=figure(talk.minutes))
    return Text(subject=_("An offer: a talk, the three of us"), body=f"{body}\n\n{_signed(by)}")


def _rematch(pair: Pair, by) -> Text:
    rule = load_health().actions.rematch
    body = _(
        "If you would rather go on with somebody else, either of you can say so to me. No reason "
        "is needed and none is passed on. You would hear of a new partner within {days} working "
        "days. If you would rather go on as you are, there is nothing to do."
    ).format(days=figure(rule.offer_within_working_days))
    return Text(subject=_("An offer: a new partner"), body=f"{body}\n\n{_signed(by)}")


def _signed(by) -> str:
    return _("{name}, programme lead\n{email}").format(name=by.name, email=by.email)


# -- a sponsor's words (content/sponsor.yaml) -----------------------------------------------------


def _paragraphs(paragraphs: Iterable[str], **values: str) -> str:
    return "\n\n".join(each.format(**values) for each in paragraphs)


def text_to_learn(*, takes_part: bool) -> str:
    """Return what a sponsor could say they want to learn, stronger where they take part."""
    words = load_sponsor_kit().words
    return _paragraphs(words.learner + (words.learner_who_takes_part if takes_part else ()))


def text_to_cohort(cohort: Cohort, kind: str, *, by: Person, learns: bool) -> Text:
    """Return opening or closing words; they name what their author learns where that is public.

    Whoever just took their words back goes on with those.
    """
    own = Speech.objects.visible_to(by).filter(cohort=cohort, kind=kind, by=by)
    latest = own.order_by("-pk").first()
    if latest and latest.undone_at:
        return Text(subject=latest.subject, body=latest.text)
    kit = load_sponsor_kit().words
    words = kit.opening if kind == Speech.Kind.OPENING else kit.closing
    names = {"programme": cohort.programme.title, "cohort": cohort.name}
    body = _paragraphs(words.body + (kit.who_learns_too if learns else ()), **names)
    return Text(subject=words.subject, body=body)


def personal_text() -> str:
    """Return a word to leaders whose dates fell through, naming nobody."""
    return _paragraphs(load_sponsor_kit().words.personal_word, minutes=figure(SHORT_SESSION))


def text_of_reminder(programme: Programme, parts: Iterable[str], *, by) -> Text:
    """Return a lead's mail to a sponsor, with what is due."""
    words = load_sponsor_kit().words.reminder
    listed = "\n".join(f"- {part}" for part in parts)
    return Text(
        subject=words.subject.format(programme=programme.title),
        body=_paragraphs(words.body, parts=listed, lead=by.name),
    )
