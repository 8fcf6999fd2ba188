"""Two people at the same moment: one event, and words for the slower one."""

import datetime as dt
import threading

import pytest
from django.db import connection, transaction
from django.utils import timezone

from contraflow.core.errors import Refusal
from contraflow.core.models import AuditEntry, OutgoingMail
from contraflow.pairs import actions, closings
from contraflow.pairs.models import (
    Agreement,
    AgreementChange,
    AgreementWords,
    Closing,
    Ending,
    GoalWords,
    Pair,
    Session,
    SessionChange,
    SessionWords,
)
from tests.conftest import make_cohort, make_pair, make_person

pytestmark = pytest.mark.django_db(transaction=True)
SOON = timezone.now() + dt.timedelta(days=3)


def at_once(*calls):
    """Run the calls in threads that start together; return what each gave or refused."""
    gate = threading.Barrier(len(calls))
    results = [None] * len(calls)

    def run(place, call):
        gate.wait(timeout=10)
        try:
            results[place] = call()
        except Refusal as refusal:
            results[place] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, call)) for place, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
        assert not thread.is_alive()
    return results


def fresh(session):
    """Return the session as another request would load it."""
    return Session.objects.select_related("pair__mentor", "pair__mentee").get(pk=session.pk)


def refusals(results):
    return [str(result) for result in results if isinstance(result, Refusal)]


def test_two_who_book_at_the_same_moment_make_one_event(cast):
    session = cast.pair.sessions.get(number=1)
    one, two = fresh(session), fresh(session)
    later = SOON + dt.timedelta(days=1)

    results = at_once(
        lambda: actions.book_session(one, by=cast.ama, starts_at=SOON),
        lambda: actions.book_session(two, by=cast.bela, starts_at=later),
    )

    session.refresh_from_db()
    assert session.starts_at in {SOON, later}
    assert session.sequence == 1
    assert refusals(results) == [
        f"It is booked for {session.starts_at:%a} {session.starts_at.day} "
        f"{session.starts_at:%b %Y, %H:%M} already."
    ]
    assert SessionChange.objects.count() == 1
    assert OutgoingMail.objects.count() == 2


def test_two_pairs_of_one_leader_do_not_take_the_same_hour(cast):
    other = make_pair(make_cohort(cast.programme), make_person("Kim"), cast.bela)
    one = fresh(cast.pair.sessions.get(number=1))
    two = fresh(other.sessions.get(number=1))

    results = at_once(
        lambda: actions.book_session(one, by=cast.ama, starts_at=SOON),
        lambda: actions.book_session(two, by=other.mentor, starts_at=SOON),
    )

    assert refusals(results) == ["One of you has another session at this time."]
    assert Session.objects.filter(state="booked").count() == 1


def test_a_booking_and_the_end_of_the_pair_leave_no_booked_session(cast):
    session = fresh(cast.pair.sessions.get(number=1))

    results = at_once(
        lambda: actions.book_session(session, by=cast.ama, starts_at=SOON),
        lambda: actions.end_pair(cast.pair, by=cast.bela),
    )

    assert set(refusals(results)) <= {"This pair has ended."}
    assert not Session.objects.filter(state="booked").exists()


def pair_again():
    """Return the pair as another request would load it."""
    return Pair.objects.select_related("mentor", "mentee", "cohort").get()


def test_two_who_suggest_to_close_at_the_same_moment_both_want_it(cast):
    at_once(
        lambda: actions.suggest_closing(pair_again(), by=cast.ama),
        lambda: actions.suggest_closing(pair_again(), by=cast.bela),
    )

    closing = Closing.objects.get()
    assert closing.agreed_at is not None
    assert closing.suggested_by == ""
    assert closing.pages.count() == 2


def test_of_yes_and_taking_it_back_at_the_same_moment_one_comes_first(cast):
    actions.suggest_closing(cast.pair, by=cast.ama)

    at_once(
        lambda: actions.put_off_closing(pair_again(), by=cast.ama),
        lambda: actions.suggest_closing(pair_again(), by=cast.bela),
    )

    closing = Closing.objects.get()
    # taken back, and suggested by the other; or agreed to, and put off
    assert closing.agreed_at is None
    assert closing.suggested_by in {"", "mentee"}


