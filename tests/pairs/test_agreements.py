"""The agreement: written by both, signed as it was read, and what happens when it is changed."""

import datetime as dt

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse
from django.utils import timezone

from contraflow.core.errors import Refusal
from contraflow.core.models import AuditEntry, Notice, OutgoingMail
from contraflow.core.notices import told
from contraflow.pairs import agreements
from contraflow.pairs.actions import (
    end_pair,
    review_goal,
    set_goal,
    sign_agreement,
    write_section,
)
from contraflow.pairs.models import (
    Agreement,
    AgreementChange,
    AgreementWords,
    Goal,
    GoalWords,
    Pair,
)
from contraflow.pairs.reminders import remind
from tests.conftest import make_cohort, make_pair

GOAL = {"week": 9, "will": "chair the meeting", "seen_by": "the minutes", "because": "I want to"}
PLACE = {"section": "place", "text": "The green room"}


@pytest.fixture
def forming(cast):
    """The pair of Ama and Bela, before they have agreed."""
    Pair.objects.filter(pk=cast.pair.pk).update(active_since=None)
    cast.pair.refresh_from_db()
    return cast.pair


@pytest.fixture
def ready(cast, forming):
    """The same with both goals, so that it can be signed as version 2."""
    for person in (cast.ama, cast.bela):
        set_goal(forming, by=person, **GOAL)
    return forming


@pytest.fixture
def signed(cast, ready):
    """The same, signed by both."""
    sign_agreement(ready, by=cast.ama, version=2)
    sign_agreement(ready, by=cast.bela, version=2, pledges=True)
    return ready


def standing(pair):
    return Agreement.objects.get(pair=pair)


def events():
    """Return what was told of agreements so far, in its order."""
    names = {
        "AgreementWritten", "AgreementReopened", "AgreementSigned", "GoalSet", "GoalReviewed",
        "PairActivated",
    }  # fmt: skip
    found = AuditEntry.objects.filter(event__in=names).order_by("pk")
    return list(found.values_list("event", flat=True))


# -- writing --------------------------------------------------------------------------------------


def test_the_text_that_ships_stands_there_until_somebody_writes(cast, forming):
    words = agreements.words_of(forming, reader=cast.ama)
    assert list(words) == list(agreements.SECTIONS)
    assert words["rhythm"].startswith("We meet every 2 weeks for 50 minutes.")

    write_section(forming, by=cast.ama, **PLACE, seen=0)

    after = agreements.words_of(forming, reader=cast.bela)
    assert after == words | {"place": "The green room"}
    assert standing(forming).version == 1


def test_saving_what_stands_there_changes_nothing(cast, forming):
    write_section(forming, by=cast.ama, section="place", text="By video, or in a quiet room that "
                  "is not the leader's office. Telephones stay away.", seen=0)  # fmt: skip
    assert not Agreement.objects.exists()
    for _ in range(2):
        write_section(forming, by=cast.ama, **PLACE, seen=0)
    write_section(forming, by=cast.bela, **PLACE, seen=0)

    assert standing(forming).version == 1
    assert events() == ["AgreementWritten"]


def test_a_section_can_be_emptied(cast, forming):
    write_section(forming, by=cast.ama, section="place", text="  ", seen=0)

    assert agreements.words_of(forming, reader=cast.bela)["place"] == ""
    assert AgreementWords.objects.get().texts["place"] == ""


def test_what_the_other_wrote_meanwhile_is_not_lost_unread(cast, forming):
    write_section(forming, by=cast.ama, **PLACE, seen=0)

    with pytest.raises(Refusal, match="Ama changed this while you wrote. Both texts stand here"):
        write_section(forming, by=cast.bela, section="place", text="My office", seen=0)
    write_section(forming, by=cast.bela, section="pausing", text="We call", seen=0)
    write_section(forming, by=cast.bela, section="place", text="The canteen", seen=1)

    words = agreements.words_of(forming, reader=cast.ama)
    assert (words["place"], words["pausing"]) == ("The canteen", "We call")


def test_whoever_goes_on_writing_is_never_held_up_by_themself(cast, forming):
    for text in ("A", "A room", "A room with a door"):
        write_section(forming, by=cast.ama, section="place", text=text, seen=0)

    assert standing(forming).version == 3
    change = AgreementChange.objects.get()
    assert (change.kind, change.section, change.version) == ("written", "place", 3)


def test_a_goal_is_saved_as_it_grows_and_counts_once_it_is_whole(cast, forming):
    set_goal(forming, by=cast.ama, week=None, will="chair", seen_by="", because="")
    assert standing(forming).goal_at("mentor") is None
    assert "GoalSet" not in events()

    set_goal(forming, by=cast.ama, **GOAL)
    set_goal(forming, by=cast.ama, **GOAL)

    assert standing(forming).goal_at("mentor") is not None
    assert standing(forming).goal_at("mentee") is None
    assert events().count("GoalSet") == 1
    assert Goal.objects.get().week == 9
    assert GoalWords.objects.get().will == "chair the meeting"


