"""What a mentor is asked some time after the end, and how their answer reaches a contact."""

import datetime as dt

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contraflow.core.letters import Care, MailKind, Placeholder, register
from contraflow.core.mail import queue_mail
from contraflow.core.models import OutgoingMail
from contraflow.core.upkeep import on_prune
from contraflow.pairs.models import FollowUp
from contraflow.people.models import Person

ASKED, ANSWERED = "pairs.follow_up", "pairs.follow_up_answer"
# an answer that was sent twice by a slip is one as long as it stands there
_KEPT = dt.timedelta(days=1)
_WELL = _("All is well.")
_TALK = _("I would like to talk with you.")
register(
    MailKind(
        id=ASKED,
        name=_("A mentor is asked whether all is well"),
        sent=_("30, 90 and 180 days after the end of a pair, whatever ended it."),
        to=_("the mentor"),
        subject=_("How are you?"),
        text=_(
            "# Is all well?\n\n"
            "Some time ago a pair of yours ended. Every mentor is asked this, whatever the end was "
            "like.\n\n"
            "Your answer goes to {contact} alone, a trusted contact who runs no part of the "
            "programme and stands outside your reporting line and your partner's. Nobody else "
            "learns of it.\n\n"
            "[All is well]({well})\n\n[I would like to talk]({talk})\n\n"
            "[Here you find whom you can ask]({help})\n\n"
            "No answer is fine too: nobody reminds you."
        ),
        placeholders=(
            Placeholder(name="contact", meaning=_("the trusted contact, empty where none suits"),
                        example="Tessa Moreau"),
            Placeholder(name="well", meaning=_("the page on which to say that all is well"),
                        needed=True, example="https://mentoring.example.org/pairs/asked/k3v/?answer=well"),
            Placeholder(name="talk", meaning=_("the page on which to ask for a talk"),
                        needed=True, example="https://mentoring.example.org/pairs/asked/k3v/?answer=talk"),
            Placeholder(name="help", meaning=_("the page with whom to ask, where no contact suits"),
                        needed=True, example="https://mentoring.example.org/cohorts/enrolment/k3v/"),
        ),
        why=_("You get this mail because you were a mentor at {organisation}."),
    ),
    MailKind(
        id=ANSWERED,
        name=_("A mentor answers their trusted contact"),
        sent=_("When a mentor says that all is well, or would like to talk."),
        to=_("the trusted contact, and nobody else"),
        subject=_("A mentor has an answer for you, as their trusted contact"),
        text=_(
            "# {mentor} answers you\n\n"
            "{mentor} was asked whether all is well, some time after a pair of theirs had ended, "
            "and says:\n\n**{answer}**\n\n"
            "Only you got this. Please keep it to yourself: no programme lead and no partner hears "
            "of it from us, and it is deleted here a day after it left.\n\n"
            "[Write to {mentor}]({write})"
        ),
        placeholders=(
            Placeholder(name="mentor", meaning=_("who answers"), needed=True,
                        example="Priya Raman"),
            Placeholder(name="answer", meaning=_("what they say"), example=_TALK, needed=True),
            Placeholder(name="write", meaning=_("their address"), needed=True,
                        example="mailto:priya.raman@example.org"),
        ),
        care=Care.ESSENTIAL,
        why=_("You get this mail because you are a trusted contact. It cannot be turned off."),
    ),
)  # fmt: skip


def ask_mentor(asked: FollowUp, *, secret: str, contact: Person | None) -> None:
    """Ask the mentor of a pair that ended whether all is well; name who hears, or where to ask."""
    page = settings.SITE_URL + reverse("pairs:asked", args=[secret])
    values = {"contact": "", "well": "", "talk": "", "help": settings.SITE_URL + help_page(asked)}
    if contact:
        values = {
            "contact": contact.name, "well": f"{page}?answer=well", "talk": f"{page}?answer=talk",
            "help": "",
        }  # fmt: skip
    once = f"{ASKED}/{asked.pair.code}/{asked.days}"
    queue_mail(ASKED, to=asked.pair.mentor, once=once, values=values)


def help_page(asked: FollowUp) -> str:
    """Return where a mentor finds whom they can ask: the page of their place, else of today."""
    places = asked.pair.cohort.enrolments.filter(person=asked.pair.mentor_id)
    place = places.first()
    return place.get_absolute_url() if place else reverse("home:today")


def pass_answer_on(mentor: Person, *, to: Person, wants_talk: bool, once: str) -> None:
    """Tell a trusted contact what a mentor answers."""
    queue_mail(
        ANSWERED, to=to, once=f"{ANSWERED}/{once}",
        values={
            "mentor": mentor.name, "answer": _TALK if wants_talk else _WELL,
            "write": f"mailto:{mentor.email}",
        },
    )  # fmt: skip


@on_prune
def forget_answers(now: dt.datetime) -> None:
    """Delete an answer from the outbox a day after it has left: then only its reader has it."""
    left = OutgoingMail.objects.filter(kind=ANSWERED, made_at__lt=now - _KEPT)
    left.exclude(state=OutgoingMail.State.WAITING).delete()
