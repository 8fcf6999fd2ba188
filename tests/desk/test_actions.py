"""What a lead does from the desk, and what is promised about it."""

import datetime as dt
import re

import pytest
from django.utils import timezone

from contraflow.core.errors import Refusal
from contraflow.core.mail import as_message
from contraflow.core.models import AuditEntry, OutgoingMail
from contraflow.desk import actions, queries, rules
from contraflow.desk.models import CoverDraw, CoverTalk, DeskPlace, Step, StepWords
from contraflow.desk.texts import Text, text_for
from contraflow.pairs.actions import ask_to_end, end_pair
from contraflow.programmes.models import Steward
from tests.conftest import make_cohort, make_pair, make_person, make_programme

TEXT = Text(subject="Your next conversation", body="Pick one, please.")


@pytest.fixture
def other_lead(cast):
    lead = make_person("Lena")
    Steward.objects.create(programme=cast.programme, person=lead, kind="lead")
    return lead


def mails():
    return {mail.to_id: as_message(mail) for mail in OutgoingMail.objects.all()}


@pytest.mark.parametrize("kind", Step.MAILS)
def test_both_get_the_ready_text_and_a_second_press_sends_nothing(cast, kind):
    text = text_for(cast.pair, kind, by=cast.chi)

    for _ in range(2):
        step = actions.write_to_both(cast.pair, kind, by=cast.chi, text=text, code="pressed1")

    sent = mails()
    assert set(sent) == {cast.ama.pk, cast.bela.pk}
    assert "Hello Ama," in sent[cast.ama.pk].body
    assert "Hello Bela," in sent[cast.bela.pk].body
    assert "chi@example.org" in sent[cast.ama.pk].body
    html = sent[cast.ama.pk].alternatives[0].content
    assert ("25-minute call" in html) is (kind == "nudge")
    for link in re.findall(r'href="http://127.0.0.1:8000([^"]*)"', html):
        assert not link or link.startswith(("/pairs/", "/people/mail/"))
    assert Step.objects.get() == step
    # one entry of the audit for one step, and none of its words
    entry = AuditEntry.objects.get(event="StepTaken")
    assert entry.facts == {"step_id": step.pk, "pair_id": cast.pair.pk, "kind": kind}


def test_a_mail_is_taken_back_for_both_within_two_minutes(cast):
    step = actions.write_to_both(cast.pair, "nudge", by=cast.chi, text=TEXT)

    later = timezone.now() + dt.timedelta(minutes=3)
    with pytest.raises(Refusal, match="on its way"):
        actions.undo_step(step, by=cast.chi, at=later)
    assert OutgoingMail.objects.count() == 2
    actions.undo_step(step, by=cast.chi)

    assert OutgoingMail.objects.count() == 0
    with pytest.raises(Refusal, match="taken back already"):
        actions.undo_step(step, by=cast.chi)
    # what nobody got is no reason to be quiet
    assert rules.why_not_write(cast.pair, "nudge", by=cast.chi) is None


def test_where_one_mail_has_left_neither_is_taken_back(cast):
    step = actions.write_to_both(cast.pair, "nudge", by=cast.chi, text=TEXT)
    OutgoingMail.objects.filter(to_id=cast.bela.pk).update(state="sent")

    with pytest.raises(Refusal, match="on its way"):
        actions.undo_step(step, by=cast.chi)

    assert OutgoingMail.objects.count() == 2
    assert Step.objects.get().undone_at is None


def test_nobody_writes_twice_within_five_days_without_being_told(cast, other_lead):
    now = timezone.now()
    actions.write_to_both(cast.pair, "nudge", by=cast.chi, text=TEXT, at=now)
    in_four_days, in_six = now + dt.timedelta(days=4), now + dt.timedelta(days=6)

    with pytest.raises(Refusal, match="Chi wrote to both 4 days ago"):
        actions.write_to_both(cast.pair, "guide", by=other_lead, text=TEXT, at=in_four_days)
    actions.write_to_both(cast.pair, "guide", by=other_lead, text=TEXT, again=True, at=in_four_days)

    assert rules.why_not_write(cast.pair, "nudge", by=cast.chi, at=in_six) is not None
    assert rules.why_not_write(cast.pair, "nudge", by=cast.chi, at=now + dt.timedelta(10)) is None


