"""What a sponsor says, and what a lead asks of them.

The row of the programme, or of the cohort, is the lock of what is said there.
"""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from contraflow.content.schema import load_defaults
from contraflow.core.errors import refuse_if
from contraflow.core.events import announce
from contraflow.core.jobs import one_at_a_time, start_job
from contraflow.desk import events, mails, rules
from contraflow.desk.kit import pairs_that_wait
from contraflow.desk.models import (
    Message,
    PersonalWord,
    PersonalWordGiven,
    PersonalWordText,
    PublicLearner,
    Speech,
    SponsorReminder,
)
from contraflow.desk.queries import audience
from contraflow.desk.texts import Text
from contraflow.people.models import Person
from contraflow.programmes.models import Cohort, Programme

SPEAK_KIND = "desk.send_speech"


def _lock(programme: Programme) -> None:
    Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)


# -- the public learner ---------------------------------------------------------------------------


@transaction.atomic
def learn_in_public(
    programme: Programme, *, by: Person, wants: str, learned: str = "",
    at: dt.datetime | None = None,
) -> PublicLearner:  # fmt: skip
    """Let everybody in the programme read what a sponsor wants to learn, or learned."""
    at, said = at or timezone.now(), {"wants": wants.strip(), "learned": learned.strip()}
    _lock(programme)
    refuse_if(rules.why_not_learn_in_public(programme, by=by, wants=wants))
    own = PublicLearner.objects.filter(programme=programme, person=by)
    if same := own.filter(**said).first():
        return same  # a double click
    learner, _made = PublicLearner.objects.update_or_create(
        programme=programme,
        person=by,
        defaults=said | {"changed_at": at},
        create_defaults=said | {"changed_at": at, "said_at": at},
    )
    announce(events.LearningPublished(programme_id=programme.pk), by=by)
    return learner


@transaction.atomic
def take_learning_back(programme: Programme, *, by: Person) -> None:
    """Let nobody read any more what a sponsor wants to learn; the words are gone."""
    _lock(programme)
    deleted, _models = PublicLearner.objects.filter(programme=programme, person=by).delete()
    if deleted:
        announce(events.LearningTakenBack(programme_id=programme.pk), by=by)


# -- opening and closing words --------------------------------------------------------------------


@transaction.atomic
def give_speech(
    cohort: Cohort, kind: str, *, by: Person, text: Text, code: str, at: dt.datetime | None = None
) -> Speech:
    """Open or close a cohort in one's own words; they leave after two minutes, and once.

    Whoever takes part when they leave gets them: a job writes the mails then.
    """
    at = at or timezone.now()
    cohort = Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)
    if speech := Speech.objects.filter(code=code).first():
        if (speech.cohort_id, speech.kind) != (cohort.pk, kind):
            refuse_if(rules.why_not_reuse())
        return speech
    refuse_if(rules.why_not_speak(cohort, kind, by=by, on=timezone.localdate(at)))
    speech = Speech.objects.create(
        cohort=cohort, kind=kind, by=by, code=code, subject=text.subject, text=text.body, at=at,
        leaves_at=at + rules.UNDO_WITHIN,
    )  # fmt: skip
    announce(events.SpeechGiven(speech_id=speech.pk, cohort_id=cohort.pk, kind=kind), by=by)
    start_job(SPEAK_KIND, by=by, only_one=str(speech.pk), speech_id=speech.pk)
    return speech


def _lock_speech(speech_id: int) -> Speech:
    locked = Speech.objects.select_for_update(of=("self",), no_key=True)
    return locked.select_related("cohort__programme", "by").get(pk=speech_id)


@transaction.atomic
def undo_speech(speech: Speech, *, by: Person, at: dt.datetime | None = None) -> Speech:
    """Take words back before they leave, for everybody; doing it twice changes nothing."""
    speech = _lock_speech(speech.pk)
    if speech.undone_at:
        return speech
    # not before the lock: whoever waited for it may have waited too long
    at = at or timezone.now()
    refuse_if(rules.why_not_undo_speech(speech, by=by, at=at))
    speech.undone_at = at
    speech.save(update_fields=["undone_at"])
    announce(events.SpeechUndone(speech_id=speech.pk, cohort_id=speech.cohort_id), by=by)
    return speech


