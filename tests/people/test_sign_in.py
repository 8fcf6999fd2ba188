import datetime as dt
import re
import threading

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contraflow.core.errors import Refusal
from contraflow.core.mail import as_message
from contraflow.core.models import AuditEntry, Job, OutgoingMail
from contraflow.people.actions import use_link
from contraflow.people.mails import mail_login_link
from contraflow.people.models import LoginLink
from contraflow.people.views.sign_in import LINKS, PASSWORD_TRIES
from tests.conftest import make_person

PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def _no_tries_yet(db):
    cache.clear()


@pytest.fixture
def ama(installation):
    return make_person("Ama", email="ama@example.org", password=PASSWORD)


def sign_in_by_password(client, email="ama@example.org", password=PASSWORD, **fields):
    return client.post(
        reverse("people:sign-in-by-password"), {"email": email, "password": password, **fields}
    )


def ask_for_link(client, email="ama@example.org", **fields):
    return client.post(reverse("people:sign-in-link"), {"email": email, **fields})


def mailed_link(person):
    """Return the path of a fresh link as it stands in the person's mail."""
    mail_login_link(person)
    mail = OutgoingMail.objects.filter(to_id=person.pk).latest("made_at")
    return re.search(r"http://127\.0\.0\.1:8000(/\S+)", as_message(mail).body)[1]


def signed_in_as(client):
    return client.session.get("_auth_user_id")


# -- by password --------------------------------------------------------------------------------


def test_password_signs_in_with_a_new_session_key(client, ama):
    client.get(reverse("people:sign-in"))
    session = client.session
    session["seen"] = True
    session.save()
    before = client.session.session_key

    response = sign_in_by_password(client, email="AMA@Example.org ")

    assert response.status_code == 302
    assert response.url == "/"
    assert signed_in_as(client) == str(ama.pk)
    assert client.session.session_key != before
    assert AuditEntry.objects.get().facts == {"person_id": ama.pk, "means": "password"}


@pytest.mark.parametrize(
    ("email", "password"),
    [("ama@example.org", "wrong"), ("nobody@example.org", PASSWORD), ("bela@example.org", "")],
)
def test_wrong_password_says_the_same_whoever_it_is(client, ama, email, password):
    make_person("Bela", email="bela@example.org")  # has no password

    response = sign_in_by_password(client, email=email, password=password or PASSWORD)

    assert response.status_code == 422
    assert "This address and password do not belong together." in response.content.decode()
    assert signed_in_as(client) is None


def test_ninth_try_for_an_address_has_to_wait_also_with_the_right_password(client, ama):
    for _try in range(PASSWORD_TRIES.tries):
        assert sign_in_by_password(client, password="wrong").status_code == 422

    response = sign_in_by_password(client)

    assert response.status_code == 429
    assert "Too many tries. Wait 15 minutes" in response.content.decode()
    assert signed_in_as(client) is None


def test_right_passwords_use_up_no_tries(client, ama):
    for _try in range(PASSWORD_TRIES.tries + 1):
        assert sign_in_by_password(client).status_code == 302


def test_tries_are_counted_apart_for_each_address(client, ama):
    for _try in range(PASSWORD_TRIES.tries):
        sign_in_by_password(client, email="other@example.org")

    assert sign_in_by_password(client).status_code == 302


# -- by a mailed link -----------------------------------------------------------------------------


def test_link_asked_for_arrives_and_signs_in_when_the_button_is_pressed(client, ama, run_jobs):
    ask_for_link(client, next="/people/password/")
    run_jobs()
    path = re.search(r"http://127\.0\.0\.1:8000(/\S+)", as_message(OutgoingMail.objects.get()).body)

    seen = client.get(path[1])
    assert signed_in_as(client) is None
    assert "One press and you are in." in seen.content.decode()
    response = client.post(path[1])

    assert response.url == "/people/password/"
    assert signed_in_as(client) == str(ama.pk)


def test_answer_and_work_are_the_same_for_an_address_nobody_has(client, ama):
    with_person = ask_for_link(client, "ama@example.org")
    without = ask_for_link(client, "eve@example.org")

    assert with_person.status_code == without.status_code == 200
    csrf = re.compile(r'(csrfmiddlewaretoken" value=|x-csrftoken": )"[^"]+"')
    pages = [
        csrf.sub("", answer.content.decode()).replace(address, "ADDRESS")
        for answer, address in ((with_person, "ama@example.org"), (without, "eve@example.org"))
    ]
    assert pages[0] == pages[1]
    jobs = Job.objects.order_by("pk").values_list("kind", "args")
    assert list(jobs) == [
        ("people.send_login_link", {"person_id": ama.pk, "next_path": ""}),
        ("people.send_login_link", {"person_id": None, "next_path": ""}),
    ]


def test_no_link_is_mailed_to_leavers_or_strangers(client, ama, run_jobs):
    ama.left_on = dt.date(2026, 1, 1)
    ama.save()

    ask_for_link(client, "ama@example.org")
    ask_for_link(client, "eve@example.org")
    run_jobs()

    assert not LoginLink.objects.exists()
    assert not OutgoingMail.objects.exists()


