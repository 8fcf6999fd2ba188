"""The demonstration's long work: cohort A enrols, is paired and lives its fourteen weeks."""

import datetime as dt
import sys

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from contraflow.core.jobs import TryLater, Work, job
from contraflow.core.mail import no_mail
from contraflow.desk.actions import override_launch, plan_cover_talks, recompute
from contraflow.ops import demo_around, demo_life, demo_seed
from contraflow.ops.demo_people import demo_organisation
from contraflow.pairing import publishing
from contraflow.pairing.actions import make_draft
from contraflow.pairing.models import Draft
from contraflow.people.models import Person
from contraflow.programmes.models import Cohort


@job("ops.live_demo")
def live_demo(work: Work, *, cohort_id: int) -> None:
    """Take cohort A from invitation to today; each step is skipped where it is done already."""
    organisation = demo_organisation()
    cohort = Cohort.objects.select_related("programme").get(pk=cohort_id)
    lead = Person.objects.get(email=organisation.staff.leads[0])

    def tell(done: int, total: int, step: str) -> None:
        work.progress(done, total, step=step)
        work.give_way()

    def enrolling(done: int, total: int, step: str) -> None:
        tell(done, total, _("Step 1 of 3: people enrol"))

    demo_seed.enrol_everybody(cohort, organisation.cohorts[0], lead=lead, tell=enrolling)
    cohort.refresh_from_db()
    if cohort.state == Cohort.State.PAIRING:
        work.progress(0, step=_("Step 2 of 3: they are paired"))
        _pair(cohort, lead)
        cohort.refresh_from_db()
    demo_life.live_all(cohort, tell, now=timezone.now())
    demo_around.tell_stories(cohort)
    recompute()
    plan_cover_talks()
    demo_around.work_at_the_desk(cohort, lead=lead, now=timezone.now())
    with work.effects() as result:
        result["pairs"] = cohort.pairs.count()
    if settings.DEMO:
        sys.stdout.write(_("Cohort %(name)s is ready.") % {"name": cohort.name} + "\n")
        sys.stdout.flush()


def _pair(cohort: Cohort, lead: Person) -> None:
    """Publish the draft, the Friday before the start; wait for it where it is being solved."""
    at = dt.datetime.combine(cohort.starts_on - dt.timedelta(days=3), dt.time(15), tzinfo=dt.UTC)
    reason = _("This organisation is invented, and so are its sponsor and its promises.")
    override_launch(cohort, by=lead, reason=reason, at=at)
    demo_around.close_for_days(cohort, by=lead)
    draft = cohort.drafts.first() or make_draft(cohort, by=lead)
    if draft.state == Draft.State.SOLVING:
        raise TryLater(1)
    with no_mail():
        publishing.publish(draft.pk, version=draft.version, by=lead, at=at)
