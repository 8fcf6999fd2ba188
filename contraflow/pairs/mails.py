"""What the two of a pair are told by mail, each in their own time zone and with their own event."""

import datetime as dt
import zoneinfo
from typing import Any

from django.conf import settings
from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _

from contraflow.core.mail import is_held_back, queue_mail, take_mail_back
from contraflow.pairs.calendars import Method, invitation
from contraflow.pairs.models import Pair, Session
from contraflow.people.models import Person


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


def send_cancellation(
    session: Session, *, was_at: dt.datetime, by: Person | None, at: dt.datetime
) -> None:
    """Take a session out of both calendars; `by` is None where the end of the pair did it."""
    _tell_both(
        session, "pairs.session_cancelled", Method.CANCEL,
        starts_at=was_at, was_at=was_at, by=by, at=at,
    )  # fmt: skip


def send_ending(pair: Pair, *, at: dt.datetime) -> None:
    """Tell both at the next full hour that the pair has ended, in the same words whoever did it."""
    if is_held_back():
        return
    full_hour = _next_full_hour(at)
    for person in _still_here(pair):
        queue_mail(
            "pairs.pair_ended",
            to=person,
            once=_once_ended(pair, person, full_hour),
            subject=_("Your reverse mentoring pair has ended"),
            template="pairs/mail/pair_ended",
            context={"partner": pair.partner_of(person)},
            not_before=full_hour,
        )


def take_ending_back(pair: Pair, *, ended_at: dt.datetime) -> None:
    """Take back the mails that tell of an end; whoever has got one is told that they go on."""
    full_hour = _next_full_hour(ended_at)
    for person in _still_here(pair):
        once = _once_ended(pair, person, full_hour)
        if take_mail_back(once, not_before=full_hour):
            continue
        queue_mail(
            "pairs.pair_resumed",
            to=person,
            once=once.replace("pair_ended", "pair_resumed"),
            subject=_("You and %(name)s go on as a pair") % {"name": pair.partner_of(person).name},
            template="pairs/mail/pair_resumed",
            context={
                "partner": pair.partner_of(person),
                "action_url": settings.SITE_URL + pair.get_absolute_url(),
                "action_label": _("Open your pair's page"),
            },
        )


def _still_here(pair: Pair) -> list[Person]:
    return [person for person in (pair.mentor, pair.mentee) if person.is_active]


def _next_full_hour(at: dt.datetime) -> dt.datetime:
    return at.replace(minute=0, second=0, microsecond=0) + dt.timedelta(hours=1)


def _once_ended(pair: Pair, person: Person, full_hour: dt.datetime) -> str:
    # the hour, as a pair may go on and end again
    return f"pairs.pair_ended/{pair.code}/{person.code}/{full_hour:%Y%m%d%H}"


_SUBJECTS: dict[str, Any] = {
    "pairs.session_booked": _("Reverse mentoring with %(name)s: %(when)s"),
    "pairs.session_moved": _("New time with %(name)s: %(when)s"),
    "pairs.session_cancelled": _("Cancelled: %(when)s with %(name)s"),
}


def _tell_both(
    session: Session, kind: str, method: Method, *,
    starts_at: dt.datetime, was_at: dt.datetime | None = None, by: Person | None, at: dt.datetime,
) -> None:  # fmt: skip
    if is_held_back():
        return
    for person in (session.pair.mentor, session.pair.mentee):
        partner = session.pair.partner_of(person)
        when = in_words(starts_at, person)
        queue_mail(
            kind,
            to=person,
            once=f"{kind}/{session.code}/{session.sequence}/{person.code}",
            subject=_SUBJECTS[kind] % {"name": partner.name, "when": when},
            template=kind.replace("pairs.", "pairs/mail/"),
            context={
                "partner": partner,
                "by_me": by is not None and by.pk == person.pk,
                "by_partner": by is not None and by.pk == partner.pk,
                "when": when,
                "was": in_words(was_at, person) if was_at else "",
                "minutes": session.minutes,
                "video_link": session.video_link,
                "action_url": settings.SITE_URL + session.get_absolute_url(),
                "action_label": _("Open the session"),
            },
            calendar=invitation(
                session, method, to=person, starts_at=starts_at, at=at, by=by
            ),
            method=method.value,
        )  # fmt: skip


def in_words(moment: dt.datetime, person: Person) -> str:
    """Return a moment in a person's own hours, with the name of their time zone."""
    local = timezone.localtime(moment, zoneinfo.ZoneInfo(person.time_zone))
    zone = person.time_zone.replace("_", " ")
    return f"{formats.date_format(local, 'l j F Y, H:i')} ({zone})"
