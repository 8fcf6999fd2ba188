"""What pairs do when something happens below them, and when the hour of an end has come."""

from django.core.cache import cache
from django.db.models import Exists, OuterRef, Q

from contraflow.core.events import on
from contraflow.core.upkeep import on_upkeep
from contraflow.pairs.actions import ask_mentors, come_true, leave_behind
from contraflow.pairs.models import Ending, Hold, Pair
from contraflow.people.events import PeopleLeft
from contraflow.people.models import Person
from contraflow.programmes.events import PersonWithdrew
from contraflow.programmes.models import Enrolment, Side

# seconds between two looks for whoever left and was not noticed, as a worker was killed
_LOOK_EVERY = 60
# and between two looks for mentors to ask whether all is well
_ASK_EVERY = 3600


@on(PersonWithdrew)
def end_pairs_of_who_withdrew(event: PersonWithdrew) -> None:
    """End the pairs of somebody who no longer takes part; their partner is told, not why."""
    _leave_pairs_behind(event.cohort_id, Person.objects.get(pk=event.person_id))


@on_upkeep
def look_for_pairs_of_who_withdrew() -> None:
    """End the pairs that a kill left living, after the withdrawal and before the reaction."""
    living = Pair.objects.living().filter(
        Q(mentor=OuterRef("person"), pk__in=_not_ended_by(Side.MENTOR))
        | Q(mentee=OuterRef("person"), pk__in=_not_ended_by(Side.MENTEE)),
        cohort=OuterRef("cohort"),
    )
    # from the few who withdrew to their pairs: this is asked every few seconds
    gone = Enrolment.objects.filter(Exists(living), state=Enrolment.State.WITHDRAWN)
    for enrolment in list(gone.select_related("person")):
        _leave_pairs_behind(enrolment.cohort_id, enrolment.person)


def _not_ended_by(side: str):
    mine = Ending.objects.filter(pair=OuterRef("pk"), who__in=[side, Ending.Who.DEPARTURE])
    return Pair.objects.filter(~Exists(mine)).order_by().values("pk")


def _leave_pairs_behind(cohort_id: int, person: Person) -> None:
    for pair in Pair.objects.living().filter(cohort=cohort_id).of(person):
        leave_behind(pair, gone=person)


@on(PeopleLeft)
def end_pairs_of_who_left(event: PeopleLeft) -> None:
    """End the pairs of people who left the organisation."""
    _let_go_of_who_left()


@on_upkeep
def look_for_pairs_of_who_left() -> None:
    """Find the pairs that a kill left as they were, after the departure and before the reaction."""
    if cache.add("pairs.who_left", 1, _LOOK_EVERY):
        _let_go_of_who_left()


def _let_go_of_who_left() -> None:
    known = Ending.objects.filter(pair=OuterRef("pk"), who=Ending.Who.DEPARTURE)
    left = Q(mentor__left_on__isnull=False) | Q(mentee__left_on__isnull=False)
    pairs = Pair.objects.living().filter(left, ~Exists(known)).select_related("mentor", "mentee")
    for pair in list(pairs.order_by("pk")):
        gone = next(each for each in (pair.mentor, pair.mentee) if not each.is_active)
        leave_behind(pair, gone=gone)


@on_upkeep
def let_ends_come_true() -> None:
    """Tell of the ends whose hour has come."""
    if Ending.objects.exists() or Hold.objects.untold().exists():
        come_true()


@on_upkeep
def ask_quietly_whether_all_is_well() -> None:
    """Ask the mentors of pairs that ended some time ago."""
    if cache.add("pairs.follow_ups", 1, _ASK_EVERY):
        ask_mentors()
