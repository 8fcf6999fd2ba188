"""What the other of the two is told of the agreement: that it was written or signed, never a word.

Somebody who writes for an hour is told of once; what takes a signature back is told each time.
"""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy

from contraflow.core.letters import MailKind, Placeholder, register
from contraflow.core.mail import queue_mail
from contraflow.core.models import Notice
from contraflow.core.notices import News, add_notices, register_notice
from contraflow.pairs.mails.dates import PARTNER, hears
from contraflow.pairs.models import Agreement, Pair
from contraflow.people.models import Person

_LINK = Placeholder(
    name="link", meaning=gettext_lazy("the page of the agreement"), needed=True,
    example="https://mentoring.example.org/pairs/k3v/agreement/",
)  # fmt: skip
_TO = gettext_lazy("the other of the pair")
WRITTEN, CHANGED = "pairs.agreement_written", "pairs.agreement_changed"
SIGNED, AGREED = "pairs.agreement_signed", "pairs.agreement_agreed"


def _still_stands(cause: dict[str, Any]) -> bool:
    """Tell whether the pair meets, and what was told is still the last that happened."""
    same = Agreement.objects.filter(pair=cause["pair"], version=cause["version"])
    return _still_meets(cause) and same.exists()


def _still_meets(cause: dict[str, Any]) -> bool:
    """Tell whether the pair meets, as far as the reader knows."""
    meeting = Pair.objects.meeting_for(Person(pk=cause["reader"]))
    return meeting.filter(pk=cause["pair"]).exists()


register(
    MailKind(
        id=WRITTEN,
        name=gettext_lazy("An agreement is begun"),
        sent=gettext_lazy("When one of the two writes in the agreement for the first time."),
        to=_TO,
        subject=gettext_lazy("{partner} wrote in your agreement"),
        text=gettext_lazy(
            "# {partner} wrote in your agreement\n\n"
            "It holds a goal for each of you, how you meet, and what stays between you. You both "
            "write it, and you both sign it.\n\n[Read it and write your part]({link})"
        ),
        placeholders=(PARTNER, _LINK),
        still_due=_still_meets,
    ),
    MailKind(
        id=CHANGED,
        name=gettext_lazy("A signed agreement is changed"),
        sent=gettext_lazy("When one of the two changes what somebody had signed."),
        to=_TO,
        subject=gettext_lazy("{partner} changed your agreement"),
        text=gettext_lazy(
            "# {partner} changed your agreement\n\n"
            "What was signed is open again: both of you sign anew, or talk about it first.\n\n"
            "[See what stands there now]({link})"
        ),
        placeholders=(PARTNER, _LINK),
        still_due=_still_stands,
    ),
    MailKind(
        id=SIGNED,
        name=gettext_lazy("One of the two has signed"),
        sent=gettext_lazy("When the first of the two signs the agreement."),
        to=_TO,
        subject=gettext_lazy("{partner} has signed your agreement"),
        text=gettext_lazy(
            "# {partner} has signed\n\n"
            "Read what stands there. Sign it if it is right for you, or change it: then both sign "
            "anew.\n\n[Open the agreement]({link})"
        ),
        placeholders=(PARTNER, _LINK),
        still_due=_still_stands,
    ),
    MailKind(
        id=AGREED,
        name=gettext_lazy("Both have signed"),
        sent=gettext_lazy("When the second of the two signs the agreement."),
        to=_TO,
        subject=gettext_lazy("You and {partner} have agreed"),
        text=gettext_lazy(
            "# You and {partner} have agreed\n\n"
            "Both of you have signed. The signed copy stands on its page, for the two of you; a "
            "change opens it again for both.\n\n[Open the agreement]({link})"
        ),
        placeholders=(PARTNER, _LINK),
        still_due=_still_stands,
    ),
)  # fmt: skip


def tell_of_change(agreement: Agreement, *, by: Person, takes_signature: bool) -> None:
    """Tell the other that somebody wrote: once for each writer, or where it takes a signature."""
    if takes_signature:
        _tell(agreement, CHANGED, by=by, once=str(agreement.version))
    else:
        _tell(agreement, WRITTEN, by=by, once="")


def tell_of_signature(agreement: Agreement, *, by: Person) -> None:
    """Tell the other that one, or with this one both, have signed."""
    kind = AGREED if agreement.is_signed else SIGNED
    _tell(agreement, kind, by=by, once=str(agreement.version))


def _tell(agreement: Agreement, kind: str, *, by: Person, once: str) -> None:
    pair = agreement.pair
    if not hears(pair.partner_of(by), pair):
        return
    to, path = pair.partner_of(by), f"{pair.get_absolute_url()}agreement/"
    cause = f"{kind}/{pair.code}/{once}/{to.code}"
    add_notices([News(kind=kind, for_id=to.pk, once=cause, path=path, facts={"pair": pair.pk})])
    queue_mail(
        kind, to=to, once=cause,
        values={"partner": by.name, "link": settings.SITE_URL + path},
        cause={"pair": pair.pk, "version": agreement.version, "reader": to.pk},
    )  # fmt: skip


# -- below the bell -------------------------------------------------------------------------------

_NEWS = {
    WRITTEN: ("pencil", gettext_lazy("%(name)s wrote in your agreement.")),
    CHANGED: ("history", gettext_lazy("%(name)s changed your agreement; both sign anew.")),
    SIGNED: ("handshake", gettext_lazy("%(name)s has signed your agreement.")),
    AGREED: ("handshake", gettext_lazy("You and %(name)s have both signed your agreement.")),
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
