"""Who may do what with a pair and its sessions, and when."""

import datetime as dt

import rules
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contraflow.core.figures import figure
from contraflow.pairs.keeping import why_words_are_gone
from contraflow.pairs.models import (
    Assistant,
    Commitment,
    Pair,
    Session,
    SessionAnswer,
    SessionChange,
    Story,
)
from contraflow.pairs.rests import agreed_rests_of, holidays_of, lies_in_rest
from contraflow.pairs.times import LONGEST, booked_with
from contraflow.people.holidays import NOWHERE, is_place
from contraflow.people.models import Person
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
MAX_ASSISTANTS = 3
# how often a calendar is read when somebody presses for it
READ_AGAIN_AFTER = dt.timedelta(minutes=1)
# what kept a calendar from being read, and what its owner can do about it
CALENDAR_PROBLEMS = {
    "address": gettext_lazy(
        "This is not an address we can read. Copy the one that begins with https:// and, mostly, "
        "ends in .ics."
    ),
    "private": gettext_lazy(
        "This address leads into a private network, where we do not look. Use the address for "
        "sharing outside, or ask who runs this server to allow yours."
    ),
    "unreachable": gettext_lazy(
        "Nobody answered there. Open the address in a browser to see whether it is right."
    ),
    "refused": gettext_lazy(
        "The calendar is not open to us: the address is wrong, too old, or asks for a password. "
        "Make a new secret address in your calendar."
    ),
    "certificate": gettext_lazy(
        "The server there does not prove who it is. Ask who runs it to renew its certificate."
    ),
    "too_many_redirects": gettext_lazy(
        "The address leads from one place to the next. Use the one it ends at."
    ),
    "too_large": gettext_lazy(
        "The calendar is larger than 5 MB. Share one with fewer past years, or one with free and "
        "busy alone."
    ),
    "too_slow": gettext_lazy("The answer took too long. We try again within the hour."),
    "too_much": gettext_lazy(
        "The calendar holds more than we can go through. Share one with free and busy alone."
    ),
    "not_a_calendar": gettext_lazy(
        "What lies there is no calendar but perhaps a web page. Copy the address of the calendar "
        "in iCal format."
    ),
}
# a longer rest of a pair is its end, and a longer absence is said anew
LONGEST_PAUSE = dt.timedelta(weeks=26)
LONGEST_ABSENCE = dt.timedelta(days=731)


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


def acts_for(person, session) -> Person | None:
    """Return for whom of the two a person sets dates: themself, or whose diary they keep."""
    if is_in_pair(person, session):
        return person
    both = [
        each
        for each in (session.pair.mentee, session.pair.mentor)
        if not session.pair.has_left(each)
    ]
    rows = Assistant.objects.kept_by(person).filter(person__in=both)
    kept = set(rows.values_list("person", flat=True))
    return next((each for each in both if each.pk in kept), None)


@rules.predicate
def keeps_diary(person, session):
    """Keep the diary of one of the two."""
    return acts_for(person, session) not in {None, person}


rules.add_perm("pairs.view_pair", is_in_pair | leads_programme)
rules.add_perm("pairs.view_session", is_in_pair | leads_programme)
rules.add_perm("pairs.book_session", is_in_pair)
rules.add_perm("pairs.record_session", is_in_pair)
rules.add_perm("pairs.write_learned", is_in_pair)
rules.add_perm("pairs.prepare_session", is_in_pair)
rules.add_perm("pairs.run_session", is_in_pair)
rules.add_perm("pairs.review_commitment", is_in_pair)
rules.add_perm("pairs.write_agreement", is_in_pair)
rules.add_perm("pairs.review_goal", is_in_pair)
rules.add_perm("pairs.tell_story", is_in_pair)
rules.add_perm("pairs.decide_story", is_in_pair)
rules.add_perm("pairs.hear_stories", takes_part_in_cohort | stewards_programme)
rules.add_perm("pairs.end_pair", is_in_pair | leads_programme)
rules.add_perm("pairs.close_pair", is_in_pair)
rules.add_perm("pairs.seek_partner", is_in_pair)
rules.add_perm("pairs.take_copy", is_in_pair)
rules.add_perm("pairs.list_pairs", leads_programme)
rules.add_perm("pairs.take_session", is_in_pair)
rules.add_perm("pairs.keep_feed", is_signed_in)
rules.add_perm("pairs.name_assistant", is_signed_in)
rules.add_perm("pairs.keep_diaries", is_signed_in)
rules.add_perm("pairs.keep_diary", keeps_diary)
rules.add_perm("pairs.connect_calendar", is_signed_in)
rules.add_perm("pairs.state_absence", is_signed_in)
rules.add_perm("pairs.pause_pair", is_in_pair)
rules.add_perm("pairs.book_series", is_in_pair)
rules.add_perm("pairs.close_cohort_for_days", leads_programme)
rules.add_perm("pairs.open_gate", leads_programme)


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
    one = acts_for(by, session)
    if one is None:
        return _("Only the two people of a pair, or who keeps their diary, set its dates.")
    return _why_not_meet(session.pair, one)


