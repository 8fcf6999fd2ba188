import pytest

from contraflow import content

NAMES = [
    "agreement",
    "closing",
    "defaults",
    "health",
    "insight_loop",
    "instruments",
    "launch_gate_and_messages",
    "programme_templates",
    "readiness",
    "resistance",
    "sponsor",
    "training",
    "words",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_caller_who_changes_what_they_read_changes_only_their_copy(name):
    first = content.read(name)
    first.clear()

    assert content.read(name) != first


def test_defaults_are_those_of_the_published_programme():
    programme = content.read("defaults")["defaults"]["programme"]

    assert programme == {
        "length_weeks": 26,
        "sessions": 7,
        "session_minutes": 50,
        "cadence_days": 28,
        "first_session_within_days": 14,
        "second_session_within_days": 28,
    }


def test_a_file_that_does_not_ship_is_refused_by_name():
    with pytest.raises(FileNotFoundError, match="no_such_file"):
        content.read("no_such_file")
