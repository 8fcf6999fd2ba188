"""`contraflow serve`: one command that starts, mends and stops everything."""

import base64
import contextlib
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from contraflow.core.jobs import start_job
from contraflow.core.mail import queue_mail
from contraflow.core.models import Job, OutgoingMail
from tests.conftest import make_person
from tests.faults.harness import ROOT, wait_for


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def processes():
    """Every process as (its number, its parent's, its command line)."""
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has just ended
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            yield int(entry.name), parent, (entry / "cmdline").read_text().replace("\0", " ")


def children_of(pid):
    """The command lines of the processes right below a process, by their numbers."""
    return {number: line for number, parent, line in processes() if parent == pid}


def web_processes(server):
    return [number for number, _parent, line in processes() if server.port in line]


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def server(stage):
    """A running `contraflow serve`; `.url` is its address."""
    port = free_port()
    server = stage.start("serve", "--port", str(port), "--workers", "1", "--job-workers", "1")
    server.port = f"--port {port} "
    server.url = f"http://127.0.0.1:{port}"
    wait_for(lambda: f"ready: {server.url}/" in server.said(), server.said, seconds=60)
    return server


def healthy(server):
    try:
        with urllib.request.urlopen(f"{server.url}/healthz", timeout=5) as answer:
            return answer.read() == b'{"status": "ok"}'
    except OSError:
        return False


def test_serve_answers_runs_jobs_and_stops_everything_with_code_0(stage, server):
    assert healthy(server)
    job = start_job("faults.leave_marks", by=None, name="served")
    assert stage.wait_until_over(job).state == Job.State.DONE

    children = children_of(server.process.pid)
    assert len(children) == 2
    assert server.stop() == 0
    assert not any(is_alive(pid) for pid in children)
    assert not healthy(server)


@pytest.mark.parametrize("part", ["granian", "contraflow work"])
def test_serve_starts_again_what_was_killed(stage, server, part):
    killed = next(pid for pid, args in children_of(server.process.pid).items() if part in args)

    os.kill(killed, signal.SIGKILL)

    wait_for(lambda: "again in 1 s" in server.said(), server.said)
    wait_for(lambda: len(children_of(server.process.pid)) == 2 and healthy(server), server.said)
    job = start_job("faults.leave_marks", by=None, name="after")
    assert stage.wait_until_over(job).state == Job.State.DONE
    assert server.stop() == 0
    assert web_processes(server) == []  # neither the new ones nor what the killed one had left


def test_nothing_outlives_a_killed_supervisor(stage, server):
    children = children_of(server.process.pid)

    server.kill()

    wait_for(lambda: not any(is_alive(pid) for pid in children), "a child lives on")
    wait_for(lambda: web_processes(server) == [], "the server still answers")


def test_serve_names_a_free_port_where_its_own_is_taken(stage):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        answer = subprocess.run(
            [sys.executable, "-m", "contraflow", "serve", "--port", str(port)],
            cwd=ROOT, env=stage.environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip

    assert answer.returncode == 1
    assert answer.stderr == (
        f"Cannot listen on 127.0.0.1:{port} (Address already in use). Try --port {port + 1}.\n"
    )


@pytest.mark.parametrize(
    "command", [["serve", "--port", str(free_port())], ["work"]], ids=lambda it: it[0]
)
def test_nothing_is_served_with_a_key_that_does_not_open_this_database(stage, command):
    words = {"link": "https://m.example/", "minutes": 20}
    queue_mail("login_link", to=make_person("Ama"), once="1", values=words)
    other = base64.urlsafe_b64encode(bytes(32)).decode()

    refused = stage.start(*command, CONTRAFLOW_SEALING_KEY=other)

    assert refused.process.wait(timeout=60) == 1
    assert "Put the backup of the key back" in refused.said()
    assert other not in refused.said()
    assert OutgoingMail.objects.get().attempts == 0
