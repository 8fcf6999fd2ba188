"""One entry for each page that shows somebody else, written once the page is sent."""

import datetime as dt

import pytest
from django.core.signals import request_finished
from django.db import OperationalError, close_old_connections
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from contraflow.core.models import AuditEntry
from contraflow.core.reads import KEEP_READS, forget_old_reads, note_read, write_after


@pytest.fixture(autouse=True)
def _connection_stays_open():
    """Closing an answer lets go of the database, which here holds the test."""
    request_finished.disconnect(close_old_connections)
    yield
    request_finished.connect(close_old_connections)


@pytest.fixture
def request_of(cast):
    """Return a function that makes a request of a person for Ama's page."""

    def made(person):
        request = RequestFactory().get(cast.ama.get_absolute_url())
        request.user = person
        request.resolver_match = type("Match", (), {"view_name": "people:person"})
        return request

    return made


def test_nothing_is_written_before_the_answer_is_sent(cast, request_of):
    request, response = request_of(cast.chi), HttpResponse("Ama")
    note_read(request, f"person:{cast.ama.pk}", of=[cast.ama.pk])

    write_after(request, response)

    assert not AuditEntry.objects.exists()
    response.close()
    entry = AuditEntry.objects.get()
    assert (entry.event, entry.facts) == ("DataRead", {"page": "people:person"})
    assert (entry.about, entry.by_id) == (f"person:{cast.ama.pk}", cast.chi.pk)


def test_it_is_one_insert(cast, request_of, django_assert_num_queries):
    request, response = request_of(cast.chi), HttpResponse("Ama")
    note_read(request, "people")
    write_after(request, response)

    with django_assert_num_queries(1) as asked:
        response.close()

    assert asked[0]["sql"].startswith("INSERT")


def test_what_is_ones_own_is_not_noted(cast, request_of):
    request, response = request_of(cast.ama), HttpResponse("Ama")

    note_read(request, f"person:{cast.ama.pk}", of=[cast.ama.pk])
    write_after(request, response)
    response.close()

    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(("status", "noted"), [(200, 1), (422, 1), (302, 0), (403, 0), (409, 0)])
def test_an_answer_that_shows_nothing_is_not_noted(cast, request_of, status, noted):
    request, response = request_of(cast.chi), HttpResponse(status=status)

    note_read(request, "people")
    write_after(request, response)
    response.close()

    assert AuditEntry.objects.count() == noted


def test_an_entry_that_cannot_be_written_is_logged_and_the_answer_closed(
    cast, request_of, caplog, monkeypatch
):
    request, response = request_of(cast.chi), HttpResponse("Ama")
    note_read(request, "people")
    write_after(request, response)

    def locked(*args, **kwargs):
        raise OperationalError("database is locked")

    monkeypatch.setattr(AuditEntry, "save", locked)
    response.close()

    assert response.closed
    assert f"person {cast.chi.pk} read people, which could not be noted" in caplog.text


def test_reading_is_forgotten_after_a_year_and_doing_is_not(db):
    now = timezone.now()
    for about in ("people", ""):
        for age in (KEEP_READS + dt.timedelta(days=1), KEEP_READS - dt.timedelta(days=1)):
            AuditEntry.objects.create(event="E", facts={}, about=about, at=now - age)

    forget_old_reads(now)

    assert sorted(AuditEntry.objects.values_list("about", flat=True)) == ["", "", "people"]
