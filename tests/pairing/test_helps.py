"""What would place more people: every help in words, and the draft that tries it."""

import pytest

from contraflow.pairing import helps
from contraflow.pairing.draft_settings import default_settings
from contraflow.pairing.models import Draft

SETTINGS = default_settings() | {"floor": 0.4, "share_of_best": 0.7}


@pytest.mark.parametrize(
    ("rule", "setting", "more", "words", "change"),
    [
        (
            "minimum_grade_gap", 1, 4,
            "With grades at least 1 apart, instead of 2: 4 more pairs.",
            {"rules": SETTINGS["rules"] | {"minimum_grade_gap": 1}},
        ),
        (
            "minimum_grade_gap", None, 1,
            "Without the rule “the grades apart”: 1 more pair.",
            {"rules": SETTINGS["rules"] | {"minimum_grade_gap": None}},
        ),
        (
            "reporting_line_levels", 1, 2,
            "If the rule “never in one reporting line” reaches 1 level up or down, instead of "
            "2 levels: 2 more pairs.",
            {"rules": SETTINGS["rules"] | {"reporting_line_levels": 1}},
        ),
        (
            "reporting_line_levels", 0, 2,
            "Without the rule “never in one reporting line”: 2 more pairs.",
            {"rules": SETTINGS["rules"] | {"reporting_line_levels": 0}},
        ),
        (
            "common_language", False, 9,
            "Without the rule “a language in common”: 9 more pairs.",
            {"rules": SETTINGS["rules"] | {"common_language": False}},
        ),
        (
            "floor", 0.37, 3, "With a floor of 0.37, instead of 0.40: 3 more pairs.",
            {"floor": 0.37},
        ),
        (
            "floor", 0.0, 3, "Without the rule “nobody below the floor”: 3 more pairs.",
            {"floor": None},
        ),
        (
            "share_of_best", 0.65, 3,
            "If 65 % of one's own best are enough, instead of 70 %: 3 more pairs.",
            {"share_of_best": 0.65},
        ),
        (
            "forbidden", None, 1, "Without the rule “the pairs you keep apart”: 1 more pair.", {},
        ),
    ],
)  # fmt: skip
def test_a_help_says_what_changes_and_its_draft_changes_that_alone(
    rule, setting, more, words, change
):
    each = {"rule": rule, "setting": setting, "more_pairs": more}

    assert helps.in_words(each, SETTINGS) == words
    assert helps.settings_with(SETTINGS, each) == SETTINGS | change


@pytest.mark.parametrize(
    ("rule", "people", "words"),
    [
        ("mentor_places", 1, "If 1 mentor took one more leader: 1 more pair."),
        ("mentor_places", 12, "If 12 mentors took one more leader each: 12 more pairs."),
        ("mentee_places", 2, "If 2 leaders took one more mentor each: 2 more pairs."),
    ],
)
def test_one_more_place_is_for_people_to_give_so_it_has_no_draft(rule, people, words):
    each = {"rule": rule, "setting": people, "more_pairs": people}
    draft = Draft(settings=SETTINGS, result={"helps": [each]})

    assert helps.helps_of(draft) == [{"words": words, "key": "", "is_of_people": True}]
    assert helps.help_named(draft, helps.key_of(each)) is None


def test_a_reporting_line_at_any_distance_is_said_in_words():
    settings = SETTINGS | {"rules": SETTINGS["rules"] | {"reporting_line_levels": None}}
    each = {"rule": "reporting_line_levels", "setting": 5, "more_pairs": 1}

    assert helps.in_words(each, settings) == (
        "If the rule “never in one reporting line” reaches 5 levels up or down, instead of "
        "any distance: 1 more pair."
    )


def test_a_draft_from_before_told_only_that_a_rule_were_off():
    old = [
        {"rule": "reporting_line", "more_pairs": 2},
        {"rule": "different_team", "more_pairs": 1},
        {"rule": "nobody_knows_it", "more_pairs": 1},
    ]
    draft = Draft(settings=default_settings(), result={"helps": old})

    assert [each["key"] for each in helps.helps_of(draft)] == [
        "reporting_line_levels:0", "different_team:False",
    ]  # fmt: skip
    found = helps.help_named(draft, "different_team:False")
    assert helps.settings_with(draft.settings, found)["rules"]["different_team"] is False
    assert helps.help_named(draft, "different_team:True") is None


@pytest.mark.parametrize(
    ("mentors", "mentees", "words"),
    [
        (3, 4, "1 more mentor, or a mentor who takes a second leader, is needed."),
        (
            4, 3,
            "There is 1 more place with mentors than with leaders: whoever is left stands ready "
            "as a reserve.",
        ),
        (4, 4, None),
    ],
)  # fmt: skip
def test_which_side_is_short_of_places_is_said(mentors, mentees, words):
    draft = Draft(settings=SETTINGS, result={"mentor_places": mentors, "mentee_places": mentees})

    assert [each["words"] for each in helps.helps_of(draft)] == [words] * bool(words)
