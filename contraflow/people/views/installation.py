"""What an administrator looks after: above all that the key is kept in a second place."""

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from contraflow.core.access import access
from contraflow.core.navigation import region
from contraflow.core.pages import page
from contraflow.core.sealing import key_fingerprint
from contraflow.people.actions import confirm_key_backup
from contraflow.people.models import Role


@access(to="people.view_installation")
@require_safe
def installation(request):
    """Show which key seals the words, and how mail is sent."""
    return page(
        request,
        "people/installation.html",
        fingerprint=key_fingerprint(),
        key_place="CONTRAFLOW_SEALING_KEY" if settings.SEALING_KEY else settings.SEALING_KEY_PATH,
        sends_mail=settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"),
        mail_folder=settings.EMAIL_FILE_PATH,
        mail_from=settings.DEFAULT_FROM_EMAIL,
    )


@access(to="people.view_installation")
@require_POST
def key_backup(request):
    """Note that the key was copied."""
    confirm_key_backup(by=request.user)
    messages.success(request, _("Noted: the key is kept in a second place."))
    return redirect("people:installation")


@region("forbidden")
def offer_role(request, about):
    """Tell an administrator, who may give every role, that they can be a programme lead too."""
    person = request.user
    if not person.has_perm("people.manage_roles") or person.has_role(Role.Kind.LEAD):
        return None
    return "people/take_role.html", {}
