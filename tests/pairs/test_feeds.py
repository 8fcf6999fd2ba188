"""The private calendar address: what it holds, how it is revoked, what it costs."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from contraflow.core.mail import no_mail
from contraflow.core.models import AuditEntry
from contraflow.pairs import actions
from contraflow.pairs.models import CalendarFeed, Session, SessionChange

NOW = timezone.now().replace(microsecond=0)


def days(count):
    return NOW + dt.timedelta(days=count)


@pytest.fixture
def url(cast):
    return actions.make_feed(cast.ama).get_absolute_url()


def events(answer):
    found = Calendar.from_ical(answer.content).walk("VEVENT")
    return {str(event["UID"]): event["DTSTART"].dt for event in found}


def test_the_feed_holds_booked_and_held_sessions_of_90_days_and_to_come(client, cast, url):
    made = {}
    for number, (state, day) in enumerate(
        [("held", -91), ("held", -89), ("booked", 2), ("missed", -3), ("planned", None)], start=11
    ):
        made[state, day] = Session.objects.create(
            pair=cast.pair, number=number, state=state, minutes=50, due_on=cast.cohort.starts_on,
            starts_at=None if day is None else days(day),
        )  # fmt: skip

    answer = client.get(url)

    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert events(answer) == {
        made[key].uid: made[key].starts_at for key in [("held", -89), ("booked", 2)]
    }


def test_a_calendar_that_asks_again_is_told_that_nothing_changed(client, cast, url):
    session = cast.pair.sessions.get(number=1)
    actions.book_session(session, by=cast.ama, starts_at=days(2))

    first = client.get(url)
    again = client.get(url, headers={"If-None-Match": first["ETag"]})
    actions.move_session(session, by=cast.bela, starts_at=days(3))
    moved = client.get(url, headers={"If-None-Match": first["ETag"]})

    assert (first.status_code, again.status_code, moved.status_code) == (200, 304, 200)
    assert again.content == b""
    assert "private" in first["Cache-Control"]
    assert events(moved) == {session.uid: days(3)}


def test_a_revoked_address_and_the_one_before_a_new_one_open_nothing(client, cast, url):
    new = actions.make_feed(cast.ama).get_absolute_url()
    assert (client.get(url).status_code, client.get(new).status_code) == (404, 200)

    actions.revoke_feed(cast.ama)
    actions.revoke_feed(cast.ama)
    assert client.get(new).status_code == 404
    assert list(AuditEntry.objects.values_list("event", flat=True)) == [
        "FeedMade", "FeedMade", "FeedRevoked",
    ]  # fmt: skip


def test_the_feed_of_somebody_who_left_is_gone(client, cast, url):
    cast.ama.left_on = timezone.localdate()
    cast.ama.save()

    assert client.get(url).status_code == 404


@pytest.mark.parametrize("secret", ["x", "é", "a" * 300])
def test_a_guess_opens_nothing(client, url, secret):
    assert client.get(reverse("pairs:feed", args=[secret])).status_code == 404


def test_the_owner_reads_the_address_again_and_the_database_does_not_hold_it(sign_in, cast, url):
    secret = url.split("/")[-1].removesuffix(".ics")

    assert secret in sign_in("ama").get(reverse("pairs:calendar")).content.decode()
    row = CalendarFeed.objects.values().get()
    assert secret.encode() not in bytes(row["secret"])
    assert secret not in row["digest"]


@pytest.mark.parametrize("count", [1, 500])
def test_a_feed_costs_two_queries_for_any_number_of_sessions(
    client, cast, url, count, django_assert_num_queries
):
    with no_mail():
        sessions = Session.objects.bulk_create(
            Session(
                pair=cast.pair, number=100 + number, state="booked", minutes=50,
                due_on=cast.cohort.starts_on, starts_at=days(number), sequence=1,
            )
            for number in range(1, count + 1)
        )  # fmt: skip
    SessionChange.objects.bulk_create(
        SessionChange(session=session, kind="booked", side="mentor") for session in sessions
    )

    with django_assert_num_queries(2):
        answer = client.get(url)

    assert answer.content.count(b"BEGIN:VEVENT") == count
