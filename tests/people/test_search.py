"""Whoever is searched is found, whichever index helps and whatever happened to the name."""

import pytest
from django.db import connection

from contraflow.people import models
from contraflow.people.models import Person
from tests.conftest import make_person
from tests.people.importing import csv_file, imported


def found(text):
    return sorted(Person.objects.search(text).values_list("name", flat=True))


@pytest.fixture(params=[1, 500], ids=["many are found", "few are found"])
def people(db, monkeypatch, request):
    """Three people, found by the index or beyond what it helps with."""
    monkeypatch.setattr(models, "_FEW", request.param)
    for name in ('Ama "Bo" Berg', "Bela O'Neil", "Müller_50%"):
        make_person(name, email=f"{name[:3].strip().lower()}@example.org")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("berg", ['Ama "Bo" Berg']),
        ("ER", ['Ama "Bo" Berg', "Müller_50%"]),
        ("muller", ["Müller_50%"]),
        ("r_5", ["Müller_50%"]),
        ("0%", ["Müller_50%"]),
        ('"bo"', ['Ama "Bo" Berg']),
        ("bo ama", ['Ama "Bo" Berg']),
        ("o'neil", ["Bela O'Neil"]),
        ("example bel", ["Bela O'Neil"]),
        ("example", ['Ama "Bo" Berg', "Bela O'Neil", "Müller_50%"]),
        ("berg OR bela", []),
        ("-berg*", []),
        ("", ['Ama "Bo" Berg', "Bela O'Neil", "Müller_50%"]),
    ],
)
def test_every_word_may_stand_anywhere_in_name_or_address(people, text, names):
    assert found(text) == names


def test_a_changed_name_is_found_by_its_new_letters_alone(db):
    person = make_person("Before", email="a@example.org")

    person.name = "Afterwards"
    person.save()

    assert (found("befor"), found("afterw")) == ([], ["Afterwards"])


def test_a_name_changed_by_a_file_is_found_too_and_a_deleted_one_not(installation):
    imported(csv_file("1,Before,a@example.org,,,"))

    imported(csv_file("1,Afterwards,a@example.org,,,"))

    assert (found("befor"), found("afterw")) == ([], ["Afterwards"])
    Person.objects.filter(name="Afterwards").delete()
    assert found("afterw") == []


def test_the_index_is_there(db):
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            names = {"people_search_insert", "people_search_delete", "people_search_update"}
        else:
            cursor.execute("SELECT indexname FROM pg_indexes WHERE tablename = 'people_person'")
            names = {"people_search"}
        assert names <= {row[0] for row in cursor.fetchall()}
