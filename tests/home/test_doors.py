"""Who opens which page that gathers, and what must not be on it."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from contraflow.desk.actions import recompute
from contraflow.home.today import cards_for
from contraflow.pairs.actions import ask_to_end, come_true
from contraflow.pairs.models import SessionWords
from contraflow.programmes.models import Enrolment
from tests.conftest import CAST, make_cohort, make_enrolment, make_pair, make_person
from tests.pairs.ends import close

SECRET = "what only the two may read"
SIGN_IN = 302


@pytest.fixture
def lived(cast):
    """Ama and Bela met once, wrote about it, and their next session is cancelled twice."""
    session = cast.pair.sessions.get(number=1)
    session.state, session.starts_at = "held", timezone.now() - dt.timedelta(days=60)
    session.save()
    SessionWords.objects.create(session=session, learned_by_mentor=SECRET)
    return cast


OVERVIEW = {
    "ama": 403, "bela": 403, "chi": 200, "cleo": 404, "sol": 403, "tru": 403, "dov": 404,
    "root": 404, "nobody": SIGN_IN,
}  # fmt: skip
SPONSOR = OVERVIEW | {"sol": 200}
TODAY = dict.fromkeys(CAST, 200) | {"nobody": SIGN_IN}


def test_overview_opens_to_the_lead_of_its_programme(sign_in, lived):
    url = reverse("home:overview", args=[lived.cohort.code])

    for who in CAST:
        response = sign_in(who).get(url)

        assert response.status_code == OVERVIEW[who], who
        assert SECRET not in response.text
        assert ("Pairs that need you" in response.text) is (who == "chi")


def test_sponsor_page_opens_to_sponsor_and_lead(sign_in, lived):
    url = reverse("home:sponsor", args=[lived.programme.code])

    for who in CAST:
        response = sign_in(who).get(url)

        assert response.status_code == SPONSOR[who], who
        for kept_away in {SECRET, "Ama", "Bela"} - {who.title()}:
            assert kept_away not in response.text, who


def test_today_is_everybodys_and_shows_only_their_own(sign_in, lived):
    for who in CAST:
        response = sign_in(who).get(reverse("home:today"))

        assert response.status_code == TODAY[who], who
        assert SECRET not in response.text
        assert ("Set a date with" in response.text) is (who in {"ama", "bela"})
        assert (lived.pair.get_absolute_url() in response.text) is (who in {"ama", "bela"})
        assert (lived.cohort.name in response.text) is (who == "chi")
        assert ("Programmes you answer for" in response.text) is (who == "sol")


def test_sponsor_sees_no_count_of_fewer_than_five_pairs(sign_in, lived):
    page = sign_in("sol").get(reverse("home:sponsor", args=[lived.programme.code])).text

    assert "Fewer than 5 pairs have started" in page
    assert "Pairs meeting" not in page


def test_sponsor_sees_neither_a_small_count_nor_a_small_rest(sign_in, lived):
    pairs = [make_pair(lived.cohort) for _ in range(7)]
    for pair in pairs[:5]:
        pair.sessions.filter(number=1).update(state="held", starts_at=timezone.now())
    url = reverse("home:sponsor", args=[lived.programme.code])

    assert "all but a few" in sign_in("sol").get(url).text

    for pair in pairs[2:5]:
        pair.sessions.update(state="planned", starts_at=None)
    assert "fewer than 5" in sign_in("sol").get(url).text


@pytest.mark.parametrize("n_pairs", [1, 12])
def test_overview_costs_the_same_for_any_number_of_pairs(
    sign_in, lived, n_pairs, django_assert_max_num_queries
):
    for _ in range(n_pairs - 1):
        make_pair(lived.cohort)
    client, url = sign_in("chi"), reverse("home:overview", args=[lived.cohort.code])
    with django_assert_max_num_queries(32) as asked:
        client.get(url)
    assert len(asked) == 32  # the last one notes who looked


NOW = dt.datetime(2026, 1, 7, 9, tzinfo=dt.UTC)


def titles(person, now=NOW):
    return [card.title for card in cards_for(person, now=now)]


@pytest.mark.parametrize(
    ("starts_in", "title"),
    [
        pytest.param(dt.timedelta(minutes=40), "In 40 minutes, with Bela", id="soon"),
        pytest.param(dt.timedelta(minutes=-10), "Now, with Bela", id="going on"),
        pytest.param(dt.timedelta(hours=6), "Today at 15:00, with Bela", id="today"),
        pytest.param(dt.timedelta(days=1), "Tomorrow at 09:00, with Bela", id="tomorrow"),
        pytest.param(dt.timedelta(days=8), "Thu 15 Jan, 09:00, with Bela", id="later"),
        pytest.param(dt.timedelta(hours=-2), "Did you and Bela meet?", id="over and untold"),
    ],
)
def test_card_of_a_booked_session_says_when_in_words(cast, starts_in, title):
    cast.pair.sessions.filter(number=1).update(state="booked", starts_at=NOW + starts_in)

    assert titles(cast.ama) == [title]


def test_pair_without_a_date_is_asked_for_one(cast):
    assert titles(cast.bela) == ["Set a date with Ama"]
    assert titles(cast.dov) == []


def test_pair_is_asked_for_a_date_of_what_was_missed_when_nothing_else_is_left(cast):
    cast.pair.sessions.update(state="held", starts_at=NOW - dt.timedelta(days=19))
    cast.pair.sessions.filter(number=2).update(state="missed")

    cards = cards_for(cast.ama, now=NOW)

    assert [(card.title, card.text) for card in cards] == [
        ("Set a date with Bela", "Session 2 was not held. Topic 2")
    ]


def test_a_pair_that_forms_is_led_to_its_agreement(cast):
    cast.pair.active_since = None
    cast.pair.save()

    cards = cards_for(cast.bela, now=NOW)

    assert [(card.title, card.url) for card in cards] == [
        ("Set a date with Ama", cast.pair.get_absolute_url()),
        (
            "Agree with Ama how you work together",
            reverse("pairs:agreement", args=[cast.pair.code]),
        ),
    ]


CLOSE_UP = {
    "nothing": None,
    "one suggested it": None,
    "the other suggested it": "Bela suggests to close your time together well",
    "one was told not yet": None,
    "both want it": "You and Bela close together",
    "the other has written": "You and Bela close together",
    "both have written": None,
    "the other is done": "Bela says that your closing is done",
    "both are done": None,
}


@pytest.mark.parametrize(("how", "title"), CLOSE_UP.items())
def test_each_is_led_to_what_is_next_in_closing_a_pair(cast, how, title):
    close(cast.pair, how, cast.ama, NOW)

    cards = [card for card in cards_for(cast.ama, now=NOW) if "/closing/" in card.url]

    url = reverse("pairs:closing", args=[cast.pair.code])
    assert [(card.title, card.url) for card in cards] == ([(title, url)] if title else [])
    assert not any("/closing/" in card.url for card in cards_for(cast.chi, now=NOW))


def test_who_left_a_pair_finds_the_way_back_and_nobody_else_does(cast):
    before = {who: titles(getattr(cast, who)) for who in ("bela", "chi")}

    ask_to_end(cast.pair, by=cast.ama, at=NOW)

    assert titles(cast.ama) == ["You have ended your pair with Bela"]
    assert {who: titles(getattr(cast, who)) for who in before} == before
    come_true(at=NOW + dt.timedelta(days=5))
    assert "You have ended your pair with Bela" not in titles(cast.ama)


def test_two_who_have_closed_are_asked_for_no_date(cast):
    close(cast.pair, "both are done", cast.ama, NOW)

    assert titles(cast.ama) == titles(cast.bela) == []


@pytest.mark.parametrize(
    ("how", "is_suggested"),
    [("nothing", True), ("one suggested it", False), ("one was told not yet", False)],
)
def test_the_last_session_suggests_to_close_until_somebody_said_something(cast, how, is_suggested):
    cast.pair.sessions.exclude(number=3).update(state="held", starts_at=NOW - dt.timedelta(days=30))
    close(cast.pair, how, cast.ama, NOW)

    found = "Your last session with Bela: close it well" in titles(cast.ama)

    assert found is is_suggested


LEARNED = "What did you learn with {}?"


def test_each_of_the_two_is_asked_what_they_learned_until_they_wrote_it(cast):
    cast.pair.sessions.update(state="held", starts_at=NOW - dt.timedelta(days=3))
    session = cast.pair.sessions.get(number=3)

    assert titles(cast.ama) == [LEARNED.format("Bela")]
    assert titles(cast.bela) == [LEARNED.format("Ama")]
    (card,) = cards_for(cast.bela, now=NOW)
    assert card.text.startswith("Sunday 4 January, session 3. ")
    assert card.url == f"{session.get_absolute_url()}#learned"
    for number in (1, 2, 3):
        words = SessionWords(session=cast.pair.sessions.get(number=number))
        words.learned_by_mentor = SECRET
        words.save()
    assert titles(cast.ama) == []
    assert titles(cast.bela) == [LEARNED.format("Ama")]


def test_nobody_is_asked_for_ever_what_they_learned_nor_about_another_pair(cast):
    cast.pair.sessions.update(state="held", starts_at=NOW - dt.timedelta(days=15))

    assert titles(cast.ama) == titles(cast.dov) == titles(cast.chi) == []


@pytest.mark.parametrize(
    ("state", "cohort_state", "title"),
    [
        ("invited", "enrolling", "You are invited to Executive digital fluency"),
        ("enrolled", "enrolling", "Tell us what you can teach"),
        ("bench", "pairing", "Tell us what you can teach"),
        ("applied", "enrolling", "Executive digital fluency"),
        ("waiting", "pairing", "Executive digital fluency"),
        ("declined", "enrolling", None),
        ("invited", "closed", None),
    ],
)
def test_card_of_an_enrolment_says_what_comes_next(cast, state, cohort_state, title):
    cohort = make_cohort(cast.programme, state=cohort_state)
    enrolment = make_enrolment(cohort, make_person("New"), state=Enrolment.State(state))

    assert titles(enrolment.person) == ([title] if title else [])


def test_card_of_a_booked_session_leads_to_the_pair_too(cast, sign_in):
    soon = timezone.now() + dt.timedelta(days=3)
    cast.pair.sessions.filter(number=1).update(state="booked", starts_at=soon)

    page = sign_in("ama").get(reverse("home:today")).text

    assert f'href="{cast.pair.get_absolute_url()}"' in page


def test_the_overview_says_whose_the_dates_of_objectives_are(sign_in, cast):
    cast.programme.objectives.create(
        statement="Leaders post", measure="m", target=3, position=1, due_on=dt.date(2026, 1, 1)
    )

    page = sign_in("chi").get(reverse("home:overview", args=[cast.cohort.code])).text
    sponsors = sign_in("chi").get(reverse("home:sponsor", args=[cast.programme.code])).text

    assert "Objectives and their dates belong to the" in page
    assert "Objectives and their dates" not in sponsors


def test_the_overview_leads_to_all_pairs_that_need_the_lead(sign_in, cast):
    for _ in range(6):
        make_pair(cast.cohort)
    url = f"{reverse('desk:desk', args=[cast.programme.code])}?cohort={cast.cohort.code}"
    recompute()
    client = sign_in("chi")

    page = client.get(reverse("home:overview", args=[cast.cohort.code])).text

    assert f'<a href="{url}">See all 7 on the desk</a>' in page
    assert client.get(url).context["pairs"].paginator.count == 7


def test_without_a_video_room_today_leads_to_the_session(sign_in, cast, settings):
    settings.VIDEO_LINK_PATTERN = ""
    session = cast.pair.sessions.get(number=1)
    session.state, session.starts_at = "booked", timezone.now() + dt.timedelta(hours=1)
    session.save()

    (card,) = cards_for(cast.ama, now=timezone.now())

    assert (card.action, card.url) == ("See the agenda", session.get_absolute_url())
    assert card.others == []