def test_two_who_say_that_it_is_done_at_the_same_moment_end_it_once(cast):
    for person in (cast.ama, cast.bela):
        actions.suggest_closing(cast.pair, by=person)

    at_once(
        lambda: actions.say_done(pair_again(), by=cast.ama),
        lambda: actions.say_done(pair_again(), by=cast.bela),
        lambda: actions.say_done(pair_again(), by=cast.bela),
    )

    assert [each.who for each in Ending.objects.all()] == ["together"]
    assert Closing.objects.get().done_at is not None


def test_who_leaves_while_the_other_says_that_it_is_done_has_left(cast):
    for person in (cast.ama, cast.bela):
        actions.suggest_closing(cast.pair, by=person)
    actions.say_done(cast.pair, by=cast.ama)

    results = at_once(
        lambda: actions.say_done(pair_again(), by=cast.bela),
        lambda: actions.ask_to_end(pair_again(), by=cast.bela),
    )

    assert set(refusals(results)) <= {"This pair has ended."}
    assert {each.who for each in Ending.objects.all()} - {"together"} == {"mentee"}


def test_two_who_write_their_closing_page_at_the_same_moment_both_keep_it(cast):
    for person in (cast.ama, cast.bela):
        actions.suggest_closing(cast.pair, by=person)

    at_once(
        *(
            lambda person=person: actions.write_closing_page(
                pair_again(), by=person, texts={"taken": person.name}, is_ready=True
            )
            for person in (cast.ama, cast.bela)
        )
    )

    texts = closings.texts_of(cast.pair, reader=cast.ama)
    assert {side: each["taken"] for side, each in texts.items()} == {
        "mentor": "Ama", "mentee": "Bela",
    }  # fmt: skip
    assert OutgoingMail.objects.filter(kind="pairs.closing_ready").count() == 1


def test_two_who_write_at_the_same_moment_both_keep_their_words(cast):
    session = fresh(cast.pair.sessions.get(number=1))
    past = timezone.now() - dt.timedelta(hours=2)
    actions.book_session(session, by=cast.ama, starts_at=past, at=past - dt.timedelta(days=1))
    actions.record_held(session, by=cast.ama)
    one, two = fresh(session), fresh(session)

    at_once(
        lambda: actions.write_learned(one, by=cast.ama, text="Budgets"),
        lambda: actions.write_learned(two, by=cast.bela, text="Prompts"),
    )

    words = SessionWords.objects.get()
    assert (words.learned_by_mentor, words.learned_by_mentee) == ("Budgets", "Prompts")


def test_a_double_click_records_once(cast):
    session = fresh(cast.pair.sessions.get(number=1))
    past = timezone.now() - dt.timedelta(hours=2)
    actions.book_session(session, by=cast.ama, starts_at=past, at=past - dt.timedelta(days=1))
    one, two = fresh(session), fresh(session)

    results = at_once(
        lambda: actions.record_held(one, by=cast.ama),
        lambda: actions.record_held(two, by=cast.ama),
    )

    assert refusals(results) == []
    assert SessionChange.objects.filter(kind="held").count() == 1


def test_nothing_is_sent_when_the_transaction_rolls_back(cast, mailoutbox, run_jobs):
    session = cast.pair.sessions.get(number=1)

    with transaction.atomic():
        actions.book_session(session, by=cast.ama, starts_at=SOON)
        transaction.set_rollback(True)
    run_jobs()

    assert mailoutbox == []
    assert OutgoingMail.objects.count() == SessionChange.objects.count() == 0
    assert Session.objects.get(pk=session.pk).state == "planned"


# -- the agreement --------------------------------------------------------------------------------

GOAL = {"week": 9, "will": "ask", "seen_by": "all", "because": "it helps"}


def forming(cast):
    """Return the pair as two requests would load it, with both goals and nothing signed."""
    Pair.objects.filter(pk=cast.pair.pk).update(active_since=None)
    for person in (cast.ama, cast.bela):
        actions.set_goal(cast.pair, by=person, **GOAL)
    found = Pair.objects.select_related("mentor", "mentee", "cohort")
    return found.get(pk=cast.pair.pk), found.get(pk=cast.pair.pk)


