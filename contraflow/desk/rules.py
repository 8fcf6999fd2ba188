"""Who works at the desk of a programme, and what can be done for a pair when."""

import datetime as dt

import rules
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contraflow.content.schema import load_defaults
from contraflow.core.figures import figure
from contraflow.desk.launch import KEYS
from contraflow.desk.models import Message, Speech, SponsorReminder, Step
from contraflow.pairs.models import Pair
from contraflow.pairs.rules import is_in_pair
from contraflow.people.models import Person, Role
from contraflow.programmes.models import Cohort, Programme, Steward
from contraflow.programmes.rules import (
    leads_programme,
    sponsors_programme,
    why_not_add_steward,
)

# a mail to a pair can be taken back so long
UNDO_WITHIN = dt.timedelta(minutes=2)
# nobody writes to the same pair again sooner without being told
QUIET = dt.timedelta(days=5)
ASIDE_AT_MOST = dt.timedelta(days=183)
MIN_REASON, MAX_REASON = 10, 500
MAX_SUBJECT, MAX_TEXT, MAX_NOTE = 150, 4000, 500
# what a sponsor says of their own learning stands on a page that people read in passing
MAX_LEARNING, MAX_PERSONAL = 600, 1500


@rules.predicate
def took_step(person, step):
    """Have taken the step oneself."""
    return step.by_id == person.pk


@rules.predicate
def gave_speech(person, speech):
    """Have written the words oneself."""
    return speech.by_id == person.pk


tends = leads_programme & ~is_in_pair

rules.add_perm("desk.view_desk", leads_programme)
rules.add_perm("desk.tend_pair", tends)
rules.add_perm("desk.write_message", leads_programme)
rules.add_perm("desk.launch_cohort", leads_programme)
rules.add_perm("desk.hand_over_programme", leads_programme)
rules.add_perm("desk.undo_step", leads_programme & took_step)
rules.add_perm("desk.remind_sponsor", leads_programme)
rules.add_perm("desk.view_part", sponsors_programme)
rules.add_perm("desk.learn_in_public", sponsors_programme)
rules.add_perm("desk.give_speech", sponsors_programme)
rules.add_perm("desk.undo_speech", sponsors_programme & gave_speech)
rules.add_perm("desk.write_personal_word", sponsors_programme)


def other_leads(pair: Pair, person):
    """Return the leads of the pair's programme who could look after it instead of this person."""
    stewards = Steward.objects.filter(programme=pair.cohort.programme_id, kind=Steward.Kind.LEAD)
    stewards = stewards.filter(person__left_on=None).select_related("person").order_by("pk")
    involved = {person.pk, pair.mentor_id, pair.mentee_id}
    return [each.person for each in stewards if each.person_id not in involved]


def _why_not_now(pair: Pair, by) -> str | None:
    if not tends(by, pair):
        return _("Another lead looks after a pair that you are in yourself.")
    if pair.state == Pair.State.ENDED:
        return _("This pair has ended.")
    return None


def last_mail(pair: Pair, *, at=None) -> Step | None:
    """Return the last mail of a lead to the pair within the quiet days, None without one."""
    since = (at or timezone.now()) - QUIET
    mails = pair.steps.filter(kind__in=Step.MAILS, undone_at=None, at__gt=since)
    return mails.select_related("by").first()


def told_already(step: Step, *, at=None) -> str:
    """Say who wrote to the pair how long ago."""
    days = ((at or timezone.now()) - step.at).days
    name = step.by or _("Somebody who has left")
    if days < 1:
        return _("%(name)s wrote to both within the last day.") % {"name": name}
    words = ngettext(
        "%(name)s wrote to both %(days)s day ago.", "%(name)s wrote to both %(days)s days ago.",
        days,
    )  # fmt: skip
    return words % {"name": name, "days": figure(days)}


def why_not_write(pair: Pair, kind: str, *, by, again: bool = False, at=None) -> str | None:
    """Say why a lead cannot write to both now, or None if they can."""
    if reason := _why_not_now(pair, by):
        return reason
    if kind not in Step.MAILS:
        return _("There is no such mail.")
    if not again and (earlier := last_mail(pair, at=at)):
        told = told_already(earlier, at=at)
        return _("%(told)s Tick the box to write again all the same.") % {"told": told}
    return None


