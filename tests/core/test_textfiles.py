import io

import pytest

from contraflow.core.textfiles import (
    BLOCK,
    LONGEST_LINE,
    TextFileError,
    defuse,
    read_table,
    stream_table,
    write_files,
    write_table,
)

TABLE = "név;város\nÁgnes;Pécs\nBéla;Győr\n"
LATIN = "name;city\nZoë;Köln\n"


def rows(data):
    return [(row.line, row.cells) for row in read_table(io.BytesIO(data))]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_is_read_with_and_without_a_mark(encoding):
    assert rows(TABLE.encode(encoding)) == [
        (1, ["név", "város"]),
        (2, ["Ágnes", "Pécs"]),
        (3, ["Béla", "Győr"]),
    ]


def test_windows_1252_is_read():
    assert rows(LATIN.encode("cp1252"))[1] == (2, ["Zoë", "Köln"])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_outside_quotes(delimiter):
    text = delimiter.join(['"a,;,;,;|"', "b", "c"]) + "\n1" + delimiter + "2" + delimiter + "3\n"

    assert rows(text.encode())[1] == (2, ["1", "2", "3"])


def test_the_line_that_excel_writes_above_a_table_names_the_delimiter():
    assert rows(b"sep=|\na,b|c\n1|2\n") == [(2, ["a,b", "c"]), (3, ["1", "2"])]


def test_lines_are_counted_through_empty_rows_and_cells_of_several_lines():
    data = b'\n\na,b\n"one\ntwo",x\n,\n3,4\n'

    assert rows(data) == [(3, ["a", "b"]), (4, ["one\ntwo", "x"]), (7, ["3", "4"])]


@pytest.mark.parametrize(
    ("data", "kind", "line"),
    [
        pytest.param(b"", "empty", None, id="nothing"),
        pytest.param(b"\n ; \n", "empty", None, id="only empty rows"),
        pytest.param(b"PK\x03\x04rest", "workbook", None, id="an XLSX workbook"),
        pytest.param(b"a,b\n\x81\xff,1\n", "encoding", None, id="no known encoding"),
        pytest.param(b"\x7fELF\x00\x00\x01\x00\x00\x02", "not_text", None, id="a programme"),
        pytest.param(b'a,b\n1,2\n"3,4\n', "quotes", 3, id="a quotation mark never closed"),
        pytest.param(b"x" * BLOCK + b"\x00", "not_text", None, id="a programme further down"),
        pytest.param(b"a\n" + b"x" * LONGEST_LINE, "cell_too_long", 2, id="an endless line"),
        pytest.param(b"a,b\n" + b"x" * 200_000, "cell_too_long", 2, id="an endless cell"),
    ],
)
def test_what_is_no_table_is_refused_with_the_reason(data, kind, line):
    with pytest.raises(TextFileError) as refused:
        rows(data)

    assert (refused.value.kind, refused.value.line) == (kind, line)


def test_the_stream_stays_open_for_its_owner():
    stream = io.BytesIO(b"a\n1\n")

    list(read_table(stream))

    assert not stream.closed


def test_reading_may_stop_early_and_close_the_stream():
    with io.BytesIO(b"a\n1\n") as stream:
        table = read_table(stream)
        assert next(table).cells == ["a"]

    table.close()

    assert stream.closed


@pytest.mark.parametrize("cell", ["=1+1", "+36 1", "-x", "@name", "\tx", "\r=1"])
def test_formulas_are_defused(cell):
    assert defuse(cell) == "'" + cell


def test_a_table_is_written_and_read_back():
    text = write_table([["a", "b"], ["x;y", 'say "hi"'], [None, "=1"]])

    assert rows(text.encode())[1:] == [(2, ["x;y", 'say "hi"']), (3, ["", "'=1"])]


def test_a_streamed_table_is_read_back_line_by_line():
    lines = list(stream_table([["a", "b"], ["x;y", 'say "hi"'], [None, "=1"]]))

    assert lines == ["\ufeff", "a,b\r\n", 'x;y,"say ""hi"""\r\n', ",'=1\r\n"]
    assert rows("".join(lines).encode())[1:] == [(2, ["x;y", 'say "hi"']), (3, ["", "'=1"])]


def test_no_file_is_replaced_if_one_cannot_be_written(tmp_path):
    kept = tmp_path / "kept.csv"
    kept.write_text("before")

    with pytest.raises(FileNotFoundError):
        write_files({kept: "after", tmp_path / "missing" / "b.csv": "x"})

    assert [path.name for path in tmp_path.iterdir()] == ["kept.csv"]
    assert kept.read_text() == "before"
