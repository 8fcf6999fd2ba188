"""Measure the engine on cohorts of fixed kinds; prints the tables of docs/matching/figures.md.

    python -m benchmarks.matching [--most 500]

leaves out everything larger than `--most` people a side.
"""

import argparse
import resource
import time
from dataclasses import replace

import numpy as np

from contraflow.matching import (
    SCALE,
    TRAITS,
    Pairing,
    Participant,
    Problem,
    greedy,
    price_of,
    solve,
    solve_matrix,
    verify,
)
from contraflow.matching._encode import encode

TOPICS = [f"topic {number}" for number in range(20)]
INTERESTS = [f"interest {number}" for number in range(24)]
LANGUAGES = [f"language {number}" for number in range(12)]


def cohort(n_mentors: int, n_mentees: int, *, seed: int = 1, **changes: object) -> Problem:
    """Return people with popular and rare topics, offices, departments and working hours."""
    rng = np.random.default_rng(seed)
    mentors = [_person(rng, f"mentor {i}", grade=int(rng.integers(1, 5))) for i in range(n_mentors)]
    leaders = [
        _person(rng, f"leader {i}", grade=int(rng.integers(7, 11))) for i in range(n_mentees)
    ]
    return Problem(mentors=mentors, mentees=leaders, **changes)


def _person(rng: np.random.Generator, name: str, *, grade: int) -> Participant:
    popularity = 1 / np.arange(1, len(TOPICS) + 1)
    topics = rng.choice(TOPICS, rng.integers(3, 8), replace=False, p=popularity / popularity.sum())
    start, shift = rng.integers(6, 11), 24 * rng.integers(0, 5, 4)
    traits = {trait: float(rng.integers(4, 21)) / 4 for trait in TRAITS}
    return Participant(
        id=name,
        topics={str(topic): int(rng.integers(1, 5)) for topic in topics},
        interests=frozenset(rng.choice(INTERESTS, rng.integers(2, 6), replace=False).tolist()),
        languages=frozenset({"english", str(rng.choice(LANGUAGES))}),
        hours=frozenset(int(day + start + hour) for day in shift for hour in range(3)),
        site=f"site {rng.integers(12)}",
        department=(f"function {rng.integers(6)}", f"department {rng.integers(20)}"),
        team=f"team {rng.integers(120)}",
        grade=grade,
        personality=traits if rng.random() < 0.7 else None,
    )


def repeated(problem: Problem, mentor_kinds: int, mentee_kinds: int) -> Problem:
    """Return the same with few kinds of people, each many times over."""
    return replace(
        problem,
        mentors=[
            replace(problem.mentors[i % mentor_kinds], id=person.id)
            for i, person in enumerate(problem.mentors)
        ],
        mentees=[
            replace(problem.mentees[j % mentee_kinds], id=person.id)
            for j, person in enumerate(problem.mentees)
        ],
    )


def in_blocks(problem: Problem) -> Problem:
    """Return the same with one language a person, so that a twelfth of the pairs is possible."""
    blocks = {}
    for side in ("mentors", "mentees"):
        blocks[side] = [
            replace(person, languages=person.languages - {"english"})
            for person in getattr(problem, side)
        ]
    return replace(problem, **blocks)


def with_places(problem: Problem, mentors: int, mentees: int) -> Problem:
    """Return the same with so many places for everybody."""
    return replace(
        problem,
        mentors=[replace(person, capacity=mentors) for person in problem.mentors],
        mentees=[replace(person, capacity=mentees) for person in problem.mentees],
    )


def cohorts(most: int) -> list[tuple[str, Problem]]:
    """Return every kind of cohort up to a size, by what it shows."""
    kinds = [
        ("500 mentors, 500 leaders", 500, lambda: cohort(500, 500)),
        ("520 mentors, 500 leaders", 520, lambda: cohort(520, 500)),
        ("450 mentors, 500 leaders", 500, lambda: cohort(450, 500)),
        ("500 and 500, mentors with 3 places", 500, lambda: with_places(cohort(500, 500), 3, 1)),
        ("300 and 300, 3 places on both sides", 300, lambda: with_places(cohort(300, 300), 3, 3)),
        ("500 and 500, one of 12 languages each", 500, lambda: in_blocks(cohort(500, 500))),
        ("500 and 500, 60 kinds and 80 kinds", 500, lambda: repeated(cohort(500, 500), 60, 80)),
        ("500 and 500, all alike", 500, lambda: repeated(cohort(500, 500), 1, 1)),
        ("2 000 mentors, 2 000 leaders", 2000, lambda: cohort(2000, 2000)),
        ("1 800 mentors, 2 000 leaders", 2000, lambda: cohort(1800, 2000)),
        ("2 000 and 2 000, 60 and 80 kinds", 2000, lambda: repeated(cohort(2000, 2000), 60, 80)),
        ("2 000 and 2 000, one of 12 languages", 2000, lambda: in_blocks(cohort(2000, 2000))),
    ]
    kinds.append(("5 000 mentors, 5 000 leaders", 5000, lambda: cohort(5000, 5000)))
    return [(name, make()) for name, size, make in kinds if size <= most]


