"""Work in the background: mailing links, reading and applying files of people."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import BinaryIO

from django.utils import timezone
from django.utils.translation import gettext as _

from contraflow.core.errors import Refusal
from contraflow.core.events import announce
from contraflow.core.figures import figure
from contraflow.core.jobs import Work, job
from contraflow.core.models import Installation
from contraflow.core.upkeep import on_prune
from contraflow.people.events import PeopleImported, PeopleLeft
from contraflow.people.importing.columns import guessed_mapping, header_key, why_not_map
from contraflow.people.importing.plan import Plan
from contraflow.people.importing.reading import Reading, read_file, read_header
from contraflow.people.importing.summary import bad_rows, summary
from contraflow.people.importing.writing import Writer, known_people
from contraflow.people.mails import mail_login_link
from contraflow.people.models import (
    BadRow,
    ColumnMapping,
    ImportChunk,
    LoginLink,
    PeopleImport,
    Person,
)

# a link is of no use after 20 minutes; a day helps whoever looks for a fault
KEEP_LINKS = timedelta(days=1)
# files nobody applied, and rows that were given back: personal data that should not lie around
KEEP_UPLOADS = timedelta(days=30)


@on_prune
def forget_old_rows(now: datetime) -> None:
    """Delete links that signed in or expired, uploads left lying, and rows given back long ago."""
    LoginLink.objects.filter(expires_at__lt=now - KEEP_LINKS).delete()
    old = PeopleImport.objects.filter(made_at__lt=now - KEEP_UPLOADS)
    BadRow.objects.filter(people_import__in=old).delete()
    old.exclude(state=PeopleImport.State.APPLIED).delete()


@job("people.send_login_link")
def send_login_link(work: Work, *, person_id: int | None, next_path: str) -> None:
    """Mail a one-time link; do nothing where nobody has the address that was entered."""
    with work.effects():
        if person := Person.objects.active().filter(pk=person_id).first():
            mail_login_link(person, next_path=next_path)


@job("people.read_import")
def read_import(work: Work, *, import_id: int) -> None:
    """Read a file and keep what it would do, or why it cannot be read."""
    people_import = PeopleImport.objects.get(pk=import_id)
    try:
        with _file_of(people_import) as stream:
            _look_into(stream, people_import, work)
    except Refusal as refusal:
        _keep(work, people_import, PeopleImport.State.REFUSED, refusal=str(refusal))


def _look_into(stream: BinaryIO, people_import: PeopleImport, work: Work) -> None:
    titles = people_import.columns = read_header(stream)
    mapping = people_import.mapping = people_import.mapping or _mapping_for(titles)
    if reason := why_not_map(titles, mapping):
        _keep(work, people_import, PeopleImport.State.UNMAPPED, refusal=reason)
        return
    with read_file(stream, mapping, tell=_teller(work)) as reading:
        plan = Plan(reading.entries, known_people(people_import.by), reading.columns)
        people_import.counts, people_import.preview = summary(plan, reading)
        bad = bad_rows(plan, reading, people_import.pk)
    _keep(work, people_import, PeopleImport.State.PREVIEWED, bad=bad)


def _keep(work: Work, people_import: PeopleImport, state: str, *, refusal="", bad=()) -> None:
    with work.effects() as result:
        people_import.state, people_import.refusal = state, refusal
        people_import.save(
            update_fields=["columns", "mapping", "counts", "preview", "state", "refusal"]
        )
        _replace_bad_rows(people_import, bad)
        result.update(people_import.counts)


@job("people.apply_import")
def apply_import(work: Work, *, import_id: int) -> None:
    """Apply a file that was previewed, wholly or not at all; a second time changes nothing."""
    people_import = PeopleImport.objects.get(pk=import_id)
    if people_import.state != PeopleImport.State.PREVIEWED:
        return
    with (
        _file_of(people_import) as stream,
        read_file(stream, people_import.mapping, tell=_teller(work)) as reading,
    ):
        rows = len(reading.entries)
        work.progress(rows, rows, step=_("Writing people"))
        work.tell()  # the writing itself is one transaction, during which nothing can be told
        with work.effects() as result:
            # one import at a time: what one brings is known to the next
            list(Installation.objects.select_for_update())
            people_import = PeopleImport.objects.select_for_update().get(pk=import_id)
            if people_import.state == PeopleImport.State.PREVIEWED:
                result.update(_apply(people_import, reading))


def _apply(people_import: PeopleImport, reading: Reading) -> dict[str, int]:
    by = people_import.by
    plan = Plan(reading.entries, known_people(by), reading.columns)
    writer = Writer(plan, reading)
    writer.write(missing_left=people_import.missing_left)
    bad = bad_rows(plan, reading, people_import.pk)
    counts = writer.counts | {
        "refused": len({row.line for row in bad}),
        "rows": len(reading.entries),
        "missing": 0 if people_import.missing_left else len(plan.missing()),
    }
    _replace_bad_rows(people_import, bad)
    people_import.chunks.all().delete()
    people_import.state = PeopleImport.State.APPLIED
    people_import.counts, people_import.preview = counts, {}
    people_import.applied_at = timezone.now()
    people_import.save(update_fields=["state", "counts", "preview", "applied_at"])
    told = {kind: counts[kind] for kind in ("new", "changed", "unchanged", "left", "refused")}
    announce(PeopleImported(import_id=people_import.pk, **told), by=by)
    if writer.left_ids:
        announce(PeopleLeft(person_ids=tuple(writer.left_ids)), by=by)
    return counts


def _replace_bad_rows(people_import: PeopleImport, bad) -> None:
    people_import.bad_rows.all().delete()
    BadRow.objects.bulk_create(bad, batch_size=1_000)


def _mapping_for(titles: list[str]) -> dict[str, str]:
    """Return how a file with this header was understood last time, else what its titles say."""
    remembered = ColumnMapping.objects.filter(header=header_key(titles)).first()
    if remembered and not why_not_map(titles, remembered.mapping):
        return remembered.mapping
    return guessed_mapping(titles)


def _teller(work: Work) -> Callable[[int], None]:
    def tell(count: int) -> None:
        work.progress(count, step=_("%(count)s rows read") % {"count": figure(count)})

    return tell


@contextmanager
def _file_of(people_import: PeopleImport) -> Iterator[BinaryIO]:
    """Put the pieces of an upload together on disk."""
    with tempfile.NamedTemporaryFile(prefix="contraflow-import-") as file:
        pieces = ImportChunk.objects.filter(people_import=people_import).order_by("number")
        for content in pieces.values_list("content", flat=True).iterator(chunk_size=1):
            file.write(content)
        file.flush()
        yield file
