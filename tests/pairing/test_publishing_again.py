"""What publishing a draft does to a cohort that runs, exactly, and what an undo leaves of it."""

import datetime as dt
import threading
from contextlib import suppress

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from contraflow.core.errors import Refusal
from contraflow.core.jobs import run_job, start_job
from contraflow.core.models import AuditEntry, Job, OutgoingMail
from contraflow.pairing import actions, publishing
from contraflow.pairing.models import Draft, Publication
from contraflow.pairing.rules import why_not_undo
from contraflow.pairs.actions import book_session, end_pair, record_held
from contraflow.pairs.models import Pair, Session
from contraflow.programmes.actions import withdraw
from contraflow.programmes.models import Cohort, Enrolment, Side
from tests.pairing.makers import (
    couples,
    make_participant,
    make_running_cohort,
    pair_of,
    publish,
    run_waiting,
)

pytestmark = pytest.mark.slow


@pytest.fixture
def running(cast):
    """Priya with Gerald no more, Ines with Karen, Zoe on the bench, and a repair draft."""
    cast.small, cast.people = make_running_cohort(cast.programme, cast.chi)
    end_pair(pair_of(cast.small, "priya"), by=cast.chi)
    cast.draft = ready(actions.find_partners(cast.small, by=cast.chi))
    OutgoingMail.objects.all().delete()
    return cast


@pytest.fixture
def rematching(cast):
    """Priya with Gerald, for whom Amy of the waiting list is better; Zoe is on the bench."""
    cast.small, cast.people = make_running_cohort(cast.programme, cast.chi)
    cast.people["amy"] = make_participant(
        cast.small, Side.MENTOR, "Amy Best", hours=range(9, 17), topics=[("Generative AI", 4)],
        email="amy@x.org",
    )  # fmt: skip
    Enrolment.objects.filter(pk=cast.people["amy"].pk).update(state="waiting", waiting_place=7)
    cast.people["priya"].profile.topics.filter(topic__label="Generative AI").update(level=1)
    first = Draft.objects.get(cohort=cast.small)
    cast.draft = ready(actions.rematch(first, by=cast.chi, inertia=2))
    cast.old_pair = pair_of(cast.small, "priya")
    OutgoingMail.objects.all().delete()
    return cast


def ready(draft):
    run_waiting()
    draft.refresh_from_db()
    return draft


def living(cohort):
    return couples(cohort.pairs.filter(state="active"))


def states(cast):
    rows = Enrolment.objects.filter(cohort=cast.small)
    names = {each.pk: name for name, each in cast.people.items()}
    return {names[pk]: state for pk, state in rows.values_list("pk", "state")}


def mailed():
    """Return (kind, address) of every mail in the outbox."""
    return set(OutgoingMail.objects.values_list("kind", "address"))


def to_both(kind, *names):
    return {(kind, f"{name}@x.org") for name in names}


def undo(cast, **how):
    job = actions.undo_publication(Publication.objects.standing().last(), by=cast.chi, **how)
    run_waiting()
    job.refresh_from_db()
    return job


# -- a repair -------------------------------------------------------------------------------------


def test_a_published_repair_makes_the_new_pair_and_touches_no_other(running):
    untouched = Pair.objects.filter(cohort=running.small, state="active").values().get()
    at = timezone.now()

    job = publish(running.draft, running.chi, at=at)

    assert (job.state, job.error) == (Job.State.DONE, "")
    assert living(running.small) == {("zoe", "gerald"), ("ines", "karen")}
    assert Pair.objects.filter(pk=untouched["id"]).values().get() == untouched
    new = pair_of(running.small, "zoe")
    assert new.started_on == timezone.localdate(at)
    plan = [each.pk for each in running.small.plan.all()]
    assert list(new.sessions.values_list("planned", flat=True)) == plan
    assert min(new.sessions.values_list("due_on", flat=True)) > new.started_on
    assert Cohort.objects.get(pk=running.small.pk).state == Cohort.State.RUNNING


def test_the_two_of_the_new_pair_are_introduced_and_nobody_else_is_told_anything(running):
    publish(running.draft, running.chi)

    assert mailed() == to_both("introduction", "zoe", "gerald")


