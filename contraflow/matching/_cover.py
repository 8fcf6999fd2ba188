"""Cover for what people answer in private: noise at the door, so that nothing later can leak.

Whoever may turn weights, lock, forbid, swap and read every figure can in the end read off what the
engine was told about two people: which pairs are never made, what a score holds beyond its
public parts. So the engine of a programme is not told. Before pairing, each person's private
answers are covered by draws from a secret key, once and for all:

- **vetoes**: besides each real veto at least one decoy, and for some people one without any real
  one. All are kept, so a real veto always holds; but of the partners ruled out for somebody
  at most half were that person's choice.
- **wishes**: besides each real wish a decoy of the same rank; where there is no wish of a rank,
  a decoy half of the time. Of the partners with a bonus at most half were wished for.
- **personality**: each judged trait is rounded to low, middle or high (middle without answers),
  and one time in three replaced by one of the three at random (randomised response, Warner
  1965): no figure changes the odds of one level against another by more than a factor of 7.

Everything computed afterwards is a function of the covered answers and public facts alone, so
these bounds hold whatever is shown, however often and under whatever settings (post-processing;
Dwork and Roth 2014, proposition 2.1). They do not hold against knowledge from elsewhere, or
against somebody who has the key. Draws depend on the key and the two people, not on who else
is there or when, so asking again shows nothing new.

References
----------
S. L. Warner, Randomized response, J. American Statistical Association 60 (1965) 63-69.
C. Dwork, A. Roth, The algorithmic foundations of differential privacy (2014).
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from contraflow.matching._arrays import Mask
from contraflow.matching._errors import MatchingInputError
from contraflow.matching._fit import JUDGED_TRAITS, NOT_POSSIBLE, has_answered
from contraflow.matching._most import most_pairs
from contraflow.matching._people import MOST_WISHES, Participant, PersonId
from contraflow.matching._problem import Problem
from contraflow.matching._rules import blocked_pairs
from contraflow.matching._solve import in_order

Keys = npt.NDArray[np.uint64]
# A decoy veto for one in so many of those without a real one.
_ONE_DECOY_IN = 4
# What a trait counts as: the middle of the scale and one point to either side.
_LEVELS = (2.0, 3.0, 4.0)
# Where the middle begins and ends: the population is above the middle of the scale.
_MIDDLE = (2.875, 3.875)
_LEAST_KEY = 16
_ODD = 0x9E3779B97F4A7C15


def cover(
    mentors: Sequence[Participant], mentees: Sequence[Participant], *, key: bytes
) -> tuple[list[Participant], list[Participant]]:
    """Return the same people with their private answers covered.

    Decoys cost nobody a place under the rules as they ship, nor with all of them off: they are
    drawn outside a largest pairing that the real answers allow under each.

    Parameters
    ----------
    mentors, mentees : sequence of Participant
    key : bytes
        At least 16, secret and the same for as long as the same people are paired.

    Examples
    --------
    >>> ama = Participant(id="ama", vetoes=frozenset({"eve"}))
    >>> leaders = [Participant(id=name) for name in ("eve", "kim", "lia", "mia")]
    >>> (covered,), _ = cover([ama], leaders, key=b"an example's key")
    >>> sorted(covered.vetoes), len(covered.personality)
    (['eve', 'lia'], 3)
    """
    if len(key) < _LEAST_KEY:
        raise MatchingInputError(f"key must have at least {_LEAST_KEY} bytes.")
    rows, columns = in_order(mentors), in_order(mentees)
    spared = np.zeros((len(mentors), len(mentees)), dtype=np.bool_)
    spared[np.ix_(rows, columns)] = _spared(
        [mentors[row] for row in rows], [mentees[column] for column in columns]
    )
    keys = {
        purpose: (
            _keys(key, f"{purpose} of mentor", mentors),
            _keys(key, f"{purpose} of mentee", mentees),
        )
        for purpose in ("veto", "wish", "trait")
    }
    ids = [person.id for person in mentors], [person.id for person in mentees]
    covered: tuple[list[Participant], list[Participant]] = ([], [])
    for side, people in enumerate((mentors, mentees)):
        for place, person in enumerate(people):
            spare = spared[place] if side == 0 else spared[:, place]
            draws = {name: (each[side][place], each[1 - side]) for name, each in keys.items()}
            vetoes = _decoy_vetoes(person, ids[1 - side], spare, *draws["veto"])
            covered[side].append(
                replace(
                    person,
                    vetoes=person.vetoes | vetoes,
                    decoy_wishes=_decoy_wishes(person, ids[1 - side], *draws["wish"]),
                    personality=_covered_traits(person, draws["trait"][0]),
                )
            )
    return covered


def _spared(mentors: Sequence[Participant], mentees: Sequence[Participant]) -> Mask:
    """Return the pairs that no decoy rules out: two largest pairings, and who wished for whom."""
    problem = Problem(mentors=mentors, mentees=mentees)
    spared = np.zeros((len(mentors), len(mentees)), dtype=np.bool_)
    blocked = blocked_pairs(problem, np.zeros(spared.shape, dtype=np.int64))
    places = [np.array([p.capacity for p in side], dtype=np.int64) for side in (mentors, mentees)]
    for rules in (blocked.keys(), ("same_person", NOT_POSSIBLE)):
        possible = ~np.logical_or.reduce([blocked[rule] for rule in rules])
        spared |= most_pairs(possible, *places)
    for row, person in enumerate(mentors):
        for wish in filter(problem.has_mentee, person.wishes):
            spared[row, problem.mentee_column(wish)] = True
    for column, person in enumerate(mentees):
        for wish in filter(problem.has_mentor, person.wishes):
            spared[problem.mentor_row(wish), column] = True
    return spared


def _decoy_vetoes(
    person: Participant, others: Sequence[PersonId], spared: Mask, own: np.uint64, keys: Keys
) -> frozenset[PersonId]:
    real = len(person.vetoes.intersection(others))
    count = real + (int(own) % _ONE_DECOY_IN == 0)
    never = {person.id, *person.vetoes}
    never.update(others[place] for place in np.flatnonzero(spared).tolist())
    return frozenset(_draw(count, never, others, own, keys))


def _decoy_wishes(
    person: Participant, others: Sequence[PersonId], own: np.uint64, keys: Keys
) -> tuple[PersonId | None, ...]:
    """Return a decoy for each rank, None where there is none."""
    drawn = _draw(MOST_WISHES, {person.id, *person.wishes, *person.vetoes}, others, own, keys)
    present = set(others)
    decoys: list[PersonId | None] = []
    for rank, decoy in enumerate(drawn):
        is_real = rank < len(person.wishes) and person.wishes[rank] in present
        is_drawn = int(own) >> (8 + rank) & 1 == 1
        decoys.append(decoy if is_real or is_drawn else None)
    return tuple(decoys)


def _covered_traits(person: Participant, own: np.uint64) -> dict[str, float]:
    traits = person.personality if person.personality and has_answered(person) else {}
    covered = {}
    for place, trait in enumerate(JUDGED_TRAITS):
        value = traits.get(trait, _LEVELS[1])
        level = _LEVELS[sum(value > limit for limit in _MIDDLE)]
        draw = int(own) >> (16 * place) & 0xFFFF
        # nine equal chances: three for a random level, six for the person's own
        covered[trait] = _LEVELS[draw % 9] if draw % 9 < len(_LEVELS) else level
    return covered


def _draw(
    count: int, never: set[PersonId], others: Sequence[PersonId], own: np.uint64, keys: Keys
) -> list[PersonId]:
    """Return the first `count` of the others in the secret order that a person has of them."""
    if not count:
        return []
    # not symmetric: whom one draws says nothing of whom the other draws
    shift = np.uint64(int(own) * _ODD % 2**64)
    order = np.argsort(_mixed(keys + shift), kind="stable")
    found = (others[place] for place in order.tolist() if others[place] not in never)
    return [other for other, _ in zip(found, range(count), strict=False)]


def _keys(key: bytes, purpose: str, people: Iterable[Participant]) -> Keys:
    """Return a secret number for each person and purpose."""

    def number(person: Participant) -> int:
        # 1 and "1" are two people
        name = f"{type(person.id).__name__} {person.id}".encode()
        digest = blake2b(name, digest_size=8, key=key[:64], person=purpose.encode())
        return int.from_bytes(digest.digest(), "big")

    return np.array([number(person) for person in people], dtype=np.uint64)


def _mixed(values: Keys) -> Keys:
    """Scatter numbers (the finaliser of SplitMix64, Steele, Lea and Flood 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
