"""What opens session 2: the short training of both, or a lead who says why.

Dates are set before that and what happened is told afterwards, with the training or without; what
waits is the agenda. See docs/decisions/0008-gate.md.
"""

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from contraflow.pairs.models import GateOpening, Pair, Session
from contraflow.pairs.rules import leads_programme
from contraflow.people.models import Person
from contraflow.programmes.models import Side
from contraflow.training.gate import is_open, left_of_both
from contraflow.training.modules import minutes_of
from contraflow.training.rules import why_not_begin_second_session

# a reason in a sentence, not a word
MIN_REASON, MAX_REASON = 10, 500


@dataclass(frozen=True, kw_only=True)
class Gate:
    """What one reader may know of the second session that waits."""

    why: str
    # what is left of the reader's own part
    minutes: int = 0
    # who has it still to do, for leads alone
    waits_for: tuple[Person, ...] = ()


def is_opened_by_lead(pair: Pair) -> bool:
    """Tell whether a lead let the pair go on without the training."""
    return GateOpening.objects.filter(pair=pair.pk).exists()


def gate_of(pair: Pair, *, reader: Person) -> Gate | None:
    """Return why session 2 of a pair waits, as this reader may know it; None where it is open."""
    if pair.is_over_for(reader) or is_opened_by_lead(pair):
        return None
    left = left_of_both(pair.mentor, pair.mentee, pair.cohort.programme_id)
    why = why_not_begin_second_session(left, own=pair.side_of(reader))
    if why is None:
        return None
    if own := pair.side_of(reader):
        return Gate(why=why, minutes=minutes_of(left[own]))
    both = {Side.MENTOR: pair.mentor, Side.MENTEE: pair.mentee}
    return Gate(why=why, waits_for=tuple(both[side] for side in both if left[side]))


def gate_of_session(session: Session, *, reader: Person) -> Gate | None:
    """Return why a session waits for training; the first one never does, nor one that was held."""
    if session.number < 2 or session.state == Session.State.HELD:
        return None
    return gate_of(session.pair, reader=reader)


def why_not_begin(session: Session, *, by: Person) -> str | None:
    """Say why the two cannot go through the agenda of a session yet, or None if they can."""
    gate = gate_of_session(session, reader=by)
    return gate.why if gate else None


def why_not_open(pair: Pair, *, by: Person, reason: str = "") -> str | None:
    """Say why session 2 cannot be opened without the training, or None if it can."""
    if not leads_programme(by, pair):
        return _("Only the leads of the programme open it.")
    if pair.state == Pair.State.ENDED:
        return _("This pair has ended.")
    if not MIN_REASON <= len(reason.strip()) <= MAX_REASON:
        return _("Say why in a sentence; it is for the leads of the programme alone.")
    return None


def waiting_on(side: str, pairs: QuerySet[Pair]) -> QuerySet[Pair]:
    """Return those of the pairs whose session 2 waits for the training of this side."""
    person = "mentor" if side == Side.MENTOR else "mentee"
    still_to_do: Q = is_open(side, person=person, programme="cohort__programme")
    return pairs.filter(still_to_do, gate_opening__isnull=True)