def test_a_goal_is_changed_and_never_taken_away(cast, forming):
    set_goal(forming, by=cast.ama, **GOAL)
    since = standing(forming).goal_of_mentor_at

    for without in GOAL:
        empty = {without: None if without == "week" else " "}
        with pytest.raises(Refusal, match="A goal can be changed, but not taken away"):
            set_goal(forming, by=cast.ama, **GOAL | empty)
    set_goal(forming, by=cast.ama, **GOAL | {"week": 12})

    assert Goal.objects.get().week == 12
    assert standing(forming).goal_of_mentor_at == since


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"week": 15}, "Your cohort has 14 weeks."),
        ({"week": 0}, "Your cohort has 14 weeks."),
        ({"will": "x" * 301}, "Each part takes at most 300 characters."),
    ],
)
def test_a_goal_fits_its_cohort(cast, forming, change, reason):
    with pytest.raises(Refusal, match=reason):
        set_goal(forming, by=cast.ama, **GOAL | change)

    assert not Goal.objects.exists()


def test_a_section_is_no_essay(cast, forming):
    with pytest.raises(Refusal, match=r"At most 1,000 characters\."):
        write_section(forming, by=cast.ama, section="place", text="x" * 1001, seen=0)


# -- signing --------------------------------------------------------------------------------------


def test_a_pair_without_the_mentors_goal_does_not_become_active(cast, forming):
    set_goal(forming, by=cast.bela, **GOAL)

    with pytest.raises(Refusal, match="Your goal is missing. Write it first"):
        sign_agreement(forming, by=cast.ama, version=1)
    with pytest.raises(Refusal, match="The goal of Ama is missing. Once it is there"):
        sign_agreement(forming, by=cast.bela, version=1, pledges=True)

    assert Pair.objects.get(pk=forming.pk).is_forming


def test_nor_does_one_without_the_leaders(cast, forming):
    set_goal(forming, by=cast.ama, **GOAL)

    with pytest.raises(Refusal, match="The goal of Bela is missing"):
        sign_agreement(forming, by=cast.ama, version=1)


def test_a_pair_becomes_active_with_the_second_signature(cast, ready):
    at = timezone.now() - dt.timedelta(days=1)
    sign_agreement(ready, by=cast.ama, version=2, at=at - dt.timedelta(hours=1))
    assert Pair.objects.get(pk=ready.pk).is_forming

    for _ in range(2):  # a double click
        sign_agreement(ready, by=cast.bela, version=2, pledges=True, at=at)

    assert Pair.objects.get(pk=ready.pk).active_since == at
    assert events()[-3:] == ["AgreementSigned", "AgreementSigned", "PairActivated"]
    kinds = list(AgreementChange.objects.values_list("kind", "side"))
    assert kinds[-2:] == [("signed", "mentor"), ("agreed", "mentee")]


def test_a_leader_signs_with_their_pledge_alone(cast, ready):
    with pytest.raises(Refusal, match="Your signature needs your pledge"):
        sign_agreement(ready, by=cast.bela, version=2)

    assert standing(ready).signed_by == []


def test_nobody_signs_what_they_have_not_read(cast, ready):
    write_section(ready, by=cast.bela, **PLACE, seen=2)
    write_section(ready, by=cast.bela, section="pausing", text="We call", seen=2)
    set_goal(ready, by=cast.bela, **GOAL | {"week": 3})

    with pytest.raises(Refusal) as refusal:
        sign_agreement(ready, by=cast.ama, version=2)

    assert str(refusal.value) == (
        "Bela changed something meanwhile: Where, How we pause, the goal of Bela. Read it, then "
        "sign."
    )
    sign_agreement(ready, by=cast.ama, version=5)
    assert standing(ready).signed_by == ["mentor"]


def test_what_somebody_wrote_themself_they_have_read(cast, ready):
    write_section(ready, by=cast.ama, **PLACE, seen=2)

    sign_agreement(ready, by=cast.ama, version=2)

    assert standing(ready).signed_by == ["mentor"]


# -- changing what was signed ---------------------------------------------------------------------


def test_a_change_of_what_one_has_signed_says_so_before_it_is_saved(cast, ready):
    sign_agreement(ready, by=cast.ama, version=2)

    with pytest.raises(Refusal, match="Ama has signed. A change takes that signature back."):
        write_section(ready, by=cast.bela, **PLACE, seen=2)
    assert standing(ready).signed_by == ["mentor"]
    write_section(ready, by=cast.bela, **PLACE, seen=2, reopens=True)

    assert standing(ready).signed_by == []
    assert events()[-1] == "AgreementWritten"


