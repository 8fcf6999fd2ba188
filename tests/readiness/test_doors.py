"""The doors of readiness: open to everybody alike, so that having been there tells nothing."""

import pytest
from django.urls import reverse

from contraflow.content.schema import load_readiness, load_resistance
from contraflow.programmes.models import Cohort, Enrolment, Side
from contraflow.readiness.places import places_of
from tests.conftest import CAST, each_of, make_cohort, make_enrolment, make_pair, make_person

DOORS = {
    "check-leader": ("readiness:check", ["leader"]),
    "check-mentor": ("readiness:check", ["mentor"]),
    "doubts": ("readiness:doubts", []),
}


def url_of(door):
    name, args = DOORS[door]
    return reverse(name, args=args)


@pytest.mark.parametrize("name", each_of(CAST))
@pytest.mark.parametrize("door", DOORS)
def test_everybody_who_is_signed_in_may_look_and_answer(sign_in, name, door):
    status = 302 if name == "nobody" else 200
    client = sign_in(name)

    assert client.get(url_of(door)).status_code == status
    assert client.post(url_of(door), {"ticked": ["0", "2"]}).status_code == status
    # nothing ticked is an answer, too
    assert client.post(url_of(door)).status_code == status


@pytest.mark.parametrize("name", each_of([name for name in CAST if name not in {"nobody", "bela"}]))
def test_the_page_is_the_same_whoever_opens_it(sign_in, name):
    """No name but one's own is on it, neither before nor after the answer."""
    for door in DOORS:
        for answer in (sign_in(name).get(url_of(door)), sign_in(name).post(url_of(door))):
            others = {other.title() for other in CAST if other != name}
            assert [other for other in others if f">{other}<" in answer.text] == []


@pytest.mark.parametrize("role", ["lead", "sponsor", "Leader"])
def test_there_is_no_check_of_another_role(sign_in, role):
    assert sign_in("bela").get(reverse("readiness:check", args=[role])).status_code == 404


@pytest.mark.parametrize("door", DOORS)
def test_what_is_not_on_the_form_is_refused_and_says_so(sign_in, door):
    answer = sign_in("bela").post(url_of(door), {"ticked": ["99"]})

    assert answer.status_code == 422
    assert "99 is not one of the available choices" in answer.text
    assert 'id="first"' not in answer.text


# -- the check ------------------------------------------------------------------------------------


def test_what_is_not_ticked_comes_back_as_what_to_do_and_the_first_of_it_stands_out(sign_in):
    items = load_readiness().leader

    answer = sign_in("bela").post(url_of("check-leader"), {"ticked": ["0", "2", "4", "5"]})

    steps = answer.context["steps"]
    assert [step.item for step in steps] == [items[1].item, items[3].item]
    assert [step.text for step in steps] == [items[1].do, items[3].do]
    assert answer.text.index("What to do first") < answer.text.index("Then, if you like")


def test_the_result_is_no_score(sign_in):
    answer = sign_in("bela").post(url_of("check-leader"), {"ticked": ["0"]})
    shown = answer.text[answer.text.index("<main") : answer.text.index("<form")]

    assert [word for word in ("of 6", "score:", "%", "points") if word in shown] == []


def test_whoever_ticks_everything_may_begin(sign_in):
    answer = sign_in("ama").post(
        url_of("check-mentor"), {"ticked": [str(n) for n in range(len(load_readiness().mentor))]}
    )

    assert answer.context["steps"] == []
    assert "You can begin." in answer.text


# -- objections -----------------------------------------------------------------------------------


def test_all_eight_forms_of_reluctance_are_there_to_tick_in_plain_words(sign_in):
    page = sign_in("bela").get(url_of("doubts")).text

    assert len(load_resistance()) == 8
    for card in load_resistance():
        assert card.sounds_like in page
        assert card.plainly in page
        # how the playbook calls it is for those who run a programme
        assert card.form not in page


