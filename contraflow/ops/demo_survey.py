"""Read the public survey from which the demonstration takes its skills and wishes.

Only the columns named below are kept; the file ships without the survey's column of ages.
"""

import csv
import gzip
import io
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

# theme: (technologies worked with, technologies wanted next year or None where never asked)
THEMES: dict[str, tuple[str, str | None]] = {
    "Languages": ("LanguageWorkedWith", "LanguageDesireNextYear"),
    "Databases": ("DatabaseWorkedWith", "DatabaseDesireNextYear"),
    "Platforms": ("PlatformWorkedWith", "PlatformDesireNextYear"),
    "Web frameworks": ("WebFrameWorkedWith", "WebFrameDesireNextYear"),
    "Tools": ("DevEnviron", None),
}
# a write-in that the published data does not spell out
UNNAMED = "Other(s):"


@dataclass(frozen=True, kw_only=True)
class Technology:
    """Name a thing that somebody in the survey works with or wants to."""

    theme: str
    label: str

    @property
    def key(self) -> str:
        """Return a short name in plain letters, one for each technology."""
        plain = self.label.casefold().replace("#", "-sharp").replace("+", "-plus")
        words = "".join(letter if letter.isalnum() else " " for letter in plain).split()
        return f"own:{self.theme.casefold().replace(' ', '-')}/{'-'.join(words)}"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Hold what one respondent said, as far as the demonstration uses it."""

    respondent: int
    side: Literal["senior", "junior"]
    country: str
    developer_types: tuple[str, ...]
    part_time: bool
    years_of_coding: str
    works_with: tuple[Technology, ...]
    # wanted next year, whether already worked with or not
    wants: tuple[Technology, ...]

    @property
    def learning_needs(self) -> tuple[Technology, ...]:
        """Return what they want and do not work with yet."""
        return tuple(each for each in self.wants if each not in self.works_with)


@cache
def read_survey() -> tuple[Answer, ...]:
    """Return every answer, in the order of the file."""
    packed = resources.files("contraflow.ops").joinpath("demo_data/stackoverflow_2019.csv.gz")
    text = gzip.decompress(packed.read_bytes()).decode()
    return tuple(_answer(row) for row in csv.DictReader(io.StringIO(text, newline="")))


def technologies() -> tuple[Technology, ...]:
    """Return every technology of the survey once, by theme and label."""
    seen = {each for answer in read_survey() for each in answer.works_with + answer.wants}
    order = list(THEMES)
    return tuple(sorted(seen, key=lambda each: (order.index(each.theme), each.label.casefold())))


def _answer(row: dict[str, str]) -> Answer:
    return Answer(
        respondent=int(row["Respondent"]),
        side="senior" if row["side"] == "senior" else "junior",
        country=row["Country"],
        developer_types=_split(row["DevType"]),
        part_time=row["Employment"] == "Employed part-time",
        years_of_coding=row["YearsCode_band"],
        works_with=_technologies(row, {theme: known for theme, (known, _) in THEMES.items()}),
        wants=_technologies(row, {theme: want for theme, (_, want) in THEMES.items() if want}),
    )


def _technologies(row: dict[str, str], columns: dict[str, str]) -> tuple[Technology, ...]:
    return tuple(
        Technology(theme=theme, label=label)
        for theme, column in columns.items()
        for label in _split(row[column])
        if label != UNNAMED
    )


def _split(cell: str) -> tuple[str, ...]:
    return tuple(part for part in cell.split(";") if part)