def _why_not_meet(pair, person) -> str | None:
    """Say why the pair does not meet, as far as this person knows, or None if it does."""
    if pair.is_over_for(person):
        return _("This pair has ended.")
    if pair.is_on_hold:
        return _("This pair rests at present. Nothing is due meanwhile.")
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


def why_not_time(session, *, starts_at, by=None, minutes=None, at=None) -> str | None:
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
    if lies_in_rest(session.pair, starts_at, starts_at + length, agreed_rests_of(session.pair)):
        return _("The two of you rest then. Choose a day after it.")
    return _why_not_on_holiday(session.pair, by, starts_at, starts_at + length)


def _why_not_on_holiday(pair, by, starts_at, ends_at) -> str | None:
    """Name a public holiday to whom it is of; where the other one lives, it does not tell."""
    for person in sorted((pair.mentor, pair.mentee), key=lambda each: each != by):
        for day, name in holidays_of(person, starts_at, ends_at):
            if person != by:
                return _("One of you is not free then. Choose another day.")
            return _("%(day)s is a public holiday of yours: %(name)s. Choose another day.") % {
                "day": formats.date_format(day, "D j M"),
                "name": name,
            }
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
    if reason := why_words_are_gone(session.pair):
        return reason
    if session.state != Session.State.HELD:
        return _("You can write this once the session was held.")
    if len(text) > MAX_LEARNED:
        return _("One thing, in at most %(count)s characters.") % {"count": figure(MAX_LEARNED)}
    return None


def _why_not_prepare(session, by) -> str | None:
    if not is_in_pair(by, session):
        return _("Only the two people of a pair prepare a session.")
    if session.pair.is_over_for(by):
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
    if reason := why_words_are_gone(session.pair):
        return reason
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
    return why_words_are_gone(commitment.session.pair)


def why_not_tell(pair, *, by, text="") -> str | None:
    """Say why this person cannot tell a story here, or None if they can."""
    if not is_in_pair(by, pair):
        return _("Only the two people of a pair write here.")
    if pair.is_over_for(by):
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
    return why_words_are_gone(story.pair)


def why_not_forget(story, *, by) -> str | None:
    """Say why this person cannot take the story away, or None if they can."""
    if not is_in_pair(by, story) or story.pair.side_of(by) != story.side:
        return _("Only who told a story can take it away.")
    return None


def why_not_resume(pair) -> str | None:
    """Say why the end of a pair cannot be taken back, or None if it can."""
    if pair.state != Pair.State.ENDED:
        return _("This pair has not ended.")
    if pair.words_deleted_at:
        return _("Their words are deleted. The two begin anew, as another pair.")
    both = {"mentor": pair.mentor_id, "mentee": pair.mentee_id, "cohort": pair.cohort_id}
    if Pair.objects.filter(**both).exclude(state=Pair.State.ENDED).exists():
        names = {"mentor": pair.mentor, "mentee": pair.mentee}
        return _("%(mentor)s and %(mentee)s are a pair already.") % names
    return None


