import html
import re

import pytest
from django.urls import reverse

from contraflow.core.models import Job
from contraflow.pairing.actions import forbid_pair, lock_pair, make_draft
from contraflow.pairing.models import Draft, Publication, Wanted
from contraflow.programmes.models import Cohort, Side
from tests.pairing.makers import (
    make_many,
    make_participant,
    make_small_cohort,
    priced,
    run_waiting,
    seal,
    solved,
)
from tests.pairing.test_draft_settings import FILLED

# a room's quick tests take seconds: these run with the whole suite
pytestmark = pytest.mark.slow


@pytest.fixture
def small(cast):
    """A cohort of five that waits to be paired."""
    cast.small, cast.people = make_small_cohort(cast.programme)
    return cast


@pytest.fixture
def lead(sign_in):
    """The lead's browser."""
    return sign_in("chi")


def text_of(response):
    """Return a page's words without tags, spaces made one."""
    words = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(html.unescape(words).split())


def tab(cohort):
    return reverse("pairing:cohort", args=[cohort.code])


def test_before_the_first_draft_the_tab_says_what_is_ready(lead, small):
    make_participant(small.small, Side.MENTOR, "Una Finished", is_finished=False)

    page = text_of(lead.get(tab(small.small)))

    assert "Mentors ready 3" in page
    assert "Leaders ready 2" in page
    assert "Una Finished" in page
    assert "Propose pairs" in page


def test_a_cohort_without_people_says_where_to_go(lead, cast):
    cohort = Cohort.objects.create(
        programme=cast.programme, name="Empty", starts_on="2026-01-05", length_weeks=9,
        cadence_days=7, session_minutes=50, state=Cohort.State.ENROLLING,
    )  # fmt: skip

    page = text_of(lead.get(tab(cohort)))

    assert "There is nobody to pair yet" in page
    assert "Propose pairs</" not in page


def test_pressing_propose_shows_progress_and_then_the_pairs(lead, small):
    response = lead.post(reverse("pairing:propose", args=[small.small.code]), follow=True)
    assert "Finding the best pairing" in text_of(response)

    run_waiting()
    page = text_of(lead.get(tab(small.small)))

    assert "Draft 1 · 2 leaders, 3 mentors" in page
    assert "Publish 2 pairs" in page
    assert "Optimal no better pairing exists" in page
    assert "Mentors for whom no place with a leader is left: Zoe Adler" in page


def test_progress_asks_for_its_own_part_alone(lead, small):
    make_draft(small.small, by=small.chi)

    response = lead.get(tab(small.small), headers={"HX-Request": "true"})

    assert "<html" not in response.content.decode()
    assert 'id="draft"' in response.content.decode()


def test_a_draft_that_failed_says_so_and_can_be_matched_again(lead, small):
    draft = make_draft(small.small, by=small.chi)
    Job.objects.filter(code=draft.job_code).update(state=Job.State.FAILED, error="Disk full.")

    page = text_of(lead.get(tab(small.small)))

    assert "This draft could not be solved. Disk full." in page
    assert "Match again" in page


def test_proposals_are_searched_by_name_and_sorted_by_fit(lead, small):
    draft = solved(small.small, small.chi)

    best = text_of(lead.get(draft.get_absolute_url()))
    least = text_of(lead.get(draft.get_absolute_url(), {"order": "least"}))
    found = text_of(lead.get(draft.get_absolute_url(), {"q": "karen"}))
    nobody = text_of(lead.get(draft.get_absolute_url(), {"q": "xyzzy"}))

    assert best.index("Gerald Whitfield") < best.index("Karen Olsen")
    assert least.index("Gerald Whitfield") > least.index("Karen Olsen")
    assert "Gerald Whitfield" not in found
    assert "Ines Moreau" in found
    assert "Nobody found" in nobody


def test_matching_again_makes_a_new_draft_and_keeps_the_first(lead, small):
    first = solved(small.small, small.chi)
    lock_pair(first, small.people["priya"], small.people["gerald"], by=small.chi)

    lead.post(reverse("pairing:again", args=[first.code]), FILLED | {"skills": 20, "floor": "0.1"})
    run_waiting()

    second = Draft.objects.get(cohort=small.small, number=2)
    assert (second.state, second.based_on, second.settings["floor"]) == ("ready", first, 0.1)
    assert sum(second.settings["weights"].values()) == 100
    assert second.wanted.count() == 1
    page = text_of(lead.get(reverse("pairing:drafts", args=[small.small.code])))
    assert "0 pairs differ, 2 are the same." in page
    assert "Nobody below a fit of 0.10 no floor" in page


