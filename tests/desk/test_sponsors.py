"""What a sponsor says in public and to a cohort, and what a lead asks of them."""

import datetime as dt

import pytest
from django.utils import timezone

from contraflow.core.errors import Refusal
from contraflow.core.mail import as_message
from contraflow.core.models import AuditEntry, Job, Notice, OutgoingMail
from contraflow.core.notices import told
from contraflow.desk import actions
from contraflow.desk.models import PublicLearner, Speech
from contraflow.desk.texts import Text, text_to_cohort, text_to_learn
from contraflow.programmes.models import Side, Steward
from tests.conftest import CAST, make_cohort, make_enrolment, make_person

TEXT = Text(subject="A good start", body="Welcome.\n\nProtect your dates.")
JUST_NOW = dt.timedelta(minutes=3)


@pytest.fixture(autouse=True)
def begun(cast):
    """Let the cohort have begun a week ago."""
    cast.cohort.starts_on = timezone.localdate() - dt.timedelta(days=7)
    cast.cohort.save()


def speak(cast, kind="opening", *, by=None, code="pressed1", ago=JUST_NOW, cohort=None):
    return actions.give_speech(
        cohort or cast.cohort, kind, by=by or cast.sol, text=TEXT, code=code,
        at=timezone.now() - ago,
    )  # fmt: skip


def names_told(kind):
    mails = OutgoingMail.objects.filter(kind=kind)
    return sorted(address.split("@")[0] for address in mails.values_list("address", flat=True))


# -- the public learner ---------------------------------------------------------------------------


def test_everybody_in_the_programme_reads_what_a_sponsor_learns_until_it_is_taken_back(cast):
    said = actions.learn_in_public(cast.programme, by=cast.sol, wants=" To ask. ")
    readers = {
        name
        for name in CAST
        if name != "nobody" and PublicLearner.objects.visible_to(getattr(cast, name)).exists()
    }

    assert (said.wants, said.learned) == ("To ask.", "")
    assert readers == {"ama", "bela", "chi", "sol", "tru"}
    for _ in range(2):
        actions.take_learning_back(cast.programme, by=cast.sol)
    assert not PublicLearner.objects.exists()
    assert AuditEntry.objects.filter(event="LearningTakenBack").count() == 1


def test_it_is_said_anew_as_often_as_one_likes_and_a_double_click_says_it_once(cast):
    first = dt.datetime(2026, 1, 6, tzinfo=dt.UTC)
    for _ in range(2):
        actions.learn_in_public(cast.programme, by=cast.sol, wants="To ask.", at=first)
    later = first + dt.timedelta(days=80)
    said = actions.learn_in_public(
        cast.programme, by=cast.sol, wants="To ask.", learned="I asked.", at=later
    )

    assert PublicLearner.objects.get() == said
    assert (said.learned, said.said_at, said.changed_at) == ("I asked.", first, later)
    assert AuditEntry.objects.filter(event="LearningPublished").count() == 2


def test_whoever_stops_being_a_sponsor_or_leaves_is_read_no_more(cast):
    actions.learn_in_public(cast.programme, by=cast.sol, wants="To ask.")
    seen = PublicLearner.objects.visible_to(cast.ama)
    cast.sol.left_on = timezone.localdate()
    cast.sol.save()
    assert not seen.exists()
    cast.sol.left_on = None
    cast.sol.save()
    assert seen.exists()

    Steward.objects.filter(person=cast.sol).delete()

    assert not seen.exists()


def test_nobody_but_a_sponsor_learns_in_public_and_nobody_without_a_word(cast):
    with pytest.raises(Refusal, match="Only a sponsor"):
        actions.learn_in_public(cast.programme, by=cast.chi, wants="To ask.")
    with pytest.raises(Refusal, match="a sentence is enough"):
        actions.learn_in_public(cast.programme, by=cast.sol, wants="  ")


def test_the_ready_words_say_that_one_takes_part_only_where_one_does(cast):
    assert "taking part as a leader" not in text_to_learn(takes_part=False)
    assert text_to_learn(takes_part=True).endswith("I am taking part as a leader myself.")


@pytest.mark.parametrize("kind", Speech.Kind.values)
def test_the_ready_words_to_a_cohort_name_it_and_what_is_learned_in_public(cast, kind):
    alone = text_to_cohort(cast.cohort, kind, by=cast.sol, learns=False).body
    learning = text_to_cohort(cast.cohort, kind, by=cast.sol, learns=True).body

    assert cast.cohort.name in alone
    assert learning == (
        f"{alone}\n\nI am learning too: what I set out to find out stands on the page of the "
        "programme."
    )


# -- opening and closing words --------------------------------------------------------------------


def test_words_reach_everybody_who_takes_part_once_by_mail_and_bell(cast, run_jobs):
    make_enrolment(cast.cohort, make_person("Ben", email="ben@example.org"), state="bench")
    make_enrolment(cast.cohort, make_person("Wim"), state="withdrawn")
    make_enrolment(cast.cohort, make_person("Ivo"), state="invited")

    for _ in range(2):
        speech = speak(cast)
    run_jobs()
    actions.deliver_speech(speech.pk)

    assert names_told("desk.opening") == ["ama", "bela", "ben"]
    mail = as_message(OutgoingMail.objects.get(to_id=cast.ama.pk))
    assert mail.subject == "A good start"
    for words in ("Hello Ama,", "Protect your dates.", "Sol\n", cast.programme.title):
        assert words in mail.body
    (bell,) = told(cast.ama, Notice.objects.filter(for_id=cast.ama.pk))
    assert bell.words == f"Sol has opened {cast.cohort.name} with a few words."
    assert bell.notice.path == cast.ama.enrolments.get().get_absolute_url()
    assert Notice.objects.count() == 3


