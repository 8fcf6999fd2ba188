"""Who looked at whose data: what a page showed of others stands in the audit trail.

A view says what it shows with `note_read`; ReadsMiddleware writes one entry for the request, once
the answer is sent. What was looked at is a *subject*: "person:7", "enrolment:4", "pair:3" for what
is about somebody, "cohort:2" or "people" for a list, which is named as a whole.
"""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import Error
from django.http import HttpRequest, HttpResponse

from contraflow.core.models import AuditEntry
from contraflow.core.upkeep import on_prune

log = logging.getLogger(__name__)
DATA_READ = "DataRead"
# long enough to ask about, short enough not to become a record of everybody's work
KEEP_READS = timedelta(days=365)
# answers that show what was asked for: a page, or one with a form to be mended
_SHOWING = {200, 422}


def note_read(request: HttpRequest, subject: str, *, of: Collection[int] = ()) -> None:
    """Have it noted that this request shows `subject`, unless to one `of` those it is about."""
    if request.user.pk not in of:
        request.noted_read = subject


def write_after(request: HttpRequest, response: HttpResponse) -> None:
    """Write what was noted when the server closes the answer, which it does once it is sent."""
    subject = getattr(request, "noted_read", None)
    if subject is None or response.status_code not in _SHOWING:
        return
    entry = AuditEntry(
        event=DATA_READ,
        facts={"page": request.resolver_match.view_name},
        about=subject,
        by_id=request.user.pk,
    )
    close = response.close

    def write_and_close() -> None:
        try:
            entry.save(force_insert=True)
        except Error:
            # the answer is out: all that is left is to say so
            log.exception("person %s read %s, which could not be noted", entry.by_id, subject)
        finally:
            close()

    response.close = write_and_close


@on_prune
def forget_old_reads(now: datetime) -> None:
    """Delete entries about reading after a year; what was done stays."""
    AuditEntry.objects.reads().filter(at__lt=now - KEEP_READS).delete()
