"""Jobs whose effects are rows of the audit trail, which the tests then count."""

import os
import signal
import time

from contraflow.core.jobs import job
from contraflow.core.models import AuditEntry


@job("faults.leave_marks")
def leave_marks(work, *, name, rows=3, seconds=0.0):
    """Compute for a while, then leave some marks in one transaction."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.02)
        work.progress(1, 2, step="computing")
    with work.effects() as result:
        for _row in range(rows):
            AuditEntry.objects.create(event="Mark", facts={"name": name})
        result["rows"] = rows


@job("faults.kill_the_worker")
def kill_the_worker(work):
    """Die as a process that ran out of memory does."""
    os.kill(os.getpid(), signal.SIGKILL)
