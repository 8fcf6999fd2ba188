"""Read one row of a file: every wrong cell is found at once, with what would be right."""

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Annotated, Any

from django.core.exceptions import ValidationError as EmailError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from contraflow.core.textfiles import Row
from contraflow.people.holidays import place_of
from contraflow.people.importing.columns import plain
from contraflow.people.models import time_zones

# the file says that somebody left, not when
SOME_DAY = "some day"
_ACTIVE_WORDS = """
    active a aktiv actif activo activa attivo ativo actief yes true 1 employed current leave
    onleave beurlaubt angestellt enposte
"""
_LEFT_WORDS = """
    left l inactive inaktiv inactif inactivo inattivo inativo inactief no false 0 terminated
    resigned retired leaver former ex ausgetreten ausgeschieden parti sorti baja desligado
    cessato vertrokken
"""
_ACTIVE, _LEFT = frozenset(_ACTIVE_WORDS.split()), frozenset(_LEFT_WORDS.split())
_DEFUSED = re.compile(r"'[=+\-@\t\r]")
_NUMBERS = re.compile(r"(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})\.?(?:[ T]0?0:00(?::00)?)?")


@dataclass(frozen=True)
class Problem:
    """One wrong cell: where it stands and what would be right."""

    line: int
    column: str
    value: str
    reason: str
    # wrong only because another row is; mending that one mends this
    follows: bool = False


@dataclass(frozen=True)
class ReadRow:
    """A row of the file: what it says of a person, or what is wrong with it."""

    line: int
    cells: list[str]
    facts: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)


def _short(most: int):
    def check(text: str) -> str:
        if len(text) > most:
            raise ValueError(_("At most %(most)s characters.") % {"most": most})
        return text

    return BeforeValidator(check)


NAME_NEEDED = gettext_lazy("Every person needs a name.")
EMAIL_NEEDED = gettext_lazy("Every person needs an e-mail address: it is how they sign in.")


def _name(text: str) -> str:
    if not text:
        raise ValueError(NAME_NEEDED)
    return text


def _email(text: str) -> str:
    address = text.removeprefix("mailto:").lower()
    if not address:
        raise ValueError(EMAIL_NEEDED)
    try:
        validate_email(address)
    except EmailError:
        raise ValueError(_("Write one address, like ama@example.org.")) from None
    return address


def _grade(text: str) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"\d{1,4}(\.0+)?", text):
        raise ValueError(_("Write a whole number from 0 to 9,999; higher is more senior."))
    return int(float(text))


def _department(text: str) -> str:
    names = [" ".join(name.split()) for name in re.split(r"[/>]", text)]
    path = "/".join(filter(None, names))
    if len(path) > 300 or any(len(name) > 120 for name in names):
        raise ValueError(_("At most 120 characters for a department, 300 for the whole path."))
    return path


def _time_zone(text: str) -> str | None:
    if text and text not in time_zones():
        raise ValueError(_("Write the name of a time zone, like Europe/Berlin or UTC."))
    return text or None


def _country(text: str) -> str:
    if text and not place_of(text):
        raise ValueError(_("Write a country or one of its regions, like DE, Germany or DE-BY."))
    return place_of(text)


def _several(text: str) -> list[str]:
    found = (" ".join(each.split()) for each in re.split(r"[;,|]", text))
    return list(dict.fromkeys(filter(None, found)))


def _status(text: str) -> str:
    word = plain(text).replace(" ", "")
    if word in _ACTIVE or not word:
        return word and "active"
    if word in _LEFT:
        return "left"
    raise ValueError(_("Write “active” or “left”."))


def read_date(text: str) -> dt.date | None:
    """Return the day a cell names; refuse one that could be read as two days."""
    if not text:
        return None
    days = _possible_days(text)
    if not days:
        raise ValueError(_("Write the day as 2026-01-31."))
    if len(days) > 1:
        raise ValueError(
            _("This could be %(one)s or %(other)s. Write it like that.")
            % {"one": days[0], "other": days[1]}
        )
    return days[0]


def _possible_days(text: str) -> list[dt.date]:
    parts = _NUMBERS.fullmatch(text)
    if not parts:
        return []
    first, second, third = map(int, parts.groups())
    if len(parts[1]) == 4:
        orders = [(first, second, third)]
    elif len(parts[3]) != 4:
        return []
    elif "/" in text:  # 01/02/2026 is the first of February, in the United States January 2nd
        orders = [(third, second, first), (third, first, second)]
    else:
        orders = [(third, second, first)]
    days = set()
    for order in orders:
        with suppress(ValueError):
            days.add(dt.date(*order))
    return sorted(days)


Date = Annotated[dt.date | None, BeforeValidator(read_date)]


