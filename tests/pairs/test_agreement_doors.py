"""Who opens, writes, signs and looks back at an agreement, and what nobody else is told of it."""

import re

import pytest
from django.urls import reverse

from contraflow.core.models import AuditEntry, Notice, OutgoingMail
from contraflow.desk.actions import recompute
from contraflow.pairs import actions, agreements
from contraflow.pairs.models import (
    Agreement,
    AgreementChange,
    AgreementWords,
    Goal,
    GoalWords,
    Pair,
)
from contraflow.people.models import Role
from tests.conftest import CAST, each_of, make_enrolment, make_pair, make_person

pytestmark = pytest.mark.slow

TWO = {"ama", "bela"}
WORDS = ["the-green-room", "chair-the-meeting", "tally-of-marta", "three-same-voices"]
GOAL = {"week": 9, "will": WORDS[1], "seen_by": WORDS[2], "because": WORDS[3]}
# who cannot even know that there is a pair, and who knows and may not
OTHERS = dict.fromkeys(CAST, 404) | {"nobody": 302, "chi": 403}


def door(name, pair):
    return reverse(f"pairs:agreement{name}", args=[pair.code])


@pytest.fixture
def forming(cast):
    Pair.objects.filter(pk=cast.pair.pk).update(active_since=None)
    cast.pair.refresh_from_db()
    return cast.pair


@pytest.fixture
def written(cast, forming):
    """Both have a goal and a place to meet; nobody has signed."""
    actions.write_section(forming, by=cast.ama, section="place", text=WORDS[0], seen=0)
    for person in (cast.ama, cast.bela):
        actions.set_goal(forming, by=person, **GOAL)
    return forming


@pytest.fixture
def signed(cast, written):
    actions.sign_agreement(written, by=cast.ama, version=3)
    actions.sign_agreement(written, by=cast.bela, version=3, pledges=True)
    return written


def standing():
    """Return everything that is kept of agreements and goals."""
    rows = [Agreement, AgreementChange, Goal]
    words = [AgreementWords.objects.values_list("texts"), GoalWords.objects.values_list("will")]
    return [list(model.objects.order_by("pk").values()) for model in rows] + [
        [(len(bytes(text)) if text else 0,) for (text,) in each] for each in words
    ]


@pytest.mark.parametrize("name", each_of(sorted(CAST.keys() - TWO)))
@pytest.mark.parametrize("state", ["written", "signed"])
def test_nobody_but_the_two_opens_or_changes_an_agreement(request, sign_in, cast, state, name):
    pair = request.getfixturevalue(state)
    before = standing()
    goal = Goal.objects.visible_to(cast.ama).get(side="mentor")
    client = sign_in(name)
    answers = [
        client.get(door("", pair)),
        client.post(door("-section", pair), {"section": "place", "text": "x", "seen": 9,
                                             "reopens": "yes"}),
        client.post(door("-goal", pair), GOAL | {"week": 3, "reopens": "yes"}),
        client.post(door("-sign", pair), {"version": 3, "pledges": "on"}),
    ]  # fmt: skip
    review = client.post(reverse("pairs:goal-review", args=[goal.code]), {"outcome": "reached"})

    assert [each.status_code for each in answers] == [OTHERS[name]] * 4
    # a goal is not even known to the lead
    assert review.status_code == (302 if name == "nobody" else 404)
    assert standing() == before
    for each in [*answers, review]:
        assert not any(word in each.content.decode() for word in WORDS)


