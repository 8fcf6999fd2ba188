"""The stage of a fault test, and a real mail server on it."""

import pytest
from aiosmtpd.controller import Controller
from django.db import connections

import tests.faults.app.jobs  # noqa: F401 -- registers its jobs in this process too
from contraflow.core.models import Installation
from tests.faults.harness import Stage


def pytest_collection_modifyitems(items):
    """Mark every fault test as slow: each starts processes."""
    for item in items:
        if item.path.is_relative_to(__file__.rpartition("/")[0]):
            item.add_marker(pytest.mark.slow)


class Mailbox:
    """A mail server's handler that keeps what it accepted, and can be made to refuse."""

    def __init__(self):
        self.accepted = []
        self.refusals = 0

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 -- aiosmtpd names it
        if self.refusals:
            self.refusals -= 1
            return "451 Try again later"
        self.accepted.append(envelope)
        return "250 Accepted"


class _Controller(Controller):
    def _trigger_server(self):
        # the system has chosen the port by now
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def mailbox(socket_enabled):
    """A mail server on loopback; `.port` is where, `.accepted` what arrived."""
    box = Mailbox()
    controller = _Controller(box, hostname="127.0.0.1", port=0)
    controller.start()
    box.port = controller.port
    yield box
    controller.stop()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory):
    """A stage that `contraflow migrate` has prepared, for the others to copy."""
    stage = Stage(tmp_path_factory.mktemp("migrated"))
    stage.run("migrate")
    yield stage
    stage.close()


@pytest.fixture
def stage(tmp_path, mailbox, migrated, django_db_blocker):
    """A database of its own for processes that are killed; Django's within the test."""
    stage = Stage(tmp_path, smtp_port=mailbox.port, like=migrated)
    before = connections["default"]
    with django_db_blocker.unblock():
        connections["default"] = stage.connect()
        try:
            Installation.objects.create(pk=1, organisation="Lumenport")
            yield stage
        finally:
            connections["default"].close()
            connections["default"] = before
            stage.close()
