"""What a person should do now, most urgent first: the cards of the page they land on."""

import datetime as dt
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contraflow.core.figures import figure
from contraflow.desk.kit import due_parts
from contraflow.desk.queries import count_on_desk
from contraflow.pairs.closings import is_time_to_close
from contraflow.pairs.diary import diaries_kept_by
from contraflow.pairs.models import Closing, Ending, Pair, Session
from contraflow.pairs.queries import Course, course_through, sessions_to_learn_from
from contraflow.pairs.rests import rests_of, rests_until
from contraflow.pairs.rules import why_not_stay
from contraflow.people.models import Person
from contraflow.programmes.models import Cohort, Enrolment, Programme, Side
from contraflow.training.queries import due_before_session_2

# a session counts as coming up soon within this time
SOON = dt.timedelta(hours=12)


@dataclass(frozen=True, kw_only=True)
class Card:
    """One thing to do or to know; `urgency` orders the page, the smaller the earlier."""

    urgency: int
    title: str
    text: str = ""
    url: str = ""
    action: str = ""
    # further (label, address) pairs
    others: list[tuple[str, str]] = field(default_factory=list)
    # name and side of the partner the card is about
    partner: str = ""
    partner_side: str = ""
    # where the two find everything they share
    pair_url: str = ""


def cards_for(person: Person, *, now: dt.datetime) -> list[Card]:
    """Return everything that waits for this person."""
    found = _enrolment_cards(person) + _pair_cards(person, now)
    found += _desk_cards(person, now) + _sponsor_cards(person, now)
    found += _leaving_cards(person) + _diary_cards(person) + _training_cards(person)
    return sorted(found, key=lambda card: card.urgency)


def _desk_cards(person: Person, now: dt.datetime) -> list[Card]:
    """Lead to the desk of each programme where pairs wait for this person."""
    counts = count_on_desk(person, at=now)
    return [
        Card(
            urgency=35,
            title=ngettext("%(n)s pair waits for you", "%(n)s pairs wait for you", counts[row.pk])
            % {"n": figure(counts[row.pk])},
            text=_("%(programme)s: what to do next, with the words ready.")
            % {"programme": row.title},
            url=reverse("desk:desk", args=[row.code]),
            action=_("Open the desk"),
        )
        for row in Programme.objects.filter(pk__in=counts)
    ]


def _sponsor_cards(person: Person, now: dt.datetime) -> list[Card]:
    """Lead a sponsor to the words that are due of them, the first of each programme named."""
    return [
        Card(
            urgency=40,
            title=parts[0].title,
            text=_("%(programme)s: your part as its sponsor, with the words ready.")
            % {"programme": programme.title},
            url=parts[0].url,
            action=parts[0].action,
            others=[(_("Your part"), reverse("desk:part", args=[programme.code]))],
        )
        for programme, parts in due_parts(person, at=now)
    ]


def _enrolment_cards(person: Person) -> list[Card]:
    rows = (
        Enrolment.objects.visible_to(person)
        .filter(person=person, cohort__state__in=[Cohort.State.ENROLLING, Cohort.State.PAIRING])
        .select_related("cohort__programme", "profile")
    )
    return [card for row in rows if (card := _enrolment_card(row))]


def _enrolment_card(row: Enrolment) -> Card | None:
    states = Enrolment.State
    title = row.cohort.programme.title
    names = {"programme": title, "cohort": row.cohort.name}
    own = reverse("programmes:enrolment", args=[row.code])
    if row.state == states.INVITED:
        return Card(
            urgency=20,
            title=_("You are invited to %(programme)s") % names,
            text=_("Say yes or no; a no needs no reason."),
            url=own,
            action=_("Answer the invitation"),
        )
    if row.state in {states.ENROLLED, states.BENCH} and not _has_finished(row):
        return Card(
            urgency=25,
            title=_("Tell us what you want to learn")
            if row.side == Side.MENTEE
            else _("Tell us what you can teach"),
            text=_("Five minutes, saved as you go, for %(programme)s.") % names,
            url=reverse("programmes:profile", args=[row.code]),
            action=_("Fill in your profile"),
        )
    waiting = {
        states.APPLIED: _("Your application is in. You will hear by e-mail."),
        states.WAITING: _(
            "You are on the waiting list. You are first in line when a place is free."
        ),
        states.BENCH: _("You are on the reserve bench, ready when somebody needs a partner."),
        states.ENROLLED: _("Your profile is ready. You will hear by e-mail when you are paired."),
    }
    text = waiting.get(row.state)
    return Card(urgency=80, title=title, text=text, url=own, action="") if text else None


def _has_finished(row: Enrolment) -> bool:
    profile = getattr(row, "profile", None)
    return profile is not None and profile.finished_at is not None