def test_a_form_pressed_twice_counts_once_and_one_of_another_pair_does_nothing(cast):
    other = make_pair(cast.cohort)
    actions.note_talk(cast.pair, by=cast.chi, code="pressed1")

    again = actions.note_talk(cast.pair, by=cast.chi, code="pressed1")

    assert again == Step.objects.get()
    with pytest.raises(Refusal, match="another page"):
        actions.note_talk(other, by=cast.chi, code="pressed1")

    assert Step.objects.count() == 1


def test_a_pair_put_aside_comes_back_on_its_day_and_its_note_is_ones_own(cast, other_lead):
    actions.recompute()
    today = timezone.localdate()
    for wrong in (today, today + dt.timedelta(days=400)):
        with pytest.raises(Refusal):
            actions.put_aside(cast.pair, by=cast.chi, until=wrong)
    actions.put_aside(
        cast.pair, by=cast.chi, until=today + dt.timedelta(days=7), note="Both on leave"
    )

    def lies_there(days):
        at = timezone.now() + dt.timedelta(days=days)
        return queries.desk_page(cast.programme, reader=cast.chi, at=at).paginator.count

    assert [lies_there(0), lies_there(6), lies_there(7)] == [0, 0, 1]
    assert queries.history_of(cast.pair, reader=cast.chi)[0]["words"].text == "Both on leave"
    assert queries.history_of(cast.pair, reader=other_lead)[0]["words"] is None
    for _ in range(2):
        actions.take_up_again(cast.pair, by=cast.chi)
    assert lies_there(0) == 1
    assert Step.objects.filter(kind="taken_up").count() == 1


def test_a_pair_is_handed_to_another_lead_who_is_told_once(cast, other_lead):
    for to in (cast.sol, cast.chi, cast.ama):
        with pytest.raises(Refusal, match="does not lead"):
            actions.hand_over(cast.pair, by=cast.chi, to=to)
    for _ in range(2):
        actions.hand_over(cast.pair, by=cast.chi, to=other_lead)

    assert DeskPlace.objects.get().holder == other_lead
    assert Step.objects.get().to == other_lead
    (told,) = mails().values()
    assert "Ama and Bela" in told.body


def test_words_to_a_pair_are_read_by_its_leads_and_by_nobody_else(cast, other_lead):
    actions.write_to_both(cast.pair, "talk", by=cast.chi, text=TEXT)

    for lead in (cast.chi, other_lead):
        words = queries.history_of(cast.pair, reader=lead)[0]["words"]
        assert (words.subject, words.text) == (TEXT.subject, TEXT.body)
    for person in (cast.ama, cast.bela, cast.sol, cast.tru, cast.cleo, cast.root):
        assert not StepWords.objects.visible_to(person).exists()
        assert not Step.objects.visible_to(person).exists()


def test_a_lead_in_a_pair_finds_it_on_no_desk_of_theirs(cast, other_lead):
    own = make_pair(cast.cohort, cast.chi)
    actions.recompute()

    def on_desk_of(reader):
        page = queries.desk_page(cast.programme, reader=reader)
        return {row["pair"] for row in page.object_list}

    assert on_desk_of(cast.chi) == {cast.pair}
    assert on_desk_of(other_lead) == {cast.pair, own}
    assert queries.count_on_desk(cast.chi) == {cast.programme.pk: 1}
    for forbidden in (
        lambda: actions.write_to_both(own, "nudge", by=cast.chi, text=TEXT),
        lambda: actions.note_talk(own, by=cast.chi),
        lambda: actions.put_aside(own, by=cast.chi, until=timezone.localdate() + dt.timedelta(1)),
        lambda: actions.hand_over(own, by=cast.chi, to=other_lead),
    ):
        with pytest.raises(Refusal, match="Another lead"):
            forbidden()
    actions.tell_sponsors()
    assert not OutgoingMail.objects.exists()


