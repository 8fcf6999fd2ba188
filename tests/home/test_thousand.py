"""The main pages ask the database as often for a thousand rows as for one."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contraflow.pairs.models import Pair, Session
from contraflow.people.models import Person
from contraflow.programmes.models import Enrolment

MANY = 1_000


def add_pairs(cohort, count):
    """Add pairs with two sessions each, the first of them held."""
    people = Person.objects.bulk_create(
        Person(email=f"many{n}@example.org", name=f"Many {n}", password="!")
        for n in range(2 * count)
    )
    Enrolment.objects.bulk_create(
        Enrolment(cohort=cohort, person=person, side=("mentor", "mentee")[n % 2], state="enrolled")
        for n, person in enumerate(people)
    )
    pairs = Pair.objects.bulk_create(
        Pair(cohort=cohort, mentor=people[2 * n], mentee=people[2 * n + 1],
             started_on=cohort.starts_on)
        for n in range(count)
    )  # fmt: skip
    held_at = dt.datetime.combine(cohort.starts_on, dt.time(9), tzinfo=dt.UTC)
    Session.objects.bulk_create(
        Session(pair=pair, number=number, due_on=cohort.starts_on, minutes=45,
                state=("held", "planned")[number - 1],
                starts_at=held_at if number == 1 else None)
        for pair in pairs
        for number in (1, 2)
    )  # fmt: skip


@pytest.mark.slow
def test_people_list_pair_page_and_overview_ask_as_often_for_a_thousand_rows(sign_in, cast):
    client = sign_in("chi")
    addresses = {
        "people": reverse("people:list"),
        "pair": reverse("pairs:pair", args=[cast.pair.code]),
        "pairs": reverse("pairs:list", args=[cast.cohort.code]),
        "overview": reverse("home:overview", args=[cast.cohort.code]),
    }

    def asked():
        counts = {}
        for page, address in addresses.items():
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            counts[page] = len(queries)
        return counts

    asked()  # what is asked once per process is asked now
    few = asked()
    add_pairs(cast.cohort, MANY)

    assert asked() == few
