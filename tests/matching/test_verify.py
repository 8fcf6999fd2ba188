"""The checker accepts what is right and rejects every single thing altered."""

from dataclasses import replace

import numpy as np
import pytest

from contraflow.matching import (
    Participant,
    Prices,
    Problem,
    Rules,
    _verify,
    solve,
    solve_matrix,
    verify,
)
from contraflow.matching._encode import encode
from tests.matching.oracles import instance
from tests.matching.people import random_problem

RNG = np.random.default_rng(4)
SCORES = RNG.integers(0, 1000, (7, 8))
FAIR = solve_matrix(SCORES)


def proof(**changes):
    return replace(FAIR, certificate=replace(FAIR.certificate, **changes))


def altered(array, change, place=0):
    changed = array.copy()
    changed[place] += change
    return changed


def with_price(prices, side, change, place=0):
    """Return prices with one of them changed."""
    return replace(prices, **{side: altered(getattr(prices, side), change, place)})


def swapped():
    """Return the pairing with two mentees swapped and every figure adjusted to it."""
    pairs = FAIR.pairs.copy()
    pairs[[0, 1], 1] = pairs[[1, 0], 1]
    values = SCORES[tuple(pairs.T)]
    total = int(values.sum())
    return replace(FAIR, pairs=pairs, pair_scores=values, score=total, bound=total)


def fewer():
    """Return the pairing without its best pair and every figure adjusted to it."""
    keep = np.arange(7) != FAIR.pair_scores.argmax()
    values, gone = FAIR.pair_scores[keep], FAIR.pairs[~keep][0]
    return replace(
        FAIR,
        pairs=FAIR.pairs[keep],
        pair_scores=values,
        score=int(values.sum()),
        bound=int(values.sum()),
        unmatched_mentors=np.array([gone[0]]),
        unmatched_mentees=np.sort(np.append(FAIR.unmatched_mentees, gone[1])),
    )


NOTHING = Prices(np.zeros(7, dtype=int), np.zeros(8, dtype=int))
PROOF = FAIR.certificate
LOWEST = PROOF.levels[0]


@pytest.mark.parametrize(
    "tampered",
    [
        pytest.param(swapped(), id="two partners swapped"),
        pytest.param(fewer(), id="a pair left out"),
        pytest.param(replace(FAIR, pairs=FAIR.pairs[:, ::-1].copy()), id="sides swapped"),
        pytest.param(replace(FAIR, pairs=FAIR.pairs[[0, *range(6)]]), id="a pair twice"),
        pytest.param(replace(FAIR, pairs=FAIR.pairs + 1), id="somebody who is not there"),
        pytest.param(replace(FAIR, pairs=FAIR.pairs.astype(float)), id="pairs not whole"),
        pytest.param(replace(FAIR, pair_scores=altered(FAIR.pair_scores, 1)), id="a pair's score"),
        pytest.param(replace(FAIR, score=FAIR.score + 1), id="the score"),
        pytest.param(replace(FAIR, bound=FAIR.bound + 1), id="the bound"),
        pytest.param(replace(FAIR, gap=0.1), id="the gap"),
        pytest.param(replace(FAIR, status="infeasible"), id="the status"),
        pytest.param(
            replace(FAIR, unmatched_mentees=np.array([], dtype=int)), id="nobody left out"
        ),
        *(
            pytest.param(
                proof(total=with_price(PROOF.total, side, change, place)),
                id=f"price of the {side} {place} {change:+}",
            )
            for side in ("mentors", "mentees")
            for place in range(7)
            for change in (1, -1)
        ),
        pytest.param(proof(bonus=PROOF.bonus * 3), id="the bonus"),
        pytest.param(proof(bonus=2**61), id="a bonus that overflows"),
        pytest.param(
            proof(total=replace(PROOF.total, mentors=np.full(7, 2**61, dtype=np.int64))),
            id="prices that overflow",
        ),
        pytest.param(
            proof(total=replace(PROOF.total, mentors=PROOF.total.mentors[1:])), id="a price missing"
        ),
        pytest.param(proof(levels=(replace(LOWEST, score=LOWEST.score + 1),)), id="a higher level"),
        pytest.param(proof(levels=(replace(LOWEST, pairs=2),)), id="more pairs at the level"),
        pytest.param(proof(levels=()), id="no least served"),
        pytest.param(proof(levels=(LOWEST, LOWEST)), id="the least served twice"),
        pytest.param(
            proof(levels=(replace(LOWEST, higher=NOTHING),)), id="no proof of the least served"
        ),
        pytest.param(
            proof(levels=(replace(LOWEST, fewer=NOTHING),)), id="a proof that was not asked for"
        ),
        pytest.param(proof(most=NOTHING), id="an empty proof of the most pairs"),
        pytest.param(proof(most=with_price(PROOF.most, "mentors", 1)), id="most: a mentor's price"),
        pytest.param(proof(most=with_price(PROOF.most, "mentees", 1)), id="most: a mentee's price"),
        pytest.param(
            proof(most=replace(PROOF.most, mentors=PROOF.most.mentors[1:])), id="most: one missing"
        ),
        pytest.param(proof(unit=2.0), id="the unit of whole scores"),
    ],
)
def test_tampering_is_rejected(tampered):
    assert verify(SCORES, FAIR).valid
    assert not verify(SCORES, tampered).valid


DEEP = {"depth": 3, "mentor_capacity": 2, "mentee_capacity": 2, "one_each_first": True}
DEEP_PAIRING = solve_matrix(SCORES, **DEEP)
DEEP_PROOF = DEEP_PAIRING.certificate