class PersonRow(BaseModel):
    """What the cells of a row must be; a field is left out where the file has no such column."""

    model_config = ConfigDict(extra="forbid")

    external_id: Annotated[str, _short(100)] = ""
    name: Annotated[str, _short(150), BeforeValidator(_name)] = ""
    preferred_name: Annotated[str, _short(80)] = ""
    email: Annotated[str, _short(254), BeforeValidator(_email)] = ""
    job_title: Annotated[str, _short(150)] = ""
    grade: Annotated[int | None, BeforeValidator(_grade)] = None
    department: Annotated[str, BeforeValidator(_department)] = ""
    manager_email: Annotated[str, _short(254)] = ""
    manager_external_id: Annotated[str, _short(100)] = ""
    site: Annotated[str, _short(120)] = ""
    time_zone: Annotated[str | None, BeforeValidator(_time_zone)] = None
    country: Annotated[str, BeforeValidator(_country)] = ""
    languages: Annotated[list[str], BeforeValidator(_several)] = []
    panels: Annotated[list[str], BeforeValidator(_several)] = []
    joined_on: Date = None
    status: Annotated[str, BeforeValidator(_status)] = ""
    left_on: Date = None


def read_rows(rows: Iterator[Row], titles: list[str], mapping: dict[str, str]) -> Iterator[ReadRow]:
    """Yield each row below the header as facts, or with its problems."""
    places = {mapping[title]: place for place, title in enumerate(titles) if title in mapping}
    title_of = {read_as: title for title, read_as in mapping.items()}
    for row in rows:
        cells = [_cleaned(cell) for cell in row.cells]
        if any(cells[len(titles) :]):
            reason = _("The row has %(found)s cells, the header %(wanted)s columns. A cell with "
                       "the delimiter inside needs quotation marks.") % {
                "found": len(cells), "wanted": len(titles),
            }  # fmt: skip
            problem = Problem(row.line, "", "", reason)
            yield ReadRow(row.line, row.cells, {}, [problem])
            continue
        texts = {name: cells[place] if place < len(cells) else "" for name, place in places.items()}
        yield _read_row(row, _with_whole_name(texts), title_of)


def read_by_hand(texts: dict[str, str]) -> ReadRow:
    """Read one person from field -> text, as if from a file whose columns are called so."""
    tidy = {name: _cleaned(text) for name, text in texts.items()}
    return _read_row(Row(1, list(tidy.values())), tidy, {name: name for name in tidy})


def _read_row(row: Row, texts: dict[str, str], title_of: dict[str, str]) -> ReadRow:
    try:
        read = PersonRow.model_validate(texts)
    except ValidationError as error:
        problems = [
            Problem(
                row.line,
                _title_of(wrong["loc"][0], title_of),
                texts[wrong["loc"][0]][:300],
                str(wrong["ctx"]["error"]) if "ctx" in wrong else wrong["msg"],
            )
            for wrong in error.errors(include_url=False)
        ]
        # enough to know whom the row is about
        facts = {
            "email": texts.get("email", "").lower(),
            "external_id": texts.get("external_id", ""),
        }
        return ReadRow(row.line, row.cells, facts, problems)
    facts = _facts(read)
    if read.status == "active" and facts["left_on"]:
        reason = _("The status says active, the day of leaving is past. Mend one of them.")
        problem = Problem(row.line, title_of["status"], texts["status"], reason)
        return ReadRow(row.line, row.cells, facts, [problem])
    return ReadRow(row.line, row.cells, facts)


def _title_of(name: str, title_of: dict[str, str]) -> str:
    """Return the column a wrong cell stands in; a whole name may come from two."""
    parts = [name, "last_name", "first_name"] if name == "name" else [name]
    return next((title_of[part] for part in parts if part in title_of), "")


def _cleaned(cell: str) -> str:
    """Return a cell without needless spaces, and without the quote that an export put first."""
    text = " ".join(cell.split())
    return text[1:] if _DEFUSED.match(text) else text


def _with_whole_name(texts: dict[str, str]) -> dict[str, str]:
    parts = [texts.pop("first_name", ""), texts.pop("last_name", "")]
    whole = " ".join(filter(None, parts))
    return texts | {"name": texts.get("name") or whole}


def _facts(read: PersonRow) -> dict[str, Any]:
    """Return what is to be written; an empty cell empties, a missing column leaves alone."""
    facts = {name: getattr(read, name) for name in read.model_fields_set}
    if not facts.get("external_id"):
        facts.pop("external_id", None)
    if facts.get("time_zone") is None:
        facts.pop("time_zone", None)
    _name_manager(facts)
    facts["left_on"] = _left_on(facts.pop("status", ""), facts.get("left_on"))
    return facts


def _left_on(status: str, day: dt.date | None) -> dt.date | str | None:
    """Return when somebody left, or None: whoever is in the file is here unless it says not."""
    is_past = day is not None and day <= timezone.localdate()
    if status == "left":
        return day if is_past else SOME_DAY
    return day if is_past else None


def _name_manager(facts: dict[str, Any]) -> None:
    email = facts.pop("manager_email", None)
    external_id = facts.pop("manager_external_id", None)
    if external_id:
        facts["manager"] = ("external_id", external_id)
    elif email:
        facts["manager"] = ("email", email.removeprefix("mailto:").lower())
    elif email is not None or external_id is not None:
        facts["manager"] = None
