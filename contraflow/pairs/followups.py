"""Who hears a mentor's answer after the end of a pair: a trusted contact outside both lines."""

from collections.abc import Iterator, Mapping

from contraflow.pairs.models import Pair
from contraflow.people.models import Person
from contraflow.programmes.models import Cohort, Programme, Steward


def contact_for(pair: Pair) -> Person | None:
    """Return who hears what this pair's mentor answers, None where nobody suits.

    Nobody who runs or sponsors the programme, none of the two, and nobody above or below one of
    them, however far: of all others the one who was named first.
    """
    contacts, two = _contacts(pair.cohort.programme), {pair.mentor_id, pair.mentee_id}
    managers = _managers_above(two | {each.pk for each in contacts})
    return next((each for each in contacts if _is_outside(each, two, managers)), None)


def has_contact_for_everybody(cohort: Cohort) -> bool:
    """Tell whether every pair of a cohort, or everybody enrolled before, has such a contact."""
    pairs = list(cohort.pairs.living().values_list("mentor", "mentee"))
    alone = cohort.enrolments.enrolled().values_list("person", flat=True)
    groups = [set(two) for two in pairs] or [{person} for person in alone]
    managers, contacts = _all_managers(), _contacts(cohort.programme)
    return all(any(_is_outside(each, group, managers) for each in contacts) for group in groups)


def _contacts(programme: Programme) -> list[Person]:
    stewards = programme.stewards.filter(person__left_on=None).select_related("person")
    rows = list(stewards.order_by("pk"))
    contact = Steward.Kind.TRUSTED_CONTACT
    # who answers for the programme hears nothing of this, also where they are a contact as well
    others = {row.person_id for row in rows if row.kind != contact}
    return [row.person for row in rows if row.kind == contact and row.person_id not in others]


def _all_managers() -> dict[int, int]:
    managed = Person.objects.filter(manager__isnull=False).order_by()
    return dict(managed.values_list("pk", "manager_id"))


def _managers_above(people: set[int]) -> dict[int, int]:
    """Return the managers of a few people and of all above them, with a query for each level."""
    managers: dict[int, int] = {}
    while people:
        managed = Person.objects.filter(pk__in=people, manager__isnull=False).order_by()
        level = dict(managed.values_list("pk", "manager_id"))
        managers |= level
        people = set(level.values()) - managers.keys()
    return managers


def _is_outside(contact: Person, people: set[int], managers: Mapping[int, int]) -> bool:
    above = set(_line(contact.pk, managers))
    return not people & above and all(contact.pk not in _line(one, managers) for one in people)


def _line(person: int, managers: Mapping[int, int]) -> Iterator[int]:
    """Go from somebody upwards, themself first; a circle, which imports refuse, ends it."""
    seen: set[int] = set()
    at: int | None = person
    while at is not None and at not in seen:
        yield at
        seen.add(at)
        at = managers.get(at)