def why_not_end(pair, *, by) -> str | None:
    """Say why the pair cannot be ended, or None if it can; `by` is None for the system."""
    if by is not None and not (is_in_pair(by, pair) or leads_programme(by, pair)):
        return _("Only the two people and the programme lead can end a pair.")
    if pair.state == Pair.State.ENDED or (by is not None and pair.has_left(by)):
        return _("This pair has ended.")
    return None


def why_not_stay(pair, *, by) -> str | None:
    """Say why this person cannot take back that they end the pair, or None if they can."""
    if pair.state == Pair.State.ENDED:
        return _("This pair has ended, and both were told.")
    if not is_in_pair(by, pair):
        return None if leads_programme(by, pair) else _("Only who ends a pair takes that back.")
    mine = Enrolment.objects.filter(cohort=pair.cohort_id, person=by.pk)
    if mine.filter(state=Enrolment.State.WITHDRAWN).exists():
        return _("You take part no longer. Ask the programme lead for a place.")
    return None


def why_not_seek(pair, *, by) -> str | None:
    """Say why this person cannot look for another partner after the pair, or None if they can."""
    if not is_in_pair(by, pair):
        return _("Only the two people of a pair say what comes after it.")
    if not pair.afterwards.exists():
        return _("This can be said once the pair has ended.")
    mine = Enrolment.objects.filter(cohort=pair.cohort_id, person=by.pk)
    if not mine.filter(state__in=Enrolment.PRESENT).exists():
        return _("You take part no longer. Ask the programme lead for a place.")
    if Pair.objects.living().of(by).filter(cohort=pair.cohort_id).exists():
        return _("You have a partner again.")
    return None


# -- rests ----------------------------------------------------------------------------------------


def why_not_be_away(*, starts_on, ends_on, today) -> str | None:
    """Say why these cannot be days on which somebody is away, or None if they can."""
    if ends_on < starts_on:
        return _("The last day lies before the first.")
    if ends_on < today:
        return _("These days have passed.")
    if starts_on > today + LONGEST_ABSENCE or ends_on - starts_on > LONGEST_ABSENCE:
        return _("This is more than two years. Is the year right?")
    return None


def why_not_keep_holidays(place) -> str | None:
    """Say why the public holidays of a place cannot be somebody's, or None if they can."""
    if place != NOWHERE and not is_place(place):
        return _("Choose a country from the list.")
    return None


def why_not_pause(pair, *, by, until, today) -> str | None:
    """Say why the pair cannot rest until that day, or None if it can."""
    if reason := why_not_go_on(pair, by=by):
        return reason
    if until < today:
        return _("This day has passed.")
    if until > today + LONGEST_PAUSE:
        return _("A pause lasts half a year at most. You can pause again then.")
    return None


def why_not_go_on(pair, *, by) -> str | None:
    """Say why this person cannot let the pair rest or go on, or None if they can."""
    if not is_in_pair(by, pair):
        return _("Only the two people of a pair pause it.")
    return _why_not_meet(pair, by)


# -- assistants -----------------------------------------------------------------------------------


def why_not_name_assistant(person, assistant) -> str | None:
    """Say why somebody cannot keep this person's diary, or None if they can."""
    names = {"name": assistant.name}
    if not assistant.is_active:
        return _("%(name)s has left the organisation.") % names
    if assistant.pk == person.pk:
        return _("You keep your own diary already.")
    if Pair.objects.of(person).living().of(assistant).exists():
        return _("%(name)s is your partner and sets your dates with you anyway.") % names
    if person.assistants.filter(assistant=assistant).exists():
        return _("%(name)s keeps your diary already.") % names
    if person.assistants.count() >= MAX_ASSISTANTS:
        return _("Three people keep your diary already. Take one back first.")
    return None


# -- answers of calendars -------------------------------------------------------------------------


def why_not_answer(session, answer, *, by, sequence, at) -> str | None:
    """Say why an answer to an invitation cannot be taken, or None if it can."""
    if answer not in SessionAnswer.Answer.values:
        return _("It neither accepts nor declines.")
    if sequence > session.sequence:
        return _("It answers an invitation that was never sent.")
    if session.pair.is_over_for(by):
        return _("This pair has ended.")
    if session.state != Session.State.BOOKED or session.starts_at <= at:
        return _("This session has no date to come.")
    return None
