"""A real browser on a real server with a worker for jobs and a mail server, all on loopback.

    def test_something(site, visit, axe):
        page = visit(site.cast.ama)
        page.goto(site.url)
        ...
        axe(page)

`visit` opens a browser for a person; a complaint in its console, a breach of the content policy
among them, fails the test. `axe` holds a page to WCAG 2.2 AA. What a page looked like when its
test failed is in test-artifacts/. Tests wait for conditions, never for a time.
"""

import re
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from aiosmtpd.controller import Controller
from django.conf import settings as product
from django.core.cache import cache
from django.db import connections
from django.test import Client
from django_tasks_db.management.commands.db_worker import Worker

from tests.skips import find_browser

FOLDER = Path(__file__).parent
ARTIFACTS = FOLDER.parents[1] / "test-artifacts"
# milliseconds until a page that does not come counts as broken, on a busy machine too
PATIENCE = 20_000
# no sandbox: tests run as root in containers; no call home: nothing outside is needed
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage",
]  # fmt: skip


def pytest_collection_modifyitems(items):
    """Mark every test here as one for a browser."""
    for item in items:
        if item.path.is_relative_to(FOLDER):
            item.add_marker(pytest.mark.flow)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Let fixtures know whether their test failed."""
    report = yield
    if call.when == "call":
        item.stash[_FAILED] = report.failed
    return report


_FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="package")
def browser():
    """One Chromium for all flows."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread, which Django takes for asynchronous code
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        chromium = playwright.chromium.launch(executable_path=find_browser(), args=ARGUMENTS)
        yield chromium
        chromium.close()


class _MailServer(Controller):
    def _trigger_server(self):
        # the system has chosen the port by now
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def mailbox(settings):
    """A mail server on loopback, to which the product sends."""
    from tests.flows.browsing import Mailbox

    box = Mailbox()
    server = _MailServer(box, hostname="127.0.0.1", port=0)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    yield box
    server.stop()


@pytest.fixture
def worker(live_server):
    """A worker that takes jobs from the queue, in a thread, as `contraflow work` does."""
    worker = Worker(
        queue_names=["*"], excluded_queue_names=[], interval=0.1, batch=False,
        backend_name="default", startup_delay=False, max_tasks=None, worker_id="flows",
    )  # fmt: skip

    def work():
        try:
            worker.run()
        finally:
            connections.close_all()

    thread = threading.Thread(target=work, name="worker", daemon=True)
    thread.start()
    yield worker
    worker.running = False
    thread.join(timeout=30)
    assert not thread.is_alive(), "the worker did not come to an end"


@pytest.fixture
def served(live_server, settings, mailbox, worker, never_quiet):
    """The product on loopback, empty: its address and its mailbox."""
    settings.SITE_URL = live_server.url
    cache.clear()  # limits of tries belong to a test
    return SimpleNamespace(url=live_server.url, mailbox=mailbox)


@pytest.fixture
def site(served, cast):
    """The product on loopback with the cast in it."""
    served.cast = cast
    return served


@pytest.fixture
def visit(request, browser, served):
    """Return a function that opens a browser, for a person who is signed in or for nobody."""
    from tests.flows.browsing import DESKTOP, complaints_of

    visits = []

    def visiting(person=None, *, size=DESKTOP, **options):
        options = {
            "base_url": served.url, "viewport": size, "reduced_motion": "reduce",
            "locale": "en-GB", "timezone_id": "Europe/Berlin",
        } | options  # fmt: skip
        context = browser.new_context(**options)
        context.set_default_timeout(PATIENCE)
        if person:
            context.add_cookies([_cookie_of(person, served.url)])
        page = context.new_page()
        visits.append((page, complaints_of(page)))
        return page

    yield visiting
    failed = request.node.stash.get(_FAILED, True)
    heard = [complaint for _page, complaints in visits for complaint in complaints]
    for number, (page, _complaints) in enumerate(visits):
        if (failed or heard) and not page.is_closed():
            ARTIFACTS.mkdir(exist_ok=True)
            name = re.sub(r"[^\w-]+", "-", request.node.name)
            page.screenshot(path=ARTIFACTS / f"{name}-{number}.png", full_page=True)
        page.context.close()
    assert heard == []


def _cookie_of(person, url):
    client = Client()
    client.force_login(person)
    name = product.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": url}


@pytest.fixture
def axe():
    """Return a function that holds a page to WCAG 2.2 AA, in both themes, on screen and phone."""
    from tests.flows.browsing import faults

    def fit_for_everybody(page):
        assert faults(page) == []

    return fit_for_everybody
