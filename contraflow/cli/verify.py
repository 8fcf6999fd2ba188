"""`contraflow verify`: check the proof in a report, without people, database or Django."""

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

from contraflow.cli.pair_report import CERTIFICATE
from contraflow.matching import MatchingInputError, verify_report

RIGHT, WRONG, UNREADABLE = 0, 1, 2
# Ten times what 5 000 mentors and 5 000 leaders need.
MOST_BYTES = 2**30
ABOUT = """\
A report is what `contraflow pair --report` or `--certificate` wrote, or what a draft's page lets a
programme lead download: an HTML page or a JSON file. The check adds up whole numbers and solves
nothing again; docs/matching/how-it-works.md says what the proof is and why it holds.

Ends with 0 if everything is right, 1 if something is wrong, 2 if it cannot be read.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the report."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = ABOUT
    parser.add_argument("report", type=Path, metavar="REPORT")


def run(options: argparse.Namespace) -> int:
    """Check the report and say what it proves, or what is wrong with it."""
    try:
        report = _read(options.report)
        verdict = verify_report(report)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}.", file=sys.stderr)
        return UNREADABLE
    except (MatchingInputError, RecursionError, ValueError) as error:
        print(f"{options.report} cannot be checked. {error}", file=sys.stderr)
        return UNREADABLE
    if not verdict.valid:
        print(f"{options.report}: not what it says it is.", file=sys.stderr)
        for failure in verdict.failures:
            print(f"- {failure}", file=sys.stderr)
        return WRONG
    print(f"{options.report}: right.\n{_in_words(report)}")
    return RIGHT


def _read(path: Path) -> Any:
    """Return the proof in a JSON file, or in the page of a report."""
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"It is larger than {MOST_BYTES // 2**20} MiB.")
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("It is neither an HTML page nor a JSON file.") from None
    if not text.lstrip().startswith("<"):
        return _as_json(text)
    found = re.search(rf'<script type="application/json" id="{CERTIFICATE}">(.*?)</script>', text)
    if found is None:
        raise ValueError("The page holds no proof.")
    return _as_json(found[1])


def _as_json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"Line {error.lineno}, column {error.colno}: {error.msg}.") from None


def _in_words(report: dict[str, Any]) -> str:
    """Say what a right report proves."""
    full, aims, levels = report["full_fit"], report["aims"], report["proof"]["levels"]
    proven = ["Proven: no pairing has more pairs"]
    if aims["one_each_first"]:
        proven.append("none gives more people a partner")
    if levels:
        lowest = ", ".join(f"{level['score'] / full:.2f}" for level in levels)
        proven.append(f"none lifts the lowest fits ({lowest}) higher, one after the other")
    proven.append("none that does as well in all that totals more.")
    pairs, mentors = len(report["pairs"]), len(report["mentor_places"])
    return (
        f"{pairs:,} pairs of {mentors:,} mentors and {len(report['mentee_places']):,} leaders; "
        f"all fits together {report['score'] / full:.2f}.\n" + "; ".join(proven)
    )
