"""The notes of a pair, and those each keeps to themself."""

from django.contrib import messages as toasts
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contraflow.core.access import access
from contraflow.core.navigation import region
from contraflow.core.pages import page, post_or_its_page
from contraflow.exchange import actions, queries
from contraflow.exchange.forms import NoteForm
from contraflow.exchange.models import Note
from contraflow.exchange.rules import why_not_write
from contraflow.pairs.models import Pair
from contraflow.pairs.rules import is_in_pair


@access(Pair, to="exchange.write_note")
@require_http_methods(["GET", "HEAD", "POST"])
def notes(request, pair):
    """Show the notes of a pair; take another."""
    form = _form(pair, request.user, request.POST or None, initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        note = actions.write_note(pair, by=request.user, **_kept(form))
        toasts.success(request, _("Noted."))
        return redirect(note)
    return _page(request, pair, new_form=form)


@access(Note, to="exchange.change_note")
@post_or_its_page
def note_change(request, note):
    """Change a note, or take it away."""
    if request.POST.get("verb") == "forget":
        pair = note.pair
        actions.forget_note(note, by=request.user)
        toasts.success(request, _("The note is gone."))
        return redirect("exchange:notes", pair.code)
    form = _form(note.pair, request.user, request.POST, prefix=note.code)
    form.fields.pop("session")
    if not form.is_valid():
        return _page(request, note.pair, changed=(note, form))
    is_private = form.cleaned_data["readers"] == NoteForm.MINE
    actions.change_note(
        note, by=request.user, text=form.cleaned_data["text"], is_private=is_private
    )
    toasts.success(request, _("Changed."))
    return redirect(note)


def _form(pair, person, sent=None, **more):
    sessions = pair.sessions.select_related("planned").order_by("number")
    return NoteForm(sent, partner=pair.partner_of(person), sessions=sessions, **more)


def _kept(form):
    said = form.cleaned_data
    return {
        "text": said["text"],
        "session": said["session"],
        "is_private": said["readers"] == NoteForm.MINE,
    }


def _page(request, pair, *, new_form=None, changed=None):
    may_write = not why_not_write(pair, by=request.user)
    found = queries.notes_of(pair, reader=request.user)
    for each in found:
        note = each["note"]
        if each["is_mine"] and may_write:
            readers = NoteForm.MINE if note.is_private else NoteForm.OURS
            said = {"text": each["text"], "readers": readers}
            form = _form(pair, request.user, prefix=note.code, initial=said)
            form.fields.pop("session")
            each["form"] = changed[1] if changed and changed[0].pk == note.pk else form
    wrong = changed or (new_form is not None and new_form.errors)
    return page(
        request, "exchange/notes.html", status=422 if wrong else 200,
        pair=pair, partner=pair.partner_of(request.user), notes=found,
        form=(new_form or _form(pair, request.user)) if may_write else None,
    )  # fmt: skip


@region("session.aside", order=30)
def _notes_of_session(request, session):
    """Show the notes about a session beside it, to the two alone."""
    if not is_in_pair(request.user, session):
        return None
    found = queries.notes_of(session.pair, reader=request.user, session=session)
    may_note = not why_not_write(session.pair, by=request.user)
    if not (found or may_note):
        return None
    context = {"session": session, "notes": found, "may_note": may_note}
    return "exchange/notes_of_session.html", context
