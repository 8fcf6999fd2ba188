"""What a sponsor could work out about few people from shares and counts of many."""

import datetime as dt

import pytest
from django.urls import reverse

from contraflow.programmes.models import Objective
from tests.conftest import make_cohort, make_pair

STARTED = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)


@pytest.fixture
def objective(cast):
    return Objective.objects.create(
        programme=cast.programme, statement="Pairs meet", measure="Sessions held", unit="percent",
        target=90, due_on="2026-06-30", source="computed", source_key="sessions_held_share",
    )  # fmt: skip


def sponsors_page(sign_in, cast):
    url = reverse("home:sponsor", args=[cast.programme.code])
    return sign_in("sol").get(url).content.decode().partition("<main")[2]


def hold_first_session(pair):
    pair.sessions.filter(number=1).update(state="held", starts_at=STARTED)


def test_a_share_of_few_pairs_is_not_shown(sign_in, cast, objective):
    hold_first_session(cast.pair)

    page = sponsors_page(sign_in, cast)

    assert "not yet measured" in page
    assert "33 %" not in page


def test_few_pairs_are_not_what_is_missing_in_a_share_of_all(sign_in, cast, objective):
    """The counts of the large cohort stand beside it, so the rest would be a subtraction."""
    large = make_cohort(cast.programme)
    for _ in range(5):
        hold_first_session(make_pair(large))

    before = sponsors_page(sign_in, cast)
    hold_first_session(cast.pair)

    assert "33 %" in before
    assert sponsors_page(sign_in, cast) == before