def measure(name: str, problem: Problem) -> str:
    """Return a row of the first table."""
    started = time.perf_counter()
    encode(problem)
    encoding = time.perf_counter() - started
    fair, total = solve(problem), solve(replace(problem, objective="total"))
    started = time.perf_counter()
    verdict = verify(problem, fair)
    verifying = time.perf_counter() - started
    assert verdict.valid, verdict.failures
    cost = 1 - fair.score / total.score if total.score else 0.0
    return (
        f"| {name} | {len(fair.pairs)} | {encoding:.2f} | {fair.seconds:.2f} | {verifying:.2f} "
        f"| {_least(fair)} | {_least(total)} | {cost:.2%} |"
    )


def _least(pairing: Pairing) -> str:
    return f"{(pairing.least_served or 0) / SCALE:.3f}"


def at_random(problem: Problem) -> list[tuple[int, int]]:
    """Return pairs drawn one after the other from all that are possible."""
    allowed = encode(problem).allowed
    free_mentors = np.ones(len(problem.mentors), dtype=bool)
    free_mentees = np.ones(len(problem.mentees), dtype=bool)
    pairs = []
    for place in np.random.default_rng(1).permutation(allowed.size):
        i, j = divmod(int(place), len(problem.mentees))
        if allowed[i, j] and free_mentors[i] and free_mentees[j]:
            free_mentors[i] = free_mentees[j] = False
            pairs.append((i, j))
    return pairs


def compare(name: str, problem: Problem) -> list[str]:
    """Return rows of the second table: the same cohort by other ways of pairing."""
    scores = encode(problem).scores
    ways = {
        "Contraflow": solve(problem).pairs.tolist(),
        "largest total alone": solve(replace(problem, objective="total")).pairs.tolist(),
        "greedy, best pair first": [
            (problem.mentor_row(mentor), problem.mentee_column(mentee))
            for mentor, mentee in greedy(problem)
        ],
        "at random within the rules": at_random(problem),
    }
    rows = []
    for way, pairs in ways.items():
        found = np.array([scores[i, j] for i, j in pairs]) / SCALE
        rows.append(
            f"| {name} | {way} | {len(pairs)} | {found.min():.3f} "
            f"| {np.quantile(found, 0.05):.3f} | {found.mean():.3f} | {found.sum():.1f} |"
        )
    return rows


def what_if() -> str:
    """Return how long one exact what-if takes."""
    problem = cohort(500, 500)
    pairing = solve(problem)
    times = []
    for i, j in pairing.pairs[:10].tolist():
        started = time.perf_counter()
        pair = (problem.mentors[i].id, problem.mentees[j].id)
        price_of(problem, pairing, forbid=[pair])
        times.append(time.perf_counter() - started)
    return f"{np.median(times):.2f} s, the median of ten"


def main() -> None:
    """Print every table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--most", type=int, default=5000)
    most = parser.parse_args().most
    # SciPy's import is no part of solving.
    solve_matrix([[1]])
    print("| cohort | pairs | encode s | solve s | verify s | least | least, total alone | cost |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for name, problem in cohorts(most):
        print(measure(name, problem), flush=True)
    print("\n| cohort | way | pairs | least | 5th percentile | mean | total |")
    print("|---|---|---:|---:|---:|---:|---:|")
    for name, n_mentors in (("500 and 500", 500), ("450 mentors, 500 leaders", 450)):
        print("\n".join(compare(name, cohort(n_mentors, 500))))
    print(f"\nOne exact what-if at 500 and 500: {what_if()}.")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"Peak memory of everything above: {peak:.0f} MiB.")


if __name__ == "__main__":
    main()
