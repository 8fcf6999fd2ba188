"""What a plan changes, person by person, and the writing of it inside one transaction."""

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import connection
from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from contraflow.people.importing.plan import Entry, Known, Plan
from contraflow.people.importing.reading import Reading
from contraflow.people.importing.rows import SOME_DAY
from contraflow.people.models import Department, Person, Role

# people held in memory at once
BATCH = 1_000
# what is copied to a person as it stands in the row
_PLAIN = (
    "name", "preferred_name", "email", "job_title", "grade", "site", "time_zone", "country",
    "languages", "panels", "joined_on", "external_id",
)  # fmt: skip


@dataclass
class Difference:
    """What a row changes: a person to be made, or old and new value of fields of one there is."""

    entry: Entry
    facts: dict[str, Any]
    person: Person | None
    changes: dict[str, tuple[Any, Any]]

    @property
    def kind(self) -> str:
        """Return "new", "left", "changed" or "unchanged"."""
        if self.person is None:
            return "new"
        if not self.changes:
            return "unchanged"
        old, new = self.changes.get("left_on", (None, None))
        return "left" if new and not old else "changed"


def known_people(by: Person | None, people: QuerySet[Person] | None = None) -> Known:
    """Return the keys of all people there are, or of those given."""
    known = Known()
    rows = (
        (Person.objects if people is None else people)
        .values_list("pk", "email", "external_id", "manager_id", "left_on", "name")
        .iterator(chunk_size=5_000)
    )
    for pk, email, external_id, manager_id, left_on, name in rows:
        known.by_email[email] = pk
        if external_id:
            known.by_external_id[external_id] = pk
        known.manager_of[pk] = manager_id
        known.names[pk] = name
        if left_on is None:
            known.active.add(pk)
    administrators = Role.objects.filter(kind=Role.Kind.ADMINISTRATOR)
    known.protected = set(administrators.values_list("person_id", flat=True))
    if by:
        known.protected.add(by.pk)
        if by.pk not in administrators.values_list("person_id", flat=True):
            known.guarded = set(Role.objects.values_list("person_id", flat=True)) - {by.pk}
    return known


class Departments:
    """The tree of departments by path; makes what is missing."""

    def __init__(self):
        """Load the tree, which is small beside the people."""
        self.ids = dict(Department.objects.values_list("path", "pk"))
        self.paths = {pk: path for path, pk in self.ids.items()}

    def make(self, paths: Iterable[str]) -> None:
        """Make the departments of these paths and those above them, the highest first."""
        wanted: set[str] = set()
        for path in filter(None, paths):
            names = path.split("/")
            wanted.update("/".join(names[:depth]) for depth in range(1, len(names) + 1))
        missing = sorted(wanted - set(self.ids), key=lambda path: path.count("/"))
        for path in missing:
            above, _slash, name = path.rpartition("/")
            made = Department.objects.create(path=path, name=name, parent_id=self.ids.get(above))
            self.ids[path], self.paths[made.pk] = made.pk, path


def differences(
    plan: Plan, reading: Reading, departments: Departments, *, lock: bool
) -> Iterator[list[Difference]]:
    """Yield what each row that can be taken changes, some people at a time."""
    rows = zip(plan.entries, reading.spool, strict=True)
    good = ((entry, facts) for entry, (facts, _cells) in rows if entry.is_good)
    while batch := list(islice(good, BATCH)):
        people = Person.objects.select_for_update() if lock else Person.objects
        there = people.in_bulk([entry.person_id for entry, _facts in batch if entry.person_id])
        yield [_difference(entry, facts, there, departments) for entry, facts in batch]


def _difference(
    entry: Entry, facts: dict[str, Any], there: dict[int, Person], departments: Departments
) -> Difference:
    person = there.get(entry.person_id)
    if person is None:
        return Difference(entry, facts, None, {})
    changes = {
        name: (getattr(person, name), facts[name])
        for name in _PLAIN
        if name in facts and name not in person.chosen and getattr(person, name) != facts[name]
    }
    if "department" in facts:
        path = departments.paths.get(person.department_id, "")
        if path != facts["department"]:
            changes["department"] = (path, facts["department"])
    if entry.says_manager and person.manager_id != entry.manager_node:
        changes["manager"] = (person.manager_id, entry.manager_node)
    left_on = _day_of_leaving(facts, person)
    if person.left_on != left_on:
        changes["left_on"] = (person.left_on, left_on)
    return Difference(entry, facts, person, changes)


