"""The check before one begins, and objections answered: for oneself alone, and kept nowhere.

What is ticked comes with the form and is gone with the answer. No view of this room writes a row,
an entry of the audit trail or a line of a log; nothing is put into an address. The one cookie says
that no suggestions are wanted, which everybody may say, whether there are any or not.
"""

import datetime as dt
from functools import wraps

from django.conf import settings
from django.http import Http404
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from contraflow.content.schema import load_resistance
from contraflow.core.access import access
from contraflow.core.navigation import region
from contraflow.core.pages import page, status_of
from contraflow.programmes.models import Side
from contraflow.readiness import queries, signals
from contraflow.readiness.forms import TicksForm
from contraflow.readiness.places import places_of

TITLES = {
    "leader": gettext_lazy("Before you begin, as a leader"),
    "mentor": gettext_lazy("Before you begin, as a mentor"),
}
# the cookie of a browser in which no suggestions are wanted; it says neither of what nor in whom
COOKIE, NO = "suggestions", "no"
KEEP_CHOICE = dt.timedelta(days=365)


def forgotten_at_the_door(view):
    """Let whoever is signed out sign in and begin at Today.

    The way back would stand in the address of that page, and in the mailed link's row.
    """

    @wraps(view)
    def answer(request, **kwargs):
        if not request.user.is_authenticated:
            return redirect("people:sign-in")
        return view(request, **kwargs)

    return answer


@forgotten_at_the_door
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
        title=TITLES[role], are_hidden=_are_hidden(request),
        steps=None if ticked is None else queries.steps_left(request.user, role, true=ticked),
    )  # fmt: skip


@forgotten_at_the_door
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
        are_hidden=_are_hidden(request),
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


@region("session.aside", order=60)
def _words_you_may_hear(request, session):
    """Give the leader the words of a session that not everybody knows, in plain ones."""
    if session.has_own_topic or session.pair.side_of(request.user) != Side.MENTEE:
        return None
    terms = queries.terms_of(session)
    return ("readiness/words.html", {"terms": terms}) if terms else None


# -- suggestions on the page of a pair ------------------------------------------------------------


@region("pair.aside", order=60)
def _suggestions(request, pair):
    """Show one of the two what may help, from what they may read themselves."""
    if _are_hidden(request):
        return None
    noticed = signals.cards_inside(pair, reader=request.user)
    if not noticed:
        return None
    is_leader = pair.side_of(request.user) == Side.MENTEE
    links = places_of(request.user, "leader", only=pair) if is_leader else {}
    return "readiness/suggestions.html", {
        "noticed": [
            (each, queries.first_steps(each.card, links) if is_leader else []) for each in noticed
        ]
    }


@access(to="readiness.look")
@require_POST
def suggestions(request):
    """Hide suggestions in this browser, or show them again."""
    to = request.POST.get("to", "")
    is_ours = to and url_has_allowed_host_and_scheme(to, allowed_hosts=None)
    answer = redirect(to if is_ours else "home:today")
    if request.POST.get("wanted") == NO:
        answer.set_cookie(
            COOKIE, NO, max_age=KEEP_CHOICE, httponly=True, samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )  # fmt: skip
    else:
        answer.delete_cookie(COOKIE, samesite="Lax")
    return answer


def _are_hidden(request):
    return request.COOKIES.get(COOKIE) == NO