def test_a_refused_form_keeps_what_was_entered_and_says_why(lead, small):
    draft = solved(small.small, small.chi)

    response = lead.post(reverse("pairing:again", args=[draft.code]), FILLED | {"floor": "1.57"})

    assert response.status_code == 422
    assert "Ensure this value is less than or equal to 1." in text_of(response)
    assert 'value="1.57"' in response.content.decode()


def pair_url(name, draft, people, mentor, mentee):
    return reverse(f"pairing:{name}", args=[draft.code, people[mentor].code, people[mentee].code])


def test_why_two_are_paired_is_said_in_words_and_parts(lead, small):
    draft = solved(small.small, small.chi)

    page = text_of(lead.get(pair_url("pair", draft, small.people, "priya", "gerald")))

    assert "Why Priya and Gerald" in page
    assert "Gerald wants to learn Generative AI; Priya can teach that." in page
    assert "8 hours of the week suit both." in page
    assert "Skills 0.45" in page
    assert "Private 0.05" in page


def test_what_other_choices_cost_stands_beside_the_button(lead, small):
    draft = solved(small.small, small.chi)

    page = text_of(lead.get(pair_url("cost", draft, small.people, "priya", "gerald")))

    assert re.search(r"Keep them apart the total falls by 0\.\d\d, from 1\.\d\d to \d\.\d\d", page)
    assert "Next best for Priya Karen Olsen" in page
    assert "Next best for Gerald Ines Moreau" in page


def test_a_mentor_is_offered_other_leaders_with_their_fit(lead, small):
    draft = solved(small.small, small.chi)
    seal(small.people["karen"], vetoes=[small.people["priya"].code])

    page = text_of(lead.get(reverse("pairing:swap", args=[draft.code, small.people["priya"].code])))

    assert re.search(r"Gerald Whitfield 0\.\d\d in this draft", page)
    assert "Karen Olsen not possible" in page


def test_deciding_on_the_page_solves_the_draft_anew(lead, small):
    draft = solved(small.small, small.chi)

    lead.post(pair_url("decide", draft, small.people, "zoe", "gerald"), {"kind": "lock"})
    run_waiting()

    page = text_of(lead.get(draft.get_absolute_url()))
    assert "Your decisions Zoe Adler and Gerald Whitfield kept together Undo" in page
    assert "Mentors for whom no place with a leader is left: Priya Raman" in page


def test_a_choice_that_is_not_possible_is_refused_without_a_reason(lead, small):
    draft = solved(small.small, small.chi)
    seal(small.people["gerald"], vetoes=[small.people["zoe"].code])

    response = lead.post(pair_url("decide", draft, small.people, "zoe", "gerald"), {"kind": "lock"})

    assert response.status_code == 409
    assert "Zoe Adler with Gerald Whitfield is not possible." in text_of(response)


def test_after_publishing_the_tab_says_who_did_and_offers_to_undo(lead, small):
    draft = solved(small.small, small.chi)

    response = lead.post(reverse("pairing:publish", args=[draft.code]), {"version": 1}, follow=True)
    assert "Publishing" in text_of(response)
    run_waiting()

    page = text_of(lead.get(tab(small.small)))
    assert "Draft 1 was published by Chi on" in page
    assert "Undo the publication" in page
    assert "Publish 2 pairs" not in page
    again = lead.post(reverse("pairing:publish", args=[draft.code]), {"version": 1})
    assert again.status_code == 409


@pytest.mark.parametrize("version", [{"version": 1}, {"version": "x"}, {}], ids=str)
def test_what_another_tab_has_changed_is_not_published_unseen(lead, small, version):
    draft = solved(small.small, small.chi)
    lead.post(pair_url("decide", draft, small.people, "zoe", "gerald"), {"kind": "lock"})
    run_waiting()

    response = lead.post(reverse("pairing:publish", args=[draft.code]), version)

    assert response.status_code == 409
    assert "The draft has changed since you opened this page." in text_of(response)
    assert not Publication.objects.exists()
    assert not Job.objects.filter(kind="pairing.publish_draft").exists()
    page = lead.get(reverse("pairing:draft", args=[draft.code])).content.decode()
    assert 'name="version" value="2"' in page


def test_a_publication_that_was_refused_says_why_where_it_was_pressed(lead, small):
    draft = solved(small.small, small.chi)
    response = lead.post(reverse("pairing:publish", args=[draft.code]), {"version": 1})
    person = small.people["priya"].person
    person.manager = small.people["gerald"].person
    person.save()
    run_waiting()

    page = text_of(lead.get(response.url))

    assert "Priya Raman and Gerald Whitfield: not possible any more." in page


