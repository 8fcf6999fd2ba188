"""A worker is killed while it reads or applies a file of people: once, or not at all."""

import pytest

from contraflow.core.models import AuditEntry, Job
from contraflow.people.actions import start_applying, upload_import
from contraflow.people.models import BadRow, Department, PeopleImport, Person
from tests.faults.harness import BEFORE_ACK, BEFORE_COMMIT

FILE = b"""\
external_id,name,email,grade,department,manager_email
1,Ama Adjei,ama@example.org,9,Sales,
2,Bela Bauer,bela@example.org,3,Sales/North,ama@example.org
3,Chi Chen,not an address,3,Sales/North,ama@example.org
"""
WHILE_KEEPING_BAD_ROWS = r'^INSERT INTO "people_badrow"'
AFTER_THE_PEOPLE = r'^INSERT INTO "core_auditentry"'


def job_of(file):
    file.refresh_from_db()
    return Job.objects.get(code=file.job_code)


def previewed(stage):
    """Return a file that a worker has read, the worker stopped."""
    file = upload_import([FILE], by=None, filename="people.csv")
    worker = stage.start_worker()
    stage.wait_until_over(job_of(file))
    worker.stop()
    file.refresh_from_db()
    return file


def left_behind(file):
    """Return what an import leaves, as counts and states."""
    return {
        "people": sorted(Person.objects.values_list("email", "manager__email")),
        "departments": sorted(Department.objects.values_list("path", flat=True)),
        "told": AuditEntry.objects.filter(event="PeopleImported").count(),
        "state": PeopleImport.objects.get(pk=file.pk).state,
    }


NOTHING = {"people": [], "departments": [], "told": 0, "state": "previewed"}
APPLIED = {
    "people": [("ama@example.org", None), ("bela@example.org", "ama@example.org")],
    "departments": ["Sales", "Sales/North"],
    "told": 1,
    "state": "applied",
}


@pytest.mark.parametrize("pause_at", [WHILE_KEEPING_BAD_ROWS, BEFORE_COMMIT])
def test_file_whose_reader_was_killed_is_read_by_the_next_worker(stage, pause_at):
    file = upload_import([FILE], by=None, filename="people.csv")
    worker = stage.start_worker(pause_at=pause_at, job=job_of(file))
    worker.wait_until_paused()

    worker.kill()
    assert (job_of(file).state, BadRow.objects.count()) == ("running", 0)

    stage.start_worker()
    assert stage.wait_until_over(job_of(file)).state == "done"
    assert left_behind(file) == NOTHING
    assert [(row.line, row.column) for row in BadRow.objects.all()] == [(4, "email")]


@pytest.mark.parametrize(
    ("pause_at", "after_the_kill"),
    [
        pytest.param(AFTER_THE_PEOPLE, NOTHING, id="in the middle"),
        pytest.param(BEFORE_COMMIT, NOTHING, id="right before the commit"),
        pytest.param(BEFORE_ACK, APPLIED, id="right after the commit"),
    ],
)
def test_import_whose_worker_was_killed_happens_once(stage, pause_at, after_the_kill):
    file = previewed(stage)
    start_applying(file, by=None)
    worker = stage.start_worker(pause_at=pause_at, job=job_of(file))
    worker.wait_until_paused()

    worker.kill()
    assert left_behind(file) == after_the_kill

    stage.start_worker()
    assert stage.wait_until_over(job_of(file)).state == "done"
    assert left_behind(file) == APPLIED
