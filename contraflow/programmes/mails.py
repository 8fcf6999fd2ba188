"""What participants are told by mail."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from contraflow.content.schema import load_launch
from contraflow.core.figures import figure
from contraflow.core.letters import Care, MailKind, Placeholder, register, wording
from contraflow.core.mail import Letter, is_held_back, queue_mail, queue_mails
from contraflow.core.markup import render
from contraflow.core.models import Installation, Notice
from contraflow.core.notices import News, add_notices, register_notice
from contraflow.people.mails import INVITATION_DAYS, invitation_address
from contraflow.programmes.models import Cohort, Enrolment, HoursRequest, Side, Steward

# a month of 365.25 / 12 days
WEEKS_PER_MONTH = 365.25 / 12 / 7

_WHY = _("You get this mail because of {programme}, {cohort}, at {organisation}.")
_ALWAYS = _(
    "You get this mail because of {programme}, {cohort}, at {organisation}. "
    "It is sent once and asks for an answer, so it cannot be turned off."
)
_PLACES = (
    Placeholder(name="link", meaning=_("the reader's own page"), needed=True,
                example="https://mentoring.example.org/programmes/enrolment/p9d/"),
    Placeholder(name="programme", meaning=_("the programme"), example="Executive digital fluency"),
    Placeholder(name="cohort", meaning=_("the cohort"), example="2026"),
)  # fmt: skip
_ABOUT_THE_LINK = _(
    "The link lets you in once, within %(days)s days, and is for you alone: do not pass this mail "
    "on."
)
_KEY = Placeholder(
    name="about_the_link", meaning=_("how long the link works, where it lets the reader in"),
    example=_ABOUT_THE_LINK % {"days": INVITATION_DAYS}, needed=True,
)  # fmt: skip
_FIGURES = (
    Placeholder(name="sessions", meaning=_("how many conversations are planned"), example="7"),
    Placeholder(name="months", meaning=_("how many months the cohort lasts"), example="4"),
)


_FRAME = _(
    "# An invitation to {programme}\n\nHello {name},\n\nWORDS\n\n"
    "[See the invitation]({link})\n\n{about_the_link}"
)


def _invitation(key: str, name: Any, to: Any) -> MailKind:
    words = load_launch().messages[key]
    return MailKind(
        id="programmes.invitation" if key == "invite_mentor" else "programmes.invitation_leader",
        name=name,
        sent=_("When a programme lead invites somebody."),
        to=to,
        subject=_("An invitation to {programme}"),
        text=lazy(lambda: _FRAME.replace("WORDS", words), str)(),
        placeholders=(*_PLACES, _KEY, *_FIGURES),
        care=Care.ESSENTIAL,
        why=_ALWAYS,
    )  # fmt: skip


_MENTOR_INVITATION = _invitation(
    "invite_mentor", _("Invitation of a mentor"), _("whoever is invited to mentor")
)
_LEADER_INVITATION = _invitation(
    "invite_leader", _("Invitation of a leader"), _("whoever is invited to learn")
)
register(
    _MENTOR_INVITATION,
    _LEADER_INVITATION,
    MailKind(
        id="programmes.offer",
        name=_("A place came free"),
        sent=_("When somebody gives a place back and others wait."),
        to=_("the next of the waiting list"),
        subject=_("A place came free in {programme}"),
        text=_(
            "# A place came free in {programme}\n\nHello {name},\n\n"
            "You were next on the waiting list. The place is held for you until you answer.\n\n"
            "[Take the place, or pass it on]({link})\n\n{about_the_link}"
        ),
        placeholders=(*_PLACES, _KEY),
        care=Care.ESSENTIAL,
        why=_ALWAYS,
    ),
    MailKind(
        id="programmes.place",
        name=_("A place in the programme"),
        sent=_("When places are given, by lot or at once."),
        to=_("whoever applied and got one"),
        subject=_("You have a place in {programme}"),
        text=_(
            "# You have a place in {programme}\n\nHello {name},\n\n"
            "Please take five minutes now for your profile: it decides whom you will meet. "
            "You can stop at any time without giving a reason.\n\n"
            "[Fill in your profile]({link})"
        ),
        placeholders=_PLACES,
        why=_WHY,
    ),
    MailKind(
        id="programmes.waiting",
        name=_("On the waiting list"),
        sent=_("When lots were drawn."),
        to=_("whoever applied and has to wait"),
        subject=_("You are on the waiting list of {programme}"),
        text=_(
            "# You are on the waiting list of {programme}\n\nHello {name},\n\n"
            "More people applied than there are places, so lots were drawn. You are number {place} "
            "on the waiting list. When a place comes free, the next one is offered it.\n\n"
            "[See your place and the draw]({link})"
        ),
        placeholders=(
            *_PLACES, Placeholder(name="place", meaning=_("the place on the list"), example="3"),
        ),
        why=_WHY,
    ),
    MailKind(
        id="programmes.hours",
        name=_("Hours for mentoring"),
        sent=_("When a programme lead asks whether the hours of a mentor are possible."),
        to=_("the mentor's line manager"),
        subject=_("Hours for mentoring: {person}"),
        text=_(
            "# Hours for mentoring: {person}\n\nHello {name},\n\n"
            "{person} would like to spend about {hours} hours between {begin} and {end} as a "
            "mentor, in working time. Please say whether that is possible. You are asked for hours "
            "alone: whom {person} meets, and what they talk about, is shown to nobody else.\n\n"
            "[Answer]({link})"
        ),
        placeholders=(
            *_PLACES,
            Placeholder(name="person", meaning=_("the mentor"), example="Priya Raman"),
            Placeholder(name="hours", meaning=_("how many hours it is about"), example="14"),
            Placeholder(name="begin", meaning=_("the day it begins"), example="1 March 2026"),
            Placeholder(name="end", meaning=_("the day it ends"), example="30 June 2026"),
        ),
        care=Care.ESSENTIAL,
        why=_ALWAYS,
    ),
)  # fmt: skip


def invitation_text(enrolment: Enrolment) -> str:
    """Return what an invitation says between greeting and link, as the organisation words it."""
    text = wording(_kind_of_invitation(enrolment), settings.LANGUAGE_CODE).text
    around = ("{name}", "{link}", "{about_the_link}")
    said_between = [
        paragraph
        for paragraph in text.split("\n\n")
        if not paragraph.startswith("# ") and not any(each in paragraph for each in around)
    ]
    return render("\n\n".join(said_between), _names(enrolment) | _figures(enrolment)).text


def _kind_of_invitation(enrolment: Enrolment) -> MailKind:
    is_mentor = enrolment.side == Side.MENTOR
    return _MENTOR_INVITATION if is_mentor else _LEADER_INVITATION


def _names(enrolment: Enrolment) -> dict[str, str]:
    cohort = enrolment.cohort
    organisation = Installation.current().organisation
    return {
        "programme": cohort.programme.title, "cohort": cohort.name, "organisation": organisation,
    }  # fmt: skip


def _figures(enrolment: Enrolment) -> dict[str, str]:
    months = max(1, round(enrolment.cohort.length_weeks / WEEKS_PER_MONTH))
    return {"sessions": figure(enrolment.cohort.plan.count()), "months": figure(months)}


def send_invitation(enrolment: Enrolment) -> None:
    """Invite somebody; the link lets them in to their own page, where they say yes or no."""
    kind = _kind_of_invitation(enrolment).id
    _send(enrolment, kind, lets_in=True, values=lambda: _figures(enrolment))


def send_offer(enrolment: Enrolment) -> None:
    """Tell the next of the waiting list that a place came free."""
    _send(enrolment, "programmes.offer", lets_in=True)


def send_place(enrolment: Enrolment) -> None:
    """Tell somebody who applied that they take part."""
    _send(enrolment, "programmes.place")


def send_waiting(enrolment: Enrolment) -> None:
    """Tell somebody that the lot put them on the waiting list."""
    place = figure(enrolment.waiting_place)
    _send(enrolment, "programmes.waiting", values=lambda: {"place": place})


def send_hours_requests(cohort: Cohort, asked: list[tuple[HoursRequest, str]]) -> None:
    """Ask line managers for hours; each gets an address of their own, which shows hours alone."""
    queue_mails(_hours_letter(cohort, request, secret) for request, secret in asked)


def _hours_letter(cohort: Cohort, request: HoursRequest, secret: str) -> Letter:
    return Letter(
        kind="programmes.hours",
        to=request.manager,
        once=f"programmes.hours:{request.enrolment.code}:{request.asked_at.isoformat()}",
        values={
            **_names(request.enrolment),
            "person": request.enrolment.person.name,
            "hours": figure(request.hours),
            "begin": date_format(cohort.starts_on),
            "end": date_format(cohort.ends_on),
            "link": f"{settings.SITE_URL}{reverse('programmes:hours', args=[secret])}",
        },
    )


def _send(
    enrolment: Enrolment,
    kind: str,
    *,
    values: Callable[[], dict[str, str]] = dict,
    lets_in: bool = False,
) -> None:
    if is_held_back():
        return
    moments = (enrolment.invited_at, enrolment.answered_at, enrolment.enrolled_at)
    latest = max((moment for moment in moments if moment), default="")
    own_page = f"{settings.SITE_URL}{enrolment.get_absolute_url()}"
    address = own_page
    # whoever has a programme in their hands signs in as ever, like whoever holds a role
    if lets_in and not Steward.objects.filter(person=enrolment.person).exists():
        address = invitation_address(enrolment.person, page=enrolment.get_absolute_url())
    is_key = address != own_page
    # the moment lets an invitation be sent again, and a place be offered a second time
    once = f"{kind}:{enrolment.code}:{latest}"
    news = News(
        kind=kind, for_id=enrolment.person_id, once=once, path=enrolment.get_absolute_url(),
        facts={"enrolment": enrolment.pk},
    )  # fmt: skip
    add_notices([news])
    queue_mail(
        kind,
        to=enrolment.person,
        once=once,
        values={
            **_names(enrolment),
            **values(),
            "link": address,
            "about_the_link": _ABOUT_THE_LINK % {"days": INVITATION_DAYS} if is_key else "",
        },
    )


_NEWS = {
    "programmes.invitation": ("mail", _("You are invited to %(programme)s.")),
    "programmes.invitation_leader": ("mail", _("You are invited to %(programme)s.")),
    "programmes.offer": ("flag", _("A place came free in %(programme)s: take it or pass it on.")),
    "programmes.place": ("circle-check", _("You have a place in %(programme)s.")),
    "programmes.waiting": ("clock", _("You are on the waiting list of %(programme)s.")),
}


def _say(notices: list[Notice], reader: Any) -> dict[int, str]:
    asked = {notice.facts["enrolment"] for notice in notices}
    titles = dict(
        Enrolment.objects.visible_to(reader)
        .filter(pk__in=asked)
        .values_list("pk", "cohort__programme__title")
    )
    return {
        notice.pk: _NEWS[notice.kind][1] % {"programme": titles[notice.facts["enrolment"]]}
        for notice in notices
        if notice.facts["enrolment"] in titles
    }


for _each, (_icon, _words) in _NEWS.items():
    register_notice(_each, icon=_icon)(_say)
