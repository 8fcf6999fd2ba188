"""What each action changes, refuses, records and tells."""

import datetime as dt

import pytest
from django.apps import apps
from django.db import connection

from contraflow.core.errors import Refusal
from contraflow.core.mail import no_mail
from contraflow.core.models import AuditEntry, OutgoingMail
from contraflow.core.upkeep import take_up_abandoned
from contraflow.pairs import actions
from contraflow.pairs.actions import Couple
from contraflow.pairs.models import Ending, Pair, Session, SessionChange, SessionWords
from contraflow.programmes.actions import withdraw
from contraflow.programmes.models import Enrolment
from tests.conftest import make_cohort, make_pair, make_person

NOW = dt.datetime(2026, 1, 12, 9, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
SOON = NOW + 48 * HOUR
LATER = NOW + 72 * HOUR


@pytest.fixture
def session(cast):
    return cast.pair.sessions.get(number=1)


@pytest.fixture
def booked(cast, session):
    return actions.book_session(session, by=cast.ama, starts_at=SOON, at=NOW)


def changes(session):
    fields = ("kind", "side", "at", "was_at", "notice_hours")
    return list(SessionChange.objects.filter(session=session).values_list(*fields))


def stored(session):
    fields = ("state", "starts_at", "minutes", "sequence")
    return Session.objects.values_list(*fields).get(pk=session.pk)


def audited():
    return list(AuditEntry.objects.order_by("pk").values_list("event", "by_id"))


# -- a pair begins --------------------------------------------------------------------------------


def test_pair_gets_the_sessions_of_the_plan_in_the_rhythm_of_the_cohort(cast):
    cohort = make_cohort(cast.programme)
    kim, lee = make_person("Kim"), make_person("Lee")

    pair = actions.start_pair(
        cohort, mentor=kim, mentee=lee, by=cast.chi, theme="AI", common_ground=["Prompts"], at=NOW
    )

    assert (pair.theme, pair.common_ground, pair.state) == ("AI", ["Prompts"], "active")
    assert pair.started_on == dt.date(2026, 1, 12)
    plan = list(cohort.plan.values_list("pk", flat=True))
    assert list(pair.sessions.values_list("number", "planned", "due_on", "minutes", "state")) == [
        (1, plan[0], dt.date(2026, 1, 26), 50, "planned"),
        (2, plan[1], dt.date(2026, 2, 9), 50, "planned"),
        (3, plan[2], dt.date(2026, 2, 23), 50, "planned"),
    ]
    assert audited() == [("PairStarted", cast.chi.pk)]


@pytest.mark.parametrize(
    ("weeks", "days"),
    [
        pytest.param(4, [26, 29, 32], id="a late pair meets more often"),
        pytest.param(3, [26, 26, 26], id="on the last days all at once"),
        pytest.param(1, [26, 26, 26], id="after the cohort still ahead"),
    ],
)
def test_a_pair_that_starts_late_has_its_plan_in_what_is_left(cast, weeks, days):
    cohort = make_cohort(cast.programme, length_weeks=weeks)

    pair = actions.start_pair(
        cohort, mentor=make_person(), mentee=make_person(), by=cast.chi, at=NOW
    )

    due = [dt.date(2025, 12, 31) + dt.timedelta(days=day) for day in days]
    assert list(pair.sessions.values_list("due_on", flat=True)) == due


@pytest.mark.parametrize("count", [1, 30])
def test_many_pairs_start_with_the_queries_of_one(cast, count, django_assert_num_queries):
    cohort = make_cohort(cast.programme)
    couples = [Couple(mentor=make_person(), mentee=make_person()) for _each in range(count)]

    # savepoint, living pairs, pairs, plan, sessions, audit, release; from about 100 sessions on
    # SQLite takes them in several batches
    with django_assert_num_queries(9):
        pairs = actions.start_pairs(cohort, couples, by=cast.chi, at=NOW)

    assert len(pairs) == cohort.pairs.count() == count
    assert Session.objects.filter(pair__cohort=cohort).count() == 3 * count
    assert AuditEntry.objects.filter(event="PairStarted").count() == count


def test_pairs_are_made_in_the_order_of_the_mentors_names(cast):
    cohort = make_cohort(cast.programme)
    couples = [Couple(mentor=make_person(name), mentee=make_person()) for name in ("Zoe", "ann")]

    actions.start_pairs(cohort, couples, by=cast.chi, at=NOW)

    assert list(cohort.pairs.values_list("mentor__name", flat=True)) == ["ann", "Zoe"]


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        pytest.param("draft", "once the cohort is being paired", id="too early"),
        pytest.param("same", "cannot be paired with themself", id="one person twice"),
        pytest.param("left", "has left the organisation", id="a leaver"),
        pytest.param("again", "are a pair already", id="a living pair"),
    ],
)
def test_a_couple_that_cannot_start_stops_all_of_them(cast, prepare, reason):
    cohort, mentor, mentee = cast.cohort, make_person(), make_person()
    if prepare == "draft":
        cohort = make_cohort(cast.programme, state="draft")
    elif prepare == "same":
        mentee = mentor
    elif prepare == "left":
        mentee = make_person(left_on=dt.date(2026, 1, 1))
    else:
        mentor, mentee = cast.ama, cast.bela
    fine = Couple(mentor=make_person(), mentee=make_person("Aa"))

    with pytest.raises(Refusal, match=reason):
        actions.start_pairs(cohort, [fine, Couple(mentor=mentor, mentee=mentee)], by=cast.chi)

    assert list(Pair.objects.all()) == [cast.pair]
    assert audited() == []