def test_what_rings_true_is_answered_and_nothing_else_is(sign_in):
    cards = load_resistance()

    answer = sign_in("bela").post(url_of("doubts"), {"ticked": ["1", "7"]})

    assert [each.card.id for each in answer.context["answers"]] == ["R2", "R8"]
    for card in cards:
        is_answered = card.id in {"R2", "R8"}
        assert [step.do in answer.text for step in card.for_you] == [is_answered] * len(card.do)
        # the programme lead's half stays with the lead
        assert card.avoid not in answer.text


def test_whom_nothing_rings_true_is_told_whom_to_ask(sign_in):
    assert "None of these?" in sign_in("bela").post(url_of("doubts")).text


# -- where it is done -----------------------------------------------------------------------------


@pytest.mark.parametrize("door", DOORS)
def test_every_step_leads_to_a_page_that_works(sign_in, cast, door):
    everything = [str(n) for n in range(len(load_resistance()))] if door == "doubts" else []
    client = sign_in("ama" if door == "check-mentor" else "bela")

    context = client.post(url_of(door), {"ticked": everything}).context
    steps = [step for each in context.get("answers", ()) for step in each.steps]
    links = {link for step in steps or context["steps"] for link in step.links}

    assert len(links) > 3
    for link in links:
        path, _mark, place = link.url.partition("#")
        page = client.get(path, follow=True)
        assert page.status_code == 200, link
        assert not place or f'id="{place}"' in page.text, link


def test_every_place_that_the_content_names_is_found_for_a_leader_with_a_pair(cast):
    roles = load_readiness()
    named = {
        role: {place for each in getattr(roles, role) for place in each.where}
        for role in ("leader", "mentor")
    }
    named["leader"] |= {
        p for card in load_resistance() for step in card.for_you for p in step.where
    }

    assert named["leader"] - set(places_of(cast.bela, "leader")) == set()
    assert named["mentor"] - set(places_of(cast.ama, "mentor")) == set()


def test_who_has_no_partner_yet_gets_the_words_without_links_that_lead_nowhere(sign_in, cast):
    cast.eve = make_person("Eve")
    make_enrolment(cast.cohort, cast.eve, Side.MENTEE)

    answer = sign_in("eve").post(url_of("check-leader"))

    links = {step.item: [link.label for link in step.links] for step in answer.context["steps"]}
    assert links["I can name a question I want help with."] == []
    assert links["I am willing to be corrected by someone junior."] == [
        "Receiving feedback without defending"
    ]


def test_who_has_two_mentors_is_led_to_each(sign_in, cast):
    make_pair(cast.cohort, make_person("Nia"), cast.bela)

    answer = sign_in("bela").post(url_of("check-leader"))

    links = [link.label for link in answer.context["steps"][1].links]
    assert links == ["Write a question ahead · Ama", "Write a question ahead · Nia"]


# -- how it is found ------------------------------------------------------------------------------

LINKED = {
    "nobody takes part": (None, None, []),
    "a leader": (Side.MENTEE, "enrolled", ["leader", "doubts"]),
    "a leader on the bench": (Side.MENTEE, "bench", ["leader", "doubts"]),
    "a mentor": (Side.MENTOR, "enrolled", ["mentor"]),
    "invited": (Side.MENTEE, "invited", []),
    "withdrawn": (Side.MENTEE, "withdrawn", []),
}


@pytest.mark.parametrize("case", LINKED)
@pytest.mark.parametrize("page", ["home:today", "training:own"])
def test_who_takes_part_is_led_there_from_today_and_from_training(sign_in, cast, case, page):
    side, state, expected = LINKED[case]
    if side:
        make_enrolment(cast.cohort, cast.dov, side, Enrolment.State(state))

    text = sign_in("dov").get(reverse(page)).text

    assert [each for each in ("leader", "mentor", "doubts") if f"/readiness/{each}/" in text] == (
        expected
    )


def test_a_cohort_that_is_over_asks_nobody_whether_they_are_ready(sign_in, cast):
    make_enrolment(make_cohort(cast.programme, state=Cohort.State.CLOSED), cast.dov)

    assert "/readiness/" not in sign_in("dov").get(reverse("home:today")).text
