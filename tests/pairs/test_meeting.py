"""What the two do around a session: ask ahead, choose a topic, keep what stays, look back."""

import datetime as dt
import threading

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from contraflow.core.errors import Refusal
from contraflow.core.mail import no_mail
from contraflow.core.models import AuditEntry
from contraflow.pairs import actions, meeting, queries, rules
from contraflow.pairs.models import Commitment, CommitmentWords, Session, SessionWords
from contraflow.pairs.stories import tell_story
from tests.conftest import CAST, make_cohort

TWO = {"ama", "bela"}


@pytest.fixture
def first(cast):
    """The first session of the pair, held an hour ago."""
    session = cast.pair.sessions.get(number=1)
    begin = timezone.now() - dt.timedelta(hours=1)
    with no_mail():
        actions.book_session(session, by=cast.ama, starts_at=begin, at=begin - dt.timedelta(days=1))
    actions.record_held(session, by=cast.ama)
    return session


@pytest.fixture
def second(cast):
    return cast.pair.sessions.get(number=2)


def topics(pair):
    return [
        "own" if each.has_own_topic else each.planned.topic
        for each in pair.sessions.select_related("planned")
    ]


def posted(client, door, thing, **fields):
    return client.post(reverse(f"pairs:{door}", args=[thing.code]), fields)


# -- a question in advance ------------------------------------------------------------------------


def test_the_leader_asks_ahead_and_only_the_two_read_it(sign_in, cast, second):
    for name in CAST:
        status = 302 if name in {"bela", "nobody"} else {"ama": 409, "chi": 403}.get(name, 404)
        assert posted(sign_in(name), "session-question", second, text=name).status_code == status

    assert SessionWords.objects.get().question == "bela"
    for name in ("ama", "bela", "chi"):
        page = sign_in(name).get(second.get_absolute_url()).text
        assert ("Bela would like to ask" in page) == (name == "ama")
    assert sign_in("ama").get(second.get_absolute_url()).text.count("<p>bela</p>") == 1


def test_a_question_is_taken_back_and_is_not_asked_of_a_session_that_was_held(cast, first, second):
    meeting.ask_ahead(second, by=cast.bela, text=" Why? ")
    meeting.ask_ahead(second, by=cast.bela, text="  ")

    assert SessionWords.objects.get(session=second).question is None
    with pytest.raises(Refusal, match="took place"):
        meeting.ask_ahead(first, by=cast.bela, text="Why?")
    with pytest.raises(Refusal, match="at most 500"):
        meeting.ask_ahead(second, by=cast.bela, text="x" * 501)


# -- the topic ------------------------------------------------------------------------------------


def test_choosing_the_topic_of_another_session_swaps_the_two(cast, second):
    third_topic = cast.cohort.plan.get(number=3)

    meeting.choose_planned_topic(second, by=cast.ama, planned=third_topic)
    assert topics(cast.pair) == ["Topic 1", "Topic 3", "Topic 2"]

    # pressed twice, and by the other one
    meeting.choose_planned_topic(second, by=cast.bela, planned=third_topic)
    assert topics(cast.pair) == ["Topic 1", "Topic 3", "Topic 2"]


def test_a_topic_of_ones_own_is_sealed_and_can_be_given_up_again(sign_in, cast, second):
    client = sign_in("bela")
    own = {"choice": "own", "topic": "Saying no", "activity": "Act it out"}
    assert posted(client, "session-topic", second, **own).status_code == 302

    assert topics(cast.pair) == ["Topic 1", "own", "Topic 3"]
    for name, page in [
        (name, sign_in(name).get(reverse(f"pairs:{door}", args=[second.code])).text)
        for name in ("ama", "chi")
        for door in ("session", "session-run")
    ]:
        assert [words in page for words in ("Saying no", "Act it out")] == [name == "ama"] * 2
    assert "Your own topic" in sign_in("ama").get(cast.pair.get_absolute_url()).text

    posted(sign_in("ama"), "session-topic", second, choice="2")
    assert topics(cast.pair) == ["Topic 1", "Topic 2", "Topic 3"]
    words = SessionWords.objects.get()
    assert (words.own_topic, words.own_activity) == (None, None)


