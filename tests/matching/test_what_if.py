from dataclasses import replace

import pytest

from contraflow.matching import (
    MatchingInputError,
    Participant,
    Problem,
    Rules,
    alternatives,
    price_of,
    solve,
    verify,
)
from tests.matching.people import random_problem

OPEN = Rules(minimum_grade_gap=None, common_language=False)


def problems(count, rules=None):
    for seed in range(count):
        problem = random_problem(seed, most=7, rules=rules)
        pairing = solve(problem)
        if len(pairing.pairs):
            yield problem, pairing


def ids(problem, pairing):
    return {(problem.mentors[i].id, problem.mentees[j].id) for i, j in pairing.pairs.tolist()}


def test_an_alternative_is_possible_and_not_made_and_costs_at_least_what_it_says():
    seen = 0
    for problem, pairing in problems(30, rules=OPEN):
        for mentee in problem.mentees:
            for found in alternatives(problem, pairing, mentee=mentee.id):
                pair = (found.mentor, found.mentee)
                price = price_of(problem, pairing, force=[pair])
                assert pair not in ids(problem, pairing)
                assert pair in ids(problem, price.pairing)
                if not price.pairs and (price.pairing.least_served >= pairing.least_served):
                    assert -price.total >= found.costs_at_least
                    assert not found.lowers_least
                    seen += 1
    assert seen > 15


def test_alternatives_come_cheapest_first_from_either_side():
    for problem, pairing in problems(20):
        for mentor in problem.mentors:
            found = alternatives(problem, pairing, mentor=mentor.id, count=9)
            costs = [each.costs_at_least for each in found]
            assert costs == sorted(costs)
            assert {each.mentor for each in found} <= {mentor.id}


def test_someone_whose_places_are_locked_has_no_alternative_and_is_none():
    problem = Problem(
        mentors=[Participant(id="ama"), Participant(id="ben")],
        mentees=[Participant(id="eve"), Participant(id="kim")],
        rules=OPEN,
        locked=[("ama", "eve")],
    )
    pairing = solve(problem)

    assert alternatives(problem, pairing, mentor="ama") == ()
    assert alternatives(problem, pairing, mentee="kim") == ()


@pytest.mark.parametrize("who", [{}, {"mentor": "m0", "mentee": "e0"}], ids=["nobody", "two"])
def test_alternatives_are_asked_for_one_person(who):
    problem = Problem(mentors=[], mentees=[])

    with pytest.raises(MatchingInputError, match="either a mentor or a mentee"):
        alternatives(problem, solve(problem), **who)


def test_a_price_is_the_difference_to_solving_afresh():
    for problem, pairing in problems(30):
        row, column = pairing.pairs[-1].tolist()
        pair = (problem.mentors[row].id, problem.mentees[column].id)

        price = price_of(problem, pairing, forbid=[pair])

        afresh = solve(replace(problem, forbidden=[pair]))
        assert price.pairing.pairs.tolist() == afresh.pairs.tolist()
        assert price.total == afresh.score - pairing.score
        assert price.pairs == len(afresh.pairs) - len(pairing.pairs)
        assert price.moved == len(ids(problem, afresh) - ids(problem, pairing))
        assert verify(replace(problem, forbidden=[pair]), price.pairing).valid


def test_two_pairs_can_be_swapped_at_once():
    people = [Participant(id=name, topics={name[0]: 3}) for name in ("a1", "b1", "a2", "b2")]
    problem = Problem(mentors=people[:2], mentees=people[2:], rules=OPEN)
    pairing = solve(problem)
    assert ids(problem, pairing) == {("a1", "a2"), ("b1", "b2")}

    price = price_of(problem, pairing, force=[("a1", "b2"), ("b1", "a2")])

    assert (price.pairs, price.least_served, price.total) == (0, -450_000, -900_000)
    assert price.moved == 0


def test_forcing_what_is_there_costs_nothing():
    for problem, pairing in problems(10):
        row, column = pairing.pairs[0].tolist()
        pair = (problem.mentors[row].id, problem.mentees[column].id)

        price = price_of(problem, pairing, force=[pair])

        assert price.pairs == 0
        assert price.pairing.score >= pairing.score or problem.objective == "total"


def test_forcing_what_is_not_possible_is_refused_without_the_reason():
    problem = Problem(
        mentors=[Participant(id="ama", vetoes=frozenset({"eve"}))],
        mentees=[Participant(id="eve")],
        rules=OPEN,
    )

    with pytest.raises(MatchingInputError) as refused:
        price_of(problem, solve(problem), force=[("ama", "eve")])

    assert str(refused.value) == "Pair 'ama', 'eve' is not possible."


def test_a_price_of_nothing_is_not_asked():
    problem = Problem(mentors=[], mentees=[])

    with pytest.raises(MatchingInputError, match="Name pairs"):
        price_of(problem, solve(problem))