def test_the_sponsor_is_told_once_where_no_lead_is_left_for_a_pair(cast):
    make_pair(cast.cohort, cast.chi)

    for _ in range(2):
        actions.tell_sponsors()

    (told,) = OutgoingMail.objects.all()
    assert told.to_id == cast.sol.pk
    body = as_message(told).body
    assert "name a second lead" in body
    assert "Chi" not in body  # a sponsor need not know who meets whom


def test_nothing_is_done_for_a_pair_that_has_ended(cast, other_lead):
    actions.recompute()
    end_pair(cast.pair, by=cast.ama)

    with pytest.raises(Refusal, match="has ended"):
        actions.write_to_both(cast.pair, "nudge", by=cast.chi, text=TEXT)
    with pytest.raises(Refusal, match="has ended"):
        actions.hand_over(cast.pair, by=cast.chi, to=other_lead)
    assert queries.count_on_desk(cast.chi) == {}


def test_a_mail_to_both_leaves_alone_who_has_left_the_pair(cast):
    ask_to_end(cast.pair, by=cast.ama)
    OutgoingMail.objects.all().delete()

    actions.write_to_both(cast.pair, "nudge", by=cast.chi, text=TEXT)

    assert [mail.to_id for mail in OutgoingMail.objects.all()] == [cast.bela.pk]


# -- talks that reveal nothing --------------------------------------------------------------------

MONDAY = dt.date(2026, 1, 5)


def plan_on(days):
    at = dt.datetime.combine(MONDAY + dt.timedelta(days), dt.time(9), tzinfo=dt.UTC)
    actions.plan_cover_talks(at=at)


def test_every_pair_gets_two_talks_and_lots_choose_two_each_fortnight(db):
    cohort = make_cohort(make_programme())
    pairs = [make_pair(cohort) for _ in range(5)]

    for day in range(0, 98, 3):
        plan_on(day)
        plan_on(day)  # two workers

    talks = CoverTalk.objects.filter(pair__cohort=cohort)
    for reason, first in (("week_4", 21), ("mid_way", 49)):
        days = dict(talks.filter(reason=reason).values_list("pair_id", "due_on"))
        assert set(days) == {pair.pk for pair in pairs}
        assert {(day - MONDAY).days // 7 for day in days.values()} == {first // 7}
    draws = CoverDraw.objects.order_by("drawn_on")
    assert [(draw.drawn_on - MONDAY).days for draw in draws] == [14, 28, 42, 56, 70, 84]
    codes = {pair.code for pair in pairs}
    for draw in draws:
        assert draw.out_of == 5
        # anybody with the key draws the same again
        assert draw.pairs == actions.lots(f"cohort:{cohort.pk}", draw.drawn_on, codes)[:2]
    assert talks.filter(reason="drawn").count() == 12


def test_a_talk_that_is_due_lies_among_the_others_and_is_done_once_had(cast):
    plan_on(27)
    on = timezone.make_aware(dt.datetime(2026, 2, 1, 9))

    (row,) = queries.desk_page(cast.programme, reader=cast.chi, at=on).object_list
    assert (row["band"], row["talk_is_due"], row["advice"].kind) == ("steady", True, "talked")
    actions.note_talk(cast.pair, by=cast.chi, at=on)

    assert not queries.desk_page(cast.programme, reader=cast.chi, at=on).object_list


def test_a_cohort_that_ran_before_is_not_called_about_the_past(cast):
    plan_on(97)

    assert set(CoverTalk.objects.values_list("reason", flat=True)) == {"drawn"}
    plan_on(98)
    assert CoverDraw.objects.count() == 1  # the cohort is over