def deliver_speech(speech_id: int) -> None:
    """Write the mails and notices of words that leave, each once however often this is done."""
    speech = _lock_speech(speech_id)
    if speech.undone_at:
        return
    people = audience(speech.cohort, Message.To.EVERYBODY).exclude(pk=speech.by_id)
    mails.send_speech(speech, list(people.order_by("pk")))


# -- the personal word ----------------------------------------------------------------------------


@transaction.atomic
def write_personal_word(
    programme: Programme, *, by: Person, text: str, at: dt.datetime | None = None
) -> PersonalWord:
    """Have a word stand ready for leaders whose dates fall through, instead of an earlier one."""
    at, text = at or timezone.now(), text.strip()
    _lock(programme)
    refuse_if(rules.why_not_write_personal_word(programme, by=by, text=text))
    standing = PersonalWord.objects.filter(programme=programme, by=by, ended_at=None)
    if (word := standing.first()) and word.words.text == text:
        return word  # a double click
    standing.update(ended_at=at)
    word = PersonalWord.objects.create(programme=programme, by=by, at=at)
    PersonalWordText.objects.create(word=word, text=text)
    announce(events.PersonalWordWritten(word_id=word.pk, programme_id=programme.pk), by=by)
    return word


@transaction.atomic
def end_personal_word(programme: Programme, *, by: Person, at: dt.datetime | None = None) -> None:
    """Let a personal word reach nobody any more; whoever has it, has it."""
    _lock(programme)
    for word in PersonalWord.objects.filter(programme=programme, by=by, ended_at=None):
        word.ended_at = at or timezone.now()
        word.save(update_fields=["ended_at"])
        announce(events.PersonalWordEnded(word_id=word.pk, programme_id=programme.pk), by=by)


def give_personal_words(*, at: dt.datetime | None = None) -> None:
    """Let the words that stand ready reach the leaders whose dates fell through.

    Nothing is announced: what listens to events could tell a sponsor that somebody got one.
    """
    at = at or timezone.now()
    standing = PersonalWord.objects.standing().order_by().values("programme")
    for programme in Programme.objects.filter(pk__in=standing):
        if pairs_that_wait(programme, at=at):
            _give_in(programme, at)


@transaction.atomic
def _give_in(programme: Programme, at: dt.datetime) -> None:
    # a leader may be in two programmes, and hears one word all the same
    one_at_a_time("desk.give_personal_words", "all")
    _lock(programme)
    standing = PersonalWord.objects.standing().filter(programme=programme).select_related("by")
    words = list(standing)
    weeks = dt.timedelta(weeks=load_defaults().sponsor.personal_word_weeks_between)
    lately = set(
        PersonalWordGiven.objects.filter(at__gt=at - weeks).values_list("to_id", flat=True)
    )
    had = set(PersonalWordGiven.objects.filter(word__in=words).values_list("to_id", "word_id"))
    for pair in pairs_that_wait(programme, at=at):
        leader = pair.mentee_id
        fresh = [each for each in words if each.by_id != leader and (leader, each.pk) not in had]
        if leader in lately or not fresh:
            continue
        PersonalWordGiven.objects.create(word=fresh[0], to=pair.mentee, at=at)
        lately.add(leader)
        mails.send_personal_word(fresh[0], pair)


# -- a lead's reminder ----------------------------------------------------------------------------


@transaction.atomic
def remind_sponsor(
    programme: Programme, *, by: Person, text: Text, code: str, at: dt.datetime | None = None
) -> SponsorReminder:
    """Ask the sponsors of a programme for their part, in one mail to each."""
    at = at or timezone.now()
    _lock(programme)
    if reminder := SponsorReminder.objects.filter(code=code).first():
        if reminder.programme_id != programme.pk:
            refuse_if(rules.why_not_reuse())
        return reminder
    refuse_if(rules.why_not_remind(programme, by=by, at=at))
    reminder = SponsorReminder.objects.create(programme=programme, by=by, code=code, at=at)
    mails.send_sponsor_reminder(reminder, text, rules.sponsors_to_remind(programme, by=by))
    announce(
        events.SponsorReminded(reminder_id=reminder.pk, programme_id=programme.pk), by=by
    )  # fmt: skip
    return reminder
