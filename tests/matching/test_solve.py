from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from contraflow.matching import (
    MatchingInputError,
    Participant,
    Problem,
    Rules,
    _encode,
    solve,
    solve_matrix,
    verify,
)
from contraflow.matching._encode import encode
from tests.matching.oracles import by_programme
from tests.matching.people import random_problem

OPEN = Rules(minimum_grade_gap=None, common_language=False)


def ids(problem, pairing):
    return {(problem.mentors[i].id, problem.mentees[j].id) for i, j in pairing.pairs.tolist()}


def crowd(count, side):
    """Return people of whom each fits one partner best."""
    return [
        Participant(id=f"{side}{i}", topics={f"t{i % 7}": 3, f"t{i % 5}": 1}) for i in range(count)
    ]


def shop(**fields):
    """Return four mentors and four mentees."""
    return Problem(**{"mentors": crowd(4, "m"), "mentees": crowd(4, "e"), "rules": OPEN, **fields})


@pytest.mark.parametrize("seed", range(30))
def test_people_are_solved_like_their_matrix(seed):
    problem = random_problem(seed, most=9)
    encoded = encode(problem)
    rows = np.array([person.capacity for person in problem.mentors], dtype=int)
    columns = np.array([person.capacity for person in problem.mentees], dtype=int)

    fair, total = solve(problem), solve(replace(problem, objective="total"))

    if encoded.allowed.any():
        expected = by_programme(encoded.scores, encoded.allowed, rows, columns)
        assert (len(fair.pairs), fair.least_served, fair.score, total.score) == expected
    assert verify(problem, fair, thorough=True).failures == ()


def test_order_of_people_changes_nothing_even_among_equals():
    mentors, mentees = crowd(20, "m") * 1, crowd(20, "e")
    alike = [replace(person, topics={}) for person in mentors]
    problem = Problem(mentors=alike, mentees=mentees, rules=OPEN)
    turned = Problem(mentors=alike[::-1], mentees=mentees[7:] + mentees[:7], rules=OPEN)

    assert ids(problem, solve(problem)) == ids(turned, solve(turned))


def test_ids_may_be_numbers_beside_text():
    problem = Problem(
        mentors=[Participant(id=7), Participant(id="7")],
        mentees=[Participant(id=1, wishes=("7",)), Participant(id="1")],
        rules=OPEN,
    )

    assert ids(problem, solve(problem)) == {("7", 1), (7, "1")}


def test_a_locked_pair_stays_and_uses_its_place():
    problem = shop(locked=[("m0", "e3")])

    pairing = solve(problem)

    assert ("m0", "e3") in ids(problem, pairing)
    assert len(pairing.pairs) == 4
    assert verify(problem, pairing).valid


def test_a_locked_pair_may_be_below_the_floor():
    problem = shop(locked=[("m0", "e3")], rules=replace(OPEN, floor=0.9))

    pairing = solve(problem)

    assert ids(problem, pairing) == {("m0", "e3")}
    assert verify(problem, pairing).valid


def test_someone_locked_once_with_two_places_is_not_unplaced():
    mentors = [replace(crowd(1, "m")[0], capacity=2)]
    problem = shop(mentors=mentors, mentees=crowd(1, "e"), locked=[("m0", "e0")])

    pairing = solve(problem)

    assert ids(problem, pairing) == {("m0", "e0")}
    assert pairing.unmatched_mentors.tolist() == []
    assert pairing.diagnosis.unplaced == ()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"locked": [("m0", "e0"), ("m0", "e0")]}, "locked twice"),
        ({"locked": [("m0", "e0"), ("m0", "e1")]}, "'m0' is locked into 2 pairs"),
        ({"locked": [("m9", "e0")]}, "There is no mentor 'm9'"),
        ({"forbidden": [("m0", "e9")]}, "There is no mentee 'e9'"),
        ({"locked": [("m0", "e0")], "forbidden": [("m0", "e0")]}, "'m0', 'e0' is not possible"),
        ({"mentors": crowd(1, "m") * 2}, "Two mentors have the id 'm0'"),
        ({"objective": "best"}, "objective must be one of"),
    ],
)
def test_a_problem_outside_the_contract_is_refused(fields, message):
    with pytest.raises(MatchingInputError, match=message):
        shop(**fields)


