"""What the two do around a session: ask ahead, choose the topic, keep what stays, look back."""

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contraflow.core.errors import Refusal, refuse_if
from contraflow.core.events import announce
from contraflow.pairs import events, rules
from contraflow.pairs.actions import lock_session, write_learned
from contraflow.pairs.models import Commitment, CommitmentWords, Session, SessionWords
from contraflow.people.models import Person
from contraflow.programmes.models import PlannedSession


@transaction.atomic
def ask_ahead(session: Session, *, by: Person, text: str) -> None:
    """Tell the mentor in advance what the leader would like to ask; no text takes it back."""
    text = text.strip()
    lock_session(session)
    refuse_if(rules.why_not_ask(session, by=by, text=text))
    _write(session, question=text or None)
    announce(events.QuestionAsked(session_id=session.pk, pair_id=session.pair_id), by=by)


@transaction.atomic
def choose_planned_topic(session: Session, *, by: Person, planned: PlannedSession) -> None:
    """Talk about this topic of the cohort's plan.

    Where an open session of the pair has it, the two sessions swap their topics, so that none of
    the plan is lost; what a held session was about stays.
    """
    lock_session(session)
    refuse_if(rules.why_not_choose_topic(session, by=by))
    if planned.cohort_id != session.pair.cohort_id:
        raise Refusal(_("This topic is not in the plan of your cohort."))
    open_ones = session.pair.sessions.exclude(pk=session.pk).exclude(state=Session.State.HELD)
    if other := open_ones.filter(planned=planned).first():
        other.planned = session.planned
        other.save(update_fields=["planned"])
    session.planned, session.has_own_topic = planned, False
    session.save(update_fields=["planned", "has_own_topic"])
    _write(session, own_topic=None, own_activity=None)
    announce(events.TopicChosen(session_id=session.pk, pair_id=session.pair_id), by=by)


@transaction.atomic
def choose_own_topic(session: Session, *, by: Person, topic: str, activity: str = "") -> None:
    """Talk about something of the two's own; the words are theirs, that it is so is a fact."""
    topic, activity = topic.strip(), activity.strip()
    lock_session(session)
    refuse_if(rules.why_not_choose_topic(session, by=by))
    if not topic:
        raise Refusal(_("Write what you want to talk about."))
    if len(topic) > rules.MAX_TOPIC or len(activity) > rules.MAX_ACTIVITY:
        raise Refusal(_("This is too long for a topic."))
    session.has_own_topic = True
    session.save(update_fields=["has_own_topic"])
    _write(session, own_topic=topic, own_activity=activity or None)
    announce(events.TopicChosen(session_id=session.pk, pair_id=session.pair_id), by=by)


def _write(session: Session, **fields: str | None) -> None:
    words, _made = SessionWords.objects.get_or_create(session=session)
    for name, value in fields.items():
        setattr(words, name, value)
    # these alone: the other of the two may be writing another field
    words.save(update_fields=list(fields))


@transaction.atomic
def keep_after(
    session: Session, *, by: Person, text: str, condition: str = "", action: str = ""
) -> None:
    """Keep what stays with a person after a session: one thing learned, one thing to try."""
    write_learned(session, by=by, text=text)
    commit(session, by=by, condition=condition, action=action)


@transaction.atomic
def commit(session: Session, *, by: Person, condition: str, action: str) -> Commitment | None:
    """Set oneself one thing to try, as an if-then plan (Gollwitzer and Sheeran 2006).

    Both halves empty takes it away; what is written again is looked back at again.
    """
    condition, action = condition.strip(), action.strip()
    lock_session(session)
    refuse_if(rules.why_not_commit(session, by=by, condition=condition, action=action))
    mine = Commitment.objects.filter(session=session, side=session.pair.side_of(by))
    before = mine.select_related("words", "session").first()
    if before and [before.words.condition, before.words.action] == [condition, action]:
        return before
    mine.delete()
    made = None
    if condition:
        made = Commitment.objects.create(session=session, side=session.pair.side_of(by))
        CommitmentWords.objects.create(commitment=made, condition=condition, action=action)
    if made or before:
        announce(events.CommitmentMade(session_id=session.pk, pair_id=session.pair_id), by=by)
    return made


@transaction.atomic
def review_commitment(
    commitment: Commitment, *, by: Person, outcome: str, at: dt.datetime | None = None
) -> None:
    """Say what became of it, without blame; another answer replaces the first."""
    session = commitment.session
    lock_session(session)
    commitment.refresh_from_db()
    commitment.session = session
    refuse_if(rules.why_not_review(commitment, by=by))
    words = commitment.words
    if words.outcome == outcome:
        return
    words.outcome = CommitmentWords.Outcome(outcome).value
    words.save(update_fields=["outcome"])
    if commitment.reviewed_at is None:
        commitment.reviewed_at = at or timezone.now()
        commitment.save(update_fields=["reviewed_at"])
    announce(events.CommitmentReviewed(session_id=session.pk, pair_id=session.pair_id), by=by)
