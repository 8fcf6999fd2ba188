"""What came out of pairing two spreadsheets, as a table and in words."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from statistics import mean

from contraflow.cli.spreadsheet import Sheet
from contraflow.core.textfiles import write_table
from contraflow.matching import (
    PUBLIC_PARTS,
    SCALE,
    Explanation,
    Help,
    Pairing,
    Problem,
    explain,
    solve,
)

# What a rule keeps apart, in words that finish "they are ..." or "... was not checked".
RULES = {
    "reporting_line": "in one reporting line",
    "reporting_line_levels": "in one reporting line",
    "different_team": "of one team",
    "minimum_grade_gap": "too near in grade",
    "same_panel": "on a pay or promotion panel that judges the other",
    "common_language": "without a language in common",
    "closed_topics": "with every wanted topic closed by the mentor",
    "floor": "below the lowest fit you set",
    "share_of_best": "below the share of their best that you set",
}


@dataclass(frozen=True)
class Paired:
    """Hold everything the outputs tell."""

    problem: Problem
    pairing: Pairing
    leaders: Sheet
    mentors: Sheet
    unchecked: tuple[str, ...]
    week_of: date

    def pairs(self) -> list[Explanation]:
        """Return each pair explained, the best fit first."""
        found = [
            explain(self.problem, self.problem.mentors[i].id, self.problem.mentees[j].id)
            for i, j in self.pairing.pairs.tolist()
        ]
        return sorted(found, key=lambda why: (-why.score, str(why.mentee), str(why.mentor)))

    def mentor_name(self, mentor: object) -> str:
        """Return how a mentor is called."""
        return self.mentors.names[str(mentor)]

    def leader_name(self, leader: object) -> str:
        """Return how a leader is called."""
        return self.leaders.names[str(leader)]

    def placed(self) -> tuple[int, int]:
        """Return how many different leaders and mentors are in a pair."""
        mentors, leaders = self.pairing.pairs.T
        return len(set(leaders.tolist())), len(set(mentors.tolist()))

    def average(self) -> float:
        """Return the mean fit of the pairs, 0 without any."""
        return float(self.pairing.pair_scores.mean()) / SCALE if len(self.pairing.pairs) else 0.0

    def proof(self) -> str:
        """Return what has been proven, in words."""
        aims = ["no pairing has more pairs"]
        if self.problem.one_each_first:
            aims.append("none with as many pairs gives more people a partner")
        if self.problem.objective == "least_served":
            lowest = "least-served pair" if self.problem.depth == 1 else "least-served pairs"
            aims.append(f"none that does as well so far serves the {lowest} better")
        return f"Proven best: {'; '.join(aims)}; none that does all this has a larger total."

    def unplaced(self) -> list[tuple[str, str, str]]:
        """Return who has no partner: side, name and why."""
        found = []
        for person in self.pairing.diagnosis.unplaced:
            leader = person.side == "mentee"
            people = self.problem.mentees if leader else self.problem.mentors
            name = (self.leader_name if leader else self.mentor_name)(people[person.place].id)
            if person.nobody_possible:
                rules = ", ".join(
                    f"{RULES[rule]} ({count})"
                    for rule, count in sorted(person.blocked.items(), key=lambda each: -each[1])
                    if rule in RULES
                )
                why = f"Nobody is possible: {rules or 'not possible'}."
            else:
                other = "mentor" if leader else "leader"
                why = f"Every {other} they could have is taken by others."
            found.append(("leader" if leader else "mentor", name, why))
        return found

    @cached_property
    def second_before_first(self) -> str | None:
        """Return that somebody has two partners while another has none, and what would help."""
        waiting = {
            person.side for person in self.pairing.diagnosis.unplaced if not person.nobody_possible
        }
        mentors, leaders = (Counter(side) for side in self.pairing.pairs.T.tolist())
        sides = [
            f"{side}s"
            for side, engine_side, pairs in (
                ("leader", "mentee", leaders),
                ("mentor", "mentor", mentors),
            )
            if engine_side in waiting and max(pairs.values(), default=0) > 1
        ]
        if not sides or self.problem.one_each_first:
            return None
        # the later aims move people between pairs but give nobody more a partner, so the quickest
        first = replace(self.problem, one_each_first=True, objective="total", depth=1)
        more = _people_in(solve(first)) - _people_in(self.pairing)
        unequal = f"Some {' and '.join(sides)} have several partners while others have none"
        if not more:
            return f"{unequal}; --one-each-first would change nothing about that."
        people = "one more person" if more == 1 else f"{more} more people"
        return f"{unequal}; --one-each-first gives {people} a partner, in as many pairs."

    def looks_swapped(self) -> str | None:
        """Return a hint where leaders are, by their grades, below the mentors."""
        leaders, mentors = (
            [person.grade for person in sheet.people if person.grade is not None]
            for sheet in (self.leaders, self.mentors)
        )
        gap = self.problem.rules.minimum_grade_gap
        if not gap or not leaders or not mentors or mean(leaders) >= mean(mentors):
            return None
        return (
            f"The leaders in {self.leaders.file} have lower grades than the mentors in "
            f"{self.mentors.file}. Are the two files swapped? The leaders' comes first."
        )

    def helps(self) -> list[str]:
        """Return what would allow more pairs."""
        return [f"{_help(each)}: {each.more_pairs} more." for each in self.pairing.diagnosis.helps]

    def not_compared(self) -> list[str]:
        """Return what a fit could not look at: columns only one file has, topics nobody knows."""
        both = self.leaders.columns & self.mentors.columns
        missing = [name for name in ("topics", "interests", "hours") if name not in both]
        known = {topic for person in self.problem.mentors for topic in person.topics}
        wanted = {topic for person in self.problem.mentees for topic in person.topics}
        notes = []
        if missing:
            notes.append(f"Not compared, not a column of both files: {', '.join(missing)}.")
        if "topics" in both and wanted - known:
            notes.append(f"Topics that no mentor names: {'; '.join(sorted(wanted - known))}.")
        return notes

    def unused_columns(self) -> list[str]:
        """Return columns that pairing did not look at, so that nobody believes it did."""
        return sorted({*self.leaders.unused, *self.mentors.unused})


def _people_in(pairing: Pairing) -> int:
    return sum(len(set(side)) for side in pairing.pairs.T.tolist())


def _help(each: Help) -> str:
    """Return what would have to change, in words that finish with how many more pairs."""
    places = {"mentor_places": "mentors", "mentee_places": "leaders"}
    if each.rule in places:
        return f"With {each.setting} of the {places[each.rule]} in one more pair"
    if each.setting in (None, False):
        return f"Without the rule against pairs {RULES[each.rule]}"
    return f"With {each.rule}={each.setting:g}"


def fit(points: int) -> str:
    """Return micro-points as the fit that people read, 1.00 being full."""
    return f"{points / SCALE:.2f}"


def common_ground(why: Explanation) -> str:
    """Return the topics a pair can start from, else the interests they share."""
    covered = [match.topic for match in why.topics if match.covered]
    return ", ".join(covered or why.interests)


def pairs_table(paired: Paired) -> str:
    """Return the pairs as CSV, private parts as one rounded figure."""
    heading = [
        *("leader", "leader_name", "mentor", "mentor_name", "fit"),
        *(*PUBLIC_PARTS, "private"),
        *("topics", "interests", "languages", "shared_hours"),
    ]
    rows = [
        [
            *(why.mentee, paired.leader_name(why.mentee)),
            *(why.mentor, paired.mentor_name(why.mentor)),
            fit(why.score),
            *(fit(why.public_parts[part]) for part in PUBLIC_PARTS),
            fit(why.private),
            "; ".join(match.topic for match in why.topics if match.covered),
            "; ".join(why.interests),
            "; ".join(why.languages),
            why.shared_hours,
        ]
        for why in paired.pairs()
    ]
    return write_table([heading, *rows])


def summary(paired: Paired, written: Iterable[Path]) -> str:
    """Return what the terminal says at the end."""
    leaders, mentors = paired.placed()
    n_pairs = len(paired.pairing.pairs)
    several = "; some are in more than one pair" if n_pairs > min(leaders, mentors) else ""
    lines = [
        f"{n_pairs} {'pair' if n_pairs == 1 else 'pairs'}: "
        f"{leaders} of {len(paired.leaders.people)} leaders "
        f"with {mentors} of {len(paired.mentors.people)} mentors{several}."
    ]
    pairs = paired.pairs()
    if pairs:
        least = pairs[-1]
        lines += [
            f"Average fit {paired.average():.2f}; least served {fit(least.score)} "
            f"({paired.leader_name(least.mentee)} with {paired.mentor_name(least.mentor)}).",
            paired.proof(),
        ]
    lines += filter(None, [paired.looks_swapped(), paired.second_before_first])
    lines += [f"No partner: {name} ({side}). {why}" for side, name, why in paired.unplaced()]
    lines += paired.helps()
    lines += [f"Not checked, no column for it: pairs {RULES[rule]}." for rule in paired.unchecked]
    lines += paired.not_compared()
    if paired.unused_columns():
        lines.append(f"Columns not used: {', '.join(paired.unused_columns())}.")
    lines.append(f"Wrote {' and '.join(str(path) for path in written)}.")
    return "\n".join(lines)
