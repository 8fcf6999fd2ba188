"""Inviting many people at once."""

from django.utils.translation import gettext as _

from contraflow.core.errors import Refusal
from contraflow.core.jobs import Work, job
from contraflow.people.models import Person
from contraflow.programmes.actions import invite
from contraflow.programmes.models import Cohort
from contraflow.programmes.rules import why_not_invite

# each in a transaction of its own, so that nobody waits long for the database
CHUNK = 100


@job("programmes.invite_people")
def invite_people(work: Work, *, cohort_id: int, side: str, person_ids: list[int]) -> None:
    """Invite people a hundred at a time.

    Run again after a kill it invites nobody twice: whoever is in the cohort is passed over.
    """
    cohort = Cohort.objects.select_related("programme").get(pk=cohort_id)
    if reason := why_not_invite(cohort):
        raise Refusal(reason)
    by = Person.objects.get(pk=work.job.by_id)
    for start in range(0, len(person_ids), CHUNK):
        work.progress(start, len(person_ids), step=_("Writing invitations"))
        invite(cohort, Person.objects.filter(pk__in=person_ids[start : start + CHUNK]), side, by=by)
    with work.effects() as result:
        rows = cohort.enrolments.filter(person__in=person_ids, side=side)
        result["invited"] = rows.count()
        work.progress(len(person_ids), len(person_ids))
