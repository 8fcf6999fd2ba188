"""What stands in a running cohort: its pairs, who has no partner, and who could be one's.

Somebody has a partner while one of their pairs goes on and the other one of it is still here.
"""

from dataclasses import dataclass, field

from django.db.models import F, Q, QuerySet

from contraflow.core.models import Job
from contraflow.pairs.models import Afterwards, Pair
from contraflow.programmes.models import Cohort, Enrolment, Side

# (person id of the mentor, person id of the leader)
Couple = tuple[int, int]
# whoever is enrolled or waits looks for a partner; the bench stands ready for them
LOOKING = (Enrolment.State.ENROLLED, Enrolment.State.WAITING)
PRESENT = (*LOOKING, Enrolment.State.BENCH)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Hold who is a pair in a cohort, and who is none; nothing at all before it runs."""

    # the pairs that meet, with their keys
    pairs: dict[Couple, int] = field(default_factory=dict)
    # those that cannot meet any more, as one of the two has left the organisation
    left_behind: dict[Couple, int] = field(default_factory=dict)
    # two who were a pair and are none now: not proposed to each other again
    parted: frozenset[Couple] = frozenset()
    # person ids of those who look for a partner
    alone: frozenset[int] = frozenset()


def read_standing(cohort: Cohort) -> Standing:
    """Read what stands in a cohort now."""
    pairs, left_behind, parted = {}, {}, set()
    fields = ("pk", "state", "mentor_id", "mentee_id", "mentor__left_on", "mentee__left_on")
    for pk, state, mentor, mentee, *left in cohort.pairs.order_by("pk").values_list(*fields):
        if state == Pair.State.ENDED:
            parted.add((mentor, mentee))
        elif any(left):
            left_behind[mentor, mentee] = pk
        else:
            pairs[mentor, mentee] = pk
    return Standing(
        pairs=pairs,
        left_behind=left_behind,
        parted=frozenset(parted - pairs.keys()),
        alone=frozenset(without_partner(cohort).values_list("person_id", flat=True)),
    )


def living_pairs() -> QuerySet[Pair]:
    """Return the pairs that meet, or could: both are here and the pair has not ended."""
    here = Pair.objects.filter(mentor__left_on__isnull=True, mentee__left_on__isnull=True)
    return here.exclude(state=Pair.State.ENDED)


def are_a_pair(cohort: Cohort, mentor: Enrolment, mentee: Enrolment) -> bool:
    """Tell whether two of a cohort are a pair now."""
    both = {"mentor": mentor.person_id, "mentee": mentee.person_id}
    return living_pairs().filter(cohort=cohort, **both).exists()


def without_partner(cohort: Cohort) -> QuerySet[Enrolment]:
    """Return those of a cohort who look for a partner and have none."""
    return _present(cohort, LOOKING).exclude(_has_partner(cohort)).exclude(_has_not_asked(cohort))


def _has_not_asked(cohort: Cohort) -> Q:
    """Select those whose pair ended and who have not said that they look for another."""
    rows = Afterwards.objects.filter(pair__cohort=cohort, seeks_since=None).order_by()
    mentors, mentees = (rows.filter(side=side) for side in Side.values)
    return Q(person__in=mentors.values("pair__mentor")) | Q(
        person__in=mentees.values("pair__mentee")
    )


def on_bench(cohort: Cohort) -> QuerySet[Enrolment]:
    """Return those who stand ready on the bench."""
    return _present(cohort, [Enrolment.State.BENCH]).exclude(_has_partner(cohort))


def with_free_place(cohort: Cohort) -> list[Enrolment]:
    """Return those who have a partner and a place for another one."""
    taken: dict[int, int] = {}
    for both in living_pairs().filter(cohort=cohort).values_list("mentor_id", "mentee_id"):
        for person in both:
            taken[person] = taken.get(person, 0) + 1
    several = _present(cohort, PRESENT).filter(profile__capacity__gt=1, person__in=taken)
    rows = several.annotate(places=F("profile__capacity")).order_by("pk")
    return [each for each in rows if each.places > taken[each.person_id]]


def _present(cohort: Cohort, states) -> QuerySet[Enrolment]:
    return cohort.enrolments.filter(state__in=states, person__left_on__isnull=True)


def _has_partner(cohort: Cohort) -> Q:
    # two lists read once each: asked for each person with an "or", PostgreSQL takes a minute
    pairs = living_pairs().filter(cohort=cohort).order_by()
    return Q(person__in=pairs.values("mentor")) | Q(person__in=pairs.values("mentee"))


def publishing_job(cohort: Cohort) -> Job | None:
    """Return the job that publishes a draft of the cohort, or undoes that, while it runs."""
    kinds = ("pairing.publish_draft", "pairing.undo_publication")
    jobs = Job.objects.under_way().filter(kind__in=kinds, only_one=f"cohort {cohort.pk}")
    return jobs.first()
