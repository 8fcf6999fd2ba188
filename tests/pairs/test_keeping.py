"""The words of a pair after its end: reminders, their deletion, and what stays."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from contraflow.core.errors import Refusal
from contraflow.core.letters import registered
from contraflow.core.models import AuditEntry, Job, Notice, OutgoingMail, SealingKey
from contraflow.core.sealing import SealedField, SealingError
from contraflow.core.upkeep import take_up_abandoned
from contraflow.exchange import actions as exchange
from contraflow.exchange.models import Gained, GainedWords, Message, MessageWords, Note, Promise
from contraflow.exchange.queries import records_of
from contraflow.pairs import actions, stories
from contraflow.pairs.meeting import commit, review_commitment
from contraflow.pairs.models import (
    Agreement,
    Commitment,
    Goal,
    Pair,
    Session,
    SessionWords,
    SharedStory,
    Story,
)
from tests.conftest import make_pair
from tests.core.test_no_word_leaks import copy_of_database
from tests.pairs.words import (
    DAY,
    LAST,
    NOW,
    SEALED_FOR_PAIRS,
    TWO,
    copy_url,
    ended,
    let_words_go,
    lived,
)

pytestmark = pytest.mark.slow

__all__ = ["ended", "lived"]


# -- the day --------------------------------------------------------------------------------------


def test_words_are_kept_for_ninety_days_after_the_end(ended):
    ended.pair.refresh_from_db()

    assert (ended.pair.ended_on, ended.pair.words_kept_until) == (NOW.date(), LAST.date())


def test_nobody_loses_a_word_before_the_day_has_begun_everywhere(ended):
    for days in (14, 3):
        actions.remind_of_deletion(at=LAST - days * DAY)

    assert actions.delete_words(at=LAST - dt.timedelta(seconds=1)) == 0
    assert MessageWords.objects.count() == 1
    assert actions.delete_words(at=LAST) == 1
    assert not MessageWords.objects.exists()


def test_a_pair_that_goes_on_loses_nothing_and_hears_no_more_of_it(ended):
    actions.remind_of_deletion(at=LAST - 14 * DAY)
    mail = OutgoingMail.objects.filter(kind="pairs.words_deleted_soon").first()
    assert registered(mail.kind).still_due(mail.cause)
    actions.resume_pair(ended.pair, ended_at=NOW, by=None)

    assert let_words_go() == 0
    assert MessageWords.objects.count() == 1
    assert not registered(mail.kind).still_due(mail.cause)
    assert Pair.objects.get(pk=ended.pair.pk).words_reminders == 0


def test_a_pair_that_lives_has_no_day(cast):
    with (
        pytest.raises(IntegrityError, match="words_are_deleted_after_the_end"),
        transaction.atomic(),
    ):
        Pair.objects.filter(pk=cast.pair.pk).update(words_kept_until=LAST.date())


# -- reminders ------------------------------------------------------------------------------------


def told(person):
    mails = OutgoingMail.objects.filter(to_id=person.pk, kind="pairs.words_deleted_soon")
    return [mail.words["subject"] for mail in mails.order_by("made_at")]


def test_both_are_reminded_two_weeks_and_three_days_before_and_once_each(ended):
    subject = "Take your copy: what you and Bela wrote is deleted on 14 April 2026"

    assert actions.remind_of_deletion(at=LAST - 15 * DAY) == 0
    assert actions.remind_of_deletion(at=LAST - 14 * DAY) == 1
    assert actions.remind_of_deletion(at=LAST - 13 * DAY) == 0
    assert told(ended.ama) == [subject]
    assert actions.remind_of_deletion(at=LAST - 3 * DAY) == 1
    assert actions.remind_of_deletion(at=LAST - 2 * DAY) == 0

    assert told(ended.ama) == [subject] * 2
    assert told(ended.bela) == [subject.replace("Bela", "Ama")] * 2
    assert Notice.objects.filter(kind="pairs.words_deleted_soon").count() == 4


def test_the_reminder_says_nothing_of_who_ended_it(lived):
    actions.ask_to_end(lived.pair, by=lived.ama, at=NOW)
    actions.come_true(at=NOW + 3 * DAY)
    OutgoingMail.objects.all().delete()

    actions.remind_of_deletion(at=LAST)

    mine, theirs = (
        OutgoingMail.objects.get(to_id=each.pk).words["text"].partition("http")[0]
        for each in (lived.ama, lived.bela)
    )
    assert "Take your copy" in mine
    assert mine.replace("Bela", "?").replace("Ama", "?") == theirs.replace("Ama", "?")


def test_after_a_stop_of_the_server_the_last_reminder_still_comes_in_time(ended):
    late = LAST + 40 * DAY

    assert actions.delete_words(at=late) == 0
    assert actions.remind_of_deletion(at=late) == 1
    assert actions.delete_words(at=late) == 0

    ended.pair.refresh_from_db()
    assert ended.pair.words_kept_until == (late + 3 * DAY).date()
    assert told(ended.ama) == ["Take your copy: what you and Bela wrote is deleted on 27 May 2026"]
    assert actions.delete_words(at=late + 3 * DAY) == 1


def test_who_has_left_the_organisation_gets_no_mail(ended):
    ended.ama.left_on = NOW.date()
    ended.ama.save()

    actions.remind_of_deletion(at=LAST - 14 * DAY)

    assert (told(ended.ama), len(told(ended.bela))) == ([], 1)


def test_the_page_and_the_bell_name_the_day(ended, sign_in):
    actions.remind_of_deletion(at=LAST - 14 * DAY)
    client = sign_in("ama")

    page = client.get(ended.pair.get_absolute_url()).text
    bell = client.get(reverse("people:notices")).text

    assert "is deleted on 14 April 2026. Take your copy before." in page
    assert copy_url(ended.pair) in page
    assert "What you and Bela wrote is deleted on 14 April 2026. Take your copy." in bell


def test_the_end_is_told_with_its_day(lived):
    OutgoingMail.objects.all().delete()
    actions.end_pair(lived.pair, by=None, at=NOW)

    words = OutgoingMail.objects.get(to_id=lived.ama.pk, kind="pairs.pair_ended").words
    assert "stays between the two of you until 14 April 2026; then it is deleted." in str(words)


# -- afterwards -----------------------------------------------------------------------------------


def test_facts_stay_and_words_go(ended):
    agreement = Agreement.objects.get()
    assert let_words_go() == 1

    for rows in SEALED_FOR_PAIRS.values():
        assert not rows.of([ended.pair.pk]).exists()
    agreement.refresh_from_db()
    assert agreement.is_signed
    counts = (Session.objects.held(), Goal.objects, Commitment.objects, Story.objects)
    assert [each.count() for each in counts] == [1, 2, 1, 2]
    assert (Message.objects.count(), Note.objects.count(), Promise.objects.count()) == (1, 3, 1)
    entry = AuditEntry.objects.get(event="PairWordsDeleted")
    assert (entry.facts, entry.by_id) == ({"pairs": 1}, None)


def test_no_trace_of_the_words_or_of_their_key_is_left_in_the_database(ended):
    keys = SealingKey.objects.filter(owner=f"pair:{ended.pair.pk}")
    secrets = [bytes(key.wrapped) for key in keys]
    for rows in SEALED_FOR_PAIRS.values():
        names = [each.attname for each in rows.model._meta.fields if isinstance(each, SealedField)]
        found = rows.of([ended.pair.pk]).values_list(*names)
        secrets += [bytes(value)[9:] for row in found for value in row if value]
    before = copy_of_database()
    assert len(secrets) == 19
    assert [each for each in secrets if each not in before] == []

    let_words_go()

    after = copy_of_database()
    assert [each for each in secrets if each in after] == []
    (tombstone,) = keys.all()
    assert (bytes(tombstone.wrapped), tombstone.destroyed_at) == (b"", LAST)


def test_a_copy_of_a_row_that_somebody_kept_opens_no_more(ended):
    row = SessionWords.objects.get()
    kept = row.__dict__["learned_by_mentor"]
    let_words_go()

    again = SessionWords(session=row.session)
    again.learned_by_mentor = kept

    with pytest.raises(SealingError, match="its key was destroyed"):
        _ = again.learned_by_mentor


def test_other_pairs_keep_their_words(ended):
    other = make_pair(ended.cohort)
    exchange.send_message(other, by=other.mentor, text="We go on")

    let_words_go()

    assert MessageWords.objects.get().text == "We go on"


def test_what_somebody_gained_stays_theirs_alone(ended, sign_in):
    before = {name: sign_in(name).get(reverse("exchange:record")).text for name in TWO}
    let_words_go()

    for name in TWO:
        page = sign_in(name).get(reverse("exchange:record")).text
        file = sign_in(name).get(reverse("exchange:record-file")).text
        assert words_of(page) == words_of(before[name])
        assert ("How a budget is made" in file) is (name == "ama")
        assert ("What a prompt is" in file) is (name == "bela")
    (mine,) = records_of(ended.ama)
    assert (mine.sessions, mine.gains.learned) == (1, ["How a budget is made"])
    assert [text for text, _day in mine.gains.got] == ["Meet my team"]
    assert {row.sealed_for() for row in GainedWords.objects.all()} == {
        f"person:{ended.ama.pk}", f"person:{ended.bela.pk}",
    }  # fmt: skip


def words_of(page):
    return page.partition("<main")[2].partition("</main>")[0]


def test_what_somebody_noted_for_themself_alone_stays(ended, sign_in):
    let_words_go()

    page = sign_in("ama").get(reverse("exchange:notes", args=[ended.pair.code])).text
    assert "Only Ama knows" in page
    assert "Only Bela knows" not in page
    assert "Ours to remember" not in page


@pytest.mark.parametrize("name", sorted(TWO))
def test_pages_say_what_was_deleted_and_hold_no_word(ended, sign_in, name):
    let_words_go()
    client = sign_in(name)
    pages = [
        ended.pair.get_absolute_url(),
        ended.pair.sessions.first().get_absolute_url(),
        reverse("pairs:agreement", args=[ended.pair.code]),
        *(reverse(f"exchange:{each}", args=[ended.pair.code]) for each in
          ("messages", "notes", "ledger")),
    ]  # fmt: skip

    for url in pages:
        answer = client.get(url)
        assert answer.status_code == 200, url
        assert "What you wrote for each other was deleted on 14 April 2026." in answer.text, url
        for text in ("Present", "budget", "prompt", "it rains", "first job", "Monday", "Ours to"):
            assert text not in words_of(answer.text), (url, text)
        assert "<textarea" not in answer.text
        assert copy_url(ended.pair) not in answer.text


def test_the_lead_sees_the_same_facts_as_before(ended, sign_in):
    pages = [
        ended.pair.get_absolute_url(),
        ended.pair.sessions.first().get_absolute_url(),
        reverse("pairs:list", args=[ended.cohort.code]),
        reverse("home:overview", args=[ended.cohort.code]),
    ]
    lead = sign_in("chi")
    before = [words_of(lead.get(url).text) for url in pages]
    assert "This pair ended on" in before[0]

    let_words_go()

    assert [words_of(lead.get(url).text) for url in pages] == before


def test_a_story_that_both_let_the_cohort_hear_stays_until_one_takes_it_back(ended, sign_in):
    story = Story.objects.get(side="mentor")
    stories.agree_to_share(story, by=ended.bela)
    let_words_go()
    client = sign_in("bela")

    page = client.get(ended.pair.get_absolute_url()).text
    assert "My first job" in page
    assert "My last job" not in page
    decide = reverse("pairs:story-decide", args=[story.code])
    assert client.post(decide, {"verb": "keep"}).status_code == 302
    assert not SharedStory.objects.exists()
    assert "My first job" not in client.get(ended.pair.get_absolute_url()).text


def test_nothing_can_be_written_into_it_again(ended):
    session, story = ended.pair.sessions.first(), Story.objects.get(side="mentor")
    commitment, goal = Commitment.objects.get(), Goal.objects.get(side="mentor")
    promise, note = Promise.objects.get(), Note.objects.get(is_private=False)
    let_words_go()
    ama, bela, pair = ended.ama, ended.bela, ended.pair
    goal_parts = {"week": 9, "will": "x", "seen_by": "y", "because": "z"}

    # what stood in an open form, sent now: the things are as they were read before
    for write in (
        lambda: actions.write_learned(session, by=ama, text="Late"),
        lambda: commit(session, by=ama, condition="Late", action="x"),
        lambda: review_commitment(commitment, by=ama, outcome="done"),
        lambda: actions.review_goal(goal, by=ama, outcome="reached"),
        lambda: actions.set_goal(pair, by=ama, **goal_parts),
        lambda: actions.write_section(pair, by=ama, section="place", text="Late", seen=9),
        lambda: stories.tell_story(pair, by=ama, text="Late"),
        lambda: stories.agree_to_share(story, by=bela),
        lambda: exchange.send_message(pair, by=ama, text="Late"),
        lambda: exchange.write_note(pair, by=ama, text="Late"),
        lambda: exchange.change_note(note, by=bela, text="Late", is_private=False),
        lambda: exchange.make_promise(pair, by=ama, kind="other", text="Late"),
        lambda: exchange.settle_promise(promise, by=ama, state="open"),
    ):
        with pytest.raises(Refusal):
            write()
    for rows in SEALED_FOR_PAIRS.values():
        assert not rows.of([pair.pk]).exists()


def test_even_past_every_rule_nothing_is_sealed_for_it(ended):
    let_words_go()

    with pytest.raises(SealingError, match="was destroyed; nothing is sealed for it again"):
        SessionWords.objects.create(session=ended.pair.sessions.last(), question="Late")


def test_an_open_form_is_answered_kindly(ended, sign_in):
    let_words_go()
    url = reverse("pairs:session-learned", args=[ended.pair.sessions.first().code])

    answer = sign_in("ama").post(url, {"text": "Too late"})

    assert answer.status_code == 422
    assert "What you wrote for each other was deleted on 14 April 2026." in answer.text


def test_the_end_cannot_be_taken_back_any_more(ended):
    let_words_go()

    with pytest.raises(Refusal, match="Their words are deleted"):
        actions.resume_pair(ended.pair, ended_at=NOW, by=None)


def test_a_story_can_still_be_taken_away(ended):
    let_words_go()

    stories.forget_story(Story.objects.get(side="mentor"), by=ended.ama)

    assert [story.side for story in Story.objects.all()] == ["mentee"]


def test_a_pair_that_never_wrote_can_begin_nothing_either(cast):
    actions.end_pair(cast.pair, by=None, at=NOW)
    assert let_words_go() == 1

    assert SealingKey.objects.get(owner=f"pair:{cast.pair.pk}").destroyed_at == LAST


def test_one_altered_word_does_not_hold_up_the_others(ended):
    row = SessionWords.objects.get()
    stolen = SessionWords.objects.values_list("learned_by_mentee", flat=True).get()
    SessionWords.objects.filter(pk=row.pk).update(learned_by_mentor=stolen)

    assert let_words_go() == 1

    assert [record.gains.learned for record in records_of(ended.ama)] == [[]]
    assert [record.gains.learned for record in records_of(ended.bela)] == [["What a prompt is"]]


# -- the job --------------------------------------------------------------------------------------


def test_upkeep_finds_them_and_the_job_does_both(ended, run_jobs):
    today = timezone.localdate()
    Pair.objects.filter(pk=ended.pair.pk).update(words_kept_until=today - DAY, words_reminders=2)
    other = make_pair(ended.cohort)
    actions.end_pair(other, by=None)
    Pair.objects.filter(pk=other.pk).update(words_kept_until=today + 13 * DAY)

    take_up_abandoned()
    take_up_abandoned()
    run_jobs()

    job = Job.objects.get(kind="pairs.let_words_go")
    assert (job.state, job.result) == ("done", {"reminded": 1, "deleted": 1})
    assert Pair.objects.get(pk=ended.pair.pk).words_deleted_at
    assert Pair.objects.get(pk=other.pk).words_reminders == 1


def test_upkeep_begins_nothing_where_nothing_is_due(ended):
    Pair.objects.update(words_kept_until=timezone.localdate() + 30 * DAY)

    take_up_abandoned()

    assert not Job.objects.filter(kind="pairs.let_words_go").exists()


def test_what_a_restored_backup_brings_back_goes_again(ended):
    tables = [rows.model for rows in SEALED_FOR_PAIRS.values()]
    backup = {model: list(model.objects.values()) for model in (*tables, SealingKey)}
    assert let_words_go() == 1

    # the database as it was, on the morning of the day
    Pair.objects.update(words_deleted_at=None)
    GainedWords.objects.all().delete()
    Gained.objects.all().delete()
    for model, rows in backup.items():
        model.objects.filter(pk__in=[row[model._meta.pk.attname] for row in rows]).delete()
        model.objects.bulk_create(model(**row) for row in rows)
    assert SessionWords.objects.get().learned_by_mentor == "How a budget is made"

    assert let_words_go(at=LAST + DAY) == 1
    assert not any(model.objects.filter(pk__gt=0).exists() for model in tables[:4])
    assert SealingKey.objects.get(owner=f"pair:{ended.pair.pk}").destroyed_at == LAST + DAY
