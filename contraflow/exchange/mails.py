"""That a message waits is told, by mail and below the bell; what it says is not."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from contraflow.core.letters import Care, MailKind, Placeholder, register
from contraflow.core.mail import queue_mail
from contraflow.core.models import Notice
from contraflow.core.notices import News, add_notices, register_notice
from contraflow.exchange.models import Message
from contraflow.exchange.queries import unread
from contraflow.pairs.mails import PARTNER, hears
from contraflow.pairs.models import Pair
from contraflow.people.models import Person

KIND = "exchange.message_waits"
# whoever reads at once gets no mail
_WAITS_MINUTES = 10


def is_unread(cause: dict[str, Any]) -> bool:
    """Tell whether what waited, or came since, still stands unread."""
    pair, reader = Pair.objects.get(pk=cause["pair"]), Person(pk=cause["reader"])
    is_over = pair.is_over_for(reader)
    return not is_over and unread(pair, reader).filter(pk__gte=cause["message"]).exists()


register(
    MailKind(
        id=KIND,
        name=_("Your partner wrote to you"),
        sent=_("Ten minutes after a message that was not read; one mail, however many wait."),
        to=_("the other of the pair"),
        subject=_("{partner} wrote to you"),
        text=_(
            "# {partner} wrote to you\n\n"
            "What it says stays between the two of you, so it is not in this mail.\n\n"
            "[Read it]({link})"
        ),
        placeholders=(
            PARTNER,
            Placeholder(
                name="link", meaning=_("the page of your messages"), needed=True,
                example="https://mentoring.example.org/exchange/k3v/messages/",
            ),
        ),
        care=Care.USUAL,
        why=_("You get this mail because you are one of this pair."),
        still_due=is_unread,
    )
)  # fmt: skip


def tell_partner(message: Message, *, by: Person) -> None:
    """Tell the partner that a message waits, unless an earlier one waits already."""
    pair, to = message.pair, message.pair.partner_of(by)
    if not hears(to, pair):
        return
    first = unread(pair, to).first()
    path = reverse("exchange:messages", args=[pair.code])
    once = f"{KIND}/{pair.code}/{to.code}/{first.code}"
    add_notices([News(kind=KIND, for_id=to.pk, once=once, path=path, facts={"pair": pair.pk})])
    queue_mail(
        KIND,
        to=to,
        once=once,
        values={"partner": by.name, "link": f"{settings.SITE_URL}{path}"},
        cause={"message": first.pk, "pair": pair.pk, "reader": to.pk},
        not_before=message.sent_at + dt.timedelta(minutes=_WAITS_MINUTES),
    )


@register_notice(KIND, icon="message-circle")
def _say(notices: list[Notice], reader: Person) -> dict[int, str]:
    pairs = Pair.objects.of(reader).in_bulk({notice.facts["pair"] for notice in notices})
    return {
        notice.pk: _now("%(name)s wrote to you.") % {"name": pair.partner_of(reader).name}
        for notice in notices
        if (pair := pairs.get(notice.facts["pair"]))
    }
