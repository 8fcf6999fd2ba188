"""A pair that the conflict guard paused: why, and what its lead can do."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from contraflow.core.access import access
from contraflow.core.navigation import region
from contraflow.core.pages import post_or_its_page
from contraflow.pairing.draft_settings import CONFLICTS
from contraflow.pairs.models import Hold, Pair


@access(Pair, to="pairing.clear_conflict")
@post_or_its_page
def clear(request, pair):
    """Look at a paused pair again; it goes on if the data was put right."""
    from contraflow.pairing import guard  # noqa: PLC0415 -- the engine takes a while to load

    guard.clear_conflict(pair, by=request.user)
    messages.success(request, _("The two are in conflict no longer, and go on."))
    return redirect(pair)


@region("pair.lead.first")
def _why_paused(request, pair):
    """Tell the lead why a pair is paused."""
    hold = Hold.objects.visible_to(request.user).filter(pair=pair).first()
    if hold is None or not request.user.has_perm("pairing.clear_conflict", pair):
        return None
    reasons = [CONFLICTS[rule] for rule in hold.rules]
    return "pairing/conflict.html", {"pair": pair, "hold": hold, "reasons": reasons}