def test_who_gets_a_partner_is_enrolled_and_who_gets_none_stands_ready(running):
    assert states(running)["zoe"] == "bench"

    publish(running.draft, running.chi)

    assert states(running) == {
        "priya": "bench", "ines": "enrolled", "zoe": "enrolled", "gerald": "enrolled",
        "karen": "enrolled",
    }  # fmt: skip
    publication = Publication.objects.standing().last()
    assert publication.kind == "repair"
    assert publication.set_aside == [running.people["priya"].code]
    assert publication.taken_in == [
        {"enrolment": running.people["zoe"].code, "state": "bench", "place": None}
    ]
    assert publication.started == [pair_of(running.small, "zoe").code]
    assert publication.ended == []
    facts = AuditEntry.objects.filter(event="PairingPublished").last().facts
    assert (facts["pairs"], facts["draft_id"]) == (1, running.draft.pk)


@pytest.mark.parametrize("places", [2, None])
def test_places_come_free_before_somebody_is_taken_in(running, places):
    Cohort.objects.filter(pk=running.small.pk).update(mentor_places=places)

    assert publish(running.draft, running.chi).state == Job.State.DONE


def test_who_left_the_organisation_holds_no_place_that_the_bench_needs(cast):
    cast.small, cast.people = make_running_cohort(cast.programme, cast.chi)
    Cohort.objects.filter(pk=cast.small.pk).update(mentor_places=2)
    person = cast.people["priya"].person
    person.left_on = dt.date(2026, 2, 2)
    person.save()
    draft = ready(actions.find_partners(cast.small, by=cast.chi))
    OutgoingMail.objects.all().delete()

    assert publish(draft, cast.chi).state == Job.State.DONE

    assert living(cast.small) == {("zoe", "gerald"), ("ines", "karen")}
    # the pair with who left has ended; they themselves have no mailbox here any more
    assert mailed() == to_both("introduction", "zoe", "gerald") | to_both(
        "pairs.pair_ended", "gerald"
    )


def test_a_repair_is_published_once_however_often_it_is_pressed(running):
    args = {"draft_id": running.draft.pk, "version": 1, "by_id": running.chi.pk, "at": None}
    jobs = [start_job("pairing.publish_draft", by=running.chi, **args) for _each in range(2)]

    run_waiting()

    found = [Job.objects.get(pk=job.pk) for job in jobs]
    assert [job.state for job in found] == ["done", "failed"]
    assert found[1].error.startswith("Draft 2 was published by Chi on ")
    assert Pair.objects.filter(cohort=running.small, state="active").count() == 2
    with pytest.raises(Refusal, match="Draft 2 was published by Chi on "):
        actions.publish_draft(running.draft, by=running.chi)


def test_every_departure_can_be_repaired_one_after_the_other(running):
    publish(running.draft, running.chi)
    end_pair(pair_of(running.small, "zoe"), by=running.chi)
    second = ready(actions.find_partners(running.small, by=running.chi))

    # neither of the two mentors who parted from Gerald is proposed to him again
    assert second.result["new"] == 0
    make_participant(running.small, Side.MENTOR, "Late Comer", topics=[("Remote work", 1)])
    third = ready(actions.find_partners(running.small, by=running.chi))
    assert publish(third, running.chi).state == Job.State.DONE
    assert living(running.small) == {("late", "gerald"), ("ines", "karen")}
    assert Publication.objects.standing().filter(cohort=running.small).count() == 3


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("withdrew", "Since this draft was made: Zoe Adler no longer takes part."),
        ("left", "Since this draft was made: Zoe Adler no longer takes part."),
        ("language", "Since this draft was made: Zoe Adler and Gerald Whitfield: not possible"),
        ("taken", "Gerald Whitfield: has a partner by now, so this draft is past. Match again."),
    ],
)
def test_what_changed_since_the_repair_was_made_is_refused(running, what, said):
    zoe = running.people["zoe"]
    if what == "withdrew":
        withdraw(zoe, by=running.chi)
    elif what == "left":
        zoe.person.left_on = dt.date(2026, 2, 2)
    elif what == "language":
        zoe.person.languages = ["fr"]
    else:
        late = make_participant(running.small, Side.MENTOR, "Late", topics=[("Generative AI", 4)])
        running.people["late"] = late
        other = ready(actions.find_partners(running.small, by=running.chi))
        publish(other, running.chi)
    zoe.person.save()
    before = living(running.small)
    OutgoingMail.objects.all().delete()

    job = publish(running.draft, running.chi)

    assert job.state == Job.State.FAILED
    assert job.error.startswith(said)
    assert living(running.small) == before
    assert mailed() == set()


