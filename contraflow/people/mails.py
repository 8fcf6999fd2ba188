"""The mails of this room."""

import secrets
from datetime import timedelta
from hashlib import sha256
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from contraflow.core.mail import queue_mail
from contraflow.people.models import LoginLink, Person

# long enough for a slow mail server, short enough for a mailbox left open
LINK_MINUTES = 20


def digest_of(secret: str) -> str:
    """Return what is kept of a link's secret; nobody gets the secret back from it."""
    return sha256(secret.encode()).hexdigest()


def mail_login_link(person: Person, *, next_path: str = "") -> None:
    """Mail a fresh one-time link to somebody who wants to sign in."""
    secret = secrets.token_urlsafe(32)
    link = LoginLink.objects.create(
        person=person,
        digest=digest_of(secret),
        next_path=next_path,
        expires_at=timezone.now() + timedelta(minutes=LINK_MINUTES),
    )
    path = reverse("people:sign-in-by-link", args=[secret])
    queue_mail(
        "login_link",
        to=person,
        once=f"login_link:{link.digest}",
        subject=_("Your link to sign in"),
        template="people/mail/login_link",
        context={
            "action_url": urljoin(settings.SITE_URL, path),
            "action_label": _("Sign in"),
            "minutes": LINK_MINUTES,
        },
    )
