"""What a page of a pair shows while session 2 waits for training, and how a lead opens it."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from contraflow.core.access import access
from contraflow.core.navigation import region
from contraflow.core.pages import post_or_its_page
from contraflow.pairs import actions, gates
from contraflow.pairs.models import Pair, Session


@access(Pair, to="pairs.open_gate")
@post_or_its_page
def gate_open(request, pair):
    """Let the pair begin session 2 all the same, with a reason."""
    actions.open_gate(pair, by=request.user, reason=request.POST.get("reason", ""))
    messages.success(request, _("Session 2 is open. The two see that you opened it, not why."))
    return redirect(pair)


@region("pair.lead", order=30)
def _for_leads(request, pair):
    """Show a lead that session 2 waits, for whom, and how it is opened."""
    gate = gates.gate_of(pair, reader=request.user)
    opening = None if gate else getattr(pair, "gate_opening", None)
    if not gate and not opening:
        return None
    return "pairs/gate_facts.html", {
        "pair": pair, "gate": gate, "opening": opening,
        "may_open": gate and request.user.has_perm("pairs.open_gate", pair),
    }  # fmt: skip


@region("training.gate")
def _second_sessions(request, person):
    """Say in a person's training when the sessions that wait for it are."""
    seconds = (
        Session.objects.visible_to(request.user)
        .of(request.user)
        .filter(
            number=2, state__in=[Session.State.PLANNED, Session.State.BOOKED], pair__state="active"
        )
    )
    rows = [
        {"name": each.pair.partner_of(request.user).name, "url": each.pair.get_absolute_url(),
         "starts_at": each.starts_at, "due_on": each.due_on}
        for each in seconds
    ]  # fmt: skip
    return ("pairs/second_sessions.html", {"rows": rows}) if rows else None