@pytest.mark.parametrize("name", sorted(TWO))
def test_either_of_the_two_writes_and_signs(sign_in, forming, name):
    client = sign_in(name)
    assert client.get(door("", forming)).status_code == 200
    for each in ("-section", "-goal", "-sign"):
        assert client.get(door(each, forming)).url == forming.get_absolute_url()
        assert client.put(door(each, forming)).status_code == 405

    section = {"section": "place", "text": WORDS[0], "seen": 0}
    assert client.post(door("-section", forming), section).url == f"{door('', forming)}#place"
    assert client.post(door("-goal", forming), GOAL).url == f"{door('', forming)}#goals"
    other = (TWO - {name}).pop()
    assert sign_in(other).post(door("-goal", forming), GOAL).status_code == 302
    assert sign_in(name).post(
        door("-sign", forming), {"version": 3, "pledges": "on"}
    ).url == door("", forming)  # fmt: skip

    assert [each["what"].split()[0] for each in agreements.history_of(
        forming, reader=forming.mentor
    )] == [{"ama": "Ama", "bela": "Bela"}[each] for each in (name, other, name, name)]  # fmt: skip
    page = sign_in(other).get(door("", forming)).text
    assert all(word in page for word in WORDS)


@pytest.mark.parametrize("name", ["chi", "sol", "tru", "root"])
def test_the_lead_sees_that_it_was_signed_and_nobody_else_even_that(sign_in, cast, signed, name):
    actions.write_section(
        signed, by=cast.bela, section="place", text="the-canteen", seen=3, reopens=True
    )
    recompute()
    client = sign_in(name)
    places = [
        signed.get_absolute_url(),
        reverse("pairs:list", args=[cast.cohort.code]),
        reverse("home:overview", args=[cast.cohort.code]),
        reverse("desk:pair", args=[signed.code]),
        reverse("desk:desk", args=[cast.programme.code]),
    ]
    pages = [client.get(place) for place in places]

    if name == "chi":
        assert [each.status_code for each in pages] == [200] * 5
        facts = re.sub(r"<[^>]+>|\s+", " ", pages[0].text)
        assert re.search(r"Goal of Ama +26|Goal of Ama +\d", facts)
        assert re.search(r"Signed by Bela +not yet", facts)
    else:
        assert {each.status_code for each in pages} <= {403, 404}
    for each in pages:
        text = each.content.decode()
        assert not any(word in text for word in [*WORDS, "the-canteen"])
        assert door("", signed) not in text


def test_assistant_line_manager_and_other_mentors_find_nothing_of_it(sign_in, cast, signed):
    manager = make_person("Mara")
    cast.bela.manager = manager
    cast.bela.save()
    actions.name_assistant(cast.bela, assistant=cast.dov)
    other = make_person("Otto")
    make_enrolment(cast.cohort, other)
    Role.objects.create(person=other, kind=Role.Kind.ADMINISTRATOR)
    for person in (cast.dov, manager, other):
        cast.dov = person
        client = sign_in("dov")
        assert client.get(door("", signed)).status_code == 404
        for place in ("/", reverse("pairs:diary"), reverse("people:notices")):
            shown = client.get(place).content.decode()
            assert not any(word in shown for word in WORDS)
            assert "agreement" not in shown


def test_neither_trail_nor_notice_nor_mail_holds_a_word(cast, signed):
    kept = [
        *AuditEntry.objects.values_list("facts", flat=True),
        *Notice.objects.values_list("facts", flat=True),
        *OutgoingMail.objects.values_list("cause", flat=True),
        *AgreementChange.objects.values_list("section", flat=True),
    ]

    assert not any(word in str(each) for each in kept for word in WORDS)


# -- what a form says -----------------------------------------------------------------------------


def test_both_texts_stand_there_where_two_wrote_at_once(sign_in, forming):
    url = door("-section", forming)
    sign_in("ama").post(url, {"section": "place", "text": "Ama's room", "seen": 0})

    late = {"section": "place", "text": "Bela's room", "seen": 0}
    answer = sign_in("bela").post(url, late)
    part = sign_in("bela").post(url, late, headers={"HX-Request": "true"})

    for each in (answer, part):
        assert each.status_code == 422
        assert "Ama changed this while you wrote" in each.text
        assert "Bela&#x27;s room</textarea>" in each.text
        assert "<blockquote>Ama&#x27;s room</blockquote>" in each.text
    assert "<html" not in part.text
    assert AgreementWords.objects.get().texts["place"] == "Ama's room"
    # the form that came back has seen both, and keeps what is saved with it
    assert 'name="seen" value="1"' in part.text
    sign_in("bela").post(url, late | {"seen": 1})
    assert AgreementWords.objects.get().texts["place"] == "Bela's room"


