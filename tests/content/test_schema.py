"""What ships is checked, and what is wrong in it is refused with its path."""

import re

import pytest

from contraflow import content
from contraflow.content import schema
from contraflow.content.schema.agreement import AgreementFile
from contraflow.content.schema.closing import ClosingFile
from contraflow.content.schema.defaults import DefaultsFile
from contraflow.content.schema.guidance import LaunchAndMessages, ResistanceFile, Training
from contraflow.content.schema.insights import InsightLoop
from contraflow.content.schema.measures import Health, Instruments

SHAPES = {
    "agreement": AgreementFile,
    "closing": ClosingFile,
    "defaults": DefaultsFile,
    "health": Health,
    "insight_loop": InsightLoop,
    "instruments": Instruments,
    "launch_gate_and_messages": LaunchAndMessages,
    "programme_templates": tuple[schema.ProgrammeTemplate, ...],
    "readiness": schema.Readiness,
    "resistance": ResistanceFile,
    "sponsor": schema.SponsorKit,
    "training": Training,
    "words": tuple[schema.Term, ...],
}


@pytest.mark.parametrize(("name", "shape"), SHAPES.items())
def test_every_shipped_file_keeps_its_shape(name, shape):
    schema.check(name, shape, content.read(name))


@pytest.mark.parametrize(("name", "shape"), SHAPES.items())
def test_an_unknown_key_is_refused_wherever_it_stands(name, shape):
    data = content.read(name)
    where = data[0] if isinstance(data, list) else data
    where["surprise"] = 1

    with pytest.raises(schema.ContentError, match=rf"^{name}\.yaml: .*surprise: Extra inputs"):
        schema.check(name, shape, data)


@pytest.mark.parametrize(
    ("name", "path", "value", "complaint"),
    [
        pytest.param(
            "programme_templates",
            (0, "sessions", 2, "topic"),
            7,
            "0.sessions.2.topic: Input should be a valid string",
            id="a number for a topic",
        ),
        pytest.param(
            "programme_templates",
            (3, "length_weeks"),
            "18",
            "3.length_weeks: Input should be a valid integer",
            id="a text that looks like a number",
        ),
        pytest.param(
            "programme_templates",
            (1, "sessions", 0, "n"),
            2,
            "1: Value error, sessions are numbered 1, 2, 3 in order",
            id="sessions out of order",
        ),
        pytest.param(
            "programme_templates",
            (1, "objectives", 0, "primary"),
            False,
            "1: Value error, exactly one objective is primary",
            id="no primary outcome",
        ),
        pytest.param(
            "programme_templates",
            (0, "objectives", 0, "source"),
            "manual",
            "0.objectives.0: Value error, a key is given exactly when the source is not manual",
            id="a key on a manual objective",
        ),
        pytest.param(
            "defaults",
            ("defaults", "agenda_shares", "activity"),
            0.5,
            "defaults.agenda_shares: Value error, the shares sum to 1",
            id="shares of more than the whole",
        ),
        pytest.param(
            "defaults",
            ("defaults", "pairing", "weights", "skills"),
            44,
            "defaults.pairing.weights: Value error, the weights sum to 100",
            id="weights of less than 100",
        ),
        pytest.param(
            "training",
            ("modules", 0, "quiz", 1, "answer"),
            3,
            "modules.0.quiz.1: Value error, the answer is one of the options",
            id="an answer that is not offered",
        ),
        pytest.param(
            "sponsor",
            ("words", "personal_word"),
            ["Your talk with {mentor} fell through."],
            "words: Value error, names what nobody knows: mentor",
            id="a name that nobody has told",
        ),
        pytest.param(
            "insight_loop",
            ("theme", "states", "closed"),
            ["forgotten"],
            "theme: Value error, moves to states that do not exist: forgotten",
            id="a move to nowhere",
        ),
        pytest.param(
            "health",
            ("health", "bands", "act"),
            [60, 101],
            "health.bands.act.1: Input should be less than or equal to 100",
            id="points beyond the scale",
        ),
    ],
)
def test_a_wrong_value_is_refused_with_its_path(name, path, value, complaint):
    data = content.read(name)
    *way, last = path
    place = data
    for step in way:
        place = place[step]
    place[last] = value

    with pytest.raises(schema.ContentError, match=re.escape(f"{name}.yaml: {complaint}")):
        schema.check(name, SHAPES[name], data)


def test_what_is_loaded_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        schema.load_defaults().programme.sessions = 9

    mine = schema.load_templates()
    mine.clear()
    assert len(schema.load_templates()) == 7
