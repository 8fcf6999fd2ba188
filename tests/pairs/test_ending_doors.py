"""The way out: who opens its doors, what they say, what they change, and how it is taken back."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from contraflow.core.errors import Refusal
from contraflow.core.models import AuditEntry, Notice, OutgoingMail
from contraflow.core.upkeep import take_up_abandoned
from contraflow.pairing.standing import without_partner
from contraflow.pairs import actions, calendars, queries
from contraflow.pairs.actions.endings import told_at
from contraflow.pairs.models import Afterwards, Ending, Pair
from contraflow.people.actions import let_leave, take_back
from contraflow.people.models import Person
from contraflow.programmes.actions import withdraw
from tests.conftest import CAST, each_of, make_cohort, make_pair, make_person

pytestmark = pytest.mark.slow

# a Wednesday
NOW = dt.datetime(2026, 1, 14, 10, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
THURSDAY = dt.datetime(2026, 1, 15, 9, 0, tzinfo=dt.UTC)


@pytest.fixture
def session(cast):
    """The first session of Ama and Bela, booked in three days."""
    session = cast.pair.sessions.get(number=1)
    actions.book_session(session, by=cast.ama, starts_at=NOW + 72 * HOUR, at=NOW)
    OutgoingMail.objects.all().delete()
    Notice.objects.all().delete()
    return session


def kinds_to(person):
    return sorted(OutgoingMail.objects.filter(to_id=person.pk).values_list("kind", flat=True))


# -- doors ----------------------------------------------------------------------------------------

MAY_END = {"ama": "mentor", "bela": "mentee", "chi": "lead"}


@pytest.mark.parametrize("name", each_of())
def test_who_ends_a_pair_and_takes_that_back(sign_in, cast, name):
    end = reverse("pairs:pair-end", args=[cast.pair.code])
    stay = reverse("pairs:pair-stay", args=[cast.pair.code])
    client = sign_in(name)
    refused = 302 if name == "nobody" else 404

    assert client.get(end).status_code == (200 if name in MAY_END else refused)
    assert client.post(end).status_code == (302 if name in MAY_END else refused)
    assert [each.who for each in Ending.objects.all()] == (
        [MAY_END[name]] if name in MAY_END else []
    )
    assert client.post(end).status_code == (302 if name in MAY_END else refused)
    assert Pair.objects.get().state == "active"
    assert client.post(stay).status_code == (302 if name in MAY_END else refused)
    assert not Ending.objects.exists()


@pytest.mark.parametrize("name", each_of(sorted(CAST.keys() - {"ama"})))
def test_nobody_else_takes_back_what_one_asked_for(sign_in, cast, name):
    actions.ask_to_end(cast.pair, by=cast.ama)

    sign_in(name).post(reverse("pairs:pair-stay", args=[cast.pair.code]))

    assert Ending.objects.get().who == "mentor"


@pytest.mark.parametrize("name", each_of())
def test_who_says_that_they_look_for_a_partner(sign_in, cast, name):
    actions.ask_to_end(cast.pair, by=cast.ama, at=NOW)
    actions.come_true(at=THURSDAY)
    url = reverse("pairs:pair-seek", args=[cast.pair.code])
    statuses = dict.fromkeys(CAST, 404) | {"nobody": 302, "chi": 403, "ama": 302, "bela": 302}

    assert sign_in(name).post(url).status_code == statuses[name]

    sought = Afterwards.objects.filter(seeks_since__isnull=False).values_list("side", flat=True)
    assert list(sought) == ([MAY_END[name]] if name in {"ama", "bela"} else [])


def test_the_page_says_what_happens_and_what_else_is_possible(sign_in, cast):
    url = reverse("pairs:pair-end", args=[cast.pair.code])
    when = told_at(cast.pair, timezone.now())

    shown = sign_in("ama").get(url).text

    assert f"{when:%A} {when.day} {when:%B, %H:%M}" in shown
    for words in ("Nobody asks for one", "one press takes it back", "A pause", "trusted contact"):
        assert words in shown
    shown = sign_in("chi").get(url).text
    assert "nor that it was you" in shown
    assert "A pause" not in shown


# -- at once for who leaves -----------------------------------------------------------------------


def test_for_who_leaves_it_is_over_at_once(sign_in, cast, session):
    page = cast.pair.get_absolute_url()
    actions.ask_to_end(cast.pair, by=cast.ama, at=NOW)

    (mail,) = OutgoingMail.objects.all()
    assert (mail.kind, mail.to_id) == ("pairs.session_cancelled", cast.ama.pk)
    assert "METHOD:CANCEL" in mail.words["calendar"]
    assert "cancelled it" not in mail.words["text"]
    assert "BEGIN:VEVENT" not in calendars.feed(queries.feed_sessions(cast.ama), to=cast.ama)
    assert session.uid in calendars.feed(queries.feed_sessions(cast.bela, at=NOW), to=cast.bela)
    shown = sign_in("ama").get(page).text
    assert "You have ended this pair" in shown
    assert "Book the session" not in shown
    with pytest.raises(Refusal, match="has ended"):
        actions.move_session(session, by=cast.ama, starts_at=NOW + 90 * HOUR, at=NOW)
    assert "You have ended" not in sign_in("bela").get(page).text


def test_what_the_partner_does_meanwhile_never_reaches_who_left(cast, session):
    actions.ask_to_end(cast.pair, by=cast.ama, at=NOW)
    OutgoingMail.objects.all().delete()
    pair = Pair.objects.get()

    actions.move_session(session, by=cast.bela, starts_at=NOW + 90 * HOUR, at=NOW)
    other = pair.sessions.get(number=2)
    actions.book_session(other, by=cast.bela, starts_at=NOW + 200 * HOUR, at=NOW)
    actions.cancel_session(other, by=cast.bela, at=NOW)

    assert kinds_to(cast.ama) == []
    assert len(kinds_to(cast.bela)) == 3
    assert not Notice.objects.filter(for_id=cast.ama.pk).exists()


def test_who_left_has_the_hours_free_for_somebody_else(cast, session):
    other = make_pair(make_cohort(cast.programme), cast.ama, make_person("Kim"))
    theirs = other.sessions.get(number=1)
    with pytest.raises(Refusal, match="another session"):
        actions.book_session(theirs, by=cast.ama, starts_at=session.starts_at, at=NOW)

    actions.ask_to_end(cast.pair, by=cast.ama, at=NOW)

    actions.book_session(theirs, by=cast.ama, starts_at=session.starts_at, at=NOW)


def test_taken_back_it_is_in_the_calendar_again_and_nobody_heard(cast, session):
    actions.ask_to_end(cast.pair, by=cast.ama, at=NOW)
    actions.take_back_end(cast.pair, by=cast.ama, at=NOW + HOUR)
    actions.come_true(at=THURSDAY)

    assert kinds_to(cast.ama) == ["pairs.session_booked", "pairs.session_cancelled"]
    assert kinds_to(cast.bela) == []
    assert Pair.objects.get().state == "active"
    events = AuditEntry.objects.values_list("event", flat=True)
    assert set(events) == {"SessionBooked"}


def test_who_withdrew_from_the_programme_does_not_come_back_by_the_pair(cast):
    withdraw(cast.ama.enrolments.get(cohort=cast.cohort), by=cast.ama)
    actions.leave_behind(cast.pair, gone=cast.ama, at=NOW)

    with pytest.raises(Refusal, match="You take part no longer"):
        actions.take_back_end(cast.pair, by=cast.ama, at=NOW)


# -- the hour -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "at", "hour"),
    [
        pytest.param("UTC", "2026-01-14 08:59", "2026-01-14 09:00", id="before the hour"),
        pytest.param("UTC", "2026-01-14 09:00", "2026-01-15 09:00", id="at the hour"),
        pytest.param("UTC", "2026-01-16 10:00", "2026-01-19 09:00", id="over the weekend"),
        pytest.param("Asia/Tokyo", "2026-01-14 01:00", "2026-01-15 00:00", id="on their clock"),
        pytest.param("Europe/Berlin", "2026-03-27 12:00", "2026-03-30 07:00", id="summer begins"),
    ],
)
def test_the_hour_is_nine_on_the_mentors_next_working_day(cast, zone, at, hour):
    cast.ama.time_zone = zone
    moments = [dt.datetime.fromisoformat(f"{each}+00:00") for each in (at, hour)]

    assert told_at(Pair(mentor=cast.ama), moments[0]) == moments[1]


@pytest.mark.parametrize(
    ("hours", "told"),
    [
        pytest.param(4, NOW + 3 * HOUR, id="an hour before it"),
        pytest.param(0.5, NOW, id="at once where it is near"),
        pytest.param(48, THURSDAY, id="at the hour where it is later"),
    ],
)
def test_nobody_waits_in_vain_a_date_brings_the_hour_forward(cast, hours, told):
    session = cast.pair.sessions.get(number=1)
    starts_at = NOW + hours * HOUR
    actions.book_session(session, by=cast.ama, starts_at=starts_at, at=NOW - HOUR)
    actions.ask_to_end(cast.pair, by=cast.ama, at=NOW)

    ticks = sorted({NOW, *(NOW + n * HOUR / 2 for n in range(60))})
    ended = next(at for at in ticks if actions.come_true(at=at))

    assert ended == told
    pair = Pair.objects.get()
    assert (pair.state, pair.ended_on) == ("ended", told.date())
    mail = OutgoingMail.objects.get(kind="pairs.pair_ended", to_id=cast.bela.pk)
    assert mail.not_before == told


def test_after_the_hour_nothing_kept_tells_who_it_was(cast, session):
    actions.ask_to_end(cast.pair, by=cast.ama, at=NOW)
    OutgoingMail.objects.update(state="sent")

    assert actions.come_true(at=THURSDAY) == 1
    assert actions.come_true(at=THURSDAY) == 0

    assert not Ending.objects.exists()
    assert kinds_to(cast.ama) == ["pairs.pair_ended"]
    assert kinds_to(cast.bela) == ["pairs.pair_ended", "pairs.session_cancelled"]
    ended = OutgoingMail.objects.filter(kind="pairs.pair_ended").order_by("to_id")
    assert {mail.words["subject"] for mail in ended} == {"Your reverse mentoring pair has ended"}
    assert set(AuditEntry.objects.values_list("event", "by_id")) == {
        ("SessionBooked", cast.ama.pk), ("PairEnded", None),
    }  # fmt: skip


def test_a_wish_to_leave_outlives_a_matching_that_is_undone(cast):
    actions.ask_to_end(cast.pair, by=cast.ama, at=NOW)
    actions.end_pair(cast.pair, by=cast.chi, at=NOW)
    actions.resume_pair(cast.pair, ended_at=NOW, by=cast.chi, at=NOW)

    actions.come_true(at=THURSDAY)

    assert Pair.objects.get().state == "ended"
    assert not Ending.objects.exists()


def test_a_wish_to_leave_is_forgotten_where_a_matching_ended_the_pair(cast):
    actions.ask_to_end(cast.pair, by=cast.ama, at=NOW)
    actions.end_pair(cast.pair, by=cast.chi, at=NOW)

    assert actions.come_true(at=THURSDAY) == 0

    assert not Ending.objects.exists()
    assert not Afterwards.objects.exists()


def test_what_a_lead_ends_is_in_the_audit_trail(cast):
    actions.ask_to_end(cast.pair, by=cast.chi, at=NOW)

    assert set(AuditEntry.objects.values_list("event", "by_id")) == {("PairEndAsked", cast.chi.pk)}


# -- departures -----------------------------------------------------------------------------------


def test_the_pairs_of_who_left_end_at_the_hour(cast, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        let_leave(cast.ama, by=cast.root)
    ending = Ending.objects.get()

    actions.come_true(at=ending.tells_at)

    assert ending.who == "departure"
    assert Pair.objects.get().state == "ended"
    assert kinds_to(cast.bela) == ["pairs.pair_ended"]
    assert kinds_to(cast.ama) == []


def test_who_is_back_before_the_hour_is_still_one_of_the_pair(cast):
    let_leave(cast.ama, by=cast.root)
    actions.leave_behind(cast.pair, gone=Person.objects.get(pk=cast.ama.pk), at=NOW)
    take_back(Person.objects.get(pk=cast.ama.pk), by=cast.root)

    actions.come_true(at=THURSDAY)

    assert Pair.objects.get().state == "active"
    assert not Ending.objects.exists()


def test_a_departure_that_nobody_noticed_is_found(cast):
    Person.objects.filter(pk=cast.bela.pk).update(left_on=NOW.date())

    take_up_abandoned()

    assert Ending.objects.get().who == "departure"


# -- afterwards -----------------------------------------------------------------------------------


def test_nobody_looks_for_a_partner_before_saying_so(cast):
    actions.ask_to_end(cast.pair, by=cast.ama, at=NOW)
    actions.come_true(at=THURSDAY)
    alone = without_partner(cast.cohort).values_list("person_id", flat=True)
    assert list(alone) == []

    actions.seek_partner(cast.pair, by=cast.bela)
    actions.seek_partner(cast.pair, by=cast.bela)

    assert list(alone.all()) == [cast.bela.pk]
    assert AuditEntry.objects.filter(event="PartnerSought").count() == 1
    actions.seek_partner(cast.pair, by=cast.bela, seeks=False)
    assert list(alone.all()) == []


def test_it_is_asked_only_after_an_end_and_of_who_takes_part(cast):
    with pytest.raises(Refusal, match="once the pair has ended"):
        actions.seek_partner(cast.pair, by=cast.ama)
    actions.ask_to_end(cast.pair, by=cast.ama, at=NOW)
    actions.come_true(at=THURSDAY)
    withdraw(cast.ama.enrolments.get(cohort=cast.cohort), by=cast.ama)
    with pytest.raises(Refusal, match="You take part no longer"):
        actions.seek_partner(cast.pair, by=cast.ama)
    make_pair(cast.cohort, make_person("Kim"), cast.bela)
    with pytest.raises(Refusal, match="You have a partner again"):
        actions.seek_partner(cast.pair, by=cast.bela)
