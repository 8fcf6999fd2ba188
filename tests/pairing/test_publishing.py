import datetime as dt
import threading
from contextlib import suppress

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from contraflow.core.errors import Refusal
from contraflow.core.jobs import run_job, start_job
from contraflow.core.models import AuditEntry, Job, OutgoingMail
from contraflow.pairing import actions, mails, publishing
from contraflow.pairing.models import Publication
from contraflow.pairing.rules import why_not_undo
from contraflow.pairs.actions import book_session
from contraflow.pairs.models import Pair, Session
from contraflow.programmes.models import Cohort, Enrolment
from tests.pairing.makers import make_small_cohort, run_waiting, solved


@pytest.fixture
def ready(cast):
    """A cohort of five with a solved draft."""
    cohort, people = make_small_cohort(cast.programme)
    cast.small, cast.people = cohort, people
    cast.draft = solved(cohort, cast.chi)
    return cast


def publish(ready, by=None, at=None):
    job = actions.publish_draft(ready.draft, by=by or ready.chi, at=at)
    run_waiting()
    job.refresh_from_db()
    return job


def state_of(ready, name):
    return Enrolment.objects.get(pk=ready.people[name].pk).state


def test_nothing_is_sent_before_publishing(ready):
    actions.lock_pair(ready.draft, ready.people["zoe"], ready.people["gerald"], by=ready.chi)
    run_waiting()

    assert OutgoingMail.objects.count() == 0
    assert Pair.objects.filter(cohort=ready.small).count() == 0


def test_publishing_makes_pairs_introduces_them_and_starts_the_cohort(ready):
    job = publish(ready)

    assert job.state == Job.State.DONE
    pairs = Pair.objects.filter(cohort=ready.small)
    assert {(p.mentor.name, p.mentee.name, p.theme) for p in pairs} == {
        ("Priya Raman", "Gerald Whitfield", "Digital"),
        ("Ines Moreau", "Karen Olsen", "Digital"),
    }
    assert {tuple(p.common_ground) for p in pairs} == {("Generative AI",), ("Short video",)}
    assert Cohort.objects.get(pk=ready.small.pk).state == Cohort.State.RUNNING
    assert state_of(ready, "zoe") == Enrolment.State.BENCH
    assert Publication.objects.get().set_aside == [ready.people["zoe"].code]
    facts = AuditEntry.objects.get(event="PairingPublished").facts
    assert (facts["pairs"], facts["draft_id"]) == (2, ready.draft.pk)


def test_a_leader_without_a_mentor_goes_to_the_waiting_list(cast):
    cohort, people = make_small_cohort(cast.programme)
    cohort.enrolments.filter(pk__in=[people["ines"].pk, people["zoe"].pk]).update(state="withdrawn")
    cast.draft = solved(cohort, cast.chi)

    publish(cast)

    states = dict(cohort.enrolments.values_list("person__name", "state"))
    assert sorted([states["Gerald Whitfield"], states["Karen Olsen"]]) == ["enrolled", "waiting"]


def test_each_of_the_two_gets_an_introduction_with_common_ground(ready):
    publish(ready)

    sent = OutgoingMail.objects.filter(kind="introduction")
    assert set(sent.values_list("address", flat=True)) == {
        "priya@x.org", "ines@x.org", "gerald@x.org", "karen@x.org",
    }  # fmt: skip
    text = sent.get(address="gerald@x.org").words["text"]
    assert "You and Priya Raman are a pair" in text
    assert "Your common ground: Generative AI" in text
    assert "Nothing here is rated" in text
    assert Pair.objects.get(mentee__name="Gerald Whitfield").get_absolute_url() in text
    assert "fit" not in text.lower()


def test_the_card_holds_three_things_topics_first():
    common = {"topics": ["AI"], "interests": ["Chess", "Opera"], "languages": ["en"]}

    assert mails.common_ground_card(common) == ["AI", "Chess", "Opera"]


def test_the_card_names_languages_in_words():
    common = {"topics": ["AI"], "languages": ["de", "Bavarian"]}

    assert mails.common_ground_card(common) == ["AI", "German", "Bavarian"]


def test_pressing_again_is_one_job_and_then_says_who_published_when(ready):
    first = actions.publish_draft(ready.draft, by=ready.chi)
    second = actions.publish_draft(ready.draft, by=ready.chi)
    run_waiting()

    assert first == second
    with pytest.raises(Refusal, match=r"Draft 1 was published by Chi on "):
        actions.publish_draft(ready.draft, by=ready.chi)
    assert Pair.objects.filter(cohort=ready.small).count() == 2


def test_a_second_job_for_the_same_cohort_is_refused_in_the_same_words(ready):
    args = {"draft_id": ready.draft.pk, "version": 1, "by_id": ready.chi.pk, "at": None}
    jobs = [start_job("pairing.publish_draft", by=ready.chi, **args) for _each in range(2)]

    run_waiting()

    states = [Job.objects.get(pk=job.pk) for job in jobs]
    assert [job.state for job in states] == ["done", "failed"]
    assert states[1].error.startswith("Draft 1 was published by Chi on ")
    assert Publication.objects.count() == 1


def test_another_draft_cannot_be_published_while_one_is(ready):
    other = solved(ready.small, ready.chi)
    actions.publish_draft(ready.draft, by=ready.chi)

    with pytest.raises(Refusal, match="Another draft of this cohort"):
        actions.publish_draft(other, by=ready.chi)


