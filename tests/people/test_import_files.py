"""Every kind of file that people really send, and what each is told."""

import io
import struct
import tempfile
import zipfile

import pytest

from contraflow.core.errors import Refusal
from contraflow.people.importing import files
from contraflow.people.importing.columns import guessed_mapping, is_never_imported
from contraflow.people.importing.files import open_table
from contraflow.people.importing.reading import read_file
from tests.people.importing import csv_file, xlsx_file, zip_file

TABLE = [["Name", "E-mail"], ["Zoë Müller", "zoe@example.org"]]
TEXT = "Name,E-mail\r\nZoë Müller,zoe@example.org\r\n"


def rows_of(content):
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        return [row.cells for row in open_table(file)]


def read_content(content, mapping=None):
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        with read_file(file, mapping) as reading:
            return reading


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(TEXT.encode(), id="UTF-8"),
        pytest.param(TEXT.encode("utf-8-sig"), id="UTF-8 with a mark"),
        pytest.param(TEXT.encode("utf-16"), id="UTF-16 with a mark"),
        pytest.param(TEXT.encode("utf-16-le"), id="UTF-16 without a mark"),
        pytest.param(TEXT.encode("cp1252"), id="Windows-1252"),
        pytest.param(TEXT.replace(",", ";").encode("cp1252"), id="semicolons"),
        pytest.param(TEXT.replace(",", "\t").encode(), id="tabs"),
        pytest.param(("\r\n" + TEXT + "\r\n,\r\n").encode(), id="empty lines around"),
        pytest.param(xlsx_file(TABLE), id="workbook"),
        pytest.param(xlsx_file([[], ["", ""], *TABLE]), id="workbook with empty lines above"),
    ],
)
def test_table_is_read_however_it_was_saved(content):
    assert rows_of(content) == TABLE


FAR_APART = {
    "[Content_Types].xml": """<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>""",
    "_rels/.rels": "<Relationships/>",
    "xl/workbook.xml": """<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
        <sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>""",
    "xl/_rels/workbook.xml.rels": """<Relationships
        xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"
        Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
        Target="worksheets/sheet1.xml"/></Relationships>""",
    "xl/worksheets/sheet1.xml": """<worksheet
        xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
        <row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>
        </sheetData></worksheet>""",
}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"", "The file is empty.", id="nothing at all"),
        pytest.param(b" \r\n \r\n", "The file is empty.", id="blank lines"),
        pytest.param(b"\xd0\xcf\x11\xe0 a workbook of 1997", "the old kind (.xls)", id="xls"),
        pytest.param(
            b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"),
            "locked by a password",
            id="locked workbook",
        ),
        pytest.param(b"%PDF-1.7 ...", "This is a PDF.", id="pdf"),
        pytest.param(b"<html><table><tr><td>Name", "a web page or XML", id="web page named .xls"),
        pytest.param(zip_file({"people.csv": TEXT}), "an archive, not a workbook", id="zip"),
        pytest.param(zip_file({"content.xml": "<a/>"}), "an OpenDocument file", id="ods"),
        pytest.param(zip_file({"xl/workbook.bin": "x"}), "a binary workbook", id="xlsb"),
        pytest.param(zip_file({"xl/workbook.xml": "<oops"}), "damaged", id="broken workbook"),
        pytest.param(xlsx_file(TABLE)[:-40], "damaged", id="workbook cut short"),
        pytest.param(xlsx_file([]), "The first sheet is empty.", id="empty workbook"),
        pytest.param(b"\x00\x01\x02\x00\x00\x03" * 50, "neither a workbook nor text", id="bytes"),
        pytest.param(b'Name,E-mail\n"Zoe,zoe@example.org\n', "Line 2: A quotation", id="quote"),
        pytest.param(zip_file(FAR_APART), "damaged", id="two cells a million rows apart"),
    ],
)
def test_what_is_no_table_is_refused_with_what_it_is(content, says):
    with pytest.raises(Refusal) as refused:
        rows_of(content)

    assert says in str(refused.value)


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param(
            {"xl/workbook.xml": "<a/>", "xl/a": b"\0" * (30 << 20)}, id="packed 1000 to 1"
        ),
        pytest.param({f"xl/{number}": "" for number in range(2_001)}, id="2 001 parts"),
    ],
)
def test_zip_bomb_is_refused_before_it_is_opened(parts, monkeypatch):
    monkeypatch.setattr(files, "_rows_of_workbook", lambda stream: pytest.fail("it was opened"))

    with pytest.raises(Refusal, match="This workbook would unpack to"):
        rows_of(zip_file(parts))


