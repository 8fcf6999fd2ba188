"""The cast of every test about rights, makers for volume, and how jobs are run."""

import datetime as dt
import gc
import itertools
from types import SimpleNamespace

import pytest
from django.utils import timezone

from contraflow.core import mail, mail_choices
from contraflow.core.jobs import run_job
from contraflow.core.models import Installation, Job
from contraflow.desk.models import LaunchOverride
from contraflow.pairing import encode
from contraflow.pairs.models import Pair, Session
from contraflow.people.models import Person, Role
from contraflow.programmes.models import (
    Cohort,
    Enrolment,
    PlannedSession,
    Programme,
    Side,
    Steward,
)
from contraflow.training.models import Progress
from contraflow.training.modules import gate_keys

# tests.untimed: no example is tried against the clock
pytest_plugins = ["tests.skips", "tests.mailbox", "tests.untimed"]
_numbers = itertools.count(1)
# Everybody at a door, in the order of the tables of people x status.
CAST = {
    "ama": "mentor",
    "bela": "leader",
    "chi": "lead of this programme",
    "cleo": "lead of another programme",
    "sol": "sponsor",
    "tru": "trusted contact",
    "dov": "stranger",
    "root": "administrator",
    "nobody": "signed out",
}


def each_of(names=CAST):
    """Return parameters for these people; the quick run takes the four who differ most."""
    quick = {"ama", "chi", "cleo", "nobody"}
    return [name if name in quick else pytest.param(name, marks=pytest.mark.slow) for name in names]


@pytest.fixture(autouse=True)
def answers_as_given(request, monkeypatch):
    """Pair by answers as given: with decoys every expected pair would be a matter of luck."""
    if "covered" not in request.keywords:
        monkeypatch.setattr(encode, "covered", lambda cohort, *sides: sides)


@pytest.fixture
def never_quiet(monkeypatch):
    """Let mails leave at whatever hour of whatever day a test runs."""
    for module in (mail, mail_choices):
        monkeypatch.setattr(module, "next_open", lambda at, zone: at)


def _person(name="", **fields):
    number = next(_numbers)
    email = fields.pop("email", f"{name.lower() or 'person'}{number}@example.org")
    password = fields.pop("password", None)
    person = Person(email=email, name=name or f"Person {number}", **fields)
    person.set_password(password)
    return person


def make_person(name="", **fields):
    """Make a person with an address of their own."""
    # saved as it is: checking what tests write costs a third of the suite's time
    person = _person(name, **fields)
    person.save()
    return person


def make_programme(title="Executive digital fluency", **fields):
    """Make a programme without people."""
    return Programme.objects.create(title=title, purpose="Learn from each other.", **fields)


def make_cohort(programme, **fields):
    """Make a running cohort of 14 weeks that started on Monday 5 January 2026, with its plan."""
    defaults = {
        "name": f"2026 {next(_numbers)}", "state": Cohort.State.RUNNING,
        "starts_on": dt.date(2026, 1, 5), "length_weeks": 14, "cadence_days": 14,
        "session_minutes": 50,
    }  # fmt: skip
    cohort = Cohort.objects.create(programme=programme, **(defaults | fields))
    if cohort.state == Cohort.State.PAIRING:
        LaunchOverride.objects.create(cohort=cohort, reason="Everything is ready for this test.")
    PlannedSession.objects.bulk_create(
        PlannedSession(
            cohort=cohort, number=number, topic=f"Topic {number}", opening="What?",
            activity="Do.", between="Try.", reflection="Think.",
        )
        for number in range(1, 4)
    )  # fmt: skip
    return cohort


def make_enrolment(cohort, person=None, side=Side.MENTOR, state=Enrolment.State.ENROLLED):
    """Enrol a person, a new one if none is given."""
    person = person or make_person()
    return Enrolment.objects.create(cohort=cohort, person=person, side=side, state=state)


def make_trained(person, side):
    """Let a person have done the short training before session 2."""
    Progress.objects.bulk_create(
        [Progress(person=person, module=key, done_at=timezone.now()) for key in gate_keys(side)],
        ignore_conflicts=True,
    )


def make_pair(cohort, mentor=None, mentee=None, sessions=3, trained=True, **fields):
    """Make a pair with its planned sessions; both are enrolled where they were not.

    It has agreed on the day it began; `active_since=None` makes one that is forming. Both have
    done the training before session 2, unless it is not `trained`.
    """
    fields.setdefault("active_since", dt.datetime.combine(cohort.starts_on, dt.time(), dt.UTC))
    mentor, mentee = mentor or make_person(), mentee or make_person()
    for person, side in ((mentor, Side.MENTOR), (mentee, Side.MENTEE)):
        if not Enrolment.objects.filter(cohort=cohort, person=person).exists():
            make_enrolment(cohort, person, side)
        if trained:
            make_trained(person, side)
    pair = Pair.objects.create(
        cohort=cohort, mentor=mentor, mentee=mentee, started_on=cohort.starts_on, **fields
    )
    plan = list(cohort.plan.all())
    Session.objects.bulk_create(
        Session(
            pair=pair, number=number, planned=plan[(number - 1) % len(plan)] if plan else None,
            due_on=cohort.starts_on + dt.timedelta(days=(number - 1) * cohort.cadence_days),
            minutes=cohort.session_minutes,
        )
        for number in range(1, sessions + 1)
    )  # fmt: skip
    return pair


def pytest_collection_finish():
    """Keep the garbage collector from walking through all libraries again and again."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


@pytest.fixture
def installation(db):
    """An installation that was set up."""
    return Installation.objects.create(pk=1, organisation="Lumenport")


@pytest.fixture
def cast(installation):
    """Ama mentors Bela in Chi's programme; the others stand around it, see CAST."""
    people = [
        _person(name.title(), email=f"{name}@example.org") for name in CAST if name != "nobody"
    ]
    Person.objects.bulk_create(people)
    cast = SimpleNamespace(**{person.name.lower(): person for person in people})
    cast.programme = make_programme()
    other = make_programme("Another programme")
    Steward.objects.bulk_create(
        Steward(programme=programme, person=person, kind=kind)
        for programme, person, kind in (
            (cast.programme, cast.chi, "lead"),
            (cast.programme, cast.sol, "sponsor"),
            (cast.programme, cast.tru, "trusted_contact"),
            (other, cast.cleo, "lead"),
        )
    )
    Role.objects.bulk_create(
        Role(person=person, kind=kind)
        for person, kind in (
            (cast.chi, Role.Kind.LEAD),
            (cast.cleo, Role.Kind.LEAD),
            (cast.sol, Role.Kind.SPONSOR),
            (cast.tru, Role.Kind.TRUSTED_CONTACT),
            (cast.root, Role.Kind.ADMINISTRATOR),
        )
    )
    cast.cohort = make_cohort(cast.programme)
    cast.pair = make_pair(cast.cohort, cast.ama, cast.bela)
    return cast


@pytest.fixture
def sign_in(client, cast):
    """Return a function that signs the named member of the cast in, or nobody."""

    def signed_in(name):
        client.cookies.clear()  # what signing out does for a browser, without asking the server
        if name != "nobody":
            client.force_login(getattr(cast, name))
        return client

    return signed_in


@pytest.fixture
def run_jobs(db):
    """Return a function that runs the waiting jobs here and now, as a worker would."""

    def run():
        ran = []
        while row := Job.objects.due(timezone.now()).first():
            run_job(row.pk, heartbeat=False)
            row.refresh_from_db()
            ran.append(row)
        return ran

    return run