def test_what_was_held_keeps_its_topic_and_is_not_offered_again(sign_in, cast, first, second):
    page = sign_in("ama").get(second.get_absolute_url()).text
    assert "Topic 3 (swap with session 3)" in page
    assert "Topic 1" not in page

    assert posted(sign_in("ama"), "session-topic", second, choice="1").status_code == 422
    with pytest.raises(Refusal, match="took place"):
        meeting.choose_own_topic(first, by=cast.ama, topic="Another")
    foreign = make_cohort(cast.programme).plan.first()
    with pytest.raises(Refusal, match="not in the plan of your cohort"):
        meeting.choose_planned_topic(second, by=cast.ama, planned=foreign)
    assert topics(cast.pair) == ["Topic 1", "Topic 2", "Topic 3"]


def test_an_own_topic_needs_words(sign_in, cast, second):
    answer = posted(sign_in("ama"), "session-topic", second, choice="own", topic=" ")

    assert answer.status_code == 422
    assert "Write what you want to talk about." in answer.text
    assert topics(cast.pair) == ["Topic 1", "Topic 2", "Topic 3"]


# -- what was set, and what became of it ----------------------------------------------------------


def test_a_plan_has_two_halves_and_each_of_the_two_has_one(sign_in, cast, first):
    client = sign_in("ama")
    half = posted(client, "session-learned", first, text="A thing", condition="on Monday")
    assert half.status_code == 422
    assert "A plan has two halves" in half.text
    assert not Commitment.objects.exists()

    for name in TWO:
        plan = {"text": f"thing of {name}", "condition": f"if {name}", "action": f"then {name}"}
        assert posted(sign_in(name), "session-learned", first, **plan).status_code == 302

    rows = queries.commitments_of(cast.pair, reader=cast.ama)
    assert [(each["name"], each["condition"], each["is_mine"]) for each in rows] == [
        ("Bela", "if bela", False), ("Ama", "if ama", True),
    ]  # fmt: skip
    assert queries.commitments_of(cast.pair, reader=cast.chi) == []


def test_writing_the_same_again_changes_nothing_and_nothing_takes_it_away(cast, first):
    plan = {"by": cast.ama, "condition": "on Monday", "action": "I ask"}
    made = meeting.commit(first, **plan)
    meeting.review_commitment(made, by=cast.ama, outcome="done")

    assert meeting.commit(first, **plan).reviewed_at is not None
    rewritten = meeting.commit(first, **(plan | {"action": "I listen"}))
    assert rewritten.reviewed_at is None
    assert meeting.commit(first, by=cast.ama, condition="", action="") is None
    assert not CommitmentWords.objects.exists()


def test_whoever_set_it_looks_back_on_the_next_sessions_page(sign_in, cast, first, second):
    made = meeting.commit(first, by=cast.ama, condition="on Monday", action="I ask")
    assert "if on Monday, then I ask" in sign_in("bela").get(second.get_absolute_url()).text

    for name in CAST:
        status = 302 if name in {"ama", "nobody"} else {"bela": 409}.get(name, 404)
        client = sign_in(name)
        answer = posted(client, "commitment-review", made, outcome="changed", session=second.code)
        assert answer.status_code == status, name
    assert posted(sign_in("ama"), "commitment-review", made, outcome="x").status_code == 409

    made.refresh_from_db()
    at = made.reviewed_at
    meeting.review_commitment(made, by=cast.ama, outcome="done")
    made.refresh_from_db()
    assert (CommitmentWords.objects.get().outcome, made.reviewed_at) == ("done", at)
    told = list(AuditEntry.objects.filter(event="CommitmentReviewed").values())
    assert len(told) == 2
    assert "Monday" not in str(told)


