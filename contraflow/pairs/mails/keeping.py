"""How the two are reminded that the words of their pair are deleted on a day."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.utils import formats
from django.utils.translation import gettext_lazy as _

from contraflow.core.letters import MailKind, Placeholder, register
from contraflow.core.mail import Letter, queue_mails
from contraflow.core.models import Notice
from contraflow.core.notices import News, add_notices, register_notice
from contraflow.pairs.mails.dates import PARTNER
from contraflow.pairs.models import Pair
from contraflow.people.models import Person

KIND = "pairs.words_deleted_soon"


def _still_there(cause: dict[str, Any]) -> bool:
    """Tell whether the words still stand, and go on the day that is told."""
    waiting = Pair.objects.with_words_to_delete().filter(pk=cause["pair"])
    return waiting.filter(words_kept_until=cause["day"]).exists()


register(
    MailKind(
        id=KIND,
        name=_("Reminder: the words of a pair are deleted soon"),
        sent=_("Twice, before the words of a pair that ended long ago are deleted."),
        to=_("both of the pair"),
        subject=_("Take your copy: what you and {partner} wrote is deleted on {day}"),
        text=_(
            "# Take your copy\n\n"
            "What you and {partner} wrote as a pair is deleted on **{day}**: messages, notes for "
            "you both, sessions, your agreement, promises and stories. Nobody can bring it back "
            "here then.\n\n[Take your copy]({link})\n\n"
            "It is one file that opens without Contraflow. What you learned, and what you noted "
            "for yourself alone, stays with you here in any case."
        ),
        placeholders=(
            PARTNER,
            Placeholder(name="day", meaning=_("the day of the deletion"), needed=True,
                        example=_("4 March 2026")),
            Placeholder(name="link", meaning=_("the pair's page"), needed=True,
                        example="https://mentoring.example.org/pairs/k3v/#copy"),
        ),
        still_due=_still_there,
    )
)  # fmt: skip


def day_in_words(day: dt.date) -> str:
    """Return a day as mails and pages say it."""
    return formats.date_format(day, "j F Y")


def remind_of_copy(pairs: Sequence[Pair]) -> None:
    """Tell both of each pair by mail and below the bell; the same reminder is told once."""
    letters = list(_letters(pairs))
    queue_mails(letters)
    add_notices(
        News(
            kind=KIND, for_id=letter.to.pk, once=letter.once,
            path=letter.values["link"].removeprefix(settings.SITE_URL),
            facts={"pair": letter.cause["pair"]},
        )
        for letter in letters
    )  # fmt: skip


def _letters(pairs: Sequence[Pair]) -> Iterator[Letter]:
    for pair in pairs:
        day = pair.words_kept_until
        for person in (pair.mentor, pair.mentee):
            if person.is_active and day:
                yield Letter(
                    kind=KIND,
                    to=person,
                    once=f"{KIND}/{pair.code}/{person.code}/{day}/{pair.words_reminders}",
                    values={
                        "partner": pair.partner_of(person).name,
                        "day": day_in_words(day),
                        "link": f"{settings.SITE_URL}{pair.get_absolute_url()}#copy",
                    },
                    cause={"pair": pair.pk, "day": day.isoformat()},
                )


@register_notice(KIND, icon="download")
def _say(notices: list[Notice], reader: Person) -> dict[int, str]:
    pairs = Pair.objects.visible_to(reader).in_bulk({each.facts["pair"] for each in notices})
    return {
        notice.pk: _words(pair, reader)
        for notice in notices
        if (pair := pairs.get(notice.facts["pair"]))
    }


def _words(pair: Pair, reader: Person) -> str:
    name = pair.partner_of(reader).name
    if pair.words_deleted_at:
        return _("What you and %(name)s wrote is deleted.") % {"name": name}
    if pair.words_kept_until is None:
        return _("You and %(name)s are a pair again.") % {"name": name}
    return _("What you and %(name)s wrote is deleted on %(day)s. Take your copy.") % {
        "name": name,
        "day": day_in_words(pair.words_kept_until),
    }
