"""The demonstration on a small organisation: set up, paired, lived, and safe to interrupt."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from contraflow.core.jobs import start_job
from contraflow.core.models import AuditEntry, Job, Notice, OutgoingMail
from contraflow.ops import demo_around, demo_life, demo_seed, jobs
from contraflow.ops.demo_people import demo_organisation
from contraflow.pairs.models import Session
from contraflow.people.models import Person
from contraflow.programmes.models import Cohort, Enrolment, Profile

SMALL = {"A": (6, 7), "B": (4, 5)}
NOW = timezone.now()


def quiet(done, total, step):
    """Tell nobody how far it is."""


@pytest.fixture
def seeded(transactional_db, monkeypatch):
    """The organisation in small, its cohorts open for enrolment."""
    organisation = demo_organisation(cohorts=SMALL)
    monkeypatch.setattr(jobs, "demo_organisation", lambda: organisation)
    programme = demo_seed.seed_organisation(organisation, today=NOW.date())
    return organisation, programme


def cohorts_of(programme):
    return programme.cohorts.order_by("starts_on")


@pytest.mark.slow
def test_organisation_is_set_up_once_however_often_it_is_asked_for(seeded):
    organisation, programme = seeded
    counts = Person.objects.count(), Cohort.objects.count()

    demo_seed.seed_organisation(organisation, today=NOW.date())

    assert (Person.objects.count(), Cohort.objects.count()) == counts
    assert counts == (len(organisation.people), 2)
    assert programme.objectives.filter(is_primary=True).count() == 1


@pytest.mark.slow
def test_an_interrupted_enrolment_goes_on_where_it_stopped(seeded):
    organisation, programme = seeded
    _lived, waiting = cohorts_of(programme)
    lead = Person.objects.get(email=organisation.staff.leads[0])

    def stop_after_the_first_batch(done, total, step):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        demo_seed.enrol_everybody(
            waiting, organisation.cohorts[1], lead=lead, tell=stop_after_the_first_batch
        )
    demo_seed.enrol_everybody(waiting, organisation.cohorts[1], lead=lead, tell=quiet)

    assert waiting.enrolments.filter(state=Enrolment.State.ENROLLED).count() == 9
    assert Profile.objects.filter(finished_at__isnull=False).count() == 9
    assert OutgoingMail.objects.count() == 0


@pytest.mark.slow
def test_cohort_a_lives_by_the_actions_of_people(seeded, run_jobs, client, settings, capsys):
    organisation, programme = seeded
    settings.DEMO = True
    lived, waiting = cohorts_of(programme)
    lead = Person.objects.get(email=organisation.staff.leads[0])
    demo_seed.enrol_everybody(waiting, organisation.cohorts[1], lead=lead, tell=quiet)

    start_job("ops.live_demo", by=lead, cohort_id=lived.pk)
    while Job.objects.filter(state=Job.State.WAITING).exists():
        Job.objects.update(not_before=NOW - dt.timedelta(days=1))
        run_jobs()

    lived.refresh_from_db()
    assert lived.state == Cohort.State.RUNNING
    assert [row.state for row in Job.objects.filter(kind="ops.live_demo")] == ["done"]
    assert lived.pairs.count() >= 5
    held = Session.objects.filter(pair__cohort=lived, state="held").count()
    assert AuditEntry.objects.filter(event="SessionHeld").count() == held > lived.pairs.count()
    assert not Session.objects.filter(state="held", starts_at__gt=timezone.now()).exists()
    assert f"Cohort {lived.name} is ready." in capsys.readouterr().out
    (booked,) = demo_life.shown_pair(lived).sessions.filter(state="booked")
    assert booked.starts_at > timezone.now() + dt.timedelta(minutes=30)
    # the past was told to nobody; what is to come was told to the two who meet soon
    told = set(OutgoingMail.objects.values_list("kind", "to_id"))
    both = (booked.pair.mentor_id, booked.pair.mentee_id)
    kinds = ("pairs.session_booked", "pairs.session_moved")
    assert told - {(kind, person) for kind in kinds for person in both} == set()
    assert len(told) == 4
    assert {notice.for_id for notice in Notice.objects.all()} == set(both)
    assert set(AuditEntry.objects.values_list("event", flat=True)) >= {
        "ShutdownAdded", "AssistantNamed", "QuestionAsked", "SessionMoved", "CommitmentMade",
        "CommitmentReviewed", "StoryTold", "StoryShared",
    }  # fmt: skip
    assert demo_life.shown_pair(lived).agreement.is_signed
    active = lived.pairs.exclude(active_since=None).count()
    assert AuditEntry.objects.filter(event="PairActivated").count() == active > 0
    # a worker killed at the end finds nothing left to do
    done = AuditEntry.objects.count()
    demo_life.live_all(lived, quiet, now=timezone.now())
    demo_around.tell_stories(lived)
    demo_around.work_at_the_desk(lived, lead=lead, now=timezone.now())
    assert AuditEntry.objects.count() == done

    for role in ("lead", "leader", "mentor", "sponsor"):
        answer = client.post(reverse("ops:sign-in-as", args=[role]), follow=True)
        assert answer.status_code == 200
        assert answer.context["user"].is_authenticated
    assert client.post(reverse("ops:sign-in-as", args=["root"])).status_code == 404


@pytest.mark.parametrize("role", ["lead", "leader", "mentor", "sponsor"])
def test_nobody_real_is_signed_in_where_the_demonstration_was_switched_on(
    client, cast, settings, role
):
    settings.DEMO = True

    assert client.post(reverse("ops:sign-in-as", args=[role])).status_code == 404
    assert "_auth_user_id" not in client.session

    for person in (cast.ama, cast.bela, cast.chi, cast.sol):
        person.email = f"{person.code}@lumenport.example"
        person.save()
    assert client.post(reverse("ops:sign-in-as", args=[role])).status_code == 302


@pytest.mark.parametrize("role", ["lead", "leader", "mentor", "sponsor", "administrator"])
def test_nobody_signs_in_by_one_click_outside_the_demonstration(client, cast, role):
    answer = client.post(reverse("ops:sign-in-as", args=[role]))

    assert answer.status_code == 404
    assert "_auth_user_id" not in client.session
    assert "Look around" not in client.get(reverse("people:sign-in")).text
