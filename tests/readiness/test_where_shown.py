"""Cards and suggestions where they are shown: to whom, from facts alone, and without a trace."""

import pytest
from django.urls import reverse

from contraflow.content.schema import load_resistance
from contraflow.core.models import AuditEntry
from contraflow.pairs.models import CommitmentWords, SessionWords
from contraflow.programmes.models import Side
from contraflow.training.models import Progress
from tests.conftest import each_of
from tests.pairs.ends import read, seen_by_lead, signed_in
from tests.readiness.test_nothing_is_kept import everything
from tests.readiness.test_signals import (
    SIGNALS,
    hold,
    leader_cancelled_twice,
    no_commitments,
    no_question_ahead,
    noticed,
    pair,
    set_oneself,
)
from tests.repo.test_every_address import stage
from tests.repo.test_words_under_attack import SHAPES, sealed_models, write_words

__all__ = ["pair", "stage"]


# -- on the page of the pair ---------------------------------------------------------------------

INSIDE_WORDS = [each.inside for each in SIGNALS.values() if each.inside]


@pytest.mark.parametrize("name", each_of())
def test_only_the_two_see_a_suggestion(sign_in, pair, name):
    no_commitments(pair)

    answer = sign_in(name).get(pair.get_absolute_url(), follow=True)

    said = "neither has set anything to try" in answer.text
    assert said is (name in {"ama", "bela"})
    assert ("First steps" in answer.text) is (name == "bela")
    assert [card.form for card in load_resistance() if f">{card.form}" in answer.text] == []


def test_who_wants_no_suggestions_has_none_in_this_browser_and_can_have_them_back(sign_in, pair):
    no_commitments(pair)
    client, here = sign_in("bela"), pair.get_absolute_url()
    url = reverse("readiness:suggestions")
    before = everything()

    hidden = client.post(url, {"wanted": "no", "to": here})

    assert hidden.url == here
    # one word, whatever was shown and in whichever pair
    assert (hidden.cookies["suggestions"].value, hidden.cookies["suggestions"]["path"]) == (
        "no", "/",
    )  # fmt: skip
    assert hidden.cookies["suggestions"]["httponly"] is True
    assert everything() == before
    assert 'id="suggestions"' not in client.get(here).text
    assert "Show me suggestions again" in client.get(reverse("readiness:doubts")).text

    client.post(url, {"wanted": "yes", "to": here})

    assert 'id="suggestions"' in client.get(here).text


@pytest.mark.parametrize("name", each_of())
def test_everybody_may_say_so_whether_there_is_anything_to_hide_or_not(sign_in, name):
    url = reverse("readiness:suggestions")

    answer = sign_in(name).post(url, {"wanted": "no", "to": "//elsewhere.example.org/"})

    assert answer.status_code == 302
    assert answer.url == (f"/people/sign-in/?next={url}" if name == "nobody" else "/")
    assert ("suggestions" in answer.cookies) is (name != "nobody")
    assert sign_in(name).get(url).status_code == (302 if name == "nobody" else 405)


def test_that_a_suggestion_was_shown_is_kept_nowhere(sign_in, pair, caplog):
    no_commitments(pair)
    client = sign_in("bela")
    before = everything()

    with caplog.at_level("INFO"):
        assert 'id="suggestions"' in client.get(pair.get_absolute_url()).text

    assert everything() == before
    assert caplog.records == []


# -- words you may hear --------------------------------------------------------------------------


@pytest.mark.parametrize("name", each_of())
def test_the_leader_alone_gets_the_words_of_the_plan_in_plain_ones(sign_in, pair, name):
    session = pair.sessions.first()
    session.planned.activity = "Trace one prompt."
    session.planned.save()

    answer = sign_in(name).get(session.get_absolute_url(), follow=True)

    assert ("Words you may hear" in answer.text) is (name == "bela")
    assert ("what one types to ask an AI tool for something" in answer.text) is (name == "bela")


def test_a_topic_of_the_twos_own_is_not_searched_for_words(sign_in, pair):
    session = pair.sessions.first()
    session.planned.activity, session.has_own_topic = "Trace one prompt.", True
    session.planned.save()
    session.save()
    SessionWords.objects.create(session=session, own_topic="Prompts", own_activity="A prompt")

    assert "Words you may hear" not in sign_in("bela").get(session.get_absolute_url()).text


