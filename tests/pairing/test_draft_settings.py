import pytest

from contraflow.pairing.draft_settings import as_percents, default_settings, differences, wish_bonus
from contraflow.pairing.forms import SettingsForm

FILLED = {
    "skills": 45, "interests": 20, "logistics": 15, "distance": 10, "private": 10,
    "reporting_line": "2", "minimum_grade_gap": "2", "different_team": "on", "same_panel": "on",
    "common_language": "on", "floor": "", "objective": "least_served",
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
        "objective": "least_served",
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
        ({"floor": "0.57"}, "floor", "Choose a multiple of 0.05, such as 0.55."),
        ({"reporting_line": "7"}, "reporting_line", None),
        ({"skills": ""}, "skills", "This field is required."),
    ],
)  # fmt: skip
def test_what_the_form_refuses(change, field, said):
    form = SettingsForm(FILLED | change)

    assert list(form.errors) == [field]
    assert said is None or form.errors[field] == [said]


def test_only_what_differs_between_two_drafts_is_told():
    other = SettingsForm(
        FILLED | {"reporting_line": "any", "minimum_grade_gap": "", "floor": "0.5"}
    )
    assert other.is_valid()

    found = differences(default_settings(), other.settings)

    assert [tuple(str(each) for each in row) for row in found] == [
        ("Never in one reporting line", "2 levels up or down", "at any distance"),
        ("Grades apart, at least", "2", "any"),
        ("Nobody below a fit of", "no floor", "0.50"),
    ]
