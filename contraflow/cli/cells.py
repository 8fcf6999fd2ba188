"""One cell of a spreadsheet at a time: from what people type to what pairing needs."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# What a topic without a level counts as, of 4: "can work with it", "wants to".
USUAL_LEVEL = 2
# a topic may hold a comma, but no level does
_SEVERAL = re.compile(r":\s*\d+\s*,")
_TIMES = re.compile(r"([a-z]+)\s+(\d{1,2})(?::00)?\s*-\s*(\d{1,2})(?::00)?")


class CellError(ValueError):
    """The text of a cell cannot be understood; the message says what would be right."""


class Spellings:
    """Hold one spelling for each word: "AI", "ai" and "Ai " are the same, spelt as first met."""

    def __init__(self) -> None:
        """Know no word yet."""
        self._first: dict[str, str] = {}

    def word(self, text: str) -> str:
        """Return the first spelling met of a word."""
        text = " ".join(text.split())
        return self._first.setdefault(text.casefold(), text)

    def words(self, text: str) -> frozenset[str]:
        """Return the words of a cell such as `en; de`."""
        return frozenset(self.word(part) for part in parts(text))

    def topics(self, text: str) -> dict[str, int]:
        """Return topics with their levels from a cell such as `python:3; ai:2`."""
        topics: dict[str, int] = {}
        for part in parts(text):
            if _SEVERAL.search(part):
                raise CellError(f'"{part}" is more than one topic. Split with ";".')
            name, colon, level = part.rpartition(":")
            topic = self.word(name if colon else part)
            if not topic or (colon and level.strip() not in {"0", "1", "2", "3", "4"}):
                raise CellError(f'"{part}" is no topic with a level from 0 to 4, like python:3.')
            if topic in topics:
                raise CellError(f'Topic "{topic}" occurs twice. Keep one.')
            topics[topic] = int(level) if colon else USUAL_LEVEL
        return topics

    def path(self, text: str) -> tuple[str, ...]:
        """Return a department's path from the root from a cell such as `Sales/North`."""
        return tuple(self.word(part) for part in text.split("/") if part.strip())


def parts(text: str) -> list[str]:
    """Return the parts of a cell between semicolons."""
    return [part.strip() for part in text.split(";") if part.strip()]


def same_id(text: str) -> str:
    """Return an e-mail address or id in the form in which two are compared."""
    return text.strip().casefold()


def ids(text: str) -> tuple[str, ...]:
    """Return the people named in a cell such as `ama@example.org; ben@example.org`."""
    found = tuple(same_id(part) for part in parts(text))
    if len(set(found)) < len(found):
        raise CellError("Somebody is named twice. Keep one.")
    return found


def wishes(text: str) -> tuple[str, ...]:
    """Return up to three wished partners, the most wished first."""
    found = ids(text)
    if len(found) > 3:
        raise CellError("There are more than three wishes. Keep the first three.")
    return found


def whole(text: str) -> int:
    """Return a whole number."""
    try:
        return int(text)
    except ValueError:
        raise CellError(f'"{text}" is no whole number, like 3.') from None


def places(text: str) -> int:
    """Return how many pairs somebody takes part in at most."""
    number = whole(text)
    if not 0 <= number <= 100:
        raise CellError(f"{number} pairs for one person is not from 0 to 100.")
    return number


def trait(text: str) -> float:
    """Return a scale mean from 1 to 5."""
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = 0.0
    if not 1 <= value <= 5:
        raise CellError(f'"{text}" is no scale mean from 1 to 5, like 3.5.')
    return value


def zone(text: str) -> ZoneInfo:
    """Return a time zone by its name."""
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise CellError(f'"{text}" is no time zone, like Europe/Vienna or UTC.') from None


def hours(text: str, zone: ZoneInfo, week_of: date) -> frozenset[int]:
    """Return the weekly hours in UTC, 0 being Monday 00:00, of a cell such as `mon 9-12`.

    Clocks change over the year, so hours are those of the week that `week_of` lies in. In a
    time zone half an hour off, an hour counts as the UTC hour that it starts in.
    """
    monday = week_of - timedelta(days=week_of.weekday())
    found = set()
    for part in parts(text):
        match = _TIMES.fullmatch(part.lower().replace("\N{EN DASH}", "-"))
        day = match and match[1][:3]
        if match is None or day not in DAYS or not int(match[2]) < int(match[3]) <= 24:
            raise CellError(f'"{part}" is no day with hours, like mon 9-12. Split with ";".')
        for hour in range(int(match[2]), int(match[3])):
            on = monday + timedelta(days=DAYS.index(day))
            at = datetime(on.year, on.month, on.day, hour, tzinfo=zone).astimezone(UTC)
            found.add(at.weekday() * 24 + at.hour)
    return frozenset(found)
