"""The ledger both ways, and what a person takes along from it."""

from django.contrib import messages as toasts
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from contraflow.core.access import access
from contraflow.core.navigation import region
from contraflow.core.pages import page, post_or_its_page, status_of
from contraflow.exchange import actions, queries
from contraflow.exchange.forms import PromiseForm
from contraflow.exchange.models import Promise
from contraflow.exchange.rules import why_not_write
from contraflow.pairs.models import Pair


@access(Pair, to="exchange.keep_ledger")
@require_http_methods(["GET", "HEAD", "POST"])
def ledger(request, pair):
    """Show what went between the two, both ways; take a promise."""
    form = PromiseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        promise = actions.make_promise(pair, by=request.user, **form.cleaned_data)
        toasts.success(request, _("Promised."))
        return redirect(promise)
    return page(
        request, "exchange/ledger.html", status=status_of(form),
        pair=pair, partner=pair.partner_of(request.user),
        ledger=queries.ledger_of(pair, reader=request.user),
        form=None if why_not_write(pair, by=request.user) else form,
    )  # fmt: skip


@access(Promise, to="exchange.settle_promise")
@post_or_its_page
def promise_settle(request, promise):
    """Say that a promise was kept or dropped, or is open again."""
    actions.settle_promise(promise, by=request.user, state=request.POST.get("state", ""))
    return redirect(promise)


@access(to="exchange.view_record")
@require_safe
def record(request):
    """Show a person what they gained, in all their pairs."""
    return page(request, "exchange/record.html", records=queries.records_of(request.user))


@access(to="exchange.view_record")
@require_safe
def record_file(request):
    """Give a person what they gained as a text file of their own."""
    text = render_to_string(
        "exchange/record.txt",
        {
            "person": request.user,
            "records": queries.records_of(request.user),
            "today": timezone.localdate(),
        },
    )
    answer = HttpResponse(text, content_type="text/markdown; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="what-i-gained.md"'
    return answer


@region("people.person", order=45)
def _own_record(request, person):
    """Lead from one's own page to what one gained."""
    if person.pk != request.user.pk or not Pair.objects.of(person).exists():
        return None
    return "exchange/record_link.html", {}
