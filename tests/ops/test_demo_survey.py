"""What the demonstration takes from the real survey, and what it never takes."""

import dataclasses
from collections import Counter

from contraflow.ops.demo_survey import Answer, read_survey, technologies

ANSWERS = read_survey()
SENIOR = [answer for answer in ANSWERS if answer.side == "senior"]


def test_every_row_of_the_selection_is_read():
    assert Counter(answer.side for answer in ANSWERS) == {"senior": 1394, "junior": 1636}
    assert len({answer.respondent for answer in ANSWERS}) == 3030


def test_nothing_about_who_somebody_is_is_read():
    assert {field.name for field in dataclasses.fields(Answer)} == {
        "respondent",
        "side",
        "country",
        "developer_types",
        "part_time",
        "years_of_coding",
        "works_with",
        "wants",
    }


def test_a_learning_need_is_wanted_and_not_yet_worked_with():
    thirteen = next(answer for answer in ANSWERS if answer.respondent == 13)

    assert [each.label for each in thirteen.learning_needs] == ["Rust", "WebAssembly", "Redis"]


def test_one_senior_in_six_wants_nothing_new():
    assert sum(not answer.learning_needs for answer in SENIOR) == 222


def test_technologies_have_one_key_each_and_a_theme():
    found = technologies()

    assert Counter(each.theme for each in found) == {
        "Languages": 27,
        "Databases": 13,
        "Platforms": 16,
        "Web frameworks": 12,
        "Tools": 22,
    }
    assert len({each.key for each in found}) == 90
    assert [each.key for each in found if each.label in {"C", "C#", "C++"}] == [
        "own:languages/c",
        "own:languages/c-sharp",
        "own:languages/c-plus-plus",
    ]


def test_an_unnamed_write_in_is_no_technology():
    assert [each for each in technologies() if each.label.startswith("Other")] == []
