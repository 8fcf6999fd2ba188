"""Times that suit both: by the hours each named, on the clock each has."""

import datetime as dt
import zoneinfo

import pytest
from django.utils import timezone

from contraflow.core.mail import no_mail
from contraflow.pairs import actions
from contraflow.pairs.forms import DateForm
from contraflow.pairs.times import times_for_both
from contraflow.programmes.models import Enrolment, Profile
from tests.conftest import make_pair

KOLKATA, BERLIN, NEW_YORK, AUCKLAND = (
    zoneinfo.ZoneInfo(name)
    for name in ("Asia/Kolkata", "Europe/Berlin", "America/New_York", "Pacific/Auckland")
)
NOW = dt.datetime(2026, 3, 2, 7, tzinfo=dt.UTC)  # a Monday
TUESDAY = NOW + dt.timedelta(days=1)


def living_in(pair, mentor, leader):
    """Give each of the two (time zone, hours of every weekday that suit)."""
    for person, (zone, hours) in ((pair.mentor, mentor), (pair.mentee, leader)):
        person.time_zone = str(zone)
        person.save()
        week = [24 * day + hour for day in range(5) for hour in hours]
        enrolment = Enrolment.objects.get(person=person, cohort=pair.cohort)
        Profile.objects.update_or_create(enrolment=enrolment, defaults={"hours": week})
    return pair.sessions.get(number=1)


def utc(day, hour, minute=0):
    return dt.datetime(2026, 3, day, hour, minute, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("mentor", "leader", "near", "found"),
    [
        pytest.param(
            (BERLIN, range(9, 12)), (BERLIN, range(10, 18)), utc(3, 14),
            [utc(3, 9), utc(3, 10), utc(4, 9)], id="the nearest, in order",
        ),
        pytest.param(
            (NEW_YORK, range(8, 12)), (BERLIN, range(9, 17)), utc(3, 9),
            [utc(3, 13), utc(3, 14), utc(3, 15)], id="morning there is afternoon here",
        ),
        pytest.param(
            (BERLIN, range(9, 12)), (BERLIN, range(9, 10)), utc(7, 9),
            [utc(5, 8), utc(6, 8), utc(9, 8)], id="never at the weekend",
        ),
        pytest.param(
            (KOLKATA, range(14, 15)), (KOLKATA, range(14, 15)), utc(3, 9),
            [utc(2, 8, 30), utc(3, 8, 30), utc(4, 8, 30)], id="at a half hour if at no full one",
        ),
        pytest.param(
            (AUCKLAND, range(9, 17)), (BERLIN, range(9, 17)), utc(3, 9), [], id="never both awake"
        ),
    ],
)  # fmt: skip
def test_times_lie_in_the_hours_of_both(cast, mentor, leader, near, found):
    session = living_in(cast.pair, mentor, leader)

    assert times_for_both(session, near=near, at=NOW) == found


def test_full_hours_are_those_of_who_looks(cast):
    session = living_in(cast.pair, (KOLKATA, range(9, 12)), (KOLKATA, range(9, 12)))

    with timezone.override(KOLKATA):
        times = times_for_both(session, near=TUESDAY.replace(hour=4), at=NOW)

    assert [f"{time.astimezone(KOLKATA):%a %H:%M}" for time in times] == [
        "Tue 09:00", "Tue 10:00", "Tue 11:00"
    ]  # fmt: skip


def test_who_has_not_said_any_hours_works_from_nine_to_five(cast):
    session = cast.pair.sessions.get(number=1)

    assert times_for_both(session, near=utc(3, 3), at=NOW) == [utc(3, 9), utc(3, 10), utc(3, 11)]


def test_times_that_passed_or_are_taken_are_not_proposed(cast):
    session = living_in(cast.pair, (BERLIN, range(9, 12)), (BERLIN, range(9, 12)))
    other = make_pair(cast.cohort, cast.ama).sessions.get(number=1)
    with no_mail():
        actions.book_session(other, by=cast.ama, starts_at=utc(2, 9, 30), at=NOW)

    times = times_for_both(session, near=utc(2, 8), at=NOW + dt.timedelta(minutes=90))

    # 9:00 and 10:00 here are taken from 9:30 to 10:20, and 8:00 has passed
    assert times == [utc(3, 8), utc(3, 9), utc(3, 10)]


@pytest.mark.parametrize("leader", [(BERLIN, range(9, 12)), (AUCKLAND, range(9, 12))])
def test_the_form_proposes_no_weekend_and_a_time_for_both(cast, leader):
    session = living_in(cast.pair, (BERLIN, range(9, 12)), leader)
    today = timezone.localdate()
    session.due_on = today + dt.timedelta(days=12 - today.weekday())  # a Saturday

    initial = DateForm(session=session).initial

    assert initial["starts_on"] == session.due_on + dt.timedelta(days=2)
    assert ("starts_time" in initial) is (leader[0] is BERLIN)
