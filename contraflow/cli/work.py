"""`contraflow work`: take jobs from the queue and run them, one after the other."""

import argparse
import threading

from contraflow.cli import start_django

# seconds between two looks into an empty queue: short enough that nobody waits for a button
_INTERVAL = 0.3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take no options: to run more jobs at once, start more workers."""


def run(options: argparse.Namespace) -> int:
    """Work until SIGTERM or Ctrl+C; a job under way is finished first."""
    start_django()
    from django.core.management import call_command

    from contraflow.core.jobs import take_up_abandoned_for_ever

    stop = threading.Event()
    watch = threading.Thread(
        target=take_up_abandoned_for_ever, args=[stop], name="take-up-abandoned", daemon=True
    )
    watch.start()
    try:
        call_command("db_worker", interval=_INTERVAL, startup_delay=False, reload=False)
    finally:
        stop.set()
    return 0
