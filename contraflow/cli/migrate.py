"""`contraflow migrate`: tables, the shared cache and the catalogue of this version."""

import argparse

from contraflow.cli import start_django


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take no options: there is one way to be up to date."""


def run(options: argparse.Namespace) -> int:
    """Bring the database up to date; safe to call at every start and from several machines."""
    start_django()
    bring_up_to_date()
    return 0


def bring_up_to_date() -> None:
    """Create what is missing in the database."""
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
