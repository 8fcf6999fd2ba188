"""The shape of the house (docs/develop/shape.md), made to fail loudly."""

import ast

import pytest
from django.apps import apps

from tests.repo.files import PACKAGE, name, python_files, tracked

ROOMS = [
    "core", "people", "programmes", "training", "pairs",
    "exchange", "readiness", "pairing", "desk", "home", "ops",
]  # fmt: skip
# what a newcomer expects in a room; each may be a file or, once it is long, a folder
MODULES = {
    "__init__", "apps", "models", "events", "queries", "rules", "jobs", "mails", "forms",
    "actions", "reactions", "views", "urls", "migrations", "templates", "static",
}  # fmt: skip
EXTRA = {
    "people": {
        "importing": "reads files of people, which is more than a form",
        "holidays": "the public holidays of countries and their regions",
    },
    "programmes": {
        "catalogue": "the topics that ship, and their search",
        "lottery": "who is drawn, as a pure function that anybody can run again",
        "personality": "the items of the Mini-IPIP and their scoring",
    },
    "training": {
        "modules": "what there is to learn, in one shape",
        "gate": "who has modules to do before session 2, for one person and for many",
        "writing": "what leads write: Markdown made safe, questions, faults by line",
    },
    "pairs": {
        "agreements": "who may write or sign the agreement when, and what its page reads",
        "calendars": "iCalendar and iTIP",
        "closings": "who may close a pair well when, and what its page reads",
        "reminders": "what is reminded of, and when that stops",
        "times": "hours that suit both of a pair",
        "stories": "what the two tell each other, and who else hears it",
        "meeting": "what the two do around a session",
        "health": "which pairs need help, by process facts",
        "replies": "answers of calendars, read out of mails",
        "busy": "reads somebody's own calendar in a process of its own",
        "diary": "what pages show of rests, diaries, series and answers",
        "rests": "when a pair rests, and the days that count",
        "followups": "who hears a mentor's answer after the end of a pair",
        "gates": "what opens session 2",
        "due_days": "the plan's days, moved on by rests",
        "keeping": "what rooms seal for a pair, and until when",
        "copies": "what each of the two takes home of this room",
    },
    "exchange": {
        "copies": "what each of the two takes home of this room",
        "gains": "what somebody gained in a pair, which stays theirs",
    },
    "readiness": {
        "places": "where in the product each first step is done, for one person",
        "signals": "what may be behind what a pair does: hypotheses, made when a page is opened",
    },
    "pairing": {
        "draft_settings": "weights and rules of a draft in the words of content/defaults.yaml",
        "encode": "rows of the database as plain people for the engine",
        "figures": "what is shown of a fit",
        "guard": "pairs whose people came into conflict, paused",
        "helps": "what would place more people, in words and as settings",
        "options": "a second door to the engine: the same people with other aims, and the proof",
        "publishing": "one draft made real, once",
        "repair": "what a draft for a running cohort leaves alone, and what it would change",
        "reports": "a draft on paper and as a table",
        "solving": "the web's door to the engine",
        "standing": "the pairs of a running cohort, and who has none",
    },
    "desk": {
        "kit": "what a sponsor does and when, found from facts",
        "launch": "the launch checklist, which holds up publishing",
        "texts": "the ready texts of the desk",
    },
    "home": {
        "today": "what a person does next",
        "next_steps": "what brings an installation and a cohort on",
        "reads": "who looked at whose data",
        "search": "what a person finds of everything they may open",
    },
    "ops": {
        "demo_around": "what happens around the sessions",
        "demo_data": "the survey's rows",
        "demo_life": "fourteen weeks of cohort A",
        "demo_people": "the invented organisation",
        "demo_profiles": "profiles from survey answers",
        "demo_seed": "the demonstration from nothing",
        "demo_survey": "reads the survey",
        "demo_texts": "the invented words",
        "demo_training": "the short training of cohort A",
        "demo_visit": "one-click sign-in",
    },
}
OURS = [model for model in apps.get_models() if model.__module__.startswith("contraflow.")]
# rows no page asks for by themselves; they are reached through what is named here
NOT_BY_THEMSELVES = {
    "core.Installation": "one row that every page shows",
    "core.Logo": "one picture that every page shows",
    "core.SealingKey": "core.sealing alone",
    "core.AuditEntry": "the subjects that concern a person, home.reads",
    "core.OutgoingMail": "the job that sends alone",
    "people.Department": "its people",
    "people.LoginLink": "the secret in its address",
    "people.ImportChunk": "its import",
    "people.BadRow": "its import",
    "people.ColumnMapping": "the header of a file",
    "desk.CoverDraw": "its cohort",
    "desk.LaunchTick": "its cohort",
    "desk.LaunchOverride": "its cohort",
    "pairs.GateOpening": "its pair",
    "training.OwnModuleChange": "its module",
    "programmes.Steward": "its programme",
    "programmes.Reading": "its objective",
    "programmes.PlannedSession": "its cohort",
    "programmes.CohortMove": "its cohort",
    "programmes.Topic": "a catalogue for everybody",
    "programmes.ProfileTopic": "its profile",
}


