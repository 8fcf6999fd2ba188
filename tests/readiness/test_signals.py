"""What is noticed of a pair, from which fact, who is shown it, and that it leaves no trace."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from contraflow.content.schema import load_resistance
from contraflow.pairs.actions import pause_pair
from contraflow.pairs.models import (
    Agreement,
    Commitment,
    CommitmentWords,
    GateOpening,
    Pair,
    Session,
    SessionChange,
    SessionWords,
)
from contraflow.programmes.models import Cohort, Side
from contraflow.readiness.signals import INSIDE, PROCESS, cards_for_lead, cards_inside
from contraflow.training.models import Progress
from tests.repo.files import ROOT

NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)  # a Monday
TODAY = NOW.date()
DAY = dt.timedelta(days=1)
SIGNALS = {signal.key: signal for card in load_resistance() for signal in card.signals}


@pytest.fixture
def pair(cast):
    """A pair of ten days that has agreed, is trained, and has everything still to come."""
    begin(cast.pair, days=10)
    return cast.pair


def begin(pair, *, days):
    pair.started_on = TODAY - days * DAY
    pair.save()
    for session in pair.sessions.all():
        session.due_on = TODAY + session.number * DAY
        session.save()


def hold(pair, *numbers):
    """Let sessions have taken place, the last of them yesterday."""
    for n in numbers:
        starts_at = NOW - (1 + max(numbers) - n) * DAY
        pair.sessions.filter(number=n).update(state=Session.State.HELD, starts_at=starts_at)


def second_session_is_today(pair):
    pair.sessions.filter(number=2).update(due_on=TODAY)


def change(pair, kind, side, *, helper=None, days=1):
    SessionChange.objects.create(
        session=pair.sessions.first(), kind=kind, side=side, helper=helper, at=NOW - days * DAY,
        notice_hours=72,
    )  # fmt: skip


def noticed(pair, reader=None):
    """Return the keys of what is noticed, for one of the two or for the lead."""
    pair = Pair.objects.get(pk=pair.pk)
    cards = cards_inside(pair, reader=reader, at=NOW) if reader else cards_for_lead(pair, at=NOW)
    said = {text for card in cards for text in card.signals}
    return {key for key, each in SIGNALS.items() if (each.inside or each.text) in said}


# -- every signal of the playbook ----------------------------------------------------------------


def test_every_signal_is_computed_or_says_why_not():
    of_facts = {key: each.shown_to for key, each in SIGNALS.items() if each.fact}

    assert len(SIGNALS) == sum(len(card.signals) for card in load_resistance()) == 18
    assert {key for key, to in of_facts.items() if to == "lead"} == set(PROCESS)
    assert {key for key, to in of_facts.items() if to != "lead"} == set(INSIDE)
    assert {key for key, each in SIGNALS.items() if each.not_computed} == {
        "goal_for_the_mentor", "leader_spoke_most", "always_leaders_office",
        "mutual_terms_removed", "no_practice_named", "posts_before_session_3",
        "themes_unanswered", "agenda_skipped", "declines_insights",
    }  # fmt: skip


def test_every_signal_computed_is_brought_about_below():
    assert set(FOR_LEAD) == set(PROCESS)
    assert set(FOR_TWO) == set(INSIDE)


def test_the_documentation_lists_every_signal_with_who_sees_it_and_from_what():
    who = {"lead": "the lead", "leader": "the leader", "both": "the two"}
    page = (ROOT / "docs" / "use" / "readiness.md").read_text()
    listed = re.findall(r"^\| (R\d) \| (.+?) \| (.+?) \| (.+?) \|$", page, re.MULTILINE)

    assert listed == [
        (card.id, s.text, who[s.shown_to] if s.fact else "nobody", s.fact or s.not_computed)
        for card in load_resistance()
        for s in card.signals
    ]


# -- for the lead --------------------------------------------------------------------------------


def no_first_session(pair, cast):
    begin(pair, days=14)


def leader_cancelled_twice(pair, cast):
    for days in (2, 1):
        change(pair, "cancelled", Side.MENTEE, days=days)


def only_the_assistant(pair, cast):
    for kind in ("booked", "moved", "moved"):
        change(pair, kind, Side.MENTEE, helper=cast.dov)


def feedback_module_open(pair, cast):
    Progress.objects.filter(person=pair.mentee, module="M05").delete()
    second_session_is_today(pair)


def no_goal_by_week_3(pair, cast):
    begin(pair, days=21)
    hold(pair, 1)
    Pair.objects.filter(pk=pair.pk).update(active_since=None)


FOR_LEAD = {
    each.__name__: each
    for each in (no_first_session, leader_cancelled_twice, only_the_assistant,
                 feedback_module_open, no_goal_by_week_3)
}  # fmt: skip


def not_quite_no_first_session(pair, cast):
    begin(pair, days=13)


def one_cancelled_each(pair, cast):
    change(pair, "cancelled", Side.MENTEE, days=2)
    change(pair, "cancelled", Side.MENTOR, days=1)


def assistant_twice_and_once_oneself(pair, cast):
    for helper in (cast.dov, None, cast.dov):
        change(pair, "moved", Side.MENTEE, helper=helper)


def assistant_only_twice(pair, cast):
    for kind in ("booked", "moved"):
        change(pair, kind, Side.MENTEE, helper=cast.dov)


def assistant_of_the_mentor(pair, cast):
    for kind in ("booked", "moved", "moved"):
        change(pair, kind, Side.MENTOR, helper=cast.dov)


def module_open_before_the_day(pair, cast):
    feedback_module_open(pair, cast)
    pair.sessions.filter(number=2).update(due_on=TODAY + DAY)


def another_module_open(pair, cast):
    Progress.objects.filter(person=pair.mentee, module="M07").delete()
    second_session_is_today(pair)


def opened_by_the_lead(pair, cast):
    feedback_module_open(pair, cast)
    GateOpening.objects.create(pair=pair, by=cast.chi)


def goal_of_the_mentor_alone_missing(pair, cast):
    no_goal_by_week_3(pair, cast)
    Agreement.objects.create(pair=pair, goal_of_mentee_at=NOW - DAY)


def resting(pair, cast):
    no_first_session(pair, cast)
    pause_pair(pair, by=cast.ama, until=TODAY + DAY, today=TODAY)


def held_up_by_a_conflict(pair, cast):
    no_first_session(pair, cast)
    Pair.objects.filter(pk=pair.pk).update(state=Pair.State.PAUSED)


def over(pair, cast):
    no_first_session(pair, cast)
    Pair.objects.filter(pk=pair.pk).update(state=Pair.State.ENDED)


def cohort_over(pair, cast):
    no_first_session(pair, cast)
    Cohort.objects.filter(pk=pair.cohort_id).update(state=Cohort.State.CLOSED)


QUIET = [
    not_quite_no_first_session, one_cancelled_each, assistant_twice_and_once_oneself,
    assistant_only_twice, assistant_of_the_mentor, module_open_before_the_day, another_module_open,
    opened_by_the_lead, goal_of_the_mentor_alone_missing, resting, held_up_by_a_conflict, over,
    cohort_over,
]  # fmt: skip


@pytest.mark.parametrize("key", FOR_LEAD)
def test_a_lead_is_told_what_may_be_behind_it(pair, cast, key):
    assert noticed(pair) == set()

    FOR_LEAD[key](pair, cast)

    assert noticed(pair) == {key}


@pytest.mark.parametrize("bring_about", QUIET)
def test_what_does_not_quite_hold_is_not_told(pair, cast, bring_about):
    bring_about(pair, cast)

    assert noticed(pair) == set()


def test_a_card_says_what_was_noticed_what_to_do_to_say_and_to_leave(sign_in, pair, cast):
    leader_cancelled_twice(pair, cast)
    card = next(card for card in load_resistance() if card.id == "R3")

    page = sign_in("chi").get(reverse("desk:pair", args=[pair.code])).text
    card_on_page = page[page.index('id="cards"') :]

    assert "This may be: No time" in card_on_page
    for words in (*card.do, card.script, card.avoid):
        assert words.replace("'", "&#x27;") in card_on_page
    assert "A guess from dates and states alone" in card_on_page


def test_a_pair_of_which_nothing_is_noticed_has_no_card(sign_in, pair):
    begin(pair, days=0)
    Pair.objects.filter(pk=pair.pk).update(started_on=timezone.localdate())
    pair.sessions.update(due_on=timezone.localdate() + 9 * DAY)

    assert 'id="cards"' not in sign_in("chi").get(reverse("desk:pair", args=[pair.code])).text


# -- for the two ---------------------------------------------------------------------------------


def no_question_ahead(pair):
    second_session_is_today(pair)


def no_commitments(pair):
    hold(pair, 1, 2)
    ask(pair)


def same_topic_three_times(pair, topics=("Budgets", " budgets", "BUDGETS")):
    hold(pair, 1, 2, 3)
    pair.sessions.update(has_own_topic=True)
    for session, topic in zip(pair.sessions.all(), topics, strict=True):
        SessionWords.objects.create(session=session, own_topic=topic)
    set_oneself(pair, Side.MENTOR, [None])


def dropped_three_times(pair, side=Side.MENTEE, outcomes=("dropped", "dropped", "dropped")):
    set_oneself(pair, side, outcomes)


FOR_TWO = {
    "no_question_ahead": (no_question_ahead, {"bela"}),
    "no_commitments": (no_commitments, {"ama", "bela"}),
    "same_topic_three_times": (same_topic_three_times, {"ama", "bela"}),
    "dropped_three_times": (dropped_three_times, {"bela"}),
}


def ask(pair):
    SessionWords.objects.create(session=pair.sessions.last(), question="Why?")


def set_oneself(pair, side, outcomes):
    for session, outcome in zip(pair.sessions.all(), outcomes, strict=False):
        commitment = Commitment.objects.create(session=session, side=side)
        CommitmentWords.objects.create(
            commitment=commitment, condition="If", action="Then", outcome=outcome
        )


@pytest.mark.parametrize("key", FOR_TWO)
def test_the_two_are_told_what_concerns_them_and_the_lead_is_not(pair, cast, key):
    bring_about, whom = FOR_TWO[key]
    assert noticed(pair, cast.ama) == noticed(pair, cast.bela) == set()
    before = noticed(pair)

    bring_about(pair)

    found = {name for name in ("ama", "bela") if noticed(pair, getattr(cast, name))}
    assert found == whom
    assert noticed(pair, cast.bela) == {key}
    assert noticed(pair) == before == set()


def test_nobody_but_the_two_can_ask(pair, cast):
    no_commitments(pair)

    for name in ("chi", "cleo", "sol", "tru", "dov", "root"):
        assert cards_inside(pair, reader=getattr(cast, name), at=NOW) == []


NOT_FOR_TWO = {
    "a question stands ahead of any session": lambda pair: (no_question_ahead(pair), ask(pair)),
    "the day of session 2 has not come": lambda pair: None,
    "a third session was held": lambda pair: (
        hold(pair, 1, 2, 3), set_oneself(pair, Side.MENTOR, [None])
    ),
    "one session was held": lambda pair: hold(pair, 1),
    "the mentor set something": lambda pair: (
        no_commitments(pair), set_oneself(pair, Side.MENTOR, [None])
    ),
    "two topics of three are the same": lambda pair: same_topic_three_times(
        pair, ("Budgets", "Budgets", "People")
    ),
    "two were dropped": lambda pair: dropped_three_times(
        pair, outcomes=("dropped", "done", "dropped")
    ),
    "the mentor dropped three": lambda pair: dropped_three_times(pair, side=Side.MENTOR),
    "they rest": lambda pair: (
        no_question_ahead(pair),
        pause_pair(pair, by=pair.mentor, until=TODAY + DAY, today=TODAY),
    ),
    "it is over": lambda pair: (
        no_question_ahead(pair), Pair.objects.filter(pk=pair.pk).update(state="ended")
    ),
    "the leader has left, and nobody knows": lambda pair: (
        no_question_ahead(pair), pair.endings.create(who=Side.MENTEE, tells_at=NOW + DAY)
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", NOT_FOR_TWO)
def test_what_does_not_quite_hold_is_not_told_to_the_two(pair, cast, case):
    NOT_FOR_TWO[case](pair)

    assert noticed(pair, cast.bela) == noticed(pair, cast.ama) == set()


def test_three_sessions_about_one_topic_of_the_plan_are_the_same_topic(pair, cast):
    hold(pair, 1, 2, 3)
    set_oneself(pair, Side.MENTOR, [None])
    assert noticed(pair, cast.ama) == set()

    pair.sessions.update(planned=pair.sessions.first().planned)

    assert noticed(pair, cast.ama) == {"same_topic_three_times"}


def test_that_a_partner_has_left_changes_nothing_of_what_the_other_is_told(pair, cast):
    no_commitments(pair)
    before = noticed(pair, cast.ama)

    pair.endings.create(who=Side.MENTEE, tells_at=NOW + DAY)

    assert noticed(pair, cast.ama) == before == {"no_commitments"}
