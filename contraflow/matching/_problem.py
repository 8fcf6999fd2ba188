"""One pairing to solve: people, weights, rules, and what the lead has settled by hand."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from contraflow.matching._errors import MatchingInputError
from contraflow.matching._fit import broken_rules
from contraflow.matching._instance import Aims
from contraflow.matching._people import (
    Participant,
    PersonId,
    Rules,
    Weights,
    check_person,
    is_whole,
)

OBJECTIVES = ("least_served", "total")
# Each level doubles the weight of the lowest one, which has to stay a whole number of 64 bits.
MOST_DEPTH = 20
Pair = tuple[PersonId, PersonId]


@dataclass(frozen=True, kw_only=True, eq=False)
class Problem:
    """Hold everything that decides a pairing; checked once, here, and never changed.

    Parameters
    ----------
    mentors, mentees : sequence of Participant
        Ids are unique on each side. The order does not influence who is paired.
    weights : Weights
    rules : Rules
    locked : sequence of (mentor id, mentee id)
        Pairs that stay. They use up capacity; the aims are then for everybody else.
    forbidden : sequence of (mentor id, mentee id)
        Pairs the lead does not want.
    current : collection of (mentor id, mentee id)
        Who is a pair today: each gets the inertia of `weights` on top. People who are not here
        any more may be named.
    objective : {"least_served", "total"}
        After placing most people: the least-served pair first, or the total at once.
    depth : int
        For "least_served": how many of the lowest scores are lifted, the lowest first, each
        with as few pairs as possible at those below (leximin to a stated depth).
    one_each_first : bool
        Where people may take part in several pairs: nobody has a second partner while
        somebody who could have one has none.

    Raises
    ------
    MatchingInputError
        If a field breaks its contract, or a locked pair breaks a hard rule. The message
        then names the two, never the rule, which may be private.

    Examples
    --------
    >>> ama = Participant(id="ama", topics={"ai": 3}, languages=frozenset({"en"}), grade=3)
    >>> bela = Participant(id="bela", topics={"ai": 2}, languages=frozenset({"en"}), grade=9)
    >>> problem = Problem(mentors=[ama], mentees=[bela])
    >>> problem.mentor_row("ama"), problem.mentee_column("bela")
    (0, 0)
    """

    mentors: Sequence[Participant]
    mentees: Sequence[Participant]
    weights: Weights = field(default_factory=Weights)
    rules: Rules = field(default_factory=Rules)
    locked: Sequence[Pair] = ()
    forbidden: Sequence[Pair] = ()
    current: Collection[Pair] = ()
    objective: str = "least_served"
    depth: int = 1
    one_each_first: bool = False
    _rows: dict[PersonId, int] = field(init=False, repr=False)
    _columns: dict[PersonId, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Check the whole problem, so that nothing past this point has to."""
        for name in ("mentors", "mentees"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        for name in ("locked", "forbidden"):
            pairs = tuple((mentor, mentee) for mentor, mentee in getattr(self, name))
            object.__setattr__(self, name, pairs)
        object.__setattr__(self, "current", frozenset((a, b) for a, b in self.current))
        as_aims(self.objective, self.depth, self.one_each_first)
        object.__setattr__(self, "_rows", _places(self.mentors, "mentor"))
        object.__setattr__(self, "_columns", _places(self.mentees, "mentee"))
        self._check_settled_pairs()

    @property
    def aims(self) -> Aims:
        """Return what is aimed at after as many pairs as possible."""
        return Aims(self.objective, self.depth, self.one_each_first)

    def mentor_row(self, mentor: PersonId) -> int:
        """Return the row of a mentor by id."""
        return _place(self._rows, mentor, "mentor")

    def mentee_column(self, mentee: PersonId) -> int:
        """Return the column of a mentee by id."""
        return _place(self._columns, mentee, "mentee")

    def has_mentor(self, mentor: PersonId) -> bool:
        """Say whether the id is a mentor's."""
        return mentor in self._rows

    def has_mentee(self, mentee: PersonId) -> bool:
        """Say whether the id is a mentee's."""
        return mentee in self._columns

    def people(self, pair: Pair) -> tuple[Participant, Participant]:
        """Return the mentor and the mentee of a pair of ids."""
        mentor, mentee = pair
        return self.mentors[self.mentor_row(mentor)], self.mentees[self.mentee_column(mentee)]

    def _check_settled_pairs(self) -> None:
        if len(set(self.locked)) < len(self.locked):
            raise MatchingInputError("A pair is locked twice.")
        for pair in self.forbidden:
            self.people(pair)
        both = set(self.locked) & set(self.forbidden)
        for pair in self.locked:
            mentor, mentee = self.people(pair)
            if pair in both or broken_rules(self.rules, mentor, mentee):
                raise MatchingInputError(f"Pair {pair[0]!r}, {pair[1]!r} is not possible.")
        for side, people in ((0, self.mentors), (1, self.mentees)):
            locks = Counter(pair[side] for pair in self.locked)
            for person in people:
                if locks[person.id] > person.capacity:
                    raise MatchingInputError(
                        f"{person.id!r} is locked into {locks[person.id]} pairs "
                        f"and takes part in at most {person.capacity}."
                    )


def as_aims(objective: str, depth: int, one_each_first: bool) -> Aims:
    """Return what is aimed at, or raise if the engine does not know it."""
    if objective not in OBJECTIVES:
        raise MatchingInputError(
            f"objective must be one of {', '.join(OBJECTIVES)}, got {objective!r}."
        )
    if not is_whole(depth) or not 1 <= depth <= MOST_DEPTH:
        raise MatchingInputError(
            f"depth must be a whole number from 1 to {MOST_DEPTH}, got {depth!r}."
        )
    if not isinstance(one_each_first, bool):
        raise MatchingInputError("one_each_first must be True or False.")
    return Aims(objective, depth, one_each_first)


def _places(people: Sequence[Participant], side: str) -> dict[PersonId, int]:
    places: dict[PersonId, int] = {}
    for place, person in enumerate(people):
        check_person(person, side)
        if places.setdefault(person.id, place) != place:
            raise MatchingInputError(f"Two {side}s have the id {person.id!r}.")
    return places


def _place(places: dict[PersonId, int], person: PersonId, side: str) -> int:
    if person not in places:
        raise MatchingInputError(f"There is no {side} {person!r}.")
    return places[person]
