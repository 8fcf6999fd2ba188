"""The figures of the overview against a recount of the rows by hand."""

import datetime as dt
import random

import pytest

from contraflow.home import queries
from contraflow.pairs.health import pairs_in_need
from contraflow.pairs.models import Absence, Pair, Pause, Session, SessionChange, Shutdown
from contraflow.programmes.models import Enrolment, Objective, Reading, Side
from tests.conftest import make_cohort, make_enrolment, make_pair, make_programme

NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 4))]


def lived_cohort(seed, n_pairs=12):
    """Make a cohort in which chance decided what became of each session."""
    chance = random.Random(seed)
    cohort = make_cohort(make_programme(), cadence_days=14)
    for state in Enrolment.State.values:
        make_enrolment(cohort, state=state)
    for number in range(n_pairs):
        pair = make_pair(cohort, theme=chance.choice(["Databases", "Languages", ""]))
        for session in pair.sessions.all():
            _live(session, chance)
        _rest(pair, chance)
        if number % 5 == 4:
            Pair.objects.filter(pk=pair.pk).update(state="ended")
    Shutdown.objects.create(cohort=cohort, **_days(chance, 45))
    return cohort


def _rest(pair, chance):
    """Let either of the two be away, or the pair pause, now and then."""
    for person in (pair.mentor, pair.mentee):
        for _ in range(chance.randint(0, 1)):
            Absence.objects.create(person=person, **_days(chance, 60))
    for _ in range(chance.randint(0, 1)):
        Pause.objects.create(pair=pair, **_days(chance, 60))


def _days(chance, before):
    """Return up to two weeks that began so many days before now, or begin soon after it."""
    starts_on = NOW.date() + dt.timedelta(days=chance.randint(-before, 5))
    return {"starts_on": starts_on, "ends_on": starts_on + dt.timedelta(days=chance.randint(0, 13))}


def rests(pair, day):
    """Tell by hand whether a pair rests on a day."""
    away = [*pair.mentor.absences.all(), *pair.mentee.absences.all()]
    spans = [*away, *pair.pauses.all(), *pair.cohort.shutdowns.all()]
    return any(each.starts_on <= day <= each.ends_on for each in spans)


def is_in_rhythm(pair, last):
    """Tell by hand, a day at a time, whether a pair whose last session was then is in rhythm."""
    today = NOW.date()
    days = [last.date() + dt.timedelta(days=n) for n in range(1, (today - last.date()).days + 1)]
    return rests(pair, today) or sum(not rests(pair, day) for day in days) <= 1.5 * 14


def _live(session, chance):
    session.state = chance.choice(Session.State.values)
    if session.state != Session.State.PLANNED:
        session.starts_at = NOW - dt.timedelta(hours=chance.randint(-200, 1300))
    session.save()
    for _ in range(chance.randint(0, 3)):
        SessionChange.objects.create(
            session=session, kind="cancelled", side=chance.choice(Side.values),
            at=NOW - dt.timedelta(hours=chance.randint(1, 1300)),
            notice_hours=chance.randint(0, 60),
        )  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