# -- dates ----------------------------------------------------------------------------------------


def test_either_books_for_both(cast, session):
    actions.book_session(session, by=cast.bela, starts_at=SOON, minutes=30, at=NOW)

    assert stored(session) == ("booked", SOON, 30, 1)
    assert changes(session) == [("booked", "mentee", NOW, SOON, None)]
    assert audited() == [("SessionBooked", cast.bela.pk)]
    assert {mail.to_id for mail in OutgoingMail.objects.all()} == {cast.ama.pk, cast.bela.pk}


def test_move_records_the_old_time_and_the_notice(cast, booked):
    actions.move_session(booked, by=cast.bela, starts_at=LATER, at=NOW + 2 * HOUR)

    assert stored(booked) == ("booked", LATER, 50, 2)
    assert changes(booked)[1:] == [("moved", "mentee", NOW + 2 * HOUR, SOON, 46)]


def test_moving_to_the_same_time_changes_nothing(cast, booked):
    actions.move_session(booked, by=cast.bela, starts_at=SOON, at=NOW + 2 * HOUR)

    assert stored(booked) == ("booked", SOON, 50, 1)
    assert len(changes(booked)) == 1
    assert OutgoingMail.objects.count() == 2


def test_a_cancelled_session_waits_for_a_new_date_and_calendars_follow(cast, booked):
    at = SOON - dt.timedelta(minutes=90)

    actions.cancel_session(booked, by=cast.ama, at=at)
    assert stored(booked) == ("planned", None, 50, 2)
    assert changes(booked)[1:] == [("cancelled", "mentor", at, SOON, 1)]

    actions.book_session(booked, by=cast.ama, starts_at=LATER, at=at)
    assert stored(booked) == ("booked", LATER, 50, 3)


def test_held_is_said_once_however_often_it_is_pressed(cast, booked):
    at = SOON + HOUR
    actions.record_held(booked, by=cast.ama, at=at)
    actions.record_held(booked, by=cast.ama, at=at)
    actions.record_held(booked, by=cast.bela, at=at + HOUR)

    assert stored(booked) == ("held", SOON, 50, 1)
    assert changes(booked)[1:] == [("held", "mentor", at, SOON, None)]
    assert audited() == [("SessionBooked", cast.ama.pk), ("SessionHeld", cast.ama.pk)]


def test_a_slip_is_undone_within_a_day_and_stands_afterwards(cast, booked):
    at = SOON + HOUR
    actions.record_missed(booked, by=cast.ama, at=at)
    actions.undo_record(booked, by=cast.bela, at=at + 24 * HOUR)
    assert stored(booked) == ("booked", SOON, 50, 1)

    actions.record_held(booked, by=cast.bela, at=at + 25 * HOUR)
    with pytest.raises(Refusal, match="more than a day ago"):
        actions.undo_record(booked, by=cast.bela, at=at + 50 * HOUR)

    assert [kind for kind, *_rest in changes(booked)] == ["booked", "missed", "corrected", "held"]
    assert stored(booked)[0] == "held"


def test_a_missed_session_is_booked_again(cast, booked):
    actions.record_missed(booked, by=cast.ama, at=SOON + HOUR)
    actions.book_session(booked, by=cast.bela, starts_at=LATER, at=SOON + HOUR)

    assert stored(booked) == ("booked", LATER, 50, 2)


