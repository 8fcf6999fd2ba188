"""`contraflow pair`: pair two spreadsheets, with no database, no server and no Django."""

import argparse
import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from importlib import resources
from pathlib import Path

from contraflow.cli import as_called
from contraflow.cli.pair_report import certificate, report_page
from contraflow.cli.paired import Paired, pairs_table, summary
from contraflow.cli.spreadsheet import Fault, Reader, Sheet, connect
from contraflow.content import read
from contraflow.core.textfiles import write_files
from contraflow.matching import (
    OBJECTIVES,
    MatchingError,
    MatchingInputError,
    Problem,
    Rules,
    Weights,
    solve,
    verify,
)

# A file with more faults than this has one cause; the rest would only hide it.
FAULTS_SHOWN = 30
BAD_INPUT = 2
SAMPLES = ("leaders.csv", "mentors.csv")
EXAMPLE = """\
an example, from nothing to a report:

  %(prog)s --sample .
  %(prog)s leaders.csv mentors.csv --out pairs.csv --report report.html

Each line of a file is a person. Columns, in any order; only email (or id) must be there:

  email  id  name          who it is; the same e-mail in both files is the same person
  topics                   python:3; ai:2  - mentors: know, leaders: want to learn, level 0-4
  closed_topics            topics a mentor does not speak about
  interests  languages     chess; jazz     - en; de
  hours  time_zone         mon 9-12; thu 14-16  - Europe/Vienna
  site  department  team   Vienna  - Sales/North  - without team: who share a manager
  grade                    a whole number, higher is more senior
  manager                  the direct manager's email; or several, upwards: a@x.org; b@x.org
  panels  assessed_by      pay and promotion panels: sits on, is judged by
  wishes  vetoes           up to three partners, best first  - any number
  capacity                 pairs at most, 1 if left out
  extraversion  agreeableness  conscientiousness  intellect     scale means, 1-5

Rules, with what they may be:

  reporting_line_levels    a number of levels; any; off
  minimum_grade_gap        a number of grades; off
  different_team  same_panel  common_language  closed_topics     on; off

The files may be CSV with commas or semicolons in UTF-8, UTF-16 or Windows-1252.
A rule whose column is in neither file cannot be checked; the report names it.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the two files, the outputs, and what may be changed."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EXAMPLE
    parser.add_argument("leaders", nargs="?", type=Path, metavar="LEADERS.csv")
    parser.add_argument("mentors", nargs="?", type=Path, metavar="MENTORS.csv")
    parser.add_argument("--out", type=Path, metavar="FILE", help="the pairs, as CSV")
    parser.add_argument("--report", type=Path, metavar="FILE", help="everything, as one HTML page")
    parser.add_argument(
        "--certificate", type=Path, metavar="FILE", help="the proof alone, as JSON, without people"
    )
    parser.add_argument(
        "--weights", default="", metavar="NAME=N,...", help="such as skills=45,interests=20"
    )
    parser.add_argument(
        "--rules",
        default="",
        metavar="NAME=VALUE,...",
        help="such as minimum_grade_gap=1,different_team=off; their names stand below",
    )
    parser.add_argument("--floor", type=float, metavar="FIT", help="no pair below this fit, 0-1")
    parser.add_argument(
        "--objective",
        choices=OBJECTIVES,
        default="least_served",
        help="after the most pairs: lift the least served first (default), or the total only",
    )
    parser.add_argument(
        "--depth",
        type=int,
        default=1,
        metavar="N",
        help="lift the N lowest fits, one after the other, before the total; 1 if left out",
    )
    parser.add_argument(
        "--one-each-first",
        action="store_true",
        help="nobody has a second partner while somebody who could have one has none",
    )
    parser.add_argument(
        "--share-of-best",
        type=float,
        metavar="SHARE",
        help="nobody below this share, 0-1, of the best fit they could have",
    )
    parser.add_argument(
        "--week-of",
        type=date.fromisoformat,
        default=date.today(),
        metavar="YYYY-MM-DD",
        help="the week whose clock times `hours` are; today's if left out",
    )
    parser.add_argument("--sample", type=Path, metavar="DIR", help="write two example files there")


def run(options: argparse.Namespace) -> int:
    """Pair and write, or say what is wrong and write nothing."""
    if options.sample is not None:
        return _write_samples(options.sample)
    if options.leaders is None or options.mentors is None or options.out is None:
        return _refuse(
            [f"Give two files and --out, or --sample DIR. See {as_called()} pair --help."]
        )
    files = [
        options.leaders, options.mentors, options.out, options.report, options.certificate,
    ]  # fmt: skip
    written = [path.resolve() for path in files[2:] if path is not None]
    if set(written) & {path.resolve() for path in files[:2]} or len(set(written)) < len(written):
        return _refuse(["Each file to write must be a file of its own, not one you read."])
    homeless = [path for path in files[2:] if path is not None and not path.parent.is_dir()]
    if homeless:
        return _refuse(f"There is no folder {path.parent} to write into." for path in homeless)
    reader = Reader(week_of=options.week_of)
    leaders, mentors = reader.read(options.leaders), reader.read(options.mentors)
    if leaders is None or mentors is None:
        return _refuse(reader.faults)
    (leaders, mentors), faults = connect((leaders, mentors))
    if reader.faults or faults:
        return _refuse([*reader.faults, *faults])
    try:
        rules, unchecked = _rules(options, (leaders, mentors))
        problem = Problem(
            mentors=mentors.people,
            mentees=leaders.people,
            weights=_weights(options.weights),
            rules=rules,
            objective=options.objective,
            depth=options.depth,
            one_each_first=options.one_each_first,
        )
    except MatchingInputError as error:
        return _refuse([str(error)])
    pairing = solve(problem)
    verdict = verify(problem, pairing)
    if not verdict.valid:
        raise MatchingError(f"The pairing failed its check: {verdict.failures}; please report it.")
    paired = Paired(problem, pairing, leaders, mentors, unchecked, options.week_of)
    contents = {options.out: pairs_table(paired)}
    if options.report is not None:
        contents[options.report] = report_page(paired)
    if options.certificate is not None:
        contents[options.certificate] = certificate(paired) + "\n"
    try:
        write_files(contents)
    except OSError as error:
        return _refuse([f"{error.filename}: {error.strerror}."])
    print(summary(paired, list(contents)))
    return 0


def _refuse(reasons: Iterable[Fault | str]) -> int:
    reasons = list(reasons)
    for reason in reasons[:FAULTS_SHOWN]:
        print(reason, file=sys.stderr)
    if len(reasons) > FAULTS_SHOWN:
        print(f"... and {len(reasons) - FAULTS_SHOWN} more.", file=sys.stderr)
    print("Nothing was written.", file=sys.stderr)
    return BAD_INPUT


def _write_samples(folder: Path) -> int:
    paths = [folder / name for name in SAMPLES]
    there = [path for path in paths if path.exists()]
    if there:
        return _refuse(f"{path} is there already and stays as it is." for path in there)
    shipped = resources.files("contraflow.cli").joinpath("samples")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # With a mark, or Excel takes UTF-8 for Windows-1252 and spoils the names.
        write_files({path: "\ufeff" + (shipped / path.name).read_text("utf-8") for path in paths})
    except OSError as error:
        return _refuse([f"{error.filename}: {error.strerror}."])
    leaders, mentors = paths
    print(f"Wrote {leaders} and {mentors}. Now:")
    print(f"  {as_called()} pair {leaders} {mentors} --out pairs.csv --report report.html")
    return 0


def _weights(text: str) -> Weights:
    """Return the weights that ship, changed by `--weights`."""
    shipped = read("defaults")["defaults"]["pairing"]
    weights = Weights(**shipped["weights"], wish_bonus_per_side=shipped["wish_bonus_per_side"])
    changes = {}
    for name, value in _settings(text, "--weights", vars(weights)):
        try:
            changes[name] = float(value)
        except ValueError:
            raise MatchingInputError(f'--weights: "{value}" is no number.') from None
    return replace(weights, **changes)


def _rules(
    options: argparse.Namespace, sheets: tuple[Sheet, Sheet]
) -> tuple[Rules, tuple[str, ...]]:
    """Return the rules, changed by `--rules`, and those no column lets us check."""
    rules = Rules(floor=options.floor, share_of_best=options.share_of_best)
    changes: dict[str, object] = {}
    for name, value in _settings(options.rules, "--rules", vars(rules)):
        changes[name] = _rule_value(name, value)
    either = sheets[0].columns | sheets[1].columns
    both = sheets[0].columns & sheets[1].columns
    needs = {
        "reporting_line_levels": ("manager" in either, 0),
        "different_team": ("manager" in either or "team" in either, False),
        "minimum_grade_gap": ("grade" in both, None),
        "same_panel": ({"panels", "assessed_by"} <= either, False),
        "common_language": ("languages" in both, False),
    }
    unchecked = []
    for rule, (possible, off) in needs.items():
        if not possible and changes.get(rule, True) != off:
            changes[rule] = off
            unchecked.append(rule)
    return replace(rules, **changes), tuple(unchecked)


def _rule_value(name: str, value: str) -> object:
    switches = {"on": True, "off": False}
    if name in {"different_team", "same_panel", "common_language", "closed_topics"}:
        if value in switches:
            return switches[value]
        raise MatchingInputError(f"--rules: {name} is on or off.")
    if name == "minimum_grade_gap" and value == "off":
        return None
    if name == "reporting_line_levels" and value in {"off", "any"}:
        return 0 if value == "off" else None
    try:
        return float(value) if name in {"floor", "share_of_best"} else int(value)
    except ValueError:
        raise MatchingInputError(f'--rules: "{value}" is no value for {name}.') from None


def _settings(text: str, option: str, known: Iterable[str]) -> list[tuple[str, str]]:
    settings = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = part.partition("=")
        if not equals or name.strip() not in known:
            raise MatchingInputError(
                f'{option}: "{part}" is not NAME=VALUE with a name of {", ".join(known)}.'
            )
        settings.append((name.strip(), value.strip()))
    return settings
