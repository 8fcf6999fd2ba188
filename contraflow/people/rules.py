"""Who may do what with people, and when."""

import rules

from contraflow.people.models import Role


@rules.predicate
def is_signed_in(person):
    """Be anybody who is signed in."""
    return person.is_authenticated


@rules.predicate
def is_administrator(person):
    """Administer the installation."""
    return person.has_role(Role.Kind.ADMINISTRATOR)


@rules.predicate
def is_lead(person):
    """Be a programme lead of the organisation, whichever programmes these are."""
    return person.has_role(Role.Kind.LEAD)


@rules.predicate
def is_self(person, other):
    """Be the person it is about."""
    return person.pk == other.pk
