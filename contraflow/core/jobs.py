"""Work in the background that survives a killed worker and happens once.

The Job row is the truth; the queue (django-tasks) only carries its id. A worker holds a lease
on the job and renews it while it lives. When it is killed, the lease runs out, the job waits
again, and another worker starts it from the beginning (upkeep.py). A handler therefore puts
everything it changes into `work.effects()`: one transaction that ends by marking the job as done,
on condition that this worker still holds the lease. Effects and end are there together or not at
all. Why no lock is held on the row meanwhile: docs/decisions/0004-jobs.md.
"""

import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import (
    Error,
    IntegrityError,
    OperationalError,
    close_old_connections,
    connection,
    transaction,
)
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task

from contraflow.core.errors import Refusal
from contraflow.core.models import Job

log = logging.getLogger(__name__)
Handler = Callable[..., None]
_handlers: dict[str, Handler] = {}

# seconds; a waiting connection looks at most a tenth of a second apart
_WRITES_FOR, _GIVES_WAY_FOR = 0.3, 0.15
# a job that lost its worker this often is broken, not unlucky
MAX_ATTEMPTS = 5
# seconds until another attempt where the database was busy or away
_DATABASE_PAUSE = 5.0


class LeaseLost(Exception):
    """Another worker has taken the job over, so this one must not change anything."""


class CancelAsked(Exception):
    """The person who started the job wants it to stop."""


class TryLater(Exception):
    """The job cannot be finished now; run it again after `seconds`."""

    def __init__(self, seconds: float):
        super().__init__(seconds)
        self.seconds = seconds


def job(kind: str) -> Callable[[Handler], Handler]:
    """Register the handler of a kind of job; it is called with a Work and the job's args."""

    def remember(handler: Handler) -> Handler:
        _handlers[kind] = handler
        return handler

    return remember


def start_job(
    kind: str, *, by: Any, only_one: str = "", behind_running: bool = False, **args: Any
) -> Job:
    """Write a job in the caller's transaction; it starts once that is committed.

    With `only_one`, a second press returns the job that already waits or runs. With
    `behind_running` as well, a running job does not count: it may have looked already.
    """
    if kind not in _handlers:
        raise LookupError(f"No handler is registered for the job {kind!r}.")
    open_states = [Job.State.WAITING] + ([] if behind_running else [Job.State.RUNNING])
    same = Job.objects.filter(kind=kind, only_one=only_one, state__in=open_states)
    with transaction.atomic():
        one_at_a_time(kind, only_one)
        if only_one and (row := same.first()):
            return _brought_forward(row)
        row = Job.objects.create(
            kind=kind, only_one=only_one, args=args, by_id=by.pk if by else None
        )
        put_into_queue(row.pk)
    return row


def one_at_a_time(kind: str, only_one: str) -> None:
    """Have whoever would make another such job wait for this transaction to end.

    SQLite lets one transaction write at a time anyway (docs/decisions/0003).
    """
    if only_one and connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            key = f"{kind}/{only_one}"
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def _brought_forward(row: Job) -> Job:
    now = timezone.now()
    pausing = Job.objects.filter(pk=row.pk, state=Job.State.WAITING, not_before__gt=now)
    if pausing.update(not_before=now, queued_at=now):
        put_into_queue(row.pk)
    return row


def put_into_queue(job_id: int) -> None:
    """Hand the id to the workers once the transaction is committed."""
    # robust: what could not be queued now is found by upkeep.py, so the request need not fail
    transaction.on_commit(partial(_run_job.enqueue, job_id), robust=True)


@task()
def _run_job(job_id: int) -> None:
    run_job(job_id)


def cancel_job(row: Job) -> None:
    """Ask a job to stop: at once if it waits, else at its next step."""
    now = timezone.now()
    waiting = Job.objects.filter(pk=row.pk, state=Job.State.WAITING)
    if not waiting.update(state=Job.State.CANCELLED, ended_at=now):
        Job.objects.filter(pk=row.pk, state=Job.State.RUNNING).update(cancel_asked_at=now)