def workbook_that_lies():
    """Return a workbook whose directory says one byte where a cell of 1.3 GB lies."""
    file = io.BytesIO()
    start, end = (
        FAR_APART["xl/worksheets/sheet1.xml"].split('<row r="1">')[0],
        "</t></is></c></row>",
    )
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in FAR_APART.items():
            if "sheet1" not in name:
                archive.writestr(name, content)
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=False) as part:
            part.write(f"{start}<row r='1'><c r='A1' t='inlineStr'><is><t>".encode())
            for _megabyte in range(1_300):
                part.write(b"x" * (1 << 20))
            part.write(f"{end}</sheetData></worksheet>".encode())
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    return file.getvalue().replace(struct.pack("<L", size), struct.pack("<L", 100))


@pytest.mark.slow
def test_workbook_that_lies_about_its_sizes_is_stopped_where_it_is_opened():
    with pytest.raises(Refusal, match="damaged"):
        rows_of(workbook_that_lies())


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(csv_file(header="Name,E-mail", encoding="utf-8")[:12], "no rows", id="header"),
        pytest.param(
            csv_file("a,b,c", header="Name,E-mail,e-MAIL"),
            "Line 1: two columns are called “E-mail”.",
            id="a column twice",
        ),
        pytest.param(csv_file("a", header="Name"), "No column is read as the e-mail", id="e-mail"),
        pytest.param(csv_file("a", header="E-mail"), "No column is read as the name", id="name"),
    ],
)
def test_table_that_lacks_what_is_needed_is_refused(content, says):
    with pytest.raises(Refusal) as refused:
        read_content(content)

    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("titles", "fields"),
    [
        (["Personalnummer", "Name", "E-Mail", "Vorgesetzter", "Abteilung", "Eintrittsdatum"],
         ["external_id", "name", "email", "manager_email", "department", "joined_on"]),
        (["Name", "Mail address", "Vorgesetzte E-Mail"], ["name", "email", "manager_email"]),
        (["Matricule", "Prénom", "Nom", "Adresse e-mail", "Intitulé du poste", "Date d’entrée"],
         ["external_id", "first_name", "last_name", "email", "job_title", "joined_on"]),
        (["Nombre", "Apellidos", "Correo electrónico", "Ubicación", "Fecha de baja"],
         ["first_name", "last_name", "email", "site", "left_on"]),
        (["EMPLOYEE_ID", "FullName", "Work Email", "Manager ID", "Location", "Time Zone"],
         ["external_id", "name", "email", "manager_external_id", "site", "time_zone"]),
    ],
)  # fmt: skip
def test_columns_are_guessed_in_several_languages(titles, fields):
    assert list(guessed_mapping(titles).values()) == fields


@pytest.mark.parametrize(
    "title",
    ["Age", "Alter", "Date of birth", "BirthDate", "Geschlecht", "gender_identity", "Ethnicity",
     "Generation", "Performance rating 2025", "Année de naissance", "Sexo", "Salary"],
)  # fmt: skip
def test_what_must_not_be_known_is_never_imported(title):
    assert is_never_imported(title)
    with pytest.raises(Refusal, match="is never imported"):
        read_content(
            csv_file("x,a@example.org,1", header=f"Name,E-mail,{title}"),
            {"Name": "name", "E-mail": "email", title: "grade"},
        )


@pytest.mark.parametrize("title", ["Manager", "Language", "Stage", "Sussex office", "Package"])
def test_innocent_columns_are_not_taken_for_those(title):
    assert not is_never_imported(title)
