"""A copy of the table of sessions lets nobody in."""

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.urls import reverse

from contraflow.core.sessions import SessionStore

pytestmark = pytest.mark.django_db
COOKIE = settings.SESSION_COOKIE_NAME


def get_today(client, key):
    client.cookies[COOKIE] = key
    return client.get(reverse("home:today")).status_code


def test_the_table_does_not_hold_what_the_cookie_holds(sign_in, client, cast):
    cookie = sign_in("ama").cookies[COOKIE].value
    stored = Session.objects.get().session_key

    assert stored != cookie
    assert get_today(client, cookie) == 200
    assert get_today(client, stored) == 302


def test_signing_in_gives_a_new_session_and_keeps_no_old_one(client, cast):
    client.force_login(cast.ama)
    before = client.cookies[COOKIE].value
    client.force_login(cast.bela)

    assert client.cookies[COOKIE].value != before
    assert get_today(client, before) == 302


def test_signing_out_deletes_the_row(sign_in, client, cast):
    cookie = sign_in("ama").cookies[COOKIE].value

    client.post(reverse("people:sign-out"))

    assert not SessionStore().exists(cookie)
    assert get_today(client, cookie) == 302


def test_a_key_that_somebody_made_up_is_not_taken_over(client, cast):
    client.cookies[COOKIE] = made_up = "a" * 32
    client.force_login(cast.ama)

    assert client.cookies[COOKIE].value != made_up
    assert get_today(client, made_up) == 302


def test_a_store_without_a_session_deletes_nothing(sign_in, cast):
    sign_in("ama")

    SessionStore().delete()

    assert Session.objects.count() == 1