def test_link_signs_in_once(client, ama):
    path = mailed_link(ama)
    client.post(path)

    again = Client().post(path)

    assert again.status_code == 410
    assert "This link no longer works" in again.content.decode()
    assert Client().get(path).status_code == 410


def test_link_is_too_old_after_twenty_minutes(client, ama):
    with time_machine.travel(timezone.now() - dt.timedelta(minutes=20), tick=False):
        path = mailed_link(ama)

    assert client.get(path).status_code == 410
    assert client.post(path).status_code == 410
    assert signed_in_as(client) is None


def test_link_of_somebody_who_left_meanwhile_does_not_sign_in(client, ama):
    path = mailed_link(ama)
    ama.left_on = timezone.localdate()
    ama.save()

    assert client.post(path).status_code == 410
    assert signed_in_as(client) is None
    assert LoginLink.objects.get().used_at is None


def test_link_pressed_on_two_open_pages_lets_the_first_in(client, ama):
    path = mailed_link(ama)
    other = Client()
    assert client.get(path).status_code == other.get(path).status_code == 200

    assert other.post(path).status_code == 302
    assert client.post(path).status_code == 410


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_link_used_by_four_at_the_same_moment_works_once():
    person = make_person()
    secret = mailed_link(person).rstrip("/").rsplit("/", 1)[1]
    start = threading.Barrier(4)
    outcomes = []

    def press():
        start.wait()
        try:
            use_link(secret)
            outcomes.append("in")
        except Refusal:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["in", "refused", "refused", "refused"]


def test_database_keeps_no_secret_that_signs_in(ama):
    secret = mailed_link(ama).rstrip("/").rsplit("/", 1)[1]

    link = LoginLink.objects.get()
    stored = f"{link.digest}{link.next_path}{bytes(OutgoingMail.objects.get().__dict__['words'])}"

    assert secret not in stored


def test_fifth_link_within_a_quarter_of_an_hour_has_to_wait(client, ama):
    for _try in range(LINKS.tries):
        assert ask_for_link(client).status_code == 200

    response = ask_for_link(client)

    assert response.status_code == 429
    assert Job.objects.count() == LINKS.tries


@pytest.mark.parametrize(
    ("path", "goes_to"),
    [
        ("/people/profile/", "/people/profile/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/" + "x" * 300, "/"),
        ("overview", "/"),
        ("people:list", "/"),
    ],
)
def test_after_signing_in_one_goes_nowhere_but_to_our_own_pages(client, ama, path, goes_to):
    assert sign_in_by_password(client, next=path).url == goes_to


# -- leaving -------------------------------------------------------------------------------------


def test_signing_out_ends_the_session(client, ama):
    client.force_login(ama)

    response = client.post(reverse("people:sign-out"))

    assert response.url == reverse("people:sign-in")
    assert signed_in_as(client) is None


def test_leaver_is_signed_out_at_once_and_stays_out(client, ama):
    client.force_login(ama)
    ama.left_on = timezone.localdate()
    ama.save()

    response = client.get(reverse("people:profile-edit"))

    assert response.status_code == 302
    assert response.url.startswith(reverse("people:sign-in"))
    assert sign_in_by_password(client).status_code == 422


# -- the password ---------------------------------------------------------------------------------


def set_password(client, **fields):
    new = "four words belong nowhere"
    return client.post(reverse("people:password"), {"new": new, "again": new} | fields)


def test_changing_the_password_asks_for_the_old_one_and_ends_other_sessions(client, ama):
    other = Client()
    other.force_login(ama)
    client.force_login(ama)

    assert set_password(client).status_code == 422
    assert set_password(client, old="wrong").status_code == 422
    assert set_password(client, old=PASSWORD).status_code == 302

    assert client.get(reverse("people:profile-edit")).status_code == 200
    assert other.get(reverse("people:profile-edit")).status_code == 302
    ama.refresh_from_db()
    assert ama.check_password("four words belong nowhere")


def test_whoever_came_by_a_link_sets_a_password_without_the_old_one(client, ama):
    client.post(mailed_link(ama))

    assert "once more" in client.get(reverse("people:password")).content.decode()
    assert set_password(client).status_code == 302


def test_first_password_asks_for_no_old_one(client, installation):
    bela = make_person("Bela")
    client.force_login(bela)

    assert set_password(client).status_code == 302


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"new": "short", "again": "short"}, "at least 12 characters"),
        ({"again": "something else"}, "The two new passwords differ."),
        ({"new": "password1234", "again": "password1234"}, "too common"),
    ],
)
def test_weak_or_mistyped_password_is_refused_with_a_reason(client, ama, fields, says):
    client.post(mailed_link(ama))

    response = set_password(client, **fields)

    assert response.status_code == 422
    assert says in response.content.decode()


def test_guessing_the_old_password_of_an_open_session_is_limited(client, ama):
    client.force_login(ama)
    for _try in range(PASSWORD_TRIES.tries):
        set_password(client, old="wrong")

    response = set_password(client, old=PASSWORD)

    assert response.status_code == 422
    assert "Too many tries" in response.content.decode()