REFUSED = [
    pytest.param("book", "chi", {"starts_at": SOON}, "Only the two people", id="lead books"),
    pytest.param("book", "dov", {"starts_at": SOON}, "Only the two people", id="stranger books"),
    pytest.param("book", "ama", {"starts_at": NOW}, "has passed", id="now is too late"),
    pytest.param("book", "ama", {"starts_at": NOW + 9000 * HOUR}, "year right", id="slip of year"),
    pytest.param(
        "book", "ama", {"starts_at": SOON, "minutes": 5}, "10 minutes and 8 hours", id="too short"
    ),
    pytest.param("move", "ama", {"starts_at": SOON}, "no date", id="nothing to move"),
    pytest.param("cancel", "ama", {}, "no date", id="nothing to cancel"),
    pytest.param("record_held", "ama", {}, "no date", id="never booked"),
    pytest.param("undo", "ama", {}, "nothing to undo", id="never recorded"),
]


@pytest.mark.parametrize(("verb", "who", "args", "reason"), REFUSED)
def test_planned_session_refuses(cast, verb, who, args, reason):
    session = cast.pair.sessions.get(number=1)
    action = {
        "book": actions.book_session, "move": actions.move_session,
        "cancel": actions.cancel_session, "record_held": actions.record_held,
        "undo": actions.undo_record,
    }[verb]  # fmt: skip

    with pytest.raises(Refusal, match=reason):
        action(session, by=getattr(cast, who), at=NOW, **args)

    assert stored(session) == ("planned", None, 50, 0)
    assert changes(session) == []
    assert OutgoingMail.objects.count() == 0


@pytest.mark.parametrize(
    ("verb", "at", "reason"),
    [
        pytest.param("book_session", NOW, "It is booked for Wed 14 Jan 2026, 09:00", id="twice"),
        pytest.param("record_held", NOW, "once the session has begun", id="held too early"),
        pytest.param("record_missed", NOW, "once the session has begun", id="missed too early"),
        pytest.param("move_session", SOON, "Say whether it was held", id="moved when it began"),
        pytest.param("cancel_session", SOON, "Say whether it was held", id="cancelled late"),
    ],
)
def test_booked_session_refuses(cast, booked, verb, at, reason):
    args = {"starts_at": LATER} if verb in {"book_session", "move_session"} else {}

    with pytest.raises(Refusal, match=reason):
        getattr(actions, verb)(booked, by=cast.bela, at=at, **args)

    assert stored(booked) == ("booked", SOON, 50, 1)
    assert len(changes(booked)) == 1


@pytest.mark.parametrize(
    ("minutes_apart", "fits"),
    [pytest.param(50, True, id="one after the other"), pytest.param(49, False, id="overlapping")],
)
def test_nobody_is_booked_twice_for_one_time_in_any_of_their_pairs(
    cast, booked, minutes_apart, fits
):
    other = make_pair(make_cohort(cast.programme), make_person("Kim"), cast.bela)
    session = other.sessions.get(number=1)
    starts_at = SOON + dt.timedelta(minutes=minutes_apart)

    if fits:
        actions.book_session(session, by=other.mentor, starts_at=starts_at, at=NOW)
    else:
        with pytest.raises(Refusal, match="One of you has another session") as refusal:
            actions.book_session(session, by=other.mentor, starts_at=starts_at, at=NOW)
        assert "Ama" not in str(refusal.value)
    assert stored(session)[0] == ("booked" if fits else "planned")


# -- words ----------------------------------------------------------------------------------------


def test_each_writes_their_own_and_both_read_both(cast, booked):
    actions.record_held(booked, by=cast.ama, at=SOON)

    actions.write_learned(booked, by=cast.ama, text=" How budgets are made ")
    actions.write_learned(booked, by=cast.bela, text="To brief a model")

    for person in (cast.ama, cast.bela):
        words = SessionWords.objects.visible_to(person).get()
        assert words.learned_by_mentor == "How budgets are made"
        assert words.learned_by_mentee == "To brief a model"
    assert not SessionWords.objects.visible_to(cast.chi).exists()

    actions.write_learned(booked, by=cast.ama, text="")
    words = SessionWords.objects.get()
    assert (words.learned_by_mentor, words.learned_by_mentee) == (None, "To brief a model")


def test_the_database_holds_no_word_the_two_wrote(cast, booked):
    actions.record_held(booked, by=cast.ama, at=SOON)
    actions.write_learned(booked, by=cast.ama, text="Zwiebelfisch")
    tables = [model._meta.db_table for model in apps.get_models()]

    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            for row in cursor.fetchall():
                stored = b" ".join(
                    bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                    for value in row
                )
                assert b"Zwiebelfisch" not in stored, table


