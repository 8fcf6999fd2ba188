"""What participants are told by mail."""

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from contraflow.content.schema import load_launch
from contraflow.core.figures import figure
from contraflow.core.mail import Letter, is_held_back, queue_mail, queue_mails
from contraflow.people.mails import INVITATION_DAYS, invitation_address
from contraflow.programmes.models import Cohort, Enrolment, HoursRequest, Side, Steward

# a month of 365.25 / 12 days
WEEKS_PER_MONTH = 365.25 / 12 / 7


def invitation_text(enrolment: Enrolment) -> str:
    """Return the shipped words of an invitation, with the figures of this cohort."""
    cohort = enrolment.cohort
    words = load_launch().messages
    text = words["invite_mentor" if enrolment.side == Side.MENTOR else "invite_leader"]
    return text.format(
        sessions=cohort.plan.count(), months=max(1, round(cohort.length_weeks / WEEKS_PER_MONTH))
    )


def send_invitation(enrolment: Enrolment) -> None:
    """Invite somebody; the link lets them in to their own page, where they say yes or no."""
    _send(
        enrolment,
        "invitation",
        lets_in=True,
        subject=_("An invitation to %(programme)s"),
        text=invitation_text(enrolment),
        label=_("See the invitation"),
    )


def send_offer(enrolment: Enrolment) -> None:
    """Tell the next of the waiting list that a place came free."""
    _send(
        enrolment,
        "offer",
        lets_in=True,
        subject=_("A place came free in %(programme)s"),
        text=_("You were next on the waiting list. The place is held for you until you answer."),
        label=_("Take the place, or pass it on"),
    )


def send_place(enrolment: Enrolment) -> None:
    """Tell somebody who applied that they take part."""
    _send(
        enrolment,
        "place",
        subject=_("You have a place in %(programme)s"),
        text=_(
            "Please take five minutes now for your profile: it decides whom you will meet. "
            "You can stop at any time without giving a reason."
        ),
        label=_("Fill in your profile"),
    )


def send_waiting(enrolment: Enrolment) -> None:
    """Tell somebody that the lot put them on the waiting list."""
    _send(
        enrolment,
        "waiting",
        subject=_("You are on the waiting list of %(programme)s"),
        text=_(
            "More people applied than there are places, so lots were drawn. You are number "
            "%(place)s on the waiting list. When a place comes free, the next one is offered it."
        )
        % {"place": figure(enrolment.waiting_place)},
        label=_("See your place and the draw"),
    )


def send_hours_requests(cohort: Cohort, asked: list[tuple[HoursRequest, str]]) -> None:
    """Ask line managers for hours; each gets an address of their own, which shows hours alone."""
    subject = _("Hours for mentoring: %(name)s")
    text = _(
        "%(name)s would like to spend about %(hours)s hours between %(begin)s and %(end)s as a "
        "mentor, in working time. Please say whether that is possible. You are asked for hours "
        "alone: whom they meet and what they talk about stays between the two."
    )
    queue_mails(_hours_letter(cohort, request, secret, subject, text) for request, secret in asked)


def _hours_letter(cohort, request, secret, subject, text) -> Letter:
    words = {
        "name": request.enrolment.person.name,
        "hours": figure(request.hours),
        "begin": date_format(cohort.starts_on),
        "end": date_format(cohort.ends_on),
    }
    return Letter(
        kind="programmes.hours",
        to=request.manager,
        once=f"programmes.hours:{request.enrolment.code}:{request.asked_at.isoformat()}",
        subject=subject % words,
        template="programmes/mail/notice",
        context={
            "heading": subject % words,
            "words": text % words,
            "enrolment": request.enrolment,
            "action_url": f"{settings.SITE_URL}{reverse('programmes:hours', args=[secret])}",
            "action_label": _("Answer"),
        },
    )


def _send(
    enrolment: Enrolment, kind: str, *, subject: str, text: str, label: str, lets_in: bool = False
) -> None:
    if is_held_back():
        return
    subject %= {"programme": enrolment.cohort.programme.title}
    moments = (enrolment.invited_at, enrolment.answered_at, enrolment.enrolled_at)
    latest = max((moment for moment in moments if moment), default="")
    own_page = f"{settings.SITE_URL}{enrolment.get_absolute_url()}"
    address = own_page
    # whoever has a programme in their hands signs in as ever, like whoever holds a role
    if lets_in and not Steward.objects.filter(person=enrolment.person).exists():
        address = invitation_address(enrolment.person, page=enrolment.get_absolute_url())
    queue_mail(
        f"programmes.{kind}",
        to=enrolment.person,
        # the moment lets an invitation be sent again, and a place be offered a second time
        once=f"programmes.{kind}:{enrolment.code}:{latest}",
        subject=subject,
        template="programmes/mail/notice",
        context={
            "heading": subject,
            "words": text,
            "enrolment": enrolment,
            "action_url": address,
            "is_key": address != own_page,
            "days": INVITATION_DAYS,
            "action_label": label,
        },
    )
