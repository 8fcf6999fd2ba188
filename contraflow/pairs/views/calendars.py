"""A session in calendars, and the private address of all of them."""

import hashlib

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from contraflow.core.access import access, public
from contraflow.core.errors import Refusal
from contraflow.core.pages import page
from contraflow.pairs import actions, calendars, queries
from contraflow.pairs.models import (
    CalendarFeed,
    Session,
)


@access(Session, to="pairs.take_session")
@require_safe
def session_file(request, session):
    """Give one session as a file for a calendar."""
    if session.starts_at is None or session.pair.has_left(request.user):
        raise Refusal(_("This session has no date at the moment."))
    text = calendars.single(session, to=request.user, at=timezone.now())
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="session-{session.number}.ics"'
    patch_cache_control(response, private=True, no_store=True)
    return response


@access(to="pairs.keep_feed")
@require_safe
def calendar(request):
    """Show a person the private address of their calendar."""
    mine = CalendarFeed.objects.visible_to(request.user).first()
    address = f"{settings.SITE_URL}{mine.get_absolute_url()}" if mine else ""
    return page(request, "pairs/calendar.html", feed=mine, address=address)


@access(to="pairs.keep_feed")
@require_POST
def feed_make(request):
    """Make a private address; an earlier one stops working."""
    actions.make_feed(request.user)
    return redirect("pairs:calendar")


@access(to="pairs.keep_feed")
@require_POST
def feed_revoke(request):
    """Let the private address stop working."""
    actions.revoke_feed(request.user)
    messages.success(request, _("The address no longer works."))
    return redirect("pairs:calendar")


@public("A calendar cannot sign in: the secret in the address is the key.")
@require_safe
def feed(request, secret):
    """Give a calendar programme the sessions of whoever holds this address."""
    found = CalendarFeed.objects.opened_by(secret)
    if found is None:
        raise Http404
    text = calendars.feed(queries.feed_sessions(found.person), to=found.person)
    etag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    response["Referrer-Policy"] = "no-referrer"
    return get_conditional_response(request, etag=etag, response=response)
