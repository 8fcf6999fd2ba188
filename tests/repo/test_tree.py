"""What must never stand in the tree, whoever wrote it."""

import ast
import io
import re
import tokenize
import tomllib
from functools import cache

import pytest

from tests.repo.files import PACKAGE, ROOT, name, python_files, texts, tracked

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
# rules that may be switched off for a line; each time with its reason after two dashes
EXCUSED = {
    "E402", "E731", "F401", "F403", "N802", "PLC0415", "PLR0912", "PLR0915", "PLW0603",
    "PLW1509", "PLW2901", "SIM115", "T201",
}  # fmt: skip


def requirement_names(lines):
    return {re.split(r"[<>=!~\[; ]", line)[0].lower().replace("_", "-") for line in lines}


def test_no_address_of_a_package_registry_stands_in_the_tree():
    registry = re.compile(
        r"pypi\.org|pythonhosted|registry\.npmjs|proxy\.golang|crates\.io|--(extra-)?index-url"
    )
    found = [name(path) for path, text in texts() if registry.search(text)]
    assert set(found) - {"tests/repo/test_tree.py"} == set()


def test_no_path_of_a_developers_machine_stands_in_the_tree():
    machine = re.compile(r"/(?:work|root)/|/home/\w+/|/Users/\w+/|\.pyenv")
    found = [name(path) for path, text in texts() if machine.search(text)]
    assert set(found) - {"tests/repo/test_tree.py"} == set()


@pytest.mark.parametrize("lock", LOCKS, ids=name)
def test_lock_holds_names_versions_and_hashes_only(lock):
    text = lock.read_text()
    assert "//" not in text
    pins = re.findall(r"^[^\s#].*$", text, re.MULTILINE)
    assert [pin for pin in pins if not re.match(r"[\w.\[\],-]+==\S+( ;.*)? \\$", pin)] == []
    assert text.count("--hash=sha256:") >= len(pins)


def test_locks_hold_what_pyproject_names():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]

    def of_group(group):
        for each in groups[group]:
            yield from [each] if isinstance(each, str) else of_group(each["include-group"])

    core = requirement_names(project["project"]["dependencies"])
    wanted = {
        "core.txt": core | requirement_names(of_group("build")),
        "dev.txt": core | requirement_names(of_group("dev")),
        "engine.txt": requirement_names(of_group("engine")),
    }
    peers = [group for group in groups if group.startswith("peer-")]
    wanted |= {f"{peer}.txt": requirement_names(of_group(peer)) for peer in peers}
    for lock in LOCKS:
        pinned = requirement_names(re.findall(r"^[^\s#].*$", lock.read_text(), re.MULTILINE))
        assert wanted.pop(lock.name) - pinned == set(), f"{name(lock)}: run `make lock`"
    assert wanted == {}


def test_dev_lock_pins_what_the_core_lock_pins():
    def pins(lock):
        return set(re.findall(r"^(\S+==\S+)", (ROOT / "requirements" / lock).read_text(), re.M))

    assert pins("core.txt") - pins("dev.txt") == set()


@cache
def comments():
    """Every comment of the Python files, with the file it stands in."""
    return [
        (name(path), token.string)
        for path in python_files()
        for token in tokenize.generate_tokens(io.StringIO(path.read_text()).readline)
        if token.type == tokenize.COMMENT
    ]


def test_every_excused_line_says_why():
    for path, comment in comments():
        if "noqa" in comment:
            codes, _dashes, reason = comment.partition("noqa:")[2].partition(" -- ")
            assert reason.strip(), f"{path}: {comment}"
            assert {code.strip() for code in codes.split(",")} <= EXCUSED, f"{path}: {comment}"
        if "type: ignore" in comment:
            assert re.search(r"type: ignore\[[\w, -]+\] -- \w", comment), f"{path}: {comment}"


@pytest.mark.slow
def test_no_unfinished_or_commented_out_work():
    unfinished = re.compile(r"#\s*(TODO|FIXME|XXX|HACK)\b")
    code = re.compile(r"#\s*((def|return|import|from \w+ import)\b.*)")
    assert [each for each in comments() if unfinished.match(each[1])] == []
    assert [each for each in comments() if (m := code.match(each[1])) and _is_code(m[1])] == []


def _is_code(text):
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def test_messages_to_people_are_translated_with_named_placeholders():
    """`_("... %s")` cannot be put into another order; f-strings are never found for translation."""
    unnamed = re.compile(r"""_\(\s*(?:f["']|["'][^"']*%[sd])""")
    found = [
        name(path) for path in PACKAGE.rglob("*.py") if unnamed.search(path.read_text())
    ]  # fmt: skip
    assert found == []


def test_refusals_are_translated():
    """What a Refusal says is read by people, so it passes through gettext."""
    plain = re.compile(r"""Refusal\(\s*f?["']\w""")
    found = [name(path) for path in PACKAGE.rglob("*.py") if plain.search(path.read_text())]
    assert found == []


def test_shell_scripts_stop_at_the_first_fault():
    for path in tracked():
        if path.read_bytes()[:40].startswith((b"#!/usr/bin/env bash", b"#!/bin/")):
            assert re.search(r"^set -eu", path.read_text(), re.MULTILINE), name(path)
