"""The aims in their order, each with its proof."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from contraflow.matching._arrays import Ints, Mask
from contraflow.matching._errors import MatchingError
from contraflow.matching._heaviest import bound, heaviest
from contraflow.matching._instance import (
    Aims,
    Certificate,
    Instance,
    Prices,
    level_weights,
)
from contraflow.matching._least import LevelSearch, as_pairs, people_placed, within
from contraflow.matching._most import most_pairs, smallest_cover


def settle(
    instance: Instance,
    aims: Aims,
    *,
    order: tuple[Ints, Ints] | None = None,
    seed: int = 0,
    step: Callable[[], None] = lambda: None,
    known: Mask | None = None,
) -> tuple[Mask, Certificate]:
    """Return the best pairing of an instance and its proof.

    1. As many pairs as possible.
    2. Where asked for: as many people as possible with a partner at all.
    3. For "least_served": the lowest scores as high as possible, as many as asked for.
    4. The largest total.

    Which of several equally good pairings comes out depends on `order` and `seed` and
    nothing else: both sides are put into that order and shuffled by that seed, and the
    result is put back.

    Parameters
    ----------
    order : two ndarrays of int64, optional
        A lasting order of rows and of columns, such as by id.
    known : ndarray of bool, optional
        A pairing known beforehand; where it serves the first aims the search for the
        least-served pair starts from it. It never changes the answer.
    """
    shuffle = np.random.default_rng(seed)
    first, second = order or (np.arange(n) for n in instance.scores.shape)
    rows, columns = shuffle.permutation(first), shuffle.permutation(second)
    grid = np.ix_(rows, columns)
    shuffled = Instance(
        instance.scores[grid],
        instance.allowed[grid],
        instance.mentor_capacity[rows],
        instance.mentee_capacity[columns],
        instance.first_mentors[rows],
        instance.first_mentees[columns],
    )
    start = None if known is None else known[grid]
    chosen_there, proof = _settle(shuffled, aims, step, start)
    chosen = np.zeros_like(chosen_there)
    chosen[grid] = chosen_there
    return chosen, _in_order(proof, np.argsort(rows), np.argsort(columns))


def _settle(
    instance: Instance, aims: Aims, step: Callable[[], None], known: Mask | None
) -> tuple[Mask, Certificate]:
    places = (instance.mentor_capacity, instance.mentee_capacity)
    largest = most_pairs(instance.allowed, *places)
    most = smallest_cover(instance.allowed, *places, largest)
    count = int(largest.sum())
    step()
    first_mentors, first_mentees, people = _first_partners(instance)
    if people:
        ones = np.ones_like(instance.scores)
        largest, _ = heaviest(instance, ones, instance.allowed, first=1, step=step)
    if known is not None and (count, people) == (int(known.sum()), people_placed(instance, known)):
        largest = known
    levels, _ = LevelSearch(instance, step).run(aims.levels, largest)
    counted = as_pairs([level for level in levels if level.fewer is not None])
    allowed = within(instance, counted, levels[-1].score) if levels else instance.allowed
    weights, bonus, first_bonus, loss = total_weights(instance, allowed, counted, count)
    chosen, prices = heaviest(instance, weights, allowed, first=first_bonus, step=step)
    if levels and levels[-1].fewer is None:
        here = int((instance.scores[chosen] == levels[-1].score).sum())
        levels[-1] = replace(levels[-1], pairs=here)
    total = int(weights[chosen].sum()) + people * first_bonus
    if (
        int(chosen.sum()) != count
        or people_placed(instance, chosen) != people
        or bound(instance, weights, allowed, first=first_bonus, prices=prices) != total
    ):
        raise MatchingError("The proof of optimality does not close; please report this.")
    return chosen, Certificate(
        most, first_mentors, first_mentees, tuple(levels), prices, bonus, first_bonus, loss
    )


def _first_partners(instance: Instance) -> tuple[Prices | None, Prices | None, int]:
    """Return how many can have a first partner where that is an aim, with a proof each side.

    Both sides reach their most in one and the same pairing (Mendelsohn and Dulmage 1958), and
    adding pairs along augmenting paths takes nobody's last partner away.
    """
    mentors, mentees = instance.mentor_capacity, instance.mentee_capacity
    proofs: list[Prices | None] = []
    people = 0
    for side, row_places, column_places in (
        (instance.first_mentors, np.minimum(mentors, instance.first_mentors), mentees),
        (instance.first_mentees, mentors, np.minimum(mentees, instance.first_mentees)),
    ):
        if not side.any():
            proofs.append(None)
            continue
        chosen = most_pairs(instance.allowed, row_places, column_places)
        people += int(chosen.sum())
        proofs.append(smallest_cover(instance.allowed, row_places, column_places, chosen))
    return proofs[0], proofs[1], people


def total_weights(
    instance: Instance, allowed: Mask, levels: list[tuple[int, int]], count: int
) -> tuple[Ints, int, int, int]:
    """Return weights whose sum is the total, every earlier aim outweighing it.

    Returns
    -------
    weights, bonus, first_bonus, loss
        ``score + bonus - loss * (what its level weighs less)`` for each pair.
    """
    scores = instance.scores
    possible = scores[allowed]
    if not possible.size:
        return np.zeros_like(scores), 0, 0, 0
    lowest, highest = int(possible.min()), int(possible.max())
    loss = count * (highest - lowest) + 1
    less, each = level_weights(levels)
    first_bonus = loss * each
    weights = scores + (first_bonus - lowest)
    for (score, _), by in zip(levels, less, strict=True):
        weights[scores == score] -= loss * by
    return weights, first_bonus - lowest, first_bonus, loss


def _in_order(proof: Certificate, rows: Ints, columns: Ints) -> Certificate:
    def ordered(prices: Prices) -> Prices:
        return Prices(prices.mentors[rows], prices.mentees[columns])

    return replace(
        proof,
        most=ordered(proof.most),
        first_mentors=proof.first_mentors and ordered(proof.first_mentors),
        first_mentees=proof.first_mentees and ordered(proof.first_mentees),
        levels=tuple(
            replace(level, higher=ordered(level.higher), fewer=level.fewer and ordered(level.fewer))
            for level in proof.levels
        ),
        total=ordered(proof.total),
    )
