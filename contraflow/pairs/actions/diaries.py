"""Who keeps whose diary, and whose calendar is read for busy times."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from contraflow.core.errors import Refusal
from contraflow.core.events import announce
from contraflow.core.jobs import start_job
from contraflow.pairs import events, mails, rules
from contraflow.pairs.models import Assistant, BusyCalendar, BusyTimes
from contraflow.people.models import Person


@transaction.atomic
def name_assistant(person: Person, *, assistant: Person) -> Assistant:
    """Let somebody book, move and cancel for a person; they are told by mail."""
    # the person's row is the lock of how many they name
    Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    if row := Assistant.objects.filter(person=person, assistant=assistant).first():
        return row  # a double click
    if reason := rules.why_not_name_assistant(person, assistant):
        raise Refusal(reason)
    row = Assistant.objects.create(person=person, assistant=assistant)
    mails.send_naming(row)
    announce(events.AssistantNamed(person_id=person.pk, assistant_id=assistant.pk), by=person)
    return row


@transaction.atomic
def remove_assistant(row: Assistant, *, by: Person) -> None:
    """Take it back at once; done twice it is done once."""
    deleted, _models = Assistant.objects.visible_to(by).filter(pk=row.pk).delete()
    if deleted:
        announce(
            events.AssistantRemoved(person_id=row.person_id, assistant_id=row.assistant_id), by=by
        )


# -- busy times -----------------------------------------------------------------------------------


@transaction.atomic
def connect_calendar(person: Person, *, address: str) -> BusyCalendar:
    """Let a person's own calendar be read for busy times; an earlier one is forgotten."""
    Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    BusyCalendar.objects.filter(person=person).delete()
    calendar = BusyCalendar.objects.create(person=person, tried_at=timezone.now())
    BusyTimes.objects.create(calendar=calendar, address=address)
    _start_reading(calendar)
    announce(events.CalendarConnected(person_id=person.pk), by=person)
    return calendar


@transaction.atomic
def disconnect_calendar(person: Person) -> None:
    """Forget the address and every busy time at once; without one, do nothing."""
    if BusyCalendar.objects.filter(person=person).delete()[0]:
        announce(events.CalendarDisconnected(person_id=person.pk), by=person)


@transaction.atomic
def read_again(person: Person, *, at: dt.datetime | None = None) -> None:
    """Read a person's calendar now, if that was not done within the last minute."""
    at = at or timezone.now()
    mine = BusyCalendar.objects.filter(person=person)
    if mine.filter(tried_at__lt=at - rules.READ_AGAIN_AFTER).update(tried_at=at):
        _start_reading(mine.get())


def _start_reading(calendar: BusyCalendar) -> None:
    start_job("pairs.read_calendar", by=None, only_one=calendar.code, code=calendar.code)
