"""What covers private answers, attacked with and without it."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from contraflow.matching import (
    TRAITS,
    MatchingInputError,
    Participant,
    Problem,
    Rules,
    cover,
    solve,
)
from contraflow.matching._cover import _LEVELS
from contraflow.matching._fit import JUDGED_TRAITS, quarter
from tests.matching.attacks import ALL_OFF, claim_traits, claim_vetoes, claim_wishes

# a room's quick tests take seconds: these run with the whole suite
pytestmark = pytest.mark.slow

KEY = b"a key for the tests alone"
COHORTS = 25


def people_of(seed, count=24):
    """Return mentors and leaders of whom some wish, veto, and answer the items."""
    rng = np.random.default_rng(seed)
    ids = [[f"{side}{i}" for i in range(count)] for side in "me"]
    sides = []
    for side, others in zip(ids, reversed(ids), strict=True):
        people = []
        for name in side:
            drawn = rng.permutation(others).tolist()
            wishes, vetoes = drawn[: rng.integers(0, 4)], drawn[-rng.integers(1, 4) :]
            traits = {trait: float(rng.integers(8, 19)) / 4 for trait in TRAITS}
            people.append(
                Participant(
                    id=name,
                    wishes=tuple(wishes),
                    vetoes=frozenset(vetoes if rng.random() < 0.4 else ()),
                    personality=traits if rng.random() < 0.8 else None,
                )
            )
        sides.append(people)
    return sides


def covered(mentors, mentees):
    return cover(mentors, mentees, key=KEY)


def bare(mentors, mentees):
    return mentors, mentees


def hits(attack, truth, guard):
    """Return how many claims there are over all cohorts, and how many of them are true."""
    claims, true = 0, 0
    for seed in range(COHORTS):
        mentors, mentees = people_of(seed)
        found = attack(*guard(mentors, mentees))
        claims += len(found)
        true += len(found & truth(mentors, mentees))
    return claims, true


def all_vetoes(mentors, mentees):
    ours = {(person.id, other) for person in mentors for other in person.vetoes}
    return ours | {(other, person.id) for person in mentees for other in person.vetoes}


def all_wishes(mentors, mentees):
    ours = {(person.id, other) for person in mentors for other in person.wishes}
    return ours | {(other, person.id) for person in mentees for other in person.wishes}


@pytest.mark.parametrize(
    ("attack", "truth"),
    [
        pytest.param(claim_vetoes, all_vetoes, id="vetoes"),
        pytest.param(claim_wishes, all_wishes, id="wishes"),
    ],
)
def test_an_attack_that_is_right_without_cover_is_wrong_half_of_the_time_with_it(attack, truth):
    claims, true = hits(attack, truth, bare)
    assert true == claims > 500

    claims, true = hits(attack, truth, covered)
    assert claims > 1000
    assert true / claims < 0.5


def test_of_nobody_s_partners_ruled_out_more_than_half_were_that_person_s_choice():
    for seed in range(COHORTS):
        for before, after in zip(people_of(seed), covered(*people_of(seed)), strict=True):
            for person, hidden in zip(before, after, strict=True):
                assert person.vetoes <= hidden.vetoes
                assert 2 * len(person.vetoes) <= len(hidden.vetoes)


def test_every_wish_has_a_decoy_of_its_rank_and_the_wish_itself_counts_as_before():
    for seed in range(COHORTS):
        for before, after in zip(people_of(seed), covered(*people_of(seed)), strict=True):
            for person, hidden in zip(before, after, strict=True):
                assert hidden.wishes == person.wishes
                decoys = hidden.decoy_wishes
                assert all(decoys[rank] is not None for rank in range(len(person.wishes)))
                assert not set(decoys) & {person.id, *person.wishes, *person.vetoes}


def test_answers_are_worked_out_to_the_point_without_cover_and_never_with_it():
    exact, alone = Counter(), Counter()
    for guard in (bare, covered):
        for seed in range(5):
            mentors, mentees = people_of(seed)
            known = {
                j: [quarter(person.personality[trait]) for trait in JUDGED_TRAITS]
                for j, person in enumerate(mentees)
                if person.personality
            }
            if guard is covered:
                # even whoever knows what the engine was told of the accomplices
                known = {
                    j: [quarter(person.personality[trait]) for trait in JUDGED_TRAITS]
                    for j, person in enumerate(covered(mentors, mentees)[1])
                    if j in known
                }
            found = claim_traits(*guard(mentors, mentees), dict(list(known.items())[:12]))
            for mentor in mentors:
                if not mentor.personality:
                    continue
                true = [quarter(mentor.personality[trait]) for trait in JUDGED_TRAITS]
                alone[guard] += len(found[mentor.id]) == 1
                exact[guard] += found[mentor.id].tolist() == [true]
    assert exact[bare] == alone[bare] > 80
    assert exact[covered] < 0.02 * alone[covered]


@pytest.mark.slow
def test_no_level_of_a_trait_is_more_than_seven_times_as_likely_as_another():
    """Over 6 000 people of each level, and for those who did not answer as for the middle."""
    shown = {}
    for level in (*_LEVELS, None):
        traits = dict.fromkeys(TRAITS, level) if level else None
        crowd = [Participant(id=f"{level} {i}", personality=traits) for i in range(6000)]
        hidden, _ = cover(crowd, [], key=KEY)
        shown[level] = Counter(person.personality["intellect"] for person in hidden)
    for true, counts in shown.items():
        for level in _LEVELS:
            share = counts[level] / 6000
            expected = 7 / 9 if level == (true or _LEVELS[1]) else 1 / 9
            assert share == pytest.approx(expected, abs=0.015)


def test_the_same_key_covers_the_same_and_whoever_else_joins_changes_nobody_s_traits_or_wishes():
    mentors, mentees = people_of(1)
    first, _ = covered(mentors, mentees)
    again, _ = covered(list(reversed(mentors)), mentees)
    other, _ = cover(mentors, mentees, key=b"another key for the tests")

    assert sorted(first, key=lambda p: p.id) == sorted(again, key=lambda p: p.id)
    assert [p.decoy_wishes for p in other] != [p.decoy_wishes for p in first]
    fewer, _ = covered(mentors[1:], mentees)
    assert [p.personality for p in fewer] == [p.personality for p in first[1:]]
    assert [p.decoy_wishes for p in fewer] == [p.decoy_wishes for p in first[1:]]


@pytest.mark.parametrize("rules", [Rules(), ALL_OFF], ids=["rules as they ship", "all rules off"])
def test_decoys_cost_nobody_a_place(rules):
    for seed in range(COHORTS):
        sides = people_of(seed, count=6)
        sides = [
            [
                replace(p, grade=3 * side + i % 3, languages=frozenset({"en", "de"}), team=str(i))
                for i, p in enumerate(people)
            ]
            for side, people in enumerate(sides)
        ]
        before = solve(Problem(mentors=sides[0], mentees=sides[1], rules=rules))
        hidden = covered(*sides)
        after = solve(Problem(mentors=hidden[0], mentees=hidden[1], rules=rules))

        assert len(after.pairs) == len(before.pairs) > 2


def test_a_short_key_is_refused():
    with pytest.raises(MatchingInputError, match="at least 16 bytes"):
        cover([], [], key=b"short")
