"""What the two of a pair are told by mail, each in their own time zone and with their own event."""

import datetime as dt
import zoneinfo
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _

from contraflow.core.letters import Care, MailKind, Placeholder, register
from contraflow.core.mail import is_held_back, queue_mail
from contraflow.core.models import Notice
from contraflow.core.notices import News, add_notices, register_notice
from contraflow.core.templatetags.contraflow import minutes
from contraflow.pairs.calendars import Method, invitation
from contraflow.pairs.models import Assistant, Pair, Session
from contraflow.pairs.rules import acts_for
from contraflow.pairs.times import shorter_for, times_for_both
from contraflow.people.models import Person

LINK = Placeholder(
    name="link", meaning=_("the page of the session"), needed=True,
    example="https://mentoring.example.org/pairs/session/k3v/",
)  # fmt: skip
PARTNER = Placeholder(name="partner", meaning=_("the other of the two"), example="Priya Raman")
_WHEN = Placeholder(
    name="when", meaning=_("day, hour and time zone of the reader"), needed=True,
    example=_("Wednesday 4 March 2026, 10:00 (Europe/Berlin)"),
)  # fmt: skip
_SESSION = (
    LINK, PARTNER, _WHEN,
    Placeholder(name="minutes", meaning=_("how long it is"), example=_("50 min")),
    Placeholder(name="video_link", meaning=_("the video room, if there is one"),
                example="https://video.example.org/k3v"),
    Placeholder(name="who", meaning=_("who did it, in one sentence"),
                example=_("Priya Raman set this date.")),
)  # fmt: skip
_BOTH = _("both of the pair, each in their own hours")
_CALENDAR = _(
    "You get this mail because you are one of this pair. It keeps your calendar right, so it "
    "cannot be turned off."
)
OF_PAIR = _("You get this mail because you are one of this pair. It cannot be turned off.")
register(
    MailKind(
        id="pairs.session_booked",
        name=_("A session is booked"),
        sent=_("When a date is set, with an invitation for the calendar."),
        to=_BOTH,
        subject=_("Reverse mentoring with {partner}: {when}"),
        text=_(
            "# You meet {partner}\n\n**{when}**, {minutes}\n\n"
            "{who} If it does not suit, move it on the session's page; both calendars follow.\n\n"
            "Where: {video_link}\n\n[Open the session]({link})"
        ),
        placeholders=_SESSION,
        care=Care.ESSENTIAL,
        why=_CALENDAR,
    ),
    MailKind(
        id="pairs.session_moved",
        name=_("A session is moved"),
        sent=_("When the date is changed, with the change for the calendar."),
        to=_BOTH,
        subject=_("New time with {partner}: {when}"),
        text=_(
            "# A new time with {partner}\n\n**{when}**, {minutes}\n\n"
            "It was {was}. {who}\n\nWhere: {video_link}\n\n[Open the session]({link})"
        ),
        placeholders=(
            *_SESSION, Placeholder(name="was", meaning=_("the time before"),
                                   example=_("Tuesday 3 March 2026, 15:00 (Europe/Berlin)")),
        ),
        care=Care.ESSENTIAL,
        why=_CALENDAR,
    ),
    MailKind(
        id="pairs.session_cancelled",
        name=_("A session is cancelled"),
        sent=_("When a date is given up; the calendar takes it out."),
        to=_BOTH,
        subject=_("Cancelled: {when} with {partner}"),
        text=_(
            "# A session was cancelled\n\n{when} with {partner} does not take place.\n{who}\n\n"
            "{what_next}\n\n[Open the session]({link})"
        ),
        placeholders=(
            *_SESSION, Placeholder(name="what_next", meaning=_("what can be done now, if anything"),
                                   example=_("Either of you can set a new date.")),
        ),
        care=Care.ESSENTIAL,
        why=_CALENDAR,
    ),
)  # fmt: skip


