import datetime as dt

import pytest

from contraflow.core.errors import Refusal
from contraflow.core.models import Job
from contraflow.pairing import actions, queries, solving
from contraflow.pairing.models import Draft
from contraflow.pairs.actions import end_pair, record_held, start_pair
from contraflow.pairs.models import Session
from contraflow.programmes.models import Cohort, Enrolment, Side
from tests.pairing.makers import (
    couples,
    make_many,
    make_participant,
    make_running_cohort,
    pair_of,
    publish,
    run_waiting,
    seal,
    solved,
)

# a room's quick tests take seconds: these run with the whole suite
pytestmark = pytest.mark.slow


@pytest.fixture
def running(cast):
    """Priya with Gerald, Ines with Karen, Zoe on the bench."""
    cast.small, cast.people = make_running_cohort(cast.programme, cast.chi)
    return cast


def repaired(running):
    draft = actions.find_partners(running.small, by=running.chi)
    run_waiting()
    draft.refresh_from_db()
    return draft


def rematched(running, inertia=2, based_on=None):
    based_on = based_on or Draft.objects.filter(cohort=running.small).first()
    draft = actions.rematch(based_on, by=running.chi, inertia=inertia)
    run_waiting()
    draft.refresh_from_db()
    return draft


def end(running, name):
    return end_pair(pair_of(running.small, name), by=running.chi)


def new_in(draft):
    return couples(draft.proposals.filter(stays=False))


def staying_in(draft):
    return couples(draft.proposals.filter(stays=True))


def capacity(running, name, places):
    profile = running.people[name].profile
    profile.capacity = places
    profile.save()


# -- a repair -------------------------------------------------------------------------------------


def test_a_repair_gives_a_partner_from_the_bench_and_leaves_every_pair(running):
    end(running, "priya")

    draft = repaired(running)

    assert (draft.kind, draft.number, draft.state) == ("repair", 2, "ready")
    # not with Priya again: the two have just parted
    assert new_in(draft) == {("zoe", "gerald")}
    assert staying_in(draft) == {("ines", "karen")}
    result = draft.result
    assert (result["new"], result["pairs"], result["ends"]) == (1, 2, [])
    assert (result["status"], result["verified"]) == ("optimal", True)
    assert [each["enrolment"] for each in result["alone"]] == [running.people["priya"].pk]
    assert result["before"]["pairs"] == 1


def test_a_repair_takes_over_settings_and_who_is_kept_apart(running):
    first = Draft.objects.get(cohort=running.small)
    running.people["late"] = make_participant(
        running.small, Side.MENTOR, "Late Comer", topics=[("Generative AI", 4)]
    )
    first.wanted.create(
        mentor=running.people["late"], mentee=running.people["gerald"], kind="forbid"
    )
    first.wanted.create(
        mentor=running.people["priya"], mentee=running.people["gerald"], kind="lock"
    )
    end(running, "priya")

    draft = repaired(running)

    assert draft.settings == first.settings
    assert [(each.mentor, each.kind) for each in draft.wanted.select_related("mentor")] == [
        (running.people["late"], "forbid")
    ]
    assert new_in(draft) == {("zoe", "gerald")}


@pytest.mark.parametrize(
    ("places", "left", "new"),
    [
        pytest.param(1, "gerald", set(), id="her one place is taken: nobody is left for Priya"),
        pytest.param(2, "zoe", {("ines", "gerald")}, id="a free place counts beside the pair"),
    ],
)
def test_who_is_in_a_pair_is_asked_only_with_a_free_place(running, places, left, new):
    capacity(running, "ines", places)
    running.people[left].person.left_on = dt.date(2026, 2, 2)
    running.people[left].person.save()
    if left == "zoe":
        end(running, "priya")
        Enrolment.objects.filter(pk=running.people["priya"].pk).update(state="withdrawn")

    draft = repaired(running)

    assert new_in(draft) == new
    assert staying_in(draft) == {("ines", "karen")}


def test_the_reserve_is_not_paired_among_itself(running):
    """Karen has a second place and Zoe stands ready, but neither of them looks for anybody."""
    capacity(running, "karen", 2)
    end(running, "priya")

    draft = repaired(running)

    # Priya looks for a leader and gets Karen's place; Zoe gets Gerald, not Karen
    assert new_in(draft) == {("priya", "karen"), ("zoe", "gerald")}


