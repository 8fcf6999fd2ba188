"""Stop a process for ever right before a chosen statement, so that a test can kill it there.

`FAULT_PAUSE_AT` is a regular expression for the statement with its values, `FAULT_MARK` a file
that tells the test that the process has come to it.
"""

import os
import re
import time
from pathlib import Path

from django.db import connection
from django.db.backends.signals import connection_created

_AT = os.environ.get("FAULT_PAUSE_AT", "")


def _pause(execute, sql, params, many, context):
    if re.search(_AT, f"{sql} {params}", re.DOTALL):
        Path(os.environ["FAULT_MARK"]).touch()
        time.sleep(3600)
    return execute(sql, params, many, context)


def _watch(sender, connection, **kwargs):
    connection.execute_wrappers.append(_pause)


if _AT:
    connection_created.connect(_watch)
    if connection.connection is not None:
        _watch(None, connection)
