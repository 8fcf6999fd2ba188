"""Every kind of mail: when it is sent, to whom, what may stand in it, and how it reads.

Rooms register their kinds when they load; an organisation may write other texts for them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contraflow.core import branding
from contraflow.core.errors import Refusal
from contraflow.core.events import Event, announce
from contraflow.core.figures import figure
from contraflow.core.markup import is_address, placeholders, plain, render, targets
from contraflow.core.models import Installation, MailText

LONGEST_SUBJECT, LONGEST_TEXT = 200, 6_000


class Care(Enum):
    """How much a person decides about mails of a kind."""

    ESSENTIAL = "always sent, at once"
    URGENT = "can be stopped, and is never held back"
    USUAL = "as the person chooses, and not in quiet hours"


@dataclass(frozen=True, kw_only=True)
class Placeholder:
    """Something a text may name in braces; without the needed ones a mail is of no use."""

    name: str
    meaning: Any
    example: Any
    needed: bool = False


@dataclass(frozen=True, kw_only=True)
class MailKind:
    """A kind of mail, with the text that ships."""

    id: str
    name: Any
    sent: Any
    to: Any
    subject: Any
    text: Any
    placeholders: tuple[Placeholder, ...] = ()
    care: Care = Care.USUAL
    # below the mail: why one gets it, or why it cannot be stopped
    why: Any = ""
    still_due: Callable[[dict[str, Any]], bool] | None = None

    @property
    def all_placeholders(self) -> tuple[Placeholder, ...]:
        """Return what its texts may name, with what every mail knows."""
        return (*self.placeholders, *_COMMON)

    @property
    def examples(self) -> dict[str, Any]:
        """Return invented values for a preview."""
        return {each.name: each.example for each in self.all_placeholders}


_COMMON = (
    Placeholder(name="name", meaning=gettext_lazy("how the reader is called"), example="Gerald"),
    Placeholder(
        name="organisation", meaning=gettext_lazy("your organisation"), example="Lumenport"
    ),
)
_WHY = gettext_lazy(
    "You get this mail because you take part in a reverse mentoring programme of {organisation}."
)
_kinds: dict[str, MailKind] = {}


def register(*kinds: MailKind) -> None:
    """Let mails of these kinds be written and their texts be edited."""
    _kinds.update({kind.id: kind for kind in kinds})


def all_kinds() -> list[MailKind]:
    """Return every kind, in the order the rooms registered them."""
    return list(_kinds.values())


def is_optional(kind: MailKind) -> bool:
    """Tell whether a person decides about mails of this kind."""
    return kind.care is not Care.ESSENTIAL


def said(value: Any) -> Any:
    """Return a placeholder's value as it is written in the language of this moment."""
    return [str(each) for each in value] if isinstance(value, list | tuple) else str(value)


def kind_of(kind: str) -> MailKind | None:
    """Return the kind of this name, None where there is none."""
    return _kinds.get(kind)


def registered(kind: str) -> MailKind:
    """Return the kind of this name, without which no mail can be written."""
    return _kinds[kind]


# -- the words -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wording:
    """A subject and a text, with placeholders."""

    subject: str
    text: str


def shipped_wording(kind: MailKind, language: str) -> Wording:
    """Return the text that ships, in a language."""
    with translation.override(language):
        return Wording(str(kind.subject), str(kind.text))


def wording(kind: MailKind, language: str) -> Wording:
    """Return what mails of a kind say at present."""
    written = MailText.objects.of(kind.id, language).first()
    if written and written.text:
        return Wording(written.subject, written.text)
    return shipped_wording(kind, language)


@dataclass(frozen=True)
class Composed:
    """A mail that is written: its subject, and what stands between greeting and footer."""

    subject: str
    heading: str
    text: str
    html: str
    why: str


