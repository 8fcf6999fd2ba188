"""No template may break the content policy, the translation, the sprite or the static files."""

import re
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


def _each(paths):
    return pytest.mark.parametrize("path", [pytest.param(path, id=str(path)) for path in paths])


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


@_each(PAGES)
def test_a_page_keeps_the_content_policy(path):
    source = _text(path)

    assert not re.findall(r"<[^>]*\sstyle=", source)
    assert not re.findall(r"<[^>]*\son[a-z]+=", source)
    assert not re.findall(r"<[^>]*\shx-(?:on|vars)\b", source)
    assert "<style" not in source
    assert not re.findall(r"<script(?![^>]*\ssrc=)", source)
    assert "javascript:" not in source


@_each([*TEMPLATES, *PLAIN_MAILS])
def test_words_are_translated(path):
    assert untranslated(_text(path)) == []


@_each(TEMPLATES)
def test_icons_are_in_the_sprite(path):
    source = _text(path)

    used = re.findall(r"{% icon ['\"]([\w-]+)['\"]", source)
    used += re.findall(r"<c-[^>]*?\sicon=[\"']([\w-]+)[\"']", source)
    assert set(used) <= SPRITE


@_each(TEMPLATES)
def test_static_files_are_there(path):
    used = re.findall(r"{% static ['\"]([^'\"]+)['\"]", _text(path))

    assert [name for name in used if finders.find(name) is None] == []


@_each(TEMPLATES)
def test_a_component_gets_a_value_only_for_a_prop_it_names(path):
    """A colon passes a value unescaped into the tag, unless the component prints it itself."""
    strange = []
    for name, inside in re.findall(r"<c-([a-z-]+)((?:\"[^\"]*\"|'[^']*'|[^>\"'])*)>", _text(path)):
        if name in {"slot", "vars"}:
            continue
        declared = re.search(r"<c-vars(.*?)/>", COTTON[name].read_text(), re.DOTALL)
        props = set(re.findall(r"\s:?([a-z]+)=", declared.group(1))) if declared else set()
        values = set(re.findall(r"\s:([a-z-]+)=", inside))
        strange += [f"c-{name} :{value}" for value in values - props]
    assert strange == []


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
