"""Each way of pairing a workload, run in a process and an installation of its own.

    python -m benchmarks.beside.ways NAME WORKLOAD.npz

prints as JSON the pairs, CPU and elapsed seconds of each run, and the highest memory. A run is
everything from the arrays to the pairs: what a way needs of the scores in its own form counts.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np

from benchmarks.beside.workload import STEPS, Workload

Pairs = Iterable[tuple[int, int]]
# Whoever needs longer for one run (CPU seconds) is run once.
PATIENCE = 2.0
RUNS = 5
WARM_UP_PEOPLE = 20


def contraflow(work: Workload, objective: str = "least_served") -> Pairs:
    """Pair by this project's engine as it comes: most pairs, the least served, the total."""
    from contraflow.matching import solve_matrix

    pairing = solve_matrix(
        work.scores, allowed=work.allowed, mentor_capacity=work.places, objective=objective
    )
    return pairing.pairs.tolist()


def contraflow_total(work: Workload) -> Pairs:
    """Pair by this project's engine for the total alone."""
    return contraflow(work, "total")


def scipy_assignment(work: Workload) -> Pairs:
    """Pair by SciPy's assignment, each mentor once for each place."""
    from scipy.optimize import linear_sum_assignment

    worth = np.repeat(np.where(work.allowed, _worth(work), 0), work.places, axis=0)
    rows, columns = linear_sum_assignment(worth, maximize=True)
    return _possible(work, zip(_mentors_of_places(work)[rows], columns, strict=True))


def ortools_flow(work: Workload) -> Pairs:
    """Pair by OR-Tools' flow of most units at the least cost."""
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

    n_mentors, n_leaders = work.scores.shape
    source, sink = n_mentors + n_leaders, n_mentors + n_leaders + 1
    mentors, leaders = np.nonzero(work.allowed)
    flow = SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        mentors, n_mentors + leaders, np.ones(len(mentors)), STEPS - work.scores[mentors, leaders]
    )
    every = np.arange(n_mentors + n_leaders)
    for tails, heads, capacity in (
        (np.full(n_mentors, source), every[:n_mentors], work.places),
        (every[n_mentors:], np.full(n_leaders, sink), np.ones(n_leaders)),
    ):
        flow.add_arcs_with_capacity_and_unit_cost(tails, heads, capacity, np.zeros(len(tails)))
    flow.set_nodes_supplies(np.array([source, sink]), np.array([n_leaders, -n_leaders]))
    status = flow.solve_max_flow_with_min_cost()
    if status != flow.OPTIMAL:
        raise SystemExit(f"OR-Tools: {status}")
    used = flow.flows(arcs) > 0
    return zip(mentors[used], leaders[used], strict=True)


def ortools_cpsat(work: Workload) -> Pairs:
    """Pair by OR-Tools' constraint solver, one yes or no for each pair, to the proven optimum."""
    from ortools.sat.python import cp_model

    model, worth = cp_model.CpModel(), _worth(work)
    choices = {(i, j): model.new_bool_var("") for i, j in np.argwhere(work.allowed).tolist()}
    of_mentor: dict[int, list] = {}
    of_leader: dict[int, list] = {}
    for (i, j), choice in choices.items():
        of_mentor.setdefault(i, []).append(choice)
        of_leader.setdefault(j, []).append(choice)
    for i, all_of_one in of_mentor.items():
        model.add(sum(all_of_one) <= int(work.places[i]))
    for all_of_one in of_leader.values():
        model.add_at_most_one(all_of_one)
    gains = [int(worth[pair]) for pair in choices]
    model.maximize(cp_model.LinearExpr.weighted_sum(list(choices.values()), gains))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 2
    status = solver.solve(model)
    if status != cp_model.OPTIMAL:
        raise SystemExit(f"CP-SAT: {solver.status_name(status)}")
    return [pair for pair, choice in choices.items() if solver.boolean_value(choice)]


def stable(work: Workload) -> Pairs:
    """Pair by the stable matching of PyPI `matching`, leaders proposing, both ranking by score."""
    from matching.games import HospitalResident

    # it copies all people through one another, deeper than Python goes by default
    sys.setrecursionlimit(1_000_000)

    def ranked(scores: np.ndarray, allowed: np.ndarray) -> dict[int, list[int]]:
        best_first = np.argsort(-scores, axis=1, kind="stable")
        return {
            place: [other for other in order if allowed[place, other]]
            for place, order in enumerate(best_first.tolist())
        }

    game = HospitalResident.create_from_dictionaries(
        ranked(work.scores.T, work.allowed.T),
        ranked(work.scores, work.allowed),
        dict(enumerate(work.places.tolist())),
    )
    return [
        (mentor.name, leader.name) for mentor, taken in game.solve().items() for leader in taken
    ]