def test_funnel_equals_a_recount_of_the_rows(db, seed):
    cohort = lived_cohort(seed)

    counted = queries.funnel(cohort, now=NOW)

    living = [pair for pair in cohort.pairs.all() if pair.state != "ended"]
    held = {
        pair: [s.starts_at for s in pair.sessions.all() if s.state == "held"] for pair in living
    }
    people = lambda pairs: {person for pair in pairs for person in (pair.mentor, pair.mentee)}  # noqa: E731 -- a name for one expression
    recent = [pair for pair in living if held[pair] and is_in_rhythm(pair, max(held[pair]))]
    enrolments = list(cohort.enrolments.all())
    assert counted == queries.Funnel(
        invited=len(enrolments),
        enrolled=len([e for e in enrolments if e.state in {"enrolled", "bench"}]),
        paired=len(people(living)),
        met=len(people(pair for pair in living if held[pair])),
        in_rhythm=len(people(recent)),
    )


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        pytest.param(None, 0, id="30 days after a session, every 14, is out of rhythm"),
        pytest.param((-20, -12), 2, id="9 days of rest between do not count"),
        pytest.param((-20, -13), 0, id="8 days are one too few"),
        pytest.param((-60, -31), 0, id="a rest before the session changes nothing"),
        pytest.param((0, 0), 2, id="whoever rests today is not out of rhythm"),
        pytest.param((1, 30), 0, id="a rest to come changes nothing"),
    ],
)
def test_a_pair_that_rests_is_not_out_of_rhythm(cast, rest, expected):
    held = cast.pair.sessions.filter(number=1)
    held.update(state="held", starts_at=NOW - dt.timedelta(days=30))
    if rest:
        first, last = (NOW.date() + dt.timedelta(days=days) for days in rest)
        Absence.objects.create(person=cast.bela, starts_on=first, ends_on=last)

    counted = queries.funnel(cast.cohort, now=NOW)

    assert (counted.met, counted.in_rhythm) == (2, expected)
    assert queries.pairs_meeting_share([cast.cohort], now=NOW) == 50 * expected


def test_today_and_the_overview_count_the_same_people_as_enrolled(cast):
    for state in Enrolment.State.values:
        make_enrolment(cast.cohort, state=state)

    (led,) = queries.cohorts_led_by(cast.chi)

    # Ama, Bela, one enrolled and one on the reserve bench
    assert led.n_enrolled == queries.funnel(cast.cohort, now=NOW).enrolled == 4


@pytest.mark.parametrize("seed", SEEDS)
def test_computed_objectives_equal_a_recount_of_the_rows(db, seed):
    cohort = lived_cohort(seed)
    sessions = list(Session.objects.filter(pair__cohort=cohort).select_related("pair"))

    due = [s for s in sessions if s.due_on <= NOW.date()]
    held_due = [s for s in due if s.state == "held"]
    pairs = list(cohort.pairs.all())
    last = {
        s.pair_id: max(
            t.starts_at for t in sessions if t.pair_id == s.pair_id and t.state == "held"
        )
        for s in sessions
        if s.state == "held" and s.pair.state != "ended"
    }
    meeting = [pair for pair in pairs if pair.pk in last and is_in_rhythm(pair, last[pair.pk])]
    first = {
        pair: min((s.starts_at for s in sessions if s.pair == pair and s.state == "held"),
                  default=None)
        for pair in pairs
    }  # fmt: skip
    in_time = [
        pair for pair in pairs
        if first[pair] and (first[pair].date() - pair.started_on).days <= 14
    ]  # fmt: skip

    assert queries.sessions_held_share([cohort], now=NOW) == 100 * len(held_due) / len(due)
    assert queries.pairs_meeting_share([cohort], now=NOW) == 100 * len(meeting) / len(pairs)
    share = queries.first_session_in_time_share([cohort], now=NOW)
    assert share == 100 * len(in_time) / len(pairs)


@pytest.mark.parametrize("seed", SEEDS)
def test_heat_map_and_weeks_equal_a_recount_of_the_rows(db, seed):
    cohort = lived_cohort(seed)
    held = [s for s in Session.objects.filter(pair__cohort=cohort) if s.state == "held"]

    def week_of(session):
        return (session.starts_at.date() - cohort.starts_on).days // 7

    themes = sorted({session.pair.theme for session in held})
    expected = [
        (theme, [
            sum(s.pair.theme == theme and week_of(s) == week for s in held) if week <= 8 else None
            for week in range(14)
        ])
        for theme in themes
    ]  # fmt: skip
    assert queries.held_by_theme_and_week(cohort, now=NOW) == expected
    assert [row[:2] for row in queries.held_of_due_by_week(cohort, now=NOW)] == [
        (week + 1, sum(week_of(s) == week for s in held)) for week in range(9)
    ]


