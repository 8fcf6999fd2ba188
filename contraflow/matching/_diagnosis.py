"""Who is left without a partner, which rule is in the way, and what would help."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from contraflow.matching._arrays import Ints, Mask
from contraflow.matching._fit import NOT_POSSIBLE
from contraflow.matching._instance import Instance
from contraflow.matching._most import most_pairs
from contraflow.matching._pairing import Diagnosis, Help, Setting, Unplaced

# A rule, its milder settings from the nearest to off, and who may be paired under each.
Relaxation = tuple[str, Sequence[Setting], Callable[[Setting], Mask]]


def diagnose(
    instance: Instance,
    locked: Mask,
    blocked: Mapping[str, Mask],
    chosen: Mask,
    relaxations: Callable[[], Iterator[Relaxation]],
) -> Diagnosis:
    """Explain what a pairing leaves undone.

    Parameters
    ----------
    instance : Instance
        With full capacities; `locked` pairs are part of `chosen`.
    blocked : mapping of str to ndarray of bool
        For each rule the pairs it rules out.
    relaxations : callable
        Yields what could be relaxed; asked only if somebody more could be placed at all.
    """
    public = {rule: mask for rule, mask in blocked.items() if rule != NOT_POSSIBLE}
    transposed = {rule: mask.T for rule, mask in public.items()}
    no_mentor = np.flatnonzero((chosen.sum(axis=0) == 0) & (instance.mentee_capacity > 0))
    no_mentee = np.flatnonzero((chosen.sum(axis=1) == 0) & (instance.mentor_capacity > 0))
    return Diagnosis(
        mentor_places=int(instance.mentor_capacity.sum()),
        mentee_places=int(instance.mentee_capacity.sum()),
        blocked={rule: int(mask.sum()) for rule, mask in blocked.items()},
        unplaced=tuple(
            [_unplaced("mentee", instance.allowed.T, transposed, at) for at in no_mentor.tolist()]
            + [_unplaced("mentor", instance.allowed, public, at) for at in no_mentee.tolist()]
        ),
        helps=_Helps(instance, locked, int(chosen.sum())).all(relaxations),
    )


def _unplaced(side: str, allowed: Mask, public: Mapping[str, Mask], place: int) -> Unplaced:
    counts = {rule: int(mask[place].sum()) for rule, mask in public.items()}
    return Unplaced(
        side=side,
        place=place,
        nobody_possible=not allowed[place].any(),
        blocked={rule: count for rule, count in counts.items() if count},
    )


class _Helps:
    """Solve the first aim again with one thing relaxed, if anybody could still be placed."""

    def __init__(self, instance: Instance, locked: Mask, count: int):
        self.instance = instance
        self.count = count
        self.locked = locked
        self.mentors = instance.mentor_capacity - locked.sum(axis=1)
        self.mentees = instance.mentee_capacity - locked.sum(axis=0)

    def all(self, relaxations: Callable[[], Iterator[Relaxation]]) -> tuple[Help, ...]:
        """Return the mildest relaxations that place more, the most helpful first."""
        found = list(self._more_places())
        places = int(self.instance.mentor_capacity.sum()), int(self.instance.mentee_capacity.sum())
        if self.count < min(places):
            for rule, settings, possible in relaxations():
                found += self._milder(rule, settings, possible)
        return tuple(sorted(found, key=lambda each: (-each.more_pairs, each.rule)))

    def _milder(
        self, rule: str, settings: Sequence[Setting], possible: Callable[[Setting], Mask]
    ) -> Iterator[Help]:
        """Yield the mildest setting that places more, and the mildest that places the most.

        A milder setting allows all that a stricter one does, so halving finds both. Only where
        a share of everybody's best is asked for may what it allows instead shrink; what is
        yielded is still what that setting places.
        """
        known: dict[int, int] = {}

        def more_at(place: int) -> int:
            if place not in known:
                allowed = possible(settings[place]) & ~self.locked
                known[place] = self._more(allowed, self.mentors, self.mentees)
            return known[place]

        off = len(settings) - 1
        wanted = (1, more_at(off)) if more_at(off) > 0 else ()
        for place in sorted({bisect_left(range(off), each, key=more_at) for each in wanted}):
            yield Help(rule=rule, setting=settings[place], more_pairs=more_at(place))

    def _more_places(self) -> Iterator[Help]:
        """Yield how many people with one more place would place more.

        With one more place each, every further pair takes one of them: so many are enough.
        """
        has_place = self.instance.mentor_capacity > 0, self.instance.mentee_capacity > 0
        for rule, mentors, mentees in (
            ("mentor_places", self.mentors + has_place[0], self.mentees),
            ("mentee_places", self.mentors, self.mentees + has_place[1]),
        ):
            more = self._more(self.instance.allowed & ~self.locked, mentors, mentees)
            if more:
                yield Help(rule=rule, setting=more, more_pairs=more)

    def _more(self, allowed: Mask, mentors: Ints, mentees: Ints) -> int:
        return int(most_pairs(allowed, mentors, mentees).sum() + self.locked.sum()) - self.count
