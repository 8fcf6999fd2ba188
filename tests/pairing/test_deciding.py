"""What a lead sees after a decision: the same place of the table, words, and a way back."""

import html
import re
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from contraflow.pairing import actions
from contraflow.pairing.models import Wanted
from contraflow.people.models import Department
from tests.pairing.makers import make_many, make_small_cohort, run_waiting, solved
from tests.pairing.test_views import pair_url, text_of

# a room's quick tests take seconds: these run with the whole suite
pytestmark = pytest.mark.slow

PLACE = "order=least&q=olsen"


@pytest.fixture
def small(cast):
    cast.small, cast.people = make_small_cohort(cast.programme)
    cast.draft = solved(cast.small, cast.chi)
    return cast


@pytest.fixture
def lead(sign_in):
    """The lead's browser."""
    return sign_in("chi")


def decide(lead, small, kind, mentor="ines", mentee="karen", **more):
    url = pair_url("decide", small.draft, small.people, mentor, mentee)
    return lead.post(url, {"kind": kind, **more})


def touched(small, mentor="ines", mentee="karen"):
    return f"{small.people[mentor].code}.{small.people[mentee].code}"


def test_a_lock_leads_back_to_the_row_in_the_same_order_search_and_page(lead, small):
    response = decide(lead, small, "lock", back=PLACE)

    url = small.draft.get_absolute_url()
    code = touched(small)
    assert response.url == f"{url}?{PLACE}&touched={code}#pair-{code}"
    page = lead.get(response.url).content.decode()
    assert f'<tr id="pair-{code}">' in page
    assert 'name="order" value="least"' in page
    assert 'value="olsen"' in page


def test_a_decision_that_solves_anew_leads_to_the_table_and_shows_the_two_above_it(lead, small):
    response = decide(lead, small, "lock", "zoe", "gerald", back="q=olsen")
    run_waiting()

    url = small.draft.get_absolute_url()
    assert response.url == f"{url}?q=olsen&touched={touched(small, 'zoe', 'gerald')}#pairs"
    page = text_of(lead.get(response.url))
    pinned = page.index("Where the two you just decided about are now:")
    assert pinned < page.index("Zoe Adler", pinned) < page.index("All others with such a name:")
    assert page.index("All others with such a name:") < page.rindex("Karen Olsen")


@pytest.mark.parametrize(
    ("back", "query"),
    [
        pytest.param("https://evil.example/?q=x", "", id="an address elsewhere"),
        pytest.param("//evil.example", "", id="a host"),
        pytest.param("order=worst&page=-1&next=/people/&q=", "", id="what no table knows"),
        pytest.param(
            "page=2&page=3&q=%0d%0aSet-Cookie:x", "q=Set-Cookie%3Ax&page=3", id="a header"
        ),
        pytest.param("page=1", "", id="the first page"),
        pytest.param("q=" + "a" * 500, "q=" + "a" * 100, id="far too much"),
        pytest.param("&" * 5000, "", id="a thousand fields"),
    ],
)
def test_what_is_sent_as_the_place_leads_nowhere_but_into_the_table(lead, small, back, query):
    response = decide(lead, small, "lock", back=back)

    code = touched(small)
    asked = f"{query}&" if query else ""
    assert response.url == f"{small.draft.get_absolute_url()}?{asked}touched={code}#pair-{code}"


def test_every_way_from_a_row_carries_the_place_and_brings_it_back(lead, small):
    draft = small.draft
    link = f"?{urlencode({'back': PLACE})}"

    page = lead.get(f"{draft.get_absolute_url()}?{PLACE}").content.decode()
    pair = lead.get(pair_url("pair", draft, small.people, "ines", "karen") + link)
    cost = lead.get(pair_url("cost", draft, small.people, "ines", "karen") + link)
    swap = reverse("pairing:swap", args=[draft.code, small.people["ines"].code])
    choices = lead.get(swap + link)

    assert html.unescape(page).count(link) == 3  # why, keep apart, another leader
    home = f'href="{draft.get_absolute_url()}?{PLACE}"'
    hidden = f'name="back" value="{PLACE}"'
    assert home in html.unescape(pair.content.decode())
    assert hidden in html.unescape(cost.content.decode())
    assert home in html.unescape(choices.content.decode())
    assert hidden in html.unescape(choices.content.decode())


def test_from_the_table_the_answer_is_the_part_with_a_toast(lead, small):
    url = pair_url("decide", small.draft, small.people, "ines", "karen")
    sent = {"kind": "lock", "back": PLACE}

    response = lead.post(url, sent, headers={"HX-Request": "true"}, follow=True)
    # a browser asks for the page behind a redirect with the same header
    part = lead.get(response.redirect_chain[-1][0], headers={"HX-Request": "true"})

    page = response.content.decode() + part.content.decode()
    assert f'id="pair-{touched(small)}"' in page
    assert "Ines Moreau and Karen Olsen are kept together." in page


