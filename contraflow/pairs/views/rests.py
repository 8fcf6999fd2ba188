"""The pages on which clocks are stopped: one's own absences, a pair's pause, a closed cohort."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from contraflow.core.access import access
from contraflow.core.navigation import region
from contraflow.core.pages import page, post_or_its_page, status_of
from contraflow.pairs import actions, diary
from contraflow.pairs.forms import HolidaysForm, PauseForm, RestForm
from contraflow.pairs.models import Absence, Pair, Shutdown
from contraflow.pairs.views.pairs import pair_page
from contraflow.people.holidays import place_in_words
from contraflow.programmes.models import Cohort


@access(to="pairs.state_absence")
@require_http_methods(["GET", "HEAD", "POST"])
def absences(request):
    """Let people say when they are away, and take it back."""
    form = RestForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        actions.state_absence(request.user, **form.cleaned_data)
        messages.success(request, _("Kept. Nothing is due for you in these days."))
        return redirect("pairs:absences")
    return _absences_page(request, form=form, holidays_form=HolidaysForm(person=request.user))


@access(to="pairs.state_absence")
@require_http_methods(["GET", "HEAD", "POST"])
def holidays(request):
    """Let people say whose public holidays are theirs."""
    if request.method != "POST":
        return redirect("pairs:absences")
    form = HolidaysForm(request.POST, person=request.user)
    if not form.is_valid():
        return _absences_page(request, form=RestForm(), holidays_form=form, status=422)
    actions.keep_holidays(request.user, place=form.cleaned_data["place"])
    messages.success(request, _("Kept. No time is proposed on these days."))
    return redirect("pairs:absences")


def _absences_page(request, *, form, holidays_form, status=None):
    person, today = request.user, timezone.localdate()
    mine = list(Absence.objects.visible_to(person).filter(ends_on__gte=today))
    return page(
        request, "pairs/absences.html", status=status or status_of(form), form=form, today=today,
        absences=mine, sessions=diary.sessions_in(mine, person), holidays_form=holidays_form,
        place=place_in_words(person.country), next_holidays=diary.next_holidays(person),
    )  # fmt: skip


@access(Absence, to="pairs.state_absence")
@require_POST
def absence_end(request, absence):
    """Take an absence back, or be back early."""
    actions.end_absence(absence, by=request.user)
    messages.success(request, _("Your clocks run again."))
    return redirect("pairs:absences")


@region("people.person", order=40)
def _own_time(request, person):
    """Lead from one's own page to all that says when one can meet."""
    return ("pairs/own_time.html", {}) if person.pk == request.user.pk else None


@access(Pair, to="pairs.pause_pair")
@post_or_its_page
def pair_pause(request, pair):
    """Let the pair rest from today on."""
    form = PauseForm(request.POST, pair=pair, by=request.user)
    if not form.is_valid():
        return pair_page(request, pair, pause_form=form, status=422)
    actions.pause_pair(pair, by=request.user, until=form.cleaned_data["until"])
    messages.success(request, _("The two of you rest. Either of you can go on at any time."))
    return redirect(pair)


@access(Pair, to="pairs.pause_pair")
@post_or_its_page
def pair_go_on(request, pair):
    """End the pause."""
    actions.end_pause(pair, by=request.user)
    messages.success(request, _("You go on."))
    return redirect(pair)


@access(Cohort, to="pairs.close_cohort_for_days")
@require_http_methods(["GET", "HEAD", "POST"])
def shutdowns(request, cohort):
    """Let the lead say when nobody of a cohort meets."""
    form = RestForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        actions.add_shutdown(cohort, by=request.user, **form.cleaned_data)
        messages.success(request, _("Kept. The days that are due move on in a moment."))
        return redirect("pairs:shutdowns", code=cohort.code)
    return page(
        request, "pairs/shutdowns.html", status=status_of(form), form=form, cohort=cohort,
        today=timezone.localdate(), shutdowns=cohort.shutdowns.all(),
    )  # fmt: skip


@access(Shutdown, to="pairs.close_cohort_for_days")
@require_POST
def shutdown_end(request, shutdown):
    """Take a shutdown back, or end it early."""
    actions.end_shutdown(shutdown, by=request.user)
    messages.success(request, _("These days count again."))
    return redirect("pairs:shutdowns", code=shutdown.cohort.code)


@region("programmes.cohort-settings")
def _shutdowns_link(request, cohort):
    """Lead from the settings of a cohort to its closed days."""
    return "pairs/shutdowns_link.html", {"cohort": cohort}
