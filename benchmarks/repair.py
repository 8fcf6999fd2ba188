"""Measure what one departure costs: a repair beside solving anew with and without an inertia.

    python -m benchmarks.repair [--departures 30]

Prints the table of docs/matching/figures.md, "When somebody leaves". A cohort of 500 pairs is
solved; people of it leave one at a time, each from the same cohort.
"""

import argparse
import time
from dataclasses import replace
from functools import partial

import numpy as np

from benchmarks.matching import cohort
from contraflow.matching import SCALE, Pairing, Problem, explain, solve

Pair = tuple[str, str]
INERTIAS = (0, 0.5, 1, 2, 5)
KINDS = (
    ("a mentor leaves, 20 on the bench", 520, "mentor"),
    ("a mentor leaves, 3 on the bench", 503, "mentor"),
    ("a leader leaves, 20 mentors on the bench", 520, "leader"),
)


def pairs_of(problem: Problem, pairing: Pairing) -> list[Pair]:
    """Return the pairs of a pairing by the ids of the people."""
    return [(problem.mentors[i].id, problem.mentees[j].id) for i, j in pairing.pairs]


def without(problem: Problem, person: str) -> Problem:
    """Return the problem without somebody."""
    return replace(
        problem,
        mentors=[each for each in problem.mentors if each.id != person],
        mentees=[each for each in problem.mentees if each.id != person],
    )


def repair(problem: Problem, standing: list[Pair]) -> list[Pair]:
    """Return the standing pairs and the best pairing of everybody else."""
    taken = {person for pair in standing for person in pair}
    rest = replace(
        problem,
        mentors=[each for each in problem.mentors if each.id not in taken],
        mentees=[each for each in problem.mentees if each.id not in taken],
    )
    return standing + pairs_of(rest, solve(rest))


def anew(problem: Problem, standing: list[Pair], *, inertia: float) -> list[Pair]:
    """Return the best pairing where each standing pair is worth `inertia` more."""
    weights = replace(problem.weights, inertia=inertia)
    changed = replace(problem, weights=weights, current=standing)
    return pairs_of(changed, solve(changed))


def fits(problem: Problem, pairs: list[Pair]) -> np.ndarray:
    """Return the fits of pairs, whatever keeping them is worth."""
    return np.array([explain(problem, *pair).score for pair in pairs]) / SCALE


def measure(name: str, n_mentors: int, side: str, departures: int) -> list[str]:
    """Return the rows of the table for one kind of departure."""
    problem = cohort(n_mentors, 500)
    before = pairs_of(problem, solve(problem))
    rng = np.random.default_rng(30)
    leaving = rng.choice(len(before), departures, replace=False).tolist()
    ways = {"repair": repair} | {
        f"anew, inertia {inertia:g}": partial(anew, inertia=inertia) for inertia in INERTIAS
    }
    found: dict[str, list[tuple[float, ...]]] = {way: [] for way in ways}
    for index in leaving:
        person = before[index][side == "leader"]
        rest = without(problem, person)
        standing = [pair for pair in before if person not in pair]
        best = fits(rest, anew(rest, standing, inertia=0)).sum()
        for way, pair_up in ways.items():
            started = time.perf_counter()
            pairs = pair_up(rest, standing)
            seconds = time.perf_counter() - started
            scores = fits(rest, pairs)
            changed = len(set(standing) - set(pairs))
            lost = 100 * (best - scores.sum()) / best
            found[way].append((len(pairs), changed, lost, scores.min(), seconds))
    return [_row(name, way, np.array(rows)) for way, rows in found.items()]


def _row(name: str, way: str, rows: np.ndarray) -> str:
    placed, changed, lost, least, seconds = rows.T
    return (
        f"| {name} | {way} | {placed.mean():.0f} "
        f"| {np.median(changed):.0f} ({changed.min():.0f} to {changed.max():.0f}) "
        f"| {lost.mean():.3f}% ({lost.max():.3f}%) | {least.mean():.3f} "
        f"| {np.median(seconds):.2f} |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--departures", type=int, default=30)
    departures = parser.parse_args().departures
    print("| departure | way | pairs | standing pairs changed | total lost | least | seconds |")
    print("|---|---|---:|---:|---:|---:|---:|")
    for name, n_mentors, side in KINDS:
        print("\n".join(measure(name, n_mentors, side, departures)), flush=True)


if __name__ == "__main__":
    main()
