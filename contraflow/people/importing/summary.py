"""What an import would do, in figures and with the first people of each kind."""

from typing import Any

from contraflow.people.importing.plan import Plan
from contraflow.people.importing.reading import Reading
from contraflow.people.importing.rows import Problem
from contraflow.people.importing.writing import Departments, Difference, differences
from contraflow.people.models import BadRow, Person

# people of each kind that a preview names
SHOWN = 20


def summary(plan: Plan, reading: Reading) -> tuple[dict[str, int], dict[str, list]]:
    """Return the counts of an import and the first people of each kind."""
    counts = {"new": 0, "changed": 0, "unchanged": 0, "left": 0}
    shown: dict[str, list] = {kind: [] for kind in ("new", "changed", "left", "missing")}
    brought = {entry.node: entry.name for entry in plan.entries if not entry.person_id}
    names = plan.known.names | brought
    for batch in differences(plan, reading, Departments(), lock=False):
        for each in batch:
            counts[each.kind] += 1
            if each.kind in shown and len(shown[each.kind]) < SHOWN:
                shown[each.kind].append(_shown(each, names))
    missing = plan.missing()
    counts["missing"] = len(missing)
    people = Person.objects.filter(pk__in=missing[:SHOWN]).order_by("name", "pk")
    shown["missing"] = list(people.values("name", "email"))
    counts["refused"] = len({problem.line for problem in all_problems(plan, reading)})
    counts["rows"] = len(plan.entries)
    return counts, shown


def all_problems(plan: Plan, reading: Reading) -> list[Problem]:
    """Return what is wrong, line by line."""
    return sorted(reading.problems + plan.problems, key=lambda problem: problem.line)


def bad_rows(plan: Plan, reading: Reading, import_id: int) -> list[BadRow]:
    """Return what is wrong as rows to keep, each line's cells with its first problem."""
    problems = all_problems(plan, reading)
    lines = {problem.line for problem in problems}
    cells_of = {
        entry.line: cells
        for entry, (_facts, cells) in zip(plan.entries, reading.spool, strict=True)
        if entry.line in lines
    }
    return [
        BadRow(
            people_import_id=import_id,
            line=problem.line,
            column=problem.column,
            value=problem.value,
            reason=problem.reason[:500],
            follows=problem.follows,
            cells=cells_of.pop(problem.line, []),
        )
        for problem in problems
    ]


def _shown(each: Difference, names: dict[int, str]) -> dict[str, Any]:
    facts = each.facts
    return {
        "line": each.entry.line,
        "name": each.entry.name,
        "email": each.entry.email,
        "job_title": facts.get("job_title", ""),
        "department": facts.get("department", ""),
        "changes": [
            [name, _as_text(name, old, names), _as_text(name, new, names)]
            for name, (old, new) in each.changes.items()
        ],
    }


def _as_text(name: str, fact: Any, names: dict[int, str]) -> str:
    if name == "manager":
        return names.get(fact, "")
    if isinstance(fact, list):
        return ", ".join(fact)
    return "" if fact is None else str(fact)
