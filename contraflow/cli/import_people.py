"""`contraflow import-people FILE`: what the browser does, for a terminal or a nightly script.

Exit codes: 0 every row was taken, 1 nothing was changed, 3 some rows were not taken.
"""

import argparse
import sys
import time
from pathlib import Path

from contraflow.cli import start_django

SOME_ROWS_NOT_TAKEN = 3
# wrong rows that the terminal shows; --bad-rows writes all
_SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say which file, how it is read, and what may happen."""
    parser.epilog = 'Example: contraflow import-people staff.xlsx --map "Boss=manager_email"'
    parser.add_argument("file", type=Path, help="CSV or XLSX; the first line names the columns")
    parser.add_argument("--dry-run", action="store_true", help="show what would change, only")
    parser.add_argument("--yes", action="store_true", help="apply without asking")
    parser.add_argument(
        "--map", action="append", default=[], metavar="COLUMN=FIELD", dest="columns",
        help="read a column as a field; the others as guessed or remembered",
    )  # fmt: skip
    parser.add_argument(
        "--missing-left", action="store_true", help="people who are not in the file have left"
    )
    parser.add_argument("--bad-rows", type=Path, help="write the rows not taken to this CSV file")


def run(options: argparse.Namespace) -> int:
    """Read, show, ask, apply."""
    start_django()
    from contraflow.core.errors import Refusal

    try:
        return _import(options)
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}.", file=sys.stderr)
    return 1


def _import(options: argparse.Namespace) -> int:
    from contraflow.people.actions import throw_away_import

    people_import = _read(options)
    _show(people_import, options)
    if people_import.state != "previewed":
        print(people_import.refusal, file=sys.stderr)
    if people_import.state != "previewed" or options.dry_run or not _may_apply(options):
        throw_away_import(people_import, by=None)
        return 0 if people_import.state == "previewed" and options.dry_run else 1
    return _apply(people_import, options)


def _read(options: argparse.Namespace):
    from contraflow.people.actions import CHUNK_BYTES, upload_import

    _refuse_if_too_large(options.file)
    with options.file.open("rb") as file:
        mapping = _mapping(file, options.columns) if options.columns else None
        file.seek(0)
        pieces = iter(lambda: file.read(CHUNK_BYTES), b"")
        people_import = upload_import(pieces, by=None, filename=options.file.name, mapping=mapping)
    return _finished(people_import)


def _refuse_if_too_large(path: Path) -> None:
    from django.conf import settings

    from contraflow.core.errors import Refusal

    most = settings.IMPORT_MAX_MEGABYTES
    if path.stat().st_size > most << 20:
        raise Refusal(
            f"{path} is larger than {most} MB. Leave out columns that are not needed, import it "
            "in parts, or set CONTRAFLOW_IMPORT_MAX_MEGABYTES."
        )


def _mapping(file, columns: list[str]) -> dict[str, str]:
    from contraflow.core.errors import Refusal
    from contraflow.people.importing.columns import guessed_mapping, why_not_map
    from contraflow.people.importing.reading import read_header

    titles = read_header(file)
    said = {}
    for each in columns:
        title, equals, field = each.rpartition("=")
        if not equals:
            raise Refusal(f'--map "{each}": write it as "Their column=our field".')
        said[title.strip()] = field.strip()
    guessed = guessed_mapping(titles)
    mapping = {t: f for t, f in guessed.items() if f not in said.values() and t not in said} | said
    if reason := why_not_map(titles, mapping):
        raise Refusal(reason)
    return mapping


def _finished(people_import):
    """Run the file's job here, or wait for the worker that was faster."""
    from contraflow.core.errors import Refusal
    from contraflow.core.jobs import run_job
    from contraflow.core.models import Job

    job = Job.objects.get(code=people_import.job_code)
    run_job(job.pk)
    job.refresh_from_db()
    while not job.is_over:
        time.sleep(0.5)
        job.refresh_from_db()
    if job.state != Job.State.DONE:
        raise Refusal(job.error or f"The job ended as {job.state}; nothing was changed.")
    people_import.refresh_from_db()
    return people_import


def _show(people_import, options: argparse.Namespace) -> None:
    from contraflow.people.importing.columns import is_never_imported

    counts = people_import.counts
    if never := [title for title in people_import.columns if is_never_imported(title)]:
        print(f"Left out on purpose: {', '.join(never)}.")
    if not counts:
        return
    print(
        f"{counts['rows']} rows: {counts['new']} new, {counts['changed']} changed, "
        f"{counts['unchanged']} unchanged, {counts['left']} left, {counts['refused']} not taken."
    )
    if counts["missing"]:
        then = "they have left" if options.missing_left else "they stay as they are"
        print(f"{counts['missing']} active people are not in the file: {then}.")
    for row in people_import.bad_rows.all()[:_SHOWN]:
        print(f"  line {row.line}, {row.column or 'whole row'}: {row.value!r}: {row.reason}")
    if people_import.bad_rows.count() > _SHOWN:
        print("  ... and more; --bad-rows FILE writes them all.")
    if options.bad_rows and counts["refused"]:
        from contraflow.people.queries import bad_rows_table

        options.bad_rows.write_text(bad_rows_table(people_import), encoding="utf-8", newline="")
        print(f"The rows not taken are in {options.bad_rows}.")


def _may_apply(options: argparse.Namespace) -> bool:
    if options.yes:
        return True
    if not sys.stdin.isatty():
        print("Nothing was changed: say --yes to apply without asking.", file=sys.stderr)
        return False
    return input("Apply? [y/N] ").lower().startswith("y")


def _apply(people_import, options: argparse.Namespace) -> int:
    from contraflow.people.actions import start_applying

    start_applying(people_import, by=None, missing_left=options.missing_left)
    counts = _finished(_fresh(people_import)).counts
    print(
        f"Applied: {counts['new']} new, {counts['changed']} changed, {counts['left']} left, "
        f"{counts['refused']} not taken."
    )
    return SOME_ROWS_NOT_TAKEN if counts["refused"] else 0


def _fresh(people_import):
    people_import.refresh_from_db()
    return people_import
