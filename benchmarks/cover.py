"""Measure what covering private answers costs; prints a table of docs/matching/figures.md.

    python -m benchmarks.cover [--cohorts 20]

Everybody is paired twice: by the answers as given, and by the covered ones. Both pairings are
then judged by the true answers, which only this measurement knows.
"""

import argparse
from dataclasses import replace

import numpy as np

from benchmarks.matching import cohort
from contraflow.matching import SCALE, Participant, Problem, cover, explain, solve
from contraflow.matching._encode import encode


def with_private_answers(problem: Problem, seed: int) -> Problem:
    """Return the same people, of whom some wish for and veto people who fit them well or badly."""
    rng = np.random.default_rng(seed)
    scores = encode(problem).scores

    def answered(person: Participant, order: np.ndarray, others: tuple[Participant, ...]):
        best, worst = order[-30:], order[:30]
        wishes = rng.permutation(best)[: rng.integers(0, 4)]
        vetoes = rng.permutation(worst)[: rng.integers(1, 3)] if rng.random() < 0.15 else ()
        return replace(
            person,
            wishes=tuple(others[place].id for place in wishes),
            vetoes=frozenset(others[place].id for place in vetoes),
        )

    mentors = [
        answered(person, np.argsort(scores[row]), problem.mentees)
        for row, person in enumerate(problem.mentors)
    ]
    mentees = [
        answered(person, np.argsort(scores[:, column]), problem.mentors)
        for column, person in enumerate(problem.mentees)
    ]
    return replace(problem, mentors=mentors, mentees=mentees)


def judged(problem: Problem, pairs: np.ndarray) -> tuple[float, float, float, float]:
    """Return pairs, mean and least true fit, and the share of first wishes that came true."""
    reasons = [
        explain(problem, problem.mentors[i].id, problem.mentees[j].id) for i, j in pairs.tolist()
    ]
    fits = np.array([each.score for each in reasons]) / SCALE
    made = {(each.mentor, each.mentee) for each in reasons}
    first = [(p.id, p.wishes[0]) for p in problem.mentors if p.wishes]
    first += [(p.wishes[0], p.id) for p in problem.mentees if p.wishes]
    assert not any("not_possible" in each.broken_rules for each in reasons)
    return len(pairs), fits.mean(), fits.min(), np.mean([pair in made for pair in first])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cohorts", type=int, default=20)
    count = parser.parse_args().cohorts
    print(
        "| people a side | answers | pairs | mean fit | least fit | first wishes that came true |"
    )
    print("|---:|---|---:|---:|---:|---:|")
    for size, many in ((20, count), (100, count), (500, max(1, count // 4))):
        found = {"as given": [], "covered": []}
        for seed in range(many):
            true = with_private_answers(cohort(size, size, seed=seed), seed)
            mentors, mentees = cover(true.mentors, true.mentees, key=b"a key for measuring")
            hidden = replace(true, mentors=mentors, mentees=mentees)
            found["as given"].append(judged(true, solve(true).pairs))
            found["covered"].append(judged(true, solve(hidden).pairs))
        for answers, figures in found.items():
            pairs, mean, least, wishes = np.mean(figures, axis=0)
            print(
                f"| {size} | {answers} | {pairs:.2f} | {mean:.4f} | {least:.4f} | {wishes:.1%} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
