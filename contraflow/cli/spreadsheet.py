"""People from two spreadsheets saved as CSV: every fault is named with its place and cure."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from contraflow.cli import cells
from contraflow.core.textfiles import Row, TextFileError, read_table
from contraflow.matching import TRAITS, Participant

_SAME_COLUMN = {
    "e_mail": "email",
    "email_address": "email",
    "mail": "email",
    "timezone": "time_zone",
    "language": "languages",
    "topic": "topics",
    "interest": "interests",
    "location": "site",
    "veto": "vetoes",
    "wish": "wishes",
}


@dataclass(frozen=True)
class Fault:
    """Say what is wrong in one place of one file, and what would be right."""

    file: str
    line: int | None
    column: str | None
    what: str

    def __str__(self) -> str:
        """Word the fault for whoever has the file open."""
        line = f", line {self.line}" if self.line else ""
        column = f", column {self.column}" if self.column else ""
        return f"{self.file}{line}{column}: {self.what}"


@dataclass(frozen=True)
class Sheet:
    """Hold the people of one file, how they are called, and where they stand."""

    file: str
    columns: frozenset[str]
    unused: tuple[str, ...]
    people: tuple[Participant, ...]
    names: dict[str, str]
    lines: dict[str, int]


class Reader:
    """Read leaders and mentors with one spelling of every word, and collect the faults."""

    def __init__(self, *, week_of: date) -> None:
        """Start without people and without faults."""
        self.faults: list[Fault] = []
        self._week_of = week_of
        spell = cells.Spellings()
        # column -> (field of a Participant, how to read it)
        self._columns: dict[str, tuple[str, Callable[[str], Any]]] = {
            "topics": ("topics", spell.topics),
            "closed_topics": ("closed_topics", spell.words),
            "interests": ("interests", spell.words),
            "languages": ("languages", spell.words),
            "site": ("site", spell.word),
            "department": ("department", spell.path),
            "team": ("team", spell.word),
            "grade": ("grade", cells.whole),
            "manager": ("managers", cells.ids),
            "panels": ("panels", spell.words),
            "assessed_by": ("assessed_by", spell.words),
            "wishes": ("wishes", cells.wishes),
            "vetoes": ("vetoes", lambda text: frozenset(cells.ids(text))),
            "capacity": ("capacity", cells.places),
        }

    def read(self, path: Path) -> Sheet | None:
        """Return the people of a file; None if it is no table of people at all."""
        try:
            with path.open("rb") as stream:
                rows = read_table(stream)
                columns = self._header(path.name, next(rows))
                return self._people(path.name, columns, rows) if columns else None
        except TextFileError as error:
            self.faults.append(Fault(path.name, None, None, str(error)))
        except OSError as error:
            what = f"{error.strerror}. Check the name of the file."
            self.faults.append(Fault(str(path), None, None, what))
        return None

    def _header(self, file: str, header: Row) -> list[str]:
        found = [re.sub(r"[\s-]+", "_", cell.strip().lower()) for cell in header.cells]
        columns = [_SAME_COLUMN.get(name, name) for name in found]
        twice = sorted({name for name in columns if name and columns.count(name) > 1})
        for name in twice:
            what = "This column occurs twice. Keep one."
            self.faults.append(Fault(file, header.line, name, what))
        if "email" not in columns and "id" not in columns:
            what = "The first line names no column email or id."
            self.faults.append(Fault(file, header.line, None, what))
            return []
        return [] if twice else columns

    def _people(self, file: str, columns: list[str], rows: Iterator[Row]) -> Sheet:
        people: list[Participant] = []
        names: dict[str, str] = {}
        lines: dict[str, int] = {}
        for row in rows:
            texts = {name: text.strip() for name, text in zip(columns, row.cells, strict=False)}
            if any(text.strip() for text in row.cells[len(columns) :]):
                what = "More cells than columns. Put cells that hold a delimiter in quotes."
                self.faults.append(Fault(file, row.line, None, what))
                continue
            person = self._person(texts, Place(file, row.line))
            if person.id in lines:
                what = f'"{person.id}" is on line {lines[person.id]} already. Keep one.'
                self.faults.append(Fault(file, row.line, None, what))
            elif person.id:
                people.append(person)
                lines[person.id] = row.line
                names[person.id] = texts.get("name") or texts.get("id") or texts["email"]
        if not people and not self.faults:
            what = "The file names its columns but nobody below them. Add a line for each person."
            self.faults.append(Fault(file, None, None, what))
        known = {"id", "email", "name", "time_zone", "hours", *self._columns, *TRAITS}
        return Sheet(
            file,
            frozenset(columns) & known,
            tuple(name for name in columns if name and name not in known),
            tuple(people),
            names,
            lines,
        )

    def _person(self, texts: dict[str, str], place: "Place") -> Participant:
        """Return a person; a cell at fault is left out of it and noted."""
        fields: dict[str, Any] = {"id": cells.same_id(texts.get("id") or texts.get("email", ""))}

        def read(column: str, parse: Callable[[str], Any]) -> Any:
            try:
                return parse(texts[column]) if texts.get(column) else None
            except cells.CellError as error:
                self.faults.append(Fault(place.file, place.line, column, str(error)))
                return None

        if not fields["id"]:
            what = "Nobody is named here. Fill in the e-mail address or the id."
            self.faults.append(Fault(place.file, place.line, None, what))
        for column, (name, parse) in self._columns.items():
            value = read(column, parse)
            if value is not None:
                fields[name] = value
        zone = read("time_zone", cells.zone) or cells.zone("UTC")
        hours = read("hours", lambda text: cells.hours(text, zone, self._week_of))
        traits = {trait: read(trait, cells.trait) for trait in TRAITS}
        answered = {trait: value for trait, value in traits.items() if value is not None}
        return Participant(**fields, hours=hours or frozenset(), personality=answered or None)


@dataclass(frozen=True)
class Place:
    """Name a line of a file."""

    file: str
    line: int


def connect(sheets: tuple[Sheet, Sheet]) -> tuple[tuple[Sheet, Sheet], list[Fault]]:
    """Follow managers through both files, and check that wishes and vetoes name somebody.

    Without a column `team`, people with the same direct manager are one team.
    """
    managers = {person.id: person.managers for sheet in sheets for person in sheet.people}
    known = set(managers)
    faults: list[Fault] = []
    connected = []
    for sheet in sheets:
        people = []
        for person in sheet.people:
            line, chain = sheet.lines[str(person.id)], _chain(person.id, managers)
            if chain is None:
                what = "This person is their own manager, directly or through others."
                faults.append(Fault(sheet.file, line, "manager", what))
                chain = ()
            faults += [
                Fault(sheet.file, line, column, f'"{name}" is in neither file. Correct it.')
                for column, ids in (("wishes", person.wishes), ("vetoes", sorted(person.vetoes)))
                for name in ids
                if name not in known
            ]
            team = person.team
            if team is None and "team" not in sheet.columns and chain:
                team = f"manager {chain[0]}"
            people.append(replace(person, managers=chain, team=team))
        connected.append(replace(sheet, people=tuple(people)))
    return (connected[0], connected[1]), faults


def _chain(person: Any, managers: dict[Any, tuple[Any, ...]]) -> tuple[Any, ...] | None:
    """Return the managers of a person upwards, None if they go round in a circle."""
    chain = list(managers[person])
    while chain and chain[-1] in managers and managers[chain[-1]]:
        for manager in managers[chain[-1]]:
            chain.append(manager)
            if len(set(chain)) < len(chain):
                return None
    return None if person in chain or len(set(chain)) < len(chain) else tuple(chain)
