"""What a test run leaves out, and that it says so: on a user's machine in one line, in CI loudly.

Tests marked `postgres` belong to the run on PostgreSQL alone. Tests marked `flow` need a browser.
Of the two runs of `tests.databases`, the second leaves out tests that ask no database: they have
run. Where tests are dealt, each that asks one runs in one of the two runs, always the same.
With `CI` set, a skipped test fails the run: there, everything is installed.
"""

import os
import shutil
from collections import Counter
from zlib import crc32

import pytest
from django.db import connection

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_NO_BROWSER = (
    "a browser: apt-get install chromium, or set CONTRAFLOW_TEST_BROWSER to the path of one"
)
# fixtures through which tests come to the database; "stage" is that of the fault tests
_DATABASE = {"db", "transactional_db", "django_db_reset_sequences", "live_server", "stage"}


def find_browser() -> str | None:
    """Return the path of a Chromium, or None."""
    named = os.environ.get("CONTRAFLOW_TEST_BROWSER")
    return named or next(filter(None, map(shutil.which, _BROWSERS)), None)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Leave out what the run at hand need not do, and mark what needs a missing browser."""
    left_out = set()
    if connection.vendor != "postgresql":
        left_out |= {item for item in items if item.get_closest_marker("postgres")}
    second_run = bool(os.environ.get("CONTRAFLOW_TEST_SECOND_RUN"))
    if second_run:
        left_out |= {item for item in items if not _asks_the_database(item)}
    if os.environ.get("CONTRAFLOW_TEST_DEALT"):
        left_out |= {item for item in items if _dealt_to_the_other(item, second_run)}
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]
    if find_browser() is None:
        for item in items:
            if item.get_closest_marker("flow"):
                item.add_marker(pytest.mark.skip(reason=_NO_BROWSER))


def _asks_the_database(item) -> bool:
    fixtures = set(getattr(item, "fixturenames", []))
    return bool(item.get_closest_marker("django_db") or _DATABASE & fixtures)


def _dealt_to_the_other(item, second_run) -> bool:
    if item.get_closest_marker("postgres") or not _asks_the_database(item):
        return False
    # the first run also has the tests that ask no database, the second waits for its server
    return (crc32(item.nodeid.encode()) % 2 == 0) != second_run


def _skipped(reporter) -> Counter:
    reasons = Counter()
    for report in reporter.stats.get("skipped", []):
        reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longrepr
        reasons[str(reason).removeprefix("Skipped: ")] += 1
    return reasons


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    """Fail the run where something was skipped and nothing had to be."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and os.environ.get("CI") and _skipped(reporter) and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, config):
    """Say in a line each what was left out or skipped, and how to have it run."""
    if "not flow" in config.option.markexpr and not os.environ.get("CONTRAFLOW_TEST_SECOND_RUN"):
        needs = "" if find_browser() else f"; those in a browser need {_NO_BROWSER}"
        terminalreporter.write_line(
            f"Deselected: slow tests and those in a browser, which make test-all runs{needs}."
        )
    for reason, times in sorted(_skipped(terminalreporter).items()):
        in_ci = "; a skip is a failure in CI" if os.environ.get("CI") else ""
        terminalreporter.write_line(f"Skipped {times} that need {reason}{in_ci}.")
