"""The workload that `benchmarks.peers` gives to everybody: what Contraflow reaches on it."""

import pytest

from benchmarks.beside.best import best_least, best_total, most_pairs
from benchmarks.beside.workload import workload
from contraflow.matching import solve_matrix

SEEDS = range(5)


def paired(work, **options):
    return solve_matrix(work.scores, allowed=work.allowed, mentor_capacity=work.places, **options)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_serving_500_leaders_as_well_as_possible_costs_at_most_two_in_a_thousand(seed):
    work = workload(500, "plenty", seed)
    least = best_least(work)

    fair, total = paired(work), paired(work, objective="total")

    assert (len(fair.pairs), fair.least_served) == (500, least)
    assert fair.score == best_total(work, least=least)
    assert total.score == best_total(work)
    assert fair.score >= 0.998 * total.score


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_where_mentors_are_short_nobody_is_left_who_could_be_placed(seed):
    work = workload(500, "scarce", seed)
    least = best_least(work)

    fair, total = paired(work), paired(work, objective="total")

    assert len(fair.pairs) == len(total.pairs) == most_pairs(work)
    assert len(fair.unmatched_mentees) == 500 - most_pairs(work)
    assert (fair.least_served, fair.score) == (least, best_total(work, least=least))
    assert total.score == best_total(work)