def _pair_cards(person: Person, now: dt.datetime) -> list[Card]:
    pairs = Pair.objects.meeting_for(person).visible_to(person)
    sessions: dict[int, list[Session]] = {pair.pk: [] for pair in pairs}
    rows = Session.objects.visible_to(person).filter(pair__in=sessions)
    for session in rows.select_related("planned").order_by("number"):
        sessions[session.pair_id].append(session)
    to_learn = set(sessions_to_learn_from(person, at=now).values_list("pk", flat=True))
    rests = rests_of(Pair.objects.meeting_for(person))
    today = timezone.localtime(now).date()
    closings = Closing.objects.visible_to(person).in_bulk(list(sessions))
    return [
        card
        for pair in pairs
        for card in _cards_of_pair(
            person, pair, sessions[pair.pk], to_learn, now,
            resting=rests_until(today, rests.get(pair.pk, ())), closing=closings.get(pair.pk),
        )
    ]  # fmt: skip


def _cards_of_pair(
    person: Person, pair: Pair, sessions: list[Session], to_learn: set[int], now: dt.datetime,
    *, resting: dt.date | None, closing: Closing | None,
) -> list[Card]:  # fmt: skip
    partner = pair.partner_of(person)
    about = {
        "partner": partner.name,
        "partner_side": "leader" if pair.side_of(person) == Side.MENTOR else "mentor",
        "pair_url": pair.get_absolute_url(),
    }
    course = course_through(sessions, at=now)
    # the two are done, and wait for the hour
    is_closed = closing is not None and closing.done_at is not None
    cards = [_tell_card(each, partner, about) for each in course.to_tell]
    if course.next:
        cards.append(_coming_card(course.next, partner, about, now))
    elif resting:
        cards.append(_rest_card(resting, partner, about))
    elif course.to_book and not course.to_tell and not is_closed:
        cards.append(_book_card(course.to_book, pair, partner, about))
    if pair.is_forming and not resting and not is_closed:
        cards.append(_agreement_card(pair, partner, about))
    if card := _closing_card(closing, course, pair, partner, about):
        cards.append(card)
    # the latest is enough: nobody is asked about two sessions at once
    if latest := next((each for each in reversed(sessions) if each.pk in to_learn), None):
        cards.append(_learned_card(latest, partner, about))
    return cards


def _leaving_cards(person: Person) -> list[Card]:
    """Show who left a pair the way back until its hour, which nobody else is shown."""
    left = Ending.objects.visible_to(person).of(person)
    return [
        Card(
            urgency=75,
            title=_("You have ended your pair with %(name)s")
            % {"name": ending.pair.partner_of(person).get_short_name()},
            text=_("Until %(when)s you can take it back, and nobody ever hears of it.")
            % {"when": date_format(timezone.localtime(ending.tells_at), "l j F, H:i")},
            url=ending.pair.get_absolute_url(),
            action=_("Open the pair"),
        )
        for ending in left.select_related("pair__mentor", "pair__mentee", "pair__cohort")
        if not why_not_stay(ending.pair, by=person)
    ]


def _diary_cards(person: Person) -> list[Card]:
    kept = diaries_kept_by(person)
    if not kept:
        return []
    waiting = sum(len(diary.to_book) for diary in kept)
    names = ", ".join(diary.row.person.name for diary in kept)
    told = ngettext("%(count)s session needs a date.", "%(count)s sessions need a date.", waiting)
    return [
        Card(
            urgency=16 if waiting else 65,
            title=_("You keep the diary of %(names)s") % {"names": names},
            text=told % {"count": figure(waiting)} if waiting else _("Every pair has a date."),
            url=reverse("pairs:diary"),
            action=_("Open the diary"),
        )
    ]


def _training_cards(person: Person) -> list[Card]:
    """Name what of the short training is left before session 2, and lead to where one left off."""
    stage = due_before_session_2(person)
    if stage is None:
        return []
    row = next((row for row in stage.rows if row.is_begun), None)
    row = row or next(row for row in stage.rows if not row.is_done)
    minutes = ngettext("%(n)s minute", "%(n)s minutes", stage.minutes_left)
    return [
        Card(
            urgency=27,
            title=_("Your short training before session 2"),
            text=_("%(minutes)s left, in short parts. Next: %(title)s.")
            % {
                "minutes": minutes % {"n": figure(stage.minutes_left)},
                "title": row.module.title,
            },
            url=reverse("training:module", args=[row.module.key]),
            action=_("Go on") if stage.is_begun else _("Begin"),
            others=[(_("All modules"), reverse("training:own"))],
        )
    ]


def _topic(session: Session) -> str:
    return str(session.topic) if session.planned or session.has_own_topic else ""


def _tell_card(session: Session, partner: Person, about: dict) -> Card:
    day = date_format(timezone.localtime(session.starts_at), "l j F")
    return Card(
        urgency=10,
        title=_("Did you and %(name)s meet?") % {"name": partner.get_short_name()},
        text=_("%(day)s, session %(number)s. Two taps, then it is done.")
        % {"day": day, "number": session.number},
        url=reverse("pairs:session", args=[session.code]),
        action=_("Say how it went"),
        **about,
    )


