"""The agreement of a pair: its sections and goals, who may write or sign when, what its page reads.

The sections are those of content/agreement.yaml. What stands in them before anybody writes is the
text that ships, with the rhythm of the cohort.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contraflow.content.schema import load_agreement
from contraflow.core.figures import figure
from contraflow.core.sealing import open_together
from contraflow.pairs.keeping import why_words_are_gone
from contraflow.pairs.models import (
    Agreement,
    AgreementChange,
    AgreementWords,
    Goal,
    GoalWords,
    Pair,
    Session,
)
from contraflow.pairs.queries import rhythm_in_words
from contraflow.pairs.rules import is_in_pair
from contraflow.people.models import Person
from contraflow.programmes.models import Side

MAX_SECTION = 1_000
MAX_GOAL_PART = 300
GOAL_PARTS = ("will", "seen_by", "because")
SECTIONS = {section.key: section for section in load_agreement().sections}
_BOTH_SIGN = gettext_lazy("Save once more if you mean it; then both of you sign anew.")


def texts_to_start_with(pair: Pair) -> dict[str, str]:
    """Return the text that ships for each section, in the rhythm of the pair's cohort."""
    cohort = pair.cohort
    known = {
        "rhythm": rhythm_in_words(cohort.cadence_days),
        "minutes": figure(cohort.session_minutes),
    }
    return {key: section.text.format(**known) for key, section in SECTIONS.items()}


def texts_of(pair: Pair, words: AgreementWords | None) -> dict[str, str]:
    """Return what stands in each section now."""
    if words is None:
        return texts_to_start_with(pair)
    return {key: words.texts.get(key, "") for key in SECTIONS}


# -- who may what, and when -----------------------------------------------------------------------


def why_not_write_agreement(pair: Pair, *, by: Person) -> str | None:
    """Say why this person cannot write in the agreement, or None if they can."""
    if not is_in_pair(by, pair):
        return _("Only the two people of a pair write here.")
    if pair.is_over_for(by):
        return _("This pair has ended.")
    return None


def why_not_reopen(agreement: Agreement | None, *, reopens: bool) -> str | None:
    """Say that a change takes signatures back where whoever changes has not been told, or None."""
    if agreement is None or not agreement.signed_by or reopens:
        return None
    pair, both = agreement.pair, agreement.is_signed
    if both:
        return _("Both of you have signed. %(what_next)s") % {"what_next": _BOTH_SIGN}
    signer = pair.mentor if agreement.signed_by == [Side.MENTOR] else pair.mentee
    names = {"name": signer.get_short_name(), "what_next": _BOTH_SIGN}
    return _("%(name)s has signed. A change takes that signature back. %(what_next)s") % names


def why_not_write_section(
    pair: Pair, agreement: Agreement | None, *, by: Person, section: str, text: str, seen: int,
    reopens: bool,
) -> str | None:  # fmt: skip
    """Say why this person cannot save the text of a section, or None if they can.

    `seen` is the version they had before them: what the other wrote in the section since then is
    never lost unread.
    """
    if reason := why_not_write_agreement(pair, by=by):
        return reason
    if len(text) > MAX_SECTION:
        return _("At most %(count)s characters.") % {"count": figure(MAX_SECTION)}
    if agreement and changed_by_other(agreement, since=seen, side=pair.side_of(by), of=section):
        return _(
            "%(name)s changed this while you wrote. Both texts stand here: put together what you "
            "both mean, then save."
        ) % {"name": pair.partner_of(by).get_short_name()}
    return why_not_reopen(agreement, reopens=reopens)


def why_not_set_goal(
    pair: Pair, agreement: Agreement | None, *, by: Person, week: int | None, parts: list[str],
    reopens: bool,
) -> str | None:  # fmt: skip
    """Say why this person cannot keep that as their own goal, or None if they can."""
    if reason := why_not_write_agreement(pair, by=by):
        return reason
    if max(map(len, parts)) > MAX_GOAL_PART:
        return _("Each part takes at most %(count)s characters.") % {"count": figure(MAX_GOAL_PART)}
    if week is not None and not 1 <= week <= pair.cohort.length_weeks:
        return _("Your cohort has %(count)s weeks.") % {"count": figure(pair.cohort.length_weeks)}
    has_goal = agreement and agreement.goal_at(pair.side_of(by))
    if has_goal and not (week and all(parts)):
        return _(
            "A goal can be changed, but not taken away: it needs its week, what you will do, who "
            "sees it, and why."
        )
    return why_not_reopen(agreement, reopens=reopens)