def mentor_match(work: Workload) -> Pairs:
    """Pair by mentor-match as it ships: one round, in which each mentor has one place."""
    return _mentor_match(work, np.arange(len(work.places)))


def mentor_match_repeated(work: Workload) -> Pairs:
    """Pair by mentor-match, each mentor once for each place, which it has no field for."""
    return _mentor_match(work, _mentors_of_places(work))


def _mentor_match(work: Workload, rows: np.ndarray) -> Pairs:
    """Hand the scores in as a rule, and what is not allowed as its own `Disqualify`."""
    from matching.mentee import Mentee
    from matching.mentor import Mentor
    from matching.process import process_data
    from matching.rules.rule import Disqualify

    scores, allowed = work.scores.tolist(), work.allowed.tolist()

    class ByScore:
        def apply(self, match) -> int:
            return scores[match.mentor.place][match.mentee.place]

    def person(kind, number: int, place: int):
        made = kind(grade=0, email=f"{kind.__name__}{number}")
        made.place = place
        return made

    mentors = [person(Mentor, number, place) for number, place in enumerate(rows.tolist())]
    mentees = [person(Mentee, number, number) for number in range(work.scores.shape[1])]
    not_allowed = Disqualify(lambda match: not allowed[match.mentor.place][match.mentee.place])
    process_data(mentors, mentees, [[ByScore(), not_allowed]])
    return [(mentor.place, mentee.place) for mentee in mentees for mentor in mentee.mentors]


def greedy(work: Workload) -> Pairs:
    """Pair the two of the highest score, then the two of the highest score left, and so on."""
    rows, columns = np.nonzero(work.allowed)
    order = np.argsort(-work.scores[rows, columns], kind="stable")
    return _first_come(work, zip(rows[order].tolist(), columns[order].tolist(), strict=True))


def at_random(work: Workload) -> Pairs:
    """Pair any two that may be paired, one after the other."""
    possible = np.argwhere(work.allowed)
    return _first_come(work, np.random.default_rng(1).permutation(possible).tolist())


WAYS: dict[str, Callable[[Workload], Pairs]] = {
    way.__name__: way
    for way in (
        *(contraflow, contraflow_total, scipy_assignment, ortools_flow, ortools_cpsat, stable),
        *(mentor_match, mentor_match_repeated, greedy, at_random),
    )
}


def _worth(work: Workload) -> np.ndarray:
    """Return scores with a bonus for each pair that makes one pair more worth any scores."""
    return work.scores + STEPS * work.scores.shape[1] + 1


def _mentors_of_places(work: Workload) -> np.ndarray:
    return np.repeat(np.arange(len(work.places)), work.places)


def _possible(work: Workload, pairs: Pairs) -> Pairs:
    return [(i, j) for i, j in pairs if work.allowed[i, j]]


def _first_come(work: Workload, pairs: Pairs) -> Iterator[tuple[int, int]]:
    mentors, leaders = work.places.tolist(), [1] * work.scores.shape[1]
    open_places = min(sum(mentors), len(leaders))
    for i, j in pairs:
        if mentors[i] and leaders[j]:
            mentors[i] -= 1
            leaders[j] -= 1
            open_places -= 1
            yield i, j
        if not open_places:
            return


def main(name: str, path: str) -> None:
    """Warm up on a few people, then run until the times can be trusted."""
    way, work = WAYS[name], Workload.load(Path(path))
    list(way(work.corner(WARM_UP_PEOPLE)))
    cpu, elapsed, pairs = [], [], []
    while len(cpu) < RUNS and not (cpu and cpu[0] > PATIENCE):
        start, start_cpu = time.perf_counter(), time.process_time()
        pairs = list(way(work))
        cpu.append(time.process_time() - start_cpu)
        elapsed.append(time.perf_counter() - start)
    found = [[int(i), int(j)] for i, j in pairs]
    print(json.dumps({"pairs": found, "cpu": cpu, "elapsed": elapsed, "memory": _peak()}))


def _peak() -> int:
    """Return the highest memory of this process in bytes, where the system says it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    os.nice(5)
    main(*sys.argv[1:])
