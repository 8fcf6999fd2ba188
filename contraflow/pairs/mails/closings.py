"""What the other of the two is told of a closing: that there is something, never a word of it."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contraflow.core.letters import MailKind, Placeholder, register
from contraflow.core.mail import queue_mail
from contraflow.core.models import Notice, OutgoingMail
from contraflow.core.notices import News, add_notices, register_notice
from contraflow.pairs.mails.dates import PARTNER, hears
from contraflow.pairs.models import Closing, Pair
from contraflow.people.models import Person

CLOSING_SUGGESTED, CLOSING_AGREED = "pairs.closing_suggested", "pairs.closing_agreed"
CLOSING_NOT_YET, CLOSING_READY = "pairs.closing_not_yet", "pairs.closing_ready"
_LINK = Placeholder(
    name="link", meaning=_("the page on which the two close"), needed=True,
    example="https://mentoring.example.org/pairs/k3v/closing/",
)  # fmt: skip
_TO = _("the other of the pair")


def _closing(cause: dict[str, Any]) -> Closing | None:
    """Return how far the two are, where the pair goes on as far as the reader knows."""
    reader = Person(pk=cause["reader"])
    closing = Closing.objects.filter(pair=cause["pair"]).select_related("pair").first()
    return None if closing is None or closing.pair.is_over_for(reader) else closing


def _is_asked(cause: dict[str, Any]) -> bool:
    closing = _closing(cause)
    return bool(closing) and closing.waits_for(closing.pair.side_of(Person(pk=cause["reader"])))


def _is_agreed(cause: dict[str, Any]) -> bool:
    closing = _closing(cause)
    return bool(closing) and closing.agreed_at is not None


def _goes_on(cause: dict[str, Any]) -> bool:
    closing = _closing(cause)
    return bool(closing) and closing.agreed_at is None


register(
    MailKind(
        id=CLOSING_SUGGESTED,
        name=_("Somebody suggests to close the pair together"),
        sent=_("When one of the two suggests to end their pair well."),
        to=_TO,
        subject=_("{partner} suggests to close your time together well"),
        text=_(
            "# {partner} suggests to close well\n\n"
            "Your next session would be your last: you look at what came of it, thank each other, "
            "and say what goes on.\n\nSay yes if it suits you too, or *not yet*. Neither needs a "
            "reason, and nobody but the two of you knows of it.\n\n[Answer]({link})"
        ),
        placeholders=(PARTNER, _LINK),
        still_due=_is_asked,
    ),
    MailKind(
        id=CLOSING_AGREED,
        name=_("Both want to close their pair together"),
        sent=_("When the other of the two agrees to close."),
        to=_TO,
        subject=_("You and {partner} close together"),
        text=_(
            "# You and {partner} close together\n\n"
            "Your next session is your last, with an agenda of its own. Until then each of you has "
            "a page: what came of it, one thing you take along, thanks, what goes on. You read "
            "each other's once both are finished.\n\n[Write your page]({link})"
        ),
        placeholders=(PARTNER, _LINK),
        still_due=_is_agreed,
    ),
    MailKind(
        id=CLOSING_NOT_YET,
        name=_("A pair goes on for now"),
        sent=_("When one of the two would rather not close yet."),
        to=_TO,
        subject=_("You and {partner} go on for now"),
        text=_(
            "# You go on for now\n\n"
            "{partner} would rather not close yet. No reason is asked for, and nothing else "
            "changes. What you may have written for it stays yours.\n\n"
            "[Open the page]({link})"
        ),
        placeholders=(PARTNER, _LINK),
        still_due=_goes_on,
    ),
    MailKind(
        id=CLOSING_READY,
        name=_("Both pages of a closing are finished"),
        sent=_("When the second of the two has finished their page."),
        to=_TO,
        subject=_("{partner} has written to you"),
        text=_(
            "# Both of you have written\n\n"
            "Your page and that of {partner} stand side by side now, for the two of you. Take a "
            "quiet moment, or read them to each other when you meet.\n\n[Read them]({link})"
        ),
        placeholders=(PARTNER, _LINK),
        still_due=_is_agreed,
    ),
)  # fmt: skip


def tell_of_closing(kind: str, pair: Pair, *, by: Person, at: dt.datetime) -> None:
    """Tell the other of the two; of one thing once a day, however often it is taken back."""
    to = pair.partner_of(by)
    if not hears(to, pair):
        return
    path = f"{pair.get_absolute_url()}closing/"
    once = f"{kind}/{pair.code}/{to.code}/{timezone.localdate(at):%Y%m%d}"
    add_notices([News(kind=kind, for_id=to.pk, once=once, path=path, facts={"pair": pair.pk})])
    queue_mail(
        kind, to=to, once=once,
        values={"partner": by.name, "link": settings.SITE_URL + path},
        cause={"pair": pair.pk, "reader": to.pk},
    )  # fmt: skip


def forget_closing(pair: Pair) -> None:
    """Delete what was written of it once the pair has ended: no outbox tells how it did."""
    kinds = [CLOSING_SUGGESTED, CLOSING_AGREED, CLOSING_NOT_YET, CLOSING_READY]
    told = OutgoingMail.objects.filter(kind__in=kinds, cause__pair=pair.pk)
    told.exclude(state=OutgoingMail.State.WAITING).delete()


# -- below the bell -------------------------------------------------------------------------------

_NEWS = {
    CLOSING_SUGGESTED: ("handshake", _("%(name)s suggests to close your time together well.")),
    CLOSING_AGREED: ("handshake", _("You and %(name)s close together.")),
    CLOSING_NOT_YET: ("history", _("You and %(name)s go on for now.")),
    CLOSING_READY: ("pencil", _("Your page and that of %(name)s stand side by side.")),
}


def _say(notices: list[Notice], reader: Person) -> dict[int, str]:
    asked = {notice.facts["pair"] for notice in notices}
    pairs = Pair.objects.of(reader).visible_to(reader).in_bulk(asked)
    return {
        notice.pk: _NEWS[notice.kind][1] % {"name": pair.partner_of(reader).name}
        for notice in notices
        if (pair := pairs.get(notice.facts["pair"]))
    }


for _each, (_icon, _words) in _NEWS.items():
    register_notice(_each, icon=_icon)(_say)
