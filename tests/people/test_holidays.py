"""Public holidays: which places are known, how they are written, where a time zone lies."""

import datetime as dt

import pytest

from contraflow.people.holidays import (
    countries,
    country_of_zone,
    holiday_on,
    holidays_in,
    is_place,
    place_in_words,
    place_of,
    regions,
)
from contraflow.people.models import Person, time_zones
from tests.people.importing import csv_file, imported


def test_a_region_has_holidays_of_its_own():
    epiphany = dt.date(2026, 1, 6)

    assert holiday_on("DE-BY", epiphany) == "Epiphany"
    assert {holiday_on(place, epiphany) for place in ("DE", "none", "")} == {""}


@pytest.mark.parametrize("place", ["", "none", "XX", "DE-XX", "DE-", "-BY"])
def test_what_is_no_place_has_no_holidays(place):
    assert not is_place(place)
    assert holidays_in(place, 2026) == {}
    assert place_in_words(place) == ""


def test_names_do_not_follow_the_language_of_the_machine(monkeypatch):
    monkeypatch.setenv("LANGUAGE", "de")
    holidays_in.cache_clear()

    assert holiday_on("DE", dt.date(2026, 10, 3)) == "German Unity Day"


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("de", "DE"), ("DEU", "DE"), ("germany", "DE"), ("De-By", "DE-BY"), ("NONE", "none"),
        ("United Kingdom", "GB"), ("GB-SCT", "GB-SCT"), ("Guinea-Bissau", "GW"),
        ("Atlantis", ""), ("DE-ZZ", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_place_is_written_by_code_or_by_name(written, place):
    assert place_of(written) == place


def test_a_place_is_named_as_people_there_do():
    assert place_in_words("DE-BY") == "Germany (Bayern)"
    assert place_in_words("GB") == "Britain (UK)"
    assert dict(regions("GB")) == {
        "ENG": "England", "NIR": "Northern Ireland", "SCT": "Scotland", "WLS": "Wales"
    }  # fmt: skip
    assert regions("XX") == {}


@pytest.mark.parametrize(
    ("zone", "country"),
    [
        ("Europe/Berlin", "DE"), ("America/New_York", "US"), ("Pacific/Auckland", "NZ"),
        ("UTC", ""), ("Etc/GMT+3", ""), ("Nowhere", ""),
    ],
)  # fmt: skip
def test_a_time_zone_lies_in_a_country(zone, country):
    assert country_of_zone(zone) == country


@pytest.mark.slow
def test_every_place_can_be_asked_for_any_year_and_fits_into_its_field():
    places = [
        place
        for country in countries()
        for place in (country, *(f"{country}-{region}" for region in regions(country)))
    ]
    most = Person._meta.get_field("country").max_length

    assert len(countries()) > 200
    for place in places:
        assert place_of(place) == place
        assert len(place) <= most
        for year in (2020, 2026, 2030):
            assert {day.year for day in holidays_in(place, year)} <= {year}
    assert {country_of_zone(zone) for zone in time_zones()} - {""} <= set(countries())


def test_a_file_says_whose_holidays_are_whose_and_leaves_what_people_chose(installation):
    titles = "Personnel number,Name,E-mail,Country"
    one = imported(
        csv_file("1,Ama,ama@example.org,Germany", "2,Bela,bela@example.org,Lemuria", header=titles)
    )
    ama = Person.objects.get()

    assert ama.country == "DE"
    assert "like DE, Germany or DE-BY" in one.bad_rows.get().reason
    Person.objects.update(country="DE-BY", chosen=["country"])
    imported(csv_file("1,Ama,ama@example.org,FR", header=titles))
    assert Person.objects.get().country == "DE-BY"