def test_a_pair_that_ended_since_does_not_stand_in_the_way(running):
    end_pair(pair_of(running.small, "ines"), by=running.chi)

    assert publish(running.draft, running.chi).state == Job.State.DONE
    assert living(running.small) == {("zoe", "gerald")}


def test_a_draft_without_a_new_pair_is_not_published(running):
    draft = ready(actions.make_draft(running.small, by=running.chi, kind="rematch"))
    Draft.objects.filter(pk=draft.pk).update(result=draft.result | {"new": 0})
    draft.refresh_from_db()

    with pytest.raises(Refusal, match="This draft holds no pair that could be published."):
        actions.publish_draft(draft, by=running.chi)


def test_an_exception_in_the_middle_of_a_repair_leaves_nothing(running, monkeypatch):
    before = states(running)

    def breaks(pair, *, common):
        raise OSError("no space left")

    monkeypatch.setattr(publishing.mails, "introductions", breaks)

    job = publish(running.draft, running.chi)

    assert job.state == Job.State.FAILED
    assert living(running.small) == {("ines", "karen")}
    assert states(running) == before
    assert Publication.objects.filter(kind="repair").count() == 0


# -- taking it back -------------------------------------------------------------------------------


def test_undo_of_a_repair_leaves_everything_as_before_it(running):
    before, others = states(running), living(running.small)
    publish(running.draft, running.chi)

    assert undo(running).state == Job.State.DONE

    assert (states(running), living(running.small)) == (before, others)
    assert Cohort.objects.get(pk=running.small.pk).state == Cohort.State.RUNNING
    assert mailed() == to_both("introduction", "zoe", "gerald") | to_both(
        "introduction_withdrawn", "zoe", "gerald"
    )
    text = OutgoingMail.objects.get(kind="introduction_withdrawn", address="zoe@x.org").words
    assert text["subject"] == "Please wait: you and Gerald Whitfield are no pair after all"
    assert "being made again" not in text["text"]


def test_after_an_undo_the_repair_can_be_published_again(running):
    publish(running.draft, running.chi)
    undo(running)

    assert publish(running.draft, running.chi).state == Job.State.DONE
    assert living(running.small) == {("zoe", "gerald"), ("ines", "karen")}


def test_undo_of_a_repair_ends_a_new_pair_that_has_set_a_date(running):
    publish(running.draft, running.chi)
    new = pair_of(running.small, "zoe")
    soon = timezone.now() + dt.timedelta(days=9)
    book_session(new.sessions.first(), by=new.mentor, starts_at=soon)

    undo(running)

    new.refresh_from_db()
    assert new.state == Pair.State.ENDED
    assert to_both("pairs.session_cancelled", "zoe", "gerald") <= mailed()


def test_a_publication_is_not_undone_before_a_later_one(running):
    first = Publication.objects.get(cohort=running.small)
    publish(running.draft, running.chi)

    assert why_not_undo(first).startswith("Draft 2 was published by Chi on ")
    assert why_not_undo(first).endswith("Undo that first.")
    undo(running)
    first.refresh_from_db()
    assert why_not_undo(first) is None


@pytest.mark.parametrize(
    ("who_met", "reason"),
    [("ines", None), ("zoe", "A pair has met already. Pairs can still be ended one by one.")],
)
def test_only_a_new_pair_that_has_met_keeps_a_repair_from_being_undone(running, who_met, reason):
    publish(running.draft, running.chi)
    session = pair_of(running.small, who_met).sessions.first()
    session.state, session.starts_at = Session.State.BOOKED, timezone.now() - dt.timedelta(hours=1)
    session.save()
    record_held(session, by=session.pair.mentor)

    assert why_not_undo(Publication.objects.standing().last()) == reason


# -- a re-match -----------------------------------------------------------------------------------


def test_a_published_re_match_ends_what_it_changed_in_the_words_of_every_ending(rematching):
    publish(rematching.draft, rematching.chi)

    assert living(rematching.small) == {("amy", "gerald"), ("ines", "karen")}
    assert mailed() == (
        to_both("introduction", "amy", "gerald") | to_both("pairs.pair_ended", "priya", "gerald")
    )
    text = OutgoingMail.objects.get(kind="pairs.pair_ended", address="priya@x.org").words["text"]
    assert text.startswith("Your pair has ended\n\nYou and Gerald Whitfield no longer meet")
    assert "Chi" not in text
    assert states(rematching) | {"zoe": "bench"} == {
        "priya": "bench", "ines": "enrolled", "zoe": "bench", "amy": "enrolled",
        "gerald": "enrolled", "karen": "enrolled",
    }  # fmt: skip
    assert Publication.objects.standing().last().ended == [rematching.old_pair.code]


