"""Each hard rule by a table of two people: what they are to each other, and whether they may."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contraflow.matching import NOT_POSSIBLE, Participant, Problem, Rules, explain, solve
from tests.matching.people import random_problem

EN = frozenset({"en"})


def broken(mentor, mentee, **problem):
    ama = Participant(**{"id": "ama", "grade": 3, "languages": EN, **mentor})
    bela = Participant(**{"id": "bela", "grade": 9, "languages": EN, **mentee})
    made = Problem(mentors=[ama], mentees=[bela], **problem)
    found = explain(made, ama.id, bela.id).broken_rules
    assert len(solve(made).pairs) == (0 if found else 1)
    return found


@pytest.mark.parametrize(
    ("mentor", "mentee", "levels", "expected"),
    [
        ({"managers": ("bela", "top")}, {"managers": ("top",)}, 2, True),
        ({"managers": ("x", "bela", "top")}, {"managers": ("top",)}, 2, True),
        ({"managers": ("x", "y", "bela", "top")}, {"managers": ("top",)}, 2, False),
        ({"managers": ("x", "y", "bela", "top")}, {"managers": ("top",)}, 3, True),
        ({"managers": ("x", "y", "z", "bela", "top")}, {"managers": ("top",)}, None, True),
        ({"managers": ("x", "bela")}, {}, None, True),
        ({"managers": ("x", "y", "bela")}, {}, None, False),
        ({"managers": ("top",)}, {"managers": ("ama", "top")}, 2, True),
        ({"managers": ("bela",)}, {}, 0, False),
        ({"managers": ("x",)}, {"managers": ("x",)}, 2, False),
    ],
    ids=[
        "direct report",
        "two levels down",
        "three levels down",
        "three levels counted",
        "any distance",
        "the top counts two levels even at any distance",
        "the top may mentor further down",
        "the mentor is the manager",
        "rule off",
        "colleagues under one manager",
    ],
)
def test_reporting_line(mentor, mentee, levels, expected):
    found = broken(mentor, mentee, rules=Rules(reporting_line_levels=levels))

    assert found == (("reporting_line",) if expected else ())


@pytest.mark.parametrize(
    ("mentor", "mentee", "rules", "expected"),
    [
        pytest.param({"team": "a"}, {"team": "a"}, {}, "different_team", id="one team"),
        pytest.param({"team": "a"}, {"team": "b"}, {}, None, id="two teams"),
        pytest.param({}, {}, {}, None, id="no team is no common team"),
        pytest.param({"team": "a"}, {"team": "a"}, {"different_team": False}, None, id="team off"),
        pytest.param({"grade": 8}, {}, {}, "minimum_grade_gap", id="one grade apart"),
        pytest.param({"grade": 7}, {}, {}, None, id="two grades apart"),
        pytest.param({"grade": None}, {}, {}, "minimum_grade_gap", id="grade not known"),
        pytest.param({"grade": None}, {}, {"minimum_grade_gap": None}, None, id="grade off"),
        pytest.param({"grade": 9}, {}, {"minimum_grade_gap": 0}, None, id="equal grades allowed"),
        pytest.param(
            {"assessed_by": frozenset({"pay"})},
            {"panels": frozenset({"pay"})},
            {},
            "same_panel",
            id="the leader judges the mentor",
        ),
        pytest.param(
            {"panels": frozenset({"pay"})},
            {"assessed_by": frozenset({"pay"})},
            {},
            "same_panel",
            id="the mentor judges the leader",
        ),
        pytest.param(
            {"panels": frozenset({"pay"})},
            {"panels": frozenset({"pay"})},
            {},
            None,
            id="both judge",
        ),
        pytest.param({"languages": frozenset()}, {}, {}, "common_language", id="not known"),
        pytest.param({"languages": frozenset({"de"})}, {}, {}, "common_language", id="none"),
        pytest.param(
            {"languages": frozenset()}, {}, {"common_language": False}, None, id="language off"
        ),
        pytest.param({"vetoes": frozenset({"bela"})}, {}, {}, NOT_POSSIBLE, id="mentor's veto"),
        pytest.param({}, {"vetoes": frozenset({"ama"})}, {}, NOT_POSSIBLE, id="leader's veto"),
        pytest.param(
            {"closed_topics": frozenset({"ai"})},
            {"topics": {"ai": 2}},
            {},
            NOT_POSSIBLE,
            id="everything wanted is closed",
        ),
        pytest.param(
            {"closed_topics": frozenset({"ai"})},
            {"topics": {"ai": 2, "video": 1}},
            {},
            None,
            id="something wanted is open",
        ),
        pytest.param({"closed_topics": frozenset({"ai"})}, {}, {}, None, id="nothing wanted"),
        pytest.param({}, {}, {"floor": 1.0}, "floor", id="below the floor"),
        pytest.param({"id": "bela"}, {}, {}, "same_person", id="oneself"),
    ],
)
def test_rule(mentor, mentee, rules, expected):
    assert broken(mentor, mentee, rules=Rules(**rules)) == ((expected,) if expected else ())


def test_the_lead_may_forbid_a_pair():
    assert broken({}, {}, forbidden=[("ama", "bela")]) == ("forbidden",)


def no_hard_rule_is_broken(seed):
    problem = random_problem(seed, most=7)
    for row, column in solve(problem).pairs.tolist():
        mentor, mentee = problem.mentors[row], problem.mentees[column]
        assert explain(problem, mentor.id, mentee.id).broken_rules == ()
        assert_by_hand(problem.rules, mentor, mentee)


def assert_by_hand(rules, mentor, mentee):
    """Say the rules once more, sharing nothing with the engine."""
    assert mentor.id != mentee.id
    assert mentee.id not in mentor.vetoes
    assert mentor.id not in mentee.vetoes
    if rules.reporting_line_levels is not None:
        assert mentee.id not in mentor.managers[: rules.reporting_line_levels]
        assert mentor.id not in mentee.managers[: rules.reporting_line_levels]
    else:
        assert mentee.id not in (mentor.managers if mentee.managers else mentor.managers[:2])
        assert mentor.id not in (mentee.managers if mentor.managers else mentee.managers[:2])
    if rules.different_team:
        assert None in (mentor.team, mentee.team) or mentor.team != mentee.team
    if rules.minimum_grade_gap is not None:
        assert mentee.grade >= mentor.grade + rules.minimum_grade_gap
    if rules.same_panel:
        assert mentor.assessed_by.isdisjoint(mentee.panels)
        assert mentee.assessed_by.isdisjoint(mentor.panels)
    if rules.common_language:
        assert not mentor.languages.isdisjoint(mentee.languages)
    wanted = [topic for topic, level in mentee.topics.items() if level]
    if rules.closed_topics and wanted:
        assert any(topic not in mentor.closed_topics for topic in wanted)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32))
def test_no_hard_rule_is_ever_broken(seed):
    no_hard_rule_is_broken(seed)


@pytest.mark.slow
@settings(max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32))
def test_no_hard_rule_is_ever_broken_in_two_thousand_cases(seed):
    no_hard_rule_is_broken(seed)
