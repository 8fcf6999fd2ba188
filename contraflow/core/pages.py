"""How a page is answered: whole, or only the named part that htmx asked for."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib.messages import get_messages
from django.db.models import Model
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_POST

from contraflow.core.models import Installation
from contraflow.core.navigation import entries
from contraflow.core.notices import count_unread


def page(
    request: HttpRequest, template: str, *, part: str | None = None, status: int = 200, **context
) -> HttpResponse:
    """Render the whole page, or only its named part when htmx asks.

    The part is named here by the server, never by a request header. Messages that wait come with
    it as toasts, instead of surprising the person on some later page; a progress bar that asks
    again leaves them to the answer of whoever acted meanwhile, or both would bring them.
    """
    wants_part = (
        part and request.htmx and not (request.htmx.boosted or request.htmx.history_restore_request)
    )
    name = f"{template}#{part}" if wants_part else template
    response = render(request, name, context, status=status)
    asks_again = "X-Asks-Again" in request.headers
    if wants_part and not asks_again and get_messages(request):
        response.content += render_to_string("core/toasts_of_part.html", request=request).encode()
    patch_vary_headers(response, ["HX-Request"])
    return response


def post_or_its_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer POST; lead whoever opens the address to the page of what it is about.

    The address of a form that was not right stands in the address bar, where no script swaps the
    answer into the page, and is opened again from there.
    """

    @wraps(view)
    def answer(request: HttpRequest, thing: Model) -> HttpResponse:
        return redirect(thing) if request.method in {"GET", "HEAD"} else only_post(request, thing)

    only_post = require_POST(view)
    return answer


def status_of(form: BaseForm) -> int:
    """Return 422 for a form that was sent and is not right, 200 for one to be filled in."""
    return 422 if form.errors else 200


def page_context(request: HttpRequest) -> dict:
    """Give every template the organisation, the main navigation and whether this is the demo."""
    return {
        # read once, by whichever part of the page names it first
        "installation": SimpleLazyObject(Installation.current),
        "main_navigation": lambda: entries("main", request),
        "unread_notices": lambda: count_unread(request.user),
        "is_demo": settings.DEMO,
    }
