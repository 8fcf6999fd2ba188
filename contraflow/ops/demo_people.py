"""Invent the organisation of the demonstration around real, anonymous survey answers.

Real: skills, learning wishes, country and developer type, from the Stack Overflow Developer
Survey 2019 (see demo_data/NOTICE). Invented with a fixed seed: names, addresses, the organisation,
its departments, grades, managers, sites, languages, titles and everything demo_profiles.py lists.
Never invented, never read: age, gender, ethnicity, generation, performance.
"""

import csv
import datetime as dt
import io
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from random import Random
from typing import Any, Literal, NamedTuple

import yaml

from contraflow.ops.demo_profiles import (
    DemoProfile,
    DemoSkill,
    choices_of_partners,
    leader_profile,
    mentor_profile,
)
from contraflow.ops.demo_survey import Answer, Technology, read_survey, technologies

__all__ = [
    "COHORTS",
    "DemoCohort",
    "DemoOrganisation",
    "DemoParticipant",
    "DemoPerson",
    "DemoProfile",
    "DemoSkill",
    "DemoStaff",
    "Technology",
    "demo_organisation",
    "people_csv",
]

# cohort: leaders and mentors, the size of the programme at General Electric that began it all
COHORTS: Mapping[str, tuple[int, int]] = {"A": (500, 512), "B": (500, 520)}
CSV_COLUMNS = (
    *("external_id", "name", "preferred_name", "email", "job_title", "grade", "department"),
    *("manager_email", "site", "time_zone", "languages", "panels", "joined_on", "status"),
)
# the day on which the invented organisation is as described
AS_OF = dt.date(2026, 1, 1)
EXECUTIVE_OFFICE = "Executive Office"
# about this many leaders, and the mentors who report to them, make a team
LEADERS_IN_A_TEAM = 3
# letters that do not fall apart into a plain one and a mark
PLAIN = str.maketrans({"ø": "o", "ł": "l", "ı": "i", "đ": "d", "ß": "ss", "æ": "ae"})


@dataclass(frozen=True, kw_only=True)
class DemoPerson:
    """Hold one row of the organisation's people."""

    external_id: str
    name: str
    preferred_name: str
    email: str
    job_title: str
    grade: int
    # the path from the top, "Product and Design/Americas/Cedar"
    department: str
    # empty for the one at the top
    manager_email: str
    site: str
    time_zone: str
    languages: tuple[str, ...]
    # paths of the departments on whose pay and promotion the person decides
    panels: tuple[str, ...]
    joined_on: dt.date


@dataclass(frozen=True, kw_only=True)
class DemoParticipant:
    """Hold a person's part in a cohort: their profile, and whom they wish or veto."""

    email: str
    side: Literal["mentor", "mentee"]
    profile: DemoProfile
    wishes: tuple[str, ...]
    vetoes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class DemoCohort:
    """Hold who takes part in one run of the programme."""

    name: str
    leaders: tuple[DemoParticipant, ...]
    mentors: tuple[DemoParticipant, ...]


@dataclass(frozen=True, kw_only=True)
class DemoStaff:
    """Name, by e-mail, who runs the programme; the sponsor is one of the executives."""

    leads: tuple[str, ...]
    sponsor: str
    trusted_contacts: tuple[str, ...]
    administrator: str


@dataclass(frozen=True, kw_only=True)
class DemoOrganisation:
    """Hold everything the demonstration starts from."""

    name: str
    # managers before those who report to them
    people: tuple[DemoPerson, ...]
    staff: DemoStaff
    # the organisation's own topics, all from the survey
    topics: tuple[Technology, ...]
    cohorts: tuple[DemoCohort, ...]


class Place(NamedTuple):
    """Say where somebody from the survey works, and as what."""

    answer: Answer
    region: str
    function: str
    developer_type: str
    site: str
    time_zone: str
    languages: tuple[str, ...]


