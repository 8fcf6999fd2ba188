"""Compare the rows of a file with each other and with the people there are.

Works on keys alone, a few hundred bytes a row, so that 100 000 people fit into a small machine.
A *node* names somebody: a person there is by their id, a person the file brings by -1, -2 ...
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from contraflow.core.figures import figure
from contraflow.people.importing.rows import Problem, ReadRow

# names of a circle that are written out; a longer one is told by its beginning
CIRCLE_SHOWN = 8
Reference = tuple[str, str]


@dataclass(slots=True)
class Entry:
    """The keys of one row: who it is about, whom they report to, whether it can be taken."""

    line: int
    name: str
    email: str
    external_id: str
    says_manager: bool
    manager: Reference | None
    leaves: bool
    is_good: bool
    person_id: int | None = None
    node: int = 0
    manager_node: int | None = None


def entry_of(row: ReadRow) -> Entry:
    """Return the keys of a row that was read, good or not."""
    facts = row.facts
    return Entry(
        line=row.line,
        name=facts.get("name", ""),
        email=facts.get("email", ""),
        external_id=facts.get("external_id", ""),
        says_manager="manager" in facts,
        manager=facts.get("manager"),
        leaves=bool(facts.get("left_on")),
        is_good=not row.problems,
    )


@dataclass
class Known:
    """The people there are, by their keys."""

    by_email: dict[str, int] = field(default_factory=dict)
    by_external_id: dict[str, int] = field(default_factory=dict)
    manager_of: dict[int, int | None] = field(default_factory=dict)
    active: set[int] = field(default_factory=set)
    names: dict[int, str] = field(default_factory=dict)
    # administrators and whoever imports: a file does not lock them out
    protected: set[int] = field(default_factory=set)
    # whose address whoever imports may not change: they would sign in as them
    guarded: set[int] = field(default_factory=set)


class Plan:
    """Who is new, who is known, whom each reports to, and which rows cannot be taken."""

    def __init__(self, entries: list[Entry], known: Known, columns: dict[str, str]):
        """Compare everything; `columns` names the column each field was read from."""
        self.entries = entries
        self.known = known
        self.problems: list[Problem] = []
        self._columns = columns
        self._by_email: dict[str, Entry] = {}
        self._by_external_id: dict[str, Entry] = {}
        self._reports: dict[int, list[Entry]] = defaultdict(list)
        self._refuse_doubles()
        self._recognise()
        self._refuse_to_lock_out()
        self._refuse_to_take_over()
        self._resolve_managers()
        self._refuse_until_it_fits()

    def missing(self) -> list[int]:
        """Return the people who are active but not in the file, without the protected ones."""
        found = {entry.person_id for entry in self.entries}
        return sorted(self.known.active - found - self.known.protected)

    # -- one row after the other --------------------------------------------------------------

    def _refuse_doubles(self) -> None:
        for entry in self.entries:
            for name, seen in (
                ("email", self._by_email), ("external_id", self._by_external_id)
            ):  # fmt: skip
                key = getattr(entry, name)
                first = seen.setdefault(key, entry) if key else entry
                if first is not entry:
                    reason = _("This stands in line %(line)s already. Each person needs their own.")
                    self._refuse(entry, name, key, reason % {"line": figure(first.line)})

    def _recognise(self) -> None:
        """Find the person each row is about: by external id, else by e-mail."""
        known, claimed = self.known, {}
        for entry in self.entries:
            if entry.person_id is None and entry.external_id in known.by_external_id:
                entry.person_id = known.by_external_id[entry.external_id]
            if entry.person_id is not None:
                claimed.setdefault(entry.person_id, entry)
        for entry in self.entries:
            if entry.person_id is None:
                owner = known.by_email.get(entry.email)
                first = claimed.get(owner)
                if owner is None or (first and first.email != entry.email):
                    continue  # somebody new, or somebody new with an address that gets free
                entry.person_id = owner
                if claimed.setdefault(owner, entry) is not entry and entry.is_good:
                    reason = _("This is the person of line %(line)s, by another key.")
                    self._refuse(entry, "email", entry.email, reason % {"line": figure(first.line)})
        for number, entry in enumerate(self.entries, start=1):
            entry.node = entry.person_id or -number

    def _refuse_to_lock_out(self) -> None:
        staying = self.known.protected & self.known.active
        for entry in self.entries:
            if entry.is_good and entry.leaves and entry.person_id in staying:
                reason = _("Administrators, and whoever imports, do not leave by a file. Take the "
                           "role away first.")  # fmt: skip
                self._refuse(entry, "status", _("left"), reason)

    def _refuse_to_take_over(self) -> None:
        for entry in self.entries:
            is_guarded = entry.is_good and entry.person_id in self.known.guarded
            if is_guarded and self.known.by_email.get(entry.email) != entry.person_id:
                reason = _("Only an administrator changes the address of who holds a role.")
                self._refuse(entry, "email", entry.email, reason)

    def _resolve_managers(self) -> None:
        for entry in self.entries:
            if not entry.says_manager or entry.manager is None:
                continue
            name, key = entry.manager
            in_file = self._by_email if name == "email" else self._by_external_id
            known = self.known.by_email if name == "email" else self.known.by_external_id
            boss = in_file.get(key)
            entry.manager_node = boss.node if boss else known.get(key)
            if entry.manager_node is None:
                reason = _("Nobody is known by this. Name somebody who is, or nobody.")
                self._refuse(entry, f"manager_{name}", key, reason)
            elif entry.manager_node == entry.node:
                reason = _("Nobody is their own manager. Leave it empty for whoever is at the top.")
                self._refuse(entry, f"manager_{name}", key, reason)
            else:
                self._reports[entry.manager_node].append(entry)

    # -- all rows together ---------------------------------------------------------------------

    def _refuse_until_it_fits(self) -> None:
        """Refuse what depends on refused rows, until the rest fits together."""
        before = -1
        while len(self.problems) != before:
            before = len(self.problems)
            self._refuse_addresses_of_others()
            self._refuse_reports_of_the_refused()
            self._refuse_circles()

    def _refuse_addresses_of_others(self) -> None:
        gets_free = {entry.person_id for entry in self.entries if entry.is_good and entry.person_id}
        for entry in self.entries:
            owner = self.known.by_email.get(entry.email)
            if not entry.is_good or owner is None or owner == entry.person_id:
                continue
            if owner not in gets_free:
                reason = _("This is the address of %(name)s, whose external id is another.")
                name = self.known.names.get(owner, "?")
                self._refuse(entry, "email", entry.email, reason % {"name": name})

    def _refuse_reports_of_the_refused(self) -> None:
        bad = [entry for entry in self.entries if not entry.is_good and not entry.person_id]
        while bad:
            boss = bad.pop()
            for entry in self._reports[boss.node]:
                if entry.is_good:
                    name, key = entry.manager
                    reason = _("The manager's own row, line %(line)s, cannot be taken. Mend it.")
                    told = reason % {"line": figure(boss.line)}
                    self._refuse(entry, f"manager_{name}", key, told, follows=True)
                    if not entry.person_id:
                        bad.append(entry)

    def _refuse_circles(self) -> None:
        good = {entry.node: entry for entry in self.entries if entry.is_good}
        manager_of = dict(self.known.manager_of)
        for node, entry in good.items():
            if entry.says_manager or not entry.person_id:
                manager_of[node] = entry.manager_node
        for circle in find_circles(manager_of):
            told = self._in_words(circle, good)
            for entry in filter(None, map(good.get, circle)):
                if entry.says_manager and entry.manager:
                    name, key = entry.manager
                    self._refuse(entry, f"manager_{name}", key, told)

    def _in_words(self, circle: list[int], good: dict[int, Entry]) -> str:
        """Name a circle, beginning with the first of the file who is in it."""
        lines = {node: good[node].line for node in circle if node in good}
        start = circle.index(min(lines, key=lines.__getitem__)) if lines else 0
        circle = circle[start:] + circle[:start]
        names = [
            good[node].name if node in good else self.known.names.get(node, "?")
            for node in circle[:CIRCLE_SHOWN]
        ]
        if len(circle) > CIRCLE_SHOWN:
            names.append(_("%(count)s more") % {"count": figure(len(circle) - CIRCLE_SHOWN)})
        names.append(names[0])
        return _("These report to each other in a circle: %(names)s. Correct one of them.") % {
            "names": " → ".join(names)
        }

    def _refuse(
        self, entry: Entry, name: str, value: Any, reason: str, *, follows: bool = False
    ) -> None:
        entry.is_good = False
        column = self._columns.get(name, "")
        self.problems.append(Problem(entry.line, column, str(value)[:300], reason, follows))


def find_circles(manager_of: dict[int, int | None]) -> Iterable[list[int]]:
    """Yield each circle of people who report to one another, once."""
    seen_in: dict[int, int] = {}
    for walk, start in enumerate(manager_of):
        path, node = [], start
        while node is not None and node not in seen_in:
            seen_in[node] = walk
            path.append(node)
            node = manager_of.get(node)
        if node is not None and seen_in[node] == walk:
            yield path[path.index(node) :]
