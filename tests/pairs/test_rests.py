"""Rests: absences, pauses and closed cohorts stop every clock, and tell nobody why."""

import datetime as dt

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from contraflow.core.errors import Refusal
from contraflow.core.models import AuditEntry
from contraflow.home.today import cards_for
from contraflow.pairs import actions, queries, rules
from contraflow.pairs.health import pairs_in_need
from contraflow.pairs.models import Absence, Pair, Pause, Session
from contraflow.pairs.rests import (
    days_that_count,
    merged,
    moved_on,
    rests_of,
    rests_of_pair,
    rests_until,
    working_days_between,
)
from contraflow.pairs.times import times_for_both
from tests.conftest import make_cohort, make_enrolment, make_pair

TODAY = dt.date(2026, 3, 2)  # a Monday
DAY = dt.timedelta(days=1)
days = st.integers(-60, 60).map(lambda number: TODAY + number * DAY)
rests = st.lists(
    st.tuples(days, st.integers(0, 20)).map(lambda each: (each[0], each[0] + each[1] * DAY)),
    max_size=5,
).map(merged)


def on(day, hour=12):
    return dt.datetime.combine(day, dt.time(hour), dt.UTC)


def due_days(pair):
    return [session.due_on for session in pair.sessions.order_by("number")]


# -- which days count -----------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(days, st.integers(0, 80), rests)
def test_days_that_count_are_those_on_which_the_pair_did_not_rest(first, length, resting):
    last = first + length * DAY
    awake = [
        day
        for number in range(1, length + 1)
        if rests_until(day := first + number * DAY, resting) is None
    ]

    assert days_that_count(first, last, resting) == len(awake)
    assert working_days_between(first, last, resting) == sum(day.weekday() < 5 for day in awake)


@given(
    st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)), st.integers(0, 40), st.integers(0, 40),
    st.integers(0, 9),
)  # fmt: skip
def test_days_are_counted_as_on_a_calendar(first, days, begin, length):
    last, each_day = first + dt.timedelta(days=days), range(1, days + 1)
    rest = (first + dt.timedelta(days=begin), first + dt.timedelta(days=begin + length))
    calendar = [first + dt.timedelta(days=day) for day in each_day]

    awake = [day for day in calendar if not rest[0] <= day <= rest[1]]

    assert days_that_count(first, last) == days
    assert working_days_between(first, last) == sum(d.weekday() < 5 for d in calendar)
    assert days_that_count(first, last, (rest,)) == len(awake)
    assert working_days_between(first, last, (rest,)) == sum(d.weekday() < 5 for d in awake)


@settings(max_examples=60, deadline=None)
@given(days, st.integers(0, 90), rests)
def test_a_due_day_leaves_as_many_days_that_count_as_the_plan_had(since, length, resting):
    planned = since + length * DAY

    due = moved_on(planned, resting, since=since)

    assert rests_until(due, resting) is None or due < since
    # the first day of the pair itself counts as little as any other day of rest
    assert days_that_count(since - DAY, due, resting) == length + 1


# -- what stops the clocks ------------------------------------------------------------------------


@pytest.fixture
def pair(cast):
    cast.pair.started_on = TODAY - 60 * DAY
    cast.pair.save()
    for session, number in zip(cast.pair.sessions.all(), (-2, 5, 20), strict=True):
        session.due_on = TODAY + number * DAY
        session.save()
    return cast.pair


def rest_by(kind, cast, pair, run_jobs, last):
    """Let the pair rest from today on; return what takes it back."""
    if kind == "absence":
        absence = actions.state_absence(cast.bela, starts_on=TODAY, ends_on=last, today=TODAY)
        return lambda: actions.end_absence(absence, by=cast.bela, today=TODAY)
    if kind == "pause":
        actions.pause_pair(pair, by=cast.ama, until=last, today=TODAY)
        return lambda: actions.end_pause(pair, by=cast.bela, today=TODAY)
    closed = actions.add_shutdown(
        pair.cohort, by=cast.chi, starts_on=TODAY, ends_on=last, today=TODAY
    )
    run_jobs()

    def take_back():
        actions.end_shutdown(closed, by=cast.chi, today=TODAY)
        run_jobs()

    return take_back


@pytest.mark.parametrize(
    "kind", ["absence", pytest.param("pause", marks=pytest.mark.slow), "shutdown"]
)
def test_a_rest_moves_what_is_due_counts_for_nothing_and_can_be_taken_back(
    cast, pair, run_jobs, kind
):
    before, last = due_days(pair), TODAY + 9 * DAY
    assert [each.pk for each in pairs_in_need(pair.cohort, now=on(TODAY))] == [pair.pk]

    take_back = rest_by(kind, cast, pair, run_jobs, last)

    # what was due before the rest stays due, the others wait ten days longer
    assert due_days(pair) == [before[0], before[1] + 10 * DAY, before[2] + 10 * DAY]
    assert pairs_in_need(pair.cohort, now=on(TODAY)) == []
    for only, shown in (("needs-a-date", 0), ("overdue", 0), ("resting", 1)):
        page = queries.list_pairs(pair.cohort, reader=cast.chi, only=only, at=on(TODAY))
        assert len(page.object_list) == shown, only
    for person in (cast.ama, cast.bela):
        (card,) = cards_for(person, now=on(TODAY))
        assert card.title.endswith("rest until Wednesday 11 March")
    session = pair.sessions.first()
    near = on(TODAY + DAY, 10)
    assert {
        moment.date() > last
        for moment in times_for_both(session, near=near + 3 * DAY, at=on(TODAY))
    } == {True}
    assert "rest then" in rules.why_not_time(session, starts_at=near, at=on(TODAY))

    take_back()

    assert due_days(pair) == before
    assert rests_of_pair(pair) == ()
    assert not pair.sessions.filter(due_at_first__isnull=False).exists()


