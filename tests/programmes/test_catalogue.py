"""The catalogue loads as often as one likes, and its search finds the best first."""

import pytest

from contraflow.core.errors import Refusal
from contraflow.programmes.actions import add_own_topic
from contraflow.programmes.catalogue import load_catalogue
from contraflow.programmes.models import Topic
from contraflow.programmes.queries import find_topics, suggested_topics
from tests.conftest import make_programme


def make_topic(label, *also, source="digital", key=""):
    from contraflow.programmes.catalogue import search_text

    return Topic.objects.create(
        key=key or f"test:{label}", source=source, label=label,
        search_text=search_text(label, *also),
    )  # fmt: skip


def test_loading_twice_changes_nothing_and_mends_what_was_reworded(db):
    count = load_catalogue()
    assert Topic.objects.count() == count > 1_300
    topic = Topic.objects.order_by("pk").first()
    label, topic.label = topic.label, "Broken"
    topic.save()

    assert load_catalogue() == count
    topic.refresh_from_db()
    assert (topic.label, Topic.objects.count()) == (label, count)


def test_own_topics_outlive_a_reload_and_stand_once(db, cast):
    mine = add_own_topic("  The   Old ledger ", by=cast.chi)
    load_catalogue()

    assert add_own_topic("the old LEDGER", by=cast.chi) == mine
    assert (mine.label, mine.source) == ("The Old ledger", "own")


def test_own_topics_that_differ_by_a_sign_are_different_topics(cast):
    topics = {add_own_topic(label, by=cast.chi) for label in ("C", "C#", "C++", "c", " C  ")}

    assert {topic.label for topic in topics} == {"C", "C#", "C++"}
    with pytest.raises(Refusal, match="needs a name"):
        add_own_topic(" \n ", by=cast.chi)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        pytest.param("data", ["Data", "Data mining", "Big data", "Metadata"], id="best first"),
        pytest.param("DATA MIN", ["Data mining"], id="every word, whatever the case"),
        pytest.param("mining data", ["Data mining"], id="in any order"),
        pytest.param("spreadsheets", ["Tables"], id="by another word for it"),
        pytest.param("%", [], id="a sign that means something to a database"),
        pytest.param("nothing at all", [], id="not there"),
        pytest.param("  ", [], id="nothing asked"),
    ],
)
def test_search_ranks_equal_beginning_word_and_part(db, words, found):
    for label in ("Metadata", "Big data", "Data mining", "Data"):
        make_topic(label)
    make_topic("Tables", "spreadsheets")

    assert [topic.label for topic in find_topics(words)] == found


def test_suggestions_are_the_programmes_themes_then_own_topics(db, cast):
    make_topic("Zebra", source="template", key="template:ai_fluency/zebra")
    make_topic("Other", source="template", key="template:social_customers/other")
    make_topic("Skill")
    add_own_topic("Apple", by=cast.chi)

    suggested = suggested_topics(make_programme("AI", template="ai_fluency"))

    assert [topic.label for topic in suggested] == ["Zebra", "Apple"]