@pytest.mark.parametrize("what", ["reporting line", "language", "veto", "floor"])
def test_a_pair_that_todays_rules_would_forbid_stays_in_a_repair(running, what):
    ines, karen = running.people["ines"], running.people["karen"]
    if what == "reporting line":
        ines.person.manager = karen.person
    elif what == "language":
        ines.person.languages = ["fr"]
    elif what == "veto":
        seal(karen, vetoes=[ines.code])
    else:
        Draft.objects.update(settings=Draft.objects.get().settings | {"floor": 0.95})
    ines.person.save()
    end(running, "priya")

    draft = repaired(running)

    assert staying_in(draft) == {("ines", "karen")}
    assert draft.result["ends"] == []


def test_a_pair_of_somebody_without_a_finished_profile_is_left_alone(running):
    fay = make_participant(running.small, Side.MENTEE, "Fay", is_finished=False)
    capacity(running, "ines", 2)
    start_pair(
        running.small, mentor=running.people["ines"].person, mentee=fay.person, by=running.chi
    )
    Enrolment.objects.filter(pk=running.people["zoe"].pk).update(state="withdrawn")
    end(running, "priya")

    # both places of Ines are taken, though nothing can be said of one of her pairs
    assert new_in(repaired(running)) == set()
    assert rematched(running).proposals.filter(mentor=running.people["ines"]).count() == 1


def test_a_pair_one_of_whom_left_the_organisation_ends_with_the_repair(running):
    person = running.people["priya"].person
    person.left_on = dt.date(2026, 2, 2)
    person.save()
    pair = pair_of(running.small, "priya")

    draft = repaired(running)

    assert new_in(draft) == {("zoe", "gerald")}
    assert draft.result["ends"] == [{"pair": pair.pk, "why": "left", "fit": None}]
    (row,) = queries.ending_pairs(draft, running.chi)
    assert [each["name"] for each in row["then"]] == ["Gerald Whitfield"]


def test_who_is_left_is_not_said_to_be_kept_apart_by_the_lead(running):
    end(running, "priya")

    (group,) = queries.left_over(repaired(running), running.chi)["groups"]

    assert group["reason"] == "Mentors for whom no place with a leader is left:"
    assert [each["person__name"] for each in group["people"]] == ["Priya Raman"]


def test_nobody_ready_is_an_answer(running):
    Enrolment.objects.filter(pk=running.people["zoe"].pk).update(state="withdrawn")
    end(running, "priya")

    draft = repaired(running)

    assert (draft.result["new"], draft.result["pairs"]) == (0, 1)
    alone = {each["enrolment"] for each in draft.result["alone"]}
    assert alone == {running.people["priya"].pk, running.people["gerald"].pk}


def test_who_waits_is_found_a_partner_as_well(running):
    make_participant(running.small, Side.MENTEE, "Wilma", topics=[("Remote work", 1)])
    Enrolment.objects.filter(person__name="Wilma").update(state="waiting", waiting_place=1)

    assert new_in(repaired(running)) == {("zoe", "wilma")}


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (Cohort.State.ENROLLING, "Partners are found for one or the other once the cohort runs."),
        (Cohort.State.PAIRING, "Partners are found for one or the other once the cohort runs."),
        (Cohort.State.RUNNING, "Everybody has a partner."),
        (Cohort.State.CLOSED, "This cohort is closed."),
    ],
)
def test_when_no_partner_is_looked_for(running, state, reason):
    Cohort.objects.filter(pk=running.small.pk).update(state=state)
    running.small.refresh_from_db()

    with pytest.raises(Refusal, match=reason):
        actions.find_partners(running.small, by=running.chi)


def test_what_stands_cannot_be_decided_about_in_a_repair(running):
    end(running, "priya")
    draft = repaired(running)

    for decide in (actions.lock_pair, actions.forbid_pair, actions.free_pair):
        with pytest.raises(Refusal, match="The two are a pair"):
            decide(draft, running.people["ines"], running.people["karen"], by=running.chi)


def test_a_new_pair_of_a_repair_is_kept_apart_like_any_other(running):
    end(running, "priya")
    draft = repaired(running)

    actions.forbid_pair(draft, running.people["zoe"], running.people["gerald"], by=running.chi)
    run_waiting()

    draft.refresh_from_db()
    assert (new_in(draft), draft.result["new"]) == (set(), 0)


