"""Other aims for the same people, with their price: computed once, and never stale."""

import pytest

from contraflow.core.errors import Refusal
from contraflow.core.jobs import run_job
from contraflow.core.models import Job
from contraflow.pairing import actions, options, queries, solving
from contraflow.pairing.draft_settings import OPTIONS, default_settings, option_of
from contraflow.pairing.models import Draft
from contraflow.pairs.actions import end_pair
from tests.pairing.makers import (
    make_many,
    make_running_cohort,
    make_small_cohort,
    pair_of,
    priced,
    run_waiting,
    solved,
)

# a room's quick tests take seconds: these run with the whole suite
pytestmark = pytest.mark.slow


@pytest.fixture
def small(cast):
    """A cohort of five that waits to be paired."""
    cast.small, cast.people = make_small_cohort(cast.programme)
    return cast


def rows_of(draft):
    draft.refresh_from_db()
    return {row["name"]: row for row in draft.result["options"].get("rows", [])}


def pricing_jobs():
    return Job.objects.filter(kind="pairing.price_options").order_by("pk")


def test_each_option_is_what_a_draft_with_that_aim_becomes(cast):
    cohort = make_many(cast.programme, 14, 12)
    draft = priced(cohort, cast.chi)
    rows = rows_of(draft)

    for name in ("total", "least_served", "depth_3", "share_70", "share_80"):
        aims = OPTIONS[name][1]
        chosen = solved(cohort, cast.chi, settings=default_settings() | aims, based_on=draft)

        for figure in ("pairs", "least", "average", "total"):
            assert rows[name][figure] == chosen.result[figure], (name, figure)
        here, there = [
            set(each.proposals.values_list("mentor", "mentee")) for each in (draft, chosen)
        ]
        assert rows[name]["differ"] == len(here - there)


def test_what_stands_beside_for_comparison_is_not_to_be_chosen(small):
    rows = rows_of(priced(small.small, small.chi))

    assert list(rows) == [
        "total", "least_served", "depth_3", "share_70", "share_80", "by_hand", "deferred",
    ]  # fmt: skip
    assert rows["by_hand"]["pairs"] == 2
    assert rows["deferred"]["blocking"] == 0
    shown = queries.options_of(Draft.objects.get())["rows"]
    assert [row["name"] for row in shown if row["can_be_chosen"]] == [
        "total", "depth_3", "share_70", "share_80",
    ]  # fmt: skip


def test_one_partner_each_is_offered_where_somebody_has_several_places(small):
    profile = small.people["gerald"].profile
    profile.capacity = 2
    profile.save()

    row = rows_of(priced(small.small, small.chi))["one_each_first"]

    assert (row["pairs"], row["mentors"], row["mentees"]) == (3, 3, 2)


def test_a_draft_with_other_aims_than_any_option_stands_among_them(small):
    settings = default_settings() | {"depth": 5}
    draft = priced(small.small, small.chi, settings=settings)

    row = rows_of(draft)["as_set"]

    assert option_of(settings) is None
    assert {name: row[name] for name in ("pairs", "least", "average", "total")} == {
        name: draft.result[name] for name in ("pairs", "least", "average", "total")
    }
    assert row["differ"] == 0
    assert queries.options_of(draft)["own"]["name"] == "as_set"


def test_decisions_hold_in_every_option(small):
    draft = priced(small.small, small.chi)
    actions.lock_pair(draft, small.people["zoe"], small.people["gerald"], by=small.chi)
    run_waiting(prices=True)
    draft.refresh_from_db()
    locked = {(small.people["zoe"].person_id, small.people["gerald"].person_id)}

    ground = solving.Ground(draft)

    for _label, aims in OPTIONS.values():
        problem = options.with_aims(ground.problem, aims)
        assert set(problem.locked) == locked
        assert locked <= set(solving.ids(problem, solving.matching.solve(problem).pairs))


def test_what_an_option_costs_is_what_its_total_is_short_of_the_largest(small):
    draft = Draft(settings=default_settings(), version=1, result={"options": {"rows": [
        {"name": "total", "total": 8.0, "pairs": 10, "mentors": 10, "mentees": 10},
        {"name": "least_served", "total": 7.9, "pairs": 10, "mentors": 10, "mentees": 10},
        {"name": "by_hand", "total": 8.01, "pairs": 10, "mentors": 9, "mentees": 9},
    ]}})  # fmt: skip

    found = queries.options_of(draft)

    assert [round(row["loses"], 2) for row in found["rows"]] == [0.0, 1.25, 0.0]
    assert found["are_several"] is True
    assert (found["own"]["name"], found["job"]) == ("least_served", None)


def test_two_presses_price_once(small):
    draft = solved(small.small, small.chi)

    actions.price_options(draft, by=small.chi)
    actions.price_options(draft, by=small.chi)
    assert pricing_jobs().count() == 1
    run_waiting(prices=True)
    actions.price_options(draft, by=small.chi)

    assert pricing_jobs().count() == 1
    assert len(rows_of(draft)) == 7


