"""Who may do what with a pair and its sessions, and when."""

import datetime as dt

import rules
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from contraflow.core.figures import figure
from contraflow.pairs.models import Commitment, Pair, Session, SessionChange, Story
from contraflow.pairs.times import LONGEST, booked_with
from contraflow.people.rules import is_signed_in
from contraflow.programmes.models import Cohort, Enrolment, Side
from contraflow.programmes.rules import leads_programme, stewards_programme

# how long a slip of "held" or "not held" can be taken back
UNDO_WITHIN = dt.timedelta(days=1)
# a date further away is a slip of the year
BOOK_AHEAD = dt.timedelta(days=366)
MAX_LEARNED = 500
MAX_QUESTION = 500
MAX_TOPIC = 120
MAX_ACTIVITY = 1_000
MAX_COMMITMENT = 200
MAX_STORY = 2_000


@rules.predicate
def is_in_pair(person, thing):
    """Be one of the two people of the pair."""
    if isinstance(thing, Commitment):
        thing = thing.session
    pair = thing if isinstance(thing, Pair) else thing.pair
    return pair.side_of(person) is not None


@rules.predicate
def takes_part_in_cohort(person, cohort):
    """Be enrolled in this cohort, not only invited."""
    mine = Enrolment.objects.filter(cohort=cohort, person=person.pk)
    return mine.filter(state=Enrolment.State.ENROLLED).exists()


rules.add_perm("pairs.view_pair", is_in_pair | leads_programme)
rules.add_perm("pairs.view_session", is_in_pair | leads_programme)
rules.add_perm("pairs.book_session", is_in_pair)
rules.add_perm("pairs.record_session", is_in_pair)
rules.add_perm("pairs.write_learned", is_in_pair)
rules.add_perm("pairs.prepare_session", is_in_pair)
rules.add_perm("pairs.run_session", is_in_pair)
rules.add_perm("pairs.review_commitment", is_in_pair)
rules.add_perm("pairs.tell_story", is_in_pair)
rules.add_perm("pairs.decide_story", is_in_pair)
rules.add_perm("pairs.hear_stories", takes_part_in_cohort | stewards_programme)
rules.add_perm("pairs.end_pair", is_in_pair | leads_programme)
rules.add_perm("pairs.list_pairs", leads_programme)
rules.add_perm("pairs.take_session", is_in_pair)
rules.add_perm("pairs.keep_feed", is_signed_in)


def when_in_words(moment) -> str:
    """Return a moment as people say it, in the time zone of the person who looks."""
    return formats.date_format(timezone.localtime(moment), "D j M Y, H:i")


def why_not_start(cohort, mentor, mentee) -> str | None:
    """Say why these two cannot become a pair of the cohort, or None if they can."""
    if cohort.state not in {Cohort.State.PAIRING, Cohort.State.RUNNING}:
        return _("Pairs start once the cohort is being paired.")
    if mentor.pk == mentee.pk:
        return _("%(name)s cannot be paired with themself.") % {"name": mentor}
    if gone := next((person for person in (mentor, mentee) if not person.is_active), None):
        return _("%(name)s has left the organisation.") % {"name": gone}
    return None


def _why_not_now(session, by) -> str | None:
    """Say what stands against any change of a date: only the two, only while they meet."""
    if not is_in_pair(by, session):
        return _("Only the two people of a pair set its dates.")
    if session.pair.state == Pair.State.ENDED:
        return _("This pair has ended.")
    return None


def why_not_book(session, *, by) -> str | None:
    """Say why this person cannot set a date for the session now, or None if they can."""
    if reason := _why_not_now(session, by):
        return reason
    if session.state == Session.State.BOOKED:
        return _("It is booked for %(when)s already.") % {"when": when_in_words(session.starts_at)}
    if session.state == Session.State.HELD:
        return _("This session took place.")
    return None


def why_not_move(session, *, by, at=None) -> str | None:
    """Say why this person cannot change the date now, or None if they can."""
    if reason := _why_not_now(session, by):
        return reason
    if session.state != Session.State.BOOKED:
        return _("This session has no date at the moment.")
    if session.starts_at <= (at or timezone.now()):
        return _("Its time has come. Say whether it was held.")
    return None


# a date is given up under the same conditions under which it is changed
why_not_cancel = why_not_move


def why_not_time(session, *, starts_at, minutes=None, at=None) -> str | None:
    """Say why the session cannot take place at that time, or None if it can."""
    at = at or timezone.now()
    length = dt.timedelta(minutes=minutes or session.minutes)
    if starts_at <= at:
        return _("This time has passed.")
    if starts_at > at + BOOK_AHEAD:
        return _("This is more than a year away. Is the year right?")
    if not dt.timedelta(minutes=10) <= length <= LONGEST:
        return _("A session takes between 10 minutes and 8 hours.")
    near = booked_with(session, starts_at, starts_at + length)
    if any(each.ends_at > starts_at for each in near):
        # not whose, nor with whom: that is the other pair's matter
        return _("One of you has another session at this time.")
    return None


def why_not_record(session, *, by, at=None) -> str | None:
    """Say why this person cannot tell whether the session was held, or None if they can."""
    if not is_in_pair(by, session):
        return _("Only the two people of a pair say whether they met.")
    if session.state in {Session.State.HELD, Session.State.MISSED}:
        return _("It is recorded as “%(state)s” already. Undo that first.") % {
            "state": session.get_state_display()
        }
    if session.state != Session.State.BOOKED:
        return _("This session has no date at the moment.")
    if session.starts_at > (at or timezone.now()):
        return _("This can be said once the session has begun.")
    return None


