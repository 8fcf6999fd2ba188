"""Measure whether it pays to answer untruthfully; prints the tables of docs/matching/gaming.md.

    python -m benchmarks.gaming [--cohorts 1000] [--processes 2]

In each cohort one person at a time changes their answers, everybody else stays honest, and the
cohort is paired anew. What counts is the fit with the partner they then have, by the answers
they would have given honestly; nobody's is 0. Many of the changes suppose that the person knows
everybody's answers and the result, so the figures are an upper bound for what people can do.
"""

import argparse
import datetime as dt
import functools
import math
import os
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

import numpy as np

from contraflow.matching import SCALE, Explanation, Participant, Problem, explain, solve
from contraflow.ops.demo_people import DemoParticipant, DemoPerson, demo_organisation
from contraflow.programmes.personality import traits_of

AIMS = ("least_served", "total")
# leaders in a cohort, from and below
LEADERS = (20, 61)
# mentors for each leader; every other cohort has too few
SUPPLIES = {"enough": (1.0, 1.3), "short": (0.75, 0.95)}
# sharing more than this gives no more fit
FEW_HOURS = 5
# a week in winter, when no clock changes
MONDAY = dt.datetime(2026, 1, 12)
HOURS_IN_WEEK = 168


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """Hold what somebody who knows everything sees before answering."""

    me: Participant
    side: str
    # whom they get if everybody is honest
    partners: tuple[str, ...]
    others: Sequence[Participant]
    why: Callable[[str, str], Explanation]

    def honestly(self, other: str) -> Explanation:
        """Explain the two by everybody's honest answers."""
        return self.why(*((self.me.id, other) if self.side == "mentor" else (other, self.me.id)))

    def worth(self, partners: Sequence[str]) -> int:
        """Return the honest fit with all partners for each place; nobody's is 0."""
        return sum(self.honestly(other).score for other in partners) // self.me.capacity

    @functools.cached_property
    def possible(self) -> list[Participant]:
        """Return who is possible by the rules, the best fit first."""
        able = [each for each in self.others if not self.honestly(each.id).broken_rules]
        return sorted(able, key=lambda each: (-self.honestly(each.id).score, each.id))

    @property
    def favourite(self) -> Participant:
        """Return who fits best."""
        return self.possible[0]

    @property
    def topics(self) -> list[str]:
        """Return the topics known or wanted, the highest level first."""
        named = {topic: level for topic, level in self.me.topics.items() if level}
        return sorted(named, key=lambda topic: (-named[topic], topic))


Change = Callable[[Outlook], dict[str, object]]


def keeping(see: Outlook, topics: Sequence[str]) -> dict[str, object]:
    """Leave out every topic but some, of which there must be one: no profile is without."""
    return {"topics": {topic: see.me.topics[topic] for topic in topics}} if topics else {}


def only_the_first_topic(see: Outlook) -> dict[str, object]:
    """Keep the most wanted or best known topic."""
    return keeping(see, see.topics[:1])


def one_topic_fewer(see: Outlook) -> dict[str, object]:
    """Leave out the least wanted or least known topic."""
    return keeping(see, see.topics[:-1])


def only_topics_of_the_favourite(see: Outlook) -> dict[str, object]:
    """Keep what the best partner has too."""
    return keeping(see, [topic for topic in see.topics if see.favourite.topics.get(topic)])


def closing_all_but_the_first_topic(see: Outlook) -> dict[str, object]:
    """Say of all topics but one that they are not spoken about."""
    return {"closed_topics": see.me.closed_topics | set(see.topics[1:])}


def levels_at(level: int) -> Change:
    """Return the change that states one level for all topics."""
    return lambda see: {"topics": {**see.me.topics, **dict.fromkeys(see.topics, level)}}


def few_hours(see: Outlook) -> dict[str, object]:
    """Keep the first hours of the week."""
    return {"hours": frozenset(sorted(see.me.hours)[:FEW_HOURS])}


def only_hours_of_the_favourite(see: Outlook) -> dict[str, object]:
    """Keep the hours that suit the best partner too, unless there are none."""
    return {"hours": see.me.hours & see.favourite.hours or see.me.hours}


def no_hours(see: Outlook) -> dict[str, object]:
    """Leave the hours unanswered."""
    return {"hours": frozenset()}


def no_interests(see: Outlook) -> dict[str, object]:
    """Leave the interests unanswered."""
    return {"interests": frozenset()}


def one_interest(see: Outlook) -> dict[str, object]:
    """Keep one interest."""
    return {"interests": frozenset(sorted(see.me.interests)[:1])}


def only_interests_of_the_favourite(see: Outlook) -> dict[str, object]:
    """Keep what the best partner likes too, unless there is nothing."""
    return {"interests": see.me.interests & see.favourite.interests or see.me.interests}


