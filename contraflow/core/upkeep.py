"""What each worker looks after beside its jobs: abandoned work, lost queue entries, old rows."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import IntegrityError, close_old_connections, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks_db.models import DBTaskResult

from contraflow.core.jobs import MAX_ATTEMPTS, held, one_at_a_time, put_into_queue
from contraflow.core.models import Job

log = logging.getLogger(__name__)
_looks: list[Callable[[], None]] = []
_forgets: list[Callable[[datetime], None]] = []

# how long the row of a job that is over can still be looked up
KEEP_JOBS = timedelta(days=90)
# queue entries are of no use once they were carried out; a day helps whoever looks for a fault
_KEEP_QUEUE_DAYS = 1
# an entry that is carried out for longer than this belongs to a worker that was killed
_LOST_QUEUE_ENTRY = timedelta(days=7)


def on_upkeep(look: Callable[[], None]) -> Callable[[], None]:
    """Have `look` called every few seconds, to start what a kill left undone."""
    _looks.append(look)
    return look


def on_prune(forget: Callable[[datetime], None]) -> Callable[[datetime], None]:
    """Have `forget` called every hour, to delete what nobody will look at any more."""
    _forgets.append(forget)
    return forget


def take_up_abandoned() -> int:
    """Let jobs of killed workers, due retries and lost queue entries run again.

    Returns how many were put into the queue. Safe to call from any number of processes.
    """
    now = timezone.now()
    queued = _release_abandoned(now) + _queue_again(now)
    for look in _looks:
        try:
            look()
        except Exception:
            # one room's fault must not keep the others' work from being taken up
            log.exception("%s failed", look.__name__)
    return queued


def _release_abandoned(now: datetime) -> int:
    queued = 0
    for row in list(Job.objects.abandoned(now)):
        fields: dict[str, Any] = {"state": Job.State.WAITING, "lease": None, "queued_at": now}
        if row.cancel_asked_at:
            fields |= {"state": Job.State.CANCELLED, "ended_at": now}
        elif row.attempts >= MAX_ATTEMPTS:
            fields |= {"state": Job.State.FAILED, "ended_at": now}
            fields["error"] = _("It stopped without a word %(times)s times.") % {
                "times": row.attempts
            }
        with transaction.atomic():
            if _released(row, now, fields) and fields["state"] == Job.State.WAITING:
                put_into_queue(row.pk)
                queued += 1
    return queued


def _released(row: Job, now: datetime, fields: dict[str, Any]) -> bool:
    still = held(row).filter(leased_until__lt=now)
    # skip_locked: a row that is locked is just being ended by its worker, or released by
    # another's upkeep; waiting for it would hold up everything else
    if not still.select_for_update(skip_locked=True).first():
        return False
    try:
        with transaction.atomic():
            one_at_a_time(row.kind, row.only_one)
            return bool(still.update(**fields))
    except IntegrityError:
        # job_waits_only_once: one like it waits already, so this one need not come back
        still.update(state=Job.State.CANCELLED, ended_at=now)
        return False


def _queue_again(now: datetime) -> int:
    """Put due jobs into the queue whose pause is over or whose entry was lost with its worker.

    `queued_at` makes one process of all do it, and at most once within the length of a lease:
    in a long queue, a job that merely waits its turn would else be queued again and again.
    """
    lost = now - timedelta(seconds=settings.JOB_LEASE_SECONDS)
    again = Job.objects.due(now).filter(Q(queued_at__lt=lost) | Q(queued_at__lt=F("not_before")))
    queued = 0
    for job_id, queued_at in list(again.values_list("pk", "queued_at")):
        with transaction.atomic():
            mine = Job.objects.filter(pk=job_id, state=Job.State.WAITING, queued_at=queued_at)
            if mine.update(queued_at=now):
                put_into_queue(job_id)
                queued += 1
    return queued


def prune(now: datetime) -> None:
    """Delete the rows of jobs and queue entries that nobody will look at any more."""
    Job.objects.filter(ended_at__lt=now - KEEP_JOBS).delete()
    call_command("prune_db_task_results", min_age_days=_KEEP_QUEUE_DAYS, verbosity=0)
    DBTaskResult.objects.running().filter(started_at__lt=now - _LOST_QUEUE_ENTRY).delete()
    for forget in _forgets:
        forget(now)


def keep_up(stop: threading.Event) -> None:
    """Look after everything until told to stop; runs in a thread of each worker."""
    pruned_at = -3600.0
    while not stop.wait(min(5.0, settings.JOB_LEASE_SECONDS / 4)):
        # a connection that broke is replaced here: no request does it for this thread
        close_old_connections()
        try:
            take_up_abandoned()
            if time.monotonic() - pruned_at > 3600:
                prune(timezone.now())
                pruned_at = time.monotonic()
        except Exception:
            # the worker would go on without anybody looking after its jobs
            log.exception("upkeep failed; trying again")
