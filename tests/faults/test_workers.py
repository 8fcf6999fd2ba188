"""A worker is killed, frozen or cut off: the job happens once, or is given up with a reason."""

import signal
import threading

import pytest
from django.db import connection, connections
from django_tasks_db.models import DBTaskResult

from contraflow.core.jobs import MAX_ATTEMPTS, cancel_job, start_job
from contraflow.core.models import AuditEntry, Job
from tests.faults.harness import BEFORE_ACK, BEFORE_COMMIT, wait_for


def marks(name):
    return AuditEntry.objects.filter(event="Mark", facts={"name": name}).count()


@pytest.mark.parametrize(
    ("pause_at", "attempts"),
    [
        pytest.param(r'^SELECT .* FROM "core_job" .*"lease"', 2, id="before it began"),
        pytest.param(r'^INSERT INTO "core_auditentry"', 2, id="inside the effects"),
        pytest.param(BEFORE_COMMIT, 2, id="right before the commit"),
        pytest.param(BEFORE_ACK, 1, id="between the commit and the queue"),
    ],
)
def test_job_of_a_killed_worker_happens_once(stage, pause_at, attempts):
    job = start_job("faults.leave_marks", by=None, name="once")
    worker = stage.start_worker(pause_at=pause_at, job=job)
    worker.wait_until_paused()

    worker.kill()
    stage.start_worker()
    stage.wait_until_over(job)

    # a job that is started later is over later, so nothing more can come of the first
    stage.wait_until_over(start_job("faults.leave_marks", by=None, name="later"))
    job.refresh_from_db()
    assert (job.state, job.result, job.attempts) == (Job.State.DONE, {"rows": 3}, attempts)
    assert marks("once") == 3


def test_frozen_worker_that_wakes_up_changes_nothing(stage):
    job = start_job("faults.leave_marks", by=None, name="once", seconds=1.5)
    frozen = stage.start_worker()
    wait_for(lambda: Job.objects.filter(pk=job.pk, state="running").exists(), "it did not start")

    # wherever it is by now: perhaps it has written its lease and not yet read the job
    frozen.send(signal.SIGSTOP)
    stage.start_worker()
    stage.wait_until_over(job)
    frozen.send(signal.SIGCONT)

    wait_for(lambda: "lease lost" in frozen.said(), frozen.said)
    assert marks("once") == 3
    assert frozen.stop() == 0


def test_job_that_kills_its_worker_is_given_up_with_a_reason(stage):
    job = start_job("faults.kill_the_worker", by=None)

    for _attempt in range(MAX_ATTEMPTS):
        assert stage.start_worker().process.wait(timeout=30) == -signal.SIGKILL
    last = stage.start_worker()
    stage.wait_until_over(job)

    assert (job.state, job.attempts) == (Job.State.FAILED, MAX_ATTEMPTS)
    assert job.error == "It stopped without a word 5 times."
    assert last.stop() == 0


def test_three_workers_do_each_of_many_jobs_once(stage):
    jobs = [start_job("faults.leave_marks", by=None, name=n, rows=1) for n in range(40)]
    for _worker in range(3):
        stage.start_worker()

    for job in jobs:
        stage.wait_until_over(job, seconds=60)

    assert [marks(n) for n in range(40)] == [1] * 40
    assert set(Job.objects.values_list("state", "attempts")) == {("done", 1)}


def test_running_job_stops_when_asked(stage):
    job = start_job("faults.leave_marks", by=None, name="never", seconds=60)
    stage.start_worker()
    wait_for(lambda: Job.objects.filter(pk=job.pk, state="running").exists(), "it did not start")

    cancel_job(job)

    assert stage.wait_until_over(job).state == Job.State.CANCELLED
    assert marks("never") == 0


def test_lost_queue_entry_is_made_again(stage):
    job = start_job("faults.leave_marks", by=None, name="once")
    DBTaskResult.objects.all().delete()

    stage.start_worker()

    assert stage.wait_until_over(job).state == Job.State.DONE
    assert marks("once") == 3


def test_worker_finishes_its_job_before_it_stops(stage):
    job = start_job("faults.leave_marks", by=None, name="once", seconds=1.0)
    worker = stage.start_worker()
    wait_for(lambda: Job.objects.filter(pk=job.pk, state="running").exists(), "it did not start")

    assert worker.stop() == 0

    job.refresh_from_db()
    assert (job.state, marks("once")) == (Job.State.DONE, 3)


def test_job_pressed_by_many_at_once_is_started_once(stage):
    gate = threading.Barrier(8)

    def press():
        connections["default"] = stage.connect()
        gate.wait()
        start_job("faults.leave_marks", by=None, only_one="the button", name="once")
        connections["default"].close()

    pressed = [threading.Thread(target=press) for _person in range(8)]
    for thread in pressed:
        thread.start()
    for thread in pressed:
        thread.join()

    assert Job.objects.count() == DBTaskResult.objects.count() == 1


@pytest.mark.postgres
def test_worker_outlives_a_restart_of_the_database(stage):
    job = start_job("faults.leave_marks", by=None, name="once", seconds=2.0)
    worker = stage.start_worker()
    wait_for(lambda: Job.objects.filter(pk=job.pk, state="running").exists(), "it did not start")

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    assert stage.wait_until_over(job).state == Job.State.DONE
    assert marks("once") == 3
    assert worker.stop() == 0
