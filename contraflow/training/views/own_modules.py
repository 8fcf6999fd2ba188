"""Where a programme's leads write modules of their own."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from contraflow.core.access import access
from contraflow.core.navigation import region
from contraflow.core.pages import page, post_or_its_page, status_of
from contraflow.programmes.models import Programme
from contraflow.programmes.rules import leads_programme
from contraflow.training import actions, queries
from contraflow.training.forms import OwnModuleForm
from contraflow.training.models import OwnModule
from contraflow.training.modules import own
from contraflow.training.rules import why_not_move

State = OwnModule.State
_MOVED = {
    State.PUBLISHED: gettext_lazy("Published: the people it is for find it in their training."),
    State.DRAFT: gettext_lazy("It is a draft again, and nobody else sees it."),
    State.ARCHIVED: gettext_lazy("Archived: it is out of the way, and nothing of it is lost."),
}


@access(Programme, to="training.write_module")
@require_safe
def own_module_list(request, programme):
    """List what a programme wrote for itself."""
    return page(
        request, "training/own_modules.html",
        programme=programme, modules=queries.own_modules(programme, reader=request.user),
    )  # fmt: skip


@access(Programme, to="training.write_module")
@require_http_methods(["GET", "HEAD", "POST"])
def own_module_new(request, programme):
    """Write a module; it is a draft until it is published."""
    return _edit(request, OwnModule(programme=programme))


@access(OwnModule, to="training.write_module")
@require_http_methods(["GET", "HEAD", "POST"])
def own_module(request, module):
    """Change a module, look at it before it is kept, and see who changed it when."""
    return _edit(request, module)


def _edit(request, module):
    form = OwnModuleForm(request.POST or None, instance=module)
    preview = None
    if request.method == "POST" and form.is_valid():
        written = form.save(commit=False)
        if "preview" not in request.POST:
            actions.write_module(written, by=request.user)
            messages.success(request, _("Kept."))
            return redirect(written)
        preview = own(written)
    return page(
        request, "training/own_module.html", status=status_of(form),
        form=form, module=module, programme=module.programme, preview=preview,
        changes=module.changes.select_related("by") if module.pk else [],
        moves=_moves(module, request.user) if module.pk else [],
    )  # fmt: skip


def _moves(module, person):
    """Return the states into which a module can be brought now, each with what its button says."""
    words = {
        State.PUBLISHED: _("Publish"),
        State.DRAFT: _("Back to draft"),
        State.ARCHIVED: _("Archive"),
    }
    return [
        (state, label)
        for state, label in words.items()
        if not why_not_move(module, state, by=person)
    ]


@access(OwnModule, to="training.write_module")
@post_or_its_page
def own_module_move(request, module):
    """Publish it, take it back to draft, or archive it."""
    actions.move_module(module, request.POST.get("state", ""), by=request.user)
    messages.success(request, _MOVED[module.state])
    return redirect(module)


@region("programmes.programme-aside", order=40)
def _of_programme(request, programme):
    """Lead from a programme to one's training, and its leads to what they wrote for it."""
    return "training/programme.html", {
        "programme": programme,
        "may_write": leads_programme(request.user, programme),
    }
