import io

import pytest
from django.urls import reverse

from contraflow.core.textfiles import read_table
from contraflow.people.importing.columns import guessed_mapping
from contraflow.people.models import Department, Person
from contraflow.people.queries import EXPORT_FIELDS
from contraflow.people.views import exports
from tests.conftest import make_person
from tests.people.importing import counts_of, imported


def export(client, kind, **asked):
    response = client.get(reverse("people:export", args=[kind]), asked)
    return b"".join(response.streaming_content)


def test_export_defuses_formulas_and_follows_the_filter(cast, sign_in):
    make_person('=HYPERLINK("evil")', email="evil@example.org", job_title="+1", languages=["@a"])

    content = export(sign_in("chi"), "csv", q="evil")

    header, row = (row.cells for row in read_table(io.BytesIO(content)))
    assert header == list(EXPORT_FIELDS)
    facts = dict(zip(header, row, strict=True))
    assert facts["name"] == """'=HYPERLINK("evil")"""
    assert facts["job_title"] == "'+1"
    assert facts["languages"] == "'@a"


def test_workbook_holds_text_and_no_formula(cast, sign_in):
    make_person("=1+1", email="evil@example.org")

    people_import = imported(export(sign_in("chi"), "xlsx", q="evil"), name="people.xlsx")

    assert counts_of(people_import) == [0, 0, 1, 0, 0]
    assert Person.objects.get(email="evil@example.org").name == "=1+1"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_export_imported_again_changes_nothing(cast, sign_in, kind):
    sales = Department.objects.create(path="Sales", name="Sales")
    make_person(
        "-Zoë; Müller", email="zoe@example.org", grade=3, department=sales, manager=cast.ama,
        languages=["English", "Twi"], panels=["Pay"], site="Accra",
        time_zone="Africa/Accra", country="DE-BY", external_id="007",
    )  # fmt: skip
    make_person("Gone", left_on="2026-01-05")
    content = export(sign_in("root"), kind, who="all")
    before = list(Person.objects.order_by("pk").values())

    people_import = imported(content)

    assert counts_of(people_import) == [0, 0, len(before), 0, 0]
    assert list(Person.objects.order_by("pk").values()) == before


def test_whose_holidays_somebody_keeps_is_in_no_table(cast, sign_in):
    make_person("Zoë", email="zoe@example.org", country="DE-BY")

    content = export(sign_in("root"), "csv", q="zoe")

    assert b"zoe@example.org" in content
    assert b"DE-BY" not in content


def test_every_exported_column_is_understood_by_an_import():
    assert guessed_mapping(list(EXPORT_FIELDS)) == {name: name for name in EXPORT_FIELDS}


def test_workbook_of_too_many_people_is_refused_with_the_way_out(cast, sign_in, monkeypatch):
    monkeypatch.setattr(exports, "XLSX_MAX_ROWS", 3)

    response = sign_in("chi").get(reverse("people:export", args=["xlsx"]))

    assert response.status_code == 409
    assert "Take CSV, or filter the list." in response.content.decode()


def test_unknown_kind_of_export_is_not_there(cast, sign_in):
    assert sign_in("chi").get(reverse("people:export", args=["pdf"])).status_code == 404