def label(model):
    return model._meta.label


@pytest.mark.parametrize("room", ROOMS[1:])
def test_room_uses_the_shared_vocabulary(room):
    found = {path.stem for path in (PACKAGE / room).iterdir() if path.name != "__pycache__"}
    assert found - MODULES - set(EXTRA.get(room, {})) == set()


@pytest.mark.parametrize("model", OURS, ids=label)
def test_every_field_is_sorted_into_erase_or_keep(model):
    fields = {field.name for field in model._meta.concrete_fields}
    assert model.Privacy.erase | model.Privacy.keep == fields
    assert model.Privacy.erase & model.Privacy.keep == set()


@pytest.mark.parametrize("model", OURS, ids=label)
def test_relations_point_down(model):
    for field in model._meta.get_fields():
        if field.is_relation and not field.auto_created and field.related_model in OURS:
            below = ROOMS.index(field.related_model._meta.app_label)
            assert below <= ROOMS.index(model._meta.app_label), field


def test_every_model_says_to_whom_it_is_visible_or_why_not():
    silent = {label(each) for each in OURS if not hasattr(each._default_manager, "visible_to")}
    assert silent == set(NOT_BY_THEMSELVES)


def _lines(function):
    """Count the lines of a function without its docstring, which is documentation."""
    lines = function.end_lineno - function.lineno + 1
    if ast.get_docstring(function):
        lines -= function.body[0].end_lineno - function.body[0].lineno + 1
    return lines


@pytest.mark.slow
def test_functions_are_short():
    long = {
        f"{name(path)}: {node.name}": _lines(node)
        for path in python_files()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {function: lines for function, lines in long.items() if lines > 60} == {}


def test_files_are_short():
    lengths = {name(path): len(path.read_text().splitlines()) for path in python_files()}
    assert {path: lines for path, lines in lengths.items() if lines > 500} == {}


def test_templates_are_short():
    lengths = {
        name(path): len(path.read_text().splitlines())
        for path in tracked()
        if path.suffix == ".html" and "templates" in path.parts
    }
    assert {path: lines for path, lines in lengths.items() if lines > 150} == {}


def test_every_public_function_of_the_inner_modules_says_what_it_does():
    inner = {"actions", "queries", "rules", "jobs", "events", "mails"}
    silent = []
    for path in (PACKAGE / "core").glob("*.py"):
        silent += _without_docstring(path)
    for room in ROOMS[1:]:
        for path in (PACKAGE / room).rglob("*.py"):
            if path.stem in inner or path.parent.name in inner:
                silent += _without_docstring(path)
    assert silent == []


def _without_docstring(path):
    return [
        f"{name(path)}: {node.name}"
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
