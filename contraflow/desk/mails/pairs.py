"""What pairs and leads are told from the desk, and sponsors of a pair without a lead."""

import datetime as dt
import hashlib
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contraflow.core.codes import make_code
from contraflow.core.figures import figure
from contraflow.core.letters import Care, MailKind, Placeholder, register
from contraflow.core.mail import Letter, is_held_back, queue_mail, queue_mails
from contraflow.core.models import OutgoingMail
from contraflow.desk.models import Message, Step
from contraflow.desk.texts import Text
from contraflow.pairs.mails import hears
from contraflow.pairs.models import Pair, Session
from contraflow.pairs.times import SHORT_SESSION
from contraflow.people.models import Person
from contraflow.programmes.models import Programme, Steward

SUBJECT = Placeholder(
    name="subject", meaning=gettext_lazy("what the lead wrote above it"), needed=True,
    example=gettext_lazy("Your next conversation"),
)  # fmt: skip
WORDS = Placeholder(
    name="words", meaning=gettext_lazy("what the lead wrote"), needed=True,
    example=gettext_lazy("You two have not met for a while. Pick one: a new date, or a pause."),
)  # fmt: skip
LINK = Placeholder(
    name="link", meaning=gettext_lazy("the page it is about"), needed=True,
    example="https://mentoring.example.org/pairs/k3v/",
)  # fmt: skip
_DATE_LINK = Placeholder(
    name="date_link", meaning=gettext_lazy("where a date is set"),
    example="https://mentoring.example.org/pairs/session/k3v/#date",
)  # fmt: skip
_SHORT_LINK = Placeholder(
    name="short_link", meaning=gettext_lazy("where a short call is set"),
    example="https://mentoring.example.org/pairs/session/k3v/?minutes=25#date",
)  # fmt: skip
_TOLD = Placeholder(
    name="words", meaning=gettext_lazy("what has happened, in a sentence"), needed=True,
    example=gettext_lazy("Please look after Priya Raman and Gerald Whitfield from now on."),
)  # fmt: skip
PROGRAMME = Placeholder(
    name="programme", meaning=gettext_lazy("the programme"),
    example=gettext_lazy("Executive digital fluency"),
)  # fmt: skip
_BOTH = gettext_lazy("both of a pair")
_PAIR = gettext_lazy("You both get this mail because you meet as a pair of a programme.")
STEWARD = gettext_lazy("You get this mail because you answer for a reverse mentoring programme.")
_TO_PAIR = gettext_lazy(
    "# {subject}\n\nHello {name},\n\n{words}\n\n[Open your pair's page]({link})"
)
_CHOICES = gettext_lazy(
    "# {subject}\n\nHello {name},\n\n{words}\n\n- [Set a date]({date_link})\n"
    "- [Make it a 25-minute call]({short_link})\n- [Pause for a while]({link})"
)
_STEPS = {
    Step.Kind.NUDGE: (gettext_lazy("A lead nudges a pair"), _CHOICES),
    Step.Kind.GUIDE: (gettext_lazy("A lead sends the kick-off guide"), _TO_PAIR),
    Step.Kind.TALK: (gettext_lazy("A lead offers a facilitated talk"), _TO_PAIR),
    Step.Kind.REMATCH: (gettext_lazy("A lead offers a new partner"), _TO_PAIR),
}


def week_of(day: dt.date) -> str:
    """Return the name of a calendar week, in the order of weeks."""
    year, week, _weekday = day.isocalendar()
    return f"{year}-{week:02}"


def _is_no_older_week(cause: dict[str, Any]) -> bool:
    """Tell whether a digest is about this week or the next; one that waited too long is stale."""
    return cause["week"] >= week_of(timezone.localdate(timezone=timezone.get_default_timezone()))