def demo_organisation(
    seed: int = 2026, *, cohorts: Mapping[str, tuple[int, int]] = COHORTS
) -> DemoOrganisation:
    """Return the same organisation for the same seed; `cohorts` gives leaders and mentors of each.

    1. Draw survey answers, each at most once, and give each a place.
    2. Build the tree of departments and managers from the top.
    3. Share the people out over the cohorts and give each a profile.
    """
    leaders = _drawn("senior", sum(of for of, _ in cohorts.values()), seed)
    mentors = _drawn("junior", sum(of for _, of in cohorts.values()), seed)
    tree = _Tree(seed)
    people_of = tree.settle(
        _places(leaders, seed, stage="leaders"), _places(mentors, seed, stage="mentors")
    )
    rng = Random(f"{seed}/cohorts")
    rng.shuffle(leaders)
    rng.shuffle(mentors)
    made = []
    for name, (of_leaders, of_mentors) in cohorts.items():
        taken = leaders[:of_leaders], mentors[:of_mentors]
        leaders, mentors = leaders[of_leaders:], mentors[of_mentors:]
        made.append(_cohort(name, *taken, people_of, rng))
    return DemoOrganisation(
        name=_invented()["name"],
        people=tuple(_with_panels(tree.people, rng)),
        staff=tree.staff,
        topics=technologies(),
        cohorts=tuple(made),
    )


def people_csv(organisation: DemoOrganisation) -> str:
    """Return the people as the CSV that the people import reads."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, CSV_COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for person in organisation.people:
        row = {column: getattr(person, column) for column in CSV_COLUMNS if column != "status"}
        row["languages"] = ";".join(person.languages)
        row["panels"] = ";".join(person.panels)
        row["joined_on"] = person.joined_on.isoformat()
        writer.writerow({**row, "status": "active"})
    return text.getvalue()


def _drawn(side: str, count: int, seed: int) -> list[Answer]:
    """Return `count` answers of one side, none twice."""
    answers = [answer for answer in read_survey() if answer.side == side]
    if count > len(answers):
        raise ValueError(f"the survey has {len(answers)} {side} answers, not {count}")
    return Random(f"{seed}/{side}").sample(answers, count)


def _places(answers: list[Answer], seed: int, *, stage: str) -> list[Place]:
    """Give everyone a function that fits a developer type of theirs, a site and languages."""
    rng = Random(f"{seed}/places/{stage}")
    fitting = [
        (function, kind) for function, kinds in _invented()["functions"].items() for kind in kinds
    ]
    places = []
    for answer in answers:
        fits = [each for each in fitting if each[1] in answer.developer_types] or fitting
        function, kind = rng.choice(fits)
        site = rng.choice(_sites()[answer.country])
        places.append(
            Place(
                answer=answer,
                region=site["region"],
                function=function,
                developer_type=kind,
                site=site["site"],
                time_zone=site["time_zone"],
                languages=_languages(site["languages"].split(";"), rng),
            )
        )
    return places


def _languages(local: list[str], rng: Random) -> tuple[str, ...]:
    """Return plausible languages: the first of the place, mostly English, sometimes another."""
    spoken = [local[0], *(each for each in local[1:] if rng.random() < 0.6)]
    if rng.random() < 0.96:
        spoken.append("en")
    if rng.random() < 0.15:
        spoken.append(rng.choice(_invented()["second_languages"]))
    return tuple(dict.fromkeys(spoken))


def _cohort(
    name: str,
    leaders: list[Answer],
    mentors: list[Answer],
    people_of: Mapping[int, DemoPerson],
    rng: Random,
) -> DemoCohort:
    """Give everyone of a cohort a profile, and a few of them wishes and vetoes."""
    leading = [(people_of[each.respondent].email, each) for each in leaders]
    mentoring = [(people_of[each.respondent].email, each) for each in mentors]
    return DemoCohort(
        name=name,
        leaders=_taking_part("mentee", leading, [email for email, _ in mentoring], rng),
        mentors=_taking_part("mentor", mentoring, [email for email, _ in leading], rng),
    )


def _taking_part(
    side: Literal["mentor", "mentee"],
    those: list[tuple[str, Answer]],
    partners: list[str],
    rng: Random,
) -> tuple[DemoParticipant, ...]:
    """Return one side of a cohort; `partners` are the addresses of the other."""
    make_profile = mentor_profile if side == "mentor" else leader_profile
    participants = []
    for email, answer in those:
        wishes, vetoes = choices_of_partners(partners, rng)
        profile = make_profile(answer, _invented()["interests"], rng)
        participants.append(
            DemoParticipant(email=email, side=side, profile=profile, wishes=wishes, vetoes=vetoes)
        )
    return tuple(participants)


def _with_panels(people: list[DemoPerson], rng: Random) -> Iterator[DemoPerson]:
    """Put three senior leaders, one of them from elsewhere, on each function's panel."""
    seats: dict[str, list[str]] = defaultdict(list)
    senior = [each for each in people if each.grade >= 9 and "/" in each.department]
    for function in _invented()["functions"]:
        own = [each for each in senior if each.department.startswith(f"{function}/")]
        others = [each for each in senior if each not in own]
        for each in [*rng.sample(own, min(2, len(own))), *rng.sample(others, min(1, len(others)))]:
            seats[each.email].append(function)
    for person in people:
        yield replace(person, panels=tuple(seats.get(person.email, ())))