def test_a_change_of_what_both_have_signed_opens_it_again_for_both(cast, signed):
    with pytest.raises(Refusal, match="Both of you have signed."):
        set_goal(signed, by=cast.bela, **GOAL | {"week": 11})
    set_goal(signed, by=cast.bela, **GOAL | {"week": 11}, reopens=True)

    assert standing(signed).signed_by == []
    assert events()[-1] == "AgreementReopened"
    pair = Pair.objects.get(pk=signed.pk)
    assert not pair.is_forming  # a pair that was active stays so
    active_since = pair.active_since
    sign_agreement(signed, by=cast.bela, version=3, pledges=True)
    sign_agreement(signed, by=cast.ama, version=3)
    assert standing(signed).is_signed
    assert Pair.objects.get(pk=signed.pk).active_since == active_since
    assert events().count("PairActivated") == 1


def test_history_tells_dates_and_names_and_no_word(cast, signed):
    write_section(signed, by=cast.ama, **PLACE, seen=2, reopens=True)

    whats = [each["what"] for each in agreements.history_of(signed, reader=cast.bela)]

    assert whats == [
        "Ama opened it again: Where",
        "Bela signed, so both have",
        "Ama signed",
        "Bela wrote: your goal",
        "Ama wrote: the goal of Ama",
    ]
    assert agreements.history_of(signed, reader=cast.chi) == []


def test_nothing_is_written_or_signed_once_the_pair_has_ended(cast, signed):
    end_pair(signed, by=cast.ama)
    goal = Goal.objects.visible_to(cast.ama).get(side="mentor")

    for act in (
        lambda: write_section(signed, by=cast.ama, **PLACE, seen=2, reopens=True),
        lambda: set_goal(signed, by=cast.ama, **GOAL | {"week": 3}, reopens=True),
        lambda: sign_agreement(signed, by=cast.chi, version=2),
    ):
        with pytest.raises(Refusal):
            act()
    review_goal(goal, by=cast.ama, outcome="reached")
    assert standing(signed).is_signed


def test_a_lead_can_neither_write_nor_sign(cast, ready):
    goal = Goal.objects.first()
    for act in (
        lambda: write_section(ready, by=cast.chi, **PLACE, seen=2),
        lambda: set_goal(ready, by=cast.chi, **GOAL),
        lambda: sign_agreement(ready, by=cast.chi, version=2),
        lambda: review_goal(goal, by=cast.chi, outcome="reached"),
    ):
        with pytest.raises(Refusal, match="Only the two people of a pair"):
            act()


# -- goals go on living ---------------------------------------------------------------------------


def test_only_whose_goal_it_is_says_how_it_stands(cast, signed):
    goal = Goal.objects.visible_to(cast.ama).get(side="mentor")

    with pytest.raises(Refusal, match="Whose goal it is says how it stands"):
        review_goal(goal, by=cast.bela, outcome="reached")
    review_goal(goal, by=cast.ama, outcome="going")
    review_goal(goal, by=cast.ama, outcome="reached")

    assert GoalWords.objects.get(goal=goal).outcome == "reached"
    assert Goal.objects.get(pk=goal.pk).reviewed_at is not None
    assert standing(signed).is_signed  # how it stands is no change of the agreement


def test_a_goal_that_is_not_whole_has_not_come_to_anything(cast, forming):
    set_goal(forming, by=cast.ama, week=None, will="chair", seen_by="", because="")

    with pytest.raises(Refusal, match="not written to its end"):
        review_goal(Goal.objects.visible_to(cast.ama).get(), by=cast.ama, outcome="going")


def test_another_goal_has_not_been_looked_back_at(cast, signed):
    goal = Goal.objects.visible_to(cast.ama).get(side="mentor")
    review_goal(goal, by=cast.ama, outcome="changed")

    set_goal(signed, by=cast.ama, **GOAL | {"will": "write"}, reopens=True)

    assert GoalWords.objects.get(goal=goal).outcome is None
    assert Goal.objects.get(pk=goal.pk).reviewed_at is None


def test_goals_are_asked_about_half_way_and_in_the_last_session(cast, signed):
    def asked():
        return [
            session.number
            for session in signed.sessions.order_by("number")
            if agreements.goals_to_look_at(session, count=3, reader=cast.ama)
        ]

    assert asked() == [2, 3]
    other = make_pair(cast.cohort, active_since=None)
    session = other.sessions.get(number=2)
    assert agreements.goals_to_look_at(session, count=3, reader=other.mentor) == []


# -- what the other is told -----------------------------------------------------------------------