register(
    *(
        MailKind(
            id=f"desk.{kind}",
            name=name,
            sent=gettext_lazy("When a lead sends it from the desk, two minutes later."),
            to=_BOTH,
            subject="{subject}",
            text=text,
            placeholders=(SUBJECT, WORDS, LINK, _DATE_LINK, _SHORT_LINK),
            # it can be taken back for two minutes, so it keeps its hour
            care=Care.URGENT,
            why=_PAIR,
        )
        for kind, (name, text) in _STEPS.items()
    ),
    MailKind(
        id="desk.message",
        name=gettext_lazy("A lead writes to participants"),
        sent=gettext_lazy("When a lead sends a message to the people of a cohort."),
        to=gettext_lazy("those the lead chose"),
        subject="{subject}",
        text=gettext_lazy("# {subject}\n\nHello {name},\n\n{words}\n\n[Open your page]({link})"),
        placeholders=(SUBJECT, WORDS, LINK),
    ),
    MailKind(
        id="desk.message_test",
        name=gettext_lazy("A lead tries a message"),
        sent=gettext_lazy("When a lead sends a message to themself alone, to see it."),
        to=gettext_lazy("its author"),
        subject=gettext_lazy("Test: {subject}"),
        text=gettext_lazy("# {subject}\n\nHello {name},\n\n{words}\n\n[Open your page]({link})"),
        placeholders=(SUBJECT, WORDS, LINK),
        care=Care.ESSENTIAL,
        why=gettext_lazy("You get this mail because you tried a message before sending it."),
    ),
    MailKind(
        id="desk.hand_over",
        name=gettext_lazy("A pair is handed over"),
        sent=gettext_lazy("When a lead asks another one to look after a pair."),
        to=gettext_lazy("the other lead"),
        subject=gettext_lazy("{lead} hands a pair over to you"),
        text=gettext_lazy(
            "# {lead} hands a pair over to you\n\n{words}\n\n[Open the pair on your desk]({link})"
        ),
        placeholders=(
            _TOLD, LINK,
            Placeholder(name="lead", meaning=gettext_lazy("who hands it over"),
                        example="Noor Saleh"),
        ),
        care=Care.ESSENTIAL,
        why=STEWARD,
    ),
    MailKind(
        id="desk.no_lead",
        name=gettext_lazy("A pair has no lead"),
        sent=gettext_lazy("Once, when the only lead of a programme is one of the pair."),
        to=gettext_lazy("the sponsors"),
        subject=gettext_lazy("A pair of {programme} needs another lead"),
        text=gettext_lazy(
            "# A pair needs another lead\n\n{words}\n\n[Open the programme]({link})"
        ),
        placeholders=(_TOLD, LINK, PROGRAMME),
        care=Care.ESSENTIAL,
        why=STEWARD,
    ),
    MailKind(
        id="desk.programme_handed_over",
        name=gettext_lazy("A programme changes hands"),
        sent=gettext_lazy("When one lead takes over from another."),
        to=gettext_lazy("both leads"),
        subject=gettext_lazy("{programme} has changed hands"),
        text=gettext_lazy(
            "# {programme} has changed hands\n\n{words}\n\n[Open the programme]({link})"
        ),
        placeholders=(_TOLD, LINK, PROGRAMME),
        care=Care.ESSENTIAL,
        why=gettext_lazy("You get this mail because you hand a programme over, or take it over."),
    ),
    MailKind(
        id="desk.digest",
        name=gettext_lazy("The desk on Mondays"),
        sent=gettext_lazy("On Mondays, while pairs wait for a lead."),
        to=gettext_lazy("each lead"),
        subject=gettext_lazy("Your desk this week"),
        text=gettext_lazy("# Your desk this week\n\n{desks}\n\n[See what to do]({link})"),
        placeholders=(
            LINK,
            Placeholder(
                name="desks", meaning=gettext_lazy("each programme with its figures"), needed=True,
                example=gettext_lazy("Executive digital fluency: Act 3 · Support 10"),
            ),
        ),
        why=STEWARD,
        still_due=_is_no_older_week,
    ),
)  # fmt: skip


def once(step: Step, person: Person) -> str:
    """Return the cause of a step's mail to one of the two."""
    return f"desk.step/{step.code}/{person.code}"


def send_step(step: Step, text: Text, *, by: Person) -> None:
    """Write a lead's mail to each of the two, with the choices as links to their own pages."""
    if is_held_back():
        return
    pair = step.pair
    page = settings.SITE_URL + next_date(pair)
    for person in (pair.mentor, pair.mentee):
        # whoever has left the pair is left alone, also while the lead has not heard of it
        if not hears(person, pair):
            continue
        queue_mail(
            f"desk.{step.kind}",
            to=person,
            once=once(step, person),
            values={
                "subject": text.subject,
                "words": text.body,
                "link": settings.SITE_URL + pair.get_absolute_url(),
                "date_link": f"{page}#date",
                "short_link": f"{page}?minutes={SHORT_SESSION}#date",
            },
            not_before=step.leaves_at,
        )


