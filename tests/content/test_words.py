"""The first session needs no word that not everybody knows, and later ones explain theirs."""

import pytest

from contraflow.content import schema
from contraflow.content.words import terms_in

TEMPLATES = schema.load_templates()
TERMS = schema.load_words()


def texts_of(session):
    return [
        session.topic, session.opening, session.activity, session.leader_between,
        session.reflection,
    ]  # fmt: skip


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda each: each.key)
def test_the_first_session_of_a_template_has_no_jargon(template):
    assert [term.word for term in terms_in(texts_of(template.sessions[0]))] == []


def test_later_sessions_have_some_so_that_the_search_is_known_to_find_it():
    found = {
        template.key: {
            term.word for session in template.sessions[1:] for term in terms_in(texts_of(session))
        }
        for template in TEMPLATES
    }

    assert "phish" in found["digital_literacy"]
    assert {"prompt", "pilot"} <= found["ai_fluency"]
    assert "retrospective" in found["innovation_sprint"]


@pytest.mark.parametrize("term", TERMS, ids=lambda each: each.word)
def test_a_word_is_explained_without_another_one(term):
    assert terms_in([term.plain]) == []


def test_every_word_stands_once_and_in_order():
    words = [term.word.casefold() for term in TERMS]
    forms = [form.casefold() for term in TERMS for form in (term.word, *term.also)]

    assert words == sorted(words)
    assert len(forms) == len(set(forms))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Trace one Prompt.", ["prompt"]),
        ("We answer promptly", []),
        ("PROMPTS, and a kpi", ["KPI", "prompt"]),
        ("a pre-mortem by hand", ["pre-mortem"]),
        ("Kopiloten, copilot", []),
        ("", []),
    ],
)
def test_a_word_is_found_whole_in_any_case_and_form(text, found):
    assert [term.word for term in terms_in([text])] == found
