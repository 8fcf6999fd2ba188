"""`contraflow demo`: set up the demonstration on SQLite and serve it, with one-click sign-in."""

import argparse
import os
import shutil
import sys
from pathlib import Path

from contraflow.cli import serve, start_django

FOLDER = Path("data/demo")
# stands in a folder that this command made, so that it never touches another one
_MARK = "this-is-the-demonstration"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say where to listen and whether to start over."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (%(default)s)")
    parser.add_argument(
        "--fresh", action="store_true", help=f"throw {FOLDER} away and set everything up anew"
    )


def run(options: argparse.Namespace) -> int:
    """Set up what is missing, start cohort A's weeks in the background, and serve."""
    # make tells whom it calls by this variable
    instead = "make demo PORT={port}" if "MAKELEVEL" in os.environ else "--port {port}"
    if reason := serve.why_not_listen(options.host, options.port, instead):
        sys.stderr.write(f"{reason}\n")
        return 1
    folder = Path(os.environ.get("CONTRAFLOW_DATA_DIR") or FOLDER)
    if reason := why_not_here(folder):
        sys.stderr.write(f"{reason}\n")
        return 1
    if options.fresh:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MARK).touch()
    address = f"http://{options.host}:{options.port}"
    os.environ |= {
        "CONTRAFLOW_DATA_DIR": str(folder),
        "CONTRAFLOW_DATABASE_URL": "",
        "CONTRAFLOW_DEMO": "yes",
        "CONTRAFLOW_SITE_URL": address,
        "CONTRAFLOW_SMTP_HOST": "",
        "CONTRAFLOW_LOG_LEVEL": os.environ.get("CONTRAFLOW_LOG_LEVEL", "WARNING"),
    }
    start_django()
    _set_up(folder)
    _say(f"Mails are written to {folder / 'mail'}; nothing leaves this machine.")
    ready = argparse.Namespace(
        host=options.host, port=options.port, workers=1, threads=4, job_workers=2, no_jobs=False
    )
    return serve.run(ready, f"Ready: sign in with one click at {address}/people/sign-in/")


def why_not_here(folder: Path) -> str | None:
    """Return why the demonstration must not use a folder, or None.

    CONTRAFLOW_DATA_DIR may name that of a real installation: `--fresh` would delete it, and
    without it anybody could sign in there by one click.
    """
    if not folder.exists() or not any(folder.iterdir()) or (folder / _MARK).exists():
        return None
    return (
        f"{folder} holds something that is not a demonstration made by this version. Name another "
        "folder with CONTRAFLOW_DATA_DIR, or remove this one if you are sure."
    )


def _set_up(folder: Path) -> None:
    from django.db import connection
    from django.utils import timezone

    from contraflow.cli.migrate import bring_up_to_date
    from contraflow.core.jobs import start_job
    from contraflow.core.models import Installation, Job
    from contraflow.ops import demo_seed
    from contraflow.ops.demo_people import demo_organisation
    from contraflow.people.models import Person

    bring_up_to_date()
    organisation = demo_organisation()
    if Installation.objects.exists():
        _say(f"Going on with the demonstration in {folder}; --fresh sets it up anew.")
    else:
        _say(f"Setting up {organisation.name}, invented around real survey answers...")
    programme = demo_seed.seed_organisation(organisation, today=timezone.localdate())
    lived, waiting = programme.cohorts.order_by("starts_on")
    lead = Person.objects.get(email=organisation.staff.leads[0])
    demo_seed.enrol_everybody(waiting, organisation.cohorts[1], lead=lead, tell=_tell)
    if not Job.objects.filter(kind="ops.live_demo", state=Job.State.DONE).exists():
        _say(f"Cohort {lived.name} is built while you look around; it takes some minutes.")
        start_job("ops.live_demo", by=lead, only_one=str(lived.pk), cohort_id=lived.pk)
    connection.close()


def _tell(done: int, total: int, step: str) -> None:
    end = "\n" if done == total else ""
    sys.stdout.write(f"\r  {step}: {done} of {total}{end}")
    sys.stdout.flush()


def _say(message: str) -> None:
    sys.stdout.write(f"{message}\n")
    sys.stdout.flush()
