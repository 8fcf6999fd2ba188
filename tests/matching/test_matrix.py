import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from contraflow.matching import Help, MatchingInputError, solve_matrix, verify
from tests.matching.oracles import brute_force, brute_force_aims, by_programme, instance, served


def both(scores, allowed, rows, columns):
    options = {"allowed": allowed, "mentor_capacity": rows, "mentee_capacity": columns}
    fair = solve_matrix(scores, **options)
    total = solve_matrix(scores, objective="total", **options)
    assert len(fair.pairs) == len(total.pairs)
    return len(fair.pairs), fair.least_served, fair.score, total.score


def test_agrees_with_brute_force():
    for seed in range(60):
        small = instance(seed, most=4)
        assert both(*small) == brute_force(*small), seed


@pytest.mark.parametrize("one_each_first", [False, True], ids=["", "one each first"])
@pytest.mark.parametrize("depth", [0, 1, 2, 3, 5])
def test_every_aim_agrees_with_brute_force(depth, one_each_first):
    for seed in range(40):
        small = scores, allowed, rows, columns = instance(seed, most=4)
        pairing = solve_matrix(
            scores,
            allowed=allowed,
            mentor_capacity=rows,
            mentee_capacity=columns,
            objective="least_served" if depth else "total",
            depth=depth or 1,
            one_each_first=one_each_first,
        )
        aims = {"depth": depth, "one_each_first": one_each_first}
        found = served(scores, rows, columns, pairing.pairs.tolist(), **aims)

        assert found == (brute_force_aims(*small, **aims) or found), seed


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(0, 60, 5))
def test_agrees_with_brute_force_up_to_six_by_six(seed):
    scores, allowed, rows, columns = instance(seed, most=6)
    scores, allowed = np.resize(scores, (6, 6)), np.resize(allowed, (6, 6))
    rows, columns = np.resize(rows, 6) % 2, np.resize(columns, 6) % 3

    assert both(scores, allowed, rows, columns) == brute_force(scores, allowed, rows, columns)


@pytest.mark.parametrize(
    "seeds",
    [range(24), pytest.param(range(24, 200), marks=pytest.mark.slow)],
    ids=["some", "the rest of 200"],
)
def test_total_is_that_of_an_independent_solver(seeds):
    """One side repeated: SciPy's assignment. Both: integer programming, a pair at most once."""
    for seed in seeds:
        rng = np.random.default_rng(seed)
        n, m = rng.integers(1, 25, 2)
        scores = rng.integers(0, 10_000, (n, m))
        rows = rng.integers(1, 4, n) if seed % 4 else np.ones(n, dtype=int)
        columns = rng.integers(1, 4, m) if seed % 4 == 3 else np.ones(m, dtype=int)
        options = {"mentor_capacity": rows, "mentee_capacity": columns}
        assert solve_matrix(scores, objective="total", **options).score == expected_total(
            scores, rows, columns
        ), seed


def expected_total(scores, rows, columns):
    if columns.max() == 1 or rows.max() == 1:
        repeated = np.repeat(np.repeat(scores, rows, axis=0), columns, axis=1)
        return repeated[linear_sum_assignment(repeated, maximize=True)].sum()
    return by_programme(scores, np.ones(scores.shape, dtype=bool), rows, columns)[3]


@pytest.mark.parametrize(
    "seeds",
    [range(12), pytest.param(range(12, 200), marks=pytest.mark.slow)],
    ids=["some", "the rest of 200"],
)
def test_default_is_max_min_by_threshold_search_and_then_the_total(seeds):
    for seed in seeds:
        any_kind = instance(seed, most=14)
        assert both(*any_kind) == by_programme(*any_kind), seed


def test_most_pairs_come_before_any_score():
    pairing = solve_matrix([[1000, 1], [1, -1000]], allowed=[[True, True], [True, False]])

    assert pairing.pairs.tolist() == [[0, 1], [1, 0]]


def test_nobody_has_a_second_partner_while_somebody_has_none():
    scores = [[90, 80], [10, 5]]
    both = {"mentor_capacity": [2, 1]}

    assert solve_matrix(scores, objective="total", **both).pairs.tolist() == [[0, 0], [0, 1]]
    fair = solve_matrix(scores, objective="total", one_each_first=True, **both)
    assert fair.pairs.tolist() == [[0, 0], [1, 1]]


def test_depth_lifts_the_second_lowest_too():
    scores = [[5, 0, 0], [0, 6, 9], [0, 9, 20]]

    assert solve_matrix(scores).pair_scores.tolist() == [5, 6, 20]
    assert solve_matrix(scores, depth=2).pair_scores.tolist() == [5, 9, 9]


def test_nobody_gets_less_than_a_share_of_their_own_best():
    scores = [[10, 8], [8, 1]]

    assert solve_matrix(scores, objective="total").pairs.tolist() == [[0, 1], [1, 0]]
    most = solve_matrix(scores, share_of_best=0.9)
    assert most.pairs.tolist() == [[0, 0]]
    assert verify(scores, most, share_of_best=0.9).valid
    assert (
        "A pair is not allowed." in verify(scores, solve_matrix(scores), share_of_best=0.9).failures
    )


def test_nobody_has_the_same_partner_twice():
    pairing = solve_matrix([[9, 1], [9, 1]], mentor_capacity=2, mentee_capacity=2)

    assert pairing.pairs.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]