def mails_to(person):
    found = OutgoingMail.objects.filter(to_id=person.pk)
    return sorted(each.kind.removeprefix("pairs.agreement_") for each in found)


def test_whoever_writes_for_an_hour_is_told_of_once(cast, forming):
    for text in ("A", "B", "C"):
        write_section(forming, by=cast.ama, section="place", text=text, seen=0)
        write_section(forming, by=cast.ama, section="pausing", text=text, seen=0)

    assert mails_to(cast.bela) == ["written"]
    assert mails_to(cast.ama) == []


def test_each_is_told_what_the_other_did(cast, signed):
    set_goal(signed, by=cast.bela, **GOAL | {"week": 11}, reopens=True)

    assert mails_to(cast.ama) == ["agreed", "changed", "written"]
    assert mails_to(cast.bela) == ["signed", "written"]
    below_the_bell = [each.words for each in told(cast.ama, Notice.objects.visible_to(cast.ama))]
    assert set(below_the_bell) == {
        "Bela wrote in your agreement.",
        "You and Bela have both signed your agreement.",
        "Bela changed your agreement; both sign anew.",
    }
    assert told(cast.chi, Notice.objects.filter(for_id=cast.ama.pk)) == []


@pytest.mark.usefixtures("never_quiet")
def test_what_has_been_changed_since_is_not_told_any_more(
    cast, ready, run_jobs, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        sign_agreement(ready, by=cast.ama, version=2)
        write_section(ready, by=cast.bela, **PLACE, seen=2, reopens=True)
    run_jobs()

    subjects = {(mail.to[0], mail.subject) for mail in mailoutbox}
    assert subjects == {
        ("bela@example.org", "Ama wrote in your agreement"),
        ("ama@example.org", "Bela wrote in your agreement"),
        ("ama@example.org", "Bela changed your agreement"),
    }
    link = f"/pairs/{ready.code}/agreement/"
    assert all(link in mail.body for mail in mailoutbox)


@pytest.mark.usefixtures("never_quiet")
def test_a_pair_is_reminded_before_session_two_until_it_has_signed(
    cast, ready, run_jobs, mailoutbox, django_capture_on_commit_callbacks
):
    now = timezone.now()
    second = ready.sessions.get(number=2)
    second.state, second.starts_at = "booked", now + dt.timedelta(days=3)
    second.save()
    OutgoingMail.objects.all().delete()
    sign_agreement(ready, by=cast.ama, version=2)
    OutgoingMail.objects.all().delete()

    with django_capture_on_commit_callbacks(execute=True):
        remind(now)
        remind(now)
    run_jobs()

    # who has signed is not asked again
    assert [(mail.to[0], mail.subject) for mail in mailoutbox] == [
        ("bela@example.org", "Your agreement with Ama is not signed")
    ]
    assert f"/pairs/{ready.code}/agreement/" in mailoutbox[0].body


def test_no_pair_that_has_agreed_is_reminded(cast, signed):
    now = timezone.now()
    grown = make_pair(make_cohort(cast.programme))  # began before there were agreements
    for pair in (signed, grown):
        second = pair.sessions.get(number=2)
        second.state, second.starts_at = "booked", now + dt.timedelta(days=3)
        second.save()
    OutgoingMail.objects.all().delete()

    remind(now)

    assert not OutgoingMail.objects.filter(kind="pairs.agreement_unsigned").exists()


def test_a_week_after_session_two_a_pair_is_reminded_once_more(cast, ready):
    now = timezone.now()
    second = ready.sessions.get(number=2)
    second.state, second.starts_at = "held", now - dt.timedelta(days=7, hours=1)
    second.save()

    for day in range(4):
        remind(now + dt.timedelta(days=day))

    written = OutgoingMail.objects.filter(kind="pairs.agreement_unsigned")
    assert {mail.to_id for mail in written} == {cast.ama.pk, cast.bela.pk}
    assert written.count() == 2


def test_the_address_of_the_agreement_is_what_mails_lead_to(forming):
    assert reverse("pairs:agreement", args=[forming.code]) == f"/pairs/{forming.code}/agreement/"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_pairs_of_an_installation_that_upgrades_count_as_they_are(cast):
    late = make_pair(cast.cohort)
    Pair.objects.filter(pk=late.pk).update(started_on="2026-03-01")

    try:
        MigrationExecutor(connection).migrate([("pairs", "0003_rests_and_diaries")])
    finally:
        # to the last one of every room: the tests that follow find all their tables
        call_command("migrate", verbosity=0)

    since = Pair.objects.order_by("pk").values_list("active_since", flat=True)
    assert list(since) == [
        dt.datetime(2026, 1, 5, tzinfo=dt.UTC), dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    ]  # fmt: skip
