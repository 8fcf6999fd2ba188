"""Recurring slots: a preview that skips what cannot be, one press for all, one press back."""

import datetime as dt
import zoneinfo

import pytest
from django.urls import reverse
from django.utils import timezone

from contraflow.core.errors import Refusal
from contraflow.core.mail import no_mail
from contraflow.core.models import OutgoingMail
from contraflow.pairs import actions, diary
from contraflow.pairs.health import pairs_in_need
from contraflow.pairs.models import Absence, BusyCalendar, BusyTimes, SessionChange
from contraflow.pairs.times import series_of
from tests.conftest import CAST, make_pair

NOW = dt.datetime(2026, 3, 2, 7, tzinfo=dt.UTC)  # a Monday
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
WEEK = dt.timedelta(weeks=1)


def slots_of(pair, first, weeks=1):
    sessions = diary.sessions_without_date(pair)
    found = series_of(pair, sessions, first=first, weeks=weeks, at=NOW)
    return [(slot.starts_at, slot.session and slot.session.number) for slot in found]


def test_a_series_keeps_its_hour_where_the_clocks_change(cast):
    first = dt.datetime(2026, 3, 23, 10, tzinfo=BERLIN)

    with timezone.override(BERLIN):
        slots = slots_of(cast.pair, first)

    assert [f"{moment.astimezone(BERLIN):%d %b %H:%M}" for moment, _number in slots] == [
        "23 Mar 10:00", "30 Mar 10:00", "06 Apr 10:00"
    ]  # fmt: skip
    assert [f"{moment:%H:%M}" for moment, _number in slots] == ["09:00", "08:00", "08:00"]


def test_rests_busy_times_and_other_sessions_are_left_out(cast):
    first = NOW + dt.timedelta(days=1, hours=3)
    rest = (first + WEEK).date()
    Absence.objects.create(person=cast.bela, starts_on=rest, ends_on=rest)
    busy = int((first + 2 * WEEK).timestamp() // 60)
    calendar = BusyCalendar.objects.create(person=cast.ama)
    BusyTimes.objects.create(calendar=calendar, address="x", times=[[busy + 20, busy + 30]])
    other = make_pair(cast.cohort, cast.ama).sessions.get(number=1)
    with no_mail():
        actions.book_session(other, by=cast.ama, starts_at=first + 3 * WEEK, at=NOW)

    assert slots_of(cast.pair, first) == [
        (first, 1), (first + WEEK, None), (first + 2 * WEEK, None), (first + 3 * WEEK, None),
        (first + 4 * WEEK, 2), (first + 5 * WEEK, 3),
    ]  # fmt: skip


def test_a_series_ends_within_the_year(cast):
    pair = make_pair(cast.cohort, sessions=20)
    first = NOW + dt.timedelta(days=1, hours=3)

    slots = slots_of(pair, first, weeks=8)

    assert slots == [(first + number * 8 * WEEK, number + 1) for number in range(7)]


def test_all_are_booked_or_none(cast):
    first = NOW + dt.timedelta(days=1, hours=3)
    moments = [first, first + WEEK, first + 2 * WEEK]
    other = make_pair(cast.cohort, cast.ama).sessions.get(number=1)
    with no_mail():
        actions.book_session(other, by=cast.ama, starts_at=first + 2 * WEEK, at=NOW)

    with pytest.raises(Refusal, match=r"Tue 17 March 2026, 10:00: One of you|17 Mar.*One of you"):
        actions.book_series(cast.pair, by=cast.ama, moments=moments, at=NOW)
    assert cast.pair.sessions.filter(state="planned").count() == 3

    for _twice in range(2):
        actions.book_series(cast.pair, by=cast.ama, moments=moments[:2], at=NOW)
    assert list(cast.pair.sessions.values_list("state", "starts_at", "sequence")) == [
        ("booked", first, 1), ("booked", first + WEEK, 1), ("planned", None, 0),
    ]  # fmt: skip
    assert OutgoingMail.objects.filter(kind="pairs.session_booked").count() == 4
    with pytest.raises(Refusal, match="plan has changed"):
        actions.book_series(cast.pair, by=cast.ama, moments=moments, at=NOW)


def test_one_press_takes_all_of_it_back_and_nobody_has_cancelled(cast):
    first = NOW + dt.timedelta(days=1, hours=3)
    moments = [first, first + WEEK, first + 2 * WEEK]
    actions.book_series(cast.pair, by=cast.bela, moments=moments, at=NOW)
    moved = cast.pair.sessions.get(number=3)
    actions.move_session(moved, by=cast.ama, starts_at=first + 3 * WEEK, at=NOW)

    with pytest.raises(Refusal, match="Only the two people"):
        actions.undo_series(cast.pair, by=cast.chi, at=NOW)
    for _twice in range(2):
        actions.undo_series(cast.pair, by=cast.ama, at=NOW + dt.timedelta(minutes=59))

    # what was moved meanwhile is somebody's wish, and stays
    states = cast.pair.sessions.order_by("number").values_list("state", flat=True)
    assert list(states) == ["planned", "planned", "booked"]
    kinds = SessionChange.objects.filter(kind="cancelled").values_list("side", flat=True)
    assert list(kinds) == ["", ""]
    (need,) = pairs_in_need(cast.cohort, now=NOW)
    assert not any("cancelled" in words for words in need.health.words)
    assert diary.series_just_booked(cast.pair, at=NOW + dt.timedelta(minutes=61)) == []


@pytest.mark.slow
def test_the_two_see_the_dates_before_they_book_them(sign_in, cast):
    url = reverse("pairs:series", args=[cast.pair.code])
    undo = reverse("pairs:series-undo", args=[cast.pair.code])
    day = timezone.localdate() + dt.timedelta(days=7)
    asked = {"starts_on": day, "starts_time": "10:00", "weeks": "2"}
    slot = dt.datetime.combine(day, dt.time(10), dt.UTC).isoformat()
    for name in CAST.keys() - {"ama", "bela"}:
        status = {"nobody": 302, "chi": 403}.get(name, 404)
        client = sign_in(name)
        assert client.get(url, asked).status_code == status
        assert client.post(url, {"slot": slot}).status_code == status
        assert client.post(undo).status_code == status

    client = sign_in("bela")
    assert client.get(url).status_code == 200
    assert client.get(url, asked | {"weeks": "99"}).status_code == 422
    answer = client.get(url, asked)
    assert "Book these 3 sessions" in answer.text
    moments = [slot.starts_at.isoformat() for slot in answer.context["booked"]]
    assert client.post(url, {"slot": ["nonsense"]}).status_code == 409
    assert client.post(url, {"slot": moments}).url == cast.pair.get_absolute_url()
    assert cast.pair.sessions.filter(state="booked").count() == 3
    assert "3 sessions were booked in one go" in client.get(cast.pair.get_absolute_url()).text
    assert "Every session has a date" in client.get(url).text
    assert client.post(undo).url == cast.pair.get_absolute_url()
    assert cast.pair.sessions.filter(state="planned").count() == 3
