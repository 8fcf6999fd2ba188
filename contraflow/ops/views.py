"""One click signs in as somebody of the demonstration, and there alone."""

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from contraflow.core.access import public
from contraflow.ops.demo_visit import visitor


@public("One click signs in to the demonstration; everywhere else this address does not exist.")
@require_POST
def sign_in_as(request, role):
    """Sign the visitor in as the person who plays the role."""
    person = visitor(role) if settings.DEMO else None
    if person is None:
        raise Http404
    login(request, person, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("home:today")