@pytest.mark.parametrize("seed", SEEDS)
def test_sponsor_counts_equal_a_recount_of_the_rows(db, seed):
    cohort = lived_cohort(seed)
    sessions = list(Session.objects.filter(pair__cohort=cohort).select_related("pair"))
    held = [s for s in sessions if s.state == "held"]
    changes = list(SessionChange.objects.filter(session__in=sessions))

    assert queries.sponsor_counts(cohort, now=NOW) == {
        "started": 12,
        "meeting": len({s.pair_id for s in held if s.pair.state != "ended"}),
        "due": len([s for s in sessions if s.due_on <= NOW.date()]),
        "held": len(held),
        "hours": round(2 * 50 * len(held) / 60),
        "by_leaders": len([c for c in changes if c.side == "mentee"]),
        "by_mentors": len([c for c in changes if c.side == "mentor"]),
    }


def test_objective_without_a_lawful_figure_is_not_yet_measured(db):
    programme = make_programme()
    cohort = make_cohort(programme)
    shared = {"measure": "m", "target": 50, "due_on": dt.date(2026, 6, 30)}
    sources = Objective.Source
    make = programme.objectives.create
    survey = make(statement="a", source=sources.INSTRUMENT, source_key="feeling_heard_scale",
                  position=1, **shared)  # fmt: skip
    manual = make(statement="b", source=sources.MANUAL, position=2, **shared)
    unread = make(statement="c", source=sources.MANUAL, position=3, **shared)
    computed = make(statement="d", source=sources.COMPUTED, source_key="pairs_meeting_share",
                    position=4, **shared)  # fmt: skip
    Reading.objects.create(objective=manual, value=7, read_on=dt.date(2026, 1, 1))
    Reading.objects.create(objective=manual, value=9, read_on=dt.date(2026, 2, 1))

    rows = queries.objectives(programme, [cohort], now=NOW)

    assert [(row["objective"], row["now"]) for row in rows] == [
        (survey, None), (manual, 9.0), (unread, None), (computed, None),
    ]  # fmt: skip


def test_every_computed_key_of_the_templates_is_computed():
    from contraflow.content import read

    keys = {
        objective["key"]
        for template in read("programme_templates")
        for objective in template["objectives"]
        if objective["source"] == "computed"
    }
    assert keys == set(queries.COMPUTED)


@pytest.mark.parametrize("n_pairs", [1, 15])
def test_figures_cost_the_same_for_any_number_of_pairs(db, n_pairs, django_assert_num_queries):
    cohort = lived_cohort(3, n_pairs=n_pairs)
    another = make_cohort(cohort.programme)
    with django_assert_num_queries(5):
        queries.funnel(cohort, now=NOW)
    with django_assert_num_queries(4):
        queries.pairs_meeting_share([cohort, another], now=NOW)
    with django_assert_num_queries(11):
        pairs_in_need(cohort, now=NOW)
    with django_assert_num_queries(1):
        queries.held_by_theme_and_week(cohort, now=NOW)
    with django_assert_num_queries(2) as asked:
        queries.first_session_in_time_share([cohort], now=NOW)
    assert asked[-1]["sql"].count("EXISTS") == 1


def test_cohorts_that_run_come_first_then_those_to_come_then_those_that_are_over(cast):
    made = {
        name: make_cohort(cast.programme, name=name, state=state, starts_on=dt.date(*day))
        for name, state, day in (
            ("later", "draft", (2026, 9, 1)),
            ("old", "closed", (2024, 1, 1)),
            ("running", "running", (2026, 1, 5)),
            ("next", "enrolling", (2026, 4, 1)),
            ("not closed yet", "running", (2025, 1, 1)),
            ("just begun", "running", (2026, 2, 23)),
        )
    }

    ordered = queries.by_course(made.values(), today=NOW.date())

    assert [cohort.name for cohort in ordered] == [
        "just begun", "running", "next", "later", "not closed yet", "old",
    ]  # fmt: skip
