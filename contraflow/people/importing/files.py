"""Open what was uploaded as a table, whatever its name; say what it is if it is none."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from contraflow.core.errors import Refusal
from contraflow.core.figures import figure
from contraflow.core.textfiles import Row, TextFileError, read_table
from contraflow.people.importing import workbook

# An honest workbook of 100 000 people unpacks to 120 MB, twelve times its size, in about 15 parts.
MAX_PARTS = 2_000
MAX_UNPACKED_BYTES = 500 * 1024 * 1024
MAX_RATIO = 200
_OLE = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def open_table(stream: BinaryIO) -> Iterator[Row]:
    """Yield the rows of an XLSX or CSV file, the header first; refuse anything else.

    The content decides, never the name. `stream` is a file on disk.
    """
    stream.seek(0)
    start = stream.read(4096)
    if start.startswith(b"PK\x03\x04"):
        check_archive(stream)
        return _rows_of_workbook(stream)
    if start.startswith(_OLE):
        raise Refusal(_what_the_old_format_is(stream))
    if start.startswith(b"%PDF"):
        raise Refusal(_("This is a PDF. Save the table as XLSX or CSV."))
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise Refusal(
            _("This is a web page or XML, whatever it is called. Save it as XLSX or CSV.")
        )
    return _rows_of_text(stream)


def check_archive(stream: BinaryIO) -> None:
    """Refuse an archive that is no workbook, or that would unpack to far more than it is.

    Looks at the archive's directory alone; what lies there is stopped where it is opened.
    """
    try:
        with zipfile.ZipFile(stream) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Refusal(_damaged()) from error
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    is_bomb = unpacked > MAX_UNPACKED_BYTES or unpacked > MAX_RATIO * max(packed, 1_000)
    if is_bomb or len(parts) > MAX_PARTS:
        raise Refusal(
            _(
                "This workbook would unpack to %(megabytes)s MB in %(parts)s parts, far more than "
                "a list of people needs. Copy the table into a new workbook, or save it as CSV."
            )
            % {"megabytes": figure(unpacked >> 20), "parts": figure(len(parts))}
        )
    names = {part.filename for part in parts}
    if "xl/workbook.bin" in names:
        raise Refusal(_("This is a binary workbook (.xlsb). Save it as XLSX or CSV."))
    if "content.xml" in names:
        raise Refusal(_("This is an OpenDocument file. Save it as XLSX or CSV."))
    if "xl/workbook.xml" not in names:
        raise Refusal(_("This is an archive, not a workbook. Unpack it and import the table."))


def _what_the_old_format_is(stream: BinaryIO) -> str:
    stream.seek(0)
    while block := stream.read(1 << 20):
        if _ENCRYPTED in block:
            return _("This workbook is locked by a password. Save it without one.")
    return _("This is an Excel file of the old kind (.xls). Save it as XLSX or CSV.")


def _damaged() -> str:
    return _("This workbook is damaged. Open it in your spreadsheet program and save it anew.")


def _rows_of_workbook(stream: Any) -> Iterator[Row]:
    # by its path and isolated: nothing of Django is loaded there
    command = [sys.executable, "-I", workbook.__file__, stream.name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as reader:
        try:
            is_empty = True
            for text in reader.stdout:
                line, cells = json.loads(text)
                is_empty = False
                yield Row(line, cells)
        finally:
            reader.kill()  # no-op where it ended by itself
    if reader.returncode:
        raise Refusal(
            _("%(damaged)s If that does not help, save it as CSV.") % {"damaged": _damaged()}
        )
    if is_empty:
        raise Refusal(_("The first sheet is empty. Put the people there, columns named in line 1."))


def _rows_of_text(stream: BinaryIO) -> Iterator[Row]:
    try:
        yield from read_table(stream)
    except TextFileError as error:
        raise Refusal(_why_not_text(error)) from error


def _why_not_text(error: TextFileError) -> str:
    reasons = {
        "empty": _("The file is empty. The first line must name the columns."),
        "encoding": _("The text cannot be read. Save the file as CSV UTF-8 and try again."),
        "not_text": _("This is neither a workbook nor text. Save the table as XLSX or CSV."),
        "quotes": _(
            "A quotation mark is opened and never closed. Inside a quoted cell, write it twice."
        ),
        "cell_too_long": _(
            "A cell is longer than 131,072 characters; often a quotation mark above it is open."
        ),
    }
    reason = reasons.get(error.kind, str(error))
    if error.line is None:
        return reason
    return _("Line %(line)s: %(reason)s") % {"line": figure(error.line), "reason": reason}
