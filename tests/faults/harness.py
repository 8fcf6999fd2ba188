"""Real worker processes on a database of their own, killed at a chosen statement.

    def test_import_is_applied_once(stage):
        job = start_job("people.apply_import", by=ama, import_id=1)
        worker = stage.start_worker(pause_at=r'UPDATE "core_job" SET .*done', job=job)
        worker.wait_until_paused()
        worker.kill()
        stage.start_worker()
        stage.wait_until_over(job)
        assert ...

Inside a test the `stage` fixture's database is Django's: models, actions and the makers of
tests/conftest.py work on it, in autocommit, as in a web process. The product is not changed by
any of this: the processes run with tests.faults.settings, whose app watches their statements.
`docs/develop/tests.md` tells where to pause for what.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.db import connections
from django.db.utils import load_backend

from contraflow.config.database import database_from_url
from contraflow.core.models import Job

ROOT = Path(__file__).parents[2]
# right before the end of the job and its effects are committed
BEFORE_COMMIT = r'^UPDATE "core_job" SET .*"result"'
# the job is done and committed, the queue does not know yet
BEFORE_ACK = r'^UPDATE "django_tasks_database_dbtaskresult" SET .*"finished_at"'
# the mail server has accepted, the outbox does not know yet
BEFORE_NOTED_AS_SENT = r'^UPDATE "core_outgoingmail" SET .*"sent_at"'
LEASE_SECONDS = 2


class Worker:
    """One process of `contraflow work`, or of any other command."""

    def __init__(self, command: list[str], environment: dict[str, str], mark: Path, log: Path):
        self.mark = mark
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "contraflow", *command],
                cwd=ROOT, env=environment, stdout=output, stderr=output,
            )  # fmt: skip

    def wait_until_paused(self) -> None:
        """Wait until the process stands right before the chosen statement."""
        wait_for(self.mark.exists, lambda: f"the worker came to no pause:\n{self.said()}")

    def send(self, number: int) -> None:
        """Send a signal: SIGSTOP freezes the process, SIGCONT lets it go on."""
        self.process.send_signal(number)

    def kill(self) -> None:
        """Kill the process as a power cut would."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """Ask the process to end, and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
        try:
            return self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def said(self) -> str:
        """Return what the process wrote so far."""
        return self.log.read_text()


class Stage:
    """A database of its own, `like` a migrated one, and the processes that work on it."""

    def __init__(self, folder: Path, smtp_port: int = 0, like: "Stage | None" = None):
        self.folder = folder
        self.smtp_port = smtp_port
        self.workers: list[Worker] = []
        self._server = os.environ.get("CONTRAFLOW_TEST_DATABASE_URL", "")
        self._name = f"stage_{uuid.uuid4().hex[:12]}"
        self._file = folder / "stage.sqlite3"
        self.url = f"sqlite:///{self._file}"
        if self._server:
            template = f" TEMPLATE {like._name}" if like else ""
            self._on_server(f"CREATE DATABASE {self._name}{template}")
            self.url = urlsplit(self._server)._replace(path=f"/{self._name}").geturl()
        elif like:
            shutil.copy(like._file, self._file)

    def _on_server(self, statement: str) -> None:
        with psycopg.connect(self._server, autocommit=True) as server:
            server.execute(statement)

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment of the processes on this stage."""
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "CONTRAFLOW_DATABASE_URL": self.url,
            "CONTRAFLOW_DATA_DIR": str(settings.DATA_DIR),
            "CONTRAFLOW_JOB_LEASE_SECONDS": str(LEASE_SECONDS),
            "CONTRAFLOW_SMTP_HOST": "127.0.0.1",
            "CONTRAFLOW_SMTP_PORT": str(self.smtp_port or 1),
            **more,
        }

    def connect(self):
        """Return a new connection to the stage's database, as Django makes them."""
        entry = connections.settings["default"] | database_from_url(self.url)
        return load_backend(entry["ENGINE"]).DatabaseWrapper(entry, "default")

    def run(self, *command: str) -> None:
        """Run a command of Contraflow to its end."""
        subprocess.run(
            [sys.executable, "-m", "contraflow", *command],
            cwd=ROOT, env=self.environment(), check=True,
        )  # fmt: skip

    def start(self, *command: str, pause_at: str = "", **environment: str) -> Worker:
        """Start a command of Contraflow; it pauses for ever before the statement, if one is given.

        `pause_at` is a regular expression for the statement followed by its values.
        """
        number = len(self.workers)
        mark = self.folder / f"mark-{number}"
        more = {"FAULT_PAUSE_AT": pause_at, "FAULT_MARK": str(mark)} | environment
        log = self.folder / f"log-{number}"
        self.workers.append(Worker([*command], self.environment(**more), mark, log))
        return self.workers[-1]

    def start_worker(self, pause_at: str = "", job: Job | None = None) -> Worker:
        """Start a worker for jobs and mails; it pauses only while it runs the job, if one is given.

        Without the job it may pause in one of its own, which every worker starts when they are due.
        """
        return self.start("work", pause_at=pause_at, FAULT_JOB=str(job.pk) if job else "")

    def wait_until_over(self, job: Job, seconds: float = 30) -> Job:
        """Wait until nothing more will happen to the job, and return it as it is then."""

        def is_over():
            job.refresh_from_db()
            return job.is_over

        wait_for(is_over, "the job did not come to an end", seconds)
        return job

    def close(self) -> None:
        """End the processes and remove the database."""
        for worker in self.workers:
            worker.stop()
        if self._server:
            self._on_server(f"DROP DATABASE {self._name} WITH (FORCE)")


def wait_for(
    truth: Callable[[], object], otherwise: str | Callable[[], str], seconds: float = 30
) -> None:
    """Wait until something is true, or fail with a sentence."""
    deadline = time.monotonic() + seconds
    while not truth():
        if time.monotonic() > deadline:
            reason = otherwise() if callable(otherwise) else otherwise
            raise AssertionError(f"After {seconds:.0f} s: {reason}")
        time.sleep(0.05)