def test_nothing_leaves_within_two_minutes_and_what_is_taken_back_never_does(cast, run_jobs):
    speech = speak(cast, ago=dt.timedelta())
    run_jobs()
    assert not OutgoingMail.objects.exists()
    assert not Speech.objects.visible_to(cast.ama).exists()

    for _ in range(2):
        actions.undo_speech(speech, by=cast.sol)
    actions.deliver_speech(speech.pk)

    assert not OutgoingMail.objects.exists()
    assert not Notice.objects.exists()
    assert AuditEntry.objects.filter(event="SpeechUndone").count() == 1
    # and they can be said anew
    assert speak(cast, code="pressed2") != speech


def test_what_has_left_is_not_taken_back(cast):
    speech = speak(cast)

    with pytest.raises(Refusal, match="Two minutes have passed"):
        actions.undo_speech(speech, by=cast.sol)
    with pytest.raises(Refusal, match="Only who wrote"):
        actions.undo_speech(speech, by=cast.chi)


def test_the_job_of_words_waits_until_they_leave(cast, run_jobs):
    speech = speak(cast, ago=dt.timedelta())

    run_jobs()

    job = Job.objects.get(kind="desk.send_speech")
    assert job.state == Job.State.WAITING
    assert abs(job.not_before - speech.leaves_at) < dt.timedelta(seconds=5)


def test_a_cohort_is_opened_once_whoever_its_sponsors_are(cast):
    other = make_person("Otto")
    Steward.objects.create(programme=cast.programme, person=other, kind="sponsor")
    speak(cast)

    with pytest.raises(Refusal, match="Sol has said these words already"):
        speak(cast, by=other, code="pressed2")
    with pytest.raises(Refusal, match="another page"):
        speak(cast, cohort=make_cohort(cast.programme))
    with pytest.raises(Refusal, match="Only a sponsor"):
        speak(cast, by=cast.chi, code="pressed3")


@pytest.mark.parametrize(
    ("state", "kind", "reason"),
    [
        ("pairing", "opening", "Once the pairs are published"),
        ("closed", "opening", "This cohort is closed"),
        ("running", "opening", "This cohort comes to its end"),
        ("enrolling", "closing", "Once the pairs are published"),
        ("running", "closing", "This cohort ended on 12 April 2026"),
        ("running", "toast", "no such words"),
    ],
)
def test_words_out_of_their_time_are_refused_with_the_reason(cast, state, kind, reason):
    cast.cohort.state, cast.cohort.starts_on = state, dt.date(2026, 1, 5)
    cast.cohort.save()

    with pytest.raises(Refusal, match=reason):
        actions.give_speech(
            cast.cohort, kind, by=cast.sol, text=TEXT, code="pressed1",
            at=dt.datetime(2026, 7, 1, tzinfo=dt.UTC),
        )  # fmt: skip


def test_a_sponsor_who_is_a_leader_reads_the_words_and_gets_no_mail_of_their_own(cast, run_jobs):
    make_enrolment(cast.cohort, cast.sol, Side.MENTEE)

    speech = speak(cast)
    run_jobs()

    assert names_told("desk.opening") == ["ama", "bela"]
    assert list(Speech.objects.visible_to(cast.sol)) == [speech]


def test_words_are_heard_by_those_who_take_part_and_who_run_it(cast):
    speak(cast)
    for state in ("invited", "applied", "withdrawn"):
        person = make_person(state)
        make_enrolment(cast.cohort, person, state=state)
        assert not Speech.objects.visible_to(person).exists(), state

    readers = {
        name
        for name in CAST
        if name != "nobody" and Speech.objects.visible_to(getattr(cast, name)).exists()
    }
    assert readers == {"ama", "bela", "chi", "sol", "tru"}


# -- a lead's reminder ----------------------------------------------------------------------------


def remind(cast, *, by=None, code="pressed1", at=None):
    return actions.remind_sponsor(cast.programme, by=by or cast.chi, text=TEXT, code=code, at=at)


def test_a_reminder_reaches_each_sponsor_once_and_rests_for_five_days(cast):
    gone = make_person("Gus", left_on=timezone.localdate())
    Steward.objects.create(programme=cast.programme, person=gone, kind="sponsor")
    now = timezone.now()
    for _ in range(2):
        remind(cast, at=now)

    assert names_told("desk.sponsor_reminder") == ["sol"]
    with pytest.raises(Refusal, match="Chi reminded them on"):
        remind(cast, code="pressed2", at=now + dt.timedelta(days=4))
    remind(cast, code="pressed3", at=now + dt.timedelta(days=6))
    assert OutgoingMail.objects.count() == 2
    with pytest.raises(Refusal, match="another page"):
        actions.remind_sponsor(
            cast.cleo.stewardships.get().programme, by=cast.cleo, text=TEXT, code="pressed1"
        )


def test_a_lead_who_is_the_sponsor_does_not_remind_themself(cast):
    Steward.objects.filter(person=cast.sol).update(person=cast.chi)

    with pytest.raises(Refusal, match="Nobody else is a sponsor"):
        remind(cast)
