"""Public holidays of countries and their regions, from the `holidays` library.

A place is written as ISO 3166 writes it, "DE" or "DE-BY"; the library adds a few cities.
"""

import datetime as dt
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources
from types import MappingProxyType

import holidays
from holidays.registry import COUNTRIES

# who keeps no public holidays, and said so
NOWHERE = "none"
# the words of the library follow the machine's language otherwise
_LANGUAGE = "en_US"


@lru_cache(maxsize=4096)
def holidays_in(place: str, year: int) -> Mapping[dt.date, str]:
    """Return the public holidays of a place in a year, day -> name; none where it is unknown."""
    country, _dash, region = place.partition("-")
    if not is_place(place):
        return MappingProxyType({})
    found = holidays.country_holidays(
        country, subdiv=region or None, years=year, expand=False, language=_LANGUAGE
    )
    return MappingProxyType(dict(sorted(found.items())))


def holiday_on(place: str, day: dt.date) -> str:
    """Return the name of the public holiday that a place has on a day, "" where it has none."""
    return holidays_in(place, day.year).get(day, "")


@cache
def countries() -> Mapping[str, str]:
    """Return the countries whose holidays are known, code -> name, by name."""
    known = {codes[1] for codes in COUNTRIES.values()}
    rows = (line.split("\t") for line in _lines_of("iso3166.tab"))
    found = {code: name for code, name in rows if code in known}
    return MappingProxyType(dict(sorted(found.items(), key=lambda each: each[1].casefold())))


@cache
def regions(country: str) -> Mapping[str, str]:
    """Return the regions of a country that have holidays of their own, code -> name, by name."""
    if country not in countries():
        return MappingProxyType({})
    known = getattr(holidays, country)
    # of several names of a region, the first one
    names = {code: name for name, code in reversed(known.subdivisions_aliases.items())}
    found = {code: names.get(code, code) for code in known.subdivisions}
    return MappingProxyType(dict(sorted(found.items(), key=lambda each: each[1].casefold())))


def is_place(place: str) -> bool:
    """Tell whether the holidays of a place are known."""
    country, dash, region = place.partition("-")
    return region in regions(country) if dash else country in countries()


def place_of(text: str) -> str:
    """Return the place that somebody wrote by code or by name, "" for what is none."""
    if text.casefold() == NOWHERE:
        return NOWHERE
    if code := _countries_as_written().get(text.casefold()):
        return code
    country, _dash, written = text.partition("-")
    country = country.upper()
    same = (each for each in regions(country) if each.casefold() == written.casefold())
    return next((f"{country}-{region}" for region in same), "")


@cache
def _countries_as_written() -> Mapping[str, str]:
    words = {name.casefold(): code for code, name in countries().items()}
    for name, (_class, code, *others) in COUNTRIES.items():
        words |= {each.casefold(): code for each in (name.replace("_", " "), code, *others)}
    return words


def place_in_words(place: str) -> str:
    """Return "Germany (Bayern)" for "DE-BY"; "" for what is no place."""
    country, _dash, region = place.partition("-")
    if not is_place(place):
        return ""
    name = countries()[country]
    return f"{name} ({regions(country)[region]})" if region else name


@cache
def country_of_zone(time_zone: str) -> str:
    """Return the country in which a time zone lies, "" where it is none or its holidays unknown."""
    rows = (line.split("\t") for line in _lines_of("zone.tab"))
    country = next((row[0] for row in rows if row[2] == time_zone), "")
    return country if country in countries() else ""


def _lines_of(name: str) -> list[str]:
    """Return the lines of a table of the time zone database."""
    text = resources.files("tzdata").joinpath("zoneinfo", name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
