"""What happens around every request: time zone, text no database takes, refusals as pages."""

import zoneinfo

from django.core.exceptions import BadRequest
from django.utils import timezone

from contraflow.core.errors import Refusal
from contraflow.core.pages import page
from contraflow.core.reads import write_after


class TimeZoneMiddleware:
    """Show every moment in the time zone of the person who looks."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        name = getattr(request.user, "time_zone", "")
        if not name:
            return self.get_response(request)
        with timezone.override(zoneinfo.ZoneInfo(name)):
            return self.get_response(request)


class RefusalMiddleware:
    """Turn a Refusal into a 409 page, or into a toast when htmx asked."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not isinstance(exception, Refusal):
            return None
        return page(request, "core/refusal.html", part="refusal", status=409, reason=str(exception))


class ReadsMiddleware:
    """Note in the audit trail what a page showed of other people, once it is sent."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        write_after(request, response)
        return response


class TextMiddleware:
    """Answer 400 where something sent holds a NUL, which PostgreSQL keeps in no text.

    No browser sends one. Fields of forms refuse it by themselves; addresses and plain buttons
    are read without a form.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        sent = [request.GET]
        # what a view reads itself, such as an upload, must not be read before it
        if not getattr(view, "csrf_exempt", False):
            sent.append(request.POST)
        if any("\0" in text for each in sent for _name, texts in each.lists() for text in texts):
            raise BadRequest("Something sent holds a NUL.")
