import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contraflow.pairs.health import Facts, health_of, pairs_in_need, working_days_between
from contraflow.pairs.models import SessionChange
from tests.conftest import make_cohort, make_pair, make_programme

TODAY = dt.date(2026, 3, 2)  # a Monday
NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


def facts(**known):
    defaults = {"today": TODAY, "started_on": TODAY - dt.timedelta(days=70), "cadence_days": 28}
    return Facts(**(defaults | known))


def days_ago(days):
    return TODAY - dt.timedelta(days=days)


@pytest.mark.parametrize(
    ("known", "points", "band", "words"),
    [
        pytest.param(
            {"started_on": days_ago(13)}, 0, "steady", [], id="a new pair has two weeks to meet"
        ),
        pytest.param(
            {"started_on": days_ago(14)}, 15, "steady", ["No first session for 14 days"],
            id="two weeks without a first session count",
        ),
        pytest.param(
            {"started_on": days_ago(24)}, 30, "watch", ["No first session for 24 days"],
            id="three weeks count double",
        ),
        pytest.param(
            {"last_held_on": days_ago(42), "has_booked": True}, 0, "steady", [],
            id="one and a half cadences are in rhythm",
        ),
        pytest.param(
            {"last_held_on": days_ago(45), "has_booked": False}, 25, "watch",
            ["No session for 45 days", "nothing booked"],
            id="a gap over one and a half cadences, and nothing booked",
        ),
        pytest.param(
            {"last_held_on": days_ago(57), "has_booked": True,
             "cancellations": (("mentee", 48), ("mentee", 30))}, 50, "support",
            ["No session for 57 days", "leader cancelled 2 times running"],
            id="a long gap after two cancellations by the leader",
        ),
        pytest.param(
            {"started_on": days_ago(30),
             "cancellations": (("mentee", 2), ("mentee", 1), ("mentee", 30))}, 50, "support",
            ["No first session for 30 days", "leader cancelled 3 times running"],
            id="never met, the leader cancelled three times",
        ),
        pytest.param(
            {"last_held_on": days_ago(3), "has_booked": True,
             "cancellations": (("mentor", 2), ("mentee", 40), ("mentor", 3))}, 10, "steady",
            ["cancelled late twice"], id="two late cancellations by the same person",
        ),
        pytest.param(
            {"last_held_on": days_ago(3), "has_booked": True,
             "cancellations": (("mentor", 2), ("mentee", 3), ("mentor", 40))}, 0, "steady", [],
            id="late once each is nobody's habit",
        ),
        pytest.param(
            {"last_held_on": days_ago(7)}, 10, "steady", ["nothing booked"],
            id="five working days after a session without the next date",
        ),
        pytest.param(
            {"last_held_on": days_ago(6)}, 0, "steady", [],
            id="from Tuesday to Monday are four working days: not yet",
        ),
    ],
)  # fmt: skip
def test_points_of_a_pair(known, points, band, words):
    health = health_of(facts(**known))

    assert (health.points, health.band, health.words) == (points, band, words)


@given(st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)), st.integers(0, 40))
def test_working_days_are_counted_as_on_a_calendar(first, days):
    counted = sum((first + dt.timedelta(days=day)).weekday() < 5 for day in range(1, days + 1))
    assert working_days_between(first, first + dt.timedelta(days=days)) == counted


def test_pair_in_need_is_named_with_its_reasons_and_the_neediest_comes_first(db):
    cohort = make_cohort(make_programme())
    late, fine, later = (make_pair(cohort) for _ in range(3))
    for pair, days in ((late, 25), (fine, 3), (later, 40)):
        pair.sessions.filter(number=1).update(state="held", starts_at=NOW - dt.timedelta(days))
        pair.sessions.filter(number=2).update(state="booked", starts_at=NOW + dt.timedelta(2))
    for _ in range(2):
        SessionChange.objects.create(
            session=later.sessions.get(number=2), kind="cancelled", side="mentee",
            at=NOW - dt.timedelta(days=1), notice_hours=30,
        )  # fmt: skip

    found = pairs_in_need(cohort, now=NOW)

    assert [(each.code, each.health.points, each.health.words) for each in found] == [
        (later.code, 50, ["No session for 40 days", "leader cancelled 2 times running"]),
    ]
    assert found[0].mentor == later.mentor.name