def no_personality(see: Outlook) -> dict[str, object]:
    """Leave the items unanswered."""
    return {"personality": None}


def no_wishes(see: Outlook) -> dict[str, object]:
    """Take the wishes back."""
    return {"wishes": ()}


def wishes_for_the_best(see: Outlook) -> dict[str, object]:
    """Wish for the three best partners."""
    return {"wishes": tuple(other.id for other in see.possible[:3])}


def veto_of_the_partner(see: Outlook) -> dict[str, object]:
    """Rule out whom they would get, unless that is the best there is."""
    return {"vetoes": see.me.vetoes | (set(see.partners) - {see.favourite.id})}


def veto_of_all_but_three(see: Outlook) -> dict[str, object]:
    """Rule out everybody but the three best."""
    return {"vetoes": see.me.vetoes | {other.id for other in see.possible[3:]}}


BOTH: dict[str, Change] = {
    "states five hours only": few_hours,
    "keeps only hours of the best partner": only_hours_of_the_favourite,
    "leaves the hours out": no_hours,
    "keeps one interest": one_interest,
    "keeps only interests of the best partner": only_interests_of_the_favourite,
    "leaves the interests out": no_interests,
    "leaves the personality items out": no_personality,
    "takes wishes back": no_wishes,
    "wishes for the three best": wishes_for_the_best,
    "vetoes the partner they would get": veto_of_the_partner,
    "vetoes all but the three best": veto_of_all_but_three,
}
MISREPORTS: dict[str, dict[str, Change]] = {
    "leader": {
        "keeps the most wanted topic only": only_the_first_topic,
        "leaves the least wanted topic out": one_topic_fewer,
        "keeps only topics the best mentor knows": only_topics_of_the_favourite,
        "lowers all levels to 1": levels_at(1),
        "raises all levels to 4": levels_at(4),
        **BOTH,
    },
    "mentor": {
        "keeps the best known topic only": only_the_first_topic,
        "closes all topics but the best known": closing_all_but_the_first_topic,
        "leaves the least known topic out": one_topic_fewer,
        "keeps only topics the best leader wants": only_topics_of_the_favourite,
        "lowers all levels to 1": levels_at(1),
        "raises all levels to 4": levels_at(4),
        **BOTH,
    },
}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Say what one change did for whoever made it, in micro-points of honest fit."""

    objective: str
    supply: str
    side: str
    misreport: str
    gain: int

    @property
    def kind(self) -> tuple[str, str, str]:
        """Return what is counted together."""
        return self.objective, self.side, self.misreport


def outcomes(seed: int) -> list[Outcome]:
    """Return what each misreport does in one cohort, by each objective."""
    supply, honest = cohort(seed)
    # asked for most pairs many times over
    why = functools.cache(functools.partial(explain, honest))
    found = []
    for objective in AIMS:
        problem = replace(honest, objective=objective)
        before = partners_of(problem)
        for side, misreports in MISREPORTS.items():
            # the same people whatever the objective, so that the two compare
            rng = np.random.default_rng([seed, len(side)])
            for misreport, change in misreports.items():
                gain = gain_of_one(
                    problem, before=before, why=why, side=side, change=change, rng=rng
                )
                if gain is not None:
                    found.append(
                        Outcome(
                            objective=objective,
                            supply=supply,
                            side=side,
                            misreport=misreport,
                            gain=gain,
                        )
                    )
    return found


def gain_of_one(problem, *, before, why, side, change, rng) -> int | None:
    """Let one random person change their answers; None if the change is none for anybody."""
    people, others = problem.mentors, problem.mentees
    if side == "leader":
        people, others = others, people
    for place in rng.permutation(len(people)).tolist():
        me = people[place]
        partners = before[side][me.id]
        see = Outlook(me=me, side=side, partners=partners, others=others, why=why)
        if me.capacity and see.possible and (untrue := replace(me, **change(see))) != me:
            after = partners_of(with_answers(problem, place, side, untrue))
            return see.worth(after[side][me.id]) - see.worth(partners)
    return None


def with_answers(problem: Problem, place: int, side: str, person: Participant) -> Problem:
    """Return the same problem with other answers of one person."""
    field = "mentors" if side == "mentor" else "mentees"
    people = list(getattr(problem, field))
    people[place] = person
    return replace(problem, **{field: people})


def partners_of(problem: Problem) -> dict[str, dict[str, tuple[str, ...]]]:
    """Pair a cohort and return for each side who has whom."""
    found: dict = {"mentor": defaultdict(tuple), "leader": defaultdict(tuple)}
    for row, column in solve(problem).pairs.tolist():
        mentor, leader = problem.mentors[row].id, problem.mentees[column].id
        found["mentor"][mentor] += (leader,)
        found["leader"][leader] += (mentor,)
    return found


def cohort(seed: int) -> tuple[str, Problem]:
    """Return a cohort of the demonstration's organisation, and whether it has mentors enough.

    Topics are real answers of a survey; the rest is invented, as contraflow/ops says.
    """
    rng = np.random.default_rng([2026, seed])
    supply = list(SUPPLIES)[seed % len(SUPPLIES)]
    leaders = int(rng.integers(*LEADERS))
    mentors = round(leaders * rng.uniform(*SUPPLIES[supply]))
    organisation = demo_organisation(seed, cohorts={"all": (leaders, mentors)})
    people = {person.email: person for person in organisation.people}
    (drawn,) = organisation.cohorts
    return supply, Problem(
        mentors=[_participant(people, each) for each in drawn.mentors],
        mentees=[_participant(people, each) for each in drawn.leaders],
    )


def _participant(people: dict[str, DemoPerson], part: DemoParticipant) -> Participant:
    person, profile = people[part.email], part.profile
    path = person.department.split("/")
    answers = profile.personality and {str(n): a for n, a in enumerate(profile.personality, 1)}
    closed = {skill.topic for skill in profile.skills if skill.consent == "closed"}
    return Participant(
        id=person.email,
        topics={each.topic: each.level for each in profile.skills if each.topic not in closed},
        closed_topics=frozenset(closed),
        interests=frozenset(profile.interests),
        languages=frozenset(person.languages),
        hours=frozenset(_in_utc(hour, person.time_zone) for hour in profile.hours),
        site=person.site,
        department=tuple(path),
        team=person.department,
        grade=person.grade,
        managers=tuple(_upwards(people, person)),
        panels=frozenset(person.panels),
        assessed_by=frozenset("/".join(path[: depth + 1]) for depth in range(len(path))),
        personality=traits_of(answers),
        wishes=part.wishes,
        vetoes=frozenset(part.vetoes),
        capacity=profile.capacity,
    )


def _upwards(people: dict[str, DemoPerson], person: DemoPerson) -> Iterator[str]:
    while person.manager_email:
        yield person.manager_email
        person = people[person.manager_email]


def _in_utc(hour: int, zone: str) -> int:
    """Return the hour of a week in UTC in which a local one begins."""
    return (hour - _hours_ahead(zone)) % HOURS_IN_WEEK


@functools.cache
def _hours_ahead(zone: str) -> int:
    return -(-ZoneInfo(zone).utcoffset(MONDAY) // dt.timedelta(hours=1))


def row(side: str, misreport: str, found: Sequence[Outcome]) -> str:
    """Return a row of a table."""
    gains = [each.gain for each in found]
    won = [gain for gain in gains if gain > 0]
    shares = (len(won) / len(gains), sum(gain < 0 for gain in gains) / len(gains))
    means = [mean([each.gain for each in found if each.supply == supply]) for supply in SUPPLIES]
    return (
        f"| {side} | {misreport} | {len(gains)} | {shares[0]:.1%} | {shares[1]:.1%} "
        f"| {points(statistics.median(won)) if won else 'none'} | {mean(gains)} "
        f"| {' | '.join(means)} | {points(max(gains))} | {points(min(gains))} |"
    )


def mean(gains: Sequence[int]) -> str:
    """Return the mean and twice its standard error, within which it holds for all such cohorts."""
    error = 2 * statistics.stdev(gains) / math.sqrt(len(gains)) if len(gains) > 1 else 0.0
    return f"{statistics.fmean(gains) / SCALE:+.3f} ± {error / SCALE:.3f}" if gains else "none"


def points(gain: float) -> str:
    """Return micro-points as people see them: 1.00 is a full fit."""
    return f"{gain / SCALE:+.2f}"


def main() -> None:
    """Print a table for each aim."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cohorts", type=int, default=1000, metavar="N")
    parser.add_argument("--processes", type=int, default=2, metavar="N")
    options = parser.parse_args()
    with ProcessPoolExecutor(options.processes, initializer=os.nice, initargs=(10,)) as workers:
        every = workers.map(outcomes, range(options.cohorts), chunksize=5)
        found = [outcome for of_cohort in every for outcome in of_cohort]
    for objective in AIMS:
        print(
            f'\n### `objective="{objective}"`\n\n'
            "| who | misreport | cohorts | gain | lose | median gain of who gains | mean of all "
            "| mean, mentors enough | mean, mentors short | best case | worst case |\n"
            "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
        )
        for side, misreports in MISREPORTS.items():
            for misreport in misreports:
                kind = (objective, side, misreport)
                of_kind = [each for each in found if each.kind == kind]
                if of_kind:
                    print(row(side, misreport, of_kind))


if __name__ == "__main__":
    main()
