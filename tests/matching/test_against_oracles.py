"""A thousand random instances of every kind up to 300 by 300, and optima others have published.

The oracles are SciPy's assignment on repeated rows and columns, integer programming with
each pair at most once, and a threshold search of their own; they share nothing with the engine.
"""

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from contraflow.matching import solve_matrix, verify
from tests.matching.oracles import by_assignment, by_programme

KINDS = {
    "square": {},
    "more mentors": {"shape": (1.3, 1)},
    "more leaders": {"shape": (1, 1.4)},
    "mentors with several places": {"rows": 3},
    "leaders with several places": {"columns": 3},
    "several places on both sides": {"rows": 3, "columns": 2, "most": 24},
    "blocks of languages": {"blocks": 6},
    "few pairs possible": {"share": 0.04},
    "identical people": {"kinds": 7},
    "near ties": {"spread": 3},
    "all scores equal": {"spread": 1},
    "negative scores": {"low": -500_000},
}
COHORTS = 84  # of each kind: 1 008 in all


def cohort(kind, seed):
    """Return scores, who is allowed, and places on both sides."""
    asked = KINDS[kind]
    rng = np.random.default_rng([seed, len(kind)])
    most = asked.get("most", 300 if seed % 12 == 0 else 60)
    n, m = (np.maximum(1, rng.integers(1, most + 1) * np.array(asked.get("shape", (1, 1))))).astype(
        int
    )
    low = asked.get("low", 0)
    scores = rng.integers(low, low + asked.get("spread", 1_000_000), (n, m))
    if kinds := asked.get("kinds"):
        scores = scores[
            np.ix_(rng.integers(0, min(n, kinds), n), rng.integers(0, min(m, kinds), m))
        ]
    allowed = rng.random((n, m)) < asked.get("share", 0.9)
    if blocks := asked.get("blocks"):
        allowed = rng.integers(0, blocks, n)[:, None] == rng.integers(0, blocks, m)[None, :]
    rows = rng.integers(1, asked.get("rows", 1) + 1, n)
    columns = rng.integers(1, asked.get("columns", 1) + 1, m)
    return scores, allowed, rows, columns


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "seeds",
    [range(1, 5), pytest.param([0, *range(5, COHORTS)], marks=pytest.mark.slow)],
    ids=["some", "the rest"],
)
def test_every_kind_of_cohort_is_solved_as_the_oracles_say(kind, seeds):
    oracle = by_programme if kind == "several places on both sides" else by_assignment
    for seed in seeds:
        scores, allowed, rows, columns = cohort(kind, seed)
        options = {"allowed": allowed, "mentor_capacity": rows, "mentee_capacity": columns}
        fair = solve_matrix(scores, **options)
        total = solve_matrix(scores, objective="total", **options)

        found = len(fair.pairs), fair.least_served, fair.score, total.score
        assert found == oracle(scores, allowed, rows, columns), seed
        assert len(total.pairs) == len(fair.pairs)
        assert verify(scores, fair, **options).valid
        assert verify(scores, total, objective="total", **options).valid


# Project Euler, problem 345: 15 x 15, published optimum 13 938.
EULER_345 = """
      7  53 183 439 863 497 383 563  79 973 287  63 343 169 583
    627 343 773 959 943 767 473 103 699 303 957 703 583 639 913
    447 283 463  29  23 487 463 993 119 883 327 493 423 159 743
    217 623   3 399 853 407 103 983  89 463 290 516 212 462 350
    960 376 682 962 300 780 486 502 912 800 250 346 172 812 350
    870 456 192 162 593 473 915  45 989 873 823 965 425 329 803
    973 965 905 919 133 673 665 235 509 613 673 815 165 992 326
    322 148 972 962 286 255 941 541 265 323 925 281 601  95 973
    445 721  11 525 473  65 511 164 138 672  18 428 154 448 848
    414 456 310 312 798 104 566 520 302 248 694 976 430 392 198
    184 829 373 181 631 101 969 613 840 740 778 458 284 760 390
    821 461 843 513  17 901 711 993 293 157 274  94 192 156 574
     34 124   4 878 450 476 712 914 838 669 875 299 823 329 699
    815 559 813 459 522 788 168 586 966 232 308 833 251 631 107
    813 883 451 509 615  77 281 613 459 205 380 274 302  35 805
"""


def test_the_published_optimum_of_project_euler_345():
    scores = np.array(EULER_345.split(), dtype=int).reshape(15, 15)

    assert solve_matrix(scores, objective="total").score == 13_938


@pytest.mark.parametrize("size", [1, 2, 5, 10, 20, 50, 100, 200])
def test_the_published_optimum_of_machol_and_wien(size):
    """A hard assignment problem: costs i times j; R. E. Machol, M. Wien, Operations Research 24."""
    numbers = np.arange(1, size + 1)

    found = solve_matrix(-np.outer(numbers, numbers), objective="total")

    assert -found.score == size * (size + 1) * (size + 2) // 6


@pytest.mark.parametrize("size", [4, 12, 40])
def test_the_known_optimum_of_the_identity(size):
    """All but the diagonal are worth nothing; nobody can do better than the diagonal."""
    shuffled = np.random.default_rng(size).permutation(size)
    scores = np.eye(size, dtype=int)[shuffled]

    fair = solve_matrix(scores)

    assert fair.score == size
    assert fair.pairs.tolist() == [[row, int(shuffled[row])] for row in range(size)]


def test_float_scores_are_solved_to_a_grid_finer_than_anybody_can_read():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        scores = rng.random((rng.integers(2, 60), rng.integers(2, 60)))
        best = scores[linear_sum_assignment(scores, maximize=True)].sum()

        found = solve_matrix(scores, objective="total").score

        assert best - 60 * 1e-7 <= found <= best + 1e-9
