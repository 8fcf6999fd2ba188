"""One's own training: what is due, the modules screen by screen, and the guides."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from contraflow.core.access import access
from contraflow.core.codes import as_key
from contraflow.core.navigation import region
from contraflow.core.pages import page
from contraflow.training import actions, queries, rules
from contraflow.training.forms import QuizForm
from contraflow.training.modules import guides, minutes_of

ROLE_WORDS = {
    "mentor": gettext_lazy("Guide for mentors"),
    "leader": gettext_lazy("Guide for leaders"),
    "programme_lead": gettext_lazy("Guide for programme leads"),
    "sponsor": gettext_lazy("Guide for sponsors"),
}


@access(to="training.learn")
@require_safe
def own(request):
    """Show a person what is due when, what is done, and where they left off."""
    training = queries.training_of(request.user)
    return page(request, "training/own.html", training=training, guides=_guides(training.roles))


def _guides(roles):
    """Return every guide as (role, its name, whether it is one's own), one's own first."""
    found = [(role, words, role in roles) for role, words in ROLE_WORDS.items()]
    return sorted(found, key=lambda each: not each[2])


@access(to="training.learn")
@require_safe
def guide(request, role):
    """Show the guide of a role."""
    if role not in ROLE_WORDS:
        raise Http404
    return page(
        request, "training/guide.html", guide=guides()[role], role=role, title=ROLE_WORDS[role],
        others=_guides([role])[1:],
    )  # fmt: skip


@access(to="training.learn")
@require_safe
def module(request, key):
    """Lead to the screen at which the person left off."""
    found = queries.module_for(request.user, key)
    kept = queries.row_of(request.user, found)
    return redirect("training:screen", key=key, number=kept.screen)


@access(to="training.learn")
@require_http_methods(["GET", "HEAD", "POST"])
def module_on(request, key):
    """Go to another screen, which is kept as the place to go on from."""
    found = queries.module_for(request.user, key)
    if request.method != "POST":
        return redirect("training:module", key=key)
    number = as_key(request.POST.get("screen")) or 1
    place = actions.keep_place(found, by=request.user, screen=number)
    return redirect("training:screen", key=key, number=place.screen)


@access(to="training.learn")
@require_http_methods(["GET", "HEAD", "POST"])
def screen(request, key, number):
    """Show one screen of a module; the last one takes the answers, and keeps none of them."""
    found = queries.module_for(request.user, key)
    if not 1 <= number <= len(found.screens):
        raise Http404
    is_last = number == len(found.screens)
    form = QuizForm(request.POST or None, module=found)
    result = _answered(request, found, form) if is_last and request.method == "POST" else ""
    if result == "done" and not found.quiz:
        messages.success(request, _("Done: %(title)s.") % {"title": found.title})
        return redirect("training:own")
    return page(
        request, "training/screen.html", part="quiz",
        module=found, screen=found.screens[number - 1], number=number, count=len(found.screens),
        back=number - 1, on=number + 1, is_last=is_last, form=form, result=result,
        next=queries.training_of(request.user).next if result == "done" else None,
    )  # fmt: skip


def _answered(request, found, form):
    """Note the module as done where the answers make it; say how it stands."""
    answers = form.answers if form.is_valid() else [None] * len(found.quiz)
    if rules.why_not_finish(found, answers=answers) is None:
        actions.finish_module(found, by=request.user, answers=answers)
        return "done"
    return "open" if None in answers else "again"


@region("programmes.enrolment", order=40)
def _own_training(request, enrolment):
    """Lead from one's place in a cohort to one's training, and say what is left of it."""
    if enrolment.person_id != request.user.pk or enrolment.state not in queries.DUE_FOR:
        return None
    training = queries.training_of(request.user)
    gate = next((stage for stage in training.stages if stage.is_gate), None)
    return "training/own_link.html", {
        "done": training.done,
        "count": len(training.rows),
        "minutes": minutes_of(gate.left) if gate else 0,
        "next": training.next,
    }
