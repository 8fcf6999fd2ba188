from datetime import date

import pytest

from contraflow.cli import cells

WINTER, SUMMER = date(2026, 1, 14), date(2026, 7, 15)


def hours(text, zone="UTC", week_of=WINTER):
    return cells.hours(text, cells.zone(zone), week_of)


@pytest.mark.parametrize(
    ("text", "zone", "week_of", "expected"),
    [
        pytest.param("mon 9-11", "UTC", WINTER, {9, 10}, id="in UTC"),
        pytest.param("Tuesday 9:00\N{EN DASH}10:00", "UTC", WINTER, {33}, id="as people write"),
        pytest.param("mon 9-10; sun 23-24", "UTC", WINTER, {9, 167}, id="two days"),
        pytest.param("mon 9-10", "Europe/Vienna", WINTER, {8}, id="winter time"),
        pytest.param("mon 9-10", "Europe/Vienna", SUMMER, {7}, id="summer time"),
        pytest.param("mon 0-1", "Europe/Vienna", WINTER, {167}, id="round the week's corner"),
        pytest.param("sun 23-24", "America/New_York", WINTER, {4}, id="and the other corner"),
        pytest.param("mon 9-11", "Asia/Kolkata", WINTER, {3, 4}, id="half an hour off"),
    ],
)
def test_hours_are_weekly_hours_in_utc(text, zone, week_of, expected):
    assert hours(text, zone, week_of) == expected


@pytest.mark.parametrize(
    "text", ["9-11", "mon 11-9", "mon 9-25", "monday", "xyz 9-11", "mon 9:30-11"]
)
def test_hours_that_are_none_are_refused(text):
    with pytest.raises(cells.CellError, match="like mon 9-12"):
        hours(text)


def test_a_word_keeps_its_first_spelling():
    spell = cells.Spellings()

    assert spell.words("AI; chess") == {"AI", "chess"}
    assert spell.words(" ai ;Chess;CHESS") == {"AI", "chess"}
    assert spell.topics("Generative  AI:3; ai") == {"Generative AI": 3, "AI": 2}
    assert spell.path("Sales/ North") == ("Sales", "North")


@pytest.mark.parametrize(
    ("read", "text", "message"),
    [
        (cells.Spellings().topics, "python:9", "level from 0 to 4"),
        (cells.Spellings().topics, "ai:1, python:2", 'Split with ";"'),
        (cells.Spellings().topics, ":3", "level from 0 to 4"),
        (cells.Spellings().topics, "ai:1; AI:2", "occurs twice"),
        (cells.ids, "a@x; A@x", "named twice"),
        (cells.wishes, "a;b;c;d", "more than three"),
        (cells.whole, "three", "no whole number"),
        (cells.places, "-1", "not from 0 to 100"),
        (cells.trait, "6", "from 1 to 5"),
        (cells.trait, "often", "from 1 to 5"),
        (cells.zone, "Middle/Earth", "no time zone"),
        (cells.zone, "../etc/passwd", "no time zone"),
    ],
)
def test_a_cell_that_cannot_be_understood_says_what_would_be_right(read, text, message):
    with pytest.raises(cells.CellError, match=message):
        read(text)


def test_a_scale_mean_may_have_a_comma():
    assert cells.trait("3,5") == 3.5