def test_a_plan_in_plain_words_has_no_such_sheet(sign_in, pair):
    page = sign_in("bela").get(pair.sessions.first().get_absolute_url()).text

    assert "Words you may hear" not in page


# -- facts alone ---------------------------------------------------------------------------------


def test_that_a_card_was_shown_to_a_lead_is_kept_nowhere(sign_in, pair, cast, caplog):
    """The look is noted as every look is, with the page and no more."""
    url, client = reverse("desk:pair", args=[pair.code]), sign_in("chi")
    client.get(url)
    without = [*AuditEntry.objects.values("event", "facts", "about", "by_id")]
    AuditEntry.objects.all().delete()
    leader_cancelled_twice(pair, cast)
    before = everything()

    with caplog.at_level("INFO"):
        assert 'id="cards"' in client.get(url).text

    assert [*AuditEntry.objects.values("event", "facts", "about", "by_id")] == without
    AuditEntry.objects.all().delete()
    assert everything() == before
    assert caplog.records == []


@pytest.mark.slow
def test_what_the_two_are_told_moves_nothing_that_a_lead_sees(pair, cast):
    """Alike but for words: outcomes, topics and questions change, and no page of the lead does."""
    hold(pair, 1, 2)
    for n, session in enumerate(pair.sessions.all()):
        session.has_own_topic = True
        session.save()
        SessionWords.objects.create(session=session, own_topic=f"Topic {n}", question="Why?")
    set_oneself(pair, Side.MENTEE, ["done", "done", "done"])
    hold(pair, 3)
    chi = signed_in(cast.chi)
    before = seen_by_lead(chi, pair)
    assert noticed(pair, cast.bela) == set()

    for words in SessionWords.objects.filter(session__pair=pair):
        words.own_topic, words.question = "Budgets", None
        words.save()
    for words in CommitmentWords.objects.filter(commitment__session__pair=pair):
        words.outcome = "dropped"
        words.save()

    assert noticed(pair, cast.bela) == {"same_topic_three_times", "dropped_three_times"}
    assert seen_by_lead(chi, pair) == before


# other words than those that `write_words` puts into every field
OTHER = {
    "pairs.CommitmentWords.outcome": "dropped",
    "pairs.GoalWords.outcome": "changed",
    "pairs.BusyTimes.times": [[5, 6]],
}


def other_words(name):
    return OTHER.get(name) or SHAPES.get(name, str)("Something else")


def page_of_lead(client, pair):
    (page,) = read(client, reverse("desk:pair", args=[pair.code])).values()
    return page


def sealed_by_the_two():
    """Return every row, sealed field and its name that is theirs."""
    return [
        (row, field, f"{model._meta.label}.{field.name}")
        for model, fields in sealed_models()
        for row in model._base_manager.all()
        for field in fields
    ]


def test_whatever_the_two_sealed_the_page_of_the_lead_is_the_same(stage):
    write_words(stage)
    Progress.objects.filter(person=stage.bela, module="M05").delete()
    chi = signed_in(stage.chi)
    before = page_of_lead(chi, stage.pair)
    assert "This may be: Fear of looking incompetent" in before[2]

    for row, field, name in sealed_by_the_two():
        setattr(row, field.name, other_words(name))
        row.save()

    assert len(sealed_by_the_two()) > 20
    assert page_of_lead(chi, stage.pair) == before


@pytest.mark.slow
def test_no_single_word_sealed_or_taken_away_changes_the_page_of_the_lead(stage):
    write_words(stage)
    chi, pair = signed_in(stage.chi), stage.pair
    before = page_of_lead(chi, pair)
    for row, field, name in sealed_by_the_two():
        values = [other_words(name), None] if field.null else [other_words(name)]
        for value in values:
            setattr(row, field.name, value)
            row.save()

            assert page_of_lead(chi, pair) == before, (name, value)


@pytest.mark.slow
def test_no_page_of_a_lead_ever_says_what_is_said_inside_the_pair(pair, cast):
    chi = signed_in(cast.chi)
    for bring_about in (no_question_ahead, no_commitments):
        bring_about(pair)
        seen = str(seen_by_lead(chi, pair)) + str(read(chi, reverse("desk:pair", args=[pair.code])))

        assert [words for words in INSIDE_WORDS if words in seen] == []