def why_not_undo(step: Step, *, by, at=None) -> str | None:
    """Say why a mail cannot be taken back, or None if it can."""
    if step.by_id != by.pk:
        return _("Only who wrote a mail takes it back.")
    if step.undone_at:
        return _("This was taken back already.")
    if step.kind not in Step.MAILS or step.leaves_at is None:
        return _("There is nothing to take back.")
    if step.leaves_at <= (at or timezone.now()):
        return _("Two minutes have passed, and the mail is on its way.")
    return None


def why_not_put_aside(pair: Pair, *, by, until: dt.date, at=None) -> str | None:
    """Say why a pair cannot be put aside until that day, or None if it can."""
    today = timezone.localdate(at)
    if reason := _why_not_now(pair, by):
        return reason
    if until <= today:
        return _("Choose a day after today.")
    if until > today + ASIDE_AT_MOST:
        return _("This is more than half a year away. Is the year right?")
    return None


def why_not_hand_over(pair: Pair, *, by, to) -> str | None:
    """Say why another person cannot look after the pair, or None if they can."""
    if reason := _why_not_now(pair, by):
        return reason
    if to.pk not in {lead.pk for lead in other_leads(pair, by)}:
        return _("%(name)s does not lead this programme, or is in the pair.") % {"name": to}
    return None


def why_not_talk(pair: Pair, *, by) -> str | None:
    """Say why no talk with the pair can be noted, or None if it can."""
    return _why_not_now(pair, by)


def why_not_reuse() -> str:
    """Say that a form belongs to another page."""
    return _("This form was made for another page. Open this one again.")


# -- messages -------------------------------------------------------------------------------------


def why_not_send(cohort: Cohort, to: str, *, count: int) -> str | None:
    """Say why nothing can be sent to these people of a cohort, or None if it can."""
    if to not in Message.To.values:
        return _("Choose who gets the message.")
    if cohort.state == Cohort.State.CLOSED:
        return _("This cohort is closed.")
    if not count:
        return _("Nobody fits at the moment, so there is nobody to write to.")
    return None


# -- launch and hand-over -------------------------------------------------------------------------


def why_not_tick(cohort: Cohort, line: str) -> str | None:
    """Say why a line of the checklist cannot be changed, or None if it can."""
    if line not in KEYS:
        return _("There is no such line.")
    if cohort.state in {Cohort.State.RUNNING, Cohort.State.CLOSED}:
        return _("This cohort has been launched, so its checklist stays as it was.")
    return None


def why_not_override(cohort: Cohort, *, reason: str) -> str | None:
    """Say why the checklist cannot be passed over, or None if it can."""
    if cohort.state in {Cohort.State.RUNNING, Cohort.State.CLOSED}:
        return _("This cohort has been launched, so its checklist stays as it was.")
    if len(reason.strip()) < MIN_REASON:
        return _("Say why in a sentence; it stays with the cohort for everybody who runs it.")
    return None


def why_not_hand_programme_over(programme: Programme, *, by, to) -> str | None:
    """Say why another person cannot take a programme over, or None if they can."""
    if to.pk == by.pk:
        return _("Choose somebody else.")
    if programme.stewards.filter(person=to, kind=Steward.Kind.LEAD).exists():
        return None
    return why_not_add_steward(programme, to, Steward.Kind.LEAD)


def possible_leads(programme: Programme, *, by):
    """Return who could take a programme over: leads of the organisation, but its own contacts."""
    contacts = programme.stewards.filter(kind=Steward.Kind.TRUSTED_CONTACT).values("person")
    leads = Person.objects.active().filter(roles__kind=Role.Kind.LEAD)
    return leads.exclude(pk=by.pk).exclude(pk__in=contacts).order_by("name", "pk").distinct()


# -- the sponsor's part ---------------------------------------------------------------------------


def _why_not_sponsor(programme: Programme, by) -> str | None:
    if not sponsors_programme(by, programme):
        return _("Only a sponsor of the programme does this.")
    return None


def why_not_learn_in_public(programme: Programme, *, by, wants: str) -> str | None:
    """Say why nobody can read what a sponsor wants to learn, or None if they can."""
    if not wants.strip():
        return _("Say what you want to learn; a sentence is enough.")
    return _why_not_sponsor(programme, by)


