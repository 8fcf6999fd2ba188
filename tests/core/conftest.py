"""Jobs and mails as the tests of core make them: as a request does, as a killed worker leaves."""

import datetime as dt
import uuid

import pytest
from django.utils import timezone

from contraflow.core import jobs, letters
from contraflow.core.jobs import start_job
from contraflow.core.letters import Care, MailKind, Placeholder
from contraflow.core.models import Job


@pytest.fixture
def handle(monkeypatch):
    """Return a function that registers a handler for jobs of the kind "test.do"."""

    def registered(handler):
        monkeypatch.setitem(jobs._handlers, "test.do", handler)
        return handler

    registered(lambda work, **args: None)
    return registered


@pytest.fixture
def start(handle, django_capture_on_commit_callbacks):
    """Return a function that starts a job as a request does, to the end of its commit."""

    def started(**args):
        with django_capture_on_commit_callbacks(execute=True):
            return start_job("test.do", by=args.pop("by", None), **args)

    return started


@pytest.fixture
def note(monkeypatch):
    """Register a kind of mail that says whatever a test wants, always and at once; its name."""
    said = [Placeholder(name=name, meaning=name, example=name) for name in ("subject", "words")]
    kind = MailKind(
        id="test.note", name="Note", sent=".", to="you", subject="{subject}", text="{words}",
        placeholders=tuple(said), care=Care.ESSENTIAL,
    )  # fmt: skip
    monkeypatch.setitem(letters._kinds, kind.id, kind)
    return kind.id


def now_is(row, **fields):
    Job.objects.filter(pk=row.pk).update(**fields)
    row.refresh_from_db()
    return row


def ago(**length):
    return timezone.now() - dt.timedelta(**length)


def abandon(row, **fields):
    """Leave the job as a killed worker does: running, with a lease that ran out."""
    lease = {"state": Job.State.RUNNING, "lease": uuid.uuid4(), "leased_until": ago(seconds=1)}
    return now_is(row, **(lease | {"attempts": 1} | fields))
