import datetime as dt
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contraflow.pairs.actions import set_goal, sign_agreement
from contraflow.pairs.health import (
    Agreed,
    Cancelled,
    Facts,
    explained,
    pairs_in_need,
    read_facts,
    score,
)
from contraflow.pairs.models import Commitment, Pair, Session, SessionChange
from contraflow.pairs.rests import merged
from tests.conftest import make_cohort, make_pair, make_programme

TODAY = dt.date(2026, 3, 2)  # a Monday
NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


def ago(days, hours=0):
    return NOW - dt.timedelta(days=days, hours=hours)


def facts(**known):
    """A pair of ten weeks that has agreed, unless said otherwise."""
    defaults = {
        "started_on": TODAY - dt.timedelta(days=70), "cadence_days": 28,
        "agreed": Agreed(active=ago(70)),
    }  # fmt: skip
    return Facts(**(defaults | known))


def given_up(*sides_and_notices):
    """Cancellations of the last days, the last one yesterday."""
    return tuple(
        Cancelled(at=ago(1, hours=len(sides_and_notices) - number), side=side, notice=notice)
        for number, (side, notice) in enumerate(sides_and_notices)
    )


def days_ago(days):
    return TODAY - dt.timedelta(days=days)


SOON = (NOW + dt.timedelta(days=3),)
# a pair in rhythm that has not agreed yet
NEW = {"started_on": days_ago(3), "held": (ago(1),), "booked": SOON, "agreed": Agreed()}


@pytest.mark.parametrize(
    ("known", "points", "band", "words"),
    [
        pytest.param(
            {"started_on": days_ago(13)}, 0, "steady", [], id="a new pair has two weeks to meet"
        ),
        pytest.param(
            {"started_on": days_ago(14)}, 15, "steady", ["no first session for 14 days"],
            id="two weeks without a first session count",
        ),
        pytest.param(
            {"started_on": days_ago(24)}, 30, "watch", ["no first session for 24 days"],
            id="three weeks count double",
        ),
        pytest.param(
            {"started_on": days_ago(24), "rests": ((days_ago(20), days_ago(11)),)}, 15, "steady",
            ["no first session for 14 days"], id="a rest of ten days stops the clock",
        ),
        pytest.param(
            {"held": (ago(42),), "booked": SOON}, 0, "steady", [],
            id="one and a half cadences are in rhythm",
        ),
        pytest.param(
            {"held": (ago(45),)}, 25, "watch", ["no session for 45 days", "nothing booked"],
            id="a gap over one and a half cadences, and nothing booked",
        ),
        pytest.param(
            {"held": (ago(57),), "booked": SOON,
             "cancelled": given_up(("mentee", 48), ("mentee", 30))}, 50, "support",
            ["no session for 57 days", "leader cancelled 2 times running"],
            id="a long gap after two cancellations by the leader",
        ),
        pytest.param(
            {"started_on": days_ago(30),
             "cancelled": given_up(("mentee", 2), ("mentee", 1), ("mentee", 30))}, 50, "support",
            ["no first session for 30 days", "leader cancelled 3 times running"],
            id="never met, the leader cancelled three times",
        ),
        pytest.param(
            {"held": (ago(3),), "booked": SOON,
             "cancelled": given_up(("mentor", 2), ("mentee", 40), ("mentor", 3))}, 10, "steady",
            ["cancelled late twice"], id="two late cancellations by the same person",
        ),
        pytest.param(
            {"held": (ago(3),), "booked": SOON,
             "cancelled": given_up(("mentor", 2), ("mentee", 3), ("mentor", 40))}, 0, "steady", [],
            id="late once each is nobody's habit",
        ),
        pytest.param(
            {"held": (ago(3),), "booked": SOON,
             "cancelled": given_up(("", 2), ("mentee", 30), ("", 3), ("mentee", 40))}, 20, "watch",
            ["leader cancelled 2 times running"], id="what nobody cancelled is nobody's",
        ),
        pytest.param(
            {"held": (ago(0, hours=1),), "booked": SOON,
             "cancelled": given_up(("mentee", 2), ("mentee", 3))}, 0, "steady", [],
            id="what was cancelled before they met again is over",
        ),
        pytest.param(
            {"held": (ago(7),)}, 10, "steady", ["nothing booked"],
            id="five working days after a session without the next date",
        ),
        pytest.param(
            NEW | {"started_on": days_ago(13)}, 0, "steady", [],
            id="a new pair has two weeks to agree",
        ),
        pytest.param(
            NEW | {"started_on": days_ago(14)}, 10, "steady", ["agreement not signed"],
            id="two weeks without an agreement count",
        ),
        pytest.param(
            NEW | {"second_held": ago(1)}, 15, "steady", ["agreement not signed"],
            id="two sessions without an agreement count more",
        ),
        pytest.param(
            NEW | {"started_on": days_ago(21)}, 25, "watch",
            ["agreement not signed", "goal missing"], id="after three weeks a missing goal counts",
        ),
        pytest.param(
            NEW | {"started_on": days_ago(35), "agreed": Agreed(goal_of_mentee=ago(30))},
            35, "watch", ["agreement not signed", "goal missing"],
            id="after five weeks it counts more",
        ),
        pytest.param(
            NEW | {"started_on": days_ago(35), "rests": ((days_ago(30), days_ago(16)),)}, 10,
            "steady", ["agreement not signed"], id="a rest stops these clocks too",
        ),
        pytest.param(
            NEW | {"started_on": days_ago(35),
                   "agreed": Agreed(goal_of_mentor=ago(30), goal_of_mentee=ago(1))}, 10, "steady",
            ["agreement not signed"], id="with both goals only signatures are missing",
        ),
        pytest.param(
            NEW | {"agreed": Agreed(active=ago(60), reopened=(ago(14),), signed_again=(ago(60),))},
            10, "steady", ["agreement not signed"],
            id="opened again and not signed for two weeks",
        ),
        pytest.param(
            NEW | {"agreed": Agreed(active=ago(60), reopened=(ago(13),), signed_again=(ago(60),))},
            0, "steady", [], id="whoever opens it again has two weeks",
        ),
        pytest.param(
            NEW | {"agreed": Agreed(active=ago(60), reopened=(ago(30),), signed_again=(ago(2),))},
            0, "steady", [], id="signed again is signed",
        ),
        pytest.param(
            NEW | {"agreed": Agreed(active=ago(60)), "passed_over": ((ago(1), None),)},
            10, "steady", ["commitment not looked back at"],
            id="a commitment left alone in two sessions",
        ),
        pytest.param(
            NEW | {"agreed": Agreed(active=ago(60)), "passed_over": ((ago(9), ago(1)),)},
            0, "steady", [], id="looked back at late is looked back at",
        ),
        pytest.param(
            {"held": (ago(6),)}, 0, "steady", [],
            id="from Tuesday to Monday are four working days: not yet",
        ),
    ],
)  # fmt: skip
def test_points_of_a_pair(known, points, band, words):
    health = score(facts(**known), on=TODAY)

    assert (health.points, health.band, health.words) == (points, band, words)
    assert sum(signal["points"] for signal in health.signals) == points


