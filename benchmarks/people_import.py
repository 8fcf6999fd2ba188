"""Import 100 000 people: `python -m benchmarks.people_import [ROWS] [--xlsx]`.

Runs on the database of the settings, which must be empty: on SQLite in a folder of its own
unless CONTRAFLOW_DATABASE_URL names another. Prints seconds and the highest memory of the process.
"""

import argparse
import csv
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

HEADER = [
    "Employee ID", "Full name", "Preferred name", "E-mail", "Job title", "Grade", "Department",
    "Manager e-mail", "Site", "Time zone", "Languages", "Panels", "Hire date", "Status",
]  # fmt: skip
SITES = [("Accra", "Africa/Accra"), ("Berlin", "Europe/Berlin"), ("Lyon", "Europe/Paris")]
# people under one manager
SPAN = 8


def rows(count: int, seed: int = 1) -> Iterator[list[str]]:
    """Yield people of an organisation in which everybody but the first has a manager above."""
    chance = random.Random(seed)
    for number in range(count):
        site, zone = chance.choice(SITES)
        unit = number % 400
        yield [
            f"E{number:06}", f"Person {number} Müller", "", f"person{number}@example.org",
            f"Specialist {number % 90}", str(1 + number % 12),
            f"Division {unit % 8}/Unit {unit % 40}/Team {unit}",
            f"person{(number - 1) // SPAN}@example.org" if number else "",
            site, zone, "English; German", "", f"20{10 + number % 15}-03-{1 + number % 28:02}",
            "active",
        ]  # fmt: skip


def write_csv(path: Path, count: int) -> None:
    """Write a file of so many people as HR exports them."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(rows(count))


def write_xlsx(path: Path, count: int) -> None:
    """Write the same as a workbook."""
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for line, cells in enumerate([HEADER, *rows(count)]):
            sheet.write_row(line, 0, cells)


def measured(what: str, work: Callable[[], object]) -> None:
    """Run something and print how long it took and the process's highest memory so far."""
    start, cpu = time.perf_counter(), time.process_time()
    work()
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
    print(f"{what:34} {seconds:7.1f} s {cpu:7.1f} s CPU {peak:6} MB {child:6} MB in the reader")


def main(arguments: list[str]) -> None:
    """Import, import the same again, then with every job title changed."""
    parser = argparse.ArgumentParser(prog="people_import", description=__doc__)
    parser.add_argument("rows", nargs="?", type=int, default=100_000)
    parser.add_argument("--xlsx", action="store_true")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="contraflow-bench-") as folder:
        os.environ["CONTRAFLOW_DATA_DIR"] = folder
        _run(Path(folder), options)


def _run(folder: Path, options: argparse.Namespace) -> None:
    from contraflow.cli import start_django
    from contraflow.cli.migrate import bring_up_to_date

    start_django()
    bring_up_to_date()
    from django.db import connection

    from contraflow.people.models import Person

    if Person.objects.exists():
        sys.exit("The database is not empty: this benchmark writes 100 000 people into it.")
    path = folder / ("people.xlsx" if options.xlsx else "people.csv")
    (write_xlsx if options.xlsx else write_csv)(path, options.rows)
    print(f"{connection.vendor}, {options.rows} rows, {path.stat().st_size >> 20} MB {path.suffix}")
    measured("nothing yet", lambda: None)
    _import("new", path)
    _import("the same file again", path)
    if not options.xlsx:
        path.write_text(path.read_text().replace("Specialist", "Expert"))
        _import("every job title changed", path)


def _import(what: str, path: Path) -> None:
    from contraflow.core.jobs import run_job
    from contraflow.core.models import Job
    from contraflow.people.actions import CHUNK_BYTES, start_applying, upload_import

    def last_job() -> None:
        run_job(Job.objects.latest("pk").pk)

    with path.open("rb") as file:
        pieces = iter(lambda: file.read(CHUNK_BYTES), b"")
        people_import = upload_import(pieces, by=None, filename=path.name)
    measured(f"{what}: read and compare", last_job)
    people_import.refresh_from_db()
    print(f"  {people_import.counts}")
    start_applying(people_import, by=None)
    measured(f"{what}: apply", last_job)
    people_import.refresh_from_db()
    print(f"  {people_import.state} {people_import.counts}")


if __name__ == "__main__":
    main(sys.argv[1:])