def next_date(pair: Pair) -> str:
    """Return where the two set their next date."""
    waiting = pair.sessions.filter(state__in=[Session.State.PLANNED, Session.State.MISSED])
    session = waiting.order_by("number").first()
    return (session or pair).get_absolute_url()


def send_hand_over(step: Step) -> None:
    """Tell a lead that a pair is theirs to look after now."""
    if is_held_back():
        return
    names = {"mentor": step.pair.mentor.name, "leader": step.pair.mentee.name}
    queue_mail(
        "desk.hand_over",
        to=step.to,
        once=f"desk.hand_over/{step.code}",
        values={
            "lead": step.by.name,
            "words": _("Please look after %(mentor)s and %(leader)s from now on.") % names,
            "link": settings.SITE_URL + step.get_absolute_url(),
        },
    )


def send_no_lead(pair: Pair) -> None:
    """Ask the sponsors, once, to find somebody for a pair that its own lead is in."""
    programme = pair.cohort.programme
    words = _(
        "Whoever leads %(programme)s is in one of its pairs, so that nobody can look after that "
        "pair. Nothing has happened: please ask an administrator to name a second lead."
    ) % {"programme": programme.title}
    sponsors = Steward.objects.filter(programme=programme, kind=Steward.Kind.SPONSOR)
    for steward in sponsors.filter(person__left_on=None).select_related("person"):
        queue_mail(
            "desk.no_lead",
            to=steward.person,
            once=f"desk.no_lead/{pair.code}/{steward.person.code}",
            values={
                "programme": programme.title,
                "words": words,
                "link": settings.SITE_URL + reverse("home:sponsor", args=[programme.code]),
            },
        )


# -- messages to many -----------------------------------------------------------------------------


def written(text: Text) -> dict[str, str]:
    """Return the values of a mail whose words somebody wrote."""
    return {"subject": text.subject, "words": text.body, "link": settings.SITE_URL}


def send_message(message: Message, text: Text, people: list[Person]) -> None:
    """Write a message to each of many people; who has it already gets nothing twice."""
    queue_mails(
        Letter(
            kind="desk.message",
            to=person,
            once=f"desk.message/{message.code}/{person.code}",
            values=written(text),
        )
        for person in people
    )


def send_test(text: Text, *, to: Person, code: str) -> None:
    """Send a message to its author alone; the same words arrive once."""
    digest = hashlib.sha256(f"{text.subject}\n{text.body}".encode()).hexdigest()[:16]
    queue_mail(
        "desk.message_test",
        to=to,
        once=f"desk.message_test/{code}/{digest}",
        values=written(text),
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
            values={
                "programme": programme.title,
                "words": words % names,
                # whoever no longer leads it no longer opens it
                "link": settings.SITE_URL + programme.get_absolute_url() if person == to else "",
            },
        )


# -- Monday ---------------------------------------------------------------------------------------


def send_digest(person: Person, week: str, parts: list[dict]) -> None:
    """Tell a lead on Monday what lies on their desks: figures and signals, and nobody's name.

    Names stay on the page, where whoever looks is noted.
    """
    only = parts[0]["programme"].code if len(parts) == 1 else ""
    page = reverse("desk:desk", args=[only]) if only else reverse("home:today")
    queue_mail(
        "desk.digest",
        to=person,
        once=f"desk.digest/{person.code}/{week}",
        values={
            "desks": "\n\n".join(_desk_in_words(part) for part in parts),
            "link": settings.SITE_URL + page,
        },
        cause={"week": week},
    )


def _desk_in_words(part: dict) -> str:
    counts = [f"{label} {figure(count)}" for label, count in part["counts"]]
    if part["n_new"]:
        counts.append(_("New since last week %(n)s") % {"n": figure(part["n_new"])})
    lines = "".join(f"\n- {line}" for line in part["lines"])
    return f"{part['programme'].title}: {' · '.join(counts)}{lines}"


def has_digest(person: Person, week: str) -> bool:
    """Tell whether a lead has the mail of this week, so that none is prepared in vain."""
    return OutgoingMail.objects.filter(once=f"desk.digest/{person.code}/{week}").exists()
