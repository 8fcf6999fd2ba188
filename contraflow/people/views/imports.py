"""Importing people: upload, name the columns, look at what would change, apply."""

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from contraflow.core.access import access
from contraflow.core.models import Job
from contraflow.core.pages import page
from contraflow.core.reads import note_read
from contraflow.people.actions import (
    CHUNK_BYTES,
    map_columns,
    start_applying,
    throw_away_import,
    upload_import,
)
from contraflow.people.forms import ApplyForm, MappingForm, UploadForm
from contraflow.people.importing.columns import FIELDS, is_never_imported
from contraflow.people.models import PeopleImport
from contraflow.people.queries import bad_rows_table, faults
from contraflow.people.rules import is_at_work, why_not_map_again, why_not_throw_away

IMPORTS_PER_PAGE = 20
# faults that the page itself shows; the download has every row
FAULTS_SHOWN = 20


# an upload is read to its end to answer it, but not for ever
GIVE_UP_BYTES = 2 << 30


class SizeGuard(FileUploadHandler):
    """Lets an upload through to the handlers below up to the limit, and swallows what follows.

    Browsers show no answer before they have sent everything, so the rest is read, piece by
    piece. StopUpload would read it line by line, and a binary file has lines of any length.
    """

    def __init__(self, request=None):
        super().__init__(request)
        self.limit = settings.IMPORT_MAX_MEGABYTES << 20
        self.seen = 0

    @property
    def is_too_large(self) -> bool:
        return self.seen > self.limit

    def receive_data_chunk(self, raw_data, start):
        self.seen += len(raw_data)
        if self.seen > GIVE_UP_BYTES:
            raise StopUpload(connection_reset=True)
        return None if self.is_too_large else raw_data

    def file_complete(self, file_size):
        return None


@access(to="people.import_people")
@require_safe
def import_list(request):
    """Show earlier imports and take a new file."""
    return _list_page(request, form=UploadForm())


def _list_page(request, *, form, status=200):
    imports = PeopleImport.objects.visible_to(request.user).select_related("by")
    return page(
        request,
        "people/imports.html",
        status=status,
        form=form,
        imports=Paginator(imports.order_by("-made_at", "-pk"), IMPORTS_PER_PAGE).get_page(
            request.GET.get("page")
        ),
        megabytes=settings.IMPORT_MAX_MEGABYTES,
    )


# Looking for the CSRF token reads the whole upload, so the guard must be there first: the inner
# view checks the token (Django's documented way for upload handlers).
@csrf_exempt
@access(to="people.import_people")
@require_POST
def import_upload(request):
    """Guard the size of an upload while it comes in."""
    guard = SizeGuard(request)
    request.upload_handlers.insert(0, guard)
    return _import_upload(request, guard)


@csrf_protect
def _import_upload(request, guard):
    form = UploadForm(request.POST, request.FILES, is_too_large=guard.is_too_large)
    if not form.is_valid():
        return _list_page(request, form=form, status=422)
    file = form.cleaned_data["file"]
    return redirect(upload_import(file.chunks(CHUNK_BYTES), by=request.user, filename=file.name))


@access(PeopleImport, to="people.import_people")
@require_safe
def import_page(request, people_import):
    """Show what a file would change, or did."""
    return _page(request, people_import)


def _page(request, people_import, *, mapping_form=None, status=200):
    job = Job.objects.filter(code=people_import.job_code).first()
    at_work = is_at_work(people_import)
    if not at_work:
        # the job may have ended since the door looked the file up
        people_import.refresh_from_db()
        note_read(request, "people")
    if mapping_form is None and not why_not_map_again(people_import) and people_import.columns:
        mapping_form = MappingForm(people_import=people_import)
    return page(
        request,
        "people/import.html",
        part="work",
        status=status,
        people_import=people_import,
        job=job,
        at_work=at_work,
        failure=job.error if job and job.state == Job.State.FAILED else "",
        mapping_form=None if at_work else mapping_form,
        apply_form=ApplyForm(),
        never=[title for title in people_import.columns if is_never_imported(title)],
        unread=_unread(people_import),
        preview=_with_labels(people_import.preview),
        faults=[] if at_work else faults(people_import, FAULTS_SHOWN),
        may_throw_away=not why_not_throw_away(people_import),
    )


def _with_labels(preview: dict) -> dict:
    """Return a preview with the names of changed fields in words."""
    labels = FIELDS | {"manager": _("Manager")}
    changed = [
        each | {"changes": [[labels[name], old, new] for name, old, new in each["changes"]]}
        for each in preview.get("changed", [])
    ]
    return preview | {"changed": changed}


def _unread(people_import) -> list[str]:
    return [
        title
        for title in people_import.columns
        if title and title not in people_import.mapping and not is_never_imported(title)
    ]


@access(PeopleImport, to="people.import_people")
@require_POST
def import_map(request, people_import):
    """Say which column means what, and read the file again."""
    form = MappingForm(request.POST, people_import=people_import)
    if not form.is_valid():
        return _page(request, people_import, mapping_form=form, status=422)
    map_columns(people_import, by=request.user, mapping=form.mapping)
    return redirect(people_import)


@access(PeopleImport, to="people.import_people")
@require_POST
def import_apply(request, people_import):
    """Apply a file that was looked at."""
    form = ApplyForm(request.POST)
    form.is_valid()
    start_applying(people_import, by=request.user, missing_left=form.cleaned_data["missing_left"])
    return redirect(people_import)


@access(PeopleImport, to="people.import_people")
@require_POST
def import_throw_away(request, people_import):
    """Forget a file."""
    throw_away_import(people_import, by=request.user)
    messages.success(request, _("Thrown away. Nothing was changed."))
    return redirect("people:import-list")


@access(PeopleImport, to="people.import_people")
@require_safe
def import_bad_rows(request, people_import):
    """Give back the rows that were not taken: as they stood, with what would be right."""
    note_read(request, "people")
    content = bad_rows_table(people_import)
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="rows-not-taken.csv"'
    return response