def test_there_is_a_proof_for_each_aim():
    levels = DEEP_PROOF.levels

    assert verify(SCORES, DEEP_PAIRING, **DEEP).failures == ()
    assert len(DEEP_PAIRING.pairs) == 14
    assert [level.pairs for level in levels] == [1, 1, 1]
    assert [level.fewer is None for level in levels] == [False, False, True]
    assert sorted(DEEP_PAIRING.pair_scores.tolist())[:3] == [level.score for level in levels]


def of_level(place, **changes):
    levels = list(DEEP_PROOF.levels)
    levels[place] = replace(levels[place], **changes)
    return {"levels": tuple(levels)}


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"first_mentors": None}, id="no proof of the mentors with a partner"),
        pytest.param({"first_mentees": None}, id="no proof of the mentees with a partner"),
        pytest.param({"first_mentees": NOTHING}, id="an empty proof of partners"),
        pytest.param({"loss": DEEP_PROOF.loss + 1}, id="what a level takes"),
        pytest.param({"levels": DEEP_PROOF.levels[:2]}, id="a level missing"),
        pytest.param({"levels": DEEP_PROOF.levels[::-1]}, id="levels upside down"),
        pytest.param(of_level(1, fewer=None), id="no proof of fewest"),
        pytest.param(of_level(1, fewer=NOTHING), id="an empty proof of fewest"),
        *(
            pytest.param(
                of_level(place, higher=NOTHING),
                id=f"an empty proof of level {place}",
            )
            for place in range(3)
        ),
        *(
            pytest.param(
                of_level(place, fewer=with_price(DEEP_PROOF.levels[place].fewer, side, 1)),
                id=f"a price of level {place}, {side}",
            )
            for place in range(2)
            for side in ("mentors", "mentees")
        ),
    ],
)
def test_tampering_with_the_proof_of_a_later_aim_is_rejected(changes):
    tampered = replace(DEEP_PAIRING, certificate=replace(DEEP_PROOF, **changes))

    assert not verify(SCORES, tampered, **DEEP).valid


@pytest.mark.parametrize("asked", [{"depth": 2}, {"one_each_first": False}, {"objective": "total"}])
def test_a_proof_is_for_the_aims_it_was_made_for(asked):
    assert not verify(SCORES, DEEP_PAIRING, **{**DEEP, **asked}).valid


def test_a_pairing_of_the_total_is_no_fair_pairing():
    scores = [[9, 4], [5, 1]]
    total = solve_matrix(scores, objective="total")

    assert verify(scores, total, objective="total").valid
    assert not verify(scores, total).valid


def test_more_pairs_than_places_are_rejected():
    pairing = solve_matrix([[2, 1]], mentor_capacity=2)

    assert "Somebody is in more pairs than they have places." in verify([[2, 1]], pairing).failures


def test_an_altered_score_is_rejected():
    for pair in FAIR.pairs.tolist():
        for change in (1, -1):
            assert not verify(altered(SCORES, change, tuple(pair)), FAIR).valid
    for place in np.ndindex(SCORES.shape):
        assert not verify(altered(SCORES, 10_000, place), FAIR).valid


def test_a_coarse_grid_is_rejected():
    scores = RNG.random((4, 4))
    pairing = solve_matrix(scores)
    coarse = replace(pairing, certificate=replace(pairing.certificate, unit=0.01))

    assert verify(scores, pairing).valid
    assert verify(scores, coarse).failures == ("The grid of whole units is too coarse.",)


@pytest.mark.parametrize("kind", range(4))
def test_options_are_part_of_the_question(kind):
    for seed in range(kind, 80, 4):
        scores, allowed, rows, columns = instance(seed, most=8)
        options = {"allowed": allowed, "mentor_capacity": rows, "mentee_capacity": columns}
        pairing = solve_matrix(scores, floor=1, **options)

        assert verify(scores, pairing, floor=1, **options).failures == ()
        if len(pairing.pairs):
            fewer = allowed.copy()
            fewer[tuple(pairing.pairs[0])] = False
            options = {**options, "allowed": fewer}
            assert "A pair is not allowed." in verify(scores, pairing, floor=1, **options).failures


def test_people_s_pairs_are_checked_person_by_person():
    for seed in range(30):
        problem = random_problem(seed)
        pairing = solve(problem)
        if not len(pairing.pairs):
            continue
        row, column = pairing.pairs[0].tolist()
        pair = (problem.mentors[row].id, problem.mentees[column].id)

        forbidden = replace(problem, forbidden=[pair])

        assert verify(problem, pairing).failures == ()
        assert "A pair breaks a hard rule." in verify(forbidden, pairing).failures


def test_a_locked_pair_left_out_is_rejected():
    people = [Participant(id=i) for i in range(4)]
    problem = Problem(
        mentors=people[:2],
        mentees=people[2:],
        rules=Rules(minimum_grade_gap=None, common_language=False),
    )
    pairing = solve(problem)
    row, column = pairing.pairs[0].tolist()

    locked = replace(problem, locked=[(row, 3 - column)])

    assert "A locked pair is missing." in verify(locked, pairing).failures


def test_a_matrix_that_is_not_the_fit_of_the_people_is_found(monkeypatch):
    problem = random_problem(11, rules=Rules(minimum_grade_gap=None, common_language=False))
    right = encode(problem)
    pairing = solve(problem)
    wrong = replace(right, scores=right.scores + 1, allowed=~right.allowed)

    monkeypatch.setattr(_verify, "encode", lambda problem: wrong)

    failures = verify(problem, pairing, thorough=True).failures
    assert "A score is not the fit of the two people." in failures
    assert "A hard rule was overlooked or invented." in failures
