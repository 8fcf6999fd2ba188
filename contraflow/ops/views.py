"""What the demonstration alone has: sign-in by one click, and a video room that is none."""

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from contraflow.core.access import public
from contraflow.core.pages import page
from contraflow.ops.demo_visit import visitor


@public("One click signs in to the demonstration; everywhere else this address does not exist.")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_as(request, role):
    """Sign the visitor in as the person who plays the role; opened by hand, offer the roles."""
    person = visitor(role) if settings.DEMO else None
    if person is None:
        raise Http404
    if request.method != "POST":
        return redirect("people:sign-in")
    login(request, person, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("home:today")


@public("It says that the demonstration has no video room; everywhere else it does not exist.")
@require_safe
def video_room(request, code):
    """Stand where a real installation's video room would open: the demonstration calls nobody."""
    if not settings.DEMO:
        raise Http404
    return page(request, "ops/video_room.html")
