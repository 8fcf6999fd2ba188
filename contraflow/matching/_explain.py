"""Why a pair scores what it scores, in parts and in the words behind them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from contraflow.matching import _fit
from contraflow.matching._arrays import Ints, Mask
from contraflow.matching._encode import encode
from contraflow.matching._people import Participant, PersonId
from contraflow.matching._problem import Problem
from contraflow.matching._rules import SHARE_OF_BEST

# Not of the two people: what a lead decided about them, or a line the lead drew.
_OF_THE_LEAD = {"forbidden", "floor", SHARE_OF_BEST}


@dataclass(frozen=True)
class TopicMatch:
    """Hold one topic the mentee wants and what the mentor brings to it.

    `known` is 0 alike for a topic the mentor does not know and for one the mentor closed.
    """

    topic: str
    wanted: int
    known: int

    @property
    def covered(self) -> int:
        """Return how many of the wanted levels the mentor covers."""
        return min(self.wanted, self.known)


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Hold the parts of one pair's fit in micro-points, and what stands behind them.

    Parameters
    ----------
    score : int
        ``sum(public_parts.values()) + kept + private``, exactly.
    public_parts : mapping of str to int
        Skills, interests, logistics and distance.
    kept : int
        The inertia of two who are a pair already, else 0.
    private : int
        Personality and wishes of both together. Whoever is neither of the two is shown
        this rounded, or not at all.
    most : mapping of str to int
        What each part could give at most.
    topics : tuple of TopicMatch
        Every topic the mentee wants, the best covered first.
    interests, languages : tuple of str
        In common, sorted.
    shared_hours : int
        Weekly hours that suit both.
    broken_rules : tuple of str
        Hard rules the pair breaks; ``"not_possible"`` stands for every private one.
    """

    mentor: PersonId
    mentee: PersonId
    score: int
    public_parts: Mapping[str, int]
    kept: int
    private: int
    most: Mapping[str, int]
    topics: tuple[TopicMatch, ...]
    interests: tuple[str, ...]
    languages: tuple[str, ...]
    shared_hours: int
    broken_rules: tuple[str, ...]


def explain(problem: Problem, mentor: PersonId, mentee: PersonId) -> Explanation:
    """Explain the fit of one mentor with one mentee, paired or not.

    Parameters
    ----------
    problem : Problem
    mentor, mentee : ids

    Raises
    ------
    MatchingInputError
        If the problem has no such person.

    Examples
    --------
    >>> from contraflow.matching import Participant, Problem
    >>> ama = Participant(id="ama", topics={"ai": 3}, interests=frozenset({"chess", "opera"}))
    >>> bela = Participant(id="bela", topics={"ai": 2, "video": 2}, interests=frozenset({"chess"}))
    >>> why = explain(Problem(mentors=[ama], mentees=[bela]), "ama", "bela")
    >>> why.score == sum(why.public_parts.values()) + why.private
    True
    >>> why.public_parts["skills"], why.interests
    (225000, ('chess',))
    >>> why.topics[0]
    TopicMatch(topic='ai', wanted=2, known=3)
    """
    ours, theirs = problem.people((mentor, mentee))
    most = _fit.points(problem.weights)
    parts = _fit.fit_parts(most, ours, theirs)
    public_parts = {name: parts[name] for name in _fit.PUBLIC_PARTS}
    kept = most.kept if (mentor, mentee) in problem.current else 0
    score = sum(parts.values()) + kept
    return Explanation(
        mentor=mentor,
        mentee=mentee,
        score=score,
        public_parts=public_parts,
        kept=kept,
        private=sum(parts[name] for name in _fit.PRIVATE_PARTS),
        most=_fit.most_parts(most),
        topics=_topics(ours, theirs),
        interests=tuple(sorted(ours.interests & theirs.interests)),
        languages=tuple(sorted(ours.languages & theirs.languages)),
        shared_hours=len(ours.hours & theirs.hours),
        broken_rules=_broken_rules(problem, (ours, theirs), score),
    )


def fits(problem: Problem) -> tuple[Ints, Mask]:
    """Return the fit of every mentor with every mentee, and which pairs no rule forbids.

    What a lead decides or draws is no rule here: forbidden pairs, the floor and the share of
    everybody's best. Read only, and computed once for as long as the problem lives.

    Returns
    -------
    scores : ndarray of int64, shape (n_mentors, n_mentees)
        The same as `explain` says of each pair, in micro-points.
    possible : ndarray of bool, shape (n_mentors, n_mentees)

    Examples
    --------
    >>> from contraflow.matching import Participant, Problem
    >>> ama = Participant(id="ama", topics={"ai": 3}, grade=3, languages=frozenset({"en"}))
    >>> eve = Participant(id="eve", topics={"ai": 2}, grade=9, languages=frozenset({"en"}))
    >>> problem = Problem(mentors=[ama], mentees=[eve], forbidden=[("ama", "eve")])
    >>> scores, possible = fits(problem)
    >>> int(scores[0, 0]) == explain(problem, "ama", "eve").score, bool(possible[0, 0])
    (True, True)
    """
    encoded = encode(problem)
    masks = [mask for rule, mask in encoded.blocked.items() if rule not in _OF_THE_LEAD]
    return encoded.scores, ~np.logical_or.reduce(masks)


def _topics(mentor: Participant, mentee: Participant) -> tuple[TopicMatch, ...]:
    known = _fit.open_topics(mentor)
    matches = [
        TopicMatch(topic, wanted, known.get(topic, 0))
        for topic, wanted in _fit.wanted_topics(mentee).items()
    ]
    return tuple(sorted(matches, key=lambda each: (-each.covered, -each.wanted, each.topic)))


def _broken_rules(
    problem: Problem, people: tuple[Participant, Participant], score: int
) -> tuple[str, ...]:
    mentor, mentee = people
    broken = _fit.broken_rules(problem.rules, mentor, mentee)
    pair = (mentor.id, mentee.id)
    if pair in problem.forbidden:
        broken.append("forbidden")
    if pair not in problem.locked:
        if _fit.is_below_floor(problem.rules, score):
            broken.append("floor")
        if problem.rules.share_of_best is not None:
            row, column = problem.mentor_row(mentor.id), problem.mentee_column(mentee.id)
            if encode(problem).blocked[SHARE_OF_BEST][row, column]:
                broken.append(SHARE_OF_BEST)
    return tuple(broken)
