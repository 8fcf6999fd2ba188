"""Who may do what with people, and when."""

import rules
from django.utils import timezone
from django.utils.translation import gettext as _

from contraflow.core.models import Installation, Job
from contraflow.people.models import LoginLink, PeopleImport, Person, Role


@rules.predicate
def is_signed_in(person):
    """Be anybody who is signed in."""
    return person.is_authenticated


@rules.predicate
def is_administrator(person):
    """Administer the installation."""
    return person.is_authenticated and person.has_role(Role.Kind.ADMINISTRATOR)


@rules.predicate
def is_lead(person):
    """Be a programme lead of the organisation, whichever programmes these are."""
    return person.is_authenticated and person.has_role(Role.Kind.LEAD)


@rules.predicate
def is_self(person, other):
    """Be the person it is about."""
    return person.pk == other.pk


rules.add_perm("people.list_people", is_administrator | is_lead)
rules.add_perm("people.view_person", is_self | is_administrator | is_lead)
rules.add_perm("people.edit_self", is_signed_in)
rules.add_perm("people.import_people", is_administrator | is_lead)
rules.add_perm("people.keep_person", is_administrator | is_lead)
rules.add_perm("people.manage_roles", is_administrator)
rules.add_perm("people.view_installation", is_administrator)
rules.add_perm("people.edit_mail_texts", is_administrator)
rules.add_perm("people.edit_brand", is_administrator)
rules.add_perm("people.choose_mails", is_signed_in)
rules.add_perm("people.read_notices", is_signed_in)
rules.add_perm("people.read_notice", is_signed_in)
rules.add_perm("people.confirm_address", is_self | is_administrator | is_lead)


def why_not_set_up() -> str | None:
    """Say why the installation cannot be set up, or None if it can: it happens once."""
    organisation = Installation.current().organisation
    if organisation:
        return _("This installation was set up already, for %(organisation)s.") % {
            "organisation": organisation
        }
    return None


def why_not_grant(person: Person, kind: str) -> str | None:
    """Say why a role cannot be given to somebody, or None if it can."""
    if not person.is_active:
        return _("%(name)s has left.") % {"name": person.name}
    if person.roles.filter(kind=kind).exists():
        return _("%(name)s has this role already.") % {"name": person.name}
    return None


def why_not_revoke(role: Role) -> str | None:
    """Say why a role cannot be taken away, or None if it can."""
    others = Role.objects.filter(kind=Role.Kind.ADMINISTRATOR, person__left_on__isnull=True)
    if role.kind == Role.Kind.ADMINISTRATOR and not others.exclude(pk=role.pk).exists():
        return _("Somebody must stay administrator. Give the role to another person first.")
    return None


def why_not_leave(person: Person, *, by: Person) -> str | None:
    """Say why somebody cannot be said to have left, or None if they can."""
    if not person.is_active:
        return _("%(name)s has left.") % {"name": person.name}
    if person.pk == by.pk:
        return _("You cannot sign yourself out for good. Somebody else can say that you left.")
    if person.has_role(Role.Kind.ADMINISTRATOR):
        return _("Administrators do not leave. Take the role away first.")
    return None


def why_not_by_invitation(person: Person) -> str | None:
    """Say why the link of an invitation does not sign somebody in, or None if it does.

    It lies in a mailbox for days, so it opens nothing but what is one's own.
    """
    if not person.is_active:
        return _("%(name)s has left.") % {"name": person.name}
    if person.roles.exists():
        return _("Whoever holds a role signs in by a fresh link or a password.")
    return None


def why_not_use_link(link: LoginLink | None) -> str | None:
    """Say why a mailed link does not sign anybody in, or None if it does."""
    if link is None or link.used_at or link.expires_at <= timezone.now():
        return _("This link was used already, or it is too old. Ask for a new one.")
    if not link.person.is_active:
        return _("%(name)s has left.") % {"name": link.person.name}
    is_invitation = link.means == LoginLink.Means.INVITATION
    return why_not_by_invitation(link.person) if is_invitation else None


def is_at_work(people_import: PeopleImport) -> bool:
    """Tell whether a job reads or applies the file at this moment."""
    job = Job.objects.filter(code=people_import.job_code).first()
    return job is not None and not job.is_over


def why_not_map_again(people_import: PeopleImport) -> str | None:
    """Say why the columns cannot be named now, or None if they can."""
    states = PeopleImport.State
    if people_import.state == states.APPLIED:
        return _("This file was applied already.")
    if people_import.state == states.REFUSED:
        return _("This file cannot be read. Upload a corrected one.")
    if is_at_work(people_import):
        return _("The file is at work. Wait a moment.")
    return None


def why_not_apply(people_import: PeopleImport) -> str | None:
    """Say why a file cannot be applied, or None if it can or is about to be."""
    if people_import.state == PeopleImport.State.APPLIED:
        return _("This file was applied already.")
    if people_import.state != PeopleImport.State.PREVIEWED:
        return _("Only a file that was read and shown can be applied.")
    return None


def why_not_throw_away(people_import: PeopleImport) -> str | None:
    """Say why a file cannot be thrown away, or None if it can."""
    if people_import.state == PeopleImport.State.APPLIED:
        return _("This file was applied; what it did stays in the list of imports.")
    if is_at_work(people_import):
        return _("The file is at work. Wait a moment.")
    return None