def test_a_pair_that_began_before_there_were_agreements_is_asked_for_none():
    grown = facts(held=(ago(1),), booked=SOON, second_held=ago(30))

    assert score(grown, on=TODAY).signals == []


def test_points_around_the_agreement_are_explained():
    never = facts(**NEW | {"started_on": days_ago(30), "passed_over": ((ago(1), None),)})
    mentors = facts(**NEW | {"started_on": days_ago(30), "agreed": Agreed(goal_of_mentee=ago(9))})
    leaders = facts(**NEW | {"started_on": days_ago(36), "agreed": Agreed(goal_of_mentor=ago(9))})

    told = [
        [explained(each) for each in score(f, on=TODAY).signals] for f in (never, mentors, leaders)
    ]

    assert told == [
        [
            "The agreement is not signed by both after 30 days: 10 points",
            "Neither side has a goal after 4 weeks: 15 points",
            "A commitment was not looked back at in two sessions: 10 points",
        ],
        [
            "The agreement is not signed by both after 30 days: 10 points",
            "The mentor has no goal after 4 weeks: 15 points",
        ],
        [
            "The agreement is not signed by both after 36 days: 10 points",
            "The leader has no goal after 5 weeks: 25 points",
        ],
    ]


def test_every_point_is_explained():
    worst = facts(held=(ago(60),), cancelled=given_up(("mentee", 48), ("mentee", 30)))
    late = facts(held=(ago(60),), cancelled=given_up(("mentor", 2), ("mentor", 3)))
    never = facts(started_on=days_ago(25))

    told = [[explained(each) for each in score(f, on=TODAY).signals] for f in (worst, late, never)]

    assert told == [
        [
            "No session for 60 days, planned every 28: 30 points",
            "The leader cancelled 2 times in a row: 20 points",
            "Nothing booked 42 working days after the last session: 10 points",
        ],
        [
            "No session for 60 days, planned every 28: 30 points",
            "The mentor cancelled late twice of the last three times: 10 points",
            "Nothing booked 42 working days after the last session: 10 points",
        ],
        ["No first session for 25 days since the pair began: 30 points"],
    ]


# -- replaying a history --------------------------------------------------------------------------

MOMENTS = st.integers(1, 100 * 24).map(lambda hours: NOW - dt.timedelta(hours=hours))
HISTORIES = st.builds(
    facts,
    cadence_days=st.sampled_from([7, 14, 28]),
    held=st.lists(MOMENTS, max_size=4).map(tuple),
    cancelled=st.lists(
        st.builds(
            Cancelled, at=MOMENTS, side=st.sampled_from(["mentor", "mentee", ""]),
            notice=st.integers(0, 60),
        ),
        max_size=6,
    ).map(tuple),
    second_held=st.none() | MOMENTS,
    agreed=st.builds(
        Agreed, active=st.none() | MOMENTS, goal_of_mentor=st.none() | MOMENTS,
        goal_of_mentee=st.none() | MOMENTS, reopened=st.lists(MOMENTS, max_size=3).map(tuple),
        signed_again=st.lists(MOMENTS, max_size=3).map(tuple),
    ),
    passed_over=st.lists(
        st.tuples(MOMENTS, st.none() | MOMENTS), max_size=3
    ).map(tuple),
    rests=st.lists(
        st.tuples(st.integers(0, 90), st.integers(0, 20)).map(
            lambda r: (days_ago(r[0] + r[1]), days_ago(r[0]))
        ),
        max_size=2,
    ).map(merged),
)  # fmt: skip