@pytest.mark.parametrize(
    "private",
    [{"vetoes": frozenset({"e0"})}, {"closed_topics": frozenset({"t0"})}],
    ids=["a veto", "closed topics"],
)
def test_a_lock_that_is_not_possible_says_the_same_words_for_every_private_reason(private):
    mentors = [replace(crowd(1, "m")[0], **private)]

    with pytest.raises(MatchingInputError) as refused:
        shop(mentors=mentors, locked=[("m0", "e0")])

    assert str(refused.value) == "Pair 'm0', 'e0' is not possible."


def test_progress_counts_up_and_cancels():
    seen = []

    def report(done, total):
        seen.append((done, total))

    def cancel(done, total):
        raise KeyboardInterrupt

    solve(shop(), progress=report)

    assert [done for done, _ in seen] == list(range(1, len(seen) + 1))
    assert seen[-1][0] <= seen[-1][1]
    with pytest.raises(KeyboardInterrupt):
        solve(shop(), progress=cancel)


def test_an_executor_changes_nothing():
    people = {"mentors": crowd(600, "m"), "mentees": crowd(5, "e")}
    alone = solve(shop(**people))

    with ThreadPoolExecutor(2) as executor:
        together = solve(shop(**people), executor=executor)

    assert together.pairs.tolist() == alone.pairs.tolist()


@pytest.mark.parametrize(
    "size",
    [7, *(pytest.param(each, marks=pytest.mark.slow) for each in (1, 64, 10_000))],
)
def test_neither_blocks_nor_threads_change_a_pair_or_a_price(size, monkeypatch):
    for seed in range(10):
        usual = solve(random_problem(seed, most=40))

        monkeypatch.setattr(_encode, "BLOCK", size)
        with ThreadPoolExecutor(3) as executor:
            found = solve(random_problem(seed, most=40), executor=executor)
        monkeypatch.undo()

        assert found.pairs.tolist() == usual.pairs.tolist()
        for ours, theirs in zip(
            found.certificate.proofs(), usual.certificate.proofs(), strict=True
        ):
            assert ours.mentors.tolist() == theirs.mentors.tolist()
            assert ours.mentees.tolist() == theirs.mentees.tolist()


def test_a_start_changes_nothing():
    for seed in range(20):
        problem = random_problem(seed)
        fair = solve(problem)
        for start in (fair, solve(random_problem(seed + 1))):
            assert solve(problem, start=start).pairs.tolist() == fair.pairs.tolist()


def test_shortage_names_who_is_left_and_which_rule_to_relax():
    mentors = [
        Participant(id="ama", grade=3, team="a"),
        Participant(id="ben", grade=3, team="a", vetoes=frozenset({"eve"})),
    ]
    mentees = [
        Participant(id="eve", grade=4, team="b"),
        Participant(id="kim", grade=9, team="b"),
        Participant(id="lia", grade=9, team="a"),
    ]
    problem = Problem(mentors=mentors, mentees=mentees, rules=Rules(common_language=False))

    diagnosis = solve(problem).diagnosis

    assert diagnosis.blocked == {
        "same_person": 0,
        "forbidden": 0,
        "reporting_line": 0,
        "different_team": 2,
        "minimum_grade_gap": 2,
        "same_panel": 0,
        "not_possible": 1,
    }
    assert [(each.rule, each.setting, each.more_pairs) for each in diagnosis.helps] == [
        ("different_team", False, 1),
        ("mentee_places", 1, 1),
        ("minimum_grade_gap", 1, 1),
    ]
    unplaced = {
        (each.side, each.place): (each.nobody_possible, dict(each.blocked))
        for each in diagnosis.unplaced
    }
    assert unplaced[("mentee", 0)] == (True, {"minimum_grade_gap": 2})
    assert unplaced[("mentee", 2)] == (True, {"different_team": 2})


def test_zero_people_are_an_answer():
    pairing = solve(Problem(mentors=[], mentees=[]))

    assert (pairing.status, pairing.score, pairing.pairs.shape) == ("optimal", 0, (0, 2))


@pytest.mark.slow
def test_500_by_500_solves_in_about_a_second():
    rng = np.random.default_rng(1)
    scores = rng.integers(0, 1_000_000, (500, 500))

    assert solve_matrix(scores).seconds < 2
