"""The door of every view: who may open it stands in one line above it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.shortcuts import get_object_or_404

View = Callable[..., Any]


def access(
    model: type[Model] | None = None, *, to: str, by: str = "code"
) -> Callable[[View], View]:
    """Open a view only to those who may do `to`, and hand it the object.

    404 if the object is not visible to the person, 403 if it is visible but
    the verb is not theirs. `policy` on the view is read by the URL check.
    """

    def open_door(view: View) -> View:
        @wraps(view)
        @login_required
        def wrapper(request, **kwargs):
            found = []
            if model is not None:
                seen = model._default_manager.visible_to(request.user)
                found = [get_object_or_404(seen, **{by: kwargs.pop(by)})]
            if not request.user.has_perm(to, *found):
                raise PermissionDenied
            return view(request, *found, **kwargs)

        wrapper.policy = to
        return wrapper

    return open_door


def public(why: str) -> Callable[[View], View]:
    """Open a view to everyone, signed in or not; `why` is shown in docs/use/who-may-what.md."""

    def open_door(view: View) -> View:
        @wraps(view)
        def wrapper(request, *args, **kwargs):
            return view(request, *args, **kwargs)

        wrapper.policy = "public"
        wrapper.why_public = why
        return wrapper

    return open_door
