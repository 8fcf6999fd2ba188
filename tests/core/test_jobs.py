import datetime as dt
import uuid

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from contraflow.core import jobs
from contraflow.core.errors import Refusal
from contraflow.core.jobs import (
    MAX_ATTEMPTS,
    CancelAsked,
    LeaseLost,
    TryLater,
    Work,
    cancel_job,
    run_job,
    start_job,
)
from contraflow.core.models import AuditEntry, Job
from tests.core.conftest import ago, now_is

State = Job.State
pytestmark = pytest.mark.django_db


def leave_mark(work, **args):
    with work.effects() as result:
        AuditEntry.objects.create(event="Mark", facts=args)
        result["marks"] = 1


def marks():
    return AuditEntry.objects.filter(event="Mark").count()


# -- starting -------------------------------------------------------------------------------------


def test_started_job_waits_and_its_id_is_in_the_queue(start, cast):
    row = start(by=cast.chi, thing=7)

    assert (row.state, row.args, row.by_id) == (State.WAITING, {"thing": 7}, cast.chi.pk)
    assert [each.args_kwargs["args"] for each in DBTaskResult.objects.all()] == [[row.pk]]


def test_unknown_kind_is_the_callers_mistake():
    with pytest.raises(LookupError, match="'test.unknown'"):
        start_job("test.unknown", by=None)


@pytest.mark.parametrize(
    ("state", "behind_running", "is_same"),
    [
        pytest.param(State.WAITING, False, True, id="one that waits is enough"),
        pytest.param(State.WAITING, True, True, id="one that waits is enough behind a running"),
        pytest.param(State.RUNNING, False, True, id="one that runs is enough"),
        pytest.param(State.RUNNING, True, False, id="one that runs may have looked already"),
        pytest.param(State.DONE, False, False, id="one that is done is another press"),
        pytest.param(State.FAILED, False, False, id="one that failed may be tried again"),
    ],
)
def test_second_press(start, state, behind_running, is_same):
    first = now_is(start(only_one="button"), state=state)

    second = start(only_one="button", behind_running=behind_running)

    assert (second.pk == first.pk) is is_same
    assert DBTaskResult.objects.count() == (1 if is_same else 2)


def test_pressing_again_ends_the_pause_of_a_job(start):
    first = now_is(start(only_one="button"), not_before=timezone.now() + dt.timedelta(hours=1))

    start(only_one="button")

    first.refresh_from_db()
    assert first.not_before <= timezone.now()
    assert DBTaskResult.objects.count() == 2


# -- running --------------------------------------------------------------------------------------


def test_effects_and_end_are_committed_together(start, handle):
    handle(leave_mark)
    row = start(thing=7)

    run_job(row.pk, heartbeat=False)

    row.refresh_from_db()
    assert (row.state, row.result, row.attempts) == (State.DONE, {"marks": 1}, 1)
    assert row.ended_at is not None
    assert marks() == 1


def test_job_that_is_done_does_not_run_again(start, handle):
    handle(leave_mark)
    row = start()

    for _entry in range(3):
        run_job(row.pk, heartbeat=False)

    assert marks() == 1


def refuse(work):
    leave_mark_and(work, Refusal("The cohort is closed."))


def crash(work):
    leave_mark_and(work, ZeroDivisionError())


def lose_database(work):
    leave_mark_and(work, OperationalError("database is locked"))


def come_later(work):
    leave_mark_and(work, TryLater(60))


def stop_when_asked(work):
    leave_mark_and(work, CancelAsked())


def leave_mark_and(work, error):
    with work.effects():
        AuditEntry.objects.create(event="Mark", facts={})
        raise error


@pytest.mark.parametrize(
    ("handler", "becomes"),
    [
        (refuse, (State.FAILED, "The cohort is closed.", 1)),
        (crash, (State.FAILED, "Something went wrong; the log says what.", 1)),
        (lose_database, (State.WAITING, "", 1)),
        (come_later, (State.WAITING, "", 0)),
        (stop_when_asked, (State.CANCELLED, "", 1)),
    ],
)
def test_handler_that_does_not_finish_leaves_nothing_behind(start, handle, handler, becomes):
    handle(handler)
    row = start()

    run_job(row.pk, heartbeat=False)

    row.refresh_from_db()
    assert (row.state, row.error, row.attempts) == becomes
    assert marks() == 0


def test_job_that_never_reaches_the_database_is_given_up(start, handle):
    handle(lose_database)
    row = start()

    for _attempt in range(MAX_ATTEMPTS):
        now_is(row, not_before=ago(seconds=1))
        run_job(row.pk, heartbeat=False)

    row.refresh_from_db()
    assert (row.state, row.attempts) == (State.FAILED, MAX_ATTEMPTS)
    assert row.error == "The database did not answer; please try again."


def test_job_that_comes_later_is_not_due_before(start, handle):
    handle(come_later)
    row = start()
    run_job(row.pk, heartbeat=False)
    row.refresh_from_db()

    assert not Job.objects.due(timezone.now() + dt.timedelta(seconds=50)).exists()
    assert Job.objects.due(timezone.now() + dt.timedelta(seconds=70)).get() == row


def test_job_that_comes_later_gives_way_to_one_that_waits(start, handle):
    handle(come_later)
    running = start(only_one="all")
    now_is(running, state=State.RUNNING, lease=uuid.uuid4())
    waiting = start(only_one="all", behind_running=True)

    jobs._give_back(running, after=1, attempts=0)

    running.refresh_from_db()
    waiting.refresh_from_db()
    assert (running.state, waiting.state) == (State.DONE, State.WAITING)


