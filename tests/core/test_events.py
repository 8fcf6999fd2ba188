from dataclasses import FrozenInstanceError, dataclass

import pytest
from django.db import transaction

from contraflow.core import events
from contraflow.core.events import Event, announce, announce_many, on
from contraflow.core.models import AuditEntry

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, kw_only=True)
class DoorOpened(Event):
    door_id: int


@pytest.fixture
def heard(monkeypatch):
    """What a reaction of a higher room heard."""
    monkeypatch.setattr(events, "_reactions", events.defaultdict(list))
    found = []
    on(DoorOpened)(found.append)
    return found


def test_event_is_in_the_trail_at_once_and_heard_after_the_commit(
    heard, cast, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        announce(DoorOpened(door_id=7), by=cast.chi)
        entry = AuditEntry.objects.get()
        assert (entry.event, entry.facts, entry.by_id) == (
            "DoorOpened",
            {"door_id": 7},
            cast.chi.pk,
        )
        assert heard == []

    assert heard == [DoorOpened(door_id=7)]


def test_event_of_what_was_rolled_back_never_happened(heard, django_capture_on_commit_callbacks):
    @transaction.atomic
    def fail():
        announce(DoorOpened(door_id=7), by=None)
        raise ZeroDivisionError

    with django_capture_on_commit_callbacks(execute=True), pytest.raises(ZeroDivisionError):
        fail()

    assert (AuditEntry.objects.count(), heard) == (0, [])


def test_many_events_cost_one_query(
    heard, cast, django_assert_num_queries, django_capture_on_commit_callbacks
):
    happened = [DoorOpened(door_id=number) for number in range(50)]

    with django_assert_num_queries(1), django_capture_on_commit_callbacks(execute=True):
        announce_many(happened, by=cast.chi)

    assert AuditEntry.objects.count() == 50
    assert heard == happened


def test_event_cannot_be_changed_by_who_hears_it():
    with pytest.raises(FrozenInstanceError):
        DoorOpened(door_id=7).door_id = 8
