"""What would help: each relaxation does what it says, and nothing milder is needed."""

from dataclasses import replace

import pytest

from contraflow.matching import Help, Participant, Problem, Rules, solve
from tests.matching.people import random_problem

STRICT = Rules(
    reporting_line_levels=3,
    different_team=True,
    minimum_grade_gap=4,
    same_panel=True,
    common_language=True,
    floor=0.55,
)


def pairs_under(problem, **rules):
    return len(solve(replace(problem, rules=replace(problem.rules, **rules))).pairs)


def stricter(rule, setting):
    """Return the next stricter setting than one that was found."""
    if rule == "minimum_grade_gap":
        return setting + 1 if setting is not None else 0
    return {"reporting_line_levels": setting + 1}.get(rule, setting + 0.01)


@pytest.mark.slow
def test_each_relaxation_places_what_it_says_and_no_stricter_one_does():
    found = set()
    for seed in range(40):
        problem = random_problem(seed, most=12, rules=STRICT)
        pairing = solve(problem)
        for each in pairing.diagnosis.helps:
            if each.rule not in vars(STRICT):
                continue
            placed = pairs_under(problem, **{each.rule: each.setting})
            assert placed == len(pairing.pairs) + each.more_pairs, (seed, each)
            if each.setting is not False:
                before = stricter(each.rule, each.setting)
                assert pairs_under(problem, **{each.rule: before}) < placed
            found.add(each.rule)
    assert found == {
        "reporting_line_levels", "different_team", "minimum_grade_gap", "same_panel",
        "common_language", "floor",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("leaders", "helps"),
    [
        pytest.param([9, 9, 6], [(3, 1)], id="a milder gap is enough"),
        pytest.param([9, 6, 4], [(3, 1), (1, 2)], id="two steps, each with its effect"),
        pytest.param([9, 6, None], [(3, 1), (None, 2)], id="off, an unknown grade counts too"),
        pytest.param([9, 8, 8], [], id="nothing to help"),
    ],
)
def test_the_mildest_change_and_the_one_that_helps_most_are_named(leaders, helps):
    problem = Problem(
        mentors=[Participant(id=f"m{i}", grade=3) for i in range(3)],
        mentees=[Participant(id=f"e{i}", grade=grade) for i, grade in enumerate(leaders)],
        rules=Rules(minimum_grade_gap=5, common_language=False),
    )

    found = [
        (each.setting, each.more_pairs)
        for each in solve(problem).diagnosis.helps
        if each.rule == "minimum_grade_gap"
    ]

    assert sorted(found, key=lambda each: each[1]) == helps


def test_pairs_ruled_out_by_hand_are_named_as_such():
    ama, bela = Participant(id="ama"), Participant(id="bela")
    off = Rules(minimum_grade_gap=None, common_language=False)
    problem = Problem(mentors=[ama], mentees=[bela], rules=off, forbidden=[("ama", "bela")])

    assert solve(problem).diagnosis.helps == (Help(rule="forbidden", setting=None, more_pairs=1),)


def test_nothing_private_is_ever_offered():
    veto = Participant(id="ama", vetoes=frozenset({"bela"}), closed_topics=frozenset({"ai"}))
    bela = Participant(id="bela", topics={"ai": 2})
    off = Rules(minimum_grade_gap=None, common_language=False)

    assert solve(Problem(mentors=[veto], mentees=[bela], rules=off)).diagnosis.helps == ()


def test_so_many_people_with_one_more_place_are_enough():
    for seed in range(30):
        problem = random_problem(seed, most=10, rules=Rules(floor=0.3))
        pairing = solve(problem)
        for each in pairing.diagnosis.helps:
            if each.rule != "mentor_places":
                continue
            more = [replace(p, capacity=p.capacity + (p.capacity > 0)) for p in problem.mentors]
            placed = solve(replace(problem, mentors=more))
            assert len(placed.pairs) == len(pairing.pairs) + each.more_pairs
            assert each.setting == each.more_pairs
