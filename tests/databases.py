"""Run a module on SQLite and on PostgreSQL: `python -m tests.databases pytest -m "not slow"`.

With `--deal` before the module's name, each test that asks a database is dealt to one of the two,
which takes half of the time; without, it runs on both. Where there is no PostgreSQL, all run.

1. `CONTRAFLOW_TEST_DATABASE_URL` names a server: that one is used.
2. Else a PostgreSQL found on the machine is started in a folder of its own, reachable by a socket
   in that folder alone, and is removed afterwards; as root it runs as an unprivileged user.
3. Else the half on PostgreSQL is left out, with one line that says how to get it; with `CI` set
   that is a failure.

Both runs go at the same time, since each keeps one core busy; what the second one says is shown
after the first.
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg

VARIABLE = "CONTRAFLOW_TEST_DATABASE_URL"
HOW_TO_GET_IT = (
    "PostgreSQL: none found, so the tests ran on SQLite only. To run them on both: "
    f"apt-get install postgresql, or set {VARIABLE}."
)
# Durability is of no use to a database that lives for a minute.
_QUICK = {
    "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
    "autovacuum": "off", "listen_addresses": "", "max_connections": "60",
}  # fmt: skip


def find_postgresql() -> Path | None:
    """Return the folder with `initdb` and `postgres`, the newest where there are several."""
    debian = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    newest_first = sorted(debian, key=lambda path: -float(path.parents[1].name))
    on_path = [Path(found)] if (found := shutil.which("postgres")) else []
    for postgres in on_path + newest_first:
        if (postgres.parent / "initdb").exists():
            return postgres.parent
    return None


@contextlib.contextmanager
def postgresql(bin_folder: Path) -> Iterator[str]:
    """Start a PostgreSQL of our own, yield its URL, and leave nothing behind."""
    # A socket's path may have 107 bytes, so the folder stands right under /tmp.
    folder = Path(tempfile.mkdtemp(prefix="cf-pg-", dir="/tmp"))
    as_user = _unprivileged_user()
    options = {"cwd": folder, "env": {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}}
    if as_user:
        os.chown(folder, as_user.pw_uid, as_user.pw_gid)
        options |= {"user": as_user.pw_uid, "group": as_user.pw_gid, "extra_groups": []}
    try:
        subprocess.run(
            [
                bin_folder / "initdb", "--pgdata=data", "--username=contraflow", "--auth=trust",
                "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions",
            ],
            check=True, stdout=subprocess.DEVNULL, **options,
        )  # fmt: skip
        settings = [f"--{name}={value}" for name, value in _QUICK.items()]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [bin_folder / "postgres", "-D", "data", "-k", folder, *settings],
                stdout=log, stderr=log, start_new_session=True, **options,
            )  # fmt: skip
        try:
            _wait_until_ready(folder, server)
            yield _url(folder)
        finally:
            server.send_signal(signal.SIGINT)  # PostgreSQL's "fast shutdown"
            server.wait(timeout=30)
    finally:
        shutil.rmtree(folder)


def _unprivileged_user() -> pwd.struct_passwd | None:
    """Return whom to run as where we are root, as whom PostgreSQL refuses to run."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise SystemExit("PostgreSQL does not run as root: run the tests as another user.")


def _wait_until_ready(folder: Path, server: subprocess.Popen) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(_url(folder)).close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                log = (folder / "log").read_text()
                raise SystemExit(f"PostgreSQL did not start:\n{log}") from None
        time.sleep(0.05)


def _url(folder: Path) -> str:
    return f"postgresql://contraflow@/postgres?host={quote(str(folder))}"


@contextlib.contextmanager
def database_url() -> Iterator[str | None]:
    """Yield the URL of a PostgreSQL to test on, or None where there is none."""
    if url := os.environ.get(VARIABLE):
        yield url
    elif bin_folder := find_postgresql():
        with postgresql(bin_folder) as url:
            yield url
    else:
        yield None


def _run(command: list[str], url: str, *, dealt: bool, output=None) -> subprocess.Popen:
    # tests that ask no database are the same in both runs, so the second leaves them out
    environment = os.environ | {
        VARIABLE: url,
        "CONTRAFLOW_TEST_SECOND_RUN": "yes" if url else "",
        "CONTRAFLOW_TEST_DEALT": "yes" if dealt else "",
    }
    return subprocess.Popen(
        [sys.executable, "-m", *command], env=environment, stdout=output,
        stderr=subprocess.STDOUT if output else None,
    )  # fmt: skip


def main(command: list[str]) -> int:
    """Run the command on each database; return the worst exit code."""
    deal = command[0] == "--deal"
    command = command[deal:]
    with tempfile.TemporaryFile() as kept, database_url() as url:
        dealt = deal and url is not None
        runs = [_run(command, url, dealt=dealt, output=kept)] if url else []
        print("== on SQLite", flush=True)
        try:
            runs.append(_run(command, "", dealt=dealt))
            codes = [run.wait() for run in reversed(runs)]
        finally:
            for run in runs:
                if run.poll() is None:
                    run.terminate()
                    run.wait()
        if url:
            print("== on PostgreSQL", flush=True)
            kept.seek(0)
            shutil.copyfileobj(kept, sys.stdout.buffer)
        else:
            print(HOW_TO_GET_IT)
            codes.append(1 if os.environ.get("CI") else 0)
    return next((code for code in codes if code), 0)


def _stop(signum, frame):
    raise SystemExit(128 + signum)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)
    sys.exit(main(sys.argv[1:]))
