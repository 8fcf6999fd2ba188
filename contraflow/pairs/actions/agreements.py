"""What the two do with their agreement: write it together, each sign what they read, look back.

The pair's row is the lock, as for everything in it, so of two who act at the same moment the
second one sees what the first did.
"""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from contraflow.core.errors import refuse_if
from contraflow.core.events import announce
from contraflow.pairs import agreements, events, mails
from contraflow.pairs.actions.pairs import lock_pair
from contraflow.pairs.models import (
    Agreement,
    AgreementChange,
    AgreementWords,
    Goal,
    GoalWords,
    Pair,
)
from contraflow.pairs.rules import is_in_pair
from contraflow.people.models import Person

Kind = AgreementChange.Kind


def _standing(pair: Pair) -> Agreement | None:
    """Take the pair's lock, and return the agreement as it stands now."""
    lock_pair(pair)
    agreement = Agreement.objects.filter(pair=pair).first()
    if agreement:
        agreement.pair = pair
    return agreement


@transaction.atomic
def write_section(
    pair: Pair, *, by: Person, section: str, text: str, seen: int, reopens: bool = False,
    at: dt.datetime | None = None,
) -> None:  # fmt: skip
    """Keep the text of a section; saving what stands there changes nothing.

    `seen` is the version the writer had before them. `reopens` says that they know that a change
    takes signatures back.
    """
    text = text.strip()
    agreement = _standing(pair)
    words = AgreementWords.objects.filter(agreement__pair=pair).first()
    if is_in_pair(by, pair) and agreements.texts_of(pair, words)[section] == text:
        return
    refuse_if(
        agreements.why_not_write_section(
            pair, agreement, by=by, section=section, text=text, seen=seen, reopens=reopens
        )
    )
    agreement, words = _begun(pair, agreement, words)
    words.texts = words.texts | {section: text}
    words.save(update_fields=["texts"])
    _note_change(agreement, by=by, section=section, at=at or timezone.now())


def _begun(
    pair: Pair, agreement: Agreement | None, words: AgreementWords | None
) -> tuple[Agreement, AgreementWords]:
    """Return the agreement and its words, made with the texts that ship if nobody wrote yet."""
    if agreement is None:
        agreement = Agreement.objects.create(pair=pair, version=0)
    if words is None:
        start = agreements.texts_to_start_with(pair)
        words = AgreementWords.objects.create(agreement=agreement, texts=start)
    return agreement, words


def _note_change(agreement: Agreement, *, by: Person, section: str, at: dt.datetime) -> None:
    """Count a new version, which nobody has signed; tell the other of the two."""
    pair, was_signed, lost = agreement.pair, agreement.is_signed, bool(agreement.signed_by)
    side = pair.side_of(by)
    agreement.version += 1
    agreement.signed_by_mentor_at = agreement.signed_by_mentee_at = None
    agreement.save()
    last = agreement.changes.order_by("pk").last()
    if not lost and last and (last.kind, last.side, last.section) == (Kind.WRITTEN, side, section):
        # somebody goes on writing in the same place, saved as they go: that is one change
        last.version, last.at = agreement.version, at
        last.save(update_fields=["version", "at"])
    else:
        agreement.changes.create(
            kind=Kind.REOPENED if was_signed else Kind.WRITTEN, side=side, section=section,
            version=agreement.version, at=at,
        )  # fmt: skip
    event = events.AgreementReopened if was_signed else events.AgreementWritten
    announce(event(pair_id=pair.pk), by=by)
    mails.tell_of_change(agreement, by=by, takes_signature=lost)


@transaction.atomic
def set_goal(
    pair: Pair, *, by: Person, week: int | None, will: str, seen_by: str, because: str,
    reopens: bool = False, at: dt.datetime | None = None,
) -> None:  # fmt: skip
    """Keep one's own goal, saved as it grows; it counts as set once it is whole, and stays set."""
    at = at or timezone.now()
    parts = [will.strip(), seen_by.strip(), because.strip()]
    agreement = _standing(pair)
    side = pair.side_of(by)
    words = GoalWords.objects.filter(goal__pair=pair, goal__side=side)
    before = words.select_related("goal__pair").first()
    standing = [before.goal.week, *_parts_of(before)] if before else [None, "", "", ""]
    if side and standing == [week, *parts]:
        return
    refuse_if(
        agreements.why_not_set_goal(pair, agreement, by=by, week=week, parts=parts, reopens=reopens)
    )
    words = AgreementWords.objects.filter(agreement__pair=pair).first()
    agreement, _words = _begun(pair, agreement, words)
    goal = before.goal if before else Goal(pair=pair, side=side, made_at=at)
    goal.week, goal.reviewed_at = week, None
    goal.save()
    # another goal has not been looked back at
    kept = dict(zip(agreements.GOAL_PARTS, (part or None for part in parts), strict=True))
    GoalWords(goal=goal, outcome=None, **kept).save(force_insert=before is None)
    is_first = bool(week and all(parts)) and agreement.goal_at(side) is None
    if is_first:
        setattr(agreement, f"goal_of_{side}_at", at)
    _note_change(agreement, by=by, section=AgreementChange.GOAL, at=at)
    if is_first:
        announce(events.GoalSet(pair_id=pair.pk), by=by)


def _parts_of(words: GoalWords) -> list[str]:
    return [getattr(words, name) or "" for name in agreements.GOAL_PARTS]


@transaction.atomic
def sign_agreement(
    pair: Pair, *, by: Person, version: int, pledges: bool = False, at: dt.datetime | None = None
) -> None:
    """Sign what stands there, read as of `version`, the leader with their pledge; twice is once.

    With the second signature the pair is active.
    """
    at = at or timezone.now()
    agreement = _standing(pair)
    side = pair.side_of(by)
    if agreement and side and agreement.signed_at(side):
        return
    refuse_if(agreements.why_not_sign(pair, agreement, by=by, version=version, pledges=pledges))
    setattr(agreement, f"signed_by_{side}_at", at)
    agreement.save()
    agreement.changes.create(
        kind=Kind.AGREED if agreement.is_signed else Kind.SIGNED, side=side,
        version=agreement.version, at=at,
    )  # fmt: skip
    announce(events.AgreementSigned(pair_id=pair.pk), by=by)
    if agreement.is_signed and pair.active_since is None:
        pair.active_since = at
        pair.save(update_fields=["active_since"])
        announce(events.PairActivated(pair_id=pair.pk, cohort_id=pair.cohort_id), by=by)
    mails.tell_of_signature(agreement, by=by)


@transaction.atomic
def review_goal(goal: Goal, *, by: Person, outcome: str, at: dt.datetime | None = None) -> None:
    """Say how one's own goal stands, as often as one likes; the last answer stands."""
    lock_pair(goal.pair)
    refuse_if(agreements.why_not_review_goal(goal, by=by))
    words = GoalWords.objects.select_related("goal__pair").get(goal=goal)
    words.outcome = GoalWords.Outcome(outcome).value
    words.save(update_fields=["outcome"])
    goal.reviewed_at = at or timezone.now()
    goal.save(update_fields=["reviewed_at"])
    announce(events.GoalReviewed(pair_id=goal.pair_id), by=by)
