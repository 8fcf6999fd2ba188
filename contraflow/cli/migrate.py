"""`contraflow migrate`: tables, the shared cache and the catalogue of this version."""

import argparse
import contextlib
import sys
from collections.abc import Iterator

from contraflow.cli import start_django

# any number that nothing else locks in this database
_LOCK = 4_067_233_101


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take no options: there is one way to be up to date."""


def run(options: argparse.Namespace) -> int:
    """Bring the database up to date; safe to call at every start and from several machines.

    Returns 1, so that nothing is served, where the sealing key is not the installation's.
    """
    start_django()
    bring_up_to_date()
    return say_what_is_wrong()


def say_what_is_wrong() -> int:
    """Say what the checks of the database find; return the exit code."""
    from django.core.checks import Tags, run_checks

    found = [each for each in run_checks(tags=[Tags.database], databases=["default"])
             if each.is_serious()]  # fmt: skip
    for each in found:
        sys.stderr.write(f"{each.msg}\n{each.hint or ''}\n")
    return 1 if found else 0


def bring_up_to_date() -> None:
    """Create what is missing in the database; whoever comes second waits for the first."""
    from django.core.management import call_command

    from contraflow.programmes.catalogue import load_catalogue

    with _one_at_a_time():
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        load_catalogue()


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Let machines that start together on PostgreSQL migrate one after the other."""
    from django.db import connection

    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
