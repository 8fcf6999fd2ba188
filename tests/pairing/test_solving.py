import pytest

from contraflow.core.models import Job
from contraflow.pairing import solving
from contraflow.pairing.actions import forbid_pair, free_pair, lock_pair, make_draft
from contraflow.pairing.draft_settings import default_settings
from contraflow.pairing.models import Draft, Proposal
from contraflow.programmes.models import Cohort, Side
from tests.pairing.makers import (
    make_many,
    make_participant,
    make_small_cohort,
    run_waiting,
    seal,
    solved,
)


@pytest.fixture
def small(cast):
    """A cohort of five who can be paired in several ways."""
    cohort, people = make_small_cohort(cast.programme)
    cast.small, cast.people = cohort, people
    return cast


def pairs_of(draft):
    return {
        (mentor.split()[0].lower(), mentee.split()[0].lower())
        for mentor, mentee in draft.proposals.values_list(
            "mentor__person__name", "mentee__person__name"
        )
    }


def test_a_draft_pairs_who_fits_and_says_it_is_proven(small):
    draft = solved(small.small, small.chi)

    assert draft.state == Draft.State.READY
    assert pairs_of(draft) == {("priya", "gerald"), ("ines", "karen")}
    assert draft.result["pairs"] == 2
    assert (draft.result["status"], draft.result["gap"], draft.result["verified"]) == (
        "optimal", 0.0, True,
    )  # fmt: skip
    assert draft.result["bound"] == draft.result["total"]


def test_parts_sum_to_the_fit_and_the_result_repeats_them(small):
    seal(small.people["priya"], wishes=[small.people["gerald"].code])

    draft = solved(small.small, small.chi)

    for proposal in draft.proposals.all():
        parts = [getattr(proposal, name) for name in (*solving.PUBLIC_PARTS, "private")]
        assert sum(parts) == proposal.fit
        assert proposal.private in (50_000, 100_000)
    fits = [each.fit for each in draft.proposals.all()]
    assert draft.result["total"] == round(sum(fits) / 1e6, 2)
    assert draft.result["least"] == round(min(fits) / 1e6, 2)


def test_who_has_no_partner_is_told_with_what_would_help(small):
    draft = solved(small.small, small.chi)

    alone = draft.result["alone"]

    assert [each["enrolment"] for each in alone] == [small.people["zoe"].pk]
    assert alone[0]["nobody_possible"] is False
    assert (draft.result["mentor_places"], draft.result["mentee_places"]) == (3, 2)


def test_a_rule_that_binds_is_named_with_the_effect_of_turning_it_off(cast):
    cohort, people = make_small_cohort(cast.programme)
    person = people["gerald"].person
    person.grade = 4
    person.save()

    draft = solved(cohort, cast.chi)

    milder = {"rule": "minimum_grade_gap", "setting": 1, "more_pairs": 1}
    assert milder in draft.result["helps"]
    gerald = next(e for e in draft.result["alone"] if e["enrolment"] == people["gerald"].pk)
    assert (gerald["nobody_possible"], gerald["rules"]) == (True, ["minimum_grade_gap"])


@pytest.mark.parametrize("from_side", [Side.MENTOR, Side.MENTEE])
def test_a_veto_of_either_side_keeps_two_apart(small, from_side):
    two = [small.people["priya"], small.people["gerald"]]
    mine, other = two if from_side == Side.MENTOR else reversed(two)
    seal(mine, vetoes=[other.code])

    draft = solved(small.small, small.chi)

    assert ("priya", "gerald") not in pairs_of(draft)
    assert draft.result["pairs"] == 2


def test_greedy_is_what_it_is_compared_with(small):
    assert solved(small.small, small.chi).result["greedy"]["pairs"] == 2


def test_a_lock_holds_and_is_carried_over_to_the_next_draft(small):
    draft = solved(small.small, small.chi)

    lock_pair(draft, small.people["zoe"], small.people["gerald"], by=small.chi)
    run_waiting()
    again = solved(small.small, small.chi, based_on=draft)

    draft.refresh_from_db()
    assert ("zoe", "gerald") in pairs_of(draft)
    assert pairs_of(again) == pairs_of(draft)
    assert again.number == 2
    assert again.proposals.get(mentor=small.people["zoe"]).locked is True


def test_a_pair_kept_apart_is_not_proposed_until_that_is_undone(small):
    draft = solved(small.small, small.chi)
    two = (small.people["priya"], small.people["gerald"])

    forbid_pair(draft, *two, by=small.chi)
    run_waiting()
    assert ("priya", "gerald") not in pairs_of(draft)

    free_pair(draft, *two, by=small.chi)
    run_waiting()
    assert ("priya", "gerald") in pairs_of(draft)
    assert draft.wanted.count() == 0


def test_locking_a_proposed_pair_changes_nobody_and_solves_nothing(small):
    draft = solved(small.small, small.chi)
    jobs = Job.objects.count()

    lock_pair(draft, small.people["priya"], small.people["gerald"], by=small.chi)

    assert Job.objects.count() == jobs
    assert draft.proposals.get(mentor=small.people["priya"]).locked is True
    assert draft.wanted.count() == 1


