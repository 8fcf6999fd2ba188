"""Every door of the room, for everybody who may stand before it."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from contraflow.core.mail import no_mail
from contraflow.pairs import actions
from contraflow.pairs.models import CalendarFeed, Session, SessionWords
from contraflow.pairs.urls import urlpatterns
from tests.conftest import CAST, each_of, make_pair

WORDS = ("the budget secret", "the prompt secret")
# the plan is not sealed, but a session's page shows it to the two alone
PLAN = ("Topic 1", "What?")
TWO = {"ama", "bela"}
OTHERS = {"chi": 403, "nobody": 302}


def row(two, lead):
    """Return who gets which status: the two, the programme's lead, everybody else."""
    others = dict.fromkeys(CAST, 404) | {"nobody": 302}
    return others | dict.fromkeys(TWO, two) | {"chi": lead}


EVERYBODY = dict.fromkeys(CAST, 200) | {"nobody": 302}
PAGES = {
    "pair": row(200, 200),
    "session": row(200, 200),
    "session-file": row(200, 403),
    "session-run": row(200, 403),
    "list": row(403, 200) | {"sol": 403, "tru": 403},
    "calendar": EVERYBODY,
    "absences": EVERYBODY,
    "assistants": EVERYBODY,
    "diary": EVERYBODY,
    "busy": EVERYBODY,
    "shutdowns": row(403, 200) | {"sol": 403, "tru": 403},
}
# posted: which session, what is sent, who gets which status, what state it is in afterwards
TOMORROW = timezone.now() + dt.timedelta(days=1)
DATE = {"starts_on": f"{TOMORROW + dt.timedelta(days=9):%Y-%m-%d}", "starts_time": "10:00"}
POSTS = {
    "session-book": ("planned", DATE | {"minutes": "50"}, "booked"),
    "session-check": ("planned", DATE | {"minutes": "50"}, "planned"),
    "session-move": ("booked", DATE, "moved"),
    "session-cancel": ("booked", {}, "planned"),
    "session-held": ("begun", {}, "held"),
    "session-missed": ("begun", {}, "missed"),
    "session-undo": ("held", {}, "begun"),
    "session-learned": ("held", {"text": "A new thing"}, "written"),
    "session-topic": ("planned", {"choice": "own", "topic": "Ours"}, "own topic"),
}


@pytest.fixture
def lived(cast):
    """Let the pair live: one session held with words, one begun, one booked, one planned."""
    plan = list(cast.cohort.plan.all())
    Session.objects.create(
        pair=cast.pair, number=4, planned=plan[0], due_on=cast.cohort.starts_on, minutes=50
    )
    with no_mail():
        return _live(cast)


def _live(cast):
    past = timezone.now() - dt.timedelta(days=3)
    sessions = dict(
        zip(("held", "begun", "booked", "planned"), cast.pair.sessions.all(), strict=True)
    )
    begin = timezone.now() - dt.timedelta(hours=2)
    for name, starts_at in (("held", begin), ("begun", begin + dt.timedelta(hours=1))):
        actions.book_session(sessions[name], by=cast.ama, starts_at=starts_at, at=past)
    actions.book_session(sessions["booked"], by=cast.ama, starts_at=TOMORROW, at=past)
    actions.record_held(sessions["held"], by=cast.ama)
    actions.write_learned(sessions["held"], by=cast.ama, text=WORDS[0])
    actions.write_learned(sessions["held"], by=cast.bela, text=WORDS[1])
    return sessions


def seen_state(session):
    """Return the name of the state a session is in, in the words of POSTS."""
    session = Session.objects.get(pk=session.pk)
    words = SessionWords.objects.filter(session=session).first()
    if words and "A new thing" in (words.learned_by_mentor, words.learned_by_mentee):
        return "written"
    if session.has_own_topic:
        return "own topic"
    if session.state != "booked":
        return session.state
    if session.starts_at <= timezone.now():
        return "begun"
    return "moved" if session.sequence > 1 else "booked"


