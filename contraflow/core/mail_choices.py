"""What a person gets by mail: at once, gathered, or not at all; and when nothing comes.

Nothing but essential and urgent mail arrives between 20:00 and 07:00 or at a weekend, on the
clock of the person who gets it: what falls there waits for the next working morning.
"""

import datetime as dt
import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse

from contraflow.core.events import Event, announce
from contraflow.core.letters import Care, MailKind, all_kinds, is_optional, kind_of
from contraflow.core.models import MailChoice

DAY_BEGINS, DAY_ENDS = dt.time(7), dt.time(20)
_SALT = "contraflow.core.mail_choices"
How = MailChoice.How


# -- hours ----------------------------------------------------------------------------------------


def next_open(at: dt.datetime, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """Return the moment itself, or the next working morning where it lies in quiet hours."""
    local = at.astimezone(zone)
    if local.weekday() < 5 and DAY_BEGINS <= local.time() < DAY_ENDS:
        return at
    day = local.date() if local.time() < DAY_BEGINS else local.date() + dt.timedelta(days=1)
    return _morning(day, zone)


def next_digest(at: dt.datetime, zone: zoneinfo.ZoneInfo, how: str) -> dt.datetime:
    """Return when the next digest goes out: the next working morning, or that of Monday."""
    day = at.astimezone(zone).date() + dt.timedelta(days=1)
    if how == How.WEEKLY:
        day += dt.timedelta(days=-day.weekday() % 7)
    return _morning(day, zone)


def _morning(day: dt.date, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    while day.weekday() > 4:
        day += dt.timedelta(days=1)
    return dt.datetime.combine(day, DAY_BEGINS, tzinfo=zone).astimezone(dt.UTC)


def zone_of(person: Any) -> zoneinfo.ZoneInfo:
    """Return the time zone of a person's clock, that of the installation where there is none."""
    return zoneinfo.ZoneInfo(getattr(person, "time_zone", "") or settings.TIME_ZONE)


@dataclass(frozen=True)
class Plan:
    """Whether a mail is written, when it is sent, and the digest it waits for."""

    is_wanted: bool
    not_before: dt.datetime
    digest: str = ""


def plan_of(kind: MailKind, to: Any, how: str, *, at: dt.datetime) -> Plan:
    """Return what becomes of a mail by the choice of who gets it and the hour it is for them."""
    if not is_optional(kind):
        return Plan(True, at)
    if how == How.NEVER:
        return Plan(False, at)
    if kind.care is Care.URGENT:
        return Plan(True, at)
    zone = zone_of(to)
    if how in {How.DAILY, How.WEEKLY}:
        return Plan(True, next_digest(at, zone, how), how)
    return Plan(True, next_open(at, zone))


# -- choices --------------------------------------------------------------------------------------


def choices_of(people: Iterable[Any], kinds: Iterable[str]) -> dict[tuple[int, str], str]:
    """Return what people chose, by person and kind; what is missing comes at once."""
    ids = {person.pk for person in people}
    rows = MailChoice.objects.filter(person_id__in=ids, kind__in=set(kinds))
    return {(person_id, kind): how for person_id, kind, how in rows.values_list(
        "person_id", "kind", "how")}  # fmt: skip


def choosable() -> list[MailKind]:
    """Return the kinds a person decides about."""
    return [kind for kind in all_kinds() if is_optional(kind)]


def ways_of(kind: MailKind) -> list[str]:
    """Return how mails of a kind may be had: what is urgent is not gathered."""
    return [How.AT_ONCE, How.NEVER] if kind.care is Care.URGENT else list(How)


@dataclass(frozen=True, kw_only=True)
class MailChosen(Event):
    """A person chose how they want mails of a kind."""

    person_id: int
    kind: str
    how: str


@transaction.atomic
def choose(person: Any, *, by: Any, chosen: dict[str, str]) -> None:
    """Note how a person wants mails of these kinds; what waits is asked again when it is sent."""
    # the order keeps two tabs from waiting for each other
    for kind_id, how in sorted(chosen.items()):
        kind = kind_of(kind_id)
        if kind is None or not is_optional(kind) or how not in ways_of(kind):
            raise ValueError(f"{kind_id} cannot be {how}")
        before = MailChoice.objects.filter(person_id=person.pk, kind=kind_id).first()
        if (before.how if before else How.AT_ONCE) == how:
            continue
        MailChoice.objects.update_or_create(
            person_id=person.pk, kind=kind_id, defaults={"how": how}
        )
        announce(MailChosen(person_id=person.pk, kind=kind_id, how=how), by=by)


# -- one click ------------------------------------------------------------------------------------


def stop_url(person_id: int, *kinds: str) -> str:
    """Return the address that ends mails of these kinds to a person, for whoever has the mail."""
    token = signing.Signer(salt=_SALT).sign_object([person_id, *kinds])
    return settings.SITE_URL + reverse("people:mail-stop", args=[token])


def choices_url() -> str:
    """Return the address of one's own page about mail."""
    return settings.SITE_URL + reverse("people:mail-choices")


def read_token(token: str) -> tuple[int, list[MailKind]] | None:
    """Return whose mails of which kinds an address is about, None for a guessed one."""
    try:
        person_id, *names = signing.Signer(salt=_SALT).unsign_object(token)
    except signing.BadSignature:
        return None
    kinds = [kind for name in names if (kind := kind_of(name)) and is_optional(kind)]
    return (person_id, kinds) if kinds else None
