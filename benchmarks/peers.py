"""Pair one workload by Contraflow and by other software, side by side in one run.

    make peers                       # installs the others below .venv/peers, then runs this
    make peers ARGS=--patience       # mentor-match on 500 leaders too: ten minutes more

prints the tables of docs/matching/beside-others.md. Everybody is given the same scores and is
run in a process of its own, one after the other. What is not installed is left out and named.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.beside.best import best_least, best_total, most_pairs
from benchmarks.beside.workload import MENTORS, Workload, workload

ROOT = Path(__file__).resolve().parents[1]
OURS = "Contraflow"
# way of benchmarks.beside.ways: (how the tables call it, whose installation it needs)
WAYS = {
    "contraflow": (f"{OURS}, as it comes", None),
    "contraflow_total": (f'{OURS}, `objective="total"`', None),
    "scipy_assignment": ("SciPy assignment, mentors repeated", None),
    "ortools_flow": ("OR-Tools min-cost flow", "ortools"),
    "ortools_cpsat": ("OR-Tools CP-SAT", "ortools"),
    "stable": ("PyPI `matching`, stable", "matching"),
    "mentor_match": ("mentor-match, as it ships", "mentor-match"),
    "mentor_match_repeated": ("mentor-match, mentors repeated", "mentor-match"),
    "greedy": ("best pair first (greedy)", None),
    "at_random": ("at random within the rules", None),
}
# the largest size at which mentor-match answers in seconds
QUICK_FOR_MENTOR_MATCH = 100
HEADER = (
    "| way | cohorts | pairs | without a mentor | of them needlessly | total / best "
    "| worst-off / best possible | CPU s | elapsed s | MiB |\n"
    "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
)


@dataclass(frozen=True, kw_only=True)
class Run:
    """Hold what one way made of one workload, and what was possible."""

    pairs: int
    without: int
    needlessly: int
    total_share: float
    least_share: float
    cpu: float
    elapsed: float
    memory: int


@dataclass(frozen=True, kw_only=True)
class Case:
    """Hold a workload, the file it is handed over in, and what is possible on it."""

    work: Workload
    path: Path
    most: int
    least: int
    total: int

    @classmethod
    def of(cls, work: Workload, path: Path) -> "Case":
        """Hand a workload over and find out what is possible."""
        work.save(path)
        least, total = best_least(work), best_total(work)
        return cls(work=work, path=path, most=most_pairs(work), least=least, total=total)

    def run(self, way: str) -> Run:
        """Run a way in its own process, and judge its pairs by the scores handed over."""
        command = [str(python_of(way)), "-m", "benchmarks.beside.ways", way, str(self.path)]
        answer = subprocess.run(
            command, cwd=ROOT, env=one_thread(), check=True, stdout=subprocess.PIPE, text=True
        )
        found = json.loads(answer.stdout)
        rows, columns = np.array(found["pairs"]).T
        self.check(rows, columns)
        scores = self.work.scores[rows, columns]
        leaders = self.work.scores.shape[1]
        return Run(
            pairs=len(rows),
            without=leaders - len(rows),
            needlessly=self.most - len(rows),
            total_share=int(scores.sum()) / self.total,
            least_share=int(scores.min()) / self.least,
            cpu=statistics.median(found["cpu"]),
            elapsed=statistics.median(found["elapsed"]),
            memory=found["memory"],
        )

    def check(self, rows: np.ndarray, columns: np.ndarray) -> None:
        """Stop if somebody was paired against a rule or beyond their places."""
        per_mentor = np.bincount(rows, minlength=len(self.work.places))
        if (
            not self.work.allowed[rows, columns].all()
            or np.bincount(columns).max() > 1
            or (per_mentor > self.work.places).any()
        ):
            raise SystemExit("These pairs break the workload's rules.")


def python_of(way: str) -> Path:
    """Return the interpreter of the installation a way needs."""
    peer = WAYS[way][1]
    if peer is None:
        return Path(sys.executable)
    return ROOT / ".venv" / "peers" / peer / "bin" / "python"


def one_thread() -> dict[str, str]:
    """Return an environment in which matrix products take one thread, so that CPU compares."""
    return {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def rows_of(cases: list[Case], *, patience: bool) -> Iterator[str]:
    """Yield a row of a table for each way, over all the cases or as many as it gets."""
    for way, (name, peer) in WAYS.items():
        if not python_of(way).exists():
            yield f"| {name} | not installed: `make peers` |" + " |" * 8
            continue
        chosen = cases
        if peer == "mentor-match" and cases[0].work.scores.shape[1] > QUICK_FOR_MENTOR_MATCH:
            chosen = cases[:1] if patience else []
        if chosen:
            yield row(name, [case.run(way) for case in chosen])


def row(name: str, runs: list[Run]) -> str:
    """Return a row: sums of people, and the middle and the lowest of the shares."""
    total, least = [run.total_share for run in runs], [run.least_share for run in runs]
    return (
        f"| {name} | {len(runs)} | {sum(run.pairs for run in runs)} "
        f"| {sum(run.without for run in runs)} | {sum(run.needlessly for run in runs)} "
        f"| {middle_and_lowest(total, 4)} | {middle_and_lowest(least, 3)} "
        f"| {seconds(run.cpu for run in runs)} | {seconds(run.elapsed for run in runs)} "
        f"| {max(run.memory for run in runs) >> 20} |"
    )


def middle_and_lowest(shares: list[float], digits: int) -> str:
    """Return the median, and the lowest in brackets; never rounded up to what was not reached."""
    middle, lowest = (
        np.floor(share * 10**digits + 1e-9) / 10**digits
        for share in (statistics.median(shares), min(shares))
    )
    return f"{middle:.{digits}f} ({lowest:.{digits}f})"


def seconds(times: Iterable[float]) -> str:
    """Return a median in seconds with two figures that mean something."""
    return f"{float(f'{statistics.median(times):.2g}'):g}"


def main() -> None:
    """Print a table for each size and supply of mentors."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--leaders", type=int, nargs="+", default=[100, 500], metavar="N")
    parser.add_argument("--cohorts", type=int, default=5, metavar="N", help="seeds 0 to N - 1")
    parser.add_argument("--patience", action="store_true", help="mentor-match at every size")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="contraflow-peers-") as folder:
        for leaders in options.leaders:
            for supply in MENTORS:
                cases = [
                    Case.of(workload(leaders, supply, seed), Path(folder) / f"{seed}.npz")
                    for seed in range(options.cohorts)
                ]
                places = sum(int(case.work.places.sum()) for case in cases) / len(cases)
                most = sum(case.most for case in cases)
                cost = [1 - best_total(case.work, least=case.least) / case.total for case in cases]
                print(
                    f"\n### {leaders} leaders, {places / leaders:.2f} places for each\n\n"
                    f"{most} of {leaders * len(cases)} leaders can have a mentor. Serving the "
                    f"worst-off as well as possible costs {statistics.median(cost):.2%} of the "
                    f"total at least, and {max(cost):.2%} in the dearest cohort.\n\n{HEADER}"
                )
                for line in rows_of(cases, patience=options.patience):
                    print(line, flush=True)


if __name__ == "__main__":
    main()