def _day_of_leaving(facts: dict[str, Any], person: Person | None) -> Any:
    if facts["left_on"] != SOME_DAY:
        return facts["left_on"]
    return (person and person.left_on) or timezone.localdate()


class Writer:
    """Writes a plan; the caller holds the transaction."""

    def __init__(self, plan: Plan, reading: Reading):
        """Prepare to write `plan`, whose rows are in `reading`."""
        self.plan = plan
        self.reading = reading
        self.counts = {"new": 0, "changed": 0, "unchanged": 0, "left": 0}
        self.left_ids: list[int] = []
        self._departments = Departments()
        self._id_of: dict[int, int] = {}
        self._managers: list[tuple[int, int | None]] = []

    def write(self, *, missing_left: bool) -> None:
        """Write new and changed people, then whom they report to, then who left."""
        self._free_addresses_taken_over()
        for batch in differences(self.plan, self.reading, self._departments, lock=True):
            self._departments.make(each.facts.get("department", "") for each in batch)
            self._create([each for each in batch if each.kind == "new"])
            self._change([each for each in batch if each.changes])
            for each in batch:
                self.counts[each.kind] += 1
        self._write_managers()
        if missing_left:
            self._let_leave(self.plan.missing())

    def _free_addresses_taken_over(self) -> None:
        """Let go of addresses that change hands, which would stand twice for a moment."""
        by_email = self.plan.known.by_email
        pairs = [(by_email.get(e.email), e.person_id) for e in self.plan.entries if e.is_good]
        owners = [owner for owner, person_id in pairs if owner is not None and owner != person_id]
        parked = Concat(Value("moving-"), Cast(F("pk"), CharField()), Value("@invalid.invalid"))
        for chunk in _chunks(owners):
            Person.objects.filter(pk__in=chunk).update(email=parked)

    def _create(self, new: list[Difference]) -> None:
        people = Person.objects.bulk_create([self._new_person(each) for each in new])
        for each, person in zip(new, people, strict=True):
            self._id_of[each.entry.node] = person.pk
            if each.entry.manager_node is not None:
                self._managers.append((person.pk, each.entry.manager_node))

    def _new_person(self, new: Difference) -> Person:
        facts = {name: new.facts[name] for name in _PLAIN if name in new.facts}
        return Person(
            **facts,
            # as make_password(None) does, which takes a second for 10 000 people
            password=UNUSABLE_PASSWORD_PREFIX + secrets.token_urlsafe(30),
            department_id=self._departments.ids.get(new.facts.get("department", "")),
            left_on=_day_of_leaving(new.facts, None) if new.facts["left_on"] else None,
        )

    def _change(self, changed: list[Difference]) -> None:
        fields: set[str] = set()
        people = []
        for each in changed:
            changes = {name: new for name, (_old, new) in each.changes.items()}
            if "manager" in changes:
                self._managers.append((each.person.pk, changes.pop("manager")))
            if "department" in changes:
                changes["department_id"] = self._departments.ids.get(changes.pop("department"))
            for name, fact in changes.items():
                setattr(each.person, name, fact)
            if changes:
                people.append(each.person)
                fields.update(name.removesuffix("_id") if name == "department_id" else name
                              for name in changes)  # fmt: skip
            if each.kind == "left":
                self.left_ids.append(each.person.pk)
        if people:
            # far quicker than bulk_update, whose CASE has a branch for each person and field
            Person.objects.bulk_create(
                people,
                update_conflicts=True,
                unique_fields=["id"],
                update_fields=sorted(fields | {"search_key"}),
            )

    def _write_managers(self) -> None:
        rows = [(self._id_of.get(node, node) if node else None, pk) for pk, node in self._managers]
        with connection.cursor() as cursor:
            for chunk in _chunks(rows, 5_000):
                cursor.executemany("UPDATE people_person SET manager_id = %s WHERE id = %s", chunk)

    def _let_leave(self, ids: list[int]) -> None:
        for chunk in _chunks(ids):
            Person.objects.filter(pk__in=chunk).update(left_on=timezone.localdate())
        self.counts["left"] += len(ids)
        self.left_ids += ids


def _chunks(rows: list[Any], size: int = 500) -> Iterator[list[Any]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