def compose(kind: MailKind, words: Wording, values: dict[str, Any]) -> Composed:
    """Put values into a wording; the same for a preview and for a mail that is sent."""
    body = render(words.text, values)
    return Composed(
        subject=plain(words.subject, values),
        heading=body.heading,
        text=body.text,
        html=body.html,
        why=plain(str(kind.why or _WHY), values),
    )


def as_documents(
    parts: list[Composed],
    installation: Installation,
    *,
    heading: str = "",
    stop_url: str = "",
    choices_url: str = "",
) -> dict[str, str]:
    """Return the whole mail in both forms, of one letter or of the many of a digest."""
    context = {
        "organisation": installation.organisation,
        "site_url": settings.SITE_URL,
        "accent": branding.accent_of(installation),
        "parts": parts,
        "heading": heading or (parts[0].heading if len(parts) == 1 else ""),
        "why": parts[0].why if len(parts) == 1 else "",
        "stop_url": stop_url,
        "choices_url": choices_url,
    }
    text = render_to_string("core/mail/letter.txt", context)
    return {
        "text": re.sub(r"\n{3,}", "\n\n", text).strip() + "\n",
        "html": render_to_string("core/mail/letter.html", context),
    }


# -- what an organisation may write ---------------------------------------------------------------


def faults(kind: MailKind, words: Wording) -> dict[str, list[str]]:
    """Say what is wrong with a subject and a text, each with the line it stands in."""
    known = {each.name for each in kind.all_placeholders}
    found: dict[str, list[str]] = {"subject": [], "text": []}
    for where, source in (("subject", words.subject), ("text", words.text)):
        for line, name in placeholders(source):
            if name not in known:
                found[where].append(
                    _("Line %(line)s: there is no {%(name)s} in this mail.")
                    % {"line": figure(line), "name": name}
                )
    named = {name for _line, name in placeholders(words.text)}
    found["text"] += [
        _("{%(name)s} must stand somewhere: %(meaning)s.")
        % {"name": each.name, "meaning": each.meaning}
        for each in kind.placeholders
        if each.needed and each.name not in named
    ]
    links = {each.name for each in kind.placeholders if is_address(str(each.example))}
    found["text"] += [
        _("Line %(line)s: %(target)s is no address of a page. Begin it with https://.")
        % {"line": figure(line), "target": target}
        for line, target in targets(words.text)
        if not is_address(target) and target.strip("{}") not in links
    ]
    return {where: reasons for where, reasons in found.items() if reasons}


@dataclass(frozen=True, kw_only=True)
class MailTextWritten(Event):
    """An administrator wrote a kind of mail anew, or took up an earlier text."""

    kind: str
    language: str
    number: int
    is_shipped: bool


@transaction.atomic
def write_text(
    kind: MailKind, language: str, *, by: Any, words: Wording | None, seen: int
) -> MailText:
    """Let mails of a kind say this from now on, or what ships if there are no words.

    `seen` is the number of the text the writer had before them: whoever was faster is not undone.
    """
    newest = MailText.objects.of(kind.id, language).first()
    number = newest.number if newest else 0
    if words is None and (newest is None or not newest.text):
        raise Refusal(_("This mail has the text that ships already."))
    if words is not None and (wrong := faults(kind, words)):
        raise Refusal(" ".join(reason for reasons in wrong.values() for reason in reasons))
    too_late = _("Somebody else has just changed this text. Open it again to see theirs.")
    if number != seen:
        raise Refusal(too_late)
    try:
        with transaction.atomic():
            written = MailText.objects.create(
                kind=kind.id,
                language=language,
                number=number + 1,
                subject=words.subject if words else "",
                text=words.text if words else "",
                by_id=by.pk,
            )
    except IntegrityError as error:  # mail_text_is_written_one_by_one
        raise Refusal(too_late) from error
    announce(
        MailTextWritten(
            kind=kind.id, language=language, number=number + 1, is_shipped=words is None
        ),
        by=by,
    )
    return written
