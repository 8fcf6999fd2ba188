import pytest

from contraflow.matching import explain
from contraflow.matching._encode import encode
from tests.matching.people import random_problem


@pytest.mark.parametrize("seed", range(40))
def test_one_pair_at_a_time_and_all_at_once_are_the_same_definition(seed):
    problem = random_problem(seed)
    encoded = encode(problem)

    for row, mentor in enumerate(problem.mentors):
        for column, mentee in enumerate(problem.mentees):
            why = explain(problem, mentor.id, mentee.id)
            blocked = {rule for rule, mask in encoded.blocked.items() if mask[row, column]}
            assert why.score == encoded.scores[row, column]
            assert set(why.broken_rules) == blocked
            assert encoded.allowed[row, column] == (not blocked)
            assert why.score == sum(why.public_parts.values()) + why.kept + why.private
