"""One person entered by hand: read, compared and written as a row of a file is."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from contraflow.people.importing.plan import Plan, entry_of
from contraflow.people.importing.reading import Reading
from contraflow.people.importing.rows import Problem, ReadRow, read_by_hand
from contraflow.people.importing.writing import (
    Departments,
    Difference,
    Writer,
    differences,
    known_people,
)
from contraflow.people.models import Person
from contraflow.people.queries import reporting_line

# what is asked for; whether somebody left is said by a button, not typed
FIELDS = (
    "name", "preferred_name", "email", "external_id", "job_title", "grade", "department",
    "manager_email", "site", "time_zone", "languages", "panels", "joined_on",
)  # fmt: skip


@dataclass
class ByHand:
    """What was entered, with what is wrong with it by field."""

    plan: Plan
    reading: Reading
    problems: list[Problem]

    def difference(self) -> Difference:
        """Return what would change."""
        return next(differences(self.plan, self.reading, Departments(), lock=False))[0]

    def write(self) -> Person:
        """Write it; the caller holds the transaction and has looked at the problems."""
        Writer(self.plan, self.reading).write(missing_left=False)
        return Person.objects.get(email=self.plan.entries[0].email)


def texts_of(person: Person) -> dict[str, str]:
    """Return the facts of a person as they would stand in a file."""
    facts: dict[str, Any] = {name: getattr(person, name) for name in FIELDS if name not in _NAMED}
    facts["department"] = person.department.path if person.department else ""
    facts["manager_email"] = person.manager.email if person.manager else ""
    for several in ("languages", "panels"):
        facts[several] = ", ".join(facts[several])
    return {name: "" if fact is None else str(fact) for name, fact in facts.items()}


_NAMED = {"department", "manager_email"}


def enter(texts: dict[str, str], *, by: Person, person: Person | None = None) -> ByHand:
    """Read what was entered about `person`, or about somebody new."""
    # without a word on it whoever left would be back
    status = {"status": "left"} if person and not person.is_active else {}
    row = read_by_hand({**texts, **status})
    entry = entry_of(row)
    entry.person_id = person.pk if person else None
    taken = _taken(row, person)
    entry.is_good = entry.is_good and not taken
    names = {name: name for name in texts}
    plan = Plan([entry], known_people(by, _concerned(row, person)), names)
    reading = Reading(list(texts), names, [(row.facts, row.cells)], [entry], row.problems)
    return ByHand(plan, reading, [*row.problems, *taken, *plan.problems])


def _taken(row: ReadRow, person: Person | None) -> list[Problem]:
    """Say which keys are those of somebody else."""
    words = {
        "email": _("%(name)s has this address already."),
        "external_id": _("%(name)s has this external id already."),
    }
    others = Person.objects.exclude(pk=person.pk if person else None)
    problems = []
    for name, reason in words.items():
        key = row.facts.get(name, "")
        if key and (other := others.filter(**{name: key}).first()):
            problems.append(Problem(row.line, name, key, reason % {"name": other.name}))
    return problems


def _concerned(row: ReadRow, person: Person | None) -> Any:
    """Return the people whom one row can be about or report to, up to the top."""
    about = Q(email=row.facts.get("email", "")) | Q(pk=person.pk if person else None)
    if named := row.facts.get("manager"):
        key, value = named
        if manager := Person.objects.filter(**{key: value}).first():
            above = [boss["id"] for boss in reporting_line(manager)]
            about |= Q(pk__in=[manager.pk, *above])
    return Person.objects.filter(about)