def test_undo_of_a_re_match_lets_the_ended_pair_go_on_and_nobody_hears_of_the_end(rematching):
    before = states(rematching)
    # not at the very end of an hour, when mails of it would be on their way
    at = timezone.now().replace(minute=20)
    publish(rematching.draft, rematching.chi, at=at)

    undo(rematching, at=at)

    rematching.old_pair.refresh_from_db()
    assert (rematching.old_pair.state, rematching.old_pair.ended_on) == ("active", None)
    assert living(rematching.small) == {("priya", "gerald"), ("ines", "karen")}
    assert states(rematching) == before
    amy = Enrolment.objects.get(pk=rematching.people["amy"].pk)
    assert amy.waiting_place == 7
    assert mailed() == to_both("introduction", "amy", "gerald") | to_both(
        "introduction_withdrawn", "amy", "gerald"
    )


def test_undo_of_a_re_match_tells_the_two_that_they_go_on_once_they_have_read_of_the_end(
    rematching,
):
    at = timezone.now().replace(minute=0, second=0) - dt.timedelta(minutes=10)
    publish(rematching.draft, rematching.chi, at=at)

    undo(rematching, at=at + dt.timedelta(minutes=30))

    assert to_both("pairs.pair_ended", "priya", "gerald") <= mailed()
    assert to_both("pairs.pair_resumed", "priya", "gerald") <= mailed()
    text = OutgoingMail.objects.get(kind="pairs.pair_resumed", address="priya@x.org").words["text"]
    assert text.startswith("Your pair goes on\n\nA short while ago you were told that you and Ge")


def test_undo_of_a_re_match_puts_dates_back_that_the_end_had_cancelled(rematching):
    session = rematching.old_pair.sessions.first()
    when = timezone.now() + dt.timedelta(days=9)
    book_session(session, by=rematching.old_pair.mentor, starts_at=when)
    publish(rematching.draft, rematching.chi)
    session.refresh_from_db()
    assert (session.state, session.starts_at) == ("planned", None)

    undo(rematching)

    session.refresh_from_db()
    assert (session.state, session.starts_at) == ("booked", when)
    invitations = OutgoingMail.objects.filter(kind="pairs.session_booked")
    assert invitations.filter(address="priya@x.org").count() == 2


def test_undo_leaves_a_pair_ended_if_one_of_the_two_has_withdrawn_meanwhile(rematching):
    publish(rematching.draft, rematching.chi)
    withdraw(rematching.people["priya"], by=rematching.chi)

    assert undo(rematching).state == Job.State.DONE

    rematching.old_pair.refresh_from_db()
    assert rematching.old_pair.state == Pair.State.ENDED


def test_a_pair_to_be_ended_that_ended_by_itself_does_not_stand_in_the_way(rematching):
    end_pair(rematching.old_pair, by=rematching.old_pair.mentor)

    assert publish(rematching.draft, rematching.chi).state == Job.State.DONE

    assert living(rematching.small) == {("amy", "gerald"), ("ines", "karen")}
    assert Publication.objects.standing().last().ended == []


@pytest.mark.django_db(transaction=True)
def test_two_who_publish_a_repair_at_the_same_moment_publish_once(running):
    args = {"draft_id": running.draft.pk, "version": 1, "at": None}
    jobs = [
        start_job("pairing.publish_draft", by=person, by_id=person.pk, **args)
        for person in (running.chi, running.cleo)
    ]
    start = threading.Barrier(2)

    def run(job):
        start.wait()
        is_over = False
        while not is_over:
            # where the other one holds the database, a worker comes back a little later
            with suppress(OperationalError):
                Job.objects.filter(pk=job.pk).update(not_before=timezone.now())
                run_job(job.pk, heartbeat=False)
                is_over = Job.objects.get(pk=job.pk).is_over
        connection.close()

    threads = [threading.Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(Job.objects.get(pk=job.pk).state for job in jobs) == ["done", "failed"]
    assert Publication.objects.filter(kind="repair").count() == 1
    assert living(running.small) == {("zoe", "gerald"), ("ines", "karen")}
    assert mailed() == to_both("introduction", "zoe", "gerald")
