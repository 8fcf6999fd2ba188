"""The launch checklist of a cohort, and handing a programme to another lead."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contraflow.core.access import access
from contraflow.core.navigation import region
from contraflow.core.pages import page, status_of
from contraflow.core.reads import note_read
from contraflow.desk import actions
from contraflow.desk.forms import NextLeadForm, OverrideForm
from contraflow.desk.launch import KEYS, lines_of, override_of
from contraflow.programmes.models import Cohort, Programme
from contraflow.programmes.rules import why_not_pass


@access(Cohort, to="desk.launch_cohort")
@require_http_methods(["GET", "HEAD", "POST"])
def checklist(request, cohort):
    """Show what a cohort needs before its pairs are published; tick a line, or pass it over."""
    form = OverrideForm(request.POST if "reason" in request.POST else None, cohort=cohort)
    if request.method == "POST":
        if "done" in request.POST or "open" in request.POST:
            change = actions.tick_line if "done" in request.POST else actions.untick_line
            change(cohort, request.POST.get("done") or request.POST["open"], by=request.user)
            return redirect("desk:launch", cohort.code)
        if form.is_valid():
            actions.override_launch(cohort, by=request.user, reason=form.cleaned_data["reason"])
            return redirect("desk:launch", cohort.code)
    lines = lines_of(cohort)
    return page(
        request,
        "desk/launch.html",
        status=status_of(form),
        cohort=cohort,
        programme=cohort.programme,
        lines=lines,
        n_met=sum(line.is_met for line in lines),
        override=override_of(cohort),
        is_launched=cohort.state in {Cohort.State.RUNNING, Cohort.State.CLOSED},
        form=form,
    )


@region("pairing.draft")
def _open_lines(request, cohort):
    """Say on a draft what still stands between it and its publication."""
    if cohort.state not in {Cohort.State.ENROLLING, Cohort.State.PAIRING}:
        return None
    reason = why_not_pass(cohort, "start_running")
    return ("desk/open_lines.html", {"cohort": cohort, "reason": reason}) if reason else None


@region("programmes.cohort")
def _checklist_link(request, cohort):
    """Lead from the list of who is enrolled to the checklist."""
    if cohort.state in {Cohort.State.RUNNING, Cohort.State.CLOSED}:
        return None
    met = sum(line.is_met for line in lines_of(cohort))
    return "desk/checklist_link.html", {"cohort": cohort, "n_met": met, "n_all": len(KEYS)}


@region("programmes.stewards")
def _hand_over_link(request, programme):
    """Lead a lead from who runs a programme to handing it over."""
    leads = request.user.has_perm("desk.hand_over_programme", programme)
    return ("desk/hand_over_link.html", {"programme": programme}) if leads else None


@access(Programme, to="desk.hand_over_programme")
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request, programme):
    """Hand a programme to another lead in one press."""
    form = NextLeadForm(request.POST or None, programme=programme, by=request.user)
    if form.is_valid():
        to = form.cleaned_data["to"]
        actions.hand_programme_over(programme, by=request.user, to=to)
        told = {"name": to.name, "programme": programme.title}
        messages.success(request, _("%(name)s leads %(programme)s now. You are both told.") % told)
        return redirect("home:today")
    note_read(request, "roles")
    return page(
        request,
        "desk/hand_over.html",
        status=status_of(form),
        programme=programme,
        form=form,
        has_somebody=form.fields["to"].queryset.exists(),
    )