def why_not_sign(
    pair: Pair, agreement: Agreement | None, *, by: Person, version: int, pledges: bool
) -> str | None:
    """Say why this person cannot sign what they read as of a version, or None if they can."""
    if reason := why_not_sign_now(pair, agreement, by=by):
        return reason
    if agreement and (reason := why_not_read(agreement, reader=by, version=version)):
        return reason
    if pair.side_of(by) == Side.MENTEE and not pledges:
        return _("Your signature needs your pledge. Read it and tick the box.")
    return None


def why_not_read(agreement: Agreement, *, reader: Person, version: int) -> str | None:
    """Say what the other changed after the version that the reader had, or None.

    What the reader themself wrote since then, they have read.
    """
    pair = agreement.pair
    found = changed_by_other(agreement, since=version, side=pair.side_of(reader))
    if not found:
        return None
    return _("%(name)s changed something meanwhile: %(what)s. Read it, then sign.") % {
        "name": pair.partner_of(reader).get_short_name(),
        "what": ", ".join(section_in_words(pair, each, reader=reader) for each in found),
    }


def why_not_sign_now(pair: Pair, agreement: Agreement | None, *, by: Person) -> str | None:
    """Say why this person cannot sign anything at the moment, or None if they can."""
    if reason := why_not_write_agreement(pair, by=by):
        return reason
    own = pair.side_of(by)
    missing = [side for side in Side.values if not (agreement and agreement.goal_at(side))]
    if own in missing:
        return _("Your goal is missing. Write it first; then both of you can sign.")
    if missing:
        names = {"name": pair.partner_of(by).get_short_name()}
        return _("The goal of %(name)s is missing. Once it is there, both can sign.") % names
    if agreement and agreement.signed_at(own):
        return _("You have signed this.")
    return None


def why_not_review_goal(goal: Goal, *, by: Person) -> str | None:
    """Say why this person cannot say how a goal stands, or None if they can."""
    if not is_in_pair(by, goal):
        return _("Only the two people of a pair look back at this.")
    if goal.pair.side_of(by) != goal.side:
        return _("Whose goal it is says how it stands.")
    agreement = Agreement.objects.filter(pair=goal.pair_id).first()
    if agreement is None or agreement.goal_at(goal.side) is None:
        return _("This goal is not written to its end yet.")
    return why_words_are_gone(goal.pair)


def changed_by_other(
    agreement: Agreement, *, since: int, side: str | None, of: str = ""
) -> list[str]:
    """Return which sections the other side changed after a version, in the order of the changes."""
    kinds = [AgreementChange.Kind.WRITTEN, AgreementChange.Kind.REOPENED]
    changes = agreement.changes.filter(kind__in=kinds, version__gt=since).exclude(side=side)
    if of:
        changes = changes.filter(section=of)
    return list(dict.fromkeys(changes.order_by("pk").values_list("section", flat=True)))


def section_in_words(pair: Pair, section: str, *, reader: Person, side: str | None = None) -> str:
    """Return what a section is called to one of the two; a goal is that of `side`."""
    if section != AgreementChange.GOAL:
        return SECTIONS[section].title
    person = pair.mentor if side == Side.MENTOR else pair.mentee if side else None
    owner = person or pair.partner_of(reader)
    if owner.pk == reader.pk:
        return _("your goal")
    return _("the goal of %(name)s") % {"name": owner.get_short_name()}


# -- what its page reads --------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class OneGoal:
    """The goal of one side, whole, begun or not there yet."""

    person: Person
    side: str
    is_mine: bool
    is_set: bool
    goal: Goal | None = None
    words: GoalWords | None = None

    @property
    def hue(self) -> str:
        """Return the side as components know it."""
        return "mentor" if self.side == Side.MENTOR else "leader"

    @property
    def in_words(self) -> str:
        """Return the goal in its form, empty while it is not whole."""
        if not (self.is_set and self.goal and self.words):
            return ""
        return _("By week %(week)s I will %(will)s, seen by %(seen_by)s, because %(because)s.") % {
            "week": figure(self.goal.week or 0),
            "will": self.words.will,
            "seen_by": self.words.seen_by,
            "because": self.words.because.rstrip("."),
        }


