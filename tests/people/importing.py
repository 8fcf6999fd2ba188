"""What the tests of imports share: files as people really save them, and a whole import."""

import io
import zipfile

import xlsxwriter

from contraflow.core.jobs import run_job
from contraflow.core.models import Job
from contraflow.people.actions import start_applying, upload_import
from contraflow.people.models import Person

HEADER = "Employee ID,Name,E-mail,Manager e-mail,Department,Grade"
ROWS = [
    "1,Top,top@example.org,,Board,9",
    "2,Ama,ama@example.org,top@example.org,Sales/North,3",
    "3,Bela,bela@example.org,ama@example.org,Sales > North > Key,",
]


def csv_file(*rows, header=HEADER, encoding="utf-8"):
    """Return a CSV file of these lines; without any, of three people."""
    return "\r\n".join([header, *(rows or ROWS)]).encode(encoding)


def xlsx_file(table):
    """Return a workbook with this table on its first sheet."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for line, cells in enumerate(table):
            sheet.write_row(line, 0, cells)
    return file.getvalue()


def zip_file(parts):
    """Return an archive of these names and contents."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def run_last_job():
    """Run the job that was started last, as a worker would."""
    job = Job.objects.latest("pk")
    run_job(job.pk, heartbeat=False)
    job.refresh_from_db()
    return job


def read(content, *, by=None, name="people.csv", mapping=None):
    """Upload a file and let it be read."""
    people_import = upload_import([content], by=by, filename=name, mapping=mapping)
    run_last_job()
    people_import.refresh_from_db()
    return people_import


def imported(content, *, by=None, missing_left=False, **options):
    """Upload a file, let it be read and apply it."""
    people_import = read(content, by=by, **options)
    assert people_import.state == "previewed", people_import.refusal
    start_applying(people_import, by=by, missing_left=missing_left)
    run_last_job()
    people_import.refresh_from_db()
    return people_import


def counts_of(people_import):
    """Return new, changed, unchanged, left and refused."""
    return [people_import.counts[kind] for kind in
            ("new", "changed", "unchanged", "left", "refused")]  # fmt: skip


def problems_of(people_import):
    """Return line, column, value and reason of each wrong cell."""
    rows = people_import.bad_rows.values_list("line", "column", "value", "reason")
    return list(rows)


def facts_of_all():
    """Return everything that is known of everybody."""
    return list(Person.objects.order_by("pk").values())
