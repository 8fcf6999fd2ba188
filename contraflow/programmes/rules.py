"""Who may do what in a programme, and when."""

import rules

from contraflow.programmes.models import Programme, Steward

# how to get from a thing to its programme, one step at a time
_STEPS = ("programme", "cohort", "pair", "session", "draft", "enrolment", "objective")


def programme_id_of(thing) -> int:
    """Return the id of the programme a cohort, pair, session, draft ... belongs to."""
    while not isinstance(thing, Programme):
        if (found := getattr(thing, "programme_id", None)) is not None:
            return found
        thing = next(getattr(thing, step) for step in _STEPS if hasattr(thing, step))
    return thing.pk


def _stewardships(person) -> set[tuple[int, str]]:
    """Return (programme, kind) of all the person's stewardships; asks the database once."""
    if not hasattr(person, "_stewardships"):
        rows = Steward.objects.filter(person=person.pk).values_list("programme_id", "kind")
        person._stewardships = set(rows)
    return person._stewardships


@rules.predicate
def leads_programme(person, thing):
    """Lead the programme that the thing belongs to."""
    return (programme_id_of(thing), Steward.Kind.LEAD) in _stewardships(person)


@rules.predicate
def sponsors_programme(person, thing):
    """Answer for the programme that the thing belongs to."""
    return (programme_id_of(thing), Steward.Kind.SPONSOR) in _stewardships(person)


@rules.predicate
def stewards_programme(person, thing):
    """Lead, sponsor or be trusted contact of the programme that the thing belongs to."""
    programme_id = programme_id_of(thing)
    return any(found == programme_id for found, _kind in _stewardships(person))
