import datetime as dt
import threading

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from contraflow.core import upkeep
from contraflow.core.jobs import MAX_ATTEMPTS
from contraflow.core.models import Job
from contraflow.core.upkeep import KEEP_JOBS, keep_up, prune, take_up_abandoned
from tests.core.conftest import abandon, ago, now_is

State = Job.State
pytestmark = pytest.mark.django_db


@pytest.fixture
def take_up(django_capture_on_commit_callbacks):
    """Return a function that looks for abandoned work; it returns how many were queued."""

    def took_up():
        before = DBTaskResult.objects.count()
        with django_capture_on_commit_callbacks(execute=True):
            said = take_up_abandoned()
        assert DBTaskResult.objects.count() - before == said
        return said

    return took_up


def test_job_of_a_killed_worker_waits_again_and_is_queued_once(start, take_up):
    row = abandon(start())

    assert [take_up(), take_up()] == [1, 0]
    row.refresh_from_db()
    assert (row.state, row.lease, row.attempts) == (State.WAITING, None, 1)


def test_living_worker_keeps_its_job(start, take_up):
    row = abandon(start(), leased_until=timezone.now() + dt.timedelta(minutes=1))

    assert take_up() == 0
    row.refresh_from_db()
    assert row.state == State.RUNNING


@pytest.mark.parametrize(
    ("fields", "state", "error"),
    [
        ({"attempts": MAX_ATTEMPTS}, State.FAILED, "It stopped without a word 5 times."),
        ({"cancel_asked_at": timezone.now()}, State.CANCELLED, ""),
    ],
    ids=["it kills every worker", "it was to stop anyway"],
)
def test_abandoned_job_that_does_not_come_back(start, take_up, fields, state, error):
    row = abandon(start(), **fields)

    assert take_up() == 0
    row.refresh_from_db()
    assert (row.state, row.error) == (state, error)
    assert row.ended_at is not None


def test_abandoned_job_gives_way_to_one_that_waits(start, take_up):
    dead = abandon(start(only_one="all"))
    waiting = start(only_one="all", behind_running=True)

    assert take_up() == 0
    dead.refresh_from_db()
    waiting.refresh_from_db()
    assert (dead.state, waiting.state) == (State.CANCELLED, State.WAITING)


@pytest.mark.parametrize(
    ("queued", "due", "times"),
    [
        pytest.param(30, 31, 0, id="its turn may still come"),
        pytest.param(70, 71, 1, id="its entry must be lost"),
        pytest.param(30, 10, 1, id="its pause is over"),
        pytest.param(10, 30, 0, id="it was queued after its pause"),
        pytest.param(30, -60, 0, id="it pauses still"),
    ],
)
def test_waiting_job_is_queued_again(start, take_up, queued, due, times):
    now_is(start(), queued_at=ago(seconds=queued), not_before=ago(seconds=due))

    assert [take_up(), take_up()] == [times, 0]


def test_fault_in_one_look_does_not_stop_the_others(start, take_up, monkeypatch):
    looked = []
    looks = [lambda: 1 / 0, lambda: looked.append(True)]
    monkeypatch.setattr(upkeep, "_looks", looks)

    take_up()

    assert looked == [True]


def test_old_rows_are_pruned(start):
    old, recent, waiting = start(), start(), start()
    now_is(old, state=State.DONE, ended_at=timezone.now() - KEEP_JOBS - dt.timedelta(days=1))
    now_is(recent, state=State.DONE, ended_at=ago(days=1))
    entries = list(DBTaskResult.objects.all())
    for entry, fields in zip(
        entries,
        [
            {"status": "SUCCESSFUL", "finished_at": ago(days=2)},
            {"status": "RUNNING", "started_at": ago(days=8)},
            {"status": "READY"},
        ],
        strict=True,
    ):
        DBTaskResult.objects.filter(pk=entry.pk).update(**fields)

    prune(timezone.now())

    assert set(Job.objects.all()) == {recent, waiting}
    assert [each.status for each in DBTaskResult.objects.all()] == ["READY"]


def test_upkeep_goes_on_after_a_fault_and_prunes_once_an_hour(settings, monkeypatch):
    settings.JOB_LEASE_SECONDS = 0.04
    stop, looked, pruned = threading.Event(), [], []

    def look():
        looked.append(True)
        if len(looked) == 1:
            raise ZeroDivisionError
        if len(looked) == 4:
            stop.set()

    monkeypatch.setattr(upkeep, "take_up_abandoned", look)
    monkeypatch.setattr(upkeep, "prune", pruned.append)
    monkeypatch.setattr(upkeep, "close_old_connections", lambda: None)
    keep_up(stop)

    assert (len(looked), len(pruned)) == (4, 1)
