"""Measure what each option of pairing costs; prints tables of docs/matching/figures.md.

python -m benchmarks.options [--size 500]
"""

import argparse
from dataclasses import replace

import numpy as np

from benchmarks.matching import cohort, with_places
from contraflow.matching import (
    SCALE,
    Problem,
    count_blocking,
    deferred_acceptance,
    greedy,
    solve,
    solve_matrix,
    verify,
)
from contraflow.matching._encode import encode

OPTIONS = {
    "largest total alone": {"objective": "total"},
    "least served first (default)": {},
    "the 3 lowest lifted": {"depth": 3},
    "the 10 lowest lifted": {"depth": 10},
    "one each first": {"one_each_first": True},
}
SHARES = (0.6, 0.7, 0.8)


def options_of(problem: Problem) -> dict[str, Problem]:
    """Return the problem under each option by its name."""
    asked = {name: replace(problem, **changes) for name, changes in OPTIONS.items()}
    for share in SHARES:
        rules = replace(problem.rules, share_of_best=share)
        asked[f"each at least {share:.0%} of their own best"] = replace(problem, rules=rules)
    return asked


def rows(name: str, problem: Problem) -> list[str]:
    """Return a row for each option, and for two ways that prove nothing."""
    scores = encode(problem).scores
    found: dict[str, tuple[list[list[int]], str]] = {}
    for option, asked in options_of(problem).items():
        if asked.one_each_first and max(p.capacity for p in problem.mentors) == 1:
            continue
        pairing = solve(asked)
        assert verify(asked, pairing).valid
        found[option] = (pairing.pairs.tolist(), f"{pairing.seconds:.2f}")
    for way, pairs in (
        ("greedy, best pair first", greedy(problem)),
        ("deferred acceptance", deferred_acceptance(problem)),
    ):
        places = [[problem.mentor_row(a), problem.mentee_column(b)] for a, b in pairs]
        found[way] = (places, "–")
    most = found["largest total alone"][0]
    best = sum(int(scores[i, j]) for i, j in most)
    lines = []
    for option, (pairs, seconds) in found.items():
        values = np.array([scores[i, j] for i, j in pairs]) / SCALE
        ids = [(problem.mentors[i].id, problem.mentees[j].id) for i, j in pairs]
        lines.append(
            f"| {name} | {option} | {len(pairs)} | {len({i for i, _ in pairs})} "
            f"| {values.min():.3f} | {np.quantile(values, 0.05):.3f} | {values.mean():.3f} "
            f"| {1 - values.sum() * SCALE / best:.2%} | {count_blocking(problem, ids)} "
            f"| {seconds} |"
        )
    return lines


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=500)
    size = parser.parse_args().size
    solve_matrix([[1]])  # SciPy's import is no part of solving
    print("| cohort | option | pairs | mentors placed | least | 5th percentile | mean "
          "| total below the largest | blocking pairs | s |")  # fmt: skip
    print("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    for name, problem in (
        (f"{size} and {size}", cohort(size, size)),
        (f"{size} and {size}, mentors with up to 3 places", with_places(cohort(size, size), 3, 1)),
    ):
        print("\n".join(rows(name, problem)), flush=True)


if __name__ == "__main__":
    main()
