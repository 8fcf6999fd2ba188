"""What every way of solving must keep: one suite, run over each path through the engine.

A path is a callable with the signature of `solve_matrix`. `CONTRACT` lists the promises; each
takes a path and a random instance of `oracles.instance`.
"""

import numpy as np

from contraflow.matching import verify
from tests.matching.oracles import served

AIMS = (
    {"objective": "least_served"},
    {"objective": "total"},
    {"depth": 3},
    {"one_each_first": True},
    {"depth": 2, "one_each_first": True},
)


def options_of(allowed, rows, columns):
    return {"allowed": allowed, "mentor_capacity": rows, "mentee_capacity": columns}


def served_by(pairing, instance, aims):
    """Return how a pairing serves its aims, in order, so that answers can be compared."""
    scores, _, rows, columns = instance
    depth = 0 if aims.get("objective") == "total" else aims.get("depth", 1)
    one_each = aims.get("one_each_first", False)
    pairs = pairing.pairs.tolist()
    return served(scores, rows, columns, pairs, depth=depth, one_each_first=one_each)


def answer_has_its_shape(solve, scores, allowed, rows, columns):
    pairing = solve(scores, **options_of(allowed, rows, columns))

    assert pairing.pairs.dtype == np.int64
    assert pairing.pairs.shape == (len(pairing.pair_scores), 2)
    assert pairing.pairs.tolist() == sorted(pairing.pairs.tolist())
    assert pairing.score == pairing.bound == sum(pairing.pair_scores.tolist())
    assert pairing.gap == 0
    assert pairing.seconds > 0
    places = rows.sum() and columns.sum() and len(pairing.pairs) == 0
    assert pairing.status == ("infeasible" if places else "optimal")
    assert not any(array.flags.writeable for array in (pairing.pairs, pairing.pair_scores))


def capacities_and_forbidden_pairs_are_kept(solve, scores, allowed, rows, columns):
    pairing = solve(scores, **options_of(allowed, rows, columns))
    chosen = np.zeros(scores.shape, dtype=int)
    np.add.at(chosen, tuple(pairing.pairs.T), 1)

    assert chosen.max(initial=0) <= 1
    assert not chosen[~allowed].any()
    assert (chosen.sum(axis=1) <= rows).all()
    assert (chosen.sum(axis=0) <= columns).all()
    without = np.flatnonzero((chosen.sum(axis=1) == 0) & (rows > 0))
    assert pairing.unmatched_mentors.tolist() == without.tolist()
    without = np.flatnonzero((chosen.sum(axis=0) == 0) & (columns > 0))
    assert pairing.unmatched_mentees.tolist() == without.tolist()


def same_question_has_the_same_answer(solve, scores, allowed, rows, columns):
    for seed in (0, 1):
        options = {**options_of(allowed, rows, columns), "seed": seed}
        first, second = solve(scores, **options), solve(scores.copy(), **options)
        assert first.pairs.tolist() == second.pairs.tolist()
        prices = first.certificate.total.mentors, second.certificate.total.mentors
        assert prices[0].tolist() == prices[1].tolist()


def seed_changes_no_aim(solve, scores, allowed, rows, columns):
    given = (scores, allowed, rows, columns)
    for aims in AIMS:
        options = {**options_of(allowed, rows, columns), **aims}
        found = [served_by(solve(scores, seed=seed, **options), given, aims) for seed in range(3)]
        assert found[0] == found[1] == found[2]


def permuting_people_keeps_the_aims(solve, scores, allowed, rows, columns):
    rng = np.random.default_rng(5)
    i, j = rng.permutation(len(rows)), rng.permutation(len(columns))
    turned = scores[np.ix_(i, j)], allowed[np.ix_(i, j)], rows[i], columns[j]
    for aims in AIMS:
        one = solve(scores, **options_of(allowed, rows, columns), **aims)
        other = solve(turned[0], **options_of(*turned[1:]), **aims)
        before = served_by(one, (scores, allowed, rows, columns), aims)
        assert served_by(other, turned, aims) == before


def scaling_and_shifting_scores_keeps_the_pairs(solve, scores, allowed, rows, columns):
    options = options_of(allowed, rows, columns)
    pairs = solve(scores, **options).pairs.tolist()

    assert solve(scores * 7, **options).pairs.tolist() == pairs
    assert solve(scores + 11, **options).pairs.tolist() == pairs


def forbidding_a_pair_never_helps(solve, scores, allowed, rows, columns):
    given = (scores, allowed, rows, columns)
    for aims in AIMS:
        options = {**options_of(allowed, rows, columns), **aims}
        before = solve(scores, **options)
        for pair in before.pairs[:2].tolist():
            fewer = allowed.copy()
            fewer[tuple(pair)] = False
            after = solve(scores, **{**options, "allowed": fewer})
            assert served_by(after, given, aims) <= served_by(before, given, aims)


def one_more_person_never_harms(solve, scores, allowed, rows, columns):
    rows[0] = 1  # whoever may have several only now would make more of the first aims
    fewer = scores[1:], allowed[1:], rows[1:], columns
    for aims in AIMS:
        before = solve(fewer[0], **options_of(*fewer[1:]), **aims)
        after = solve(scores, **options_of(allowed, rows, columns), **aims)
        then = served_by(before, fewer, aims)
        assert served_by(after, (scores, allowed, rows, columns), aims) >= then


def inputs_are_not_changed(solve, scores, allowed, rows, columns):
    given = [scores, allowed, rows, columns]
    copies = [array.copy() for array in given]

    solve(scores, **options_of(allowed, rows, columns))

    assert all((array == copy).all() for array, copy in zip(given, copies, strict=True))


def proof_holds(solve, scores, allowed, rows, columns):
    for aims in AIMS:
        options = {**options_of(allowed, rows, columns), **aims}
        assert verify(scores, solve(scores, **options), **options).failures == ()


CONTRACT = (
    answer_has_its_shape,
    capacities_and_forbidden_pairs_are_kept,
    same_question_has_the_same_answer,
    seed_changes_no_aim,
    permuting_people_keeps_the_aims,
    scaling_and_shifting_scores_keeps_the_pairs,
    forbidding_a_pair_never_helps,
    one_more_person_never_harms,
    inputs_are_not_changed,
    proof_holds,
)