@pytest.mark.parametrize(
    ("kind", "two", "words"),
    [
        ("lock", ("ines", "karen"), "Ines Moreau and Karen Olsen are kept together."),
        ("forbid", ("ines", "karen"), "Ines Moreau and Karen Olsen are kept apart."),
        ("lock", ("zoe", "gerald"), "Zoe Adler and Gerald Whitfield are kept together."),
    ],
)
def test_a_decision_is_answered_in_words_with_a_way_back(lead, small, kind, two, words):
    response = decide(lead, small, kind, *two, back=PLACE)

    page = lead.get(response.url).content.decode()
    toast = page[page.index('id="toasts"') :]
    assert words in " ".join(re.sub(r"<[^>]+>", " ", toast).split())
    assert 'name="kind" value="free"' in toast
    assert "Undo" in toast
    run_waiting()
    decide(lead, small, "free", *two)
    assert not Wanted.objects.exists()


def test_undoing_is_answered_too_and_can_be_undone(lead, small):
    decide(lead, small, "forbid")
    run_waiting()
    lead.get(small.draft.get_absolute_url())  # reads the first answer

    response = decide(lead, small, "free")

    page = lead.get(response.url).content.decode()
    toast = page[page.index('id="toasts"') :]
    assert "The decision about Ines Moreau and Karen Olsen is taken back." in toast
    assert 'name="kind" value="forbid"' in toast


def test_what_was_decided_already_is_not_answered_twice(lead, small):
    decide(lead, small, "lock")
    lead.get(small.draft.get_absolute_url())

    response = decide(lead, small, "lock")

    assert "are kept together" not in text_of(lead.get(response.url))


def test_decisions_are_counted_in_the_heading_and_stand_in_words_before_the_settings(lead, small):
    decide(lead, small, "lock")
    decide(lead, small, "forbid", "zoe", "gerald")
    run_waiting()

    page = text_of(lead.get(small.draft.get_absolute_url()))

    assert "2 leaders, 3 mentors · 2 decisions" in page
    assert "Ines Moreau and Karen Olsen kept together" in page
    assert "Zoe Adler and Gerald Whitfield kept apart" in page
    assert page.index("Your decisions") < page.index("Rules that always hold")


def test_the_icons_and_the_bars_are_named_above_the_table(lead, small):
    page = text_of(lead.get(small.draft.get_absolute_url()))

    above = page[page.index("Proposed pairs") : page.index("Fit by component")]
    assert "Skills Interests Logistics Distance Private" in above
    assert "keep together keep apart choose another leader" in above


def test_a_row_says_what_both_do_and_where(lead, small):
    department = Department.objects.create(name="Digital", path="Group/Digital")
    person = small.people["ines"].person
    person.job_title, person.department = "Video producer", department
    person.save()

    page = text_of(lead.get(small.draft.get_absolute_url()))
    pair = text_of(lead.get(pair_url("pair", small.draft, small.people, "ines", "gerald")))

    assert "Ines Moreau Video producer · Digital" in page
    assert "Ines Moreau mentor · Video producer · Digital" in pair
    assert "Gerald Whitfield leader" in pair


def test_two_of_one_first_name_are_called_by_their_full_names(lead, small):
    person = small.people["karen"].person
    person.name = "Ines Olsen"
    person.save()

    url = pair_url("pair", small.draft, small.people, "ines", "karen")
    page = text_of(lead.get(url))
    cost = text_of(lead.get(pair_url("cost", small.draft, small.people, "ines", "karen")))

    assert "Why Ines Moreau and Ines Olsen" in page
    assert "Ines Olsen wants to learn Short video; Ines Moreau can teach that." in page
    assert "Next best for Ines Moreau" in cost


def test_two_who_are_not_possible_are_not_explained(lead, small):
    person = small.people["gerald"].person
    person.manager = small.people["zoe"].person
    person.save()

    page = text_of(lead.get(pair_url("pair", small.draft, small.people, "zoe", "gerald")))

    assert "How the fit adds up" not in page
    assert "What speaks for them" not in page


def test_while_it_is_published_nothing_can_be_decided_and_the_page_says_why(lead, small):
    lead.post(reverse("pairing:publish", args=[small.draft.code]), {"version": 1})

    page = lead.get(small.draft.get_absolute_url()).content.decode()
    refused = decide(lead, small, "lock")

    reason = "The pairs are being published or taken back; nothing changes meanwhile."
    assert page.count(f'disabled title="{reason}"') == 6
    assert refused.status_code == 409
    assert reason in text_of(refused)
    run_waiting()
    after = text_of(lead.get(small.draft.get_absolute_url()))
    assert re.search(r"You can undo it until \d\d:\d\d, as long as nobody has met\.", after)


def test_while_it_is_solved_anew_the_icons_wait_and_say_why(lead, small):
    decide(lead, small, "lock", "zoe", "gerald")

    page = lead.get(small.draft.get_absolute_url()).content.decode()

    reason = "The draft is being solved; it can be changed in a moment."
    assert page.count(f'disabled title="{reason}"') == 6


def test_paging_on_forgets_what_was_just_decided(lead, cast):
    draft = solved(make_many(cast.programme, 51, 51), cast.chi)
    last = draft.proposals.order_by("stays", "-fit", "pk").last()

    actions.lock_pair(draft, last.mentor, last.mentee, by=cast.chi)
    code = f"{last.mentor.code}.{last.mentee.code}"
    page = lead.get(f"{draft.get_absolute_url()}?touched={code}").content.decode()

    assert page.count(f'id="pair-{code}"') == 1
    assert 'href="?page=2"' in page
