"""What pairs do when something happens below them."""

from contextlib import suppress

from django.db.models import Exists, OuterRef, Q

from contraflow.core.errors import Refusal
from contraflow.core.events import on
from contraflow.core.upkeep import on_upkeep
from contraflow.pairs.actions import end_pair
from contraflow.pairs.models import Pair
from contraflow.people.models import Person
from contraflow.programmes.events import PersonWithdrew
from contraflow.programmes.models import Enrolment


@on(PersonWithdrew)
def end_pairs_of_who_withdrew(event: PersonWithdrew) -> None:
    """End the pairs of somebody who no longer takes part; their partner is told, not why."""
    living = Pair.objects.filter(cohort=event.cohort_id).exclude(state=Pair.State.ENDED)
    for pair in living.of(Person(pk=event.person_id)):
        end_pair(pair, by=None)


@on_upkeep
def look_for_pairs_of_who_withdrew() -> None:
    """End the pairs that a kill left living, after the withdrawal and before the reaction."""
    gone = Enrolment.objects.filter(
        Q(person=OuterRef("mentor")) | Q(person=OuterRef("mentee")),
        cohort=OuterRef("cohort"),
        state=Enrolment.State.WITHDRAWN,
    )
    for pair in Pair.objects.exclude(state=Pair.State.ENDED).filter(Exists(gone)):
        with suppress(Refusal):  # another worker was faster
            end_pair(pair, by=None)
