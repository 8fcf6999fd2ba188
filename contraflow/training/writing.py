"""What leads write for their programme: Markdown made safe, questions in a plain form.

There is no HTML and no picture: what looks like HTML is shown as it was typed. Each heading with
`#` or `##` begins a screen. Whatever is typed, a page comes out of it; `faults_of_pages` and
`faults_of_questions` name what its author would not have wanted, by line.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.token import Token

from contraflow.content.schema.guidance import Question
from contraflow.core.figures import figure
from contraflow.core.markup import is_address

MOST_QUESTIONS = 10
_PARSER = MarkdownIt("commonmark", {"html": False}).disable(["image", "html_block", "html_inline"])
_LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]*)[^)\n]*\)")
_PICTURE = re.compile(r"!\[[^\]\n]*\]\(")
_HTML = re.compile(r"</?[a-zA-Z!][^<>]*>")
_FENCE = re.compile(r"^ {0,3}(```|~~~)")


@dataclass(frozen=True)
class Page:
    """One screen of a text: its heading, which may be empty, and what stands below it."""

    heading: str
    html: str


@dataclass(frozen=True)
class Fault:
    """Something its author would not have wanted, with the number of its line."""

    line: int
    words: str

    def __str__(self):
        return _("Line %(line)s: %(words)s") % {"line": figure(self.line), "words": self.words}


# -- text ------------------------------------------------------------------------------------------


def pages_of(text: str) -> list[Page]:
    """Return a text as screens; nothing in them but paragraphs, lists, emphasis, code and links."""
    found: list[Page] = []
    heading, block = "", []
    tokens = iter(_PARSER.parse(text))
    for token in tokens:
        if token.type == "heading_open" and token.level == 0 and token.tag in {"h1", "h2"}:
            found += _page(heading, block)
            heading, block = _words_of(next(tokens)), []
            next(tokens)
        else:
            block.append(token)
    return found + _page(heading, block)


def _page(heading: str, block: list[Token]) -> list[Page]:
    return [Page(heading, _html_of(block))] if heading or block else []


def _words_of(inline: Token) -> str:
    return "".join(each.content for each in inline.children or () if each.type != "softbreak")


def _html_of(block: Sequence[Token]) -> SafeString:
    for token in block:
        if token.type in {"heading_open", "heading_close"}:
            # the screen's own heading is the first one
            token.tag = "h2" if token.tag in {"h1", "h2", "h3"} else "h3"
        for each in token.children or ():
            if each.type == "link_open":
                each.attrSet("rel", "noopener noreferrer")
    options, rules = _PARSER.options, _PARSER.renderer
    html = rules.render(list(block), options, {})
    # how a link out of here is marked; every such tag is the parser's own
    mark = '<span aria-hidden="true">↗</span><span class="visually-hidden"> ({})</span></a>'
    return mark_safe(html.replace("</a>", f" {format_html(mark, _('another site'))}"))


def faults_of_text(text: str) -> Iterator[Fault]:
    """Yield what would not come out as its author may expect."""
    open_fence = 0
    for number, line in enumerate(text.splitlines(), 1):
        if _FENCE.match(line):
            open_fence = 0 if open_fence else number
            continue
        if open_fence:
            continue
        if _PICTURE.search(line):
            yield Fault(number, _("Pictures cannot be shown. Link to it, or say it in words."))
        elif bad := next((each for each in _LINK.findall(line) if not is_address(each)), None):
            words = _(
                "“%(address)s” is no address that a link can lead to; begin it with https://."
            )
            yield Fault(number, words % {"address": bad})
        if _HTML.search(line):
            yield Fault(number, _("HTML is shown as it is typed. Use Markdown instead."))
    if open_fence:
        yield Fault(open_fence, _("This block of code is never closed."))


# -- questions -------------------------------------------------------------------------------------


@dataclass
class _Draft:
    """A question while its lines are read."""

    line: int
    q: str
    options: list[str]
    right: list[int]
    why: str = ""

    def faults(self) -> Iterator[Fault]:
        if len(self.options) < 2:
            yield Fault(self.line, _("Give this question at least two answers."))
        if len(self.right) != 1:
            yield Fault(self.line, _("Mark one answer of this question as right, with +."))
        if not self.why:
            yield Fault(self.line, _("Explain the answer of this question, with !."))


def _drafts(source: str) -> tuple[list[_Draft], list[Fault]]:
    drafts: list[_Draft] = []
    faults = []
    for number, line in enumerate(source.splitlines(), 1):
        sign, words = line.strip()[:1], line.strip()[1:].strip()
        if not sign:
            continue
        if sign not in "?+-!" or not words:
            faults.append(
                Fault(number, _("Begin each line with ?, -, + or !, and words after it."))
            )
        elif sign == "?":
            drafts.append(_Draft(number, words, [], []))
        elif not drafts:
            faults.append(Fault(number, _("A question comes first: begin with a line of ?.")))
        elif sign == "!":
            drafts[-1].why = f"{drafts[-1].why} {words}".strip()
        else:
            if sign == "+":
                drafts[-1].right.append(len(drafts[-1].options))
            drafts[-1].options.append(words)
    return drafts, faults


def questions_of(source: str) -> tuple[Question, ...]:
    """Return the questions of a source that are whole; `faults_of_questions` says which are not."""
    drafts, _faults = _drafts(source)
    return tuple(
        Question(q=each.q, options=tuple(each.options), answer=each.right[0], why=each.why)
        for each in drafts[:MOST_QUESTIONS]
        if not list(each.faults())
    )


def faults_of_questions(source: str) -> list[Fault]:
    """Return what is wrong with questions, by line."""
    drafts, faults = _drafts(source)
    faults += [fault for each in drafts for fault in each.faults()]
    if len(drafts) > MOST_QUESTIONS:
        faults.append(Fault(drafts[MOST_QUESTIONS].line, _("Ten questions are enough.")))
    return sorted(faults, key=lambda fault: fault.line)