def test_a_new_lock_of_the_same_person_takes_the_place_of_the_old_one(small):
    draft = solved(small.small, small.chi)
    lock_pair(draft, small.people["priya"], small.people["gerald"], by=small.chi)

    lock_pair(draft, small.people["priya"], small.people["karen"], by=small.chi)
    run_waiting()

    assert [each.mentee_id for each in draft.wanted.all()] == [small.people["karen"].pk]
    assert ("priya", "karen") in pairs_of(draft)


def test_a_lock_that_is_no_longer_possible_is_dropped_and_said(small):
    draft = solved(small.small, small.chi)
    lock_pair(draft, small.people["priya"], small.people["gerald"], by=small.chi)
    gerald = small.people["gerald"].person
    priya = small.people["priya"].person
    priya.manager = gerald
    priya.save()

    again = solved(small.small, small.chi, based_on=draft)

    assert again.result["dropped"] == [[small.people["priya"].pk, small.people["gerald"].pk]]
    assert ("priya", "gerald") not in pairs_of(again)


def test_the_price_of_a_choice_is_what_solving_with_it_gives(small):
    draft = solved(small.small, small.chi)
    zoe, gerald = small.people["zoe"], small.people["gerald"]

    costs = solving.costs_of(draft, zoe.pk, gerald.pk)
    lock_pair(draft, zoe, gerald, by=small.chi)
    run_waiting()
    after = Draft.objects.get(pk=draft.pk).result

    assert costs.together.least_after == after["least"]
    assert costs.together.fewer_pairs == 0
    assert costs.together.changed == 1
    assert costs.together.loses == pytest.approx(draft.result["total"] - after["total"], abs=0.05)


def test_parting_a_pair_has_a_price_and_names_the_next_best_of_both(small):
    draft = solved(small.small, small.chi)

    costs = solving.costs_of(draft, small.people["priya"].pk, small.people["gerald"].pk)

    assert costs.together is None
    assert costs.apart.loses > 0
    assert [each.enrolment_id for each in costs.next_best] == [
        small.people["karen"].pk, small.people["ines"].pk,
    ]  # fmt: skip


def test_the_next_best_read_from_matrices_is_the_first_of_all_choices(cast):
    draft = solved(make_many(cast.programme, 12, 10), cast.chi)
    decided = draft.proposals.order_by("pk").first()
    forbid_pair(draft, decided.mentor, decided.mentee, by=cast.chi)
    run_waiting()

    for pair in draft.proposals.all():
        costs = solving.costs_of(draft, pair.mentor_id, pair.mentee_id)
        choices = solving.leaders_for(draft, pair.mentor_id)
        best = next(each for each in choices if each.enrolment_id != pair.mentee_id)
        assert next(iter(costs.next_best)) == best


def test_in_large_cohorts_the_price_of_the_next_best_waits_to_be_asked_for(small, monkeypatch):
    monkeypatch.setattr(solving, "PRICED_UP_TO", 5)
    draft = solved(small.small, small.chi)

    costs = solving.costs_of(draft, small.people["priya"].pk, small.people["gerald"].pk)

    assert costs.apart.loses > 0
    assert set(costs.next_best.values()) == {None}


@pytest.mark.parametrize("reason", ["veto", "line", "language", "closed topics"])
def test_every_reason_gives_the_same_answer_to_what_if(small, reason):
    priya, gerald = small.people["priya"], small.people["gerald"]
    if reason == "veto":
        seal(gerald, vetoes=[priya.code])
    elif reason == "line":
        priya.person.manager = gerald.person
    elif reason == "language":
        priya.person.languages = ["fr"]
    else:
        priya.profile.topics.update(consent="closed")
    priya.person.save()
    draft = solved(small.small, small.chi)

    costs = solving.costs_of(draft, priya.pk, gerald.pk)

    nothing = {"together": None, "apart": None, "next_best": {}, "fit": 0.0}
    assert costs == solving.Costs(is_possible=False, **nothing)
    choice = next(c for c in solving.leaders_for(draft, priya.pk) if c.enrolment_id == gerald.pk)
    assert (choice.is_possible, choice.fit) == (False, 0.0)


def test_making_the_first_draft_ends_the_enrolment(cast):
    cohort, _people = make_small_cohort(cast.programme)
    Cohort.objects.filter(pk=cohort.pk).update(state=Cohort.State.ENROLLING)
    cohort.refresh_from_db()

    make_draft(cohort, by=cast.chi)

    cohort.refresh_from_db()
    assert cohort.state == Cohort.State.PAIRING


def test_nobody_to_pair_is_an_answer(cast):
    cohort, _people = make_small_cohort(cast.programme)
    cohort.enrolments.on_side(Side.MENTEE).update(state="withdrawn")

    draft = solved(cohort, cast.chi)

    assert (draft.state, draft.result["pairs"], draft.result["average"]) == ("ready", 0, None)
    assert len(draft.result["alone"]) == 3


