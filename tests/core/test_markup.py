"""The one renderer of mails: marks become text and HTML, values never become marks."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contraflow.core.markup import placeholders, plain, render, targets

VALUES = {
    "partner": "Priya *Raman* <b>", "link": "https://m.example/a?b&c", "none": "",
    "things": ["AI", "Cycling"], "nothing": [],
    "words": "Bring:\n- *one* <question>\n- [x](https://m.example)\n\nPriya\nLead",
}  # fmt: skip
CASES = [
    ("# You and {partner}\n\nHello", "Hello", "<p>Hello</p>"),
    ("**Strong** and *soft*", "Strong and soft",
     "<p><strong>Strong</strong> and <em>soft</em></p>"),
    ("2 * 3 * 4", "2 * 3 * 4", "<p>2 * 3 * 4</p>"),
    ("{partner}", "Priya *Raman* <b>", "<p>Priya *Raman* &lt;b&gt;</p>"),
    ("<script>x</script>", "<script>x</script>", "<p>&lt;script&gt;x&lt;/script&gt;</p>"),
    ("One\nTwo", "One\nTwo", "<p>One<br>Two</p>"),
    ("Both:\n- a\n- {partner}", "Both:\n\n- a\n- Priya *Raman* <b>",
     "<p>Both:</p>\n<ul><li>a</li><li>Priya *Raman* &lt;b&gt;</li></ul>"),
    ("{things}", "- AI\n- Cycling", "<ul><li>AI</li><li>Cycling</li></ul>"),
    ("{words}",
     "Bring:\n\n- *one* <question>\n- [x](https://m.example)\n\nPriya\nLead",
     "<p>Bring:</p>\n<ul><li>*one* &lt;question&gt;</li><li>[x](https://m.example)</li></ul>\n"
     "<p>Priya<br>Lead</p>"),
    ("We share {things}.", "We share AI, Cycling.", "<p>We share AI, Cycling.</p>"),
    ("Where: {none}\nWhen: now", "When: now", "<p>When: now</p>"),
    ("{none}\n\n{nothing}\n\nYes", "Yes", "<p>Yes</p>"),
    ("[Open]({link})", "Open:\nhttps://m.example/a?b&c",
     '<p class="action"><a class="button primary" href="https://m.example/a?b&amp;c">Open</a></p>'),
    ("See [the page]({link}).", "See the page (https://m.example/a?b&c).",
     '<p>See <a href="https://m.example/a?b&amp;c">the page</a>.</p>'),
    ("[no](javascript:x)", "no", "<p>no</p>"),
    ("Where: {link}", "Where: https://m.example/a?b&c",
     '<p>Where: <a href="https://m.example/a?b&amp;c">https://m.example/a?b&amp;c</a></p>'),
]  # fmt: skip


@pytest.mark.parametrize(("source", "text", "markup"), CASES, ids=[each[0] for each in CASES])
def test_marks_become_text_and_html(source, text, markup):
    done = render(source, VALUES)

    assert (done.text, done.html) == (text, markup)


def test_the_heading_and_a_subject_hold_no_marks():
    assert render("# **You** and {partner}\n\nx", VALUES).heading == "You and Priya *Raman* <b>"
    assert plain("To {partner}\r\nBcc: x", VALUES) == "To Priya *Raman* <b> Bcc: x"


def test_placeholders_and_links_are_named_with_their_line():
    source = "Hello {name}\n\n{ nmae } [x](ftp://y)\n{}"

    assert list(placeholders(source)) == [(1, "name"), (3, "nmae"), (4, "")]
    assert list(targets(source)) == [(3, "ftp://y")]


_TAGS = re.compile(r"</?(?:p|ul|li|strong|em|br|a)(?: class=\"[a-z ]+\")?(?: href=\"[^\"<>]*\")?>")


@given(st.text(max_size=80), st.text(max_size=40))
def test_whatever_is_typed_no_tag_but_ours_comes_out(source, value):
    done = render("{v} " + source, {"v": value, "link": value})

    left = _TAGS.sub("", done.html)
    assert "<" not in left
    assert ">" not in left
    assert not re.search(r'href="(?!https?://|mailto:)', done.html)


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=40))
def test_a_value_is_read_as_it_was_given(value):
    done = render("Dear {v}!", {"v": value})

    assert done.text == f"Dear {value}!"
    assert value in html.unescape(re.sub("<[^>]*>", "", done.html))
