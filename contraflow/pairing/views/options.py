"""What a draft could be instead: other aims with their price, and what would place more people."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from contraflow.core.access import access
from contraflow.pairing import actions
from contraflow.pairing.draft_settings import OPTIONS, whole
from contraflow.pairing.helps import help_named, settings_with
from contraflow.pairing.models import Draft


@access(Draft, to="pairing.make_draft")
@require_POST
def price(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Have other aims priced for the people of this draft."""
    actions.price_options(draft, by=request.user)
    return redirect(f"{draft.get_absolute_url()}#options")


@access(Draft, to="pairing.make_draft")
@require_POST
def choose(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Make an option a draft of its own, with the lead's decisions carried over."""
    if (name := request.POST.get("option")) not in OPTIONS:
        raise Http404
    _label, aims = OPTIONS[name]
    settings = whole(draft.settings) | aims
    actions.make_draft(
        draft.cohort, by=request.user, kind=draft.kind, inertia=draft.inertia, settings=settings,
        based_on=draft,
    )  # fmt: skip
    return redirect("pairing:cohort", draft.cohort.code)


@access(Draft, to="pairing.make_draft")
@require_POST
def try_help(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Make a draft with the one change that would place more people."""
    found = help_named(draft, request.POST.get("help", ""))
    if found is None:
        raise Http404
    actions.make_draft(
        draft.cohort, by=request.user, kind=draft.kind, inertia=draft.inertia,
        settings=settings_with(draft.settings, found), based_on=draft,
        keep_apart=found["rule"] != "forbidden",
    )  # fmt: skip
    return redirect("pairing:cohort", draft.cohort.code)


@access(Draft, to="pairing.make_draft")
@require_POST
def stop(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Stop what is being computed for a draft; what it holds stays as it is."""
    actions.stop_work(draft)
    return redirect(draft)