def test_a_leader_with_two_places_gets_two_mentors(cast):
    cohort, people = make_small_cohort(cast.programme)
    people["gerald"].profile.capacity = 2
    people["gerald"].profile.save()

    draft = solved(cohort, cast.chi)

    assert pairs_of(draft) == {("priya", "gerald"), ("zoe", "gerald"), ("ines", "karen")}


@pytest.mark.slow
def test_forty_a_side_are_solved_with_few_queries(cast, django_assert_max_num_queries):
    cohort = make_many(cast.programme, 42, 40)
    draft = make_draft(cohort, by=cast.chi)

    with django_assert_max_num_queries(60):  # solved, and its options priced
        run_waiting()

    assert Proposal.objects.filter(draft=draft).count() == 40


def test_people_who_join_later_are_in_the_next_draft(small):
    solved(small.small, small.chi)
    make_participant(small.small, Side.MENTEE, "Late Comer", topics=[("Remote work", 1)])

    again = solved(small.small, small.chi)

    assert again.result["pairs"] == 3


def test_prices_count_what_the_lead_decided_before(small):
    draft = solved(small.small, small.chi)
    priya, gerald, karen = (small.people[name] for name in ("priya", "gerald", "karen"))
    lock_pair(draft, priya, gerald, by=small.chi)

    parting = solving.costs_of(draft, priya.pk, gerald.pk)
    swapping = solving.costs_of(draft, priya.pk, karen.pk)

    assert parting.apart.loses > 0
    assert swapping.together.changed == 2
    forbid_pair(draft, priya, gerald, by=small.chi)
    run_waiting()
    assert solving.costs_of(draft, priya.pk, gerald.pk).together.gains > 0


def test_somebody_who_is_gone_has_no_price_and_no_choices(small):
    draft = solved(small.small, small.chi)
    priya, gerald = small.people["priya"], small.people["gerald"]
    small.small.enrolments.filter(pk=priya.pk).update(state="withdrawn")

    assert solving.costs_of(draft, priya.pk, gerald.pk).is_possible is False
    assert solving.leaders_for(draft, priya.pk) is None
    assert solving.is_possible(draft, priya.pk, gerald.pk) is False


def test_every_aim_of_a_draft_reaches_the_engine(small):
    aims = {"objective": "least_served", "depth": 3, "one_each_first": True}
    lines = {"floor": 0.2, "share_of_best": 0.7}

    problem = solving.problem_of(
        solving.read_profiles(small.small), default_settings() | aims | lines
    )

    assert {name: getattr(problem, name) for name in aims} == aims
    assert {name: getattr(problem.rules, name) for name in lines} == lines


def test_nobody_gets_a_second_partner_before_everybody_who_could_has_one(small):
    make_participant(
        small.small, Side.MENTOR, "Una Late", topics=[("Generative AI", 4), ("Short video", 4)],
        hours=range(9, 17), capacity=2,
    )  # fmt: skip
    small.people["priya"].profile.topics.all().delete()
    small.small.enrolments.filter(pk__in=[small.people["zoe"].pk, small.people["ines"].pk]).update(
        state="withdrawn"
    )

    total = solved(small.small, small.chi, settings=default_settings() | {"objective": "total"})
    each = solved(small.small, small.chi, settings=default_settings() | {"one_each_first": True})

    assert {mentor for mentor, _leader in pairs_of(total)} == {"una"}
    assert {mentor for mentor, _leader in pairs_of(each)} == {"priya", "una"}


@pytest.mark.parametrize("is_locked", [False, True])
def test_the_price_of_leaving_is_what_solving_without_them_gives(small, is_locked):
    draft = solved(small.small, small.chi)
    priya = small.people["priya"]
    if is_locked:
        lock_pair(draft, priya, small.people["gerald"], by=small.chi)

    (price,) = solving.costs_of_leaving(draft, priya.pk)
    small.small.enrolments.filter(pk=priya.pk).update(state="withdrawn")
    after = solved(small.small, small.chi).result

    assert price.fewer_pairs == draft.result["pairs"] - after["pairs"] == 0
    assert price.least_after == after["least"]
    assert price.loses == pytest.approx(draft.result["total"] - after["total"], abs=0.01)
    assert price.changed == 1
    assert solving.costs_of_leaving(draft, priya.pk) == [None]


def test_what_is_being_done_is_said_in_words_and_can_be_stopped_between(small):
    draft = make_draft(small.small, by=small.chi)
    said = []

    def tell(done, total=None, *, step=""):
        said.append(str(step))
        if "proof" in said[-1]:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        solving.solve_draft(draft, tell)

    assert [each for each in said if each] == [
        "Reading the profiles",
        "Comparing every mentor with every leader, and finding the best pairing",
        "2 pairs: having the proof checked",
    ]
    assert draft.proposals.count() == 0
