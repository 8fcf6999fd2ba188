"""The page on which two close their pair together: suggested, wanted, written, done."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contraflow.content.schema import load_closing
from contraflow.core.access import access
from contraflow.core.errors import Refusal
from contraflow.core.pages import page, post_or_its_page
from contraflow.pairs import actions, closings
from contraflow.pairs.forms import ClosingPageForm
from contraflow.pairs.models import Ending, Pair


def url_of(pair):
    """Return the address of the page on which a pair closes."""
    return reverse("pairs:closing", args=[pair.code])


@access(Pair, to="pairs.close_pair")
@require_safe
def closing(request, pair):
    """Show how far the two are in closing, and their pages."""
    return _closing_page(request, pair)


def _closing_page(request, pair, *, form=None, status=200):
    by, now = request.user, timezone.now()
    row = closings.closing_of(pair, reader=by)
    pages = closings.pages_of(pair, row, reader=by)
    is_over = pair.is_over_for(by)
    may_write = bool(row and row.agreed_at) and not is_over
    if may_write and form is None and not pages[0].is_ready:
        form = ClosingPageForm(initial=closings.texts_of(pair, reader=by).get(pages[0].side))
    session = row.session if row else None
    if session:
        session.pair = pair
    return page(
        request, "pairs/closing.html", status=status,
        pair=pair, partner=pair.partner_of(by), closing=row, content=load_closing(),
        is_over=is_over,
        state=_state(row, pair.side_of(by), is_over=is_over),
        why_not_suggest=closings.why_not_suggest(pair, row, by=by, at=now),
        mine=pages[0], theirs=pages[1],
        reads_theirs=bool(row) and row.is_open_at(now) and pages[1].is_ready,
        form=form, may_write=may_write,
        session=session,
        agenda=closings.agenda_of(session, row) if session and not is_over else [],
        tells_at=pair.endings.filter(who=Ending.Who.TOGETHER)
        .values_list("tells_at", flat=True)
        .first(),
    )  # fmt: skip


def _state(row, side, *, is_over):
    """Return where the two stand, in a word that the page chooses its cards by."""
    if is_over:
        return "closed" if row and row.done_at else "over"
    if row and row.agreed_at:
        return "done" if row.done_at else "agreed"
    if row and row.waits_for(side):
        return "asked"
    return "waits" if row and row.was_suggested_by(side) else ""


@access(Pair, to="pairs.close_pair")
@post_or_its_page
def closing_want(request, pair):
    """Suggest to close, or agree."""
    row = actions.suggest_closing(pair, by=request.user)
    name = {"name": pair.partner_of(request.user).get_short_name()}
    told = (
        _("You both want to close. Each of you has a page now.")
        if row.agreed_at
        else _("%(name)s is told, and nobody else.") % name
    )
    messages.success(request, told)
    return redirect(url_of(pair))


@access(Pair, to="pairs.close_pair")
@post_or_its_page
def closing_put_off(request, pair):
    """Take it back, say "not yet", or go on after all."""
    actions.put_off_closing(pair, by=request.user)
    messages.success(request, _("You go on as a pair. Nobody asks why."))
    return redirect(url_of(pair))


@access(Pair, to="pairs.close_pair")
@post_or_its_page
def closing_write(request, pair):
    """Keep one's own page as it grows, and say that it is finished, or not yet."""
    form = ClosingPageForm(request.POST)
    ready = {"yes": True, "no": False}.get(request.POST.get("ready"))
    if form.is_valid():
        # a finished page stands there without boxes, and is opened again as it is
        texts = None if ready is False else form.cleaned_data
        try:
            actions.write_closing_page(pair, by=request.user, texts=texts, is_ready=ready)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
    if form.errors:
        if request.htmx:
            return page(
                request, "pairs/closing_form.html", status=422, **_around(request, pair, form)
            )
        return _closing_page(request, pair, form=form, status=422)
    if request.htmx:
        return HttpResponse(status=204)
    return redirect(f"{url_of(pair)}#page")


def _around(request, pair, form):
    row = closings.closing_of(pair, reader=request.user)
    pages = closings.pages_of(pair, row, reader=request.user)
    return {"pair": pair, "partner": pages[1].person, "mine": pages[0], "form": form}


@access(Pair, to="pairs.close_pair")
@post_or_its_page
def closing_done(request, pair):
    """Say that the closing is done."""
    actions.say_done(pair, by=request.user)
    return redirect(url_of(pair))


# -- on other pages -------------------------------------------------------------------------------


def closing_context(pair, course, reader):
    """Return what the page of a pair shows the two of how far they are in closing."""
    row = closings.closing_of(pair, reader=reader)
    is_over = pair.is_over_for(reader)
    return {
        "closing": row,
        "closing_state": _state(row, pair.side_of(reader), is_over=is_over),
        "is_time_to_close": not is_over and closings.is_time_to_close(course, row),
        "agenda": closings.agenda_of(course.next, row) if course.next else [],
    }
