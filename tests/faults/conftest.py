"""The stage of a fault test."""

import pytest
from django.db import connections

import tests.faults.app.jobs  # noqa: F401 -- registers its jobs in this process too
from contraflow.core.models import Installation
from tests.faults.harness import Stage


def pytest_collection_modifyitems(items):
    """Mark every fault test as slow: each starts processes."""
    for item in items:
        if item.path.is_relative_to(__file__.rpartition("/")[0]):
            item.add_marker(pytest.mark.slow)


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
