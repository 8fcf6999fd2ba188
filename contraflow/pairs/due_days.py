"""The days the plan has in mind, moved on by the days on which a pair rests.

Public holidays move none: single days through the year would add up to weeks, and the partner
could count them.
"""

from django.db.models import QuerySet

from contraflow.pairs.models import Pair, Session
from contraflow.pairs.rests import agreed_rests, moved_on

# sessions that are written with one query
_AT_A_TIME = 500


def move_due_days(pairs: QuerySet[Pair]) -> None:
    """Write the due days of pairs anew, from the plan and their rests as they stand now.

    The same however often it is done, so a rest that was taken back leaves no trace. The caller
    holds the locks of the pairs.
    """
    rests = agreed_rests(pairs)
    waiting = Session.objects.filter(pair__in=pairs, state=Session.State.PLANNED)
    if not rests:
        waiting = waiting.filter(due_at_first__isnull=False)
    changed = []
    for session in waiting.select_related("pair").order_by("pk"):
        first = session.due_at_first or session.due_on
        due = moved_on(first, rests.get(session.pair_id, ()), since=session.pair.started_on)
        kept = None if due == first else first
        if (due, kept) != (session.due_on, session.due_at_first):
            session.due_on, session.due_at_first = due, kept
            changed.append(session)
    Session.objects.bulk_update(changed, ["due_on", "due_at_first"], batch_size=_AT_A_TIME)