def test_two_who_parted_are_paired_again_if_the_lead_says_so(running):
    end(running, "priya")
    draft = repaired(running)

    actions.lock_pair(draft, running.people["priya"], running.people["gerald"], by=running.chi)
    run_waiting()

    assert new_in(draft) == {("priya", "gerald")}


def test_a_new_lock_gives_way_to_the_places_left_beside_standing_pairs(running):
    capacity(running, "ines", 2)
    fay = make_participant(running.small, Side.MENTEE, "Fay", topics=[("Remote work", 1)])
    end(running, "priya")
    draft = repaired(running)
    ines, gerald = running.people["ines"], running.people["gerald"]
    actions.lock_pair(draft, ines, gerald, by=running.chi)
    run_waiting()
    draft.refresh_from_db()

    actions.lock_pair(draft, ines, fay, by=running.chi)
    run_waiting()

    assert [each.mentee_id for each in draft.wanted.all()] == [fay.pk]
    assert ("ines", "fay") in new_in(draft)


def test_costs_in_a_repair_are_about_those_who_can_change(running):
    make_participant(running.small, Side.MENTOR, "Late Comer", topics=[("Remote work", 1)])
    end(running, "priya")
    draft = repaired(running)
    (new,) = draft.proposals.filter(stays=False)

    costs = solving.costs_of(draft, new.mentor_id, new.mentee_id)
    standing = solving.costs_of(draft, running.people["ines"].pk, running.people["karen"].pk)

    assert (costs.is_possible, costs.together, costs.apart.changed) == (True, None, 1)
    assert standing.is_possible is False


# -- a re-match -----------------------------------------------------------------------------------


def better_for_gerald(running):
    """Let somebody come who fits Gerald so well that a re-match would move him."""
    Enrolment.objects.filter(pk=running.people["zoe"].pk).update(state="withdrawn")
    return make_participant(
        running.small, Side.MENTOR, "Amy Best", hours=range(9, 17), interests=["chess"],
        topics=[("Generative AI", 4)],
    )  # fmt: skip


def less_fit(running):
    """Let Priya know less of what Gerald wants, so that Amy is better by a little or a lot."""
    running.people["priya"].profile.topics.filter(topic__label="Generative AI").update(level=2)


@pytest.mark.parametrize(
    ("inertia", "new"),
    [
        pytest.param(0, {("amy", "gerald")}, id="nothing: any gain is worth a change"),
        pytest.param(2, {("amy", "gerald")}, id="less than what is gained"),
        pytest.param(20, set(), id="more than what is gained"),
    ],
)
def test_a_pair_changes_only_where_that_gains_more_than_keeping_it_is_worth(running, inertia, new):
    better_for_gerald(running)
    less_fit(running)

    draft = rematched(running, inertia)

    assert new_in(draft) == new
    assert draft.inertia == inertia
    assert len(draft.result["ends"]) == len(new)


def test_what_keeping_is_worth_is_no_part_of_the_fit_that_is_shown(running):
    first = {each.fit for each in Draft.objects.get().proposals.all()}

    assert {each.fit for each in rematched(running, 20).proposals.all()} == first


def test_pairs_that_would_change_are_told_with_their_sessions_and_both_fits(running):
    better_for_gerald(running)
    less_fit(running)
    pair = pair_of(running.small, "priya")
    for session in pair.sessions.all()[:2]:
        session.state, session.starts_at = Session.State.BOOKED, pair.cohort.made_at
        session.save()
        record_held(session, by=pair.mentor)

    draft = rematched(running)

    (row,) = queries.ending_pairs(draft, running.chi)
    assert (row["mentor"], row["mentee"], row["held"]) == ("Priya Raman", "Gerald Whitfield", 2)
    assert (row["code"], row["why"]) == (pair.code, "changes")
    mentor, leader = row["then"]
    assert mentor == {"name": "Priya Raman", "partners": []}
    (then,) = leader["partners"]
    assert then["name"] == "Amy Best"
    assert then["fit"] > row["fit"]


def test_a_re_match_is_compared_with_a_repair_under_the_same_settings(running):
    better_for_gerald(running)
    less_fit(running)

    draft = rematched(running)

    rows = {
        str(each["label"]): (each["repair"], each["rematch"]) for each in queries.both_ways(draft)
    }
    assert rows["Pairs"] == (2, 2)
    assert rows["Pairs that change"] == (0, 1)
    assert rows["Total"][0] < rows["Total"][1]


