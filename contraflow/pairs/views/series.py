"""The same time every few weeks: a preview, then all of it in one press."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from contraflow.core.access import access
from contraflow.core.errors import Refusal
from contraflow.core.figures import figure
from contraflow.core.pages import page, post_or_its_page, status_of
from contraflow.pairs import actions, diary
from contraflow.pairs.forms import SeriesForm
from contraflow.pairs.models import Pair
from contraflow.pairs.rules import why_not_go_on
from contraflow.pairs.times import series_of

# more than any plan has
_MOST = 100


@access(Pair, to="pairs.book_series")
@require_http_methods(["GET", "HEAD", "POST"])
def series(request, pair):
    """Show which dates it would be, and book them."""
    if reason := why_not_go_on(pair, by=request.user):
        raise Refusal(reason)
    if request.method == "POST":
        return _book(request, pair)
    sessions = diary.sessions_without_date(pair)
    form = SeriesForm(request.GET if "starts_on" in request.GET else None, pair=pair,
                      sessions=sessions)  # fmt: skip
    slots = None
    if form.is_bound and form.is_valid():
        slots = series_of(pair, sessions, **form.cleaned_data)
    return page(
        request, "pairs/series.html", status=status_of(form), pair=pair, form=form, slots=slots,
        partner=pair.partner_of(request.user), sessions=sessions,
        booked=[slot for slot in slots or () if slot.session],
        zone=str(timezone.get_current_timezone()).replace("_", " "),
    )  # fmt: skip


def _book(request, pair):
    try:
        moments = [parse_datetime(each) for each in request.POST.getlist("slot")[:_MOST]]
    except ValueError:
        moments = []
    if None in moments or any(timezone.is_naive(each) for each in moments):
        moments = []
    done = len(actions.book_series(pair, by=request.user, moments=moments))
    told = ngettext("%(count)s session is booked.", "%(count)s sessions are booked.", done)
    messages.success(request, told % {"count": figure(done)})
    return redirect(pair)


@access(Pair, to="pairs.book_series")
@post_or_its_page
def series_undo(request, pair):
    """Take back what was booked in one go."""
    actions.undo_series(pair, by=request.user)
    messages.success(request, _("Taken back. Both calendars follow."))
    return redirect(pair)