def agreement_of(pair: Pair, *, reader: Person) -> Agreement | None:
    """Return who signed when, as far as the reader may know, None before anybody wrote."""
    agreement = Agreement.objects.visible_to(reader).filter(pair=pair).first()
    if agreement:
        agreement.pair = pair
    return agreement


def words_of(pair: Pair, *, reader: Person) -> dict[str, str]:
    """Return what stands in each section, to the two alone; nothing once it is deleted."""
    if pair.words_deleted_at:
        return dict.fromkeys(SECTIONS, "")
    words = AgreementWords.objects.visible_to(reader).filter(agreement__pair=pair).first()
    return texts_of(pair, words)


def goals_of(pair: Pair, agreement: Agreement | None, *, reader: Person) -> list[OneGoal]:
    """Return both goals, the mentor's and the leader's; no word for anybody but the two."""
    rows = GoalWords.objects.visible_to(reader).filter(goal__pair=pair).select_related("goal")
    by_side = {row.goal.side: row for row in open_together(rows)}
    return [
        OneGoal(
            person=person,
            side=side,
            is_mine=person.pk == reader.pk,
            is_set=bool(agreement and agreement.goal_at(side)),
            goal=by_side[side].goal if side in by_side else None,
            words=by_side.get(side),
        )
        for side, person in ((Side.MENTOR, pair.mentor), (Side.MENTEE, pair.mentee))
    ]


def goals_to_look_at(session: Session, *, count: int, reader: Person) -> list[OneGoal]:
    """Return both goals in the session half-way and in the last one, nothing in the others."""
    if session.number == 1 or session.number not in {(count + 1) // 2, count}:
        return []
    agreement = agreement_of(session.pair, reader=reader)
    goals = goals_of(session.pair, agreement, reader=reader)
    return goals if any(each.is_set for each in goals) else []


def steps_of(pair: Pair, agreement: Agreement | None) -> list[dict[str, Any]]:
    """Return what it takes until both have agreed, and what of it is done: process facts alone."""
    both = ((Side.MENTOR, pair.mentor), (Side.MENTEE, pair.mentee))
    steps = [
        {
            "what": _("Goal of %(name)s") % {"name": person.get_short_name()},
            "at": agreement and agreement.goal_at(side),
        }
        for side, person in both
    ]
    return steps + [
        {
            "what": _("Signed by %(name)s") % {"name": person.get_short_name()},
            "at": agreement and agreement.signed_at(side),
        }
        for side, person in both
    ]


_TOLD: dict[str, Any] = {
    AgreementChange.Kind.WRITTEN: gettext_lazy("%(name)s wrote: %(what)s"),
    AgreementChange.Kind.REOPENED: gettext_lazy("%(name)s opened it again: %(what)s"),
    AgreementChange.Kind.SIGNED: gettext_lazy("%(name)s signed"),
    AgreementChange.Kind.AGREED: gettext_lazy("%(name)s signed, so both have"),
}


def history_of(pair: Pair, *, reader: Person) -> list[dict[str, Any]]:
    """Return what happened to the agreement, newest first: dates and names, no word of it."""
    names = {Side.MENTOR: pair.mentor.get_short_name(), Side.MENTEE: pair.mentee.get_short_name()}
    changes = AgreementChange.objects.visible_to(reader).filter(agreement__pair=pair)
    return [
        {
            "at": change.at,
            "what": _TOLD[change.kind]
            % {
                "name": names[change.side],
                "what": change.section
                and section_in_words(pair, change.section, reader=reader, side=change.side),
            },
        }
        for change in changes.order_by("-pk")
    ]


def weeks_in_words(pair: Pair, today: dt.date) -> str:
    """Return in which week of the cohort the pair is, for whoever sets a goal by a week."""
    cohort = pair.cohort
    week = (today - cohort.starts_on).days // 7 + 1
    weeks = {"week": figure(week), "weeks": figure(cohort.length_weeks)}
    if not 1 <= week <= cohort.length_weeks:
        return _("Your cohort has %(weeks)s weeks.") % weeks
    return _("Your cohort has %(weeks)s weeks; this is week %(week)s.") % weeks
