"""The check before one begins, and objections answered: for oneself alone, and kept nowhere.

What is ticked comes with the form and is gone with the answer. No view of this room writes a row,
an entry of the audit trail, a cookie or a line of a log; nothing is put into an address.
"""

from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from contraflow.content.schema import load_resistance
from contraflow.core.access import access
from contraflow.core.navigation import region
from contraflow.core.pages import page, status_of
from contraflow.readiness import queries
from contraflow.readiness.forms import TicksForm

TITLES = {
    "leader": gettext_lazy("Before you begin, as a leader"),
    "mentor": gettext_lazy("Before you begin, as a mentor"),
}


@access(to="readiness.look")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def check(request, role):
    """Let somebody tick what is true for them, and say what they could do first."""
    if role not in TITLES:
        raise Http404
    form = _form(request, _("True for you today"), queries.items_of(role))
    ticked = _ticked(form)
    return page(
        request, "readiness/check.html", status=status_of(form), form=form, role=role,
        title=TITLES[role],
        steps=None if ticked is None else queries.steps_left(request.user, role, true=ticked),
    )  # fmt: skip


@access(to="readiness.look")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def doubts(request):
    """Let a leader tick what rings true, and answer it."""
    said = [
        _("“%(said)s” %(plainly)s") % {"said": card.sounds_like, "plainly": card.plainly}
        for card in load_resistance()
    ]
    form = _form(request, _("Which of these could be yours?"), said)
    ticked = _ticked(form)
    return page(
        request, "readiness/doubts.html", status=status_of(form), form=form,
        answers=None if ticked is None else queries.answers_to(request.user, true=ticked),
    )  # fmt: skip


def _form(request, label, sentences):
    # nothing ticked is an answer, too
    data = request.POST if request.method == "POST" else None
    return TicksForm(data, label=label, sentences=sentences)


def _ticked(form):
    return form.cleaned_data["ticked"] if form.is_valid() else None


@region("today", order=90)
@region("training.own", order=50)
def _before_you_begin(request, person):
    """Lead those who take part to their own check and, as leaders, to objections answered."""
    roles = queries.roles_of(person)
    if not roles:
        return None
    checks = [(role, TITLES[role]) for role in roles]
    return "readiness/links.html", {"checks": checks, "is_leader": "leader" in roles}
