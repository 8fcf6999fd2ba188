"""What a lead could work out from all that matching shows them, whatever settings they try."""

from types import SimpleNamespace

import pytest

from contraflow.pairing import solving
from contraflow.pairing.draft_settings import default_settings
from contraflow.pairing.models import Proposal
from tests.pairing.makers import make_small_cohort, seal, solved


def settings(private, objective="least_served"):
    weights = {"skills": 90 - private, "interests": 4, "logistics": 3, "distance": 3}
    return default_settings() | {
        "weights": weights | {"private": private},
        "objective": objective,
    }


def all_a_lead_reads(draft):
    """Every figure of a draft, of every choice in it and of every price."""
    sides = [draft.cohort.enrolments.on_side(side) for side in ("mentor", "mentee")]
    mentors, mentees = [list(side.order_by("pk").values_list("pk", flat=True)) for side in sides]
    proposals = Proposal.objects.filter(draft=draft).order_by("mentor", "mentee")
    return {
        "figures": draft.result | {"seconds": None},
        "pairs": list(
            proposals.values("mentor", "mentee", *solving.PUBLIC_PARTS, "private", "fit", "common")
        ),
        "choices": [solving.leaders_for(draft, mentor) for mentor in mentors],
        "prices": [
            solving.costs_of(draft, mentor, mentee) for mentor in mentors for mentee in mentees
        ],
    }


@pytest.mark.parametrize(
    ("who", "whom", "objective", "private"),
    [
        pytest.param("priya", "gerald", "least_served", 20, id="for the partner one gets"),
        pytest.param("zoe", "karen", "total", 20, id="for somebody one does not get"),
        pytest.param("karen", "zoe", "least_served", 10, id="of a leader, at the usual weight"),
    ],
)
def test_a_wish_that_changes_no_pair_shows_in_no_figure(cast, who, whom, objective, private):
    """Who answered nothing is the same with everybody, so that a finer figure would stand out."""
    cohort, people = make_small_cohort(cast.programme)
    asked = settings(private, objective)
    before = all_a_lead_reads(solved(cohort, cast.chi, settings=asked))

    seal(people[who], wishes=[people[whom].code])

    assert all_a_lead_reads(solved(cohort, cast.chi, settings=asked)) == before


@pytest.mark.parametrize("share", [0, 0.1, 0.24, 0.26, 0.5, 0.75, 1, 1.5])
def test_no_weight_shows_more_of_what_is_private_than_another(share):
    """Turning the weight would else move the threshold through every answer."""
    shown = {
        bool(solving.shown_parts(why, settings(weight))["private"])
        for weight in range(5, 21)
        if (why := SimpleNamespace(public_parts={}, private=int(share * weight * 10_000)))
    }

    assert shown == {share > 0.25}
