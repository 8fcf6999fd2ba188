"""Everything one person can perceive of a pair, and every way in which one ends."""

import re

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contraflow.core.models import Notice, OutgoingMail
from contraflow.pairs import actions, calendars, queries
from contraflow.pairs.models import Session
from contraflow.programmes.actions import withdraw

_CHANCE = re.compile(
    r'name="csrfmiddlewaretoken" value="[^"]*"|"x-csrftoken": "[^"]*"'
    r'|name="code" value="[^"]*"|DTSTAMP:\w+|/story/\w+/|/notices/\w+/'
    r'|/(?:message|note|away)/\w+/|<li id="\w+">'
    # the clock goes on between two lives: their moments are compared as they are set
    r'|<small class="soft">[^<]*\d\d:\d\d</small>|In \d+ minutes?'
)


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def read(client, *paths):
    """Return what each page answers, without what chance puts into every page."""
    answers = {path: client.get(path) for path in paths}
    return {
        path: (answer.status_code, answer.headers.get("Location"), _CHANCE.sub("", answer.text))
        for path, answer in answers.items()
    }


def mails_to(person):
    """Return every mail to a person: its subject, both forms of it, and its part for calendars."""
    mails = OutgoingMail.objects.filter(to_id=person.pk).order_by("kind", "once")
    # what tells of a message is named after the message, whose code is another in each life
    return [
        (mail.kind, mail.words) if mail.kind.startswith("exchange")
        else (mail.kind, mail.words, mail.once, mail.cause)
        for mail in mails
    ]  # fmt: skip


def bell_of(person):
    notices = Notice.objects.filter(for_id=person.pk).order_by("once")
    return list(notices.values_list("kind", "once", "facts", "path"))


def seen_by_partner(client, person, pair, assistant=None):
    """Return the screen, the mail, the bell and the calendar of one of the two."""
    sessions = list(pair.sessions.order_by("number"))
    seen = read(
        client,
        reverse("home:today"),
        pair.get_absolute_url(),
        *(each.get_absolute_url() for each in sessions),
        *(reverse("pairs:session-file", args=[each.code]) for each in sessions[:1]),
        reverse("pairs:pair-end", args=[pair.code]),
        reverse("pairs:closing", args=[pair.code]),
        reverse("pairs:series", args=[pair.code]),
        reverse("exchange:messages", args=[pair.code]),
        reverse("exchange:notes", args=[pair.code]),
        reverse("pairs:absences"),
        reverse("people:notices"),
        reverse("home:search") + "?q=a",
    )
    seen["feed"] = calendars.feed(queries.feed_sessions(person), to=person)
    seen["mails"], seen["bell"] = mails_to(person), bell_of(person)
    if assistant:
        seen |= read(assistant, reverse("pairs:diary"))
    return seen


def seen_by_lead(client, pair):
    """Return what the pages of a lead show of a pair, and what lies beneath them."""
    cohort, programme = pair.cohort.code, pair.cohort.programme.code
    seen = read(
        client,
        pair.get_absolute_url(),
        *(each.get_absolute_url() for each in pair.sessions.order_by("number")),
        *(f"{reverse('pairs:list', args=[cohort])}?only={only}" for only in queries.FILTERS),
        reverse("desk:desk", args=[programme]),
        reverse("desk:pair", args=[pair.code]),
        reverse("pairing:cohort", args=[cohort]),
        reverse("home:overview", args=[cohort]),
        reverse("home:today"),
    )
    fields = [field.attname for field in Session._meta.concrete_fields]
    seen["sessions"] = list(pair.sessions.order_by("number").values_list(*fields))
    return seen


# -- how far the two were in closing together before that -----------------------------------------

PAGE = {"came": "More than we thought", "because": "asked", "now": "ask too"}


def suggest(pair, one, at):
    actions.suggest_closing(pair, by=one, at=at)


def put_off(pair, one, at):
    actions.put_off_closing(pair, by=one, at=at)


def finish_page(pair, one, at):
    actions.write_closing_page(pair, by=one, texts=PAGE, is_ready=True, at=at)


def say_done(pair, one, at):
    actions.say_done(pair, by=one, at=at)


# who of the two did what: "one" hears of the end, "other" may be who leaves
BOTH_WANT = [("other", suggest), ("one", suggest)]
CLOSINGS = {
    "nothing": [],
    "the other suggested it": [("other", suggest)],
    "one suggested it": [("one", suggest)],
    "one was told not yet": [("one", suggest), ("other", put_off)],
    "both want it": BOTH_WANT,
    "the other has written": [*BOTH_WANT, ("other", finish_page)],
    "both have written": [*BOTH_WANT, ("other", finish_page), ("one", finish_page)],
    "the other is done": [*BOTH_WANT, ("other", say_done)],
    "both are done": [*BOTH_WANT, ("other", say_done), ("one", say_done)],
    "they go on after all": [*BOTH_WANT, ("one", finish_page), ("other", put_off)],
}


def close(pair, how, one, at):
    """Bring two as far in closing as that."""
    for who, step in CLOSINGS[how]:
        step(pair, one if who == "one" else pair.partner_of(one), at)


# -- the ways in which a pair ends ----------------------------------------------------------------


def by_partner(cast, pair, partner, at):
    actions.ask_to_end(pair, by=partner, at=at)


def by_lead(cast, pair, partner, at):
    actions.ask_to_end(pair, by=cast.chi, at=at)


def by_partner_and_lead(cast, pair, partner, at):
    by_partner(cast, pair, partner, at)
    by_lead(cast, pair, partner, at)


def by_conflict(cast, pair, partner, at):
    actions.hold_pair(pair, ["reporting_line"], at=at)
    actions.ask_to_end(pair, by=cast.chi, at=at)


def by_departure(cast, pair, partner, at):
    partner.left_on = timezone.localdate(at)
    partner.save()
    actions.leave_behind(pair, gone=partner, at=at)


def by_withdrawal(cast, pair, partner, at):
    withdraw(partner.enrolments.get(cohort=pair.cohort), by=partner, at=at)
    actions.leave_behind(pair, gone=partner, at=at)


CAUSES = {
    "partner": by_partner,
    "lead": by_lead,
    "partner and lead": by_partner_and_lead,
    "conflict": by_conflict,
    "departure": by_departure,
    "withdrawal": by_withdrawal,
}
