"""What pages about people show, in a number of queries that does not grow with the people."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Count, Min, QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from contraflow.core.letters import MailKind
from contraflow.core.models import Bounce, MailText
from contraflow.core.textfiles import write_table
from contraflow.people.models import PeopleImport, Person, Role

PEOPLE_PER_PAGE = 50
# Nobody turns two hundred pages; counting more costs time on every page. Searching finds the rest.
PEOPLE_COUNTED = 10_000
# deeper than any organisation; ends the walk should the data ever hold a circle
LINE_DEPTH = 30
LIST_FIELDS = ("code", "name", "job_title", "email", "grade", "left_on", "department__path")
EXPORT_FIELDS = {
    "external_id": "external_id",
    "name": "name",
    "preferred_name": "preferred_name",
    "email": "email",
    "job_title": "job_title",
    "grade": "grade",
    "department": "department__path",
    "manager_email": "manager__email",
    "site": "site",
    "time_zone": "time_zone",
    "languages": "languages",
    "panels": "panels",
    "joined_on": "joined_on",
    "left_on": "left_on",
}


class CappedPaginator(Paginator):
    """A paginator that counts no further than PEOPLE_COUNTED rows."""

    @cached_property
    def count(self) -> int:
        """Return how many rows can be paged through."""
        return self.object_list.order_by()[:PEOPLE_COUNTED].count()


def people_page(people, number: str | None) -> Any:
    """Return one page of the list of people, as plain rows."""
    rows = people.order_by("name", "pk").values(*LIST_FIELDS)
    return CappedPaginator(rows, PEOPLE_PER_PAGE).get_page(number)


def export_rows(people) -> Iterator[list[Any]]:
    """Yield the people as rows of a table, fetched a few thousand at a time."""
    values = people.order_by("name", "pk").values_list(*EXPORT_FIELDS.values())
    for row in values.iterator(chunk_size=2000):
        yield ["; ".join(cell) if isinstance(cell, list) else cell for cell in row]


def reporting_line(person: Person) -> list[dict[str, Any]]:
    """Return whom somebody reports to, the nearest first, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE line (id, manager_id, depth) AS (
                SELECT id, manager_id, 0 FROM people_person WHERE id = %s
                UNION ALL
                SELECT above.id, above.manager_id, line.depth + 1
                FROM people_person above JOIN line ON above.id = line.manager_id
                WHERE line.depth < %s
            )
            SELECT above.id, above.code, above.name, above.job_title
            FROM line JOIN people_person above ON above.id = line.id
            WHERE line.depth > 0 ORDER BY line.depth
            """,
            [person.pk, LINE_DEPTH],
        )
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    # a circle, which imports refuse, would name everybody again
    return list({row["id"]: row for row in rows}.values())


def role_holders(roles) -> dict[str, list[Role]]:
    """Return the roles by kind, every kind there whether or not somebody has it."""
    found: dict[str, list[Role]] = {kind: [] for kind in Role.Kind.values}
    for role in roles.select_related("person").order_by("person__name", "person__pk"):
        found[role.kind].append(role)
    return found


def faults(people_import: PeopleImport, most: int) -> list[dict[str, Any]]:
    """Return what is wrong with an import, like faults together, causes before consequences."""
    same = people_import.bad_rows.order_by().values("follows", "column", "value", "reason")
    counted = same.annotate(line=Min("line"), count=Count("pk"))
    return list(counted.order_by("follows", "line", "column")[:most])


def bad_rows_table(people_import: PeopleImport) -> str:
    """Return the rows an import did not take as CSV: as they stood, with what would be right."""
    reasons: dict[int, list[str]] = {}
    cells: dict[int, list[str]] = {}
    for row in people_import.bad_rows.all().iterator():
        where = f"{row.column}: " if row.column else ""
        reasons.setdefault(row.line, []).append(f"{where}{row.reason}")
        cells[row.line] = cells.get(row.line) or row.cells
    width = len(people_import.columns)
    table: list[list[Any]] = [[*people_import.columns, _("What is wrong"), _("Line")]]
    for line, told in reasons.items():
        padded = (cells[line] + [""] * width)[:width]
        table.append([*padded, " ".join(told), line])
    return write_table(table)


def texts_in_use(written: QuerySet[MailText], kinds: list[MailKind]) -> list[dict]:
    """Return every kind of mail with the text of its own it has, if it has one."""
    newest: dict[str, MailText] = {}
    for row in written.filter(language=settings.LANGUAGE_CODE).order_by("number"):
        newest[row.kind] = row
    return [
        {
            "kind": kind,
            "own": newest[kind.id] if kind.id in newest and newest[kind.id].text else None,
        }
        for kind in kinds
    ]


def history_of_text(written: QuerySet[MailText]) -> list[dict]:
    """Return what was ever written for a kind of mail, newest first, with who wrote it."""
    rows = list(written[:50])
    names = dict(
        Person.objects.filter(pk__in={row.by_id for row in rows}).values_list("pk", "name")
    )
    return [{"text": row, "by": names.get(row.by_id, "")} for row in rows]


def come_back(reader: Person, people: Iterable[dict]) -> set[str]:
    """Return the addresses among those of a page that mail comes back from."""
    addresses = [person["email"] for person in people]
    open_ones = Bounce.objects.visible_to(reader).open()
    return set(open_ones.filter(address__in=addresses).values_list("address", flat=True))
