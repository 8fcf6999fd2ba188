"""What people do: sign in, say who they are, give and take roles."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contraflow.core.errors import Refusal
from contraflow.core.events import announce
from contraflow.core.jobs import start_job
from contraflow.people.events import (
    PasswordSet,
    PersonEdited,
    PersonSignedIn,
    RoleGranted,
    RoleRevoked,
)
from contraflow.people.mails import digest_of
from contraflow.people.models import LoginLink, Person, Role
from contraflow.people.rules import why_not_grant, why_not_revoke


@transaction.atomic
def ask_for_link(address: str, *, next_path: str = "") -> None:
    """Mail a one-time link to the address if somebody here has it.

    The work is the same for an address nobody has, down to the job: whoever measures the
    answer learns nothing.
    """
    person = Person.objects.active().filter(email=address.strip().lower()).first()
    start_job(
        "people.send_login_link",
        by=None,
        person_id=person.pk if person else None,
        next_path=next_path,
    )


@transaction.atomic
def use_link(secret: str) -> LoginLink:
    """Use up a mailed link and return it; refuse one that was used, is too old or unknown.

    One UPDATE decides, so that of two at the same moment one gets in.
    """
    mine = LoginLink.objects.filter(digest=digest_of(secret))
    used = mine.open().update(used_at=timezone.now())
    link = mine.select_related("person").first()
    if not used or not link.person.is_active:
        raise Refusal(_("This link was used already, or it is too old. Ask for a new one."))
    announce(PersonSignedIn(person_id=link.person_id, means="link"), by=link.person)
    return link


@transaction.atomic
def set_password(person: Person, *, by: Person, password: str) -> None:
    """Give a person a password; their sessions elsewhere end."""
    person.set_password(password)
    person.save(update_fields=["password"])
    announce(PasswordSet(person_id=person.pk), by=by)


@transaction.atomic
def edit_person(person: Person, *, by: Person, **facts) -> None:
    """Write what a person says about themself, and keep later imports from undoing it."""
    changed = sorted(name for name, fact in facts.items() if getattr(person, name) != fact)
    if not changed:
        return
    for name in changed:
        setattr(person, name, facts[name])
    person.chosen = sorted({*person.chosen, *changed})
    person.save(update_fields=[*changed, "chosen", "search_key"])
    announce(PersonEdited(person_id=person.pk, fields=tuple(changed)), by=by)


@transaction.atomic
def grant_role(person: Person, *, by: Person | None, kind: str) -> Role:
    """Let a person do more in the organisation."""
    if reason := why_not_grant(person, kind):
        raise Refusal(reason)
    role = Role.objects.create(person=person, kind=kind)
    announce(RoleGranted(person_id=person.pk, kind=kind), by=by)
    return role


@transaction.atomic
def revoke_role(role: Role, *, by: Person) -> None:
    """Take a role away; the last administrator keeps theirs."""
    # both rows are locked, so that two administrators cannot remove each other at once
    list(Role.objects.select_for_update().filter(kind=role.kind))
    if reason := why_not_revoke(role):
        raise Refusal(reason)
    person_id, kind = role.person_id, role.kind
    role.delete()
    announce(RoleRevoked(person_id=person_id, kind=kind), by=by)
