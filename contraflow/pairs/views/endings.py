"""The way out of a pair: what happens, done in one press, and taken back before its hour."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contraflow.core.access import access
from contraflow.core.errors import refuse_if
from contraflow.core.pages import page, post_or_its_page
from contraflow.core.reads import note_read
from contraflow.pairs import actions
from contraflow.pairs.keeping import days_kept
from contraflow.pairs.models import Afterwards, Ending, Pair
from contraflow.pairs.rules import is_in_pair, why_not_end, why_not_go_on, why_not_seek
from contraflow.pairs.times import told_at


@access(Pair, to="pairs.end_pair")
@require_http_methods(["GET", "HEAD", "POST"])
def pair_end(request, pair):
    """Say what happens when a pair ends and what else is possible, and end it."""
    by, is_mine = request.user, is_in_pair(request.user, pair)
    if request.method == "POST":
        actions.ask_to_end(pair, by=by)
        messages.success(request, _("Done. You find on this page when it is told."))
        return redirect(pair)
    refuse_if(why_not_end(pair, by=by))
    note_read(request, f"pair:{pair.pk}", of=[pair.mentor_id, pair.mentee_id])
    return page(
        request, "pairs/end.html",
        pair=pair, is_mine=is_mine, partner=pair.partner_of(by) if is_mine else None,
        tells_at=told_at(pair, timezone.now()), days_kept=days_kept(),
        place=pair.cohort.enrolments.filter(person=by.pk).first(),
        may_pause=is_mine and not why_not_go_on(pair, by=by),
    )  # fmt: skip


@access(Pair, to="pairs.end_pair")
@post_or_its_page
def pair_stay(request, pair):
    """Take the end back, while nobody else has heard of it."""
    actions.take_back_end(pair, by=request.user)
    messages.success(request, _("Taken back. Nobody ever hears of it."))
    return redirect(pair)


@access(Pair, to="pairs.seek_partner")
@post_or_its_page
def pair_seek(request, pair):
    """Look for another partner, or no longer."""
    seeks = request.POST.get("seeks") != "no"
    actions.seek_partner(pair, by=request.user, seeks=seeks)
    told = (
        _("The programme lead sees that you look for a partner.")
        if seeks
        else _("You look for nobody at present.")
    )
    messages.success(request, told)
    return redirect(pair)


def afterwards_of(pair, reader):
    """Return what this person said about another partner, None where there is nothing to say."""
    if pair.state != Pair.State.ENDED or why_not_seek(pair, by=reader):
        return None
    return Afterwards.objects.visible_to(reader).filter(pair=pair).first()


def ending_of(pair, reader):
    """Return the end to come that this person asked for, or a lead did if they lead, or None."""
    if pair.state == Pair.State.ENDED or (is_in_pair(reader, pair) and not pair.has_left(reader)):
        return None
    return Ending.objects.visible_to(reader).filter(pair=pair).first()
