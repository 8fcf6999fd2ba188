"""The enrolled people of a cohort, read in a few queries and turned into what the engine knows.

This is one of the two modules that read private profiles of others; nothing of them leaves it
but `Participant`s, which the engine takes and no page ever sees.
"""

import datetime as dt
import zoneinfo
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from contraflow.core.sealing import open_together, secret_of
from contraflow.matching import Participant, cover
from contraflow.people.models import Person
from contraflow.programmes.models import (
    Cohort,
    Enrolment,
    PrivateProfile,
    ProfileTopic,
    Side,
)
from contraflow.programmes.personality import traits_of

HOURS_IN_WEEK = 168


class Known(NamedTuple):
    """A topic of somebody: its words, the level, and how freely it may be spoken about."""

    label: str
    theme: str
    level: int
    consent: str

    @property
    def is_open(self) -> bool:
        """Tell whether it may stand on the common ground card."""
        return self.consent == ProfileTopic.Consent.OPEN

    @property
    def is_closed(self) -> bool:
        """Tell whether it is not spoken about at all."""
        return self.consent == ProfileTopic.Consent.CLOSED


@dataclass(frozen=True, kw_only=True)
class Profiles:
    """Hold everybody who can be paired, and the labels behind what the engine compares.

    The engine knows people by the id of their person, so that managers and those who stand on
    both sides are recognised.
    """

    mentors: list[Participant] = field(default_factory=list)
    mentees: list[Participant] = field(default_factory=list)
    # person id -> enrolment id
    enrolments: dict[int, int] = field(default_factory=dict)
    # person id -> key -> what it is
    topics: dict[int, dict[str, Known]] = field(default_factory=dict)
    interests: dict[int, dict[str, str]] = field(default_factory=dict)
    languages: dict[int, dict[str, str]] = field(default_factory=dict)
    hours: dict[int, frozenset[int]] = field(default_factory=dict)

    def common_ground(self, mentor: int, mentee: int) -> dict:
        """Return what two people share, best first: open topics, interests, languages, hours."""
        knows, wants = self.topics.get(mentor, {}), self.topics.get(mentee, {})
        shared = [key for key in wants if key in knows and knows[key].is_open]
        shared = [key for key in shared if min(knows[key].level, wants[key].level) > 0]
        shared.sort(key=lambda key: (-min(knows[key].level, wants[key].level), key))
        themes = [theme for key in shared if (theme := knows[key].theme or wants[key].theme)]
        return {
            "topics": [wants[key].label for key in shared],
            "interests": _in_both(self.interests, mentor, mentee),
            "languages": _in_both(self.languages, mentor, mentee),
            "hours": len(self.hours[mentor] & self.hours[mentee]),
            "theme": themes[0] if themes else "",
        }


def read_profiles(cohort: Cohort, *, with_reserve: bool = False) -> Profiles:
    """Read everybody of the cohort who is enrolled, active and has finished the profile.

    `with_reserve` reads those on the bench and on the waiting list as well. Private answers come
    covered (`matching.cover`), so whatever is computed from here on may be shown.
    """
    profiles = Profiles()
    topics, private = _topics(cohort), _private_answers(cohort)
    codes = dict(Enrolment.objects.filter(cohort=cohort).values_list("code", "person_id"))
    managers = dict(
        Person.objects.filter(manager__isnull=False).values_list("pk", "manager_id").order_by()
    )
    monday = cohort.starts_on - dt.timedelta(days=cohort.starts_on.weekday())
    mentors, mentees, left_out = [], [], set()
    for row in _rows(cohort):
        answers = private.get(row["pk"])
        person = row["person_id"]
        slots = utc_slots(row["person__time_zone"], monday)
        known = topics.get(row["pk"], {})
        interests = _by_key(row["profile__interests"])
        languages = _by_key(row["person__languages"])
        hours = frozenset(slots[each] for each in row["profile__hours"])
        path = row["person__department__path"] or ""
        participant = Participant(
            id=person,
            topics={key: topic.level for key, topic in known.items() if not topic.is_closed},
            closed_topics=frozenset(key for key, topic in known.items() if topic.is_closed),
            interests=frozenset(interests),
            languages=frozenset(languages),
            hours=hours,
            site=row["person__site"].strip().casefold() or None,
            grade=row["person__grade"],
            **place_of(person, path, row["person__panels"], managers),
            personality=traits_of(answers.personality) if answers else None,
            wishes=_people(answers.wishes if answers else None, codes)[:3],
            vetoes=frozenset(_people(answers.vetoes if answers else None, codes)),
            capacity=row["profile__capacity"],
        )
        (mentors if row["side"] == Side.MENTOR else mentees).append(participant)
        if row["state"] != Enrolment.State.ENROLLED and not with_reserve:
            left_out.add(person)
            continue
        profiles.enrolments[person] = row["pk"]
        profiles.topics[person] = {k: topic for k, topic in known.items() if not topic.is_closed}
        profiles.interests[person] = interests
        profiles.languages[person] = languages
        profiles.hours[person] = hours
    # everybody is covered alike, whoever is then left out, so that draws stay the same
    for side, people in zip(
        (profiles.mentors, profiles.mentees), covered(cohort, mentors, mentees), strict=True
    ):
        side.extend(person for person in people if person.id not in left_out)
    return profiles


