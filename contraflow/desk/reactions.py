"""What the desk does when something happens in a pair: it looks at that pair at once."""

from contraflow.core.events import on
from contraflow.core.mail import is_held_back
from contraflow.desk.actions import recompute
from contraflow.pairs import events
from contraflow.pairs.models import Pair


@on(events.SessionBooked)
@on(events.SessionMoved)
@on(events.SessionCancelled)
@on(events.SessionHeld)
@on(events.SessionMissed)
@on(events.SessionCorrected)
@on(events.CommitmentReviewed)
@on(events.GoalSet)
@on(events.AgreementSigned)
@on(events.AgreementReopened)
@on(events.GateOpened)
def look_at_pair_again(
    event: events.SessionEvent | events.AgreementEvent | events.GateOpened,
) -> None:
    """Compute the health of one pair anew; the hourly pass finds what a kill left out."""
    # the past that the demonstration lives through is looked at once, at its end
    if not is_held_back():
        recompute(Pair.objects.filter(pk=event.pair_id))
