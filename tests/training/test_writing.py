"""What leads write: safe whatever it is, and its faults by line."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contraflow.training.writing import (
    faults_of_questions,
    faults_of_text,
    pages_of,
    questions_of,
)

TAGS = {
    "p", "ul", "ol", "li", "strong", "em", "code", "pre", "a", "span", "blockquote", "h2", "h3",
    "hr", "br",
}  # fmt: skip
ATTRIBUTES = {"href", "rel", "title", "class", "start", "aria-hidden"}
QUESTION = """\
? Who books the room?
- The mentor
+ The leader
! The leader has more say
! over the diary.
"""


class Reader(HTMLParser):
    """What a browser would find in a piece of HTML."""

    def __init__(self, html):
        super().__init__()
        self.opened, self.closed, self.attributes, self.targets = [], [], set(), []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.opened.append(tag)
        self.attributes |= {name for name, _value in attrs}
        self.targets += [value for name, value in attrs if name == "href"]

    def handle_endtag(self, tag):
        self.closed.append(tag)


def html_of(text):
    return "".join(page.html for page in pages_of(text))


def test_each_heading_begins_a_screen():
    pages = pages_of("Before\n\n# One *thing*\n\nText\n\n## Two\n\n### Small\n\nMore")

    assert [page.heading for page in pages] == ["", "One thing", "Two"]
    assert [page.html.strip() for page in pages] == [
        "<p>Before</p>", "<p>Text</p>", "<h2>Small</h2>\n<p>More</p>",
    ]  # fmt: skip


def test_a_heading_inside_a_quotation_begins_none():
    assert len(pages_of("> # Quoted\n\nText")) == 1


def test_a_link_is_marked_and_leads_only_to_the_web_or_a_mailbox():
    html = html_of("[here](https://example.org/a?b=1&c=2) [x](javascript:alert(1)) [y](data:a,b)")

    assert 'href="https://example.org/a?b=1&amp;c=2" rel="noopener noreferrer"' in html
    assert html.count("(another site)") == 1
    assert html.count("<a ") == 1


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "text <b onclick=x>bold</b>",
        "<style>p {}</style>",
        "<!-- a comment -->",
        "![a picture](https://example.org/p.png)",
        '[x](https://e.org "a\\" onmouseover=x")',
        "<https://example.org/<script>>",
        "`<script>`",
        "```html\n<script>\n```",
        "[a]: javascript:x\n\n[a]",
    ],
)
def test_what_looks_like_html_is_shown_as_it_was_typed(source):
    html = html_of(source)

    read = Reader(html)
    assert set(read.opened) <= TAGS
    assert read.attributes <= ATTRIBUTES
    assert all(target.startswith(("http", "mailto:")) for target in read.targets)


MARKS = st.text(alphabet="#*_`~[]()<>!\\\"'&:;/-+=|{}0a \n\t\u202e", max_size=300)


@given(source=MARKS | st.text(max_size=300))
def test_no_text_can_break_a_page(source):
    html = html_of(source)

    read = Reader(html)
    assert set(read.opened) <= TAGS
    assert read.attributes <= ATTRIBUTES
    assert all(target.startswith(("http", "mailto:")) for target in read.targets)
    assert sorted(set(read.opened) - {"br", "hr"}) == sorted(set(read.closed) - {"br", "hr"})


def test_deep_nesting_is_cut_and_quick():
    assert html_of(">" * 5000 + " x").count("<blockquote>") <= 21
    assert html_of("[" * 5000)
    assert html_of("*a " * 5000)


def faults(source):
    return [str(fault) for fault in faults_of_text(source)]


def test_faults_of_a_text_are_named_by_line():
    source = (
        "Fine [a](https://e.org)\n![p](x.png)\n<b>bold</b>\n[b](file.pdf)\n"
        "```\n<i>![code](x)</i>\n```\n~~~\nopen"
    )

    assert faults(source) == [
        "Line 2: Pictures cannot be shown. Link to it, or say it in words.",
        "Line 3: HTML is shown as it is typed. Use Markdown instead.",
        "Line 4: “file.pdf” is no address that a link can lead to; begin it with https://.",
        "Line 8: This block of code is never closed.",
    ]
    assert faults("# Fine\n\n**strong** and 1 < 2 > 0, a [link](mailto:a@e.org)") == []


def test_a_question_is_read_from_its_lines():
    (question,) = questions_of(QUESTION)

    assert question.q == "Who books the room?"
    assert question.options == ("The mentor", "The leader")
    assert question.answer == 1
    assert question.why == "The leader has more say over the diary."
    assert faults_of_questions(QUESTION) == []


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("- first", "Line 1: A question comes first: begin with a line of ?."),
        ("? q\n+ a\n! why", "Line 1: Give this question at least two answers."),
        ("? q\n- a\n- b\n! why", "Line 1: Mark one answer of this question as right, with +."),
        ("? q\n+ a\n+ b\n! why", "Line 1: Mark one answer of this question as right, with +."),
        ("? q\n+ a\n- b", "Line 1: Explain the answer of this question, with !."),
        (f"{QUESTION}\nhello", "Line 7: Begin each line with ?, -, + or !, and words after it."),
        (f"{QUESTION}?", "Line 6: Begin each line with ?, -, + or !, and words after it."),
        (QUESTION * 11, "Line 51: Ten questions are enough."),
    ],
)
def test_faults_of_questions_are_named_by_line(source, told):
    assert [str(fault) for fault in faults_of_questions(source)] == [told]


@given(source=st.text(alphabet="?-+! ab\n", max_size=200))
def test_questions_without_faults_are_all_asked_and_those_with_faults_never(source):
    asked = questions_of(source)

    assert all(question.answer < len(question.options) for question in asked)
    if not faults_of_questions(source):
        assert len(asked) == sum(line.strip().startswith("?") for line in source.splitlines())