def _learned_card(session: Session, partner: Person, about: dict) -> Card:
    names = {
        "name": partner.get_short_name(),
        "day": date_format(timezone.localtime(session.starts_at), "l j F"),
        "number": session.number,
    }
    page = reverse("pairs:session", args=[session.code])
    return Card(
        urgency=30,
        title=_("What did you learn with %(name)s?") % names,
        text=_("%(day)s, session %(number)s. One thing is enough; only you two can read it.")
        % names,
        url=f"{page}#learned",
        action=_("Write one thing"),
        **about,
    )


def _coming_card(session: Session, partner: Person, about: dict, now: dt.datetime) -> Card:
    page = reverse("pairs:session", args=[session.code])
    starts, ends = timezone.localtime(session.starts_at), timezone.localtime(session.ends_at)
    soon = session.starts_at - now < SOON
    may_join = soon and session.video_link
    return Card(
        urgency=5 if soon else 60,
        title=_when(session.starts_at, now, partner.get_short_name()),
        text=" · ".join(
            filter(
                None,
                [
                    _topic(session),
                    f"{date_format(starts, 'H:i')}–{date_format(ends, 'H:i')}",
                    _("session %(number)s") % {"number": session.number},
                ],
            )
        ),
        url=session.video_link if may_join else page,
        action=_("Join") if may_join else _("See the agenda"),
        others=[(_("Agenda"), page)] if may_join else [],
        **about,
    )


def _when(starts_at: dt.datetime, now: dt.datetime, name: str) -> str:
    local, today = timezone.localtime(starts_at), timezone.localtime(now).date()
    minutes = round((starts_at - now).total_seconds() / 60)
    words = {
        "name": name,
        "minutes": minutes,
        "day": date_format(local, "D j M"),
        "time": date_format(local, "H:i"),
    }
    if minutes <= 0:
        return _("Now, with %(name)s") % words
    if minutes < 120:
        soon = ngettext(
            "In %(minutes)s minute, with %(name)s", "In %(minutes)s minutes, with %(name)s", minutes
        )
        return soon % words
    if local.date() == today:
        return _("Today at %(time)s, with %(name)s") % words
    if local.date() == today + dt.timedelta(days=1):
        return _("Tomorrow at %(time)s, with %(name)s") % words
    return _("%(day)s, %(time)s, with %(name)s") % words


def _rest_card(last: dt.date, partner: Person, about: dict) -> Card:
    names = {"name": partner.get_short_name(), "day": date_format(last, "l j F")}
    return Card(
        urgency=70,
        title=_("You and %(name)s rest until %(day)s") % names,
        text=_("Nothing is due meanwhile, and nobody is reminded."),
        url=about["pair_url"],
        action=_("Open your pair's page"),
        **about,
    )


def _agreement_card(pair: Pair, partner: Person, about: dict) -> Card:
    return Card(
        urgency=40,
        title=_("Agree with %(name)s how you work together") % {"name": partner.get_short_name()},
        text=_("A goal for each of you, and what stays between you. Both write it, both sign it."),
        url=reverse("pairs:agreement", args=[pair.code]),
        action=_("Open the agreement"),
        **about,
    )


def _closing_card(
    closing: Closing | None, course: Course, pair: Pair, partner: Person, about: dict
) -> Card | None:
    """Ask for the one thing that is next in closing a pair together, if anything is."""
    names = {"name": partner.get_short_name()}
    other = pair.side_of(partner)
    own = Side.MENTEE if other == Side.MENTOR else Side.MENTOR
    page, theirs = (closing.page_of(side) if closing else None for side in (own, other))
    if closing and closing.waits_for(own):
        urgency, action = 22, _("Read and answer")
        title = _("%(name)s suggests to close your time together well") % names
        text = _("Yes, or not yet: neither needs a reason.")
    elif closing and closing.done_at:
        return None
    elif page and theirs and theirs.done_at and not page.done_at:
        urgency, action = 12, _("Open your closing")
        title = _("%(name)s says that your closing is done") % names
        text = _("Once you say so too, your pair ends with thanks.")
    elif closing and closing.agreed_at and page and not page.ready_at:
        urgency, action = 33, _("Write your page")
        title = _("You and %(name)s close together") % names
        text = _("A page from each of you: what came of it, thanks, what goes on.")
    elif course.now and is_time_to_close(course, closing):
        urgency, action = 45, _("How it goes")
        title = _("Your last session with %(name)s: close it well") % names
        text = _("You both decide. It takes one session, and a page from each of you.")
    else:
        return None
    url = reverse("pairs:closing", args=[pair.code])
    return Card(urgency=urgency, title=title, text=text, url=url, action=action, **about)


def _book_card(session: Session, pair: Pair, partner: Person, about: dict) -> Card:
    names = {"name": partner.get_short_name(), "number": session.number}
    was_missed = session.state == Session.State.MISSED
    why = (
        _("Session %(number)s was not held.")
        if was_missed
        else _("Session %(number)s has no date yet.")
    )
    return Card(
        urgency=15,
        title=_("Set a date with %(name)s") % names,
        text=f"{why % names} {_topic(session)}".strip(),
        url=pair.get_absolute_url(),
        action=_("Choose a time"),
        **about,
    )
