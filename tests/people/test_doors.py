"""Every address of the room, for everybody who may stand before it."""

import pytest
from django.urls import reverse

from contraflow.core.models import Installation
from contraflow.people.models import Person, Role
from tests.conftest import CAST

ORDER = list(CAST)
# the sign-in page takes those in who are not signed in
OPEN, IN, GONE, STOP, NOT_THERE = 200, 302, 410, 403, 404
#              ama   bela  chi   cleo  sol   tru   dov   root  nobody
LEADS = [STOP, STOP, OPEN, OPEN, STOP, STOP, STOP, OPEN, IN]
ADMIN = [STOP, STOP, STOP, STOP, STOP, STOP, STOP, OPEN, IN]
ALL = [OPEN] * 8 + [IN]
AMA_S_PAGE = [OPEN, NOT_THERE, OPEN, OPEN, NOT_THERE, NOT_THERE, NOT_THERE, OPEN, IN]
DOORS = [
    ("people:sign-in", [], [IN] * 8 + [OPEN]),
    ("people:sign-in-by-link", ["not-a-secret"], [GONE] * 9),
    ("people:list", [], LEADS),
    ("people:person", ["ama"], AMA_S_PAGE),
    ("people:profile-edit", [], ALL),
    ("people:password", [], ALL),
    ("people:role-list", [], ADMIN),
    ("people:installation", [], ADMIN),
    ("people:import-list", [], LEADS),
]
EACH = [
    pytest.param((name, args), who, status, id=f"{name} by {CAST[who]}")
    for name, args, statuses in DOORS
    for who, status in zip(ORDER, statuses, strict=True)
]


@pytest.mark.parametrize(("door", "who", "status"), EACH)
def test_page_opens_to_those_it_is_for(cast, sign_in, door, who, status):
    name, args = door
    args = [getattr(cast, arg).code if hasattr(cast, arg) else arg for arg in args]

    response = sign_in(who).get(reverse(name, args=args))

    assert response.status_code == status
    if status in {STOP, NOT_THERE} or (who == "nobody" and status == IN):
        assert "@example.org" not in _without_account_menu(response, cast, who)


def _without_account_menu(response, cast, who):
    content = response.content.decode()
    return content.replace(getattr(cast, who).email, "") if who != "nobody" else content


GRANT = [STOP] * 7 + [IN, IN]


@pytest.mark.parametrize(("who", "status"), list(zip(ORDER, GRANT, strict=True)))
def test_role_is_granted_by_administrators_alone(cast, sign_in, who, status):
    response = sign_in(who).post(
        reverse("people:role-grant"), {"email": "dov@example.org", "kind": "lead"}
    )

    assert response.status_code == status
    granted = Role.objects.filter(person=cast.dov).exists()
    assert granted == (who == "root")


@pytest.mark.parametrize(("who", "status"), list(zip(ORDER, GRANT, strict=True)))
def test_backup_of_the_key_is_confirmed_by_administrators_alone(cast, sign_in, who, status):
    response = sign_in(who).post(reverse("people:key-backup"))

    assert response.status_code == status
    assert (Installation.current().key_backed_up_at is not None) == (who == "root")


REVOKE = [404, 404, STOP, 404, 404, 404, 404, IN, IN]


@pytest.mark.parametrize(("who", "status"), list(zip(ORDER, REVOKE, strict=True)))
def test_role_is_revoked_by_administrators_alone(cast, sign_in, who, status):
    role = cast.chi.roles.get()

    response = sign_in(who).post(reverse("people:role-revoke", args=[role.pk]))

    assert response.status_code == status
    assert cast.chi.roles.exists() == (who != "root")


@pytest.mark.parametrize("who", ORDER)
def test_profile_and_password_are_ones_own(cast, sign_in, who):
    before = dict(Person.objects.values_list("email", "name"))

    response = sign_in(who).post(
        reverse("people:profile-edit"),
        {"name": "Changed", "time_zone": "UTC", "email": "root@example.org"},
    )

    assert response.status_code == 302
    changed = {
        email
        for email, name in Person.objects.values_list("email", "name")
        if before[email] != name
    }
    assert changed == ({f"{who}@example.org"} if who != "nobody" else set())


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("people:sign-in-by-password", []),
        ("people:sign-in-link", []),
        ("people:sign-out", []),
        ("people:role-grant", []),
        ("people:key-backup", []),
        ("people:import-upload", []),
        ("people:role-revoke", [1]),
    ],
)
def test_what_changes_something_wants_a_post(cast, sign_in, name, args):
    args = [cast.chi.roles.get().pk] if args else []

    assert sign_in("root").get(reverse(name, args=args)).status_code == 405
