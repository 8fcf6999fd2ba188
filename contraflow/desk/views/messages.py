"""Messages to the people of a cohort: look at it first, send it once, read it again."""

from django.contrib.messages import success
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from contraflow.core.access import access
from contraflow.core.figures import figure
from contraflow.core.pages import page, status_of
from contraflow.desk import actions, queries
from contraflow.desk.forms import MessageForm
from contraflow.desk.models import Message, MessageWords
from contraflow.programmes.models import Cohort


@access(Cohort, to="desk.write_message")
@require_http_methods(["GET", "HEAD", "POST"])
def messages(request, cohort):
    """Write to people of a cohort, after a look at the mail; list what was sent."""
    form = MessageForm(request.POST or None, cohort=cohort)
    if form.is_valid():
        verb = request.POST.get("verb")
        if verb == "send":
            return _send(request, cohort, form)
        if verb == "test":
            code = form.cleaned_data["code"]
            actions.send_test(by=request.user, text=form.text, code=code)
            success(request, _("A test is on its way to you alone."))
    return page(
        request,
        "desk/messages.html",
        status=status_of(form),
        cohort=cohort,
        programme=cohort.programme,
        form=form,
        preview=form.text if form.is_valid() else None,
        sent=queries.messages_of(cohort, reader=request.user, number=request.GET.get("page")),
    )


def _send(request, cohort, form):
    message = actions.send_message(
        cohort, form.cleaned_data["to"], by=request.user, text=form.text,
        code=form.cleaned_data["code"],
    )  # fmt: skip
    told = ngettext(
        "%(n)s person gets your message.", "%(n)s people get your message.", message.count
    )
    success(request, told % {"n": figure(message.count)})
    return redirect("desk:messages", cohort.code)


@access(Message, to="desk.write_message")
@require_safe
def message(request, message):
    """Read again what was sent to whom."""
    words = MessageWords.objects.visible_to(request.user).select_related("message__cohort")
    return page(
        request,
        "desk/message.html",
        message=message,
        cohort=message.cohort,
        words=words.get(pk=message.pk),
    )
