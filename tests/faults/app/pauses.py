"""Stop a process for ever right before a chosen statement, so that a test can kill it there.

`FAULT_PAUSE_AT` is a regular expression for the statement with its values, `FAULT_MARK` a file
that tells the test that the process has come to it, and `FAULT_JOB` the id of the only job in
which to pause.
"""

import os
import re
import time
from pathlib import Path

from django.db import connection
from django.db.backends.signals import connection_created
from django_tasks.signals import task_started

_AT = os.environ.get("FAULT_PAUSE_AT", "")
_JOB = os.environ.get("FAULT_JOB", "")
_running: list[str] = []


def _remember(sender, task_result, **kwargs):
    # until the next one is taken up: what the queue is told of it belongs to it
    _running[:] = [str(each) for each in task_result.args]


def _pause(execute, sql, params, many, context):
    if (not _JOB or _JOB in _running) and re.search(_AT, f"{sql} {params}", re.DOTALL):
        Path(os.environ["FAULT_MARK"]).touch()
        time.sleep(3600)
    return execute(sql, params, many, context)


def _watch(sender, connection, **kwargs):
    connection.execute_wrappers.append(_pause)


if _AT:
    task_started.connect(_remember)
    connection_created.connect(_watch)
    if connection.connection is not None:
        _watch(None, connection)
