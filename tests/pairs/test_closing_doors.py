"""Who opens the page on which two close, what it says in each state, and who else learns of it."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from contraflow.pairs import actions, closings
from contraflow.pairs.models import Closing, ClosingPage, ClosingWords, Ending, Pair
from tests.conftest import CAST, each_of, make_person
from tests.pairs.ends import CLOSINGS, close, read, signed_in

pytestmark = pytest.mark.slow

TWO = {"ama", "bela"}
# who cannot even know that there is a pair, and who knows and may not
OTHERS = dict.fromkeys(CAST, 404) | {"nobody": 302, "chi": 403}
POSTS = {
    "-want": {},
    "-put-off": {},
    "-write": {"came": "The green room", "ready": "yes"},
    "-done": {},
}
HOUR = dt.timedelta(hours=1)


def door(name, pair):
    return reverse(f"pairs:closing{name}", args=[pair.code])


def bring(cast, how):
    """Let the two come as far as that an hour ago; return the pair."""
    close(cast.pair, how, cast.ama, timezone.now() - HOUR)
    return cast.pair


def standing():
    """Return everything that is kept of a closing."""
    models = (Closing, ClosingPage, Ending)
    return [list(model.objects.order_by("pk").values()) for model in models] + [
        [bytes(texts) for (texts,) in ClosingWords.objects.values_list("texts")]
    ]


@pytest.mark.parametrize("name", each_of(sorted(CAST.keys() - TWO)))
@pytest.mark.parametrize("how", ["nothing", "the other suggested it", "both have written"])
def test_nobody_but_the_two_opens_or_changes_it(sign_in, cast, name, how):
    pair = bring(cast, how)
    before, client = standing(), sign_in(name)

    answers = [client.get(door("", pair))]
    answers += [client.post(door(each, pair), sent) for each, sent in POSTS.items()]

    assert [each.status_code for each in answers] == [OTHERS[name]] * 5
    assert standing() == before
    for each in answers:
        assert "More than we thought" not in each.content.decode()


@pytest.mark.parametrize("name", sorted(TWO))
def test_either_of_the_two_goes_through_all_of_it(sign_in, cast, name):
    pair, other = cast.pair, (TWO - {name}).pop()
    one = sign_in(name)
    assert one.get(door("", pair)).status_code == 200
    for each in POSTS:
        assert one.get(door(each, pair)).url == pair.get_absolute_url()
        assert one.put(door(each, pair)).status_code == 405

    assert one.post(door("-want", pair)).url == door("", pair)
    assert "has your suggestion" in one.get(door("", pair)).text
    two = sign_in(other)
    assert "suggests to close well" in two.get(door("", pair)).text
    assert two.post(door("-want", pair)).url == door("", pair)
    for who in (name, other):
        sent = POSTS["-write"]
        assert sign_in(who).post(door("-write", pair), sent).url == f"{door('', pair)}#page"
    for who in (name, other):
        page = sign_in(who).get(door("", pair)).text
        assert page.count("The green room") == 2, who
        assert sign_in(who).post(door("-done", pair)).url == door("", pair)

    assert Ending.objects.get().who == "together"
    assert "You have closed together." in sign_in(name).get(door("", pair)).text
    actions.come_true(at=Ending.objects.get().tells_at)
    page = sign_in(other).get(door("", pair)).text
    assert "You closed this pair together." in page
    assert page.count("The green room") == 2, who
    assert "<textarea" not in page
    assert "End this pair" not in page


# what the page offers to Ama in each state: to want it, to put it off, to write, to say it is done
OFFERS = {
    "nothing": {"-want"},
    "the other suggested it": {"-want", "-put-off"},
    "one suggested it": {"-put-off"},
    "one was told not yet": set(),
    "both want it": {"-put-off", "-write", "-done"},
    "the other has written": {"-put-off", "-write", "-done"},
    "both have written": {"-put-off", "-write", "-done"},
    "the other is done": {"-put-off", "-write", "-done"},
    "both are done": {"-put-off", "-write"},
    "they go on after all": {"-want"},
}


@pytest.mark.parametrize(
    "how",
    CLOSINGS,
)
def test_the_page_offers_what_can_be_done_and_the_way_out(sign_in, cast, how):
    pair = bring(cast, how)

    page = sign_in("ama").get(door("", pair)).text

    assert {each for each in POSTS if f'action="{door(each, pair)}"' in page} == OFFERS[how]
    assert reverse("pairs:pair-end", args=[pair.code]) in page
    assert f'href="{door("", pair)}"' in sign_in("ama").get(pair.get_absolute_url()).text


@pytest.mark.parametrize(
    "how",
    CLOSINGS,
)
def test_whoever_wants_out_leaves_while_the_two_close_as_at_any_other_time(sign_in, cast, how):
    pair = bring(cast, how)
    client = sign_in("bela")

    assert client.post(reverse("pairs:pair-end", args=[pair.code])).status_code == 302

    assert "mentee" in {each.who for each in Ending.objects.all()}
    page = client.get(door("", pair)).text
    assert not any(f'action="{door(each, pair)}"' in page for each in POSTS)
    for each, sent in POSTS.items():
        assert client.post(door(each, pair), sent).status_code in {409, 422}, each
    # the other goes on as if nothing had been
    page = sign_in("ama").get(door("", pair)).text
    assert {each for each in POSTS if f'action="{door(each, pair)}"' in page} == OFFERS[how]


def test_a_page_that_was_never_read_stays_its_writers_own(sign_in, cast):
    pair = bring(cast, "the other has written")
    actions.come_true(at=actions.ask_to_end(pair, by=cast.ama).tells_at)

    own, other = (sign_in(name).get(door("", pair)).text for name in ("bela", "ama"))

    assert "More than we thought" in own
    assert "Nobody but you has read this." in own
    assert "More than we thought" not in other
    assert "closed this pair together" not in own + other


@pytest.mark.parametrize("name", ["chi", "sol", "tru", "root"])
def test_no_page_of_anybody_else_tells_that_two_close(sign_in, cast, name):
    client = signed_in(getattr(cast, name))
    places = [
        cast.pair.get_absolute_url(),
        cast.pair.sessions.first().get_absolute_url(),
        reverse("pairs:list", args=[cast.cohort.code]),
        reverse("home:overview", args=[cast.cohort.code]),
        reverse("desk:pair", args=[cast.pair.code]),
        reverse("home:today"),
    ]
    before = read(client, *places)

    bring(cast, "both have written")
    bring(cast, "both are done")

    assert read(client, *places) == before
    assert not any("/closing/" in text for _status, _where, text in before.values())


def test_a_lead_reads_that_a_plan_was_held_to_its_end_whoever_ended_the_pair(sign_in, cast):
    pages = []
    for held in (2, 3):
        cast.pair.sessions.filter(number__lte=held).update(
            state="held", starts_at=timezone.now() - HOUR
        )
        if cast.pair.state != "ended":
            actions.come_true(at=actions.ask_to_end(cast.pair, by=cast.bela).tells_at)
            cast.pair.refresh_from_db()
        pages.append(sign_in("chi").get(cast.pair.get_absolute_url()).text)

    assert ["Every session of its plan was held." in page for page in pages] == [False, True]


def test_assistant_and_line_manager_find_nothing_of_it(sign_in, cast):
    manager = make_person("Mara")
    cast.bela.manager = manager
    cast.bela.save()
    actions.name_assistant(cast.bela, assistant=cast.dov)
    pair = bring(cast, "both have written")
    for person in (cast.dov, manager):
        cast.dov = person
        client = sign_in("dov")
        assert client.get(door("", pair)).status_code == 404
        for place in ("/", reverse("pairs:diary"), reverse("people:notices")):
            assert "closing" not in client.get(place).text


# -- writing --------------------------------------------------------------------------------------


def test_what_is_typed_is_kept_as_one_goes(sign_in, cast):
    pair = bring(cast, "both want it")
    headers = {"HX-Request": "true"}
    url = door("-write", pair)

    saved = sign_in("ama").post(url, {"came": "A beginning"}, headers=headers)
    too_long = sign_in("ama").post(url, {"came": "x" * 1001}, headers=headers)
    without_script = sign_in("ama").post(url, {"came": "x" * 1001})

    assert saved.status_code == 204
    assert (too_long.status_code, without_script.status_code) == (422, 422)
    assert "<html" not in too_long.text
    assert "<html" in without_script.text
    texts = closings.texts_of(pair, reader=cast.ama)["mentor"]
    assert texts["came"] == "A beginning"
    assert ClosingPage.objects.get(side="mentor").ready_at is None
    assert "A beginning" in sign_in("ama").get(door("", pair)).text
    assert "A beginning" not in sign_in("bela").get(door("", pair)).text


def test_a_finished_page_stands_there_to_be_read_and_is_opened_again_as_it_was(sign_in, cast):
    pair = bring(cast, "both have written")
    client = sign_in("bela")
    assert "<textarea" not in client.get(door("", pair)).text
    assert client.get(door("", pair)).text.count("Because you asked, I now ask too.") == 2

    client.post(door("-write", pair), {"ready": "no"})

    page = client.get(door("", pair)).text
    assert "More than we thought</textarea>" in page
    # Ama's is hers again as well
    assert page.count("More than we thought") == 1


def test_an_empty_page_is_not_finished(sign_in, cast):
    pair = bring(cast, "both want it")

    answer = sign_in("ama").post(door("-write", pair), {"came": " ", "ready": "yes"})

    assert answer.status_code == 422
    assert "Nothing stands on your page yet." in answer.text


# -- around it ------------------------------------------------------------------------------------


def test_the_closing_session_has_the_agenda_of_the_ritual_wherever_it_stands(sign_in, cast):
    session = cast.pair.sessions.get(number=1)
    actions.book_session(session, by=cast.ama, starts_at=timezone.now() + 72 * HOUR)
    pair = bring(cast, "both want it")
    places = [
        door("", pair), pair.get_absolute_url(), session.get_absolute_url(),
        reverse("pairs:session-run", args=[session.code]),
    ]  # fmt: skip

    for place in places:
        page = sign_in("bela").get(place).text
        assert "Out loud, and each in turn: because you …, I now …" in page, place
        assert "Activity" not in page, place


def test_the_last_session_of_a_plan_suggests_to_close_and_others_do_not(sign_in, cast):
    pair = cast.pair
    suggests = "Your plan comes to its end"
    assert suggests not in sign_in("ama").get(pair.get_absolute_url()).text

    pair.sessions.exclude(number=3).update(state="held", starts_at=timezone.now() - 72 * HOUR)
    assert suggests in sign_in("ama").get(pair.get_absolute_url()).text
    bring(cast, "one was told not yet")
    assert suggests not in sign_in("bela").get(pair.get_absolute_url()).text


def test_two_who_have_closed_are_asked_for_no_date_until_the_hour(sign_in, cast):
    book = reverse("pairs:session-book", args=[cast.pair.sessions.first().code])
    assert book in sign_in("ama").get(cast.pair.get_absolute_url()).text

    pair = bring(cast, "both are done")

    page = sign_in("ama").get(pair.get_absolute_url()).text
    assert book not in page
    assert "Your pair ends at the next hour" in page
    assert "Every session of the plan has been held" not in page


def test_after_a_close_the_pairs_page_leads_to_what_both_wrote_and_to_somebody_new(sign_in, cast):
    pair = bring(cast, "both have written")
    bring(cast, "both are done")
    actions.come_true(at=Ending.objects.get().tells_at)

    page = sign_in("ama").get(pair.get_absolute_url()).text

    assert "You closed this pair together." in page
    assert door("", pair) in page
    assert "Find me a new partner" in page
    assert Pair.objects.get().state == "ended"
