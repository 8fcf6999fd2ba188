"""Every address of the room, for everybody who may stand before it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from contraflow.core.models import Bounce, Installation, MailText, Notice
from contraflow.core.notices import News, add_notices
from contraflow.people.models import PeopleImport, Person, Role
from contraflow.people.urls import urlpatterns
from tests.conftest import CAST
from tests.people.importing import csv_file, read

# 302 goes to the sign-in page, or away from it
OPEN, ELSEWHERE, GONE, STOP, NOT_THERE = 200, 302, 410, 403, 404
#              ama   bela  chi   cleo  sol   tru   dov   root  nobody
LEADS = [STOP, STOP, OPEN, OPEN, STOP, STOP, STOP, OPEN, ELSEWHERE]
ADMIN = [STOP, STOP, STOP, STOP, STOP, STOP, STOP, OPEN, ELSEWHERE]
ALL = [OPEN] * 8 + [ELSEWHERE]
AMA_S_PAGE = [OPEN, NOT_THERE, OPEN, OPEN, *[NOT_THERE] * 3, OPEN, ELSEWHERE]
AMA_S_PAGE_TO_KEEP = [STOP, *AMA_S_PAGE[1:]]
AN_IMPORT = [NOT_THERE, NOT_THERE, OPEN, OPEN, *[NOT_THERE] * 3, OPEN, ELSEWHERE]
PAGES = [
    ("sign-in", [], [ELSEWHERE] * 8 + [OPEN]),
    ("sign-in-by-link", ["not-a-secret"], [GONE] * 9),
    ("list", [], LEADS),
    ("export", ["csv"], LEADS),
    ("person", ["ama"], AMA_S_PAGE),
    ("add", [], LEADS),
    ("edit", ["ama"], AMA_S_PAGE_TO_KEEP),
    ("profile-edit", [], ALL),
    ("password", [], ALL),
    ("role-list", [], ADMIN),
    ("installation", [], ADMIN),
    ("mail-texts", [], ADMIN),
    ("mail-text", ["login_link"], ADMIN),
    ("brand", [], ADMIN),
    ("mail-choices", [], ALL),
    ("mail-stop", ["guessed"], [NOT_THERE] * 9),
    ("notices", [], ALL),
    ("notice", ["of-ama"], [ELSEWHERE, *[NOT_THERE] * 7, ELSEWHERE]),
    ("import-list", [], LEADS),
    ("import", ["file"], AN_IMPORT),
    ("import-bad-rows", ["file"], AN_IMPORT),
]


@pytest.fixture
def address(cast):
    """Return a function that names an address, `ama` and `file` replaced by their codes."""
    cast.file = read(csv_file("9,Hidden,hidden@example.org,,,"), by=cast.chi)
    add_notices(
        [
            News(kind="introduction_withdrawn", for_id=cast.ama.pk, once="1", path="/"),
        ]
    )
    Notice.objects.update(code="of-ama")
    Bounce.objects.create(person_id=cast.ama.pk, address=cast.ama.email, status="5.1.1")

    def named(name, args=()):
        known = [getattr(cast, arg).code if arg in {"ama", "file"} else arg for arg in args]
        return reverse(f"people:{name}", args=known)

    return named


@pytest.mark.parametrize("door", PAGES, ids=lambda door: door[0])
def test_page_opens_to_those_it_is_for(cast, sign_in, address, door):
    name, args, statuses = door
    for who, status in zip(CAST, statuses, strict=True):
        response = sign_in(who).get(address(name, args))

        assert response.status_code == status, CAST[who]
        if status != OPEN:
            # a page may show to whom it belongs, and nothing else of anybody
            own = f"{who}@example.org".encode()
            assert b"@example.org" not in response.content.replace(own, b""), CAST[who]


ROLE = {"email": "dov@example.org", "kind": "lead"}
PROFILE = {"name": "Changed", "time_zone": "UTC", "email": "root@example.org"}
ANNA = {"name": "Anna", "email": "anna@example.com"}
WORDS = {"subject": "Come in", "text": "# Hi\n\n{link}", "seen": "0"}
LOOK = {"organisation": "Other", "accent": "#7a1f3d"}
DEEDS = [
    ("mail-text", ["login_link"], WORDS, ADMIN, lambda _cast: MailText.objects.exists()),
    ("brand", [], LOOK, ADMIN, lambda _cast: Installation.current().organisation == "Other"),
    ("address-confirm", ["ama"], {}, [ELSEWHERE, *AMA_S_PAGE_TO_KEEP[1:]],
     lambda _cast: not Bounce.objects.open().exists()),
    ("add", [], ANNA, LEADS, lambda cast: Person.objects.filter(name="Anna").exists()),
    ("edit", ["ama"], ANNA, AMA_S_PAGE_TO_KEEP,
     lambda cast: Person.objects.get(pk=cast.ama.pk).name == "Anna"),
    ("leave", ["ama"], {}, AMA_S_PAGE_TO_KEEP,
     lambda cast: not Person.objects.get(pk=cast.ama.pk).is_active),
    ("role-grant", [], ROLE, ADMIN, lambda cast: cast.dov.roles.exists()),
    ("key-backup", [], {}, ADMIN, lambda cast: Installation.current().key_backed_up_at is not None),
    ("import-apply", ["file"], {}, AN_IMPORT,
     lambda cast: PeopleImport.objects.get(pk=cast.file.pk).job_code != cast.file.job_code),
    ("import-map", ["file"], {"column-1": "name", "column-2": "email", "column-0": "-",
                              "column-3": "-", "column-4": "-", "column-5": "-"}, AN_IMPORT,
     lambda cast: len(PeopleImport.objects.get(pk=cast.file.pk).mapping) == 2),
    ("import-throw-away", ["file"], {}, AN_IMPORT,
     lambda cast: not PeopleImport.objects.filter(pk=cast.file.pk).exists()),
]  # fmt: skip


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed[0])
def test_deed_is_done_by_those_it_is_for_alone(cast, sign_in, address, deed):
    name, args, fields, statuses, is_done = deed
    where = address(name, args)
    mine = {"address-confirm": "ama"}.get(name)
    refused = [
        (who, status)
        for who, status in zip(CAST, statuses, strict=True)
        if status != OPEN and who != mine
    ]
    for who, status in refused:
        assert sign_in(who).post(where, fields).status_code == status, CAST[who]
        assert not is_done(cast), CAST[who]

    assert sign_in("root").post(where, fields).status_code == 302
    assert is_done(cast)


def test_who_left_is_taken_back_by_those_who_keep_the_list_alone(cast, sign_in):
    cast.dov.left_on = timezone.localdate()
    cast.dov.save()
    where = reverse("people:take-back", args=[cast.dov.code])
    refused = dict.fromkeys(CAST, NOT_THERE) | {"dov": ELSEWHERE, "nobody": ELSEWHERE}
    for may in ("chi", "cleo", "root"):
        del refused[may]
    for who, status in refused.items():
        assert sign_in(who).post(where).status_code == status, CAST[who]
        assert not Person.objects.get(pk=cast.dov.pk).is_active, CAST[who]

    assert sign_in("chi").post(where).status_code == 302
    assert Person.objects.get(pk=cast.dov.pk).is_active


def test_role_is_taken_away_by_administrators_alone(cast, sign_in):
    where = reverse("people:role-revoke", args=[cast.chi.roles.get().pk])
    # roles of others are not there for those who do not give them
    refused = dict.fromkeys(CAST, NOT_THERE) | {"chi": STOP, "nobody": ELSEWHERE}
    del refused["root"]
    for who, status in refused.items():
        assert sign_in(who).post(where).status_code == status, CAST[who]
        assert cast.chi.roles.exists(), CAST[who]

    assert sign_in("root").post(where).status_code == 302
    assert not Role.objects.filter(person=cast.chi).exists()


def test_files_are_uploaded_by_leads_and_administrators(cast, sign_in):
    for who, status in zip(CAST, LEADS, strict=True):
        before = PeopleImport.objects.count()
        file = SimpleUploadedFile("people.csv", csv_file())

        response = sign_in(who).post(reverse("people:import-upload"), {"file": file})

        assert response.status_code == (302 if status == OPEN else status), CAST[who]
        assert PeopleImport.objects.count() == before + (status == OPEN), CAST[who]


def test_profile_is_ones_own(cast, sign_in):
    for who in CAST:
        Person.objects.update(name="As before")

        response = sign_in(who).post(reverse("people:profile-edit"), PROFILE)

        assert response.status_code == 302
        changed = set(Person.objects.filter(name="Changed").values_list("email", flat=True))
        assert changed == ({f"{who}@example.org"} if who != "nobody" else set())


ONLY_BY_POST = {
    "sign-in-by-password",
    "sign-in-link",
    "sign-out",
    "role-grant",
    "role-revoke",
    "key-backup",
    "import-upload",
    "import-map",
    "import-apply",
    "import-throw-away",
    "leave",
    "take-back",
}
# opened as an address, they lead back to the page with the form
BACK_TO_ITS_PAGE = {
    "mail-text-preview", "mail-text-test", "mail-text-back", "notices-read", "address-confirm",
}  # fmt: skip


def test_what_changes_something_wants_a_post(cast, sign_in, address):
    client = sign_in("root")
    of_a_file = {"import-map", "import-apply", "import-throw-away"}
    for name in sorted(ONLY_BY_POST):
        args = ["file"] if name in of_a_file else []
        args = ["ama"] if name in {"leave", "take-back"} else args
        args = [cast.chi.roles.get().pk] if name == "role-revoke" else args
        assert client.get(address(name, args)).status_code == 405, name


def test_every_address_of_the_room_stands_in_these_tables():
    assert {url.name for url in urlpatterns} == (
        {name for name, *_rest in PAGES} | ONLY_BY_POST | BACK_TO_ITS_PAGE
    )


def test_an_administrator_is_told_that_the_role_is_theirs_to_take(sign_in, cast):
    url = reverse("programmes:new")
    told = f'<a href="{reverse("people:role-list")}">People, Roles</a>'

    answer = sign_in("root").get(url)

    assert answer.status_code == 403
    assert told in answer.text
    assert told not in sign_in("ama").get(url).text