class _Tree:
    """Grow the organisation from the top: executives, function, region, team.

    Every manager is made before those who report to them, so no cycle can arise.
    """

    def __init__(self, seed: int):
        self.rng = Random(f"{seed}/tree")
        self.names = _names(Random(f"{seed}/names"))
        self.people: list[DemoPerson] = []
        top = self._executive("Chief Executive Officer", EXECUTIVE_OFFICE, None)
        operations = self._executive("Chief Operating Officer", EXECUTIVE_OFFICE, top)
        self.heads = {
            function: self._executive(f"Head of {function}", function, top)
            for function in _invented()["functions"]
        }
        leads = [
            self._office("Programme Lead, Reverse Mentoring", "People and Learning", 6, operations)
            for _ in range(2)
        ]
        contacts = [self._office("Ombudsperson", "Ethics Office", 7, top) for _ in range(2)]
        administrator = self._office("Systems Administrator", "Workplace Technology", 6, operations)
        self.staff = DemoStaff(
            leads=tuple(each.email for each in leads),
            sponsor=operations.email,
            trusted_contacts=tuple(each.email for each in contacts),
            administrator=administrator.email,
        )

    def settle(self, leaders: list[Place], mentors: list[Place]) -> dict[int, DemoPerson]:
        """Place everyone from the survey and return the person of each respondent."""
        units: dict[tuple[str, str], tuple[list[Place], list[Place]]] = {}
        for place in leaders:
            units.setdefault((place.function, place.region), ([], []))[0].append(place)
        for place in mentors:
            units[self._unit_for(place, units)][1].append(place)
        people_of: dict[int, DemoPerson] = {}
        for (function, region), (of_leaders, of_mentors) in sorted(units.items()):
            people_of |= self._unit(function, region, of_leaders, of_mentors)
        return people_of

    @staticmethod
    def _unit_for(place: Place, units: Mapping[tuple[str, str], Any]) -> tuple[str, str]:
        """Return the mentor's own unit, or the nearest that has a leader."""
        return min(
            units,
            key=lambda unit: (unit[1] != place.region, unit[0] != place.function, unit),
        )

    def _unit(
        self, function: str, region: str, leaders: list[Place], mentors: list[Place]
    ) -> dict[int, DemoPerson]:
        """Make a unit: its head, its teams' heads, the managers in them, and their mentors."""
        path = f"{function}/{region}"
        head_place, *others = leaders
        head = self._from_survey(head_place, path, 10, self.heads[function])
        made = {head_place.answer.respondent: head}
        # neighbours in time work in one team
        others.sort(key=lambda place: (place.time_zone, place.answer.respondent))
        mentors.sort(key=lambda place: (place.time_zone, place.answer.respondent))
        n_teams = max(1, round(len(others) / LEADERS_IN_A_TEAM))
        team_names = self.rng.sample(_invented()["teams"].split(), n_teams)
        for team, of_team, of_mentors in zip(
            team_names, _parts(others, n_teams), _parts(mentors, n_teams), strict=True
        ):
            managers: list[DemoPerson] = []
            for place in of_team:
                grade, above = (8, managers[0]) if managers else (9, head)
                managers.append(self._from_survey(place, f"{path}/{team}", grade, above))
                made[place.answer.respondent] = managers[-1]
            # the heads of team and unit have mentors only where nobody else could
            direct = managers[1:] or managers or [head]
            for n, place in enumerate(of_mentors):
                made[place.answer.respondent] = self._from_survey(
                    place, f"{path}/{team}", self._mentor_grade(place), direct[n % len(direct)]
                )
        return made

    def _mentor_grade(self, place: Place) -> int:
        return 2 if place.answer.years_of_coding == "<2 years" else self.rng.choice([3, 3, 4, 4, 5])

    def _from_survey(
        self, place: Place, department: str, grade: int, manager: DemoPerson
    ) -> DemoPerson:
        title, field = _invented()["job_titles"][place.developer_type]
        leader_titles = {8: f"Manager, {field}", 9: f"Director, {field}"}
        leads = grade >= 8
        return self._person(
            job_title=leader_titles.get(grade, f"Vice President, {field}") if leads else title,
            grade=grade,
            department=department,
            manager=manager,
            site=place.site,
            time_zone=place.time_zone,
            languages=place.languages,
            days_here=self.rng.randint(400, 8000) if leads else self.rng.randint(60, 1300),
        )

    def _executive(self, title: str, department: str, manager: DemoPerson | None) -> DemoPerson:
        return self._office(title, department, 10, manager)

    def _office(
        self, title: str, department: str, grade: int, manager: DemoPerson | None
    ) -> DemoPerson:
        """Make somebody at the head office who takes part in no cohort."""
        return self._person(
            job_title=title,
            grade=grade,
            department=department,
            manager=manager,
            site="Dublin",
            time_zone="Europe/Dublin",
            languages=("en",),
            days_here=self.rng.randint(700, 6000),
        )

    def _person(self, *, manager: DemoPerson | None, days_here: int, **fields: Any) -> DemoPerson:
        name, preferred_name, local_part = next(self.names)
        person = DemoPerson(
            external_id=f"LP-{10001 + len(self.people)}",
            name=name,
            preferred_name=preferred_name,
            email=f"{local_part}@{_invented()['domain']}",
            manager_email=manager.email if manager else "",
            panels=(),
            joined_on=AS_OF - dt.timedelta(days=days_here),
            **fields,
        )
        self.people.append(person)
        return person


