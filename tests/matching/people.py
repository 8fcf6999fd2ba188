"""Random people who touch every field, for tables and properties."""

import numpy as np

from contraflow.matching import TRAITS, Participant, Problem, Rules

TOPICS = ("ai", "video", "python", "media", "inclusion", "climate")
TAGS = ("chess", "opera", "running", "cooking", "maps")


def some(rng, things, most):
    return frozenset(rng.choice(things, rng.integers(0, most + 1), replace=False).tolist())


def maybe(rng, value, share=0.8):
    return value if rng.random() < share else None


def person(rng, side, number, partners):
    """Return one random person; every field is sometimes left empty."""
    others = [name for name in partners if name != f"{side}{number}"] or ["nobody"]
    topics = some(rng, TOPICS, 4)
    managers = ("boss", *(rng.permutation(others).tolist()))[: rng.integers(0, 4)]
    return Participant(
        id=f"{side}{number}",
        topics={topic: int(rng.integers(0, 5)) for topic in sorted(topics)},
        closed_topics=some(rng, TOPICS, 2),
        interests=some(rng, TAGS, 4),
        languages=some(rng, ("en", "de", "hu"), 3),
        hours=frozenset(rng.choice(24, rng.integers(0, 12), replace=False).tolist()),
        site=maybe(rng, str(rng.choice(["Wien", "Pest"]))),
        department=("Ops", "IT", "Web")[: rng.integers(0, 4)]
        if rng.random() < 0.5
        else ("Sales", "North")[: rng.integers(0, 3)],
        team=maybe(rng, str(rng.choice(["a", "b", "c", "d"]))),
        grade=maybe(rng, int(rng.integers(1, 5) + (2 if side == "e" else 0)), 0.9),
        managers=tuple(rng.permutation(managers).tolist()),
        panels=some(rng, ("p1", "p2", "p3"), 1),
        assessed_by=some(rng, ("p1", "p2", "p3"), 1),
        personality=maybe(rng, {trait: float(rng.integers(4, 21)) / 4 for trait in TRAITS}),
        wishes=tuple(rng.permutation(others)[: rng.integers(0, 3)].tolist()),
        vetoes=frozenset(rng.permutation(others)[: rng.integers(0, 2)].tolist()),
        decoy_wishes=tuple(maybe(rng, other, 0.5) for other in rng.permutation(others)[:2].tolist())
        if rng.random() < 0.3
        else (),
        capacity=int(rng.choice([0, 1, 1, 1, 2, 3])),
    )


def random_problem(seed, *, most=8, rules=None):
    """Return a random problem; every fifth has one person on both sides."""
    rng = np.random.default_rng(seed)
    n, m = rng.integers(0, most + 1, 2)
    mentor_ids = [f"m{number}" for number in range(n)]
    mentee_ids = [f"e{number}" for number in range(m)]
    mentors = [person(rng, "m", number, mentee_ids) for number in range(n)]
    mentees = [person(rng, "e", number, mentor_ids) for number in range(m)]
    if seed % 5 == 0 and mentors:
        mentees.append(mentors[0])
    current = [(a, b) for a in mentor_ids for b in mentee_ids if rng.random() < 0.2]
    return Problem(
        mentors=mentors, mentees=mentees, rules=rules or random_rules(rng), current=current
    )


def random_rules(rng):
    """Return rules of which each is sometimes off."""
    return Rules(
        reporting_line_levels=maybe(rng, int(rng.integers(0, 4))),
        different_team=bool(rng.random() < 0.6),
        minimum_grade_gap=maybe(rng, int(rng.integers(0, 3)), 0.5),
        same_panel=bool(rng.random() < 0.5),
        common_language=bool(rng.random() < 0.5),
        closed_topics=bool(rng.random() < 0.5),
        floor=maybe(rng, 0.3, 0.2),
        share_of_best=maybe(rng, 0.8, 0.2),
    )
