"""Tables as people really save them: any common encoding, any common delimiter.

Used by imports in the browser and by the command line without Django, so this file imports
neither Django nor anything that does. Messages are English; a page that translates asks the
error for its `kind` and `line`.
"""

import codecs
import csv
import io
import itertools
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

DELIMITERS = (",", ";", "\t", "|")
# Read at a time while looking for the encoding: a file of any size costs this much memory.
BLOCK = 1 << 20
# Characters; a row of thirty cells at the longest that `csv` accepts.
LONGEST_LINE = 1 << 22
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MESSAGES = {
    "empty": "The file is empty. The first line must name the columns.",
    "workbook": "This is a workbook, not a text file. Save it as CSV UTF-8 and try again.",
    "encoding": "The text cannot be read. Save the file as CSV UTF-8 and try again.",
    "not_text": "This is not a text file. Save the table as CSV UTF-8 and try again.",
    "quotes": "A quotation mark is opened and never closed, or stands inside a cell alone. "
    'Write it twice ("") inside a quoted cell.',
    "cell_too_long": "A cell is longer than 131,072 characters; often a quotation mark above "
    "it is not closed.",
}


class TextFileError(ValueError):
    """The file is no table that can be read; says why, where, and what to do.

    `kind` is one of `empty workbook encoding not_text quotes cell_too_long`; `line` is
    counted from 1, or None where the whole file is meant.
    """

    def __init__(self, kind: str, line: int | None = None) -> None:
        """Word the error for people."""
        super().__init__(_MESSAGES[kind] if line is None else f"Line {line}: {_MESSAGES[kind]}")
        self.kind = kind
        self.line = line


@dataclass(frozen=True)
class Row:
    """Hold the cells of one row and the line of the file it starts on, counted from 1."""

    line: int
    cells: list[str]


def read_table(stream: BinaryIO) -> Iterator[Row]:
    """Yield the rows of a CSV file, the row that names the columns first, empty ones left out.

    `stream` must be seekable; memory does not grow with the file.
    """
    encoding = find_encoding(stream)
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding=encoding, newline="")
    try:
        yield from _rows(text)
    finally:
        # Whoever stops early may have closed the stream before this is cleared away.
        if not stream.closed:
            text.detach()


def find_encoding(stream: BinaryIO) -> str:
    """Return the encoding of a text: UTF-8 or UTF-16 with or without a mark, or Windows-1252.

    Windows-1252 accepts almost any bytes, so it comes last, when the text is no UTF-8.
    """
    stream.seek(0)
    start = stream.read(BLOCK)
    if not start.strip():
        raise TextFileError("empty")
    if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise TextFileError("workbook")
    for mark, encoding in _BYTE_ORDER_MARKS:
        if start.startswith(mark):
            return _readable(stream, encoding)
    if b"\x00" in start:
        return _readable(stream, _utf_16_without_mark(start))
    try:
        return _readable(stream, "utf-8")
    except TextFileError:
        return _readable(stream, "cp1252")


def find_delimiter(line: str) -> str:
    """Return the delimiter that occurs most often in a line, outside quotes."""
    outside = "".join(line.split('"')[::2])
    return max(DELIMITERS, key=outside.count)


def defuse(cell: object) -> str:
    """Return a cell as text that no spreadsheet takes for a formula."""
    text = "" if cell is None else str(cell)
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def write_table(rows: Iterable[Iterable[object]]) -> str:
    """Return rows as CSV text with formulas defused."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerows([defuse(cell) for cell in row] for row in rows)
    return text.getvalue()


def stream_table(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Yield rows as lines of CSV with formulas defused, for a file that is made as it is sent."""
    # Excel takes a CSV file for Windows-1252 unless it begins with this mark
    yield "\ufeff"
    writer = csv.writer(_Echo())
    for row in rows:
        yield writer.writerow([defuse(cell) for cell in row])


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def write_files(contents: Mapping[Path, str]) -> None:
    """Write UTF-8 files so that each is there whole or not at all.

    Everything is written beside its place first, so that a full disk or a missing folder
    shows before the first file is replaced.
    """
    ready: dict[Path, str] = {}
    try:
        for path, text in contents.items():
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            ready[path] = name
            with open(handle, "w", encoding="utf-8", newline="") as stream:
                stream.write(text)
            # A temporary file is private to its owner; an ordinary new file is not.
            os.chmod(name, 0o666 & ~_umask())
        for path, name in ready.items():
            os.replace(name, path)
    finally:
        for name in ready.values():
            Path(name).unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _readable(stream: BinaryIO, encoding: str) -> str:
    """Return `encoding` if the whole stream is text in it."""
    decoder = codecs.getincrementaldecoder(encoding)()
    stream.seek(0)
    block = b"start"
    while block:
        block = stream.read(BLOCK)
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            raise TextFileError("encoding") from error
        if "\x00" in text:
            raise TextFileError("not_text")
    return encoding


def _utf_16_without_mark(start: bytes) -> str:
    """Tell the byte order by where the zero bytes of Latin letters stand."""
    even, odd = start[::2].count(0), start[1::2].count(0)
    if min(even, odd) * 10 > max(even, odd):
        raise TextFileError("not_text")
    return "utf-16-le" if odd > even else "utf-16-be"


def _rows(text: io.TextIOWrapper) -> Iterator[Row]:
    lines = _lines(text)
    before, first = 0, next(lines, None)
    while first is not None and not first.strip(' \t\r\n,;|"'):
        before, first = before + 1, next(lines, None)
    if first is None:
        raise TextFileError("empty")
    delimiter = find_delimiter(first)
    if first.lower().startswith("sep=") and len(first.strip("\r\n")) == 5:
        # Excel's own way of naming the delimiter in a line above the table.
        before, delimiter, first = before + 1, first[4], next(lines, "")
    reader = csv.reader(itertools.chain([first], lines), delimiter=delimiter, strict=True)
    line = before + 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield Row(line, cells)
            line = before + reader.line_num + 1
    except csv.Error as error:
        kind = "cell_too_long" if "field larger" in str(error) else "quotes"
        raise TextFileError(kind, line) from error


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    """Yield lines, and stop at one too long for any row before it fills the memory."""
    number = 0
    while line := text.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE:
            raise TextFileError("cell_too_long", number)
        yield line