def test_whoever_did_not_know_of_a_signature_is_told_before_their_change_takes_it(
    sign_in, cast, written
):
    actions.sign_agreement(written, by=cast.ama, version=3)
    late = {"section": "pausing", "text": "We call", "seen": 3}

    answer = sign_in("bela").post(door("-section", written), late, headers={"HX-Request": "true"})
    goal = sign_in("bela").post(
        door("-goal", written), GOAL | {"week": 4}, headers={"HX-Request": "true"}
    )

    for each in (answer, goal):
        assert each.status_code == 422
        assert "Ama has signed. A change takes that signature back." in each.text
        assert 'name="reopens" value="yes"' in each.text
        # from here on it is saved by a press alone
        assert "data-autosave" not in each.text
    assert Agreement.objects.get().signed_by == ["mentor"]


def test_a_script_is_told_that_it_is_saved_and_that_signing_may_look_again(sign_in, written):
    headers = {"HX-Request": "true"}
    sent = {"section": "pausing", "text": "We call", "seen": 3}

    saved = sign_in("bela").post(door("-section", written), sent, headers=headers)
    part = sign_in("ama").get(f"{door('', written)}?read=3", headers=headers)
    own = sign_in("bela").get(f"{door('', written)}?read=3", headers=headers)

    assert (saved.status_code, saved["HX-Trigger"]) == (204, "written")
    assert "Bela changed something meanwhile: How we pause." in part.text
    assert "Sign what I have read" not in part.text
    assert "Sign what I have read" in own.text
    assert 'name="version" value="3"' in own.text


def test_signing_what_was_changed_meanwhile_shows_what_stands_there_now(sign_in, cast, written):
    actions.write_section(written, by=cast.bela, section="pausing", text="we-call", seen=3)

    answer = sign_in("ama").post(door("-sign", written), {"version": 3})

    assert answer.status_code == 422
    assert "Bela changed something meanwhile: How we pause. Read it, then sign." in answer.text
    assert "we-call" in answer.text
    assert 'name="version" value="4"' in answer.text
    assert Agreement.objects.get().signed_by == []


@pytest.mark.parametrize(
    ("name", "sent", "status"),
    [
        ("-section", {"section": "pledge", "text": "x", "seen": 0}, 409),
        ("-section", {"text": "x", "seen": 0}, 409),
        ("-section", {"section": "place", "text": "x"}, 422),
        ("-section", {"section": "place", "text": "x" * 1001, "seen": 0}, 422),
        ("-goal", GOAL | {"week": "soon"}, 422),
        ("-goal", GOAL | {"week": 99}, 422),
        ("-goal", GOAL | {"will": "x" * 301}, 422),
        ("-sign", {}, 422),
        ("-sign", {"version": "9" * 30}, 422),
        ("-sign", {"version": 0}, 422),
    ],
)
def test_what_a_form_does_not_hold_is_refused(sign_in, forming, name, sent, status):
    before = standing()

    assert sign_in("ama").post(door(name, forming), sent).status_code == status

    assert standing() == before


@pytest.mark.parametrize("read", ["", "x", "-1", "9" * 30, "99", "²"])
def test_any_version_may_be_asked_for(sign_in, written, read):
    answer = sign_in("ama").get(f"{door('', written)}?read={read}")

    assert 'name="version" value="3"' in answer.text


# -- pages around it ------------------------------------------------------------------------------


def test_the_mentors_goal_is_as_visible_as_the_leaders(sign_in, signed):
    for name in TWO:
        for place in (signed.get_absolute_url(), door("", signed)):
            page = sign_in(name).get(place).text
            headings = re.findall(r'<h3 class="from-(mentor|leader)">(Your goal|The goal of)', page)
            assert [side for side, _words in headings] == ["mentor", "leader"], place
            assert page.count(f"I will {WORDS[1]}, seen by {WORDS[2]}") == 2


