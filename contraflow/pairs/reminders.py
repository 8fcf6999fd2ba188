"""Reminders, two at most for each cause, which stop as soon as it is gone.

They are looked for every quarter of an hour, so that none is lost with a process; whether the
cause still stands is asked again when a mail is sent.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contraflow.core.letters import MailKind, Placeholder, register
from contraflow.core.mail import Letter, queue_mails
from contraflow.core.upkeep import on_upkeep
from contraflow.pairs.mails import LINK, PARTNER, in_words
from contraflow.pairs.models import Ending, Pair, Session
from contraflow.pairs.rests import rest_on
from contraflow.people.models import Person
from contraflow.programmes.models import Cohort, Enrolment
from contraflow.training.mails import remind as remind_of_gate
from contraflow.training.queries import gate_open

_EVERY_SECONDS = 15 * 60
# a reminder that nobody wrote in time, as no worker ran, is not made up for after this
_TOO_LATE = dt.timedelta(days=2)
State = Session.State


def _booked_as(cause: dict[str, Any]) -> bool:
    """Tell whether a session still stands as it was booked, and lies ahead."""
    return (
        _still_meeting()
        .filter(
            pk=cause["session"], state=State.BOOKED, sequence=cause["sequence"],
            starts_at__gt=timezone.now(),
        )
        .exists()
    )  # fmt: skip


def _unreported(cause: dict[str, Any]) -> bool:
    """Tell whether nobody has said yet what became of a session."""
    held_as = {"pk": cause["session"], "state": State.BOOKED, "sequence": cause["sequence"]}
    return _still_meeting().filter(**held_as).exists()


def _unbooked(cause: dict[str, Any]) -> bool:
    """Tell whether a session has no date yet."""
    return _still_meeting().filter(pk=cause["session"], state=State.PLANNED).exists()


def _unsigned(cause: dict[str, Any]) -> bool:
    """Tell whether a pair has not agreed yet, and the one who is asked has not signed."""
    sessions = _still_meeting().filter(pk=cause["session"], pair__active_since=None)
    signed = {f"pair__agreement__signed_by_{cause['side']}_at__isnull": False}
    return sessions.exclude(**signed).exists()


def _still_meeting() -> QuerySet[Session]:
    resting = Pair.objects.order_by().filter(rest_on(timezone.localdate())).values("pk")
    # of a pair that is about to end nobody is reminded, whoever ends it
    ending = Ending.objects.order_by().values("pair")
    return (
        Session.objects.exclude(pair__in=resting)
        .exclude(pair__in=ending)
        .filter(
            pair__state=Pair.State.ACTIVE,
            pair__cohort__state=Cohort.State.RUNNING,
            pair__mentor__left_on=None,
            pair__mentee__left_on=None,
        )
    )


_WHEN = Placeholder(
    name="when", meaning=_("day, hour and time zone of the reader"),
    example=_("Wednesday 4 March 2026, 10:00 (Europe/Berlin)"),
)  # fmt: skip
_BOTH = _("both of the pair")
register(
    MailKind(
        id="pairs.prepare",
        name=_("Reminder: a session comes up"),
        sent=_("Two days and one day before a session that is booked."),
        to=_BOTH,
        subject=_("Soon: {partner}, {when}"),
        text=_(
            "# You meet {partner} soon\n\n**{when}**\n\n"
            "Five minutes now make it a better talk: look at what the session is about, and think "
            "of one question.\n\n[Prepare the session]({link})\n\n"
            "If the time does not suit any more, move it there: two clicks, and both calendars "
            "follow."
        ),
        placeholders=(PARTNER, _WHEN, LINK),
        still_due=_booked_as,
    ),
    MailKind(
        id="pairs.report",
        name=_("Reminder: did the session happen?"),
        sent=_("The day after a session, and three days later, until one of the two says so."),
        to=_BOTH,
        subject=_("Did you and {partner} meet?"),
        text=_(
            "# Did you and {partner} meet?\n\nYour session was planned for {when}.\n\n"
            "[Say yes or no]({link})\n\n"
            "One click is enough, and one of you two. If it did not happen, you set a new date in "
            "the same place. Nobody asks for a reason."
        ),
        placeholders=(PARTNER, _WHEN, LINK),
        still_due=_unreported,
    ),
    MailKind(
        id="pairs.book",
        name=_("Reminder: a session has no date"),
        sent=_("When a session is due and not booked, and a week later."),
        to=_BOTH,
        subject=_("Time for a date with {partner}"),
        text=_(
            "# Time for a date with {partner}\n\n"
            "Session {number} of your plan is due now and has no date yet. Either of you can set "
            "one; the page knows the hours that suit you both.\n\n[Set a date]({link})"
        ),
        placeholders=(
            PARTNER, LINK,
            Placeholder(name="number", meaning=_("which session of the plan"), example="3"),
        ),
        still_due=_unbooked,
    ),
    MailKind(
        id="pairs.agreement_unsigned",
        name=_("Reminder: the agreement is not signed"),
        sent=_("Three days before session 2 and a week after it, to whoever has not signed."),
        to=_("who of the pair has not signed"),
        subject=_("Your agreement with {partner} is not signed"),
        text=_(
            "# Ten minutes for your agreement with {partner}\n\n"
            "A goal for each of you, how you meet, and what stays between you: it is easiest "
            "written together, at the start of a session. Your pair is active once both have "
            "signed.\n\n[Open the agreement]({link})"
        ),
        placeholders=(PARTNER, LINK),
        still_due=_unsigned,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class _Round:
    """The first or the second reminder of a kind: which sessions it is about at a moment."""

    kind: str
    number: int
    sessions: Callable[[dt.datetime], Q]


def _before(days: int) -> Callable[[dt.datetime], Q]:
    ahead = dt.timedelta(days=days)
    # booked at shorter notice, one has just been told
    return lambda now: Q(
        state=State.BOOKED,
        starts_at__gt=now + ahead - dt.timedelta(hours=12),
        starts_at__lte=now + ahead,
    )


def _after(days: int) -> Callable[[dt.datetime], Q]:
    past = dt.timedelta(days=days)
    return lambda now: Q(
        state=State.BOOKED, starts_at__gt=now - past - _TOO_LATE, starts_at__lte=now - past
    )


def _due_since(days: int) -> Callable[[dt.datetime], Q]:
    def sessions(now: dt.datetime) -> Q:
        day = timezone.localdate(now) - dt.timedelta(days=days)
        earlier = Session.objects.filter(
            pair=OuterRef("pair"), number__lt=OuterRef("number"),
            state__in=[State.PLANNED, State.BOOKED],
        )  # fmt: skip
        due = Q(state=State.PLANNED, due_on__gt=day - _TOO_LATE, due_on__lte=day)
        # one thing at a time: the one before comes first
        return due & ~Q(Exists(earlier))

    return sessions


def _not_agreed(sessions: Callable[[dt.datetime], Q]) -> Callable[[dt.datetime], Q]:
    return lambda now: Q(number=2, pair__active_since=None) & sessions(now)


def _held_for(days: int) -> Callable[[dt.datetime], Q]:
    past = dt.timedelta(days=days)
    return lambda now: Q(
        state=State.HELD, starts_at__gt=now - past - _TOO_LATE, starts_at__lte=now - past
    )


_UNSIGNED = "pairs.agreement_unsigned"
_ROUNDS = (
    _Round("pairs.prepare", 1, _before(2)),
    _Round("pairs.prepare", 2, _before(1)),
    _Round("pairs.report", 1, _after(1)),
    _Round("pairs.report", 2, _after(4)),
    _Round("pairs.book", 1, _due_since(0)),
    _Round("pairs.book", 2, _due_since(7)),
    _Round(_UNSIGNED, 1, _not_agreed(_before(3))),
    _Round(_UNSIGNED, 2, _not_agreed(_held_for(7))),
)


@on_upkeep
def look_for_reminders() -> None:
    """Write the reminders of this quarter of an hour; one process of all does it."""
    if cache.add("pairs.reminders", 1, _EVERY_SECONDS):
        remind(timezone.now())


def remind(now: dt.datetime) -> None:
    """Write every reminder that is due and was not written yet."""
    remind_of_training(now)
    for each in _ROUNDS:
        found = _still_meeting().filter(each.sessions(now)).order_by("pk")
        sessions = found.select_related("pair__mentor", "pair__mentee")
        queue_mails(_letters(each, sessions))


def remind_of_training(now: dt.datetime) -> None:
    """Write, a week and two days before session 2, to whoever has training of its gate to do."""
    for days in (7, 2):
        first, last = now + dt.timedelta(days=days) - _TOO_LATE, now + dt.timedelta(days=days)
        due = Q(state=State.PLANNED, due_on__gt=_day(first), due_on__lte=_day(last))
        soon = Q(state=State.BOOKED, starts_at__gt=first, starts_at__lte=last)
        seconds = _still_meeting().filter(
            due | soon, number=2, pair__cohort=OuterRef("cohort"), pair__gate_opening=None
        )
        meets = Q(Exists(seconds.filter(pair__mentor=OuterRef("person")))) | Q(
            Exists(seconds.filter(pair__mentee=OuterRef("person")))
        )
        waiting = Enrolment.objects.filter(meets, gate_open()).order_by("pk")
        remind_of_gate(waiting.select_related("person", "cohort__programme"), once=f"days/{days}")


def _day(moment: dt.datetime) -> dt.date:
    return timezone.localdate(moment, timezone.get_default_timezone())


def _letters(each: _Round, sessions: QuerySet[Session]) -> Iterator[Letter]:
    for session in sessions.iterator(chunk_size=500):
        for person in (session.pair.mentor, session.pair.mentee):
            yield Letter(
                kind=each.kind,
                to=person,
                once=f"{each.kind}/{session.code}/{session.sequence}/{each.number}/{person.code}",
                values=_values(session, person, about_agreement=each.kind == _UNSIGNED),
                cause={
                    "session": session.pk, "sequence": session.sequence,
                    "side": session.pair.side_of(person),
                },
            )  # fmt: skip


def _values(session: Session, person: Person, *, about_agreement: bool) -> dict[str, Any]:
    agreement = f"{session.pair.get_absolute_url()}agreement/"
    page = agreement if about_agreement else session.get_absolute_url()
    return {
        "partner": session.pair.partner_of(person).name,
        "number": session.number,
        "when": in_words(session.starts_at, person) if session.starts_at else "",
        "link": settings.SITE_URL + page,
    }