def test_what_is_published_is_what_was_on_the_screen(ready):
    job = actions.publish_draft(ready.draft, by=ready.chi)
    ready.draft.version += 1
    ready.draft.save()

    run_waiting()

    job.refresh_from_db()
    assert (job.state, job.error) == (
        "failed", "The draft has changed since you pressed. Look at it again first.",
    )  # fmt: skip
    assert Publication.objects.count() == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("reorganisation", "Priya Raman and Gerald Whitfield: not possible any more."),
        ("language", "Priya Raman and Gerald Whitfield: not possible any more."),
        ("left", "Priya Raman no longer takes part."),
        ("withdrew", "Priya Raman no longer takes part."),
    ],
)
def test_what_changed_since_the_draft_is_refused_with_names_and_cure(ready, change, said):
    enrolment, person = ready.people["priya"], ready.people["priya"].person
    if change == "reorganisation":
        person.manager = ready.people["gerald"].person
    elif change == "language":
        person.languages = ["fr"]
    elif change == "left":
        person.left_on = dt.date(2026, 1, 2)
    else:
        Enrolment.objects.filter(pk=enrolment.pk).update(state="withdrawn")
    person.save()

    job = publish(ready)

    assert (job.state, job.error) == (
        "failed",
        f"Since this draft was made: {said} Press “Match again” and publish the new draft.",
    )
    assert (Pair.objects.filter(cohort=ready.small).count(), OutgoingMail.objects.count()) == (0, 0)


def test_an_exception_in_the_middle_leaves_nothing(ready, monkeypatch):
    sent = []

    def breaks(pair, *, common):
        if sent:
            raise OSError("no space left")
        sent.append(pair)
        return iter(())

    monkeypatch.setattr(publishing.mails, "introductions", breaks)

    job = publish(ready)

    assert job.state == Job.State.FAILED
    assert Publication.objects.count() == 0
    assert Pair.objects.filter(cohort=ready.small).count() == 0
    assert Cohort.objects.get(pk=ready.small.pk).state == Cohort.State.PAIRING
    assert state_of(ready, "zoe") == Enrolment.State.ENROLLED
    assert not AuditEntry.objects.filter(event="PairingPublished").exists()


def test_undo_takes_everything_back_and_tells_everybody(ready):
    publish(ready)
    mails_before = OutgoingMail.objects.count()

    actions.undo_publication(Publication.objects.get(), by=ready.chi)
    run_waiting()

    assert Pair.objects.filter(cohort=ready.small).count() == 0
    assert Cohort.objects.get(pk=ready.small.pk).state == Cohort.State.PAIRING
    assert state_of(ready, "zoe") == Enrolment.State.ENROLLED
    assert OutgoingMail.objects.filter(kind="introduction_withdrawn").count() == 4
    assert OutgoingMail.objects.count() == mails_before + 4
    assert AuditEntry.objects.filter(event="PublicationUndone").count() == 1


def test_after_an_undo_a_draft_can_be_published_again(ready):
    publish(ready)
    actions.undo_publication(Publication.objects.get(), by=ready.chi)
    run_waiting()

    job = publish(ready)

    assert job.state == Job.State.DONE
    assert Publication.objects.count() == 2
    assert Pair.objects.filter(cohort=ready.small, state="active").count() == 2


def test_undo_ends_a_pair_that_has_set_a_date_so_that_calendars_are_told(ready):
    publish(ready)
    session = Session.objects.filter(pair__mentor__name="Priya Raman").first()
    book_session(session, by=session.pair.mentor, starts_at=timezone.now() + dt.timedelta(days=20))

    actions.undo_publication(Publication.objects.get(), by=ready.chi)
    run_waiting()

    left = Pair.objects.get(cohort=ready.small)
    assert (left.mentor.name, left.state) == ("Priya Raman", "ended")


@pytest.mark.parametrize(
    ("minutes", "held", "reason"),
    [
        pytest.param(59, False, None, id="within the hour"),
        pytest.param(61, False, "A publication can be undone within an hour.", id="later"),
        pytest.param(10, True, "A pair has met already.", id="two have met"),
    ],
)
def test_when_a_publication_can_be_undone(ready, minutes, held, reason):
    publish(ready)
    publication = Publication.objects.get()
    if held:
        session = Session.objects.filter(pair__cohort=ready.small).first()
        session.state, session.starts_at = Session.State.HELD, timezone.now()
        session.save()

    found = why_not_undo(publication, at=publication.published_at + dt.timedelta(minutes=minutes))

    assert (found is None) if reason is None else found.startswith(reason)


def test_undoing_twice_is_undoing_once(ready):
    publish(ready)
    publication = Publication.objects.get()
    args = {
        "publication_id": publication.pk, "by_id": ready.chi.pk, "at": timezone.now().isoformat(),
    }  # fmt: skip
    jobs = [start_job("pairing.undo_publication", by=ready.chi, **args) for _each in range(2)]

    run_waiting()

    states = [Job.objects.get(pk=job.pk) for job in jobs]
    assert [job.state for job in states] == ["done", "failed"]
    assert states[1].error == "This publication was undone already."


def test_the_moment_of_publishing_can_be_given(ready):
    at = dt.datetime(2026, 1, 4, 9, tzinfo=dt.UTC)

    publish(ready, at=at)

    assert Publication.objects.get().published_at == at
    assert {p.started_on for p in Pair.objects.filter(cohort=ready.small)} == {at.date()}


@pytest.mark.django_db(transaction=True)
def test_two_who_publish_at_the_same_moment_publish_once(ready):
    args = {"draft_id": ready.draft.pk, "version": 1, "at": None}
    jobs = [
        start_job("pairing.publish_draft", by=person, by_id=person.pk, **args)
        for person in (ready.chi, ready.cleo)
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
    assert Publication.objects.count() == 1
    assert Pair.objects.filter(cohort=ready.small).count() == 2
    assert OutgoingMail.objects.filter(kind="introduction").count() == 4
