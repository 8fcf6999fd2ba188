"""Invitations and feeds, read back as a calendar programme reads them."""

import datetime as dt
import string
import unicodedata
import zoneinfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from contraflow.pairs import calendars
from contraflow.pairs.calendars import Method
from contraflow.pairs.models import Pair, Session
from contraflow.people.models import Person

AT = dt.datetime(2026, 1, 12, 9, 0, tzinfo=dt.UTC)
STARTS = dt.datetime(2026, 1, 14, 9, 0, tzinfo=dt.UTC)


def session_of(mentor_name="Ama", mentee_name="Bela", **fields):
    """Return a session that no database knows."""
    mentor = Person(pk=1, name=mentor_name, email="ama@example.org")
    mentee = Person(pk=2, name=mentee_name, email="bela@example.org")
    pair = Pair(pk=1, mentor=mentor, mentee=mentee)
    defaults = {"number": 1, "minutes": 50, "sequence": 1, "starts_at": STARTS, "code": "bcd234"}
    return Session(pk=1, pair=pair, **(defaults | fields))


def invitation(session, method=Method.REQUEST, *, to=None, starts_at=STARTS, by=None):
    to = to or session.pair.mentor
    return calendars.invitation(session, method, to=to, starts_at=starts_at, at=AT, by=by)


def only_event(text):
    calendar = Calendar.from_ical(text)
    (event,) = calendar.walk("VEVENT")
    return calendar, event


def test_a_request_says_when_where_with_whom_and_nothing_else(settings):
    settings.DEFAULT_FROM_EMAIL = "Contraflow <mentoring@example.org>"
    session = session_of()

    calendar, event = only_event(invitation(session, by=session.pair.mentee))

    assert (calendar["METHOD"], calendar["VERSION"]) == ("REQUEST", "2.0")
    assert event["UID"] == session.uid
    assert event["SEQUENCE"] == 1
    assert event["DTSTAMP"].dt == AT
    assert event["DTSTART"].dt == STARTS
    assert event["DTEND"].dt == STARTS + dt.timedelta(minutes=50)
    assert event["STATUS"] == "CONFIRMED"
    assert event["SUMMARY"] == "Reverse mentoring with Bela"
    assert event["LOCATION"] == session.video_link
    assert event["URL"] == "http://127.0.0.1:8000/pairs/session/bcd234/"
    assert event["DESCRIPTION"].endswith("http://127.0.0.1:8000/pairs/session/bcd234/")
    assert event["ORGANIZER"] == "mailto:mentoring@example.org"
    people = {str(each): dict(each.params) for each in event["ATTENDEE"]}
    role = {"ROLE": "REQ-PARTICIPANT", "RSVP": "FALSE", "CUTYPE": "INDIVIDUAL"}
    assert people == {
        "mailto:ama@example.org": {"CN": "Ama", "PARTSTAT": "NEEDS-ACTION"} | role,
        "mailto:bela@example.org": {"CN": "Bela", "PARTSTAT": "ACCEPTED"} | role,
    }


def test_a_cancellation_names_the_time_it_takes_out():
    session = session_of(starts_at=None, sequence=2)

    calendar, event = only_event(invitation(session, Method.CANCEL, to=session.pair.mentee))

    assert (calendar["METHOD"], event["STATUS"]) == ("CANCEL", "CANCELLED")
    assert (event["UID"], event["SEQUENCE"]) == (session.uid, 2)
    assert event["DTSTART"].dt == STARTS
    assert event["SUMMARY"] == "Reverse mentoring with Ama"


@pytest.mark.parametrize(
    ("local", "utc_hour"),
    [
        pytest.param("2026-03-28 10:00", 9, id="the day before the clocks go forward"),
        pytest.param("2026-03-29 10:00", 8, id="the day the clocks go forward"),
        pytest.param("2026-10-24 10:00", 8, id="the day before the clocks go back"),
        pytest.param("2026-10-25 10:00", 9, id="the day the clocks go back"),
    ],
)
def test_ten_in_berlin_stays_ten_in_berlin_where_the_clock_changes(local, utc_hour):
    berlin = zoneinfo.ZoneInfo("Europe/Berlin")
    starts_at = dt.datetime.fromisoformat(local).replace(tzinfo=berlin)

    _calendar, event = only_event(invitation(session_of(), starts_at=starts_at))

    assert event["DTSTART"].to_ical().decode() == f"{starts_at:%Y%m%d}T{utc_hour:02}0000Z"
    assert event["DTSTART"].dt.astimezone(berlin) == starts_at
    assert event["DTEND"].dt - event["DTSTART"].dt == dt.timedelta(minutes=50)


NAMES = st.one_of(
    st.text(min_size=1, max_size=150).filter(str.strip),
    st.text(alphabet=string.punctuation + "ÅéßЖ中🙂\r\n\t ab", min_size=1, max_size=150),
)
# real moments shown on some clock: a local time may not exist, or exist twice
MOMENTS = st.builds(
    lambda moment, zone: moment.astimezone(zoneinfo.ZoneInfo(zone)),
    st.datetimes(dt.datetime(2024, 1, 1), dt.datetime(2040, 1, 1), timezones=st.just(dt.UTC)),
    st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kolkata", "Pacific/Apia"]),
)


@settings(max_examples=30, deadline=None)
@example(name=r"Ann\Nob\n", starts_at=STARTS, method=Method.REQUEST, sequence=0)
@given(name=NAMES, starts_at=MOMENTS, method=st.sampled_from(Method), sequence=st.integers(0, 99))
def test_whatever_the_name_and_the_time_a_calendar_reads_them_back(
    name, starts_at, method, sequence
):
    session = session_of(mentee_name=name, sequence=sequence)
    text = invitation(session, method, starts_at=starts_at)

    lines = text.split("\r\n")
    assert max(len(line.encode()) for line in lines) <= 75
    assert not any("\n" in line or "\r" in line for line in lines)
    _calendar, event = only_event(text)
    assert event["DTSTART"].dt == starts_at.astimezone(dt.UTC).replace(microsecond=0)
    assert text.count("DTSTART:") == 1
    assert [line[-1] for line in lines if line.startswith(("DTSTART", "DTEND", "DTSTAMP"))] == [
        "Z", "Z", "Z",
    ]  # fmt: skip
    assert (event["UID"], event["SEQUENCE"]) == (session.uid, sequence)
    shown = "".join(
        " " if unicodedata.category(each) in {"Cc", "Zl", "Zp"} else each for each in name
    )
    shown = " ".join(shown.replace("\\", "/").split())
    assert event["SUMMARY"] == f"Reverse mentoring with {shown}"
    assert len(event["ATTENDEE"]) == 2


def test_a_feed_says_the_same_as_long_as_nothing_changes_and_has_no_words():
    session = session_of()

    first = calendars.feed([(session, AT)], to=session.pair.mentor)
    again = calendars.feed([(session, AT)], to=session.pair.mentor)

    assert first == again
    calendar, event = only_event(first)
    assert calendar["X-WR-CALNAME"] == "Reverse mentoring"
    assert "METHOD" not in calendar
    assert event["DTSTAMP"].dt == AT
    assert event["SUMMARY"] == "Reverse mentoring with Bela"
    assert "ATTENDEE" not in event


def test_an_empty_feed_is_still_a_calendar():
    calendar = Calendar.from_ical(calendars.feed([], to=session_of().pair.mentor))

    assert calendar["PRODID"] == "-//Contraflow//Contraflow//EN"
    assert calendar.walk("VEVENT") == []
