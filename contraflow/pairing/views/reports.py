"""A draft taken out of the house: a report to read or print, a table, and the proof for anybody."""

from collections.abc import Iterator

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contraflow.core.access import access
from contraflow.core.errors import Refusal
from contraflow.core.pages import page
from contraflow.core.reads import note_read
from contraflow.core.textfiles import stream_table
from contraflow.pairing import actions, queries, reports
from contraflow.pairing.models import Draft
from contraflow.pairing.rules import why_not_report
from contraflow.programmes.models import Cohort

# stands in the template where the pairs come; what people write is escaped, so never there
_PAIRS_COME_HERE = "<!-- pairs -->"


@access(Draft, to="pairing.take_report")
@require_safe
def report(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Show a whole draft on one page to read and print; the pairs follow as they are read."""
    actions.take_report(draft, by=request.user, kind="html")
    note_read(request, f"cohort:{draft.cohort_id}")
    draft.cohort = Cohort.objects.select_related("programme").get(pk=draft.cohort_id)
    whole = page(
        request,
        "pairing/report.html",
        draft=draft,
        cohort=draft.cohort,
        settings=reports.settings_in_words(draft),
        proof=reports.proof_in_words(draft),
        distribution=queries.distributions([draft], request.user)[0],
        left_over=queries.left_over(draft, request.user),
        why_not_match=_("A report changes nothing."),
        in_report=True,
    )
    before, after = whole.content.decode().split(_PAIRS_COME_HERE)
    return StreamingHttpResponse(
        _around(before, _rows(request, draft), after), headers=dict(whole.items())
    )


def _around(before: str, rows: Iterator[str], after: str) -> Iterator[str]:
    yield before
    yield from rows
    yield after


def _rows(request: HttpRequest, draft: Draft) -> Iterator[str]:
    for pairs in reports.pairs_to_print(draft, request.user):
        yield render_to_string("pairing/_report_rows.html", {"pairs": pairs}, request)


@access(Draft, to="pairing.take_report")
@require_safe
def report_file(request: HttpRequest, draft: Draft, kind: str) -> HttpResponse:
    """Give the pairs of a draft as a table, or its proof for anybody to check."""
    if kind not in {"csv", "json"}:
        raise Http404
    if reason := why_not_report(draft):
        raise Refusal(reason)
    if kind == "csv":
        lines = stream_table(reports.table_of(draft, request.user))
        response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    else:
        from contraflow.pairing import options  # noqa: PLC0415 -- the engine takes a while to load

        try:
            proof = options.certificate_of(draft)
        except Refusal as refusal:
            # said where it was asked for: a download has no page of its own
            messages.warning(request, str(refusal))
            return redirect("pairing:report", draft.code)
        response = HttpResponse(proof, content_type="application/json")
    actions.take_report(draft, by=request.user, kind=kind)
    note_read(request, f"cohort:{draft.cohort_id}")
    name = f"draft-{draft.number}-{'pairs' if kind == 'csv' else 'proof'}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
