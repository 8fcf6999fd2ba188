"""How far a cohort is with its training: counts, and done or not done of each; nothing more."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from contraflow.core.access import access
from contraflow.core.figures import figure
from contraflow.core.navigation import region
from contraflow.core.pages import page
from contraflow.core.reads import note_read
from contraflow.programmes.models import Cohort
from contraflow.training import actions, queries
from contraflow.training.rules import why_not_remind


@access(Cohort, to="training.view_progress")
@require_safe
def progress(request, cohort):
    """Show a lead who of a cohort has done the training before session 2."""
    note_read(request, f"cohort:{cohort.pk}")
    only = "open" if request.GET.get("only") == "open" else ""
    counts = queries.counts_of(cohort)
    left = sum(row["left"] for row in counts)
    return page(
        request, "training/progress.html",
        cohort=cohort, counts=counts, left=left, only=only,
        people=queries.progress_page(
            cohort, reader=request.user, only=only, number=request.GET.get("page")
        ),
        why_not=why_not_remind(cohort, count=left),
    )  # fmt: skip


@access(Cohort, to="training.view_progress")
@require_http_methods(["GET", "HEAD", "POST"])
def remind(request, cohort):
    """Write to everybody whose training before session 2 is open."""
    if request.method == "POST":
        told = actions.remind_of_training(cohort, by=request.user)
        words = ngettext(
            "%(n)s person is reminded, once a day at most.",
            "%(n)s people are reminded, once a day each at most.",
            told,
        )
        messages.success(request, words % {"n": figure(told)})
    return redirect("training:progress", code=cohort.code)


@region("overview.aside", order=30)
def _of_cohort(request, cohort):
    """Show in the overview how many have done the training before session 2, of how many."""
    counts = queries.counts_of(cohort)
    if not counts or cohort.state not in {Cohort.State.PAIRING, Cohort.State.RUNNING}:
        return None
    return "training/overview.html", {"cohort": cohort, "counts": counts}
