"""The thread of a pair."""

from django.contrib import messages as toasts
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from contraflow.core.access import access
from contraflow.core.figures import figure
from contraflow.core.navigation import region
from contraflow.core.pages import page, post_or_its_page, status_of
from contraflow.exchange import actions, queries
from contraflow.exchange.forms import MessageForm
from contraflow.exchange.models import Message
from contraflow.exchange.rules import why_not_take_back, why_not_write
from contraflow.pairs.models import Pair
from contraflow.pairs.rules import is_in_pair


@access(Pair, to="exchange.write_message")
@require_http_methods(["GET", "HEAD", "POST"])
def messages(request, pair):
    """Show what the two wrote each other; take another message."""
    form = MessageForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        sent = actions.send_message(pair, by=request.user, **form.cleaned_data)
        return redirect(sent)
    thread = queries.thread_of(
        pair,
        reader=request.user,
        before=request.GET.get("before", ""),
        everything="all" in request.GET,
    )
    new = [each for each in thread.messages if each["is_new"]]
    if new and thread.is_latest:
        actions.mark_read(pair, by=request.user, up_to=new[-1]["message"].pk)
    now = timezone.now()
    for each in thread.messages:
        each["may_take_back"] = not why_not_take_back(each["message"], by=request.user, at=now)
    return page(
        request, "exchange/messages.html", status=status_of(form),
        pair=pair, partner=pair.partner_of(request.user), thread=thread, new=len(new),
        everything="all" in request.GET,
        form=None if why_not_write(pair, by=request.user) else form,
    )  # fmt: skip


@access(Message, to="exchange.take_back")
@post_or_its_page
def message_take_back(request, message):
    """Take a message back."""
    actions.take_back(message, by=request.user)
    toasts.success(request, _("Taken back. Its words are gone."))
    return redirect(message)


@region("today", order=20)
def _messages_that_wait(request, person):
    """Lead to what a partner wrote."""
    waiting = [
        (
            pair,
            ngettext("%(n)s message from %(name)s", "%(n)s messages from %(name)s", count)
            % {"n": figure(count), "name": pair.partner_of(person).name},
        )
        for pair, count in queries.pairs_with_unread(person)
    ]
    return ("exchange/waiting.html", {"waiting": waiting}) if waiting else None


@region("pair.aside", order=10)
def _new_in_pair(request, pair):
    """Say on the pair's page that messages wait."""
    is_mine = is_in_pair(request.user, pair) and not pair.is_over_for(request.user)
    new = queries.unread(pair, request.user).count() if is_mine else 0
    if not new:
        return None
    return "exchange/new_in_pair.html", {"pair": pair, "new": new}
