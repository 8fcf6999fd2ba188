import pytest

from contraflow.matching import solve_matrix
from tests.matching.oracles import brute_force, instance


def both(scores, allowed, rows, columns):
    options = {"allowed": allowed, "mentor_capacity": rows, "mentee_capacity": columns}
    fair = solve_matrix(scores, **options)
    total = solve_matrix(scores, objective="total", **options)
    assert len(fair.pairs) == len(total.pairs)
    return len(fair.pairs), fair.least_served, fair.score, total.score


@pytest.mark.parametrize("seed", range(120))
def test_agrees_with_brute_force(seed):
    small = instance(seed, most=4)

    assert both(*small) == brute_force(*small)