def test_what_was_priced_goes_when_the_draft_is_solved_anew(small):
    draft = priced(small.small, small.chi)
    before = rows_of(draft)

    actions.forbid_pair(draft, small.people["priya"], small.people["gerald"], by=small.chi)
    run_job(Job.objects.filter(kind="pairing.solve_draft").last().pk, heartbeat=False)
    assert rows_of(draft) == {}
    run_waiting(prices=True)

    assert rows_of(draft)["total"]["total"] < before["total"]["total"]
    assert pricing_jobs().count() == 2


def test_a_late_worker_leaves_nothing_of_what_was_asked_for_an_earlier_version(small):
    draft = solved(small.small, small.chi)
    late = pricing_jobs().get()
    actions.forbid_pair(draft, small.people["priya"], small.people["gerald"], by=small.chi)
    run_job(Job.objects.filter(kind="pairing.solve_draft").last().pk, heartbeat=False)

    run_job(late.pk, heartbeat=False)

    late.refresh_from_db()
    assert (late.state, late.result) == (Job.State.DONE, {})
    assert rows_of(draft) == {}
    assert pricing_jobs().last().state == Job.State.WAITING


def test_a_draft_that_is_solved_anew_meanwhile_keeps_nothing_of_it(small, monkeypatch):
    draft = solved(small.small, small.chi)
    price, seen = options.price, []

    def and_somebody_decides(*args):
        for row in price(*args):
            seen.append(row["name"])
            Draft.objects.filter(pk=draft.pk).update(state=Draft.State.SOLVING)
            yield row

    monkeypatch.setattr(options, "price", and_somebody_decides)
    run_job(pricing_jobs().get().pk, heartbeat=False)

    assert seen == ["total"]
    assert rows_of(draft) == {}


def test_large_cohorts_are_priced_when_the_lead_asks(small, monkeypatch):
    monkeypatch.setattr(solving, "PRICED_UP_TO", 5)
    draft = priced(small.small, small.chi)
    assert "options" not in draft.result

    actions.price_options(draft, by=small.chi)
    run_waiting(prices=True)

    assert len(rows_of(draft)) == 7


def test_a_draft_that_is_being_solved_or_pairs_nobody_has_no_options(small):
    draft = actions.make_draft(small.small, by=small.chi)
    with pytest.raises(Refusal, match="The draft is being solved"):
        actions.price_options(draft, by=small.chi)
    Job.objects.all().delete()
    small.small.enrolments.on_side("mentee").update(state="withdrawn")

    nobody = priced(small.small, small.chi)

    assert nobody.result["pairs"] == 0
    assert pricing_jobs().count() == 0
    with pytest.raises(Refusal, match="there is nothing to compare"):
        actions.price_options(nobody, by=small.chi)


def test_pricing_that_was_stopped_can_be_asked_for_again(small):
    draft = solved(small.small, small.chi)

    actions.stop_work(draft)
    assert pricing_jobs().get().state == Job.State.CANCELLED
    with pytest.raises(Refusal, match="Nothing is being computed"):
        actions.stop_work(Draft.objects.get())
    actions.price_options(draft, by=small.chi)
    run_waiting(prices=True)

    assert len(rows_of(draft)) == 7


@pytest.mark.parametrize("is_running", [False, True])
def test_solving_that_is_stopped_leaves_the_earlier_proposals(small, is_running):
    draft = priced(small.small, small.chi)
    pairs = set(draft.proposals.values_list("mentor", "mentee"))
    actions.forbid_pair(draft, small.people["priya"], small.people["gerald"], by=small.chi)
    draft.refresh_from_db()
    job = draft.job
    if is_running:
        Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING)

    actions.stop_work(draft)

    job.refresh_from_db()
    assert (job.state == Job.State.CANCELLED, bool(job.cancel_asked_at)) == (
        not is_running, is_running,
    )  # fmt: skip
    draft.refresh_from_db()
    assert set(draft.proposals.values_list("mentor", "mentee")) == pairs
    assert (draft.state, draft.version) == (Draft.State.SOLVING, 1)


def test_a_price_that_is_cancelled_while_it_is_computed_stops_between_two_steps(small):
    draft = solved(small.small, small.chi)
    heard = []

    def tell(done, total):
        heard.append((done, total))
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(options.price(draft, tell))

    assert {total for _done, total in heard} == {7}
    assert heard[-1] == (2, 7)


def test_a_draft_for_a_cohort_that_runs_has_no_options(cast):
    cohort, _people = make_running_cohort(cast.programme, cast.chi)
    end_pair(pair_of(cohort, "priya"), by=cast.chi)
    before = pricing_jobs().count()
    draft = actions.find_partners(cohort, by=cast.chi)
    run_waiting(prices=True)
    draft.refresh_from_db()

    assert pricing_jobs().count() == before
    with pytest.raises(Refusal, match="Options are for the first pairs of a cohort"):
        actions.price_options(draft, by=cast.chi)
