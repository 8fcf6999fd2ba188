"""The checker accepts what is right and rejects every single thing altered."""

from dataclasses import replace

import numpy as np
import pytest

from contraflow.matching import (
    Cover,
    Participant,
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


def flipped(cover, side):
    mask = getattr(cover, side).copy()
    mask[np.argmax(mask) if mask.any() else 0] ^= True
    return replace(cover, **{side: mask})


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


NOBODY = Cover(np.zeros(7, dtype=bool), np.zeros(8, dtype=bool))
PROOF = FAIR.certificate


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
                proof(**{side: altered(getattr(PROOF, side), change, place)}),
                id=f"{side} {place} {change:+}",
            )
            for side in ("mentor_prices", "mentee_prices")
            for place in range(7)
            for change in (1, -1)
        ),
        pytest.param(proof(bonus=PROOF.bonus * 3), id="the bonus"),
        pytest.param(proof(bonus=2**61), id="a bonus that overflows"),
        pytest.param(
            proof(mentor_prices=np.full(7, 2**61, dtype=np.int64)), id="prices that overflow"
        ),
        pytest.param(proof(mentor_prices=PROOF.mentor_prices[1:]), id="a price missing"),
        pytest.param(proof(least=PROOF.least + 1), id="the least served"),
        pytest.param(proof(least=None), id="no least served"),
        pytest.param(proof(least_cover=None), id="no proof of the least served"),
        pytest.param(proof(least_cover=NOBODY), id="an empty proof of the least served"),
        pytest.param(proof(most=NOBODY), id="an empty proof of the most pairs"),
        pytest.param(proof(most=flipped(PROOF.most, "mentors")), id="a cover's mentor"),
        pytest.param(proof(most=flipped(PROOF.most, "mentees")), id="a cover's mentee"),
        pytest.param(
            proof(most=replace(PROOF.most, mentors=PROOF.most.mentors[1:])), id="a short cover"
        ),
        pytest.param(proof(unit=2.0), id="the unit of whole scores"),
    ],
)
def test_tampering_is_rejected(tampered):
    assert verify(SCORES, FAIR).valid
    assert not verify(SCORES, tampered).valid


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
