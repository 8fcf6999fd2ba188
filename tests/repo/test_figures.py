"""Numbers in words: what is counted goes through core.figures, so 1,012 is 1,012 everywhere."""

import ast
import re

import pytest

from tests.repo.files import PACKAGE, name, python_files

# placeholders of things that can be a thousand
COUNTED = {"n", "count", "line", "place", "megabytes", "parts"}
# they run without Django, and write figures by themselves
WITHOUT_DJANGO = {"cli", "matching", "content"}


def faults(source):
    """Return what a translated text shows of numbers without asking `figure`."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _name(node.func).strip("_") in {
            "", "gettext", "ngettext", "gettext_lazy", "ngettext_lazy", "pgettext",
        }:  # fmt: skip
            words = [each.value for each in node.args if isinstance(each, ast.Constant)]
            found += [each for word in words for each in re.findall(r"%\(\w+\)d", str(word))]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
            found += _bare(node.right)
        if isinstance(node, ast.keyword) and node.arg == "params":
            found += _bare(node.value)
    return found


def _bare(values):
    if not isinstance(values, ast.Dict):
        return []
    return [
        key.value
        for key, value in zip(values.keys, values.values, strict=True)
        if isinstance(key, ast.Constant) and key.value in COUNTED
        if not (isinstance(value, ast.Call) and _name(value.func) == "figure")
    ]


def _name(node):
    return getattr(node, "id", "") or getattr(node, "attr", "?")


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('_("%(count)d people")', ["%(count)d"]),
        ('_("%(count)s people") % {"count": len(people)}', ["count"]),
        ('_("%(count)s people") % {"count": figure(len(people))}', []),
        ('ValidationError(_("%(n)s"), params={"n": 3})', ["n"]),
        ('_("session %(number)s") % {"number": 3}', []),
    ],
)
def test_the_check_itself_sees_bare_numbers(source, found):
    assert faults(source) == found


@pytest.mark.slow
def test_counts_in_words_are_written_by_figure():
    rooms = [
        path
        for path in python_files()
        if path.is_relative_to(PACKAGE) and path.relative_to(PACKAGE).parts[0] not in WITHOUT_DJANGO
    ]

    found = {name(path): faults(path.read_text(encoding="utf-8")) for path in rooms}
    assert {path: bare for path, bare in found.items() if bare} == {}
