"""`contraflow serve`: the web pages and the jobs in one command, without any other service.

1. Bring the database up to date.
2. Start the web server and the job workers, each as a process of its own.
3. Say the address once the pages answer.
4. Start again what died, after a growing pause.
5. Stop everything together on SIGTERM or Ctrl+C.
"""

import argparse
import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from types import FrameType

# a restart waits 1, 2, 4 ... seconds; a process that lived for a minute starts anew at 1
_LONGEST_PAUSE = 30.0
_LIVED_WELL = 60.0
# how long requests and jobs under way may take to end; a job that is cut off runs again
_SECONDS_TO_END = 20.0
_SECONDS_TO_START = 120.0
_PR_SET_PDEATHSIG = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say where to listen and with how many processes."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (%(default)s)")
    parser.add_argument("--workers", type=int, default=2, help="web processes (%(default)s)")
    parser.add_argument("--threads", type=int, default=4, help="threads in each (%(default)s)")
    parser.add_argument("--job-workers", type=int, default=2, help="job processes (%(default)s)")
    parser.add_argument(
        "--no-jobs", action="store_true", help="run no jobs here: `contraflow work` does elsewhere"
    )


def run(options: argparse.Namespace, ready: str = "") -> int:
    """Serve until told to stop; return 0 then, 1 where it could not start.

    `ready` is said once the pages answer, instead of the address alone.
    """
    # for the web server too, which does not start as one of our commands
    os.umask(0o077)
    if reason := why_not_listen(options.host, options.port):
        sys.stderr.write(f"{reason}\n")
        return 1
    here = "127.0.0.1" if options.host in {"0.0.0.0", "::"} else options.host
    address = f"http://{f'[{here}]' if ':' in here else here}:{options.port}"
    # links in mails, and where forms may come from
    os.environ.setdefault("CONTRAFLOW_SITE_URL", address)
    if failed := subprocess.run(_contraflow("migrate"), check=False).returncode:
        return failed
    ready = ready or f"Contraflow is ready: {address}/"
    return Supervisor(children(options), address, ready).run()


def why_not_listen(host: str, port: int, instead: str = "--port {port}") -> str | None:
    """Return why nothing can listen there, with what to say instead, or None."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            other = instead.format(port=port + 1)
            return f"Cannot listen on {host}:{port} ({error.strerror}). Try {other}."
    return None


def children(options: argparse.Namespace) -> list["Child"]:
    """Return the processes to run, the web server first."""
    web = [
        sys.executable, "-m", "granian", "contraflow.config.wsgi:application",
        "--interface", "wsgi", "--no-ws", "--host", options.host, "--port", str(options.port),
        "--workers", str(options.workers), "--blocking-threads", str(options.threads),
        "--respawn-failed-workers", "--workers-kill-timeout", "10", "--log-level", "warning",
    ]  # fmt: skip
    count = 0 if options.no_jobs else options.job_workers
    jobs = [Child(f"job worker {number}", _contraflow("work")) for number in range(1, count + 1)]
    # one thread for numpy: a web process has better use for the cores than spinning pools
    return [Child("web server", web, {"OMP_NUM_THREADS": "1"}), *jobs]


def _contraflow(command: str) -> list[str]:
    return [sys.executable, "-m", "contraflow", command]


def _say(message: str) -> None:
    sys.stdout.write(f"{message}\n")
    sys.stdout.flush()


class Child:
    """One process that is started again when it dies, after a growing pause."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str] | None = None):
        self.name = name
        self.command = command
        self.environment = environment or {}
        self.pause = 0.0
        self.again_at: float | None = None
        self.start()

    def start(self) -> None:
        """Start the process in a session of its own.

        Ctrl+C thus reaches the supervisor alone, which ends the others in order; should the
        supervisor be killed, the kernel ends them.
        """
        self.started_at = time.monotonic()
        self.again_at = None
        self.process = subprocess.Popen(
            self.command, env=os.environ | self.environment, start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 -- the supervisor has no threads
        )  # fmt: skip

    @property
    def is_dead(self) -> bool:
        """Tell whether the process has ended."""
        return self.process.poll() is not None

    def look_after(self) -> None:
        """Start the process again if it died and its pause is over."""
        if not self.is_dead:
            return
        now = time.monotonic()
        if self.again_at is None:
            self._end_the_orphaned()
            lived_well = now - self.started_at > _LIVED_WELL
            self.pause = 1.0 if lived_well else min(max(1.0, 2 * self.pause), _LONGEST_PAUSE)
            self.again_at = now + self.pause
            code = self.process.returncode
            _say(f"The {self.name} ended (code {code}); again in {self.pause:.0f} s.")
        elif now >= self.again_at:
            self.start()

    def end(self, seconds: float) -> None:
        """Wait for the end of the process, and force it when the time is up."""
        try:
            self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._end_the_orphaned()

    def _end_the_orphaned(self) -> None:
        """End what a killed process has left in its session, such as granian's own workers."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


class Supervisor:
    """Keeps the processes running, and ends them together."""

    def __init__(self, children: list[Child], address: str, ready: str):
        self.children = children
        self.address = address
        self.ready = ready
        self.stopping = False

    def run(self) -> int:
        """Watch everything until told to stop; return the exit code."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        try:
            if not self._wait_until_ready():
                return 0 if self.stopping else 1
            _say(f"{self.ready} (Ctrl+C stops it)")
            while not self.stopping:
                for child in self.children:
                    child.look_after()
                time.sleep(0.2)
        finally:
            self._end_all()
        return 0

    def _stop(self, signum: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _wait_until_ready(self) -> bool:
        """Wait for the first answer; a server that dies before it never worked."""
        deadline = time.monotonic() + _SECONDS_TO_START
        while not self.stopping and time.monotonic() < deadline:
            if self.children[0].is_dead:
                _say("The web server did not start; what is wrong stands above.")
                return False
            if _answers(f"{self.address}/healthz"):
                return True
            time.sleep(0.1)
        return False

    def _end_all(self) -> None:
        for child in self.children:
            child.process.terminate()
        deadline = time.monotonic() + _SECONDS_TO_END
        for child in self.children:
            child.end(max(0.1, deadline - time.monotonic()))


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return response.status == 200
    except OSError:  # refused, or an HTTP error
        return False