def test_every_door_of_the_room_stands_in_a_table():
    own_tests = {
        "feed", "feed-make", "feed-revoke", "session-question", "commitment-review",
        "stories", "story-tell", "story-decide",
        "agreement", "agreement-section", "agreement-goal", "agreement-sign",
        "goal-review",  # test_agreement_doors.py
        "closing", "closing-want", "closing-put-off", "closing-write",
        "closing-done",  # test_closing_doors.py
        "gate-open",  # test_gates.py
        "asked",  # test_followups.py
        "absence-end", "shutdown-end", "pair-pause", "pair-go-on",  # test_rest_doors.py
        "holidays",  # test_holidays.py
        "pair-end", "pair-stay", "pair-seek",  # test_ending_doors.py
        "pair-copy", "pair-copy-data",  # test_keeping.py
        "series", "series-undo",  # test_series.py
        "busy-read", "busy-forget",  # test_busy.py
        "assistant-remove", "appointment", "appointment-book", "appointment-move",
        "appointment-cancel",  # test_diaries.py
    }  # fmt: skip
    assert {each.name for each in urlpatterns} == set(PAGES) | set(POSTS) | own_tests


@pytest.mark.parametrize("name", each_of())
def test_who_sees_a_page_and_what_it_does_not_tell(sign_in, cast, lived, name):
    codes = {"pair": [cast.pair.code], "list": [cast.cohort.code], "calendar": []}
    codes |= {
        "absences": [],
        "assistants": [],
        "busy": [],
        "diary": [],
        "shutdowns": [cast.cohort.code],
    }
    client = sign_in(name)

    for door, statuses in PAGES.items():
        answer = client.get(reverse(f"pairs:{door}", args=codes.get(door, [lived["held"].code])))

        assert answer.status_code == statuses[name], door
        shown = answer.content.decode()
        sees_words = name in TWO and door in {"pair", "session"}
        assert [word in shown for word in WORDS] == [sees_words] * 2, door
        sees_plan = sees_words or (name in TWO and door == "session-run")
        assert any(word in shown for word in PLAN) is sees_plan, door
        if answer.status_code == 200 and name not in TWO:
            assert "<textarea" not in shown
            assert "Join" not in shown
            assert lived["booked"].video_link not in shown


@pytest.mark.parametrize("name", each_of(sorted(CAST.keys() - TWO)))
def test_nobody_but_the_two_changes_a_session(sign_in, lived, name):
    before = {which: seen_state(session) for which, session in lived.items()}
    client = sign_in(name)

    for door, (which, sent, _) in POSTS.items():
        answer = client.post(reverse(f"pairs:{door}", args=[lived[which].code]), sent)
        assert answer.status_code == OTHERS.get(name, 404), door
        assert not any(word in answer.content.decode() for word in WORDS + PLAN), door

    assert {which: seen_state(session) for which, session in lived.items()} == before


@pytest.mark.parametrize("one", sorted(TWO))
@pytest.mark.parametrize("door", POSTS)
def test_either_of_the_two_changes_a_session(sign_in, lived, door, one):
    which, sent, afterwards = POSTS[door]
    url = reverse(f"pairs:{door}", args=[lived[which].code])
    client = sign_in(one)

    # the address bar may show it, after an error without scripts
    assert client.get(url).url == lived[which].get_absolute_url()
    assert client.put(url).status_code == 405
    assert client.post(url, sent).status_code == (200 if door == "session-check" else 302)

    assert seen_state(lived[which]) == afterwards


def test_participants_of_a_cohort_do_not_see_each_other(sign_in, cast):
    other = make_pair(cast.cohort)

    client = sign_in("ama")

    assert client.get(other.get_absolute_url()).status_code == 404
    assert client.get(other.sessions.get(number=1).get_absolute_url()).status_code == 404


# -- the private address --------------------------------------------------------------------------


def test_everybody_makes_and_revokes_their_own_address_alone(sign_in, cast):
    for name in CAST:
        assert sign_in(name).post(reverse("pairs:feed-make")).status_code == 302
    people = {getattr(cast, name).pk for name in CAST if name != "nobody"}
    assert set(CalendarFeed.objects.values_list("person", flat=True)) == people

    assert sign_in("nobody").post(reverse("pairs:feed-revoke")).status_code == 302
    assert sign_in("ama").post(reverse("pairs:feed-revoke")).status_code == 302

    left = people - {cast.ama.pk}
    assert set(CalendarFeed.objects.values_list("person", flat=True)) == left


def test_the_secret_opens_the_feed_whoever_asks_and_tells_no_words(sign_in, cast, lived):
    url = actions.make_feed(cast.ama).get_absolute_url()

    for name in CAST:
        answer = sign_in(name).get(url)

        assert answer.status_code == 200
        shown = answer.content.decode()
        assert "SUMMARY:Reverse mentoring with Bela" in shown
        assert not any(word in shown for word in WORDS + PLAN)
