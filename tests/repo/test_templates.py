"""No template may break the content policy, the translation, the sprite or the static files."""

import re
from functools import cache
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

import contraflow

PACKAGE = Path(contraflow.__file__).parent
TEMPLATES = sorted(
    path.relative_to(PACKAGE)
    for folder in PACKAGE.glob("*/templates")
    for path in folder.rglob("*.html")
)
PLAIN_MAILS = sorted(path.relative_to(PACKAGE) for path in PACKAGE.glob("*/templates/**/*.txt"))
# mail programs know no stylesheets but the one inside the mail
PAGES = [path for path in TEMPLATES if "mail" not in path.parts]
SPRITE = set(
    re.findall(r'<symbol id="([\w-]+)"', (PACKAGE / "core/static/core/icons.svg").read_text())
)
COTTON = {
    path.stem.replace("_", "-"): path for path in (PACKAGE / "core/templates/cotton").glob("*.html")
}

_TRANSLATED = re.compile(
    r"{%-?\s*(?:translate|trans)\b.*?%}|{%\s*blocktranslate.*?%}.*?{%\s*endblocktranslate\s*%}"
    r"|_\((?:\"[^\"]*\"|'[^']*')\)",
    re.DOTALL,
)
_COMMENT = re.compile(r"{#.*?#}|{% comment.*?endcomment %}|<!--.*?-->", re.DOTALL)
# what the block of that name holds is a class of the page, not words
_TAG = re.compile(r"{% block page_class %}\w*|{%.*?%}|{{.*?}}", re.DOTALL)
_SPOKEN = re.compile(r'\b(?:title|text|label|aria-label|alt|placeholder|kicker|under|note|readers|'
                     r'button|low|high)="([^"]*)"')  # fmt: skip
# the product's own name, and the invented people of the gallery
NAMES = {"Contraflow", "Priya Raman", "Gerald Whitfield"}


def _text(path):
    return _COMMENT.sub("", (PACKAGE / path).read_text(encoding="utf-8"))


def _faults(paths, find):
    """Return what `find` finds in the texts, by the path of the file."""
    found = {str(path): find(_text(path)) for path in paths}
    return {path: faults for path, faults in found.items() if faults}


def untranslated(source):
    """Return the words a reader would see that went through no translation."""
    left = _TAG.sub("\0", _TRANSLATED.sub("\0", source))
    between = re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", "\n", left, flags=re.DOTALL)
    words = [
        piece.strip(" ·")
        for said in [*_SPOKEN.findall(left), between]
        for piece in re.split(r"[\n\0]", said)
    ]
    return [word for word in words if re.search(r"[^\W\d_]{2,}", word) and word not in NAMES]


def test_the_check_itself_sees_bare_words():
    assert untranslated("<p>Hello there</p>") == ["Hello there"]
    assert untranslated('<c-card title="Hello there" />') == ["Hello there"]
    assert untranslated("<p>{% translate 'Hello' %} {{ name }} · 3</p>") == []


_AGAINST_THE_CONTENT_POLICY = re.compile(
    r"<[^>]*\sstyle=|<[^>]*\son[a-z]+=|<[^>]*\shx-(?:on|vars)\b|<style|<script(?![^>]*\ssrc=)"
    r"|javascript:"
)


@pytest.mark.parametrize(
    "source",
    [
        '<p class="x" style="color: red">', "<style>", "<script>alert()</script>",
        '<a href="javascript:x()">', '<b onclick="x()">', '<b hx-on="x">',
    ],
)  # fmt: skip
def test_the_policy_check_itself_sees_what_it_forbids(source):
    assert _AGAINST_THE_CONTENT_POLICY.search(source)
    assert not _AGAINST_THE_CONTENT_POLICY.search('<script src="x"></script><p title="on style">')


def test_pages_keep_the_content_policy():
    assert _faults(PAGES, _AGAINST_THE_CONTENT_POLICY.findall) == {}


def test_words_are_translated():
    assert _faults([*TEMPLATES, *PLAIN_MAILS], untranslated) == {}


def test_icons_are_in_the_sprite():
    used = re.compile(r"(?:{% icon |<c-[^>]*?\sicon=)['\"]([\w-]+)['\"]")

    assert _faults(TEMPLATES, lambda text: set(used.findall(text)) - SPRITE) == {}


def test_static_files_are_there():
    used = re.compile(r"{% static ['\"]([^'\"]+)['\"]")

    assert _faults(TEMPLATES, lambda text: set(used.findall(text)) - _static_files()) == {}


@cache
def _static_files():
    return {name for finder in finders.get_finders() for name, _storage in finder.list([])}


def test_a_component_gets_a_value_only_for_a_prop_it_names():
    """A colon passes a value unescaped into the tag, unless the component prints it itself."""
    assert _faults(TEMPLATES, _values_without_prop) == {}


def _values_without_prop(text):
    tags = re.findall(r"<c-([a-z-]+)((?:\"[^\"]*\"|'[^']*'|[^>\"'])*)>", text)
    return [
        f"c-{name} :{value}"
        for name, inside in tags
        if name not in {"slot", "vars"}
        for value in set(re.findall(r"\s:([a-z-]+)=", inside)) - _props(name)
    ]


@cache
def _props(component):
    declared = re.search(r"<c-vars(.*?)/>", COTTON[component].read_text(), re.DOTALL)
    return set(re.findall(r"\s:?([a-z]+)=", declared.group(1))) if declared else set()


def test_icons_named_in_code_are_in_the_sprite():
    used = {
        name
        for path in PACKAGE.rglob("*.py")
        for name in re.findall(r"\bicon=\"([\w-]+)\"", path.read_text(encoding="utf-8"))
    }
    assert used <= SPRITE


def test_the_stylesheets_stay_small():
    sheets = list((PACKAGE / "core/static/core/css").glob("*.css"))

    # bytes as written; about 8 000 as they travel
    assert sum(path.stat().st_size for path in sheets) < 30_000


def test_the_script_stays_small():
    script = (PACKAGE / "core/static/core/contraflow.js").read_text(encoding="utf-8")

    assert len(script.splitlines()) < 150


@pytest.mark.parametrize("name", ["light-dark", "url"])
def test_nothing_is_fetched_from_elsewhere(name):
    sheets = (PACKAGE / "core/static/core/css").glob("*.css")

    found = [
        target
        for path in sheets
        for target in re.findall(rf"{name}\(\s*[\"']?([^)\"']+)", path.read_text(encoding="utf-8"))
    ]
    assert not [target for target in found if "//" in target or target.startswith("data:")]
