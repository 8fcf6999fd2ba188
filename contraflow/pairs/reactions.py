"""What pairs do when something happens below them."""

from contraflow.core.events import on
from contraflow.pairs.actions import end_pair
from contraflow.pairs.models import Pair
from contraflow.people.models import Person
from contraflow.programmes.events import PersonWithdrew


@on(PersonWithdrew)
def end_pairs_of_who_withdrew(event: PersonWithdrew) -> None:
    """End the pairs of somebody who no longer takes part; their partner is told, not why."""
    living = Pair.objects.filter(cohort=event.cohort_id).exclude(state=Pair.State.ENDED)
    for pair in living.of(Person(pk=event.person_id)):
        end_pair(pair, by=None)