def test_rests_that_overlap_move_a_due_day_once(cast, pair):
    before = due_days(pair)
    pause = actions.pause_pair(pair, by=cast.ama, until=TODAY + 9 * DAY, today=TODAY)
    for _twice in range(2):
        actions.state_absence(
            cast.ama, starts_on=TODAY + 5 * DAY, ends_on=TODAY + 14 * DAY, today=TODAY
        )

    assert Absence.objects.count() == 1
    assert due_days(pair)[2] == before[2] + 15 * DAY
    actions.end_pause(pause, by=cast.ama, today=TODAY + 2 * DAY)
    # what was rested stays rested: two days of the pause and ten of the absence
    assert due_days(pair)[2] == before[2] + 12 * DAY
    assert (Pause.objects.get().ends_on, Absence.objects.count()) == (TODAY + DAY, 1)


def test_a_second_pause_moves_its_last_day(cast, pair):
    actions.pause_pair(pair, by=cast.ama, until=TODAY + 9 * DAY, today=TODAY)
    for _twice in range(2):
        actions.pause_pair(pair, by=cast.bela, until=TODAY + 4 * DAY, today=TODAY)

    assert Pause.objects.get().ends_on == TODAY + 4 * DAY
    assert AuditEntry.objects.filter(event="PairPaused").count() == 2


def test_a_rest_said_or_taken_back_twice_counts_once(cast, pair, run_jobs):
    days = {"starts_on": TODAY + DAY, "ends_on": TODAY + 3 * DAY, "today": TODAY}
    absence = actions.state_absence(cast.ama, **days)
    for _twice in range(2):
        shutdown = actions.add_shutdown(cast.cohort, by=cast.chi, **days)
    actions.pause_pair(pair, by=cast.ama, until=TODAY + DAY, today=TODAY)

    for _twice in range(2):
        actions.end_absence(absence, by=cast.ama, today=TODAY)
        actions.end_shutdown(shutdown, by=cast.chi, today=TODAY)
        actions.end_pause(pair, by=cast.bela, today=TODAY)

    assert rests_of_pair(pair) == ()
    assert list(AuditEntry.objects.order_by("pk").values_list("event", flat=True)) == [
        "AbsenceStated", "ShutdownAdded", "PairPaused", "AbsenceEnded", "ShutdownEnded",
        "PauseEnded",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "until", "why"),
    [
        ("chi", 3, "Only the two people"),
        ("dov", 3, "Only the two people"),
        ("ama", -1, "has passed"),
        ("ama", 200, "half a year at most"),
    ],
)
def test_who_cannot_pause_and_until_when(cast, pair, name, until, why):
    with pytest.raises(Refusal, match=why):
        actions.pause_pair(pair, by=getattr(cast, name), until=TODAY + until * DAY, today=TODAY)


def test_a_pair_that_starts_while_somebody_is_away_has_its_plan_after_it(cast):
    today = timezone.localdate()
    cohort = make_cohort(cast.programme, starts_on=today)
    actions.state_absence(cast.dov, starts_on=today, ends_on=today + 27 * DAY)
    make_enrolment(cohort, cast.dov)

    pair = actions.start_pair(cohort, mentor=cast.dov, mentee=cast.sol, by=None)

    sessions = list(pair.sessions.order_by("number"))
    assert [(each.due_on - each.due_at_first).days for each in sessions] == [28, 28, 28]
    assert sessions[0].due_on > today + 27 * DAY


def test_health_counts_only_days_that_count(cast, pair):
    Session.objects.filter(pair=pair, number=1).update(state="held", starts_at=on(TODAY - 25 * DAY))
    words = pairs_in_need(pair.cohort, now=on(TODAY))[0].health.words
    assert words[0].split(":")[0] == "no session for 25 days"

    Absence.objects.create(person=cast.ama, starts_on=TODAY - 10 * DAY, ends_on=TODAY - 8 * DAY)

    assert (
        pairs_in_need(pair.cohort, now=on(TODAY))[0].health.words[0].split(":")[0]
        == "no session for 22 days"
    )


def test_the_rests_of_any_number_of_pairs_cost_two_queries(cast, django_assert_num_queries):
    pairs = [cast.pair, *(make_pair(cast.cohort) for _ in range(9))]
    for pair in pairs[:4]:
        Absence.objects.create(person=pair.mentor, starts_on=TODAY, ends_on=TODAY)
        Absence.objects.create(person=pair.mentee, starts_on=TODAY, ends_on=TODAY + DAY)
        Pause.objects.create(pair=pair, starts_on=TODAY + 2 * DAY, ends_on=TODAY + 3 * DAY)
    cast.cohort.shutdowns.create(starts_on=TODAY + 8 * DAY, ends_on=TODAY + 9 * DAY)

    with django_assert_num_queries(2):
        found = rests_of(Pair.objects.filter(cohort=cast.cohort))

    closed = (TODAY + 8 * DAY, TODAY + 9 * DAY)
    assert found == {
        pair.pk: ((TODAY, TODAY + 3 * DAY), closed) if pair in pairs[:4] else (closed,)
        for pair in pairs
    }
