"""What a lead does where session 2 waits for training."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from contraflow.core.errors import refuse_if
from contraflow.core.events import announce
from contraflow.pairs import events, gates
from contraflow.pairs.actions.pairs import lock_pair
from contraflow.pairs.models import GateOpening, Pair
from contraflow.people.models import Person


@transaction.atomic
def open_gate(pair: Pair, *, by: Person, reason: str, at: dt.datetime | None = None) -> GateOpening:
    """Let a pair begin session 2 without the training; the first reason given stays."""
    lock_pair(pair)
    refuse_if(gates.why_not_open(pair, by=by, reason=reason))
    opening, made = GateOpening.objects.get_or_create(
        pair=pair,
        defaults={"reason": reason.strip(), "by": by, "at": at or timezone.now()},
    )
    if made:
        announce(events.GateOpened(pair_id=pair.pk, cohort_id=pair.cohort_id), by=by)
    return opening
