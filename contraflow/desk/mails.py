"""What pairs, leads and sponsors are told from the desk."""

import hashlib

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from contraflow.core.codes import make_code
from contraflow.core.mail import Letter, is_held_back, queue_mail, queue_mails
from contraflow.core.models import OutgoingMail
from contraflow.desk.models import Message, Step
from contraflow.desk.texts import Text
from contraflow.pairs.models import Pair, Session
from contraflow.people.models import Person
from contraflow.programmes.models import Cohort, Programme, Steward


def once(step: Step, person: Person) -> str:
    """Return the cause of a step's mail to one of the two."""
    return f"desk.step/{step.code}/{person.code}"


def send_step(step: Step, text: Text, *, by: Person) -> None:
    """Write a lead's mail to each of the two, with the choices as links to their own pages."""
    if is_held_back():
        return
    pair = step.pair
    for person in (pair.mentor, pair.mentee):
        if not person.is_active:
            continue
        queue_mail(
            f"desk.{step.kind}",
            to=person,
            once=once(step, person),
            subject=text.subject,
            template="desk/mail/step",
            context={
                "heading": text.subject,
                "words": text.body,
                "programme": pair.cohort.programme,
                "choices": choices(pair) if step.kind == Step.Kind.NUDGE else [],
                "action_url": settings.SITE_URL + pair.get_absolute_url(),
                "action_label": _("Open your pair's page"),
            },
            not_before=step.leaves_at,
        )


def choices(pair: Pair) -> list[tuple[str, str]]:
    """Return (what to choose, where it is done) of a nudge."""
    waiting = pair.sessions.filter(state__in=[Session.State.PLANNED, Session.State.MISSED])
    own = pair.get_absolute_url()
    session = waiting.order_by("number").first()
    date = session.get_absolute_url() + "#date" if session else own
    return [
        (_("Set a date"), settings.SITE_URL + date),
        (_("Make it a 25-minute call"), settings.SITE_URL + date),
        (_("Pause for a while"), settings.SITE_URL + own),
    ]


def send_hand_over(step: Step) -> None:
    """Tell a lead that a pair is theirs to look after now."""
    if is_held_back():
        return
    names = {"mentor": step.pair.mentor.name, "leader": step.pair.mentee.name}
    queue_mail(
        "desk.hand_over",
        to=step.to,
        once=f"desk.hand_over/{step.code}",
        subject=_("%(name)s hands a pair over to you") % {"name": step.by.name},
        template="desk/mail/to_steward",
        context={
            "words": _("Please look after %(mentor)s and %(leader)s from now on.") % names,
            "action_url": settings.SITE_URL + step.get_absolute_url(),
            "action_label": _("Open the pair on your desk"),
        },
    )


def send_no_lead(pair: Pair) -> None:
    """Ask the sponsors, once, to find somebody for a pair that its own lead is in."""
    programme = pair.cohort.programme
    words = _(
        "%(mentor)s and %(leader)s meet as a pair of %(programme)s, and no lead of the programme "
        "can look after them, because they are in the pair themselves. Nothing has happened: "
        "please ask an administrator to name a second lead."
    ) % {"mentor": pair.mentor.name, "leader": pair.mentee.name, "programme": programme.title}
    sponsors = Steward.objects.filter(programme=programme, kind=Steward.Kind.SPONSOR)
    for steward in sponsors.filter(person__left_on=None).select_related("person"):
        queue_mail(
            "desk.no_lead",
            to=steward.person,
            once=f"desk.no_lead/{pair.code}/{steward.person.code}",
            subject=_("A pair of %(programme)s needs another lead")
            % {"programme": programme.title},
            template="desk/mail/to_steward",
            context={
                "words": words,
                "action_url": settings.SITE_URL + reverse("home:sponsor", args=[programme.code]),
                "action_label": _("Open the programme"),
            },
        )


# -- messages to many -----------------------------------------------------------------------------


def _message_context(cohort: Cohort, text: Text) -> dict:
    return {
        "heading": text.subject,
        "words": text.body,
        "programme": cohort.programme,
        "action_url": settings.SITE_URL,
        "action_label": _("Open your page"),
    }


def send_message(message: Message, text: Text, people: list[Person]) -> None:
    """Write a message to each of many people; who has it already gets nothing twice."""
    context = _message_context(message.cohort, text)
    queue_mails(
        Letter(
            kind="desk.message",
            to=person,
            once=f"desk.message/{message.code}/{person.code}",
            subject=text.subject,
            template="desk/mail/message",
            context=context,
        )
        for person in people
    )


def send_test(cohort: Cohort, text: Text, *, to: Person, code: str) -> None:
    """Send a message to its author alone; the same words arrive once."""
    digest = hashlib.sha256(f"{text.subject}\n{text.body}".encode()).hexdigest()[:16]
    queue_mail(
        "desk.message_test",
        to=to,
        once=f"desk.message_test/{code}/{digest}",
        subject=_("Test: %(subject)s") % {"subject": text.subject},
        template="desk/mail/message",
        context=_message_context(cohort, text),
    )


def send_programme_handed_over(programme: Programme, *, by: Person, to: Person) -> None:
    """Tell both leads that a programme has changed hands."""
    names = {"from": by.name, "to": to.name, "programme": programme.title}
    for person, words in (
        (to, _("%(from)s has handed %(programme)s over to you. You lead it from now on.")),
        (by, _("You have handed %(programme)s over to %(to)s, and no longer lead it.")),
    ):
        queue_mail(
            "desk.programme_handed_over",
            to=person,
            once=f"desk.programme_handed_over/{make_code()}",
            subject=_("%(programme)s has changed hands") % names,
            template="desk/mail/to_steward",
            context={
                "words": words % names,
                "action_url": settings.SITE_URL + programme.get_absolute_url()
                if person == to
                else settings.SITE_URL,
                "action_label": _("Open the programme") if person == to else _("Open your page"),
            },
        )


# -- Monday ---------------------------------------------------------------------------------------


def send_digest(person: Person, week: str, parts: list[dict]) -> None:
    """Tell a lead on Monday what lies on their desks: figures and signals, and nobody's name.

    Names stay on the page, where whoever looks is noted.
    """
    for part in parts:
        part["url"] = settings.SITE_URL + reverse("desk:desk", args=[part["programme"].code])
    queue_mail(
        "desk.digest",
        to=person,
        once=f"desk.digest/{person.code}/{week}",
        subject=_("Your desk this week"),
        template="desk/mail/digest",
        context={"parts": parts},
    )


def has_digest(person: Person, week: str) -> bool:
    """Tell whether a lead has the mail of this week, so that none is prepared in vain."""
    return OutgoingMail.objects.filter(once=f"desk.digest/{person.code}/{week}").exists()
