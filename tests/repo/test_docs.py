"""The documentation names every setting and command, and nothing that is not there."""

import re

from contraflow.cli import COMMANDS
from tests.repo.files import PACKAGE, ROOT, name

DOCS = ROOT / "docs"
_LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]+)(#[^)]*)?\)")


def settings_in_code():
    """Every variable the product reads; NAME_FILE is explained once for all."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text()
        found |= {f"CONTRAFLOW_{each}" for each in re.findall(r'env_\w+\(\s*"(\w+)"', text)}
        found |= set(re.findall(r'environ[^\n]*"(CONTRAFLOW_\w+)"', text))
    return found


def test_settings_page_lists_every_setting_and_no_other():
    page = (DOCS / "run" / "settings.md").read_text()
    listed = set(re.findall(r"^\| `(CONTRAFLOW_\w+)` \|", page, re.MULTILINE))
    assert listed == settings_in_code()


def test_commands_page_describes_every_command_and_no_other():
    page = (DOCS / "run" / "commands.md").read_text()
    described = set(re.findall(r"^## `contraflow ([\w-]+)", page, re.MULTILINE))
    assert described == set(COMMANDS)


def test_every_relative_link_of_the_docs_leads_somewhere():
    broken = [
        f"{name(page)} -> {target}"
        for page in [*DOCS.rglob("*.md"), *ROOT.glob("*.md")]
        for target, _part in _LINK.findall(page.read_text())
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_the_first_change_quotes_the_code_as_it_stands():
    page = _text(DOCS / "develop" / "first-change.md")
    steps = re.split(r"^\*\*\d+\. ", page, flags=re.MULTILINE)[1:]
    wrong = []
    for step in steps:
        source = _text(ROOT / re.search(r"\]\(\.\./\.\./([^)]+)\)", step).group(1))
        quotes = re.findall(r"```(?:python|django)\n(.*?)```", step, re.DOTALL)
        wrong += [quote for quote in quotes if quote not in source]

    assert len(steps) == 10
    assert wrong == []


def test_every_test_named_as_a_proof_is_there():
    named = {
        (proof, path, test)
        for page in DOCS.rglob("*.md")
        for proof, path, test in re.findall(r"`((tests/[\w/]+\.py)::(\w+))`", page.read_text())
    }
    missing = {
        proof
        for proof, path, test in named
        if not re.search(rf"^def {test}\(", _text(ROOT / path), re.MULTILINE)
    }
    assert named
    assert missing == set()


def test_every_need_of_a_programme_names_its_proof_or_what_is_not_there_yet():
    page = (DOCS / "start" / "what-a-programme-needs.md").read_text()
    head, *needs = re.split(r"^## ", page, flags=re.MULTILINE)
    rows = {row[1]: row for row in re.findall(r"^(\| \[(.+?)\]\(#.*)$", head, re.MULTILINE)}

    assert [need.splitlines()[0] for need in needs] == list(rows)
    for title, need in zip(rows, needs, strict=True):
        is_met_today = "| – |" not in rows[title][0]
        assert ("- Proof: `tests/" in need) == is_met_today, title
        assert "**Not yet:**" in need, title


def test_every_picture_is_used_and_small():
    pages = "".join(_text(page) for page in [*DOCS.rglob("*.md"), ROOT / "README.md"])
    pictures = list((DOCS / "pictures").glob("*.png"))

    assert [each.name for each in pictures if f"pictures/{each.name})" not in pages] == []
    assert [each.name for each in pictures if each.stat().st_size > 200_000] == []


def test_every_page_is_in_the_list_of_its_folder():
    missing = [
        name(page)
        for page in DOCS.glob("*/*.md")
        if page.name != "README.md" and f"({page.name})" not in _text(page.parent / "README.md")
    ]
    assert missing == []


def test_every_folder_of_the_docs_is_in_their_index():
    folders = {page.parent.name for page in DOCS.glob("*/*.md")}
    assert {
        each for each in folders if f"({each}/README.md)" not in _text(DOCS / "README.md")
    } == set()


def _text(page):
    return page.read_text() if page.exists() else ""


def test_every_decision_named_in_the_code_is_written():
    written = {path.stem[:4] for path in (DOCS / "decisions").glob("0*.md")}
    named = set()
    for path in PACKAGE.rglob("*.py"):
        named |= set(re.findall(r"docs/decisions/(\d{4})", path.read_text()))
    assert named - written == set()