def by_then(moment, day):
    return moment if moment and moment.date() <= day else None


@given(HISTORIES)
def test_replaying_history_day_by_day_gives_what_is_computed_at_once(whole):
    for day in range(70, -1, -5):
        on = days_ago(day)
        known = Facts(
            started_on=whole.started_on,
            cadence_days=whole.cadence_days,
            held=tuple(at for at in whole.held if at.date() <= on),
            cancelled=tuple(each for each in whole.cancelled if each.at.date() <= on),
            rests=tuple(rest for rest in whole.rests if rest[0] <= on),
            second_held=by_then(whole.second_held, on),
            agreed=Agreed(
                active=by_then(whole.agreed.active, on),
                goal_of_mentor=by_then(whole.agreed.goal_of_mentor, on),
                goal_of_mentee=by_then(whole.agreed.goal_of_mentee, on),
                reopened=tuple(at for at in whole.agreed.reopened if at.date() <= on),
                signed_again=tuple(at for at in whole.agreed.signed_again if at.date() <= on),
            ),
            passed_over=tuple(
                (since, by_then(until, on))
                for since, until in whole.passed_over if since.date() <= on
            ),
        )  # fmt: skip
        assert score(known, on=on) == score(whole, on=on)


@pytest.mark.slow
@given(HISTORIES, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(history, chance: random.Random):
    mixed = {
        name: tuple(chance.sample(getattr(history, name), len(getattr(history, name))))
        for name in ("held", "cancelled", "passed_over")
    }
    mixed_rests = merged(chance.sample(history.rests, len(history.rests)))
    other = replace(history, rests=mixed_rests, **mixed)

    assert score(other, on=TODAY) == score(history, on=TODAY)


# -- from the database ----------------------------------------------------------------------------


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
        (later.code, 50, ["no session for 40 days", "leader cancelled 2 times running"]),
    ]
    assert found[0].mentor == later.mentor.name


def test_the_facts_of_many_pairs_cost_eight_queries(db, django_assert_num_queries):
    cohort = make_cohort(make_programme())
    pairs = [make_pair(cohort) for _ in range(4)]
    rest = (TODAY - dt.timedelta(days=3), TODAY)

    with django_assert_num_queries(8):
        found = read_facts(Pair.objects.all(), until=NOW, rests={pairs[2].pk: [rest]})

    assert set(found) == {pair.pk for pair in pairs}
    assert [found[pair.pk].rests for pair in pairs] == [(), (), [rest], ()]


def test_a_commitment_counts_once_two_sessions_took_place_without_a_look_at_it(cast):
    one, two, three = cast.pair.sessions.order_by("number")
    for session, days in ((one, 30), (two, 20), (three, 10)):
        Session.objects.filter(pk=session.pk).update(state="held", starts_at=ago(days))
    left = Commitment.objects.create(session=one, side="mentor", made_at=ago(30))
    Commitment.objects.create(session=two, side="mentee", made_at=ago(20))

    def passed_over(until=NOW):
        return read_facts(Pair.objects.all(), until=until)[cast.pair.pk].passed_over

    assert passed_over() == [(ago(10), None)]
    assert passed_over(ago(11)) == ()
    left.reviewed_at = ago(2)
    left.save()
    assert passed_over() == ()
    assert passed_over(ago(3)) == [(ago(10), None)]


def test_what_happened_to_an_agreement_is_read_as_of_a_moment(cast):
    pair = make_pair(cast.cohort, active_since=None)
    goal = {"will": "ask", "seen_by": "all", "because": "it helps"}
    for person, days in ((pair.mentor, 50), (pair.mentee, 40)):
        set_goal(pair, by=person, week=9, **goal, at=ago(days))
    for person, days in ((pair.mentor, 39), (pair.mentee, 38)):
        sign_agreement(pair, by=person, version=2, pledges=True, at=ago(days))
    set_goal(pair, by=pair.mentor, week=10, **goal, reopens=True, at=ago(20))

    def agreed(days):
        return read_facts(Pair.objects.all(), until=ago(days))[pair.pk].agreed

    whole = Agreed(active=ago(38), goal_of_mentor=ago(50), goal_of_mentee=ago(40))
    assert agreed(30) == whole
    assert agreed(0) == replace(whole, reopened=(ago(20),), signed_again=(ago(38),))
    facts_now = read_facts(Pair.objects.all(), until=NOW)[pair.pk]
    signals = score(facts_now, on=TODAY).signals
    assert [each["id"] for each in signals] == ["P1", "P2"]