@pytest.mark.parametrize("count", [2, pytest.param(60, marks=pytest.mark.slow)])
def test_a_draft_costs_as_many_queries_with_few_rows_as_with_many(
    lead, cast, count, django_assert_num_queries
):
    draft = priced(make_many(cast.programme, count + 1, count), cast.chi)

    with django_assert_num_queries(24):  # the last one notes who looked
        response = lead.get(draft.get_absolute_url())

    assert response.content.decode().count("/swap/") == min(count, 50)


def test_two_whom_the_draft_does_not_pair_have_a_page_with_the_cost(lead, small):
    draft = solved(small.small, small.chi)

    page = text_of(lead.get(pair_url("pair", draft, small.people, "zoe", "gerald")))
    price = text_of(lead.get(pair_url("cost", draft, small.people, "zoe", "gerald")))

    assert "This draft does not pair these two." in page
    assert "8 hours of the week suit both." in page
    assert "How the fit adds up" in page
    assert "Keep them together fit 0." in price
    assert "the least served person falls from" in price


def test_a_mentor_who_is_gone_cannot_be_given_another_leader(lead, small):
    draft = solved(small.small, small.chi)
    priya = small.people["priya"]
    small.small.enrolments.filter(pk=priya.pk).update(state="withdrawn")

    response = lead.get(reverse("pairing:swap", args=[draft.code, priya.code]))

    assert response.status_code == 409
    assert "Priya Raman no longer takes part." in text_of(response)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(
            {"grade": 4},
            "Leaders who are not possible with any mentor, most often because of: the grades apart."
            " Gerald Whitfield",
            id="a public rule",
        ),
        pytest.param(
            {}, "Leaders who are not possible with any mentor: Gerald Whitfield", id="vetoes only"
        ),
    ],
)
def test_who_is_possible_with_nobody_is_told_the_public_rule_alone(lead, small, change, said):
    gerald = small.people["gerald"]
    for name, value in change.items():
        setattr(gerald.person, name, value)
    gerald.person.save()
    if not change:
        mentors = small.small.enrolments.on_side(Side.MENTOR)
        seal(gerald, vetoes=list(mentors.values_list("code", flat=True)))

    page = text_of(lead.get(solved(small.small, small.chi).get_absolute_url()))

    assert said in page
    assert ("With grades at least 1 apart, instead of 2: 1 more pair." in page) == bool(change)


def test_too_few_mentors_are_counted(lead, small):
    small.small.enrolments.filter(pk__in=[small.people["zoe"].pk, small.people["ines"].pk]).update(
        state="withdrawn"
    )

    page = text_of(lead.get(solved(small.small, small.chi).get_absolute_url()))

    assert "1 more mentor, or a mentor who takes a second leader, is needed." in page
    assert "Leaders for whom no mentor's place is left: Karen Olsen" in page


def test_the_options_stand_side_by_side_with_their_price_and_can_be_chosen(lead, small):
    draft = priced(small.small, small.chi)

    page = text_of(lead.get(draft.get_absolute_url()))
    lead.post(reverse("pairing:choose", args=[draft.code]), {"option": "share_70"})
    run_waiting()

    assert "This draft gives up 0.00 % of the largest total." in page
    assert re.search(r"Least served first 2 0\.\d\d 0\.\d\d 0\.00 % 0 0 this draft", page)
    assert re.search(r"Deferred acceptance: nobody can swap 2 .* 0 for comparison", page)
    assert "Make this a draft : Lift the 3 lowest fits" in page
    chosen = Draft.objects.get(number=2)
    assert (chosen.settings["share_of_best"], chosen.based_on) == (0.7, draft)


def test_while_options_are_priced_the_page_says_so_and_offers_to_stop(lead, small):
    draft = solved(small.small, small.chi)

    response = lead.get(draft.get_absolute_url())
    assert "Pairing the same people with other aims" in text_of(response)
    lead.post(reverse("pairing:stop", args=[draft.code]))

    page = text_of(lead.get(draft.get_absolute_url()))
    assert "You stopped it." in page
    assert "Price the options" in page
    lead.post(reverse("pairing:options", args=[draft.code]))
    run_waiting(prices=True)
    assert "Show them side by side" in text_of(lead.get(draft.get_absolute_url()))


