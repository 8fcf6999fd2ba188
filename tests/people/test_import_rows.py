"""What single cells become, and what wrong ones are told."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contraflow.core.textfiles import Row, write_table
from contraflow.people.importing.rows import SOME_DAY, read_date, read_rows
from tests.people.test_import_files import read_content

TITLES = {
    "name": "Name", "email": "E-mail", "grade": "Grade", "department": "Department",
    "languages": "Languages", "time_zone": "Time zone", "joined_on": "Joined", "left_on": "Left",
    "status": "Status", "manager_email": "Manager", "manager_external_id": "Manager id",
    "external_id": "Id", "panels": "Panels", "country": "Country",
}  # fmt: skip


def read_row(**cells):
    cells = {"name": "Ama", "email": "ama@example.org"} | cells
    titles = [TITLES[field] for field in cells]
    mapping = {TITLES[field]: field for field in cells}
    return next(read_rows(iter([Row(7, list(cells.values()))]), titles, mapping))


@pytest.mark.parametrize(
    ("field", "cell", "fact"),
    [
        ("name", "  Ama   Owusu ", "Ama Owusu"),
        ("name", "'=1+1", "=1+1"),
        ("email", "mailto:AMA@Example.ORG", "ama@example.org"),
        ("grade", "7.0", 7),
        ("grade", "", None),
        ("department", " Sales > North / Key  Account ", "Sales/North/Key Account"),
        ("department", "", ""),
        ("languages", "English; French, Twi;English", ["English", "French", "Twi"]),
        ("panels", "", []),
        ("time_zone", "Africa/Accra", "Africa/Accra"),
        ("country", "Germany", "DE"),
        ("country", "de-by", "DE-BY"),
        ("country", "", ""),
        ("joined_on", "2020-03-04", dt.date(2020, 3, 4)),
        ("joined_on", "2020-03-04 00:00:00", dt.date(2020, 3, 4)),
        ("status", "Ausgetreten", SOME_DAY),
        ("status", "on leave", None),
        ("left_on", "2020-03-04", dt.date(2020, 3, 4)),
        ("left_on", "2999-03-04", None),
        ("manager_email", "TOP@example.org", ("email", "top@example.org")),
        ("manager_external_id", "007", ("external_id", "007")),
        ("manager_email", "", None),
    ],
)
def test_cell_is_read_as_people_mean_it(field, cell, fact):
    row = read_row(**{field: cell})

    assert row.problems == []
    as_kept = {"status": "left_on", "manager_email": "manager", "manager_external_id": "manager"}
    assert row.facts[as_kept.get(field, field)] == fact


@pytest.mark.parametrize("field", ["external_id", "time_zone"])
def test_empty_cell_does_not_empty_what_must_not_be_empty(field):
    assert field not in read_row(**{field: ""}).facts


@pytest.mark.parametrize(
    ("field", "cell", "says"),
    [
        ("name", "", "Every person needs a name."),
        ("name", "x" * 151, "At most 150 characters."),
        ("email", "", "Every person needs an e-mail address: it is how they sign in."),
        ("email", "ama", "Write one address, like ama@example.org."),
        ("email", "a@example.org; b@example.org", "Write one address, like ama@example.org."),
        ("grade", "Senior", "Write a whole number from 0 to 9,999; higher is more senior."),
        ("grade", "3.5", "Write a whole number from 0 to 9,999; higher is more senior."),
        ("department", "x" * 121,
         "At most 120 characters for a department, 300 for the whole path."),
        ("country", "Lemuria", "Write a country or one of its regions, like DE, Germany or DE-BY."),
        ("time_zone", "CEST", "Write the name of a time zone, like Europe/Berlin or UTC."),
        ("joined_on", "yesterday", "Write the day as 2026-01-31."),
        ("joined_on", "31.02.2026", "Write the day as 2026-01-31."),
        ("joined_on", "1.2.26", "Write the day as 2026-01-31."),
        ("joined_on", "01/02/2026",
         "This could be 2026-01-02 or 2026-02-01. Write it like that."),
        ("status", "perhaps", "Write “active” or “left”."),
    ],
)  # fmt: skip
def test_wrong_cell_is_told_what_would_be_right(field, cell, says):
    (problem,) = read_row(**{field: cell}).problems

    assert (problem.line, problem.column, problem.reason) == (7, TITLES[field], says)
    assert problem.value == cell[:300]


def test_all_wrong_cells_of_a_row_are_told_at_once():
    row = read_row(name="", email="x", grade="y")

    assert {problem.column for problem in row.problems} == {"Name", "E-mail", "Grade"}


def test_active_with_a_day_of_leaving_is_a_contradiction():
    (problem,) = read_row(left_on="2020-01-01", status="active").problems

    assert problem.reason == (
        "The status says active, the day of leaving is past. Mend one of them."
    )


def test_row_with_more_cells_than_columns_is_not_guessed_at():
    rows = read_rows(iter([Row(2, ["Ama", "a@example.org", "x"])]), ["N", "E"], {"N": "name"})

    assert next(rows).problems[0].reason.startswith("The row has 3 cells, the header 2 columns.")


@given(st.dates(min_value=dt.date(1950, 1, 1), max_value=dt.date(2100, 1, 1)))
def test_day_is_never_read_as_another(day):
    assert read_date(day.isoformat()) == day
    assert read_date(f"{day.day}.{day.month}.{day.year}") == day
    if day.day > 12 or day.day == day.month:
        assert read_date(f"{day.day}/{day.month}/{day.year}") == day
    else:
        with pytest.raises(ValueError, match=f"This could be .*{day}"):
            read_date(f"{day.day}/{day.month}/{day.year}")


NAMES = st.text(
    st.characters(exclude_categories=["C", "Z"], exclude_characters="'"), min_size=1, max_size=150
)


@given(st.lists(NAMES, min_size=1, max_size=5), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_whatever_is_written_is_read_back(names, encoding):
    rows = [[name, f"p{place}@example.org"] for place, name in enumerate(names)]
    content = write_table([["Name", "E-mail"], *rows]).encode(encoding)

    entries = read_content(content).entries

    assert [entry.name for entry in entries] == names
    assert all(entry.is_good for entry in entries)