def opening_ends_on(cohort: Cohort) -> dt.date:
    """Return from when on it is too late to open a cohort: it has long begun, or soon ends."""
    weeks = load_defaults().sponsor.opening_words_weeks_after_start
    return min(cohort.starts_on + dt.timedelta(weeks=weeks), closing_days(cohort)[0])


def closing_days(cohort: Cohort) -> tuple[dt.date, dt.date]:
    """Return the first and the last day on which a cohort can be closed with a few words."""
    days = load_defaults().sponsor
    half = cohort.starts_on + dt.timedelta(weeks=cohort.length_weeks) / 2
    return (
        max(half, cohort.ends_on - dt.timedelta(days=days.closing_words_days_before_end)),
        cohort.ends_on + dt.timedelta(days=days.closing_words_days_after_end),
    )


def why_not_speak(cohort: Cohort, kind: str, *, by, on: dt.date | None = None) -> str | None:
    """Say why a sponsor cannot open or close a cohort with a few words, or None if they can."""
    if reason := _why_not_sponsor(cohort.programme, by):
        return reason
    said = Speech.objects.said().filter(cohort=cohort, kind=kind).select_related("by").first()
    if said:
        name = said.by or _("Somebody who has left")
        return _("%(name)s has said these words already.") % {"name": name}
    return why_not_yet(cohort, kind, on=on or timezone.localdate())


def why_not_yet(cohort: Cohort, kind: str, *, on: dt.date) -> str | None:
    """Say why it is not the time to open or close a cohort, whoever may have done it."""
    if kind == Speech.Kind.OPENING:
        return _why_not_open(cohort, on)
    if kind == Speech.Kind.CLOSING:
        return _why_not_close(cohort, on)
    return _("There are no such words.")


def _why_not_open(cohort: Cohort, on: dt.date) -> str | None:
    if cohort.state == Cohort.State.CLOSED:
        return _("This cohort is closed.")
    if cohort.state != Cohort.State.RUNNING:
        return _("Once the pairs are published.")
    if on >= closing_days(cohort)[0]:
        return _("This cohort comes to its end: it can be closed with a few words.")
    return None


def _why_not_close(cohort: Cohort, on: dt.date) -> str | None:
    is_over = cohort.state == Cohort.State.CLOSED
    if not (is_over and cohort.pairs.exists()) and cohort.state != Cohort.State.RUNNING:
        return _("Once the pairs are published.")
    first, last = closing_days(cohort)
    if on < first and not is_over:
        return _("From %(day)s on.") % {"day": date_format(first, "j F Y")}
    if on > last:
        return _("This cohort ended on %(day)s.") % {"day": date_format(cohort.ends_on, "j F Y")}
    return None


def why_not_undo_speech(speech: Speech, *, by, at=None) -> str | None:
    """Say why words to a cohort cannot be taken back, or None if they can."""
    if speech.by_id != by.pk:
        return _("Only who wrote the words takes them back.")
    if speech.leaves_at <= (at or timezone.now()):
        return _("Two minutes have passed, and the words are on their way.")
    return None


def why_not_write_personal_word(programme: Programme, *, by, text: str) -> str | None:
    """Say why a personal word cannot stand ready, or None if it can."""
    if not text.strip():
        return _("Write a word first.")
    return _why_not_sponsor(programme, by)


def sponsors_to_remind(programme: Programme, *, by) -> list[Person]:
    """Return the sponsors of a programme but oneself."""
    sponsors = Person.objects.active().filter(
        stewardships__programme=programme, stewardships__kind=Steward.Kind.SPONSOR
    )
    return list(sponsors.exclude(pk=by.pk).order_by("name", "pk"))


def why_not_remind(programme: Programme, *, by, at=None) -> str | None:
    """Say why a lead cannot remind the sponsors now, or None if they can."""
    if not sponsors_to_remind(programme, by=by):
        return _("Nobody else is a sponsor of this programme.")
    since = (at or timezone.now()) - QUIET
    earlier = SponsorReminder.objects.filter(programme=programme, at__gt=since)
    if last := earlier.select_related("by").first():
        return _("%(name)s reminded them on %(day)s. Wait until %(until)s.") % {
            "name": last.by or _("Somebody who has left"),
            "day": date_format(timezone.localtime(last.at), "j F"),
            "until": date_format(timezone.localtime(last.at + QUIET), "j F"),
        }
    return None