def test_whole_numbers_too_large_for_floats_are_exact():
    big = 2**50
    scores = np.array([[big + 1, big], [big, big + 2]])

    pairing = solve_matrix(scores, objective="total")

    assert pairing.score == 2 * big + 3
    assert verify(scores, pairing, objective="total").valid


def test_whole_numbers_too_far_apart_are_refused():
    with pytest.raises(MatchingInputError, match="too far apart"):
        solve_matrix([[2**62, 0], [0, 1]])


@pytest.mark.parametrize("factor", [1e-9, 1, 1e12], ids=["tiny", "plain", "huge"])
def test_floats_are_solved_on_a_fine_grid_and_reported_as_given(factor):
    scores = np.array([[0.9, 0.4], [0.5, 0.1]]) * factor

    pairing = solve_matrix(scores)

    assert pairing.pairs.tolist() == [[0, 1], [1, 0]]
    assert pairing.pair_scores.tolist() == [scores[0, 1], scores[1, 0]]
    assert pairing.score == scores[0, 1] + scores[1, 0]
    assert verify(scores, pairing).valid


def test_equal_floats_are_solved():
    pairing = solve_matrix(np.full((3, 3), 0.3))

    assert len(pairing.pairs) == 3
    assert verify(np.full((3, 3), 0.3), pairing).valid


def test_scores_of_pairs_not_allowed_may_be_missing():
    pairing = solve_matrix([[0.5, float("nan")], [0.7, 0.2]], allowed=[[True, False], [True] * 2])

    assert pairing.pairs.tolist() == [[0, 0], [1, 1]]


def test_floor_leaves_people_out_and_says_so():
    pairing = solve_matrix([[0.9, 0.2], [0.8, 0.2]], floor=0.3)

    assert len(pairing.pairs) == 1
    assert pairing.unmatched_mentees.tolist() == [1]
    assert pairing.diagnosis.blocked == {"not_allowed": 0, "floor": 2}
    assert [(each.rule, each.setting, each.more_pairs) for each in pairing.diagnosis.helps] == [
        ("floor", 0.2, 1),
        ("mentee_places", 1, 1),
    ]


@pytest.mark.parametrize(
    ("scores", "status"),
    [
        pytest.param(np.zeros((0, 0)), "optimal", id="nobody"),
        pytest.param(np.zeros((0, 3)), "optimal", id="nobody to teach"),
        pytest.param(np.zeros((1, 1)), "optimal", id="one and one"),
    ],
)
def test_few_people_are_no_special_case(scores, status):
    pairing = solve_matrix(scores)

    assert pairing.status == status
    assert len(pairing.pairs) == min(scores.shape)
    assert verify(scores, pairing).valid


@pytest.mark.parametrize("scores", [[[1, 2]], [[0.5, 0.7]]], ids=["whole", "float"])
def test_nobody_allowed_is_an_answer(scores):
    pairing = solve_matrix(scores, allowed=[[False, False]])

    assert pairing.status == "infeasible"
    assert pairing.least_served is None
    assert [each.nobody_possible for each in pairing.diagnosis.unplaced] == [True] * 3
    assert [(each.rule, each.more_pairs) for each in pairing.diagnosis.helps] == [
        ("not_allowed", 1)
    ]


def test_a_shortage_places_as_many_as_there_are_places():
    scores = np.arange(20).reshape(4, 5)

    pairing = solve_matrix(scores)

    assert len(pairing.pairs) == 4
    assert pairing.diagnosis.mentor_places == 4
    assert pairing.diagnosis.mentee_places == 5
    assert pairing.diagnosis.helps == (Help(rule="mentor_places", setting=1, more_pairs=1),)
    assert [each.nobody_possible for each in pairing.diagnosis.unplaced] == [False]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"scores": [1, 2]}, "scores must be 2-D"),
        ({"scores": [["a"]]}, "scores must be numbers"),
        ({"scores": [[True]]}, "scores must be numbers"),
        ({"scores": [[np.inf]]}, "scores must be finite"),
        ({"scores": [[np.nan]]}, "scores must be finite"),
        ({"scores": [[-1e308, 1e308]]}, "too far apart"),
        ({"scores": np.array([[2**63]], dtype=np.uint64)}, "64-bit"),
        ({"allowed": [[True]]}, "allowed must have shape"),
        ({"allowed": [[1, 0], [1, 1]]}, "allowed must be True or False"),
        ({"mentor_capacity": [1, 2, 3]}, "mentor_capacity must be one number or 2"),
        ({"mentor_capacity": -1}, "mentor_capacity must be whole numbers from 0"),
        ({"mentee_capacity": 1.5}, "mentee_capacity must be whole numbers from 0"),
        ({"mentee_capacity": 2**40}, "mentee_capacity must be below"),
        ({"objective": "fastest"}, "objective must be one of least_served, total"),
        ({"depth": 0}, "depth must be a whole number from 1"),
        ({"one_each_first": 1}, "one_each_first must be True or False"),
        ({"share_of_best": 1.5}, "share_of_best must be from 0 to 1"),
        ({"share_of_best": 0.5, "scores": [[-1]]}, "share_of_best needs scores from 0"),
        ({"floor": float("nan")}, "floor must be a number"),
        ({"floor": True}, "floor must be a number"),
        ({"seed": -1}, "seed must be a whole number"),
        ({"seed": 1.5}, "seed must be a whole number"),
    ],
)
def test_what_breaks_the_contract_is_refused(arguments, message):
    with pytest.raises(MatchingInputError, match=message):
        solve_matrix(**{"scores": [[1, 2], [3, 4]], **arguments})