@pytest.mark.parametrize("when", ["before the effects", "during the effects"])
def test_worker_that_lost_its_lease_changes_nothing(start, handle, when):
    def slow(work):
        def lose():
            Job.objects.filter(pk=work.job.pk).update(lease=uuid.uuid4(), attempts=2)

        if when == "before the effects":
            lose()
        with work.effects():
            AuditEntry.objects.create(event="Mark", facts={})
            lose()

    handle(slow)
    row = start()

    run_job(row.pk, heartbeat=False)

    row.refresh_from_db()
    # inside the effects the loss is rolled back with them, as it was made in their transaction
    assert (row.state, row.attempts) == (State.RUNNING, 2 if when == "before the effects" else 1)
    assert marks() == 0


def test_worker_that_froze_before_it_read_its_job_does_nothing(start, handle, caplog):
    handle(leave_mark)
    row, overtaken = start(), []

    def overtake(execute, sql, params, many, context):
        answer = execute(sql, params, many, context)
        if sql.startswith('UPDATE "core_job"') and not overtaken:
            overtaken.append(sql)
            Job.objects.filter(pk=row.pk).update(lease=uuid.uuid4())
        return answer

    with connection.execute_wrapper(overtake):
        run_job(row.pk, heartbeat=False)

    assert "lease lost at once" in caplog.text
    assert marks() == 0


def test_effects_twice_is_the_handlers_mistake(start, handle):
    handle(lambda work: (leave_mark(work), leave_mark(work)))
    row = start()

    run_job(row.pk, heartbeat=False)

    row.refresh_from_db()
    assert row.state == State.DONE
    assert marks() == 1


# -- progress, heartbeat, cancelling --------------------------------------------------------------


@pytest.fixture
def work(start):
    row = now_is(start(), state=State.RUNNING, lease=uuid.uuid4(), leased_until=ago(seconds=1))
    return Work(row)


def test_heartbeat_renews_the_lease_and_shows_the_progress(work):
    work.progress(3, 12, step="Reading" + "." * 200)

    work.tell()

    row = Job.objects.get()
    assert (row.done, row.total, row.percent) == (3, 12, 25)
    assert row.step == ("Reading" + "." * 200)[:120]
    assert row.leased_until > timezone.now() + dt.timedelta(seconds=50)


def test_step_stays_until_there_is_another(work):
    work.progress(1, 2, step="Reading")
    work.progress(2, 2)
    work.tell()

    assert Job.objects.get().step == "Reading"


def test_cancelled_job_stops_at_its_next_step(work):
    cancel_job(work.job)
    work.progress(1)  # nobody has told the worker yet
    work.tell()

    with pytest.raises(CancelAsked):
        work.progress(2)


def test_worker_notices_a_lost_lease_at_its_next_step(work):
    now_is(Job.objects.get(), lease=uuid.uuid4())
    work.tell()

    with pytest.raises(LeaseLost):
        work.progress(2)


def test_waiting_job_is_cancelled_at_once(start, handle):
    handle(leave_mark)
    row = start()

    cancel_job(row)
    run_job(row.pk, heartbeat=False)

    row.refresh_from_db()
    assert (row.state, marks()) == (State.CANCELLED, 0)
    assert row.ended_at is not None


def test_job_that_is_over_cannot_be_cancelled(start):
    row = now_is(start(), state=State.DONE)

    cancel_job(row)

    row.refresh_from_db()
    assert (row.state, row.cancel_asked_at) == (State.DONE, None)


def test_job_that_was_asked_to_stop_does_not_come_later(start, handle):
    handle(lambda work: (cancel_job(work.job), come_later(work)))
    row = start()

    run_job(row.pk, heartbeat=False)

    row.refresh_from_db()
    assert row.state == State.CANCELLED


@pytest.mark.django_db(transaction=True)
def test_a_thread_keeps_the_lease_of_a_long_computation(handle, settings):
    """The one test with the real thread: a lease of 1 s through 1.2 s of work."""
    settings.JOB_LEASE_SECONDS = 1
    seen = []

    def long(work):
        work.progress(5, 10, step="Thinking")
        first = work.job.leased_until
        for _tick in range(60):
            row = Job.objects.get(pk=work.job.pk)
            if row.leased_until > first and row.done == 5:
                seen.append(row.step)
                break
            jobs.threading.Event().wait(0.02)

    handle(long)
    run_job(start_job("test.do", by=None).pk)

    assert seen == ["Thinking"]
    assert Job.objects.get().state == State.DONE


def test_heartbeat_goes_on_after_the_database_did_not_answer(work, settings):
    settings.JOB_LEASE_SECONDS = 0.03
    told, woken = [], jobs.threading.Event()

    def tell():
        told.append(True)
        if len(told) < 3:
            raise OperationalError("database is locked")
        woken.set()

    work.tell = tell
    with jobs._heart_of(work):
        assert woken.wait(10)

    assert len(told) >= 3


def test_heartbeat_on_sqlite_waits_for_the_effects(work, monkeypatch):
    """There the effects hold the one right to write, which the heartbeat would wait for."""
    monkeypatch.setattr(jobs.connection, "vendor", "sqlite")
    work.progress(3, 12)

    with work.effects():
        work.tell()

    assert work.job.done == 0
    assert Job.objects.get().leased_until == work.job.leased_until
