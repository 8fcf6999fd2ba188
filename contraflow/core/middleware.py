"""What happens around every request: the person's time zone, and refusals shown as pages."""

import zoneinfo

from django.utils import timezone

from contraflow.core.errors import Refusal
from contraflow.core.pages import page


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
