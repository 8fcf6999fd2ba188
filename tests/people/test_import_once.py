"""An import happens once or not at all, whoever presses twice and whatever breaks."""

import datetime as dt
import threading

import pytest
from django.db import connection
from django.utils import timezone

from contraflow.core.errors import Refusal
from contraflow.core.jobs import run_job
from contraflow.core.models import AuditEntry, Job
from contraflow.core.upkeep import prune
from contraflow.people.actions import start_applying, throw_away_import
from contraflow.people.importing.writing import Writer
from contraflow.people.mails import mail_login_link
from contraflow.people.models import (
    BadRow,
    Department,
    ImportChunk,
    LoginLink,
    PeopleImport,
    Person,
)
from tests.people.importing import counts_of, csv_file, facts_of_all, imported, read, run_last_job

pytestmark = pytest.mark.usefixtures("installation")
BAD = csv_file("1,A,nowhere,,,")


def test_pressing_apply_twice_starts_one_job_and_changes_once():
    people_import = read(csv_file())
    start_applying(people_import, by=None)
    start_applying(people_import, by=None, missing_left=True)

    assert Job.objects.filter(kind="people.apply_import").count() == 1
    run_last_job()
    assert Person.objects.count() == 3
    with pytest.raises(Refusal, match="applied already"):
        start_applying(people_import, by=None)


def test_job_that_is_run_again_changes_nothing():
    people_import = imported(csv_file())
    before = facts_of_all()
    job = Job.objects.latest("pk")
    Job.objects.filter(pk=job.pk).update(state=Job.State.WAITING, lease=None)

    run_job(job.pk, heartbeat=False)

    assert facts_of_all() == before
    assert PeopleImport.objects.get(pk=people_import.pk).state == "applied"
    assert AuditEntry.objects.filter(event="PeopleImported").count() == 1


@pytest.mark.parametrize("step", ["_write_managers", "_create"])
def test_what_breaks_before_the_commit_leaves_nothing(monkeypatch, step):
    people_import = read(csv_file())
    start_applying(people_import, by=None)
    original = getattr(Writer, step)

    def break_after(self, *args):
        original(self, *args)
        raise RuntimeError("the power went")

    monkeypatch.setattr(Writer, step, break_after)
    job = run_last_job()

    assert job.state == "failed"
    assert not Person.objects.exists()
    assert not Department.objects.exists()
    monkeypatch.undo()
    start_applying(people_import, by=None)
    run_last_job()
    assert Person.objects.count() == 3


def test_second_of_two_imports_sees_what_the_first_brought():
    first, second = read(csv_file()), read(csv_file())
    assert counts_of(second) == [3, 0, 0, 0, 0]

    for people_import in (first, second):
        start_applying(people_import, by=None)
        run_last_job()

    second.refresh_from_db()
    assert counts_of(second) == [0, 0, 3, 0, 0]
    assert Person.objects.count() == 3


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_imports_at_the_same_moment_go_one_after_the_other():
    for people_import in (read(csv_file()), read(csv_file())):
        start_applying(people_import, by=None)
    jobs = Job.objects.filter(kind="people.apply_import", state=Job.State.WAITING)
    start = threading.Barrier(2)

    def work(job_id):
        start.wait()
        run_job(job_id, heartbeat=False)
        connection.close()

    threads = [threading.Thread(target=work, args=[job.pk]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    counts = sorted(map(counts_of, PeopleImport.objects.all()))
    assert counts == [[0, 0, 3, 0, 0], [3, 0, 0, 0, 0]]
    assert Person.objects.count() == 3


def test_uploads_nobody_applied_and_rows_given_back_are_forgotten_after_a_month(cast):
    applied, left_lying = imported(csv_file("1,A,nowhere,,,", "2,B,b@example.org,,,")), read(BAD)
    mail_login_link(cast.ama)

    prune(timezone.now() + dt.timedelta(days=29))
    assert BadRow.objects.count() == 2
    assert not LoginLink.objects.exists()
    prune(timezone.now() + dt.timedelta(days=31))

    assert not BadRow.objects.exists()
    assert not PeopleImport.objects.filter(pk=left_lying.pk).exists()
    assert PeopleImport.objects.filter(pk=applied.pk).exists()


def test_file_that_cannot_be_read_says_why_and_is_thrown_away():
    people_import = read(b"%PDF-1.4", name="people.csv")

    assert people_import.state == "refused"
    assert people_import.refusal == "This is a PDF. Save the table as XLSX or CSV."
    with pytest.raises(Refusal, match="Only a file that was read"):
        start_applying(people_import, by=None)
    throw_away_import(people_import, by=None)
    assert not PeopleImport.objects.exists()
    assert not ImportChunk.objects.exists()


def test_applied_file_is_not_thrown_away():
    people_import = imported(csv_file())

    with pytest.raises(Refusal, match="what it did stays"):
        throw_away_import(people_import, by=None)


def test_number_of_queries_does_not_grow_with_the_rows(django_assert_max_num_queries):
    def apply(count):
        rows = [f"{n},P{n},p{n}@example.org,{'p1@example.org' if n > 1 else ''},Sales,1"
                for n in range(1, count + 1)]  # fmt: skip
        people_import = read(csv_file(*rows))
        start_applying(people_import, by=None)
        return people_import

    apply(2)
    with django_assert_max_num_queries(60) as few:
        run_last_job()
    Person.objects.all().delete()
    apply(40)
    with django_assert_max_num_queries(60) as many:
        run_last_job()

    # SQLite writes 45 rows with one INSERT, PostgreSQL all of them
    assert len(many) <= len(few) + 3
