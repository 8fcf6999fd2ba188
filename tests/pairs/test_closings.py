"""Two close their pair together: suggested, wanted by both, written, done, told as every end."""

import datetime as dt

import pytest

from contraflow.content.schema import load_closing
from contraflow.core.errors import Refusal
from contraflow.core.letters import kind_of
from contraflow.core.models import AuditEntry, Notice, OutgoingMail
from contraflow.desk.actions import recompute
from contraflow.desk.models import PairHealth
from contraflow.pairing.standing import without_partner
from contraflow.pairs import actions, closings
from contraflow.pairs.models import Closing, ClosingPage, ClosingWords, Ending, Pair
from contraflow.pairs.times import told_at
from tests.pairs.ends import PAGE, close

# a Wednesday
NOW = dt.datetime(2026, 1, 14, 10, 0, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
THURSDAY = dt.datetime(2026, 1, 15, 9, 0, tzinfo=dt.UTC)


def closing_of(pair):
    return Closing.objects.get(pair=pair)


def kinds_to(person, *, said="pairs.closing"):
    mails = OutgoingMail.objects.filter(to_id=person.pk, kind__startswith=said)
    return list(mails.order_by("pk").values_list("kind", flat=True))


def book(pair, person, *, number=1, hours=72):
    session = pair.sessions.get(number=number)
    return actions.book_session(session, by=person, starts_at=NOW + hours * HOUR, at=NOW)


@pytest.fixture
def wanted(cast):
    """Both of the pair want to close, with a session that is booked in three days."""
    book(cast.pair, cast.ama)
    close(cast.pair, "both want it", cast.ama, NOW)
    return cast.pair


# -- suggested, and answered ----------------------------------------------------------------------


def test_one_suggests_and_the_other_agrees(cast):
    session = book(cast.pair, cast.ama)

    for _ in range(2):  # a double click
        actions.suggest_closing(cast.pair, by=cast.ama, at=NOW)
    assert closing_of(cast.pair).suggested_by == "mentor"
    assert not ClosingPage.objects.exists()
    assert (kinds_to(cast.bela), kinds_to(cast.ama)) == (["pairs.closing_suggested"], [])
    for _ in range(2):
        actions.suggest_closing(cast.pair, by=cast.bela, at=NOW + HOUR)

    row = closing_of(cast.pair)
    assert (row.agreed_at, row.session) == (NOW + HOUR, session)
    assert [page.side for page in row.pages.all()] == ["mentee", "mentor"]
    assert kinds_to(cast.ama) == ["pairs.closing_agreed"]
    assert Pair.objects.get().state == "active"


def test_who_suggested_it_is_kept_until_it_is_answered_and_not_longer(cast, wanted):
    assert closing_of(wanted).suggested_by == ""


def test_of_a_suggestion_that_nobody_answered_nothing_is_left_at_the_end(cast):
    actions.suggest_closing(cast.pair, by=cast.ama, at=NOW)
    OutgoingMail.objects.update(state=OutgoingMail.State.SENT)

    actions.ask_to_end(cast.pair, by=cast.bela, at=NOW)
    actions.come_true(at=THURSDAY)

    row = closing_of(cast.pair)
    assert (row.suggested_by, row.agreed_at, row.done_at) == ("", None, None)
    assert kinds_to(cast.bela) == []


def test_a_suggestion_is_taken_back_and_nobody_is_told(cast):
    actions.suggest_closing(cast.pair, by=cast.ama, at=NOW)

    for _ in range(2):
        actions.put_off_closing(cast.pair, by=cast.ama, at=NOW)

    assert closing_of(cast.pair).suggested_by == ""
    assert kinds_to(cast.bela) == ["pairs.closing_suggested"]
    mail = OutgoingMail.objects.get(kind="pairs.closing_suggested")
    assert kind_of(mail.kind).still_due(mail.cause) is False
    # what is suggested again on the same day is not told twice
    actions.suggest_closing(cast.pair, by=cast.ama, at=NOW + HOUR)
    assert kinds_to(cast.bela) == ["pairs.closing_suggested"]
    assert Notice.objects.filter(for_id=cast.bela.pk).count() == 1


def test_not_yet_needs_no_reason_and_holds_for_a_week(cast):
    actions.suggest_closing(cast.pair, by=cast.ama, at=NOW)
    actions.put_off_closing(cast.pair, by=cast.bela, at=NOW)

    assert kinds_to(cast.ama) == ["pairs.closing_not_yet"]
    with pytest.raises(Refusal, match="Bela goes on for now. You can suggest it again from 21 Jan"):
        actions.suggest_closing(cast.pair, by=cast.ama, at=NOW + 6 * DAY)
    actions.suggest_closing(cast.pair, by=cast.ama, at=NOW + 7 * DAY)
    assert closing_of(cast.pair).was_suggested_by("mentor")


def test_who_said_not_yet_may_suggest_it_at_any_time(cast):
    actions.suggest_closing(cast.pair, by=cast.ama, at=NOW)
    actions.put_off_closing(cast.pair, by=cast.bela, at=NOW)

    actions.suggest_closing(cast.pair, by=cast.bela, at=NOW + HOUR)
    assert closing_of(cast.pair).waits_for("mentor")
    actions.suggest_closing(cast.pair, by=cast.ama, at=NOW + HOUR)

    assert closing_of(cast.pair).agreed_at == NOW + HOUR


@pytest.mark.parametrize("name", ["ama", "bela"])
def test_either_goes_on_after_all_and_what_was_written_stays_with_its_writer(cast, wanted, name):
    close(wanted, "both have written", cast.ama, NOW)

    actions.put_off_closing(wanted, by=getattr(cast, name), at=NOW)

    row = closing_of(wanted)
    assert (row.agreed_at, row.session) == (None, None)
    for one, side in ((cast.ama, "mentor"), (cast.bela, "mentee")):
        assert closings.texts_of(wanted, reader=one).keys() == {side}
    close(wanted, "both want it", cast.ama, NOW + DAY)
    assert closings.texts_of(wanted, reader=cast.ama)["mentor"]["came"] == PAGE["came"]


def test_the_closing_session_is_the_next_one(cast):
    book(cast.pair, cast.ama, number=3, hours=10)
    book(cast.pair, cast.ama, number=2, hours=40)

    close(cast.pair, "both want it", cast.ama, NOW)

    assert closing_of(cast.pair).session.number == 3


def test_without_a_session_left_the_two_close_by_saying_so(cast):
    cast.pair.sessions.update(state="held", starts_at=NOW - DAY)

    close(cast.pair, "both are done", cast.ama, NOW)

    assert closing_of(cast.pair).session is None
    assert Ending.objects.get().who == "together"


# -- the two pages --------------------------------------------------------------------------------


def test_a_page_is_read_by_the_other_once_both_have_finished(cast):
    wanted = cast.pair
    close(wanted, "both want it", cast.ama, NOW)
    actions.write_closing_page(wanted, by=cast.ama, texts=PAGE, at=NOW)
    assert closings.texts_of(wanted, reader=cast.bela) == {}
    actions.write_closing_page(wanted, by=cast.ama, texts=PAGE, is_ready=True, at=NOW)
    actions.write_closing_page(wanted, by=cast.bela, texts={"taken": "To ask"}, at=NOW)
    assert closings.texts_of(wanted, reader=cast.bela).keys() == {"mentee"}
    assert closings.texts_of(wanted, reader=cast.ama).keys() == {"mentor"}

    for _ in range(2):
        actions.write_closing_page(
            wanted, by=cast.bela, texts={"taken": "To ask"}, is_ready=True, at=NOW
        )

    for one in (cast.ama, cast.bela):
        read = closings.texts_of(wanted, reader=one)
        assert (read["mentor"]["came"], read["mentee"]["taken"]) == (PAGE["came"], "To ask")
    assert kinds_to(cast.ama, said="pairs.closing_ready") == ["pairs.closing_ready"]
    assert kinds_to(cast.bela, said="pairs.closing_ready") == []


def test_at_the_closing_session_a_finished_page_is_read_and_a_draft_is_not(cast, wanted):
    actions.write_closing_page(wanted, by=cast.ama, texts=PAGE, is_ready=True, at=NOW)
    actions.write_closing_page(wanted, by=cast.bela, texts={"taken": "To ask"}, at=NOW)

    session = closing_of(wanted).session
    assert session.starts_at > NOW
    assert not closing_of(wanted).is_open_at(NOW)

    # by now it has begun
    assert closings.texts_of(wanted, reader=cast.bela).keys() == {"mentor", "mentee"}
    assert closings.texts_of(wanted, reader=cast.ama).keys() == {"mentor"}
    # a session that was not held opens nothing
    type(session).objects.filter(pk=session.pk).update(state="missed")
    assert closings.texts_of(wanted, reader=cast.bela).keys() == {"mentee"}


def test_a_page_is_taken_back_while_it_is_not_finished_and_never_finished_empty(cast, wanted):
    with pytest.raises(Refusal, match="Nothing stands on your page yet"):
        actions.write_closing_page(wanted, by=cast.ama, texts={}, is_ready=True)
    actions.write_closing_page(wanted, by=cast.ama, texts=PAGE, is_ready=True)
    actions.write_closing_page(wanted, by=cast.ama, is_ready=False)

    assert ClosingPage.objects.get(side="mentor").ready_at is None
    assert closings.texts_of(wanted, reader=cast.ama)["mentor"]["came"] == PAGE["came"]


@pytest.mark.parametrize(
    ("how", "texts", "reason"),
    [
        ("nothing", PAGE, "once both of you want to close"),
        ("one suggested it", PAGE, "once both of you want to close"),
        ("they go on after all", PAGE, "once both of you want to close"),
        ("both want it", {"came": "x" * 1001}, "At most 1,000 characters"),
    ],
)
def test_when_a_page_cannot_be_written(cast, how, texts, reason):
    close(cast.pair, how, cast.ama, NOW)

    with pytest.raises(Refusal, match=reason):
        actions.write_closing_page(cast.pair, by=cast.ama, texts=texts)


def test_what_is_no_question_is_not_kept(cast, wanted):
    actions.write_closing_page(wanted, by=cast.ama, texts={"rating": "5", **PAGE})

    assert set(ClosingWords.objects.get().texts) == set(closings.QUESTIONS)


# -- done -----------------------------------------------------------------------------------------


def test_the_pair_ends_at_the_hour_of_every_end_once_its_closing_session_was_held(cast, wanted):
    session = closing_of(wanted).session
    at = session.starts_at + HOUR

    for _ in range(2):
        actions.record_held(session, by=cast.ama, at=at)

    hour = told_at(wanted, at)
    assert [(each.who, each.tells_at) for each in Ending.objects.all()] == [("together", hour)]
    actions.come_true(at=hour - dt.timedelta(minutes=1))
    assert Pair.objects.get().state == "active"
    actions.come_true(at=hour)
    assert Pair.objects.get().state == "ended"
    assert not Ending.objects.exists()
    assert closing_of(wanted).done_at == at


def test_both_are_free_for_somebody_new_as_after_every_end(cast):
    close(cast.pair, "both are done", cast.ama, NOW)
    actions.come_true(at=THURSDAY)

    actions.seek_partner(cast.pair, by=cast.bela, at=THURSDAY)

    found = without_partner(cast.cohort)
    assert cast.bela.pk in {each.person_id for each in found}
    assert cast.ama.pk not in {each.person_id for each in found}


def test_one_who_says_that_it_is_done_waits_for_the_other(cast, wanted):
    for _ in range(2):
        actions.say_done(wanted, by=cast.ama, at=NOW)
    assert not Ending.objects.exists()

    actions.say_done(wanted, by=cast.bela, at=NOW)

    assert Ending.objects.get().tells_at == THURSDAY
    # until the hour either goes on after all
    actions.put_off_closing(wanted, by=cast.ama, at=NOW)
    assert not Ending.objects.exists()
    with pytest.raises(Refusal, match="once both of you want to close"):
        actions.say_done(wanted, by=cast.ama, at=NOW)


def test_another_session_that_is_held_closes_nothing(cast, wanted):
    other = book(wanted, cast.ama, number=2, hours=200)

    actions.record_held(other, by=cast.ama, at=other.starts_at + HOUR)

    assert closing_of(wanted).done_at is None
    assert not Ending.objects.exists()


def test_a_slip_of_held_is_taken_back_with_the_end(cast, wanted):
    session = closing_of(wanted).session
    at = session.starts_at + HOUR
    actions.record_held(session, by=cast.ama, at=at)

    actions.undo_record(session, by=cast.bela, at=at)

    assert closing_of(wanted).done_at is None
    assert not Ending.objects.exists()
    actions.come_true(at=told_at(wanted, at))
    assert Pair.objects.get().state == "active"


def test_a_slip_of_held_changes_nothing_where_both_said_that_it_is_done(cast, wanted):
    session = closing_of(wanted).session
    close(wanted, "both are done", cast.ama, session.starts_at)
    actions.record_held(session, by=cast.ama, at=session.starts_at + HOUR)

    actions.undo_record(session, by=cast.ama, at=session.starts_at + HOUR)

    assert Ending.objects.get().who == "together"


def test_after_the_hour_nothing_of_it_can_be_taken_back_or_written(cast):
    close(cast.pair, "both are done", cast.ama, NOW)
    actions.come_true(at=THURSDAY)

    for act in (
        lambda: actions.suggest_closing(cast.pair, by=cast.ama),
        lambda: actions.put_off_closing(cast.pair, by=cast.ama),
        lambda: actions.write_closing_page(cast.pair, by=cast.ama, texts=PAGE),
        lambda: actions.say_done(cast.pair, by=cast.ama),
    ):
        with pytest.raises(Refusal, match="This pair has ended"):
            act()


# -- what is told ---------------------------------------------------------------------------------


def ended_mail(person):
    return OutgoingMail.objects.get(kind="pairs.pair_ended", to_id=person.pk)


@pytest.mark.parametrize("how", ["both are done", "the other is done"])
def test_the_mail_about_the_end_says_thanks_where_they_closed_it_and_nothing_elsewhere(cast, how):
    close(cast.pair, how, cast.ama, NOW)
    actions.ask_to_end(cast.pair, by=cast.bela, at=NOW)
    actions.come_true(at=THURSDAY)

    for person in (cast.ama, cast.bela):
        mail = ended_mail(person)
        text = mail.words["text"]
        assert mail.words["subject"] == "Your reverse mentoring pair has ended"
        assert ("You closed it together. Thank you" in text) is (how == "both are done")
        assert "{closed}" not in text
        assert "Pairs end for many reasons, and none is asked for." in text


def test_nothing_of_a_closing_is_announced_or_left_in_the_outbox(cast):
    before = AuditEntry.objects.count()
    close(cast.pair, "both have written", cast.ama, NOW)
    close(cast.pair, "both are done", cast.ama, NOW)
    assert AuditEntry.objects.count() == before
    OutgoingMail.objects.update(state=OutgoingMail.State.SENT)

    actions.come_true(at=THURSDAY)

    entries = AuditEntry.objects.order_by("pk")[before:]
    assert [(each.event, each.by_id) for each in entries] == [("PairEnded", None)]
    assert kinds_to(cast.ama) + kinds_to(cast.bela) == []


def test_who_has_left_hears_nothing_of_what_the_other_does_to_close(cast):
    actions.ask_to_end(cast.pair, by=cast.bela, at=NOW)
    pair = Pair.objects.get()

    actions.suggest_closing(pair, by=cast.ama, at=NOW)

    assert kinds_to(cast.bela) == []
    assert not Notice.objects.filter(for_id=cast.bela.pk).exists()


@pytest.mark.parametrize(
    ("kind", "how", "is_due"),
    [
        ("suggested", "one suggested it", True),
        ("suggested", "both want it", False),
        ("suggested", "one was told not yet", False),
        ("agreed", "both want it", True),
        ("agreed", "they go on after all", False),
        ("not_yet", "one was told not yet", True),
        ("not_yet", "both want it", False),
        ("ready", "both have written", True),
    ],
)
def test_a_mail_that_waited_is_sent_only_while_it_is_true(cast, kind, how, is_due):
    close(cast.pair, how, cast.ama, NOW)
    still_due = kind_of(f"pairs.closing_{kind}").still_due
    cause = {"pair": cast.pair.pk, "reader": cast.bela.pk}

    assert still_due(cause) is is_due
    actions.ask_to_end(cast.pair, by=cast.bela, at=NOW)
    assert still_due(cause) is False
    assert still_due(cause | {"pair": 0}) is False


def test_nothing_the_two_do_to_close_moves_their_health(cast):
    def health(at):
        recompute(at=at)
        return list(PairHealth.objects.values_list("points", "band", "signals"))

    later = NOW + 30 * DAY
    before = health(later)
    assert before[0][0] > 0
    for how in (
        "one was told not yet", "both have written", "they go on after all", "both are done",
    ):  # fmt: skip
        close(cast.pair, how, cast.bela, NOW + 8 * DAY)
        assert health(later) == before, how


# -- the ritual -----------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes", [10, 25, 50, 480])
def test_the_agenda_of_the_closing_session_makes_exactly_the_session(cast, wanted, minutes):
    row = closing_of(wanted)
    session = wanted.sessions.get(pk=row.session_id)
    session.minutes = minutes

    agenda = closings.agenda_of(session, row)

    assert sum(part["minutes"] for part in agenda) == minutes
    assert [part["name"] for part in agenda] == [part.title for part in load_closing().agenda]
    assert not any("{" in part["text"] for part in agenda)
    assert any("Ama begins" in part["text"] for part in agenda)


def test_every_other_session_keeps_its_agenda(cast, wanted):
    row = closing_of(wanted)

    other = closings.agenda_of(wanted.sessions.get(number=2), row)

    assert [part["name"] for part in other][-1] == "Left open"
