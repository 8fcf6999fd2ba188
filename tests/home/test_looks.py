"""Who looked at one's data is one's own to see, in words."""

import pytest
from django.urls import reverse

from contraflow.core.models import AuditEntry
from contraflow.home.reads import PER_PAGE, looks_at
from tests.conftest import CAST, make_cohort, make_enrolment, make_pair

LOOKS = "/who-looked/"


def look(client, thing):
    assert client.get(thing.get_absolute_url()).status_code == 200


def told(person, **how):
    return [(each.name, str(each.what).partition(":")[0], each.where)
            for each in looks_at(person, **how)]  # fmt: skip


def test_pages_about_somebody_are_told_to_them_with_who_looked(cast, sign_in):
    place = f"{cast.programme.title}, {cast.cohort.name}"
    enrolment = cast.cohort.enrolments.get(person=cast.ama)
    look(sign_in("root"), cast.ama)
    for thing in (cast.ama, enrolment, cast.pair, cast.pair.sessions.first()):
        look(sign_in("chi"), thing)

    assert told(cast.ama) == [
        ("Chi", "a session of yours", place),
        ("Chi", "your pair", place),
        ("Chi", "your place in a cohort, and the part of your profile that is open", place),
        ("Chi", "your page", ""),
        ("Root", "your page", ""),
    ]
    assert told(cast.bela) == [
        ("Chi", "a session of yours", place), ("Chi", "your pair", place),
    ]  # fmt: skip
    assert told(cast.dov) == told(cast.chi) == []


def test_lists_are_told_to_whoever_may_stand_in_them(cast, sign_in):
    cohort = make_cohort(cast.programme)
    make_enrolment(cohort, cast.dov)
    place = f"{cast.programme.title}, {cohort.name}"
    sign_in("chi").get(reverse("pairs:list", args=[cohort.code]))
    sign_in("root").get(reverse("people:list"))
    sign_in("root").get(reverse("people:role-list"))

    people, pairs = ("Root", "the list of people", ""), ("Chi", "the list of the pairs of a cohort")
    assert told(cast.dov, lists=True) == [people, (*pairs, place)]
    assert told(cast.ama, lists=True) == [people]
    assert told(cast.sol, lists=True) == [("Root", "who holds which role", ""), people]
    assert told(cast.dov) == []
    # what one opened oneself is no news
    assert told(cast.root, lists=True) == []


def test_everybody_sees_who_looked_at_themselves_alone(cast, sign_in):
    look(sign_in("root"), cast.ama)
    for who in CAST:
        answer = sign_in(who).get(LOOKS)

        assert answer.status_code == (302 if who == "nobody" else 200), who
        assert ("Your page: where you stand" in answer.text) is (who == "ama"), who
        assert ("Root</td>" in answer.text) is (who == "ama"), who


def test_ones_own_page_leads_there_and_nobody_elses_does(cast, sign_in):
    link = f'href="{LOOKS}"'

    assert link in sign_in("ama").get(cast.ama.get_absolute_url()).text
    assert link not in sign_in("chi").get(cast.ama.get_absolute_url()).text


def test_whoever_is_gone_is_not_named(cast, sign_in):
    AuditEntry.objects.create(
        event="DataRead", facts={"page": "people:person"}, about=f"person:{cast.ama.pk}", by_id=None
    )

    assert "somebody who is no longer here" in sign_in("ama").get(LOOKS).text


@pytest.mark.parametrize("count", [1, PER_PAGE + 1])
def test_it_asks_as_often_for_many_looks_as_for_one(
    cast, sign_in, count, django_assert_max_num_queries
):
    for _each in range(3 if count > 1 else 0):
        make_pair(make_cohort(cast.programme), cast.ama)
    AuditEntry.objects.bulk_create(
        AuditEntry(event="DataRead", facts={"page": "people:person"},
                   about=f"person:{cast.ama.pk}", by_id=cast.chi.pk)
        for _each in range(count)
    )  # fmt: skip
    client = sign_in("ama")

    with django_assert_max_num_queries(21) as asked:
        client.get(LOOKS)

    assert len(asked) == 10
