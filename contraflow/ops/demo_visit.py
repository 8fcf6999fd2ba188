"""Whom a visitor of the demonstration can be, and what the pages tell them."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from contraflow.core.models import Job
from contraflow.core.navigation import region
from contraflow.ops.demo_life import shown_pair
from contraflow.people.models import Person
from contraflow.programmes.models import Cohort, Enrolment, Side, Steward

ROLES = {
    "lead": _("Programme lead"),
    "leader": _("Leader"),
    "mentor": _("Mentor"),
    "sponsor": _("Sponsor"),
}


# in the session of a visitor who saw the work on cohort A under way
SAW_BUILDING = "saw_cohort_a_being_built"


def lived_cohort() -> Cohort | None:
    """Return cohort A: the one that began first."""
    return Cohort.objects.order_by("starts_on").first()


def visitor(role: str) -> Person | None:
    """Return the person of the demonstration who plays a role.

    Invented addresses end in .example, which nobody real can have (RFC 2606): where
    CONTRAFLOW_DEMO was set by mistake, this finds nobody.
    """
    person = _player_of(role)
    return person if person and person.email.endswith(".example") else None


def _player_of(role: str) -> Person | None:
    cohort = lived_cohort()
    if cohort is None or role not in ROLES:
        return None
    if role in {Steward.Kind.LEAD, Steward.Kind.SPONSOR}:
        steward = cohort.programme.stewards.filter(kind=role).order_by("pk").first()
        return steward.person if steward else None
    if pair := shown_pair(cohort):
        return pair.mentor if role == "mentor" else pair.mentee
    side = Side.MENTOR if role == "mentor" else Side.MENTEE
    enrolled = Enrolment.objects.filter(cohort=cohort, side=side).select_related("person")
    first = enrolled.order_by("pk").first()
    return first.person if first else None


@region("people.sign_in")
def show_roles(request, about):
    """Offer the people of the demonstration on the page to sign in."""
    if not settings.DEMO:
        return None
    return "ops/sign_in_as.html", {"roles": ROLES.items()}


def _building() -> Job | None:
    """Return the work on cohort A, where this is the demonstration."""
    jobs = Job.objects.filter(kind="ops.live_demo").order_by("-pk")
    return jobs.first() if settings.DEMO else None


def _show_progress(request, about):
    """Tell how far cohort A is; whoever saw that is told once that it is ready."""
    job = _building()
    if job is None:
        return None
    if job.state != Job.State.DONE:
        if not request.session.get(SAW_BUILDING):
            request.session[SAW_BUILDING] = True
        context = {"job": job, "page": request.path, "cohort": lived_cohort()}
        return "ops/demo_progress.html", context
    if request.session.pop(SAW_BUILDING, False):
        cohort = lived_cohort()
        may_look = request.user.has_perm("home.view_overview", cohort)
        return "ops/demo_ready.html", {"cohort": cohort, "may_look": may_look}
    return None


@region("overview.top")
def show_progress_on_overview(request, cohort):
    """Tell the lead of cohort A how far its fourteen weeks are."""
    return _show_progress(request, cohort) if settings.DEMO and cohort == lived_cohort() else None


@region("cohort.busy")
def show_that_it_is_built(request, cohort):
    """Say that nothing is to be done in cohort A before it is built."""
    job = _building()
    if job is None or job.is_over or cohort != lived_cohort():
        return None
    return "ops/demo_being_built.html", {}


region("today")(_show_progress)
