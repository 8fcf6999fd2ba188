"""Read an Excel workbook in a process of its own: `python workbook.py PATH`, one JSON row a line.

A workbook is a packed file and can be built to fill any memory once it is opened: sizes that lie,
two cells a million rows apart. So it is opened where memory and time are limited, and where a
crash costs nothing. Only calamine is imported here, so that the process is there at once.
"""

import datetime as dt
import json
import resource
import sys

import python_calamine

# 100 000 people in 14 columns take 138 MB; the rest is for odd but honest files
MEMORY_BYTES = 1 << 30
CPU_SECONDS = 120


def as_text(cell: object) -> str:
    """Return a cell as one would type it: 7 not 7.0, days as 2026-01-31."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ")
    return str(cell)


def main(path: str) -> None:
    """Write each row of the first sheet as [line, cells]; empty rows are left out."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    sheet = python_calamine.load_workbook(path).get_sheet_by_index(0)
    # iter_rows() begins at the first row that has something in it
    first = sheet.start[0] + 1 if sheet.start else 1
    for line, row in enumerate(sheet.iter_rows(), start=first):
        cells = [as_text(cell) for cell in row]
        if any(cell.strip() for cell in cells):
            json.dump([line, cells], sys.stdout, separators=(",", ":"))
            sys.stdout.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