def test_what_is_open_comes_back_until_it_was_looked_at(cast, first, sign_in):
    made = meeting.commit(first, by=cast.ama, condition="on Monday", action="I ask")
    third = cast.pair.sessions.get(number=3).get_absolute_url()
    assert "on Monday" in sign_in("ama").get(third).text

    meeting.review_commitment(made, by=cast.ama, outcome="dropped")

    assert "on Monday" not in sign_in("ama").get(third).text
    assert "on Monday" in sign_in("ama").get(cast.pair.get_absolute_url()).text


# -- the clock ------------------------------------------------------------------------------------


def test_the_clock_knows_which_part_runs():
    at = timezone.now()
    agenda = [{"name": "a", "minutes": 5}, {"name": "b", "minutes": 45}]

    def clock(minutes):
        return queries.clock_of(agenda, begun=at - dt.timedelta(minutes=minutes), at=at)

    assert [clock(minutes).now for minutes in (0, 4.99, 5, 49, 50, 600)] == [0, 0, 1, 1, 2, 2]
    assert [part["is_now"] for part in clock(5).parts] == [False, True]
    # not begun, begun tomorrow, forgotten yesterday
    assert [queries.clock_of(agenda, begun=None, at=at).now, clock(-1).now, clock(1441).now] == [
        None, None, None,
    ]  # fmt: skip


@pytest.mark.parametrize("begun", ["", "x", "-5", "9" * 30, "²", "99999999999"])
def test_nonsense_does_not_start_the_clock(sign_in, second, begun):
    url = reverse("pairs:session-run", args=[second.code])

    answer = sign_in("ama").get(url, {"begun": begun})

    assert answer.status_code == 200
    assert 'name="begun"' in answer.text


# -- two at once ----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_both_write_at_the_same_moment_and_all_of_it_is_kept(cast, first):
    start = threading.Barrier(2)

    def write(name):
        session = Session.objects.select_related("pair").get(pk=first.pk)
        start.wait(timeout=10)
        plan = {"condition": f"if {name}", "action": f"then {name}"}
        meeting.keep_after(session, by=getattr(cast, name), text=name, **plan)
        connection.close()

    threads = [threading.Thread(target=write, args=[name]) for name in TWO]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    words = SessionWords.objects.get()
    assert (words.learned_by_mentor, words.learned_by_mentee) == ("ama", "bela")
    assert {each.condition for each in CommitmentWords.objects.all()} == {"if ama", "if bela"}


# -- who may not, and when ------------------------------------------------------------------------


def test_every_refusal_says_why(cast, first, second):
    story = tell_story(cast.pair, by=cast.ama, text="Mine", shared_as="with_name")
    made = meeting.commit(first, by=cast.ama, condition="on Monday", action="I ask")
    chi, long = cast.chi, "x" * 3_000
    said = [
        rules.why_not_record(first, by=chi),
        rules.why_not_ask(second, by=chi),
        rules.why_not_commit(first, by=chi),
        rules.why_not_commit(second, by=cast.ama),
        rules.why_not_commit(first, by=cast.ama, condition=long, action="x"),
        rules.why_not_review(made, by=chi),
        rules.why_not_tell(cast.pair, by=chi),
        rules.why_not_tell(cast.pair, by=cast.ama, text=long),
        rules.why_not_agree(story, by=chi),
    ]
    actions.end_pair(cast.pair, by=cast.ama)
    second.pair.refresh_from_db()
    cast.pair.refresh_from_db()
    said += [
        rules.why_not_choose_topic(second, by=cast.ama),
        rules.why_not_tell(cast.pair, by=cast.ama),
    ]

    assert [each.split()[:4] for each in said] == [
        ["Only", "the", "two", "people"],
        ["Only", "the", "two", "people"],
        ["Only", "the", "two", "people"],
        ["You", "can", "write", "this"],
        ["Each", "half", "takes", "at"],
        ["Only", "the", "two", "people"],
        ["Only", "the", "two", "people"],
        ["A", "story", "takes", "at"],
        ["Only", "the", "two", "people"],
        ["This", "pair", "has", "ended."],
        ["This", "pair", "has", "ended."],
    ]
