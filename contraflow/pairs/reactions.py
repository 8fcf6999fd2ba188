"""What pairs do when something happens below them."""

from contextlib import suppress

from django.db.models import Exists, OuterRef, Q

from contraflow.core.errors import Refusal
from contraflow.core.events import on
from contraflow.core.upkeep import on_upkeep
from contraflow.pairs.actions import end_pair, move_due_days_of
from contraflow.pairs.models import Pair
from contraflow.people.events import PeopleImported
from contraflow.people.models import Person
from contraflow.programmes.events import PersonWithdrew
from contraflow.programmes.models import Cohort, Enrolment


@on(PersonWithdrew)
def end_pairs_of_who_withdrew(event: PersonWithdrew) -> None:
    """End the pairs of somebody who no longer takes part; their partner is told, not why."""
    _end_pairs(event.cohort_id, event.person_id)


@on(PeopleImported)
def move_due_days_by_their_holidays(event: PeopleImported) -> None:
    """Look at the due days again: a file may say whose public holidays are whose."""
    if event.changed:
        for cohort in Cohort.objects.filter(pairs__state=Pair.State.ACTIVE).distinct():
            move_due_days_of(cohort, by=None)


@on_upkeep
def look_for_pairs_of_who_withdrew() -> None:
    """End the pairs that a kill left living, after the withdrawal and before the reaction."""
    living = Pair.objects.filter(
        Q(mentor=OuterRef("person")) | Q(mentee=OuterRef("person")), cohort=OuterRef("cohort")
    ).exclude(state=Pair.State.ENDED)
    # from the few who withdrew to their pairs: this is asked every few seconds
    gone = Enrolment.objects.filter(Exists(living), state=Enrolment.State.WITHDRAWN)
    for cohort_id, person_id in list(gone.values_list("cohort_id", "person_id")):
        with suppress(Refusal):  # another worker was faster
            _end_pairs(cohort_id, person_id)


def _end_pairs(cohort_id: int, person_id: int) -> None:
    living = Pair.objects.filter(cohort=cohort_id).exclude(state=Pair.State.ENDED)
    for pair in living.of(Person(pk=person_id)):
        end_pair(pair, by=None)
