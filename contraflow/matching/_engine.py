"""The three aims in their order, each with its proof."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from contraflow.matching._arrays import Ints, Mask
from contraflow.matching._errors import MatchingError
from contraflow.matching._instance import Certificate, Cover, Instance
from contraflow.matching._least import highest_least
from contraflow.matching._most import most_pairs, smallest_cover
from contraflow.matching._total import largest_total


def settle(
    instance: Instance,
    objective: str,
    *,
    order: tuple[Ints, Ints] | None = None,
    seed: int = 0,
    step: Callable[[], None] = lambda: None,
    known: Mask | None = None,
) -> tuple[Mask, Certificate]:
    """Return the best pairing of an instance and its proof.

    1. As many pairs as possible.
    2. For "least_served": the lowest-scored pair as high as possible.
    3. The largest total.

    Which of several equally good pairings comes out depends on `order` and `seed` and
    nothing else: both sides are put into that order and shuffled by that seed, and the
    result is put back.

    Parameters
    ----------
    order : two ndarrays of int64, optional
        A lasting order of rows and of columns, such as by id.
    known : ndarray of bool, optional
        A pairing known beforehand; where it is as large as possible the search for the
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
    )
    start = None if known is None else known[grid]
    chosen_there, proof = _settle(shuffled, objective, step, start)
    chosen = np.zeros_like(chosen_there)
    chosen[grid] = chosen_there
    return chosen, _in_order(proof, np.argsort(rows), np.argsort(columns))


def _settle(
    instance: Instance, objective: str, step: Callable[[], None], known: Mask | None
) -> tuple[Mask, Certificate]:
    capacities = (instance.mentor_capacity, instance.mentee_capacity)
    most = most_pairs(instance.allowed, *capacities)
    cover = smallest_cover(instance.allowed, *capacities, most)
    count = int(most.sum())
    step()
    if known is not None and int(known.sum()) == count:
        most = known
    allowed, least, least_cover = instance.allowed, None, None
    if objective == "least_served" and count:
        least = highest_least(instance, most, step)
        above = instance.allowed & (instance.scores > least)
        least_cover = smallest_cover(above, *capacities, most_pairs(above, *capacities))
        allowed = instance.allowed & (instance.scores >= least)
    chosen, mentor_prices, mentee_prices, bonus = largest_total(instance, allowed, count, step)
    proof = Certificate(cover, least, least_cover, mentor_prices, mentee_prices, bonus)
    total = int(instance.scores[chosen].sum())
    if int(chosen.sum()) != count or _bound(instance, allowed, proof, count) != total:
        raise MatchingError("The proof of optimality does not close; please report this.")
    return chosen, proof


def _bound(instance: Instance, allowed: Mask, proof: Certificate, count: int) -> int:
    """Return the upper bound on the total of `count` allowed pairs that the prices prove."""
    prices = proof.mentor_prices[:, None] + proof.mentee_prices[None, :]
    over = np.where(allowed, np.maximum(instance.scores + proof.bonus - prices, 0), 0)
    return int(
        instance.mentor_capacity @ proof.mentor_prices
        + instance.mentee_capacity @ proof.mentee_prices
        + over.sum()
        - proof.bonus * count
    )


def _in_order(proof: Certificate, rows: Ints, columns: Ints) -> Certificate:
    def ordered(cover: Cover) -> Cover:
        return Cover(cover.mentors[rows], cover.mentees[columns])

    return replace(
        proof,
        most=ordered(proof.most),
        least_cover=ordered(proof.least_cover) if proof.least_cover else None,
        mentor_prices=proof.mentor_prices[rows],
        mentee_prices=proof.mentee_prices[columns],
    )