def covered(
    cohort: Cohort, mentors: list[Participant], mentees: list[Participant]
) -> tuple[list[Participant], list[Participant]]:
    """Return the people of a cohort with their private answers covered, alike each time."""
    return cover(mentors, mentees, key=secret_of(f"cover:{cohort.code}"))


# as many as a cohort of a world-wide organisation has, and its next one
@lru_cache(maxsize=1000)
def utc_slots(zone_name: str, monday: dt.date) -> tuple[int, ...]:
    """Return for each local hour of the week that begins on `monday` its hour of a week in UTC.

    Where a zone is off by half an hour, the hour of UTC in which the local one begins.
    """
    zone = zoneinfo.ZoneInfo(zone_name)
    start = dt.datetime.combine(monday, dt.time(), tzinfo=zone)
    slots = []
    for hour in range(HOURS_IN_WEEK):
        # wall-clock arithmetic: the zone is looked up again at each hour
        moment = (start + dt.timedelta(hours=hour)).astimezone(dt.UTC)
        slots.append(moment.weekday() * 24 + moment.hour)
    return tuple(slots)


def place_of(person: int, path: str, panels: list[str], managers: dict[int, int]) -> dict[str, Any]:
    """Return where somebody stands in the organisation, as the hard rules ask for it."""
    return {
        "department": tuple(path.split("/")) if path else (),
        "team": path or None,
        "managers": chain_upwards(person, managers),
        "panels": frozenset(_by_key(panels)),
        "assessed_by": panels_above(path),
    }


def chain_upwards(person: int, managers: dict[int, int]) -> tuple[int, ...]:
    """Return the managers of a person from the direct one upwards, each once."""
    chain: list[int] = []
    while (above := managers.get(person)) is not None and above not in chain:
        chain.append(above)
        person = above
    return tuple(chain)


def panels_above(department_path: str) -> frozenset[str]:
    """Return the panels that judge somebody of a department.

    A panel carries the path of a department and judges everybody in it and below.
    """
    units = department_path.casefold().split("/") if department_path else []
    return frozenset("/".join(units[: depth + 1]) for depth in range(len(units)))


def _rows(cohort: Cohort):
    states = [Enrolment.State.ENROLLED, Enrolment.State.WAITING, Enrolment.State.BENCH]
    enrolled = Enrolment.objects.filter(
        cohort=cohort, state__in=states, person__left_on__isnull=True,
        profile__finished_at__isnull=False,
    )  # fmt: skip
    return enrolled.order_by("pk").values(
        "pk", "side", "state", "person_id", "person__time_zone", "person__languages",
        "person__site",
        "person__grade", "person__panels", "person__department__path", "profile__interests",
        "profile__hours", "profile__capacity",
    )  # fmt: skip


def _topics(cohort: Cohort) -> dict[int, dict[str, Known]]:
    """Return each profile's topics by label: the same thing may stand in two catalogues."""
    found: dict[int, dict[str, Known]] = defaultdict(dict)
    rows = ProfileTopic.objects.filter(profile__enrolment__cohort=cohort).order_by("level", "pk")
    fields = ("profile_id", "topic__label", "topic__theme", "level", "consent")
    for profile, label, theme, level, consent in rows.values_list(*fields):
        key = _key(label)
        before = found[profile].get(key)
        # whoever closed a topic anywhere does not speak about it
        if before is None or not before.is_closed:
            found[profile][key] = Known(label, theme, level, consent)
    return found


def _private_answers(cohort: Cohort) -> dict[int, PrivateProfile]:
    rows = PrivateProfile.objects.filter(enrolment__cohort=cohort).select_related("enrolment")
    return {row.pk: row for row in open_together(rows)}


def _people(codes: list[str] | None, people: dict[str, int]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(people[code] for code in codes or () if code in people))


def _key(label: str) -> str:
    return " ".join(label.split()).casefold()


def _by_key(labels: list[str]) -> dict[str, str]:
    return {_key(label): label for label in labels if label.strip()}


def _in_both(labels: dict[int, dict[str, str]], one: int, other: int) -> list[str]:
    ours, theirs = labels.get(one, {}), labels.get(other, {})
    return [label for key, label in ours.items() if key in theirs]
