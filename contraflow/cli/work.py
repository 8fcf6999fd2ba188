"""`contraflow work`: take jobs from the queue and run them, one after the other."""

import argparse
import logging
import threading
import time

from contraflow.cli import start_django
from contraflow.cli.migrate import say_what_is_wrong

log = logging.getLogger(__name__)

# seconds between two looks into an empty queue: short enough that nobody waits for a button
_INTERVAL = 0.3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take no options: to run more jobs at once, start more workers."""


def run(options: argparse.Namespace) -> int:
    """Work until SIGTERM or Ctrl+C; a job under way is finished first.

    Returns 1, so that nothing is done, where the sealing key is not the installation's: every
    waiting mail would be given up as unreadable.
    """
    start_django()
    if failed := say_what_is_wrong():
        return failed
    from contraflow.core.upkeep import keep_up

    stop = threading.Event()
    threading.Thread(target=keep_up, args=[stop], name="upkeep", daemon=True).start()
    threading.Thread(target=_load_engine, name="engine", daemon=True).start()
    try:
        _work()
    finally:
        stop.set()
    return 0


def _load_engine() -> None:
    """Import what the first pairing would have to wait two seconds for."""
    import scipy.optimize
    import scipy.sparse.csgraph  # noqa: F401 -- loaded for others


def _work() -> None:
    """Run the queue's own worker, through times when the database is busy or away."""
    from django.db import Error, close_old_connections
    from django.utils.crypto import get_random_string
    from django_tasks_db.management.commands.db_worker import Worker

    worker = Worker(
        queue_names=["*"], excluded_queue_names=[], interval=_INTERVAL, batch=False,
        backend_name="default", startup_delay=False, max_tasks=None,
        worker_id=get_random_string(32),
    )  # fmt: skip
    worker.configure_signals()
    # that it was told to stop is no warning to whoever told it
    logging.getLogger("django_tasks_db").addFilter(lambda record: record.funcName != "shutdown")
    while worker.running:
        try:
            worker.run()
        except Error:
            log.warning("the database did not answer; trying again", exc_info=True)
            close_old_connections()
            time.sleep(1)
