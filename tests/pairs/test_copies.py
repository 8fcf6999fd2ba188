"""Everything sealed for a pair is taken home by each of the two, and nothing of it is forgotten."""

import json

import pytest
from django.utils import timezone

from contraflow.core.sealing import SealedField
from contraflow.exchange import actions as exchange
from contraflow.exchange.models import NoteWords
from contraflow.pairs import actions
from tests.conftest import CAST, each_of
from tests.core.test_no_word_leaks import MAKERS
from tests.pairs.words import NOW, SEALED_FOR_PAIRS, TWO, copy_url, data_url, let_words_go, lived

pytestmark = pytest.mark.slow

__all__ = ["lived"]
# what stands in a field that is no free text, and how a copy says it
PARTICULAR = {
    "pairs.AgreementWords.texts": ({"place": "In the garden"}, "In the garden"),
    "pairs.ClosingWords.texts": ({"came": "More than we thought"}, "More than we thought"),
    "pairs.GoalWords.outcome": ("reached", "Reached"),
    "pairs.CommitmentWords.outcome": ("dropped", "Dropped"),
}


# -- nothing is forgotten -------------------------------------------------------------------------


@pytest.mark.parametrize("model", MAKERS, ids=lambda model: model._meta.label)
def test_whatever_is_sealed_for_a_pair_is_registered(cast, model):
    row = model(**MAKERS[model](cast))

    if row.sealed_for().startswith("pair:"):
        assert model in SEALED_FOR_PAIRS


def test_what_is_registered_is_sealed_and_leads_to_a_pair(cast):
    assert {model._meta.label for model in SEALED_FOR_PAIRS} == {
        "pairs.AgreementWords", "pairs.GoalWords", "pairs.SessionWords", "pairs.CommitmentWords",
        "pairs.StoryWords", "pairs.ClosingWords", "exchange.MessageWords", "exchange.NoteWords",
        "exchange.PromiseWords",
    }  # fmt: skip
    for rows in SEALED_FOR_PAIRS.values():
        assert not rows.of([cast.pair.pk]).exists()


@pytest.mark.parametrize("model", SEALED_FOR_PAIRS, ids=lambda model: model._meta.label)
def test_every_sealed_field_stands_in_a_copy_and_is_deleted(cast, sign_in, model):
    fields = [field for field in model._meta.concrete_fields if isinstance(field, SealedField)]
    values, told = {}, []
    for field in fields:
        written, shown = f"{field.name} Quokka", f"{field.name} Quokka"
        written, shown = PARTICULAR.get(f"{model._meta.label}.{field.name}", (written, shown))
        values[field.name] = written
        told.append(shown)
    facts = MAKERS[model](cast)
    if model is NoteWords:
        facts["note"].is_private = False
        facts["note"].save()
    row = model.objects.create(**facts, **values)
    client = sign_in("ama")

    for url in (copy_url(cast.pair), data_url(cast.pair)):
        text = client.get(url).text
        assert [each for each in told if each not in text] == []

    actions.end_pair(cast.pair, by=None, at=NOW)
    assert let_words_go() == 1
    assert not model.objects.filter(pk=row.pk).exists()


# -- the copy -------------------------------------------------------------------------------------


def test_a_copy_opens_alone_and_holds_everything_one_may_read(lived, sign_in):
    answer = sign_in("ama").get(copy_url(lived.pair))
    page = answer.text

    assert answer["Content-Disposition"] == f'attachment; filename="pair-{lived.pair.code}.html"'
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    for text in (
        "You and Bela", "Present to the board", "Listen more", "everybody", "it helps",
        "Signed by Ama", "How a budget is made", "What a prompt is", "it rains", "I write",
        "My first job", "My last job", "See you on Monday", "Ours to remember", "Only Ama knows",
        "Meet my team", "Session 1: Topic 1", "To ask first", "To wait",
    ):  # fmt: skip
        assert text in page, text
    # it asks no server for anything
    assert [each for each in ("src=", "href=", "url(", "@import") if each in page] == []


def test_the_same_as_data(lived, sign_in):
    data = json.loads(sign_in("bela").get(data_url(lived.pair)).content)

    assert (data["mentor"], data["leader"], data["copy_of"]) == ("Ama", "Bela", "Bela")
    assert [chapter["title"] for chapter in data["chapters"]] == [
        "Our agreement", "Our goals", "Our sessions", "Our stories", "How we closed",
        "Our messages", "Notes",
        "What we promised",
    ]  # fmt: skip
    messages = data["chapters"][5]["entries"]
    today = timezone.localdate().isoformat()
    assert messages == [
        {"title": "Bela", "day": today, "words": [{"label": "", "text": "See you on Monday"}]}
    ]


@pytest.mark.parametrize(("name", "other"), [("ama", "Bela"), ("bela", "Ama")])
def test_what_the_other_noted_for_themself_is_never_in_it(lived, sign_in, name, other):
    client = sign_in(name)

    for url in (copy_url(lived.pair), data_url(lived.pair)):
        text = client.get(url).text
        assert f"Only {name.title()} knows" in text
        assert f"Only {other} knows" not in text


@pytest.mark.parametrize("state", ["living", "left by ama", "ended", "deleted"])
@pytest.mark.parametrize("name", each_of())
def test_who_takes_a_copy_and_when(lived, sign_in, name, state):
    if state == "left by ama":
        actions.ask_to_end(lived.pair, by=lived.ama)
    elif state != "living":
        actions.end_pair(lived.pair, by=None, at=NOW)
    if state == "deleted":
        assert let_words_go() == 1
    client = sign_in(name)
    others = dict.fromkeys(CAST, 404) | {"chi": 403, "nobody": 302}
    expected = (409 if state == "deleted" else 200) if name in TWO else others[name]

    for url in (copy_url(lived.pair), data_url(lived.pair)):
        answer = client.get(url)
        assert answer.status_code == expected
        assert ("How a budget is made" in answer.text) is (expected == 200)
        assert client.post(url).status_code in {405, expected}


def test_what_is_written_to_who_has_left_is_not_in_their_copy(lived, sign_in):
    actions.ask_to_end(lived.pair, by=lived.ama)
    exchange.send_message(lived.pair, by=lived.bela, text="Are you there?")

    assert "Are you there?" not in sign_in("ama").get(copy_url(lived.pair)).text
    assert "Are you there?" in sign_in("bela").get(copy_url(lived.pair)).text


def test_a_copy_of_a_pair_that_wrote_nothing_says_so(cast, sign_in):
    assert "Nothing was written yet." in sign_in("ama").get(copy_url(cast.pair)).text


def test_a_copy_leads_out_of_nothing_that_somebody_typed(lived, sign_in):
    exchange.send_message(lived.pair, by=lived.bela, text="<script>alert(1)</script>")

    assert "<script" not in sign_in("ama").get(copy_url(lived.pair)).text
