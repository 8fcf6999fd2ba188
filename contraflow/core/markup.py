"""The few marks an organisation may use in its mails, written by one renderer as text and HTML.

`# heading`, `**strong**`, `*soft*`, `- item`, `[words](https://…)`, alone in its paragraph a
button, and `{placeholders}`. There is no HTML: what looks like it is shown as it was typed. Marks
are read before values are put in, so that no name of a person can become one. Only where a value
of several lines stands alone, its paragraphs and `- items` are kept.
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")
_INLINE = re.compile(
    r"\*\*(?P<strong>[^*\n]+)\*\*"
    r"|\*(?P<soft>[^*\s](?:[^*\n]*[^*\s])?)\*"
    r"|\[(?P<words>[^\]\n]+)\]\((?P<target>[^)\s]+)\)"
    r"|\{(?P<name>\w+)\}"
)
_BUTTON = re.compile(r"\[(?P<words>[^\]\n]+)\]\((?P<target>[^)\s]+)\)")
_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s<>\"']+")
Values = Mapping[str, Any]


@dataclass
class Rendered:
    """A letter's body in both forms; the heading stands apart from what follows it."""

    heading: str = ""
    text: str = ""
    html: str = ""
    _texts: list[str] = field(default_factory=list)
    _htmls: list[str] = field(default_factory=list)

    def add(self, text: str, markup: str) -> None:
        """Add one paragraph, list or button."""
        self._texts.append(text)
        self._htmls.append(markup)
        self.text, self.html = "\n\n".join(self._texts), "\n".join(self._htmls)


def render(source: str, values: Values) -> Rendered:
    """Write a source with its values as text and as HTML.

    A line whose placeholder has nothing to say is left out.
    """
    done = Rendered()
    for lines in _paragraphs(source):
        kept = [line for line in lines if _says_something(line, values)]
        if not kept:
            continue
        if kept[0].startswith("# ") and not done.heading:
            done.heading = plain(kept.pop(0)[2:], values)
        for block in _blocks(kept):
            _write(block, values, done)
    return done


def plain(source: str, values: Values) -> str:
    """Write one line, a subject say, without marks."""
    return " ".join(_text_of(source, values).split())


def placeholders(source: str) -> Iterator[tuple[int, str]]:
    """Yield each placeholder of a source with the number of its line."""
    for number, line in enumerate(source.splitlines(), 1):
        for name in PLACEHOLDER.findall(line):
            yield number, name.strip()


def targets(source: str) -> Iterator[tuple[int, str]]:
    """Yield where each link of a source leads, with the number of its line."""
    for number, line in enumerate(source.splitlines(), 1):
        for found in _INLINE.finditer(line):
            if found["target"]:
                yield number, found["target"]


def is_address(text: str) -> bool:
    """Tell whether a link may lead there."""
    return bool(_ADDRESS.fullmatch(text))


def _paragraphs(source: str) -> Iterator[list[str]]:
    for paragraph in re.split(r"\n[ \t]*\n", source.replace("\r\n", "\n").strip()):
        yield [line.strip() for line in paragraph.split("\n") if line.strip()]


def _says_something(line: str, values: Values) -> bool:
    return all(values.get(name, "") not in ("", (), []) for name in _names(line))


def _names(line: str) -> list[str]:
    return [name for name in PLACEHOLDER.findall(line) if name.isidentifier()]


def _blocks(lines: Sequence[str]) -> Iterator[list[str]]:
    """Split a paragraph where a list begins or ends, and around what stands alone."""
    block: list[str] = []
    for line in lines:
        if block and line.startswith("- ") != block[-1].startswith("- "):
            yield block
            block = []
        block.append(line)
    if block:
        yield block


def _write(block: list[str], values: Values, done: Rendered) -> None:
    if block[0].startswith("- "):
        items = [line[2:] for line in block]
        _write_list(((_text_of(item, values), _html_of(item, values)) for item in items), done)
        return
    alone = PLACEHOLDER.fullmatch(block[0]) if len(block) == 1 else None
    if alone and isinstance(values.get(alone[1]), list | tuple):
        _write_list(((str(each), html.escape(str(each))) for each in values[alone[1]]), done)
        return
    if alone and "\n" in (value := _value(alone[1], values)):
        for paragraph in _paragraphs(value):
            for lines in _blocks(paragraph):
                _write_words(lines, done)
        return
    button = _BUTTON.fullmatch(block[0]) if len(block) == 1 else None
    if button and (target := _target(button["target"], values)):
        words = _text_of(button["words"], values)
        # the classes are those of pages, where a preview stands
        link = f'<a class="button primary" href="{html.escape(target)}">{html.escape(words)}</a>'
        done.add(f"{words}:\n{target}", f'<p class="action">{link}</p>')
        return
    done.add(
        "\n".join(_text_of(line, values) for line in block),
        f"<p>{'<br>'.join(_html_of(line, values) for line in block)}</p>",
    )


def _write_words(lines: list[str], done: Rendered) -> None:
    """Write lines of a value as they are; those that begin with a dash are a list."""
    if lines[0].startswith("- "):
        _write_list(((line[2:], html.escape(line[2:])) for line in lines), done)
    else:
        done.add("\n".join(lines), f"<p>{'<br>'.join(map(html.escape, lines))}</p>")


def _write_list(items: Iterable[tuple[str, str]], done: Rendered) -> None:
    both = list(items)
    done.add(
        "\n".join(f"- {text}" for text, _markup in both),
        f"<ul>{''.join(f'<li>{markup}</li>' for _text, markup in both)}</ul>",
    )


def _value(name: str, values: Values) -> str:
    value = values.get(name, "{" + name + "}")
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _target(target: str, values: Values) -> str:
    """Return where a link leads; empty where that is no address of the web or of a mailbox."""
    name = PLACEHOLDER.fullmatch(target)
    address = _value(name[1], values) if name else target
    return address if is_address(address) else ""


def _text_of(source: str, values: Values) -> str:
    def piece(found: re.Match) -> str:
        if found["name"]:
            return _value(found["name"], values)
        if found["words"]:
            words, target = _text_of(found["words"], values), _target(found["target"], values)
            return f"{words} ({target})" if target and target != words else words
        return _text_of(found["strong"] or found["soft"], values)

    return _INLINE.sub(piece, source)


def _html_of(source: str, values: Values) -> str:
    pieces, done = [], 0
    for found in _INLINE.finditer(source):
        pieces += [html.escape(source[done : found.start()]), _html_of_mark(found, values)]
        done = found.end()
    return "".join([*pieces, html.escape(source[done:])])


def _html_of_mark(found: re.Match, values: Values) -> str:
    if found["name"]:
        value = _value(found["name"], values)
        shown = html.escape(value).replace("\n", "<br>")
        return f'<a href="{shown}">{shown}</a>' if is_address(value) else shown
    if found["words"]:
        words, target = html.escape(_text_of(found["words"], values)), ""
        target = _target(found["target"], values)
        return f'<a href="{html.escape(target)}">{words}</a>' if target else words
    if found["strong"]:
        return f"<strong>{_html_of(found['strong'], values)}</strong>"
    return f"<em>{_html_of(found['soft'], values)}</em>"
