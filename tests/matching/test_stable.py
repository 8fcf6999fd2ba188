"""Deferred acceptance and blocking pairs, against the definitions looked at pair by pair."""

import pytest

from contraflow.matching import (
    Participant,
    Problem,
    Rules,
    count_blocking,
    deferred_acceptance,
    explain,
    solve,
)
from tests.matching.people import random_problem

FREE = Rules(
    reporting_line_levels=0,
    different_team=False,
    minimum_grade_gap=None,
    same_panel=False,
    common_language=False,
    closed_topics=False,
)
BONUSES = (50_000, 33_333, 16_666)


def view(problem, pair, side):
    """Return how one of two people sees the other: the fit without the other's own wish."""
    other, one = problem.people(pair) if side else reversed(problem.people(pair))
    wishes = (
        *zip(other.wishes, BONUSES, strict=False),
        *zip(other.decoy_wishes, BONUSES, strict=False),
    )
    return explain(problem, *pair).score - sum(bonus for wish, bonus in wishes if wish == one.id)


def blocking(problem, pairs):
    """Return who would both rather have each other, one pair after the other."""
    found = []
    for mentor in problem.mentors:
        for mentee in problem.mentees:
            pair = (mentor.id, mentee.id)
            if pair in pairs or explain(problem, *pair).broken_rules:
                continue
            rather = []
            for side, person in ((0, mentor), (1, mentee)):
                partners = [each for each in pairs if each[side] == person.id]
                liked = [view(problem, each, side) for each in partners]
                has_place = len(partners) < person.capacity
                has_place_or_worse = has_place or any(x < view(problem, pair, side) for x in liked)
                rather.append(person.capacity > 0 and has_place_or_worse)
            if all(rather):
                found.append(pair)
    return found


def test_nobody_in_deferred_acceptance_would_both_rather_have_each_other():
    for seed in range(60):
        problem = random_problem(seed)
        pairs = deferred_acceptance(problem)

        assert blocking(problem, set(pairs)) == []
        assert count_blocking(problem, pairs) == 0
        assert all(not explain(problem, *pair).broken_rules for pair in pairs)
        for side, people in ((0, problem.mentors), (1, problem.mentees)):
            for person in people:
                assert sum(pair[side] == person.id for pair in pairs) <= person.capacity


@pytest.mark.slow
def test_blocking_pairs_of_any_pairing_are_counted_as_the_definition_says():
    found = 0
    for seed in range(60):
        problem = random_problem(seed, most=12, rules=FREE)
        pairing = solve(problem)
        pairs = {(problem.mentors[i].id, problem.mentees[j].id) for i, j in pairing.pairs}

        assert count_blocking(problem, pairs) == len(blocking(problem, pairs))
        found += count_blocking(problem, pairs)
    assert found == 115


@pytest.mark.parametrize(
    ("wishes", "pairs"),
    [
        pytest.param({}, (("a", "x"), ("b", "y")), id="the order of the people decides"),
        pytest.param({"x": ("b",)}, (("a", "y"), ("b", "x")), id="a wish decides for the one"),
    ],
)
def test_equals_are_paired_in_the_order_of_the_people(wishes, pairs):
    people = {name: Participant(id=name, wishes=wishes.get(name, ())) for name in "abxy"}
    problem = Problem(
        mentors=[people["a"], people["b"]], mentees=[people["x"], people["y"]], rules=FREE
    )

    assert deferred_acceptance(problem) == pairs


def test_locked_pairs_stay_and_are_not_up_for_choice():
    people = {name: Participant(id=name, wishes=("x",) if name == "a" else ()) for name in "abxy"}
    problem = Problem(
        mentors=[people["a"], people["b"]],
        mentees=[people["x"], people["y"]],
        rules=FREE,
        locked=[("a", "y")],
    )

    assert deferred_acceptance(problem) == (("a", "y"), ("b", "x"))
    assert count_blocking(problem, [("a", "y"), ("b", "x")]) == 0
