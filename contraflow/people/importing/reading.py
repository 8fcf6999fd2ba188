"""Read a whole file once: keys into memory, everything else into a file beside."""

import pickle
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from contraflow.core.errors import Refusal
from contraflow.people.importing.columns import (
    checked_header,
    guessed_mapping,
    is_never_imported,
    why_not_map,
)
from contraflow.people.importing.files import open_table
from contraflow.people.importing.plan import Entry, entry_of
from contraflow.people.importing.rows import Problem, read_rows

# rows between two reports of progress
TELL_EVERY = 1_000


class Spool:
    """The facts and cells of every row, on disk in order; 100 000 rows take 50 MB there."""

    def __init__(self):
        """Open a file that vanishes when it is closed."""
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 -- close() closes it

    def add(self, facts: dict[str, Any], cells: list[str]) -> None:
        """Put one row at the end."""
        pickle.dump((facts, cells), self._file, protocol=pickle.HIGHEST_PROTOCOL)

    def __iter__(self) -> Iterator[tuple[dict[str, Any], list[str]]]:
        """Yield all rows from the beginning."""
        self._file.seek(0)
        while True:
            try:
                yield pickle.load(self._file)
            except EOFError:
                return

    def close(self) -> None:
        """Give the disk back."""
        self._file.close()


@dataclass
class Reading:
    """A file that was read."""

    titles: list[str]
    mapping: dict[str, str]
    spool: Iterable[tuple[dict[str, Any], list[str]]]
    entries: list[Entry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def columns(self) -> dict[str, str]:
        """Return field -> title, for messages."""
        return {name: title for title, name in self.mapping.items()}


def read_header(stream: BinaryIO) -> list[str]:
    """Return the titles of a file's columns."""
    with closing(open_table(stream)) as rows:
        return checked_header(next(rows))


@contextmanager
def read_file(
    stream: BinaryIO,
    mapping: dict[str, str] | None = None,
    *,
    tell: Callable[[int], None] = lambda count: None,
) -> Iterator[Reading]:
    """Read every row; refuse a file that is no table, has no rows or lacks what is needed."""
    with closing(open_table(stream)) as rows, closing(Spool()) as spool:
        titles = checked_header(next(rows))
        mapping = guessed_mapping(titles) if mapping is None else mapping
        if reason := why_not_map(titles, mapping):
            raise Refusal(reason)
        reading = Reading(titles, mapping, spool)
        never = {place for place, title in enumerate(titles) if is_never_imported(title)}
        for count, row in enumerate(read_rows(rows, titles, mapping), start=1):
            reading.entries.append(entry_of(row))
            reading.problems += row.problems
            # not even the rows given back for mending shall hold what must not be known
            cells = ["" if place in never else cell for place, cell in enumerate(row.cells)]
            spool.add(row.facts, cells)
            if count % TELL_EVERY == 0:
                tell(count)
        if not reading.entries:
            raise Refusal(_("The file names its columns but holds no rows below them."))
        tell(len(reading.entries))
        yield reading
