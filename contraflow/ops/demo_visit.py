"""Whom a visitor of the demonstration can be, and what the pages tell them."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from contraflow.core.models import Job
from contraflow.core.navigation import region
from contraflow.people.models import Person
from contraflow.programmes.models import Cohort, Enrolment, Side, Steward

ROLES = {
    "lead": _("Programme lead"),
    "leader": _("Leader"),
    "mentor": _("Mentor"),
    "sponsor": _("Sponsor"),
}


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
    pair = cohort.pairs.select_related("mentor", "mentee").order_by("pk").first()
    if pair:
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


def _show_progress(request, about):
    if not settings.DEMO:
        return None
    job = Job.objects.filter(kind="ops.live_demo").order_by("-pk").first()
    if job is None or job.state == Job.State.DONE:
        return None
    return "ops/demo_progress.html", {"job": job, "page": request.path}


@region("overview.top")
def show_progress_on_overview(request, cohort):
    """Tell the lead of cohort A how far its fourteen weeks are."""
    return _show_progress(request, cohort) if settings.DEMO and cohort == lived_cohort() else None


region("today")(_show_progress)
