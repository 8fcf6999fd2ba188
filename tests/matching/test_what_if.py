from collections import Counter
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from contraflow.matching import (
    MatchingInputError,
    Participant,
    Problem,
    Rules,
    alternatives,
    explain,
    price_of,
    solve,
)
from contraflow.matching._encode import encode
from tests.matching.oracles import served
from tests.matching.people import random_problem

# a room's quick tests take seconds: these run with the whole suite
pytestmark = pytest.mark.slow

OPEN = Rules(minimum_grade_gap=None, common_language=False)


def problems(count, rules=None):
    for seed in range(count):
        problem = random_problem(seed, most=7, rules=rules)
        pairing = solve(problem)
        if len(pairing.pairs):
            yield problem, pairing


def ids(problem, pairs):
    return {(problem.mentors[i].id, problem.mentees[j].id) for i, j in pairs.tolist()}


def test_an_alternative_is_possible_and_not_made_and_costs_at_least_what_it_says():
    seen = 0
    for problem, pairing in problems(30, rules=OPEN):
        for mentee in problem.mentees:
            for found in alternatives(problem, pairing, mentee=mentee.id):
                pair = (found.mentor, found.mentee)
                price = price_of(problem, pairing, force=[pair])
                assert pair not in ids(problem, pairing.pairs)
                assert pair in ids(problem, price.after)
                if not price.pairs and price.least_served >= 0:
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


def every_question(problem, pairing):
    """Yield every single change one can ask the price of, with the problem it leads to."""
    for side, people in (("mentor", problem.mentors), ("mentee", problem.mentees)):
        for person in people:
            gone = [replace(p, capacity=0) if p.id == person.id else p for p in people]
            yield {f"{side}_leaves": person.id}, replace(problem, **{f"{side}s": gone})
    for pair in ids(problem, pairing.pairs):
        yield {"forbid": [pair]}, replace(problem, forbidden=[pair])
    for mentor, mentee in product(problem.mentors, problem.mentees):
        pair = (mentor.id, mentee.id)
        if mentor.capacity and mentee.capacity and not explain(problem, *pair).broken_rules:
            yield {"force": [pair]}, replace(problem, locked=[pair])


@pytest.mark.parametrize(
    "aims",
    [
        pytest.param({}, id="least served"),
        pytest.param({"objective": "total"}, id="total", marks=pytest.mark.slow),
        pytest.param({"one_each_first": True}, id="one each first", marks=pytest.mark.slow),
        pytest.param({"depth": 2}, id="two levels", marks=pytest.mark.slow),
    ],
)
def test_every_price_is_the_difference_to_solving_afresh(aims):
    """As the aims see it: what is locked is set aside first."""
    searched = Counter()
    depth = 0 if "objective" in aims else aims.get("depth", 1)
    for seed in range(12):
        problem = replace(random_problem(seed, most=7, rules=OPEN), **aims)
        pairing = solve(problem)
        scores = encode(problem).scores
        places = [np.array([p.capacity for p in s]) for s in (problem.mentors, problem.mentees)]
        for question, changed in every_question(problem, pairing):
            price = price_of(problem, pairing, **question)
            afresh = solve(changed)

            decided = {tuple(pair) for pair in question.get("force", ())}
            found = [
                served(
                    scores,
                    *places,
                    [
                        (problem.mentor_row(a), problem.mentee_column(b))
                        for a, b in ids(problem, pairs) - decided
                    ],
                    depth=depth,
                    one_each_first=aims.get("one_each_first", False),
                )
                for pairs in (price.after, afresh.pairs)
            ]
            assert found[0] == found[1], (seed, question)
            assert price.total == scores[tuple(price.after.T)].sum() - pairing.score
            assert price.pairs == len(afresh.pairs) - len(pairing.pairs)
            before = ids(problem, pairing.pairs)
            assert price.moved == len(ids(problem, price.after) - before - decided)
            searched[price.by_search] += 1
    assert searched[True] > (0 if aims.get("depth") else 80)


def test_two_pairs_can_be_swapped_at_once():
    people = [Participant(id=name, topics={name[0]: 3}) for name in ("a1", "b1", "a2", "b2")]
    problem = Problem(mentors=people[:2], mentees=people[2:], rules=OPEN)
    pairing = solve(problem)
    assert ids(problem, pairing.pairs) == {("a1", "a2"), ("b1", "b2")}

    price = price_of(problem, pairing, force=[("a1", "b2"), ("b1", "a2")])

    assert (price.pairs, price.least_served, price.total) == (0, -450_000, -900_000)
    assert price.moved == 0


def test_forcing_what_is_there_costs_nothing():
    for problem, pairing in problems(10):
        row, column = pairing.pairs[0].tolist()
        pair = (problem.mentors[row].id, problem.mentees[column].id)

        price = price_of(problem, pairing, force=[pair])

        assert (price.pairs, price.moved) == (0, 0)
        assert price.total >= 0


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