@pytest.mark.parametrize(
    ("who", "length", "held", "reason"),
    [
        pytest.param("chi", 1, True, "Only the two people", id="the lead"),
        pytest.param("ama", 1, False, "once the session was held", id="before it was held"),
        pytest.param("ama", 501, True, "at most 500", id="too long"),
    ],
)
def test_learned_is_refused(cast, who, length, held, reason):
    booked = cast.pair.sessions.get(number=1)
    actions.book_session(booked, by=cast.ama, starts_at=SOON, at=NOW)
    if held:
        actions.record_held(booked, by=cast.ama, at=SOON)
    with pytest.raises(Refusal, match=reason):
        actions.write_learned(booked, by=getattr(cast, who), text="x" * length)
    assert not SessionWords.objects.exists()


# -- a pair ends ----------------------------------------------------------------------------------


def mails_of_ending(name, cast):
    by = {"system": None}.get(name, getattr(cast, name, None))
    actions.end_pair(cast.pair, by=by, at=NOW + dt.timedelta(minutes=20))
    mails = OutgoingMail.objects.exclude(kind="pairs.session_booked")
    return {(mail.kind, mail.to_id): (mail.words["text"], mail.not_before) for mail in mails}


@pytest.mark.parametrize("who", ["ama", "bela", "chi", "system"])
def test_the_words_of_an_ending_do_not_tell_who_ended_it(cast, booked, who):
    mails = mails_of_ending(who, cast)

    assert set(mails) == {
        (kind, person.pk)
        for kind in ("pairs.pair_ended", "pairs.session_cancelled")
        for person in (cast.ama, cast.bela)
    }
    for text, _not_before in mails.values():
        assert "cancelled it" not in text
        assert "Chi" not in text
    text, not_before = mails["pairs.pair_ended", cast.ama.pk]
    assert text.startswith("Your pair has ended\n\nYou and Bela no longer meet")
    assert not_before == NOW + HOUR
    assert (cast.pair.state, cast.pair.ended_on) == ("ended", NOW.date())
    assert stored(booked) == ("planned", None, 50, 2)
    # no side: neither of the two cancelled it
    assert changes(booked)[1][:2] == ("cancelled", "")


def test_an_ended_pair_books_nothing_and_ends_once(cast, session):
    actions.end_pair(cast.pair, by=cast.bela, at=NOW)

    with pytest.raises(Refusal, match="has ended"):
        actions.end_pair(cast.pair, by=cast.ama, at=NOW)
    with pytest.raises(Refusal, match="has ended"):
        actions.book_session(session, by=cast.ama, starts_at=SOON, at=NOW)
    assert [event for event, _by in audited()] == ["PairEnded"]


def test_strangers_and_other_leads_end_no_pair(cast):
    for person in (cast.dov, cast.cleo, cast.sol, cast.root):
        with pytest.raises(Refusal, match="Only the two people and the programme lead"):
            actions.end_pair(cast.pair, by=person, at=NOW)
    assert Pair.objects.get().state == "active"


def test_a_past_lived_at_once_costs_few_queries(cast, session, django_assert_num_queries):

    # savepoint, pairs of both, session, who leaves, clashes, rests, update, change, audit, release
    with no_mail(), django_assert_num_queries(10):
        actions.book_session(session, by=cast.ama, starts_at=SOON, at=NOW)
    # savepoint, pair, session, update, change, whether they close in it, audit, release
    with django_assert_num_queries(8):
        actions.record_held(session, by=cast.ama, at=SOON)


def test_whoever_withdraws_leaves_their_pairs_of_that_cohort(
    cast, booked, django_capture_on_commit_callbacks
):
    elsewhere = make_pair(make_cohort(cast.programme), cast.ama, make_person())
    enrolment = Enrolment.objects.get(person=cast.ama, cohort=cast.cohort)

    with django_capture_on_commit_callbacks(execute=True):
        withdraw(enrolment, by=cast.chi)

    assert set(Pair.objects.values_list("pk", "state")) == {
        (cast.pair.pk, "active"), (elsewhere.pk, "active"),
    }  # fmt: skip
    ending = Ending.objects.get()
    assert (ending.pair_id, ending.who) == (cast.pair.pk, "mentor")
    actions.come_true(at=ending.tells_at)
    assert set(Pair.objects.values_list("pk", "state")) == {
        (cast.pair.pk, "ended"), (elsewhere.pk, "active"),
    }  # fmt: skip
    assert AuditEntry.objects.get(event="PairEnded").by_id is None


def test_pairs_of_who_withdrew_end_even_if_the_process_died_before_the_reaction(cast, booked):
    elsewhere = make_pair(make_cohort(cast.programme), cast.ama, make_person())
    # no commit happens inside a test, so the reaction does not run
    withdraw(Enrolment.objects.get(person=cast.ama, cohort=cast.cohort), by=cast.ama)

    take_up_abandoned()
    take_up_abandoned()

    assert [each.pair_id for each in Ending.objects.all()] == [cast.pair.pk]
    assert elsewhere.endings.count() == 0
