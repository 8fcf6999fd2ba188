"""Busy times, and who keeps whose diary: an assistant sees times, place, names and state alone."""

from urllib.parse import urlsplit

from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contraflow.core.access import access
from contraflow.core.pages import page, post_or_its_page, status_of
from contraflow.pairs import actions, diary
from contraflow.pairs.forms import AssistantForm, BusyForm, DateForm
from contraflow.pairs.models import Appointment, Assistant, BusyCalendar
from contraflow.pairs.rules import (
    CALENDAR_PROBLEMS,
    acts_for,
    why_not_book,
    why_not_cancel,
    why_not_move,
)
from contraflow.pairs.views.sessions import BOOK, MOVE, proposed_time, set_date


@access(to="pairs.name_assistant")
@require_http_methods(["GET", "HEAD", "POST"])
def assistants(request):
    """Let people name who keeps their diary, and take it back."""
    data = request.POST if request.method == "POST" else None
    form = AssistantForm(data, person=request.user)
    if data is not None and form.is_valid():
        actions.name_assistant(request.user, assistant=form.assistant)
        messages.success(
            request,
            _("%(name)s keeps your diary now, and is told.") % {"name": form.assistant.name},
        )
        return redirect("pairs:assistants")
    mine = Assistant.objects.visible_to(request.user).filter(person=request.user)
    return page(
        request, "pairs/assistants.html", status=status_of(form), form=form,
        assistants=mine.select_related("assistant"),
    )  # fmt: skip


@access(Assistant, to="pairs.name_assistant")
@require_POST
def assistant_remove(request, assistant):
    """Take the diary back, or give it back."""
    actions.remove_assistant(assistant, by=request.user)
    messages.success(request, _("Taken back. It counts at once."))
    is_mine = assistant.person_id == request.user.pk
    return redirect("pairs:assistants" if is_mine else "pairs:diary")


@access(to="pairs.keep_diaries")
@require_safe
def diary_page(request):
    """Show for whom one keeps the diary: what is booked, and what needs a date."""
    return page(request, "pairs/diary.html", diaries=diary.diaries_kept_by(request.user))


@access(Appointment, to="pairs.keep_diary")
@require_safe
def appointment(request, session):
    """Show when, where, with whom, and what can be done about it."""
    return _appointment_page(request, session)


def _appointment_page(request, session, *, form=None, status=200):
    by = request.user
    if form is None and not (why_not_book(session, by=by) and why_not_move(session, by=by)):
        form = DateForm(session=session, by=by, proposed=proposed_time(request))
    return page(
        request, "pairs/appointment.html", status=status, session=session, pair=session.pair,
        person=acts_for(by, session), form=form, times=_other_times(session, form),
        zone=str(timezone.get_current_timezone()).replace("_", " "),
        may_cancel=not why_not_cancel(session, by=by), rest=diary.rest_of(session.pair),
    )  # fmt: skip


def _other_times(session, form):
    return [each for each in (form and form.times()) or () if each != session.starts_at]


def _date_again(request, session, form):
    return _appointment_page(request, session, form=form, status=422)


@access(Appointment, to="pairs.keep_diary")
@post_or_its_page
def appointment_book(request, session):
    """Set a date for the person whose diary one keeps."""
    told = _("Booked. The invitation is on its way to both of them.")
    return set_date(request, session, BOOK, again=_date_again, told=told, then="pairs:diary")


@access(Appointment, to="pairs.keep_diary")
@post_or_its_page
def appointment_move(request, session):
    """Change the date."""
    told = _("Moved. Both calendars will follow.")
    return set_date(request, session, MOVE, again=_date_again, told=told, then="pairs:diary")


@access(Appointment, to="pairs.keep_diary")
@post_or_its_page
def appointment_cancel(request, session):
    """Give up the date."""
    actions.cancel_session(session, by=request.user)
    messages.success(request, _("Cancelled. A new date can be set at any time."))
    return redirect("pairs:diary")


# -- busy times -----------------------------------------------------------------------------------


@access(to="pairs.connect_calendar")
@require_http_methods(["GET", "HEAD", "POST"])
def busy(request):
    """Let people name their own calendar, so that no time is proposed at which they are busy."""
    form = BusyForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        actions.connect_calendar(request.user, address=form.cleaned_data["address"])
        messages.success(request, _("Kept, sealed for you. It is being read now."))
        return redirect("pairs:busy")
    mine = BusyCalendar.objects.visible_to(request.user).select_related("times").first()
    return page(
        request, "pairs/busy.html", status=status_of(form), form=form, calendar=mine,
        host=urlsplit(mine.times.address).hostname if mine else "",
        problem=CALENDAR_PROBLEMS.get(mine.problem, "") if mine else "",
    )  # fmt: skip


@access(to="pairs.connect_calendar")
@require_POST
def busy_read(request):
    """Read it now."""
    actions.read_again(request.user)
    messages.success(request, _("It is being read. Look again in a moment."))
    return redirect("pairs:busy")


@access(to="pairs.connect_calendar")
@require_POST
def busy_forget(request):
    """Forget the address and all that was read."""
    actions.disconnect_calendar(request.user)
    messages.success(request, _("Forgotten: the address, and every busy time."))
    return redirect("pairs:busy")