def test_solving_can_be_stopped_from_the_page_and_says_what_is_left(lead, small):
    draft = solved(small.small, small.chi)
    lead.post(pair_url("decide", draft, small.people, "zoe", "gerald"), {"kind": "lock"})
    assert "Stop" in text_of(lead.get(draft.get_absolute_url()))

    lead.post(reverse("pairing:stop", args=[draft.code]))

    page = text_of(lead.get(draft.get_absolute_url()))
    assert "You stopped it before this draft was solved." in page
    assert "The pairs below are those from before your last decision" in page
    assert "Priya Raman" in page
    assert "Publish 2 pairs" not in page


def test_what_would_help_is_tried_as_a_draft_with_that_one_change(lead, small):
    gerald = small.people["gerald"].person
    gerald.grade = 4
    gerald.save()
    draft = solved(small.small, small.chi)
    lock_pair(draft, small.people["ines"], small.people["karen"], by=small.chi)

    page = lead.get(draft.get_absolute_url()).content.decode()
    assert 'name="help" value="minimum_grade_gap:1"' in page
    lead.post(reverse("pairing:try", args=[draft.code]), {"help": "minimum_grade_gap:1"})
    run_waiting()

    tried = Draft.objects.get(number=2)
    assert tried.settings["rules"]["minimum_grade_gap"] == 1
    assert (tried.result["pairs"], draft.result["pairs"]) == (2, 1)
    assert tried.wanted.count() == 1


def test_pairs_kept_apart_are_let_go_where_that_would_help(lead, small):
    draft = solved(small.small, small.chi)
    for mentor in ("priya", "ines", "zoe"):
        forbid_pair(draft, small.people[mentor], small.people["gerald"], by=small.chi)
        run_waiting()
    draft.refresh_from_db()
    assert draft.result["pairs"] == 1

    lead.post(reverse("pairing:try", args=[draft.code]), {"help": "forbidden:None"})
    run_waiting()

    tried = Draft.objects.get(number=2)
    assert (tried.result["pairs"], tried.wanted.count()) == (2, 0)


def test_the_distribution_of_fit_is_drawn_with_a_table(lead, small):
    draft = solved(small.small, small.chi)

    page = text_of(lead.get(draft.get_absolute_url()))

    assert "How many pairs fit how well, draft 1" in page
    assert "From – to Number 0.60 – 0.65 1 0.75 – 0.80 1" in page


def test_two_drafts_are_drawn_on_one_scale_and_who_changes_partner_is_named(lead, small):
    first = solved(small.small, small.chi)
    second = solved(small.small, small.chi, based_on=first)
    lock_pair(second, small.people["zoe"], small.people["gerald"], by=small.chi)
    run_waiting()

    compared = reverse("pairing:drafts", args=[small.small.code])
    page = text_of(lead.get(compared, {"one": first.code, "other": second.code}))

    assert "1 pair differs, 1 is the same." in page
    assert "Who changes partner" in page
    assert "Gerald Whitfield Priya Raman Zoe Adler" in page
    assert "Karen Olsen" not in page


def test_somebody_without_a_partner_in_one_of_two_drafts_has_nobody_there(lead, small):
    first = solved(small.small, small.chi)
    forbidden = {**first.settings, "floor": 0.7}
    second = solved(small.small, small.chi, settings=forbidden, based_on=first)

    compared = reverse("pairing:drafts", args=[small.small.code])
    page = text_of(lead.get(compared, {"one": first.code, "other": second.code}))

    assert "Karen Olsen Ines Moreau nobody" in page


@pytest.mark.parametrize("count", [2, pytest.param(60, marks=pytest.mark.slow)])
def test_a_comparison_costs_as_many_queries_for_few_changes_as_for_many(
    lead, cast, count, django_assert_num_queries
):
    cohort = make_many(cast.programme, count, count)
    first = solved(cohort, cast.chi)
    apart = first.proposals.select_related("mentor__profile", "mentee__profile")
    Wanted.objects.bulk_create(
        Wanted(draft=first, mentor=each.mentor, mentee=each.mentee, kind=Wanted.Kind.FORBID)
        for each in apart
    )
    solved(cohort, cast.chi, based_on=first)

    with django_assert_num_queries(17):  # the last one notes who looked
        page = lead.get(reverse("pairing:drafts", args=[cohort.code])).content.decode()

    assert page.count('data-label="Draft 1"') == min(count, 50)


def test_what_it_would_cost_that_somebody_left_is_said(lead, small):
    draft = solved(small.small, small.chi)

    page = text_of(lead.get(pair_url("leaving", draft, small.people, "priya", "gerald")))

    assert "If Priya left and everybody else were paired anew: the total falls by" in page
    assert "If Gerald left and everybody else were paired anew: 1 pair fewer" in page
