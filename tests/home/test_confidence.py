"""What two say in confidence, and what each keeps to themself, moves nothing that others see."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from contraflow.core.events import Event
from contraflow.core.models import AuditEntry
from contraflow.desk.actions import recompute
from contraflow.desk.models import PairHealth
from contraflow.desk.queries import digest_of
from contraflow.exchange import actions as exchange_actions
from contraflow.exchange import events as exchange_events
from contraflow.pairs import actions, events, meeting, stories
from contraflow.pairs.models import Assistant
from contraflow.pairs.replies import Reply
from tests.conftest import make_pair

# what the lead of a cohort may see of a pair, each of them a date or a state
FACTS = {
    "PairStarted", "PairEnded", "PairResumed", "PairPaused", "PauseEnded",
    "SessionBooked", "SessionMoved", "SessionCancelled",
    "SessionHeld", "SessionMissed", "SessionCorrected",
    "AbsenceStated", "AbsenceEnded", "ShutdownAdded", "ShutdownEnded",
    "AgreementSigned", "AgreementReopened", "GoalSet", "PairActivated", "GateOpened",
    "PairHeld", "PairReleased", "PartnerSought", "PartnerNotSought",
    # by a lead: that one of the two asked for the end stands nowhere
    "PairEndAsked", "PairEndTakenBack",
    # by the calendar, a number of pairs
    "PairWordsDeleted",
}  # fmt: skip
# what the whole cohort may read, as both of the pair want it
FOR_THE_COHORT = {"StoryShared"}
CONFIDENCES = {
    "LearnedWritten", "QuestionAsked", "TopicChosen", "CommitmentMade", "CommitmentReviewed",
    "StoryTold", "StoryKept", "StoryForgotten", "SessionAnswered",
    "FeedMade", "FeedRevoked", "AssistantNamed", "AssistantRemoved",
    "CalendarConnected", "CalendarDisconnected",
    "MessageSent", "MessageTakenBack", "NoteWritten", "NoteForgotten",
    "PromiseMade", "PromiseSettled", "AgreementWritten", "GoalReviewed",
}  # fmt: skip


@pytest.fixture
def pair(cast):
    """Ama and Bela, who met once and not again for weeks, among two other pairs."""
    now = timezone.now()
    for pair in (cast.pair, *(make_pair(cast.cohort) for _ in range(2))):
        pair.sessions.filter(number=1).update(state="held", starts_at=now - dt.timedelta(days=40))
    second = cast.pair.sessions.get(number=2)
    actions.book_session(second, by=cast.ama, starts_at=now + dt.timedelta(days=3))
    goal = {"will": "speak up", "seen_by": "the minutes", "because": "it matters"}
    actions.set_goal(cast.pair, by=cast.ama, week=9, **goal)
    recompute()
    return cast.pair


def test_every_event_of_a_pair_is_sorted_by_who_may_see_it():
    told = {
        each.__name__
        for each in (*vars(events).values(), *vars(exchange_events).values())
        if isinstance(each, type) and issubclass(each, Event) and not each.__subclasses__()
    }
    assert told - FACTS - FOR_THE_COHORT == CONFIDENCES


@pytest.mark.slow
def test_no_confidence_of_a_pair_moves_anything_its_lead_or_sponsor_sees(cast, pair, sign_in):
    before = seen_by_others(sign_in, cast)
    so_far = AuditEntry.objects.count()

    confide(cast, pair)

    recompute()
    assert seen_by_others(sign_in, cast) == before
    done = AuditEntry.objects.order_by("pk")[so_far:]
    assert {entry.event for entry in done if entry.by_id != cast.chi.pk} >= CONFIDENCES


@pytest.mark.slow
def test_a_fact_is_seen(cast, pair, sign_in):
    before = seen_by_others(sign_in, cast)

    actions.cancel_session(pair.sessions.get(number=2), by=cast.bela)

    recompute()
    after = seen_by_others(sign_in, cast)
    assert {place for place in before if before[place] != after[place]} >= {
        "home:overview", "pairs:list", "pairs:pair", "pairs:session", "desk:desk", "digest"
    }  # fmt: skip


def confide(cast, pair):
    """Say all that the two can say to each other, or do for themselves alone."""
    first, second, third = pair.sessions.order_by("number")
    for session in (first, second, third):
        session.pair = pair
    meeting.keep_after(
        first, by=cast.ama, text="I want to leave.", condition="he shouts again", action="I go"
    )
    meeting.review_commitment(first.commitments.get(), by=cast.ama, outcome="dropped")
    meeting.ask_ahead(second, by=cast.bela, text="Are you afraid of me?")
    meeting.choose_own_topic(second, by=cast.ama, topic="What went wrong")
    story = stories.tell_story(pair, by=cast.ama, text="It hurt.", shared_as="without_name")
    stories.keep_between_us(story, by=cast.bela)
    stories.forget_story(story, by=cast.ama)
    second.refresh_from_db()
    actions.take_reply(
        Reply(
            uid=second.uid, attendee=cast.ama.email, answer="declined", sequence=second.sequence,
            stamped_at=timezone.now(), senders=frozenset({cast.ama.email}),
        )
    )  # fmt: skip
    message = exchange_actions.send_message(pair, by=cast.ama, text="I cannot go on.")
    exchange_actions.take_back(message, by=cast.ama)
    note = exchange_actions.write_note(pair, by=cast.ama, text="He shouts.", is_private=True)
    exchange_actions.forget_note(note, by=cast.ama)
    promise = exchange_actions.make_promise(pair, by=cast.bela, kind="other", text="To listen.")
    exchange_actions.settle_promise(promise, by=cast.bela, state="dropped")
    actions.make_feed(cast.ama)
    actions.revoke_feed(cast.ama)
    actions.name_assistant(cast.ama, assistant=cast.dov)
    actions.remove_assistant(Assistant.objects.get(), by=cast.ama)
    actions.connect_calendar(cast.ama, address="https://calendar.example.org/private.ics")
    actions.disconnect_calendar(cast.ama)
    actions.write_section(pair, by=cast.ama, section="place", text="Not his office.", seen=1)
    actions.review_goal(pair.goals.get(), by=cast.ama, outcome="dropped")
    actions.ask_to_end(pair, by=cast.bela)
    actions.take_back_end(pair, by=cast.bela)
    actions.ask_to_end(pair, by=cast.ama)


def seen_by_others(sign_in, cast):
    """Return all that the lead and the sponsor see of the pair: pages, the weekly mail, health."""
    pair, session = cast.pair, cast.pair.sessions.get(number=2)
    pages = {
        "home:today": [],
        "home:overview": [cast.cohort.code],
        "pairs:list": [cast.cohort.code],
        "pairs:pair": [pair.code],
        "pairs:session": [session.code],
        "desk:desk": [cast.programme.code],
        "desk:pair": [pair.code],
        "people:notices": [],
    }
    lead = sign_in("chi")
    seen = {name: page_of(lead, name, args) for name, args in pages.items()}
    sponsor = sign_in("sol")
    seen["home:sponsor"] = page_of(sponsor, "home:sponsor", [cast.programme.code])
    seen["sponsor's today"] = page_of(sponsor, "home:today", [])
    seen["digest"] = [part["lines"] for part in digest_of(cast.chi, at=timezone.now())]
    rows = PairHealth.objects.order_by("pair")
    seen["health"] = list(rows.values_list("pair", "points", "band", "signals", "band_since"))
    return seen


def page_of(client, name, args):
    """Return a page but for what is made anew with each look: the tokens of its forms."""
    response = client.get(reverse(name, args=args))
    assert response.status_code == 200, name
    return re.sub(r'"\w{64}"|name="code" value="\w+"', "", response.content.decode())
