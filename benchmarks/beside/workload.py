"""One invented programme that every way of pairing is given: leaders, mentors, whole scores.

It is nobody's own measure of fit: the score is a plain mix of topics, interests, traits and
working hours, so that no way of pairing has the advantage of its own definition.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

# Steps of a score from 0 to 1: whole numbers, so that every solver is exact.
STEPS = 1_000_000
TOPICS, INTERESTS, TRAITS, LINES = 60, 40, 5, 50
LEVELS = 4
# Hours from UTC, and the share of people there: three large regions, nine small ones.
ZONES = np.array([-5, 1, 5, -8, -6, -3, 0, 2, 3, 8, 9, 10])
ZONE_SHARES = np.array([20, 18, 16, 8, 7, 6, 6, 5, 4, 4, 3, 3]) / 100
WORKING_DAY = 8
LANGUAGES, SPEAK_THE_COMMON_ONE = 8, 0.85
# Mentors for each leader; three of ten mentors have two places, so 1.3 and 0.91 places.
MENTORS = {"plenty": 1.0, "scarce": 0.7}
TWO_PLACES = 0.3


@dataclass(frozen=True, kw_only=True)
class Workload:
    """Hold what is given to every way of pairing; mentors are rows, leaders are columns.

    Each leader has one place. `scores` are whole numbers up to `STEPS`.
    """

    scores: np.ndarray
    allowed: np.ndarray
    places: np.ndarray

    def save(self, path: Path) -> None:
        """Write the arrays for a process of another installation to read."""
        np.savez(path, scores=self.scores, allowed=self.allowed, places=self.places)

    @classmethod
    def load(cls, path: Path) -> "Workload":
        """Read what `save` wrote."""
        with np.load(path) as arrays:
            return cls(**arrays)

    def corner(self, size: int) -> "Workload":
        """Return the same with the first few people only."""
        return Workload(
            scores=self.scores[:size, :size],
            allowed=self.allowed[:size, :size],
            places=self.places[:size],
        )


def workload(leaders: int, supply: str, seed: int) -> Workload:
    """Return the workload of a size, `"plenty"` or `"scarce"`, and a seed; always the same."""
    rng = np.random.default_rng([seed, leaders, list(MENTORS).index(supply)])
    mentors = round(leaders * MENTORS[supply])
    known = _levels(rng, mentors, 8)
    wanted = _levels(rng, leaders, 5)
    covered = sum((known >= level) @ (wanted >= level).T * 1.0 for level in range(1, LEVELS + 1))
    scores = (
        0.5 * covered / wanted.sum(axis=1)
        + 0.2 * _jaccard(_tags(rng, mentors), _tags(rng, leaders))
        + 0.15 * (1 - _squared_distance(_traits(rng, mentors), _traits(rng, leaders)) / TRAITS)
        + 0.15 * _reach(rng, mentors, leaders)
    )
    lines = rng.integers(LINES, size=mentors)[:, None] == rng.integers(LINES, size=leaders)
    return Workload(
        scores=np.rint(STEPS * scores).astype(np.int64),
        allowed=~lines,
        places=1 + (rng.random(mentors) < TWO_PLACES),
    )


def _levels(rng: np.random.Generator, people: int, mean: int) -> np.ndarray:
    """Return for each person and topic a level from 0 to 4; popular topics come first."""
    popularity = 1 / (np.arange(TOPICS) + 4)
    levels = np.zeros((people, TOPICS))
    for row, count in zip(levels, _counts(rng, people, mean), strict=True):
        topics = rng.choice(TOPICS, count, replace=False, p=popularity / popularity.sum())
        row[topics] = rng.integers(1, LEVELS + 1, count)
    return levels


def _tags(rng: np.random.Generator, people: int) -> np.ndarray:
    tags = np.zeros((people, INTERESTS))
    for row, count in zip(tags, _counts(rng, people, 6), strict=True):
        row[rng.choice(INTERESTS, count, replace=False)] = 1
    return tags


def _counts(rng: np.random.Generator, people: int, mean: int) -> np.ndarray:
    return np.maximum(rng.poisson(mean, people), 1)


def _traits(rng: np.random.Generator, people: int) -> np.ndarray:
    return rng.beta(2.5, 2.5, (people, TRAITS))


def _jaccard(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    shared = ours @ theirs.T
    return shared / (ours.sum(axis=1)[:, None] + theirs.sum(axis=1) - shared)


def _squared_distance(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    return ((ours[:, None, :] - theirs) ** 2).sum(axis=2)


def _reach(rng: np.random.Generator, mentors: int, leaders: int) -> np.ndarray:
    """Return how well two can meet: working hours in common, and a language in common."""
    ours, theirs = (rng.choice(ZONES, n, p=ZONE_SHARES) for n in (mentors, leaders))
    apart = np.abs(ours[:, None] - theirs)
    overlap = np.maximum(WORKING_DAY - np.minimum(apart, 24 - apart), 0) / WORKING_DAY
    shared = _languages(rng, mentors) @ _languages(rng, leaders).T > 0
    return 0.6 * overlap + 0.4 * shared


def _languages(rng: np.random.Generator, people: int) -> np.ndarray:
    """Return who speaks what: most the common language, everybody one of the others."""
    spoken = np.zeros((people, LANGUAGES))
    spoken[:, 0] = rng.random(people) < SPEAK_THE_COMMON_ONE
    spoken[np.arange(people), rng.integers(1, LANGUAGES, people)] = 1
    return spoken
