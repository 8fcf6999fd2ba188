"""Work in the background that survives a killed worker and happens once.

The Job row is the truth; the queue (django-tasks) only carries its id. A worker holds a lease
on the job and renews it while it lives. When it is killed, the lease runs out, the job waits
again, and another worker starts it from the beginning. A handler therefore puts everything it
changes into `work.effects()`: one transaction that first makes sure this worker still holds the
lease, and that marks the job as done with the effects. They are there together or not at all.
"""

import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import (
    DatabaseError,
    IntegrityError,
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
_sweeps: list[Callable[[], None]] = []

# a job that lost its worker this often is broken, not unlucky
MAX_ATTEMPTS = 5


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
    if only_one and (row := same.first()):
        return _brought_forward(row)
    try:
        with transaction.atomic():
            row = Job.objects.create(
                kind=kind, only_one=only_one, args=args, by_id=by.pk if by else None
            )
    except IntegrityError:
        # job_waits_only_once: somebody pressed at the same moment and was faster
        if row := same.first():
            return row
        raise
    transaction.on_commit(partial(_enqueue, row.pk))
    return row


def _brought_forward(row: Job) -> Job:
    now = timezone.now()
    pausing = Job.objects.filter(pk=row.pk, state=Job.State.WAITING, not_before__gt=now)
    if pausing.update(not_before=now):
        transaction.on_commit(partial(_enqueue, row.pk))
    return row


def _enqueue(job_id: int) -> None:
    _run_job.enqueue(job_id)


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
        self._cancelled = False
        self._in_effects = False
        self._told_at = 0.0

    def progress(self, done: int, total: int | None = None, *, step: Any = "") -> None:
        """Report how far the work is; raise CancelAsked if it should stop.

        Cheap enough to call for every row: what is shown is written by the heartbeat.
        """
        self._progress = (done, total, str(step) or self._progress[2])
        if self._cancelled:
            raise CancelAsked

    @contextmanager
    def effects(self) -> Iterator[dict[str, Any]]:
        """Commit the effects and the end of the job together, or nothing of either.

        Yields the dict that becomes the job's result.
        """
        result: dict[str, Any] = {}
        self._in_effects = True
        try:
            with transaction.atomic():
                mine = (
                    Job.objects.select_for_update()
                    .filter(pk=self.job.pk, lease=self.job.lease, state=Job.State.RUNNING)
                    .exists()
                )
                if not mine:
                    raise LeaseLost(f"{self.job} was taken over.")
                yield result
                done, total, step = self._progress
                Job.objects.filter(pk=self.job.pk).update(
                    state=Job.State.DONE, result=result, ended_at=timezone.now(),
                    done=total or done, total=total, step=step,
                )  # fmt: skip
        finally:
            self._in_effects = False

    def tell(self) -> None:
        """Renew the lease and write the progress; notice a wish to cancel."""
        if self._in_effects:
            return  # the row is locked by the effects themselves; the lock keeps it ours
        done, total, step = self._progress
        now = timezone.now()
        held = Job.objects.filter(pk=self.job.pk, lease=self.job.lease, state=Job.State.RUNNING)
        held.update(
            done=done, total=total, step=step[:120],
            leased_until=now + timedelta(seconds=settings.JOB_LEASE_SECONDS),
        )  # fmt: skip
        self._cancelled = held.filter(cancel_asked_at__isnull=False).exists()


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
        _give_back(row, after=later.seconds)
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
    return Job.objects.get(pk=job_id, lease=lease) if taken else None


def _end(row: Job, state: str, *, error: str = "") -> None:
    Job.objects.filter(pk=row.pk, lease=row.lease, state=Job.State.RUNNING).update(
        state=state, error=error, ended_at=timezone.now()
    )


def _give_back(row: Job, *, after: float) -> None:
    held = Job.objects.filter(pk=row.pk, lease=row.lease, state=Job.State.RUNNING)
    later = timezone.now() + timedelta(seconds=after)
    try:
        with transaction.atomic():
            held.update(state=Job.State.WAITING, lease=None, attempts=0, not_before=later)
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
            try:
                work.tell()
            except DatabaseError:
                log.debug("heartbeat of %s had to wait", work.job, exc_info=True)
        connection.close()

    thread = threading.Thread(target=beat, name=f"heart-{work.job.code}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=5)


def take_up_abandoned() -> int:
    """Let jobs of killed workers, due retries and lost queue entries run again.

    Returns how many were put into the queue. Safe to call from any number of processes.
    """
    now = timezone.now()
    queued = []
    for row in Job.objects.abandoned(now):
        fields: dict[str, Any] = {"state": Job.State.WAITING, "lease": None}
        if row.cancel_asked_at:
            fields |= {"state": Job.State.CANCELLED, "ended_at": now}
        elif row.attempts >= MAX_ATTEMPTS:
            fields |= {"state": Job.State.FAILED, "ended_at": now}
            fields["error"] = _("It stopped without a word %(times)s times.") % {
                "times": row.attempts
            }
        if _released(row, now, fields) and fields["state"] == Job.State.WAITING:
            queued.append(row.pk)
    # a waiting job whose queue entry was lost with its worker, or whose pause is over
    grace = now - timedelta(seconds=settings.JOB_LEASE_SECONDS)
    queued += list(Job.objects.due(grace).exclude(pk__in=queued).values_list("pk", flat=True))
    retries = Job.objects.due(now).filter(attempts=0, not_before__gt=F("made_at"))
    queued += list(retries.exclude(pk__in=queued).values_list("pk", flat=True))
    for job_id in queued:
        _enqueue(job_id)
    for look in _sweeps:
        look()
    return len(queued)


def _released(row: Job, now: datetime, fields: dict[str, Any]) -> bool:
    still = Job.objects.filter(pk=row.pk, lease=row.lease, state=Job.State.RUNNING)
    try:
        with transaction.atomic():
            return bool(still.filter(leased_until__lt=now).update(**fields))
    except IntegrityError:
        # job_waits_only_once: one like it waits already, so this one need not come back
        return bool(still.update(state=Job.State.CANCELLED, ended_at=now))


def on_sweep(look: Callable[[], None]) -> Callable[[], None]:
    """Have `look` called at every search for abandoned work, to start what a kill left undone."""
    _sweeps.append(look)
    return look


def take_up_abandoned_for_ever(stop: threading.Event) -> None:
    """Watch for abandoned jobs until told to stop; runs in a thread of each worker."""
    while not stop.wait(min(5.0, settings.JOB_LEASE_SECONDS / 4)):
        close_old_connections()
        try:
            take_up_abandoned()
        except DatabaseError:
            log.exception("looking for abandoned jobs failed; trying again")
            time.sleep(1)