def test_two_who_sign_at_the_same_moment_make_the_pair_active_once(cast):
    one, two = forming(cast)

    results = at_once(
        lambda: actions.sign_agreement(one, by=cast.ama, version=2),
        lambda: actions.sign_agreement(two, by=cast.bela, version=2, pledges=True),
    )

    assert refusals(results) == []
    assert Pair.objects.get(pk=one.pk).active_since is not None
    kinds = AgreementChange.objects.values_list("kind", flat=True)
    assert sorted(kinds) == ["agreed", "signed", "written", "written"]
    assert AuditEntry.objects.filter(event="PairActivated").count() == 1


def test_a_signature_and_a_change_at_the_same_moment_never_sign_what_was_not_read(cast):
    one, two = forming(cast)

    results = at_once(
        lambda: actions.sign_agreement(one, by=cast.ama, version=2),
        lambda: actions.write_section(two, by=cast.bela, section="place", text="Here", seen=2),
    )

    agreement = Agreement.objects.get()
    (told,) = refusals(results)
    if agreement.signed_by:  # the signature was first, and stands
        assert told.startswith("Ama has signed. A change takes that signature back.")
        assert agreement.version == 2
    else:
        assert told == "Bela changed something meanwhile: Where. Read it, then sign."
        assert agreement.version == 3


def test_two_who_write_in_one_section_at_once_lose_nothing_unread(cast):
    one, two = forming(cast)

    results = at_once(
        lambda: actions.write_section(one, by=cast.ama, section="place", text="A", seen=2),
        lambda: actions.write_section(two, by=cast.bela, section="place", text="B", seen=2),
    )

    (told,) = refusals(results)
    place = AgreementWords.objects.get().texts["place"]
    assert told.startswith(f"{'Ama' if place == 'A' else 'Bela'} changed this while you wrote.")


def test_two_who_begin_to_write_at_once_write_one_agreement(cast):
    one, two = (Pair.objects.get(pk=cast.pair.pk) for _ in range(2))

    results = at_once(
        lambda: actions.write_section(one, by=cast.ama, section="place", text="A", seen=0),
        lambda: actions.set_goal(two, by=cast.bela, **GOAL),
    )

    assert refusals(results) == []
    assert AgreementWords.objects.get().texts["place"] == "A"
    assert GoalWords.objects.get().will == "ask"
    assert Agreement.objects.get().version == 2


@pytest.fixture
def last_day(cast):
    """Let the pair have ended, with a session held, and the day of its words have come."""
    cast.pair.sessions.filter(number=1).update(state="held", starts_at=timezone.now())
    actions.end_pair(cast.pair, by=None)
    actions.write_learned(fresh(cast.pair.sessions.get(number=1)), by=cast.bela, text="Before")
    day = timezone.localdate() - dt.timedelta(days=2)
    Pair.objects.update(words_kept_until=day, words_reminders=2)
    return cast


def test_a_word_written_while_the_words_go_is_refused_or_goes_with_them(last_day):
    session = fresh(last_day.pair.sessions.get(number=1))

    deleted, written = at_once(
        actions.delete_words,
        lambda: actions.write_learned(session, by=last_day.ama, text="In time"),
    )

    assert deleted == 1
    assert isinstance(written, SessionWords | Refusal)
    assert not SessionWords.objects.exists()
    assert Pair.objects.get().words_deleted_at


def test_two_workers_delete_the_words_of_a_pair_once(last_day):
    assert sorted(at_once(actions.delete_words, actions.delete_words)) == [0, 1]

    assert AuditEntry.objects.filter(event="PairWordsDeleted").count() == 1


def test_two_workers_remind_of_the_words_once(last_day):
    Pair.objects.update(words_kept_until=SOON.date(), words_reminders=0)

    assert sorted(at_once(actions.remind_of_deletion, actions.remind_of_deletion)) == [0, 1]

    assert OutgoingMail.objects.filter(kind="pairs.words_deleted_soon").count() == 2


def test_the_end_is_not_taken_back_while_the_words_go(last_day):
    deleted, resumed = at_once(
        actions.delete_words,
        lambda: actions.resume_pair(last_day.pair, ended_at=timezone.now(), by=None),
    )

    pair = Pair.objects.get()
    if deleted:
        assert isinstance(resumed, Refusal)
        assert (pair.state, SessionWords.objects.count()) == ("ended", 0)
    else:
        assert (pair.state, SessionWords.objects.get().learned_by_mentee) == ("active", "Before")