register(
    MailKind(
        id="pairs.session_declined",
        name=_("A date does not suit"),
        sent=_("When somebody declines an invitation in their calendar."),
        to=_("the other of the pair"),
        subject=_("{when} does not suit {partner}"),
        text=_(
            "# The date does not suit {partner}\n\n{when} does not suit {partner}. It stands until "
            "one of you moves or cancels it.\n\nThese times suit you both:\n\n{times}\n\n"
            "[Choose another time]({link})"
        ),
        placeholders=(
            LINK,
            PARTNER,
            _WHEN,
            Placeholder(
                name="times",
                meaning=_("up to three times that suit both"),
                example="- Thursday 5 March 2026, 10:00 (Europe/Berlin)",
            ),
        ),
        care=Care.ESSENTIAL,
        why=OF_PAIR,
    ),
    MailKind(
        id="pairs.assistant_named",
        name=_("Somebody is named as assistant"),
        sent=_("When somebody lets them keep their diary."),
        to=_("the assistant"),
        subject=_("You keep the diary of {person}"),
        text=_(
            "# You keep the diary of {person}\n\nFrom now on you can book, move and cancel reverse "
            "mentoring sessions for {person}. You see when, where and with whom, and nothing else."
            "\n\nBoth of a pair are told of every change, with your name. You can give the diary "
            "back at any time.\n\n[Open the diary]({link})"
        ),
        placeholders=(
            Placeholder(name="person", meaning=_("whose diary it is"), example="Priya Raman"),
            Placeholder(
                name="link",
                meaning=_("the page of the diaries"),
                needed=True,
                example="https://mentoring.example.org/pairs/diary/",
            ),
        ),
        care=Care.ESSENTIAL,
        why=_("You get this mail because somebody named you as their assistant."),
    ),
)


def send_invitations(session: Session, *, by: Person | None, at: dt.datetime) -> None:
    """Invite both to a session that was booked; `by` is None where the date stands again."""
    _tell_both(
        session, "pairs.session_booked", Method.REQUEST,
        starts_at=session.starts_at, by=by, at=at,
    )  # fmt: skip


def send_move(session: Session, *, was_at: dt.datetime, by: Person, at: dt.datetime) -> None:
    """Tell both, and their calendars, the new time."""
    _tell_both(
        session, "pairs.session_moved", Method.REQUEST,
        starts_at=session.starts_at, was_at=was_at, by=by, at=at,
    )  # fmt: skip


def send_decline(session: Session, *, by: Person, at: dt.datetime) -> None:
    """Tell the partner, without a reason, that a date does not suit; and which would."""
    to = session.pair.partner_of(by)
    if is_held_back() or not hears(to, session.pair):
        return
    # the same hour of the next day, and what lies around it
    next_day = session.starts_at + dt.timedelta(days=1)
    times = times_for_both(session, near=next_day, at=at)
    queue_mail(
        "pairs.session_declined",
        to=to,
        once=f"pairs.session_declined/{session.code}/{session.sequence}/{to.code}",
        values={
            "partner": by.name,
            "when": in_words(session.starts_at, to),
            "times": "\n".join(
                f"- {in_words(each, to)}" for each in times if each != session.starts_at
            ),
            "link": f"{settings.SITE_URL}{session.get_absolute_url()}#date",
        },
    )


def send_cancellation(
    session: Session, *, was_at: dt.datetime, by: Person | None, at: dt.datetime
) -> None:
    """Take a session out of both calendars; `by` is None where the end of the pair did it."""
    _tell_both(
        session, "pairs.session_cancelled", Method.CANCEL,
        starts_at=was_at, was_at=was_at, by=by, at=at,
    )  # fmt: skip


def send_leaving(session: Session, *, to: Person, at: dt.datetime) -> None:
    """Take a session out of the calendar of who leaves the pair; the other hears nothing yet.

    Neither the session nor its SEQUENCE changes, which the other's calendar would show: of two
    messages with the same one, calendars take the later (RFC 5546, 2.1.5).
    """
    _tell_both(
        session, "pairs.session_cancelled", Method.CANCEL,
        starts_at=session.starts_at, by=None, at=at, only=to,
    )  # fmt: skip


def send_staying(session: Session, *, to: Person, at: dt.datetime) -> None:
    """Put a session into the calendar again of who stays in the pair after all."""
    _tell_both(
        session, "pairs.session_booked", Method.REQUEST,
        starts_at=session.starts_at, by=None, at=at, only=to,
    )  # fmt: skip


def hears(person: Person, pair: Pair) -> bool:
    """Tell whether somebody is still here, and hears of the pair's dates: not once they left it."""
    return person.is_active and not pair.has_left(person)


def send_naming(row: Assistant) -> None:
    """Tell somebody whose diary they keep from now on."""
    queue_mail(
        "pairs.assistant_named",
        to=row.assistant,
        once=f"pairs.assistant_named/{row.code}",
        values={
            "person": row.person.name,
            "link": settings.SITE_URL + reverse("pairs:diary"),
        },
    )


_WHO: dict[str, tuple[Any, Any]] = {
    "pairs.session_booked": (_("You set this date."), _("%(name)s set this date.")),
    "pairs.session_moved": (_("You moved it."), _("%(name)s moved it.")),
    "pairs.session_cancelled": (_("You cancelled it."), _("%(name)s cancelled it.")),
}


