"""The command `contraflow`: a table of commands, each imported only when it is called.

A command is a module with `add_arguments(parser)` and `run(options)`, which returns the exit
code. `contraflow pair` thus never loads Django; the others call `start_django()` first.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

# name -> (module, what it does)
COMMANDS = {
    "pair": ("contraflow.cli.pair", "Pair two spreadsheets: no database, no server."),
    "verify": ("contraflow.cli.verify", "Check a report: are its pairs the best, as it says?"),
    "demo": ("contraflow.cli.demo", "Serve an invented organisation, to look around."),
    "init": ("contraflow.cli.init", "Set up this installation: organisation, administrator, key."),
    "import-people": ("contraflow.cli.import_people", "Import people from a CSV or XLSX file."),
    "mail-in": ("contraflow.cli.mail_in", "Take the answer to an invitation from a mail."),
    "rotate-keys": ("contraflow.cli.rotate_keys", "Change the keys that seal people's words."),
    "serve": ("contraflow.cli.serve", "Serve the web pages and run the jobs, in one command."),
    "work": ("contraflow.cli.work", "Run the jobs alone, for instance on a second machine."),
    "migrate": ("contraflow.cli.migrate", "Bring the database up to this version."),
}


def start_django() -> None:
    """Load the settings and the rooms; what is written from here on is for this user alone."""
    import django

    # the SQLite file, and mails written to a folder, hold what other users shall not read
    os.umask(0o077)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contraflow.config.settings")
    django.setup()


def as_called() -> str:
    """Return how the command was called, so that a line to copy works where this one did."""
    called = Path(sys.argv[0])
    if called.name == "__main__.py":
        return "python -m contraflow"
    on_path = shutil.which("contraflow")
    if called.name != "contraflow" or (on_path and called.resolve() == Path(on_path).resolve()):
        return "contraflow"
    return str(called)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name; return its exit code."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(
        prog=as_called(), description="Reverse mentoring on your own machine."
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    named = next((word for word in arguments if not word.startswith("-")), "")
    for name, (module, what) in COMMANDS.items():
        command = commands.add_parser(name, help=what, description=what)
        if name == named:
            found = import_module(module)
            found.add_arguments(command)
            command.set_defaults(run=found.run)
    options = parser.parse_args(arguments)
    return options.run(options) or 0
