"""The link of an invitation lets one person in, once, to the page it is about."""

import datetime as dt
from urllib.parse import urlsplit

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from contraflow.core.models import AuditEntry
from contraflow.people.jobs import forget_old_rows
from contraflow.people.mails import INVITATION_DAYS, digest_of, invitation_address
from contraflow.people.models import LoginLink, Role
from tests.conftest import make_person

PAGE = "/programmes/enrolments/abc/"
PASSWORD = "correct horse battery staple"


@pytest.fixture
def ama(installation):
    return make_person("Ama", email="ama@example.org")


def path_for(person, page=PAGE):
    return urlsplit(invitation_address(person, page=page)).path


def who(client):
    return client.session.get("_auth_user_id")


def test_it_leads_straight_to_its_page_once_the_button_is_pressed(client, ama):
    path = path_for(ama)

    for _scan in range(3):
        page = client.get(path).content.decode()
        assert who(client) is None
    assert "This invitation is for Ama." in page
    answer = client.post(path)

    assert answer.url == PAGE
    assert who(client) == str(ama.pk)
    entry = AuditEntry.objects.get(event="PersonSignedIn")
    assert (entry.by_id, entry.facts) == (ama.pk, {"person_id": ama.pk, "means": "invitation"})


def test_it_signs_in_once_and_afterwards_leads_on_by_a_new_link(client, ama):
    path = path_for(ama)
    client.post(path)

    again = Client().post(path)

    assert again.status_code == 410
    assert f"/people/sign-in/?next={PAGE}" in again.content.decode()
    # whoever is in already opens the mail again and is simply led on
    assert client.get(path).url == PAGE


def test_opened_by_who_is_signed_in_already_it_is_not_used_up(client, ama):
    path = path_for(ama)
    client.force_login(ama)

    assert client.get(path).url == client.post(path).url == PAGE
    assert LoginLink.objects.get().used_at is None


def test_opened_by_somebody_else_it_says_whom_it_is_for(client, ama):
    client.force_login(other := make_person("Dov"))

    page = client.get(path_for(ama)).content.decode()

    assert "This invitation is for Ama." in page
    assert who(client) == str(other.pk)


def test_it_is_too_old_after_fourteen_days_and_forgotten_the_day_after(client, ama):
    with time_machine.travel(timezone.now() - dt.timedelta(days=INVITATION_DAYS), tick=False):
        path = path_for(ama)

    assert (client.get(path).status_code, client.post(path).status_code) == (410, 410)
    assert who(client) is None
    forget_old_rows(timezone.now() + dt.timedelta(days=1))
    assert not LoginLink.objects.exists()


def test_a_new_one_for_the_same_page_ends_the_one_before(client, ama):
    first, other_page = path_for(ama), path_for(ama, page="/programmes/enrolments/xyz/")
    second = path_for(ama)

    assert client.post(first).status_code == 410
    assert client.get(second).status_code == client.get(other_page).status_code == 200


@pytest.mark.parametrize("kind", Role.Kind.values)
def test_whoever_holds_a_role_signs_in_as_ever(client, ama, kind):
    before = path_for(ama)
    Role.objects.create(person=ama, kind=kind)

    assert path_for(ama) == PAGE
    assert (client.get(before).status_code, client.post(before).status_code) == (410, 410)
    assert who(client) is None
    assert LoginLink.objects.get().used_at is None


def test_whoever_left_is_not_let_in(client, ama):
    path = path_for(ama)
    ama.left_on = timezone.localdate()
    ama.save()

    assert client.post(path).status_code == 410
    assert who(client) is None


def test_it_does_not_let_anybody_set_a_new_password_without_the_old_one(client, ama):
    ama.set_password(PASSWORD)
    ama.save()
    client.post(path_for(ama))

    page = client.get("/people/password/").content.decode()

    assert "Password you have now" in page


def test_its_secret_stands_in_no_referrer_and_in_no_database(client, ama):
    path = path_for(ama)
    secret = path.rstrip("/").rsplit("/", 1)[1]

    for answer in (client.get(path), Client().post(path), Client().get(path)):
        if answer.status_code != 302:
            assert answer["Referrer-Policy"] == "strict-origin"
        assert "no-store" in answer["Cache-Control"]
    link = LoginLink.objects.get()
    assert link.digest == digest_of(secret)
    assert secret not in str(vars(link))
