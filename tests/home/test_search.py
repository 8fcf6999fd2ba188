"""One search: everybody finds what they may open, nobody a trace of anything else."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contraflow.core.models import AuditEntry
from contraflow.home import search as finding
from contraflow.pairs import meeting
from tests.conftest import each_of, make_pair, make_person

SECRET = "Saying no to Ama"


def found(client, words):
    return client.get(reverse("home:search"), {"q": words})


@pytest.mark.parametrize("who", each_of())
def test_who_finds_whom(sign_in, cast, who):
    make_pair(cast.cohort, make_person("Amadou"), make_person("Beate"))
    meeting.choose_own_topic(cast.pair.sessions.first(), by=cast.ama, topic=SECRET)

    page = found(sign_in(who), "ama")

    assert page.status_code == (302 if who == "nobody" else 200)
    runs = {"chi", "cleo", "root"}  # leads and administrators have the list of people
    assert ("ama@" in page.text, SECRET in page.text) == (who == "ama", False)  # the account's menu
    assert (f"/people/{cast.ama.code}/" in page.text) is (who in runs | {"ama"})
    assert (cast.pair.code in page.text) is (who in {"ama", "bela", "chi"})
    assert ("Amadou and Beate" in page.text) is (who == "chi")


def test_programmes_cohorts_and_own_sessions_are_found(sign_in, cast):
    page = found(sign_in("bela"), "TOPIC 2").text
    assert "Topic 2" in page
    assert "with Ama" in page
    assert "Topic 2" not in found(sign_in("chi"), "topic 2").text

    assert cast.programme.title in found(sign_in("sol"), "fluency").text
    assert cast.cohort.get_absolute_url() in found(sign_in("chi"), cast.cohort.name).text


def test_looking_for_others_is_noted_once_and_looking_for_oneself_is_not(sign_in, cast):
    found(sign_in("chi"), "bela")
    found(sign_in("ama"), "bela")

    assert [each.by_id for each in AuditEntry.objects.reads()] == [cast.chi.pk]


@pytest.mark.parametrize("words", ["", "x", "no such thing", "%", "a" * 5_000])
def test_nothing_is_found_of_nonsense(sign_in, cast, words):
    page = found(sign_in("chi"), words)

    assert page.status_code == 200
    assert "<li><span" not in page.text


def test_a_search_costs_the_same_however_many_are_found(sign_in, cast):
    def costs():
        reader = type(cast.chi).objects.get(pk=cast.chi.pk)
        with CaptureQueriesContext(connection) as asked:
            return finding.search(reader, "quentin"), asked

    make_pair(cast.cohort, make_person("Quentin"))
    _few, asked_for_few = costs()
    for number in range(12):
        make_pair(cast.cohort, make_person(f"Quentin {number}"))

    groups, asked = costs()

    # SQLite asks its index of names in a query of its own, for people and for pairs
    assert len(asked) == len(asked_for_few) == (9 if connection.vendor == "sqlite" else 7)
    assert {group.title: len(group.rows) for group in groups} == {"People": 8, "Pairs": 8}
    assert groups[0].all_url == f"{reverse('people:list')}?q=quentin"