def recorded_at(session) -> dt.datetime | None:
    """Return when held or not held was last said, None where it never was."""
    kinds = [SessionChange.Kind.HELD, SessionChange.Kind.MISSED]
    return (
        session.changes.filter(kind__in=kinds)
        .order_by("-at", "-pk")
        .values_list("at", flat=True)
        .first()
    )


def why_not_undo(session, *, by, at=None) -> str | None:
    """Say why held or not held cannot be taken back, or None if it can."""
    if not is_in_pair(by, session):
        return _("Only the two people of a pair say whether they met.")
    if session.state not in {Session.State.HELD, Session.State.MISSED}:
        return _("There is nothing to undo.")
    said_at = recorded_at(session)
    if said_at is None or (at or timezone.now()) - said_at > UNDO_WITHIN:
        return _("This was said more than a day ago and stands.")
    return None


def why_not_write(session, *, by, text="") -> str | None:
    """Say why this person cannot write what they learned, or None if they can."""
    if not is_in_pair(by, session):
        return _("Only the two people of a pair write here.")
    if session.state != Session.State.HELD:
        return _("You can write this once the session was held.")
    if len(text) > MAX_LEARNED:
        return _("One thing, in at most %(count)s characters.") % {"count": figure(MAX_LEARNED)}
    return None


def _why_not_prepare(session, by) -> str | None:
    if not is_in_pair(by, session):
        return _("Only the two people of a pair prepare a session.")
    if session.pair.state == Pair.State.ENDED:
        return _("This pair has ended.")
    if session.state == Session.State.HELD:
        return _("This session took place.")
    return None


def why_not_ask(session, *, by, text="") -> str | None:
    """Say why this person cannot ask something in advance, or None if they can."""
    if reason := _why_not_prepare(session, by):
        return reason
    if session.pair.side_of(by) != Side.MENTEE:
        return _("The leader asks in advance; the mentor answers when you meet.")
    if len(text) > MAX_QUESTION:
        return _("One question, in at most %(count)s characters.") % {"count": figure(MAX_QUESTION)}
    return None


def why_not_choose_topic(session, *, by) -> str | None:
    """Say why this person cannot change what the session is about, or None if they can."""
    return _why_not_prepare(session, by)


def why_not_commit(session, *, by, condition="", action="") -> str | None:
    """Say why this person cannot set themself something to try, or None if they can."""
    if not is_in_pair(by, session):
        return _("Only the two people of a pair write here.")
    if session.state != Session.State.HELD:
        return _("You can write this once the session was held.")
    if bool(condition) != bool(action):
        return _("A plan has two halves: when it begins, and what you do then. Fill in both.")
    if max(len(condition), len(action)) > MAX_COMMITMENT:
        return _("Each half takes at most %(count)s characters.") % {
            "count": figure(MAX_COMMITMENT)
        }
    return None


def why_not_review(commitment, *, by) -> str | None:
    """Say why this person cannot say what became of a commitment, or None if they can."""
    if not is_in_pair(by, commitment):
        return _("Only the two people of a pair look back at this.")
    if commitment.session.pair.side_of(by) != commitment.side:
        return _("Whoever set themself this says what became of it.")
    return None


def why_not_tell(pair, *, by, text="") -> str | None:
    """Say why this person cannot tell a story here, or None if they can."""
    if not is_in_pair(by, pair):
        return _("Only the two people of a pair write here.")
    if pair.state == Pair.State.ENDED:
        return _("This pair has ended.")
    if len(text) > MAX_STORY:
        return _("A story takes at most %(count)s characters.") % {"count": figure(MAX_STORY)}
    return None


def why_not_agree(story, *, by) -> str | None:
    """Say why this person cannot agree that the cohort hears the story, or None if they can."""
    if not is_in_pair(by, story):
        return _("Only the two people of a pair decide about their stories.")
    if story.pair.side_of(by) == story.side:
        return _("Your partner has to agree too.")
    if story.shared_as == Story.SharedAs.OURS:
        return _("This story is for the two of you.")
    return None


def why_not_forget(story, *, by) -> str | None:
    """Say why this person cannot take the story away, or None if they can."""
    if not is_in_pair(by, story) or story.pair.side_of(by) != story.side:
        return _("Only who told a story can take it away.")
    return None


def why_not_resume(pair) -> str | None:
    """Say why the end of a pair cannot be taken back, or None if it can."""
    if pair.state != Pair.State.ENDED:
        return _("This pair has not ended.")
    both = {"mentor": pair.mentor_id, "mentee": pair.mentee_id, "cohort": pair.cohort_id}
    if Pair.objects.filter(**both).exclude(state=Pair.State.ENDED).exists():
        names = {"mentor": pair.mentor, "mentee": pair.mentee}
        return _("%(mentor)s and %(mentee)s are a pair already.") % names
    return None


def why_not_end(pair, *, by) -> str | None:
    """Say why the pair cannot be ended, or None if it can; `by` is None for the system."""
    if by is not None and not (is_in_pair(by, pair) or leads_programme(by, pair)):
        return _("Only the two people and the programme lead can end a pair.")
    if pair.state == Pair.State.ENDED:
        return _("This pair has ended.")
    return None
