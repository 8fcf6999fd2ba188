"""Who is left without a partner, which rule is in the way, and what would help."""

from collections.abc import Mapping

import numpy as np

from contraflow.matching._arrays import Mask
from contraflow.matching._fit import NOT_POSSIBLE
from contraflow.matching._instance import Instance
from contraflow.matching._most import most_pairs
from contraflow.matching._pairing import Diagnosis, Help, Unplaced

# Rules that nobody may turn off, so that they are never offered as help.
_NEVER_OFF = frozenset({NOT_POSSIBLE, "same_person"})


def diagnose(
    instance: Instance, locked: Mask, blocked: Mapping[str, Mask], chosen: Mask
) -> Diagnosis:
    """Explain what a pairing leaves undone.

    Parameters
    ----------
    instance : Instance
        With full capacities; `locked` pairs are part of `chosen`.
    blocked : mapping of str to ndarray of bool
        For each rule the pairs it rules out.
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
        helps=_helps(instance, locked, blocked, chosen),
    )


def _unplaced(side: str, allowed: Mask, public: Mapping[str, Mask], place: int) -> Unplaced:
    counts = {rule: int(mask[place].sum()) for rule, mask in public.items()}
    return Unplaced(
        side=side,
        place=place,
        nobody_possible=not allowed[place].any(),
        blocked={rule: count for rule, count in counts.items() if count},
    )


def _helps(
    instance: Instance, locked: Mask, blocked: Mapping[str, Mask], chosen: Mask
) -> tuple[Help, ...]:
    """Solve the first aim again with each rule off, if anybody could still be placed."""
    count = int(chosen.sum())
    if count == min(int(instance.mentor_capacity.sum()), int(instance.mentee_capacity.sum())):
        return ()
    mentors = instance.mentor_capacity - locked.sum(axis=1)
    mentees = instance.mentee_capacity - locked.sum(axis=0)
    helps = []
    for rule in blocked.keys() - _NEVER_OFF:
        others = [mask for other, mask in blocked.items() if other != rule]
        possible = ~np.logical_or.reduce([locked, *others])
        more = int(most_pairs(possible, mentors, mentees).sum() + locked.sum()) - count
        if more > 0:
            helps.append(Help(rule=rule, more_pairs=more))
    return tuple(sorted(helps, key=lambda each: (-each.more_pairs, each.rule)))
