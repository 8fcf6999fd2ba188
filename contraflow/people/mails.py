"""The mails of this room."""

import secrets
from datetime import timedelta
from hashlib import sha256
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contraflow.core.letters import Care, MailKind, Placeholder, register
from contraflow.core.mail import queue_mail
from contraflow.people.models import LoginLink, Person
from contraflow.people.rules import why_not_by_invitation

# long enough for a slow mail server, short enough for a mailbox left open
LINK_MINUTES = 20
# an invitation is read within days, not minutes; what it opens is narrower, see rules
INVITATION_DAYS = 14

register(
    MailKind(
        id="login_link",
        name=_("Link to sign in"),
        sent=_("When somebody asks for it on the sign-in page."),
        to=_("whoever has the address"),
        subject=_("Your link to sign in"),
        text=_(
            "# Your link to sign in\n\n"
            "Hello {name}, this link signs you in once, within {minutes} minutes.\n\n"
            "[Sign in]({link})\n\n"
            "You did not ask for it? Then do nothing: without the link nobody gets in, and it soon "
            "stops working."
        ),
        placeholders=(
            Placeholder(
                name="link", meaning=_("the link that signs in"), needed=True,
                example="https://mentoring.example.org/people/sign-in/link/Zk3/",
            ),
            Placeholder(
                name="minutes", meaning=_("how many minutes it works"), example=str(LINK_MINUTES)
            ),
        ),
        care=Care.ESSENTIAL,
        why=_("You get this mail because somebody entered your address on the sign-in page."),
    )
)  # fmt: skip


def digest_of(secret: str) -> str:
    """Return what is kept of a link's secret; nobody gets the secret back from it."""
    return sha256(secret.encode()).hexdigest()


def make_link(person: Person, **facts) -> tuple[LoginLink, str]:
    """Return a fresh one-time link and its address, which is kept nowhere."""
    secret = secrets.token_urlsafe(32)
    link = LoginLink.objects.create(person=person, digest=digest_of(secret), **facts)
    path = reverse("people:sign-in-by-link", args=[secret])
    return link, urljoin(settings.SITE_URL, path)


def mail_login_link(person: Person, *, next_path: str = "") -> None:
    """Mail a fresh one-time link to somebody who wants to sign in."""
    link, address = make_link(
        person,
        next_path=next_path,
        expires_at=timezone.now() + timedelta(minutes=LINK_MINUTES),
    )
    queue_mail(
        "login_link",
        to=person,
        once=f"login_link:{link.digest}",
        values={"link": address, "minutes": LINK_MINUTES},
    )


def invitation_address(person: Person, *, page: str) -> str:
    """Return an address that lets the invited person in once and leads them to `page`.

    An earlier one for the same page stops working. Whoever may more than others gets the page's
    own address and signs in as ever.
    """
    if why_not_by_invitation(person):
        return urljoin(settings.SITE_URL, page)
    invitation = LoginLink.Means.INVITATION
    person.login_links.filter(means=invitation, next_path=page, used_at=None).delete()
    expires_at = timezone.now() + timedelta(days=INVITATION_DAYS)
    return make_link(person, means=invitation, next_path=page, expires_at=expires_at)[1]