class Work:
    """What a handler sees of its job: progress to report, effects to commit."""

    def __init__(self, row: Job):
        self.job = row
        self._progress: tuple[int, int | None, str] = (row.done, row.total, row.step)
        self._stop: Exception | None = None
        self._in_effects = False
        self._had_effects = False
        self._gave_way_at = time.monotonic()

    def progress(self, done: int, total: int | None = None, *, step: Any = "") -> None:
        """Report how far the work is; raise CancelAsked or LeaseLost if it should stop.

        Cheap enough to call for every row: what is shown is written by the heartbeat.
        """
        self._progress = (done, total, str(step)[:120] or self._progress[2])
        if self._stop:
            raise self._stop

    @contextmanager
    def effects(self) -> Iterator[dict[str, Any]]:
        """Commit the effects and the end of the job together, or nothing of either.

        Yields the dict that becomes the job's result. Can be used once: it ends the job.
        """
        if self._had_effects:
            raise RuntimeError(f"{self.job.kind}: effects() ends the job, so it is used once.")
        result: dict[str, Any] = {}
        self._in_effects = True
        try:
            with transaction.atomic():
                if not self._held().exists():
                    raise LeaseLost(f"{self.job} was taken over.")
                yield result
                done, total, step = self._progress
                ended = self._held().update(
                    state=Job.State.DONE, result=result, ended_at=timezone.now(),
                    done=total or done, total=total, step=step,
                )  # fmt: skip
                if not ended:
                    raise LeaseLost(f"{self.job} was taken over meanwhile.")
                self._had_effects = True
        finally:
            self._in_effects = False

    def tell(self) -> None:
        """Renew the lease and write the progress; notice a wish to cancel and a lost lease."""
        if self._in_effects and connection.vendor == "sqlite":
            # the effects hold the one right to write, so nobody can take the job over either
            return
        done, total, step = self._progress
        until = timezone.now() + timedelta(seconds=settings.JOB_LEASE_SECONDS)
        if not self._held().update(done=done, total=total, step=step, leased_until=until):
            self._stop = LeaseLost(f"{self.job} was taken over.")
        elif self._held().filter(cancel_asked_at__isnull=False).exists():
            self._stop = CancelAsked()

    def give_way(self) -> None:
        """Pause between two short transactions of a job that writes for minutes.

        SQLite has one writer and no queue for it: who waits looks again every tenth of a
        second, and would starve beside a job that comes back at once.
        """
        if connection.vendor == "sqlite" and time.monotonic() - self._gave_way_at > _WRITES_FOR:
            time.sleep(_GIVES_WAY_FOR)
            self._gave_way_at = time.monotonic()

    def _held(self) -> Any:
        return held(self.job)


def held(row: Job) -> Any:
    """Return the job as a queryset, empty if this lease on it was lost."""
    return Job.objects.filter(pk=row.pk, lease=row.lease, state=Job.State.RUNNING)


def run_job(job_id: int, *, heartbeat: bool = True) -> None:
    """Take the job's lease and run its handler; do nothing if another worker has it."""
    row = _take(job_id)
    if row is None:
        return
    work = Work(row)
    try:
        with _heart_of(work) if heartbeat else _no_heart():
            _handlers[row.kind](work, **row.args)
    except LeaseLost:
        log.warning("%s: lease lost, another worker has it", row)
    except CancelAsked:
        _end(row, Job.State.CANCELLED)
    except TryLater as later:
        _give_back(row, after=later.seconds, attempts=0)
    except OperationalError:
        # locked for too long, restarted, cut off: as little the job's fault as a killed worker
        log.warning("%s: the database did not answer; it will run again", row, exc_info=True)
        # where the connection itself is gone this fails too, and the lease runs out instead
        _give_back(row, after=_DATABASE_PAUSE, attempts=row.attempts)
    except Refusal as refusal:
        _end(row, Job.State.FAILED, error=str(refusal))
    except Exception:
        log.exception("%s failed", row)
        _end(row, Job.State.FAILED, error=_("Something went wrong; the log says what."))
    else:
        _end(row, Job.State.DONE)  # for handlers without effects; no-op where they ended it


def _take(job_id: int) -> Job | None:
    now = timezone.now()
    lease = uuid.uuid4()
    taken = Job.objects.due(now).filter(pk=job_id).update(
        state=Job.State.RUNNING, lease=lease, attempts=F("attempts") + 1,
        leased_until=now + timedelta(seconds=settings.JOB_LEASE_SECONDS),
    )  # fmt: skip
    if not taken:
        return None
    row = Job.objects.filter(pk=job_id, lease=lease).first()
    if row is None:
        # the worker froze between the two statements, for longer than its lease
        log.warning("job %s: lease lost at once, another worker has it", job_id)
    return row


def _end(row: Job, state: str, *, error: str = "") -> None:
    held(row).update(state=state, error=error, ended_at=timezone.now())


def _give_back(row: Job, *, after: float, attempts: int) -> None:
    if attempts >= MAX_ATTEMPTS:
        _end(row, Job.State.FAILED, error=_("The database did not answer; please try again."))
        return
    if held(row).filter(cancel_asked_at__isnull=False).exists():
        _end(row, Job.State.CANCELLED)
        return
    later = timezone.now() + timedelta(seconds=after)
    try:
        with transaction.atomic():
            one_at_a_time(row.kind, row.only_one)
            held(row).update(
                state=Job.State.WAITING, lease=None, attempts=attempts, not_before=later
            )
    except IntegrityError:
        # job_waits_only_once: one like it waits already and will do the rest
        _end(row, Job.State.DONE)


@contextmanager
def _no_heart() -> Iterator[None]:
    yield


@contextmanager
def _heart_of(work: Work) -> Iterator[None]:
    """Renew the lease from a thread of its own, so that long computations keep it."""
    stop = threading.Event()

    def beat():
        # a second between beats, so that people see progress; never more than a third of a lease
        pause = min(1.0, settings.JOB_LEASE_SECONDS / 3)
        while not stop.wait(pause):
            # a connection that broke is replaced here: no request does it for this thread
            close_old_connections()
            try:
                work.tell()
            except Error:
                log.debug("heartbeat of %s had to wait", work.job, exc_info=True)
        connection.close()

    thread = threading.Thread(target=beat, name=f"heart-{work.job.code}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=5)