def test_a_repair_is_compared_with_nothing(running):
    end(running, "priya")

    assert queries.both_ways(repaired(running)) == []


def test_ticked_pairs_stay_and_the_rest_is_matched_again(running):
    better_for_gerald(running)
    less_fit(running)
    draft = rematched(running)
    pair = pair_of(running.small, "priya")

    actions.keep_pairs(draft, [pair], by=running.chi)
    run_waiting()

    draft.refresh_from_db()
    assert (new_in(draft), draft.result["ends"], draft.version) == (set(), [], 2)
    assert draft.proposals.get(mentor=running.people["priya"]).locked is True


def test_a_kept_pair_stays_where_the_rules_of_the_draft_forbid_it(running):
    ines, karen = running.people["ines"], running.people["karen"]
    ines.person.manager = karen.person
    ines.person.save()
    draft = rematched(running)
    assert [each["why"] for each in draft.result["ends"]] == ["not_possible"]

    actions.keep_pairs(draft, [pair_of(running.small, "ines")], by=running.chi)
    run_waiting()

    draft.refresh_from_db()
    assert ("ines", "karen") in staying_in(draft)
    assert (draft.result["ends"], draft.result["dropped"]) == ([], [])


def test_a_pair_that_only_something_private_forbids_stays_until_the_lead_parts_it(running):
    ines, karen = running.people["ines"], running.people["karen"]
    seal(karen, vetoes=[ines.code])

    draft = rematched(running)
    assert ("ines", "karen") in staying_in(draft)
    assert draft.proposals.get(mentor=ines).locked is False

    actions.forbid_pair(draft, ines, karen, by=running.chi)
    run_waiting()
    draft.refresh_from_db()
    assert ("ines", "karen") not in couples(draft.proposals.all())
    assert [each["pair"] for each in draft.result["ends"]] == [pair_of(running.small, "ines").pk]


def test_a_kept_pair_takes_the_place_of_an_older_lock(running):
    amy = better_for_gerald(running)
    draft = rematched(running, 20)
    actions.lock_pair(draft, amy, running.people["gerald"], by=running.chi)
    run_waiting()
    draft.refresh_from_db()
    assert new_in(draft) == {("amy", "gerald")}

    actions.keep_pairs(draft, [pair_of(running.small, "priya")], by=running.chi)
    run_waiting()

    assert ("priya", "gerald") in staying_in(draft)
    assert draft.wanted.count() == 1


def test_nothing_ticked_is_refused_and_starts_nothing(running):
    draft = rematched(running)
    jobs = Job.objects.count()

    for ticked in ([], [pair_of(running.small, "ines")]):
        with pytest.raises(Refusal, match="Tick at least one pair"):
            actions.keep_pairs(draft, ticked, by=running.chi)

    assert Job.objects.count() == jobs


def test_the_next_re_match_keeps_what_the_last_one_kept_until_it_is_published(running):
    better_for_gerald(running)
    less_fit(running)
    draft = rematched(running)
    actions.keep_pairs(draft, [pair_of(running.small, "priya")], by=running.chi)
    run_waiting()

    again = rematched(running, 0, based_on=draft)

    assert new_in(again) == set()
    assert again.based_on == draft


def test_a_pair_that_a_re_match_ended_is_not_proposed_again(running):
    better_for_gerald(running)
    less_fit(running)
    publish(rematched(running), running.chi)
    end(running, "amy")

    assert new_in(repaired(running)) == set()


@pytest.mark.slow
def test_a_repair_of_forty_pairs_touches_none_and_takes_few_queries(
    cast, django_assert_max_num_queries
):
    cohort = make_many(cast.programme, 42, 40)
    publish(solved(cohort, cast.chi), cast.chi)
    cohort.refresh_from_db()
    before = set(cohort.pairs.values_list("mentor", "mentee"))
    gone = cohort.pairs.order_by("pk").first()
    end_pair(gone, by=cast.chi)
    draft = actions.find_partners(cohort, by=cast.chi)

    with django_assert_max_num_queries(40):
        run_waiting()

    draft.refresh_from_db()
    stays = draft.proposals.filter(stays=True).values_list("mentor__person", "mentee__person")
    assert set(stays) == before - {(gone.mentor_id, gone.mentee_id)}
    assert draft.result["new"] == 1