def _parts(items: list[Place], count: int) -> list[list[Place]]:
    """Return `count` runs of neighbours whose lengths differ by one at most."""
    edges = [round(n * len(items) / count) for n in range(count + 1)]
    return [items[start:end] for start, end in zip(edges, edges[1:], strict=False)]


def _names(rng: Random) -> Iterator[tuple[str, str, str]]:
    """Yield name, preferred name (mostly empty) and local part of the address, none twice."""
    lists = yaml.safe_load(_data("names.yaml"))
    given, family = lists["given"].split(), lists["family"].split()
    taken: set[str] = set()
    while True:
        first, last = rng.choice(given), rng.choice(family)
        preferred = lists["short"].get(first, "") if rng.random() < 0.5 else ""
        local_part = f"{_ascii(first)}.{_ascii(last)}"
        if local_part not in taken:
            taken.add(local_part)
            yield f"{first} {last}", preferred, local_part


def _ascii(name: str) -> str:
    apart = unicodedata.normalize("NFKD", name.casefold().translate(PLAIN))
    return "".join(letter for letter in apart if letter.isascii() and letter.isalpha())


@cache
def _invented() -> dict[str, Any]:
    return yaml.safe_load(_data("organisation.yaml"))


@cache
def _sites() -> dict[str, list[dict[str, str]]]:
    """Return the sites of each country of the survey."""
    sites: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in csv.DictReader(io.StringIO(_data("countries.csv"), newline="")):
        sites[row["country"]].append(row)
    return dict(sites)


def _data(name: str) -> str:
    folder = resources.files("contraflow.ops").joinpath("demo_data")
    return folder.joinpath(name).read_text(encoding="utf-8")