_HELPED: dict[str, tuple[Any, Any]] = {
    "pairs.session_booked": (
        _("%(helper)s set this date for you."), _("%(helper)s set this date for %(name)s."),
    ),
    "pairs.session_moved": (
        _("%(helper)s moved it for you."), _("%(helper)s moved it for %(name)s."),
    ),
    "pairs.session_cancelled": (
        _("%(helper)s cancelled it for you."), _("%(helper)s cancelled it for %(name)s."),
    ),
}  # fmt: skip


def _who(kind: str, *, by: Person | None, to: Person, partner: Person, helper: str) -> Any:
    """Say who did it to one of the two; nothing where the end of the pair did, or its resuming."""
    mine, theirs = _WHO[kind]
    if helper and by is not None:
        for_me, for_them = _HELPED[kind]
        said = for_me if by.pk == to.pk else for_them
        return said % {"helper": helper, "name": by.name}
    if by is not None and by.pk == to.pk:
        return mine
    is_said = kind != "pairs.session_cancelled" or (by is not None and by.pk == partner.pk)
    return theirs % {"name": partner.name} if is_said else ""


def _tell_both(
    session: Session, kind: str, method: Method, *,
    starts_at: dt.datetime, was_at: dt.datetime | None = None, by: Person | None, at: dt.datetime,
    only: Person | None = None,
) -> None:  # fmt: skip
    """Tell both, or `only` one of them, who knows it already and needs it for the calendar."""
    if is_held_back():
        return
    one = acts_for(by, session) if by else None
    helper = by.name if by and one and by.pk != one.pk else ""
    what_next = _("Either of you can set a new date.")
    if method == Method.CANCEL and (shorter := shorter_for(session)):
        what_next = _(
            "Two dates in a row fell through. A talk of %(minutes)s keeps the thread: the "
            "session's page proposes one."
        ) % {"minutes": minutes(shorter)}
    both = (session.pair.mentor, session.pair.mentee)
    hear = [only] if only else [each for each in both if hears(each, session.pair)]
    for person in hear:
        partner = session.pair.partner_of(person)
        when = in_words(starts_at, person)
        once = f"{kind}/{session.code}/{session.sequence}/{person.code}"
        if only:
            # out of the calendar and into it again, as often as somebody changes their mind
            once = f"{once}/{at:%Y%m%d%H%M%S%f}"
        elif by is None or by.pk != person.pk:
            add_notices([_news(session, kind, once, to=person, starts_at=starts_at)])
        queue_mail(
            kind,
            to=person,
            once=once,
            values={
                "partner": partner.name,
                "who": (who := _who(kind, by=one, to=person, partner=partner, helper=helper)),
                "what_next": what_next if who else "",
                "when": when,
                "was": in_words(was_at, person) if was_at else "",
                "minutes": minutes(session.minutes),
                "video_link": session.video_link,
                "link": settings.SITE_URL + session.get_absolute_url(),
            },
            calendar=invitation(
                session, method, to=person, starts_at=starts_at, at=at, by=one
            ),
            method=method.value,
            cause={"leaves": session.pair_id} if only else {},
        )  # fmt: skip


def in_words(moment: dt.datetime, person: Person) -> str:
    """Return a moment in a person's own hours, with the name of their time zone."""
    local = timezone.localtime(moment, zoneinfo.ZoneInfo(person.time_zone))
    zone = person.time_zone.replace("_", " ")
    return f"{formats.date_format(local, 'l j F Y, H:i')} ({zone})"


# -- below the bell -------------------------------------------------------------------------------


def _news(session: Session, kind: str, once: str, *, to: Person, starts_at: dt.datetime) -> News:
    return News(
        kind=kind, for_id=to.pk, once=once, path=session.get_absolute_url(),
        facts={"session": session.pk, "starts_at": starts_at.isoformat()},
    )  # fmt: skip


_NEWS = {
    "pairs.session_booked": ("calendar-plus", _("You meet %(name)s: %(when)s.")),
    "pairs.session_moved": ("calendar", _("A new time with %(name)s: %(when)s.")),
    "pairs.session_cancelled": ("ban", _("Cancelled: %(when)s with %(name)s.")),
}


def _say(notices: list[Notice], reader: Person) -> dict[int, str]:
    asked = {notice.facts["session"] for notice in notices}
    sessions = Session.objects.visible_to(reader).in_bulk(asked)
    return {
        notice.pk: _NEWS[notice.kind][1]
        % {
            "name": session.pair.partner_of(reader).name,
            "when": in_words(dt.datetime.fromisoformat(notice.facts["starts_at"]), reader),
        }
        for notice in notices
        if (session := sessions.get(notice.facts["session"]))
    }


for _each, (_icon, _words) in _NEWS.items():
    register_notice(_each, icon=_icon)(_say)
