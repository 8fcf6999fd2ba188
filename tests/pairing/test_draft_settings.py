import pytest

from contraflow.pairing.draft_settings import (
    NOT_NAMED,
    as_percents,
    default_settings,
    differences,
    whole,
    wish_bonus,
)
from contraflow.pairing.forms import SettingsForm

FILLED = {
    "skills": 45, "interests": 20, "logistics": 15, "distance": 10, "private": 10,
    "reporting_line": "2", "minimum_grade_gap": "2", "different_team": "on", "same_panel": "on",
    "common_language": "on", "floor": "", "share_of_best": "",
    "objective": "least_served", "depth": "1",
}  # fmt: skip


def test_defaults_are_those_of_the_shipped_file():
    assert default_settings() == {
        "weights": {
            "skills": 45, "interests": 20, "logistics": 15, "distance": 10, "private": 10,
        },
        "rules": {
            "reporting_line_levels": 2, "different_team": True, "minimum_grade_gap": 2,
            "same_panel": True, "common_language": True,
        },
        "floor": None,
        "share_of_best": None,
        "objective": "least_served",
        "depth": 1,
        "one_each_first": False,
    }  # fmt: skip


def test_the_form_says_what_the_settings_say_and_back():
    form = SettingsForm.for_settings(default_settings())

    again = SettingsForm(FILLED)

    assert again.is_valid()
    assert again.settings == default_settings()
    assert form["skills"].value() == 45
    assert form["reporting_line"].value() == "2"


@pytest.mark.parametrize(
    ("weights", "percents"),
    [
        ({"a": 1, "b": 1, "c": 1}, {"a": 34, "b": 33, "c": 33}),
        ({"a": 45, "b": 55}, {"a": 45, "b": 55}),
        ({"a": 0, "b": 7}, {"a": 0, "b": 100}),
    ],
)
def test_percents_keep_proportions_and_sum_to_a_hundred(weights, percents):
    assert as_percents(weights) == percents


def test_the_bonus_of_a_wish_moves_with_the_weight_of_what_is_private():
    assert (wish_bonus(10), wish_bonus(20), wish_bonus(0)) == (5, 10, 0)


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"private": 21}, "private", "Ensure this value is less than or equal to 20."),
        (
            {"private": 20, "skills": 5, "interests": 5, "logistics": 5, "distance": 5},
            "private", "At most 20 % of the fit may rest on private answers; give the others more.",
        ),
        (
            dict.fromkeys(["skills", "interests", "logistics", "distance", "private"], 0),
            "__all__", "Something has to count: give at least one weight.",
        ),
        ({"floor": "1.2"}, "floor", "Ensure this value is less than or equal to 1."),
        ({"floor": "0.555"}, "floor", "Ensure that there are no more than 2 decimal places."),
        (
            {"share_of_best": "0"},
            "share_of_best", "Ensure this value is greater than or equal to 1.",
        ),
        ({"depth": "4"}, "depth", None),
        ({"reporting_line": "7"}, "reporting_line", None),
        ({"skills": ""}, "skills", "This field is required."),
    ],
)  # fmt: skip
def test_what_the_form_refuses(change, field, said):
    form = SettingsForm(FILLED | change)

    assert list(form.errors) == [field]
    assert said is None or form.errors[field] == [said]


def test_every_setting_of_the_form_is_kept_and_shown_again():
    filled = FILLED | {
        "floor": "0.37", "share_of_best": "70", "depth": "3", "one_each_first": "on",
    }  # fmt: skip
    form = SettingsForm(filled)

    assert form.is_valid()
    aims = {name: form.settings[name] for name in (*NOT_NAMED, "floor")}
    assert aims == {"floor": 0.37, "share_of_best": 0.7, "depth": 3, "one_each_first": True}
    shown = SettingsForm.for_settings(form.settings)
    assert {name: shown[name].value() for name in aims} == aims | {"share_of_best": 70}


def test_a_draft_from_before_these_settings_has_the_aims_it_was_solved_with():
    old = {key: value for key, value in default_settings().items() if key not in NOT_NAMED}

    assert whole(old) == default_settings()
    assert differences(old, default_settings()) == []
    assert SettingsForm.for_settings(old)["depth"].value() == 1


def test_only_what_differs_between_two_drafts_is_told():
    other = SettingsForm(
        FILLED
        | {"reporting_line": "any", "minimum_grade_gap": "", "floor": "0.5"}
        | {"share_of_best": "70", "depth": "3"}
    )
    assert other.is_valid()

    found = differences(default_settings(), other.settings)

    assert [tuple(str(each) for each in row) for row in found] == [
        ("Never in one reporting line", "2 levels up or down", "at any distance"),
        ("Grades apart, at least", "2", "any"),
        ("Nobody below a fit of", "no floor", "0.50"),
        ("Share of their own best, at least", "any", "70 %"),
        ("Lift the lowest", "least served alone", "3 lowest fits"),
    ]
