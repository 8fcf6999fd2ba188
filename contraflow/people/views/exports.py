"""The list of people as a file, in the columns that an import reads again."""

import tempfile

import xlsxwriter
from django.http import FileResponse, Http404, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contraflow.core.access import access
from contraflow.core.errors import Refusal
from contraflow.core.figures import figure
from contraflow.core.reads import note_read
from contraflow.core.textfiles import stream_table
from contraflow.people.forms import PeopleFilter
from contraflow.people.models import Person
from contraflow.people.queries import EXPORT_FIELDS, export_rows

# a workbook of more takes longer to write than a browser waits; a CSV file streams
XLSX_MAX_ROWS = 20_000


@access(to="people.list_people")
@require_safe
def export(request, kind):
    """Give the list as CSV or XLSX, narrowed as the page is."""
    note_read(request, "people")
    people = PeopleFilter(request.GET).narrowed(Person.objects.visible_to(request.user))
    if kind == "csv":
        return _csv(people)
    if kind == "xlsx":
        return _xlsx(people)
    raise Http404


def _csv(people):
    lines = stream_table(_with_header(export_rows(people)))
    response = StreamingHttpResponse(lines, content_type="text/csv")
    response["Content-Disposition"] = 'attachment; filename="people.csv"'
    return response


def _xlsx(people):
    if people.order_by()[: XLSX_MAX_ROWS + 1].count() > XLSX_MAX_ROWS:
        raise Refusal(
            _("Excel files are made for up to %(count)s people. Take CSV, or filter the list.")
            % {"count": figure(XLSX_MAX_ROWS)}
        )
    file = tempfile.TemporaryFile()  # noqa: SIM115 -- FileResponse closes it
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for line, row in enumerate(_with_header(export_rows(people))):
            for column, cell in enumerate(row):
                # write_string: a name like "=1+1" stays text
                sheet.write_string(line, column, "" if cell is None else str(cell))
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename="people.xlsx")


def _with_header(rows):
    yield list(EXPORT_FIELDS)
    yield from rows