def test_a_pairs_page_says_what_is_missing_until_it_is_active(sign_in, cast, written):
    page = sign_in("ama").get(written.get_absolute_url()).text
    assert "Agree how you work together" in page
    assert page.count("not yet") == 2

    actions.sign_agreement(written, by=cast.ama, version=3)
    actions.sign_agreement(written, by=cast.bela, version=3, pledges=True)

    page = sign_in("ama").get(written.get_absolute_url()).text
    assert "Agree how you work together" not in page
    assert "Your goals" in page


def test_a_pair_from_before_there_were_agreements_is_invited_to_write_one(sign_in, cast):
    page = sign_in("ama").get(cast.pair.get_absolute_url()).text

    assert "You began before pairs wrote agreements. You may write one now" in page
    facts = sign_in("chi").get(cast.pair.get_absolute_url()).text
    assert "This pair began before pairs wrote agreements, and counts as active." in facts


def test_a_lead_counts_active_pairs_and_finds_those_that_form(sign_in, cast, forming):
    make_pair(cast.cohort)
    client = sign_in("chi")

    overview = client.get(reverse("home:overview", args=[cast.cohort.code])).text
    url = f"{reverse('pairs:list', args=[cast.cohort.code])}?only=forming"
    listed = client.get(url).text

    assert "of 2 pairs: both signed, each with a goal" in overview
    assert "1 pair still writes its agreement" in overview
    assert url in overview
    assert listed.count("<tr>") == 2  # with the heads
    assert re.search(r"Ama and Bela</a>\s*<span[^>]*>\s*starting", listed)


def test_a_pair_that_ended_before_it_wrote_anything_is_shown_no_words_as_theirs(
    sign_in, cast, forming
):
    actions.end_pair(forming, by=cast.ama)

    page = sign_in("ama").get(door("", forming)).text

    assert "What stays between you" in page
    assert "How you work together" not in page
    assert "<textarea" not in page
    assert "This pair has ended." in page


def test_a_session_leads_a_forming_pair_to_its_agreement(sign_in, cast, forming):
    session = forming.sessions.get(number=1)
    for place in (session.get_absolute_url(), reverse("pairs:session-run", args=[session.code])):
        page = sign_in("bela").get(place).text
        assert "Your agreement is not signed by both of you yet." in page
        assert door("", forming) in page


def test_a_forming_pair_sets_its_dates_as_every_other(cast, forming, sign_in):
    for number in (1, 2):
        session = forming.sessions.get(number=number)
        page = sign_in("ama").get(session.get_absolute_url())
        assert "Book the session" in page.text, number


@pytest.mark.parametrize(
    ("outcome", "to"), [("reached", "pair"), ("going", "session"), ("changed", "agreement")]
)
def test_a_goal_is_looked_back_at_where_one_stands(sign_in, cast, signed, outcome, to):
    goal = Goal.objects.visible_to(cast.ama).get(side="mentor")
    session = signed.sessions.get(number=2)
    assert "How do your goals stand?" in sign_in("ama").get(session.get_absolute_url()).text
    sent = {"outcome": outcome} | ({"session": session.code} if to == "session" else {})

    answer = sign_in("ama").post(reverse("pairs:goal-review", args=[goal.code]), sent)

    assert answer.url == {
        "pair": goal.get_absolute_url(),
        "session": f"{session.get_absolute_url()}#goals",
        "agreement": f"{door('', signed)}?change=goal#goals",
    }[to]  # fmt: skip
    assert GoalWords.objects.get(goal=goal).outcome == outcome
    page = sign_in("bela").get(signed.get_absolute_url()).text
    assert str(GoalWords.Outcome(outcome).label) in page


def test_a_goal_comes_to_one_of_four_things(sign_in, cast, signed):
    goal = Goal.objects.visible_to(cast.ama).get(side="mentor")
    review = reverse("pairs:goal-review", args=[goal.code])

    assert sign_in("ama").post(review, {"outcome": "failed"}).status_code == 409
    assert sign_in("bela").post(review, {"outcome": "reached"}).status_code == 409
    assert sign_in("ama").get(review).url == goal.get_absolute_url()
    assert GoalWords.objects.get(goal=goal).outcome is None
