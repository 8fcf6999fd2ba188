"""One person by hand: the rules and the words of an import, one form."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from contraflow.core.errors import Refusal
from contraflow.core.models import AuditEntry
from contraflow.people.actions import add_person, change_person, let_leave, take_back
from contraflow.people.importing.by_hand import FIELDS, enter, texts_of
from contraflow.people.models import Department, Person
from tests.conftest import make_person
from tests.people.importing import csv_file, read

ADD = "/people/add/"
NEW = {"name": "Noa Berg", "email": "noa@example.com"}
EVERYTHING = NEW | {
    "preferred_name": "Noa", "external_id": "0815", "job_title": "Analyst", "grade": "4",
    "department": "Sales > North", "manager_email": "Root@example.org", "site": "Oslo",
    "time_zone": "Europe/Oslo", "languages": "Norwegian, English", "panels": "Pay",
    "joined_on": "2026-01-31",
}  # fmt: skip


def entries(event):
    return [(entry.by_id, entry.facts) for entry in AuditEntry.objects.filter(event=event)]


def errors(person, texts, by):
    found = enter(dict.fromkeys(FIELDS, "") | texts, by=by, person=person).problems
    return {problem.column: problem.reason for problem in found}


def test_somebody_new_is_written_as_an_import_would_and_told_to_the_audit_log(cast, sign_in):
    answer = sign_in("root").post(ADD, EVERYTHING)

    noa = Person.objects.get(email="noa@example.com")
    assert answer.url == noa.get_absolute_url()
    assert texts_of(noa) == EVERYTHING | {
        "department": "Sales/North", "manager_email": "root@example.org",
    }  # fmt: skip
    assert noa.languages == ["Norwegian", "English"]
    assert noa.joined_on == dt.date(2026, 1, 31)
    assert not noa.has_usable_password()
    assert set(Department.objects.values_list("path", flat=True)) == {"Sales", "Sales/North"}
    assert entries("PersonAdded") == [(cast.root.pk, {"person_id": noa.pk})]


def test_name_and_address_are_enough(cast, sign_in):
    sign_in("chi").post(ADD, NEW)

    noa = Person.objects.get(email="noa@example.com")
    assert (noa.name, noa.grade, noa.manager, noa.time_zone) == ("Noa Berg", None, None, "UTC")


UNKNOWN = "Nobody is known by this. Name somebody who is, or nobody."
WRONG = {
    "name": ("", "Every person needs a name."),
    "email": ("noa", "Write one address, like ama@example.org."),
    "grade": ("high", "Write a whole number from 0 to 9,999; higher is more senior."),
    "manager_email": ("zoe@example.org", UNKNOWN),
    "time_zone": ("Oslo", "Write the name of a time zone, like Europe/Berlin or UTC."),
    "joined_on": ("1/2/2026", "This could be 2026-01-02 or 2026-02-01. Write it like that."),
    "department": ("x" * 121, "At most 120 characters for a department, 300 for the whole path."),
    "job_title": ("x" * 151, "At most 150 characters."),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_stands_beside_its_field_in_the_words_of_an_import(cast, sign_in, name):
    value, reason = WRONG[name]

    answer = sign_in("root").post(ADD, NEW | {name: value})

    assert answer.status_code == 422
    assert answer.context["form"].errors == {name: [reason]}
    assert f'<ul class="errors" id="id_{name}_error">' in answer.text
    assert not Person.objects.filter(email="noa@example.com").exists()


@pytest.mark.parametrize("name", [name for name in WRONG if name != "manager_email"])
def test_a_file_says_the_same_of_the_same_cell(cast, name):
    value, reason = WRONG[name]
    row = NEW | {name: value}

    people_import = read(csv_file(",".join(row.values()), header=",".join(row)), by=cast.root)

    assert [bad.reason for bad in people_import.bad_rows.all()] == [reason]


def test_keys_of_somebody_else_are_refused_with_their_name(cast):
    cast.ama.external_id = "7"
    cast.ama.save()

    assert errors(None, NEW | {"email": "AMA@example.org", "external_id": "7"}, cast.root) == {
        "email": "Ama has this address already.",
        "external_id": "Ama has this external id already.",
    }
    bela = texts_of(cast.bela) | {"external_id": "7"}
    assert errors(cast.bela, bela, cast.root) == {
        "external_id": "Ama has this external id already."
    }
    with pytest.raises(Refusal, match="Ama has this address already"):
        add_person(NEW | {"email": "ama@example.org"}, by=cast.root)


def test_nobody_comes_to_report_to_themself_or_round_in_a_circle(cast):
    cast.bela.manager, cast.dov.manager = cast.ama, cast.bela
    cast.bela.save(), cast.dov.save()

    for boss, reason in (
        ("ama", "Nobody is their own manager. Leave it empty for whoever is at the top."),
        ("dov", "These report to each other in a circle: Ama → Dov → Bela → Ama."
                " Correct one of them."),
    ):  # fmt: skip
        texts = texts_of(cast.ama) | {"manager_email": f"{boss}@example.org"}
        assert errors(cast.ama, texts, cast.root) == {"manager_email": reason}


def test_a_change_writes_what_changed_and_says_which_fields(cast, sign_in):
    texts = texts_of(cast.ama) | {"email": "ama.b@example.org", "grade": "5", "department": "IT"}

    answer = sign_in("chi").post(reverse("people:edit", args=[cast.ama.code]), texts)

    assert answer.url == cast.ama.get_absolute_url()
    cast.ama.refresh_from_db()
    assert (cast.ama.email, cast.ama.grade) == ("ama.b@example.org", 5)
    assert cast.ama.department.path == "IT"
    assert list(Person.objects.search("ama.b")) == [cast.ama]
    told = {"person_id": cast.ama.pk, "fields": ["department", "email", "grade"]}
    assert entries("PersonEdited") == [(cast.chi.pk, told)]


def test_saving_without_a_change_changes_and_tells_nothing(cast):
    change_person(cast.ama, texts_of(cast.ama), by=cast.chi)

    assert not AuditEntry.objects.exists()


def test_what_people_set_themselves_stays(cast, sign_in):
    cast.ama.languages, cast.ama.chosen = ["Danish"], ["languages"]
    cast.ama.save()
    edit = reverse("people:edit", args=[cast.ama.code])

    assert "They set this themselves." in sign_in("chi").get(edit).text
    sign_in("chi").post(edit, texts_of(cast.ama) | {"languages": "Dutch", "site": "Oslo"})

    cast.ama.refresh_from_db()
    assert (cast.ama.languages, cast.ama.site) == (["Danish"], "Oslo")


@pytest.mark.parametrize("who", ["dov", "root"])
def test_changing_somebody_who_left_does_not_bring_them_back(cast, who):
    person = getattr(cast, who)
    person.left_on = dt.date(2026, 1, 1)
    person.save()

    change_person(person, texts_of(person) | {"site": "Oslo"}, by=cast.chi)

    person.refresh_from_db()
    assert (person.left_on, person.site) == (dt.date(2026, 1, 1), "Oslo")


ONLY_BY_AN_ADMINISTRATOR = "Only an administrator changes the address of who holds a role."


def test_a_lead_does_not_take_over_the_address_of_who_holds_a_role(cast):
    cast.root.external_id = "1"
    cast.root.save()
    texts = texts_of(cast.root) | {"email": "mine@example.org"}
    file = csv_file("1,Root,mine@example.org,,,")

    assert errors(cast.root, texts, cast.chi) == {"email": ONLY_BY_AN_ADMINISTRATOR}
    assert [bad.reason for bad in read(file, by=cast.chi).bad_rows.all()] == [
        ONLY_BY_AN_ADMINISTRATOR
    ]
    assert errors(cast.root, texts, cast.root) == {}
    assert read(file, by=cast.root).bad_rows.count() == 0
    # one's own is one's own
    own = texts_of(cast.chi) | {"email": "chi.b@example.org"}
    assert errors(cast.chi, own, cast.chi) == {}


def test_managers_are_suggested_while_one_types(cast, sign_in):
    make_person("Amanda Left", left_on=dt.date(2026, 1, 1))

    part = sign_in("root").get(ADD, {"manager_email": "am"}, headers={"HX-Request": "true"}).text

    assert part.startswith('<datalist id="managers"><option value="ama@example.org">Ama</option>')
    assert "Left" not in part


def test_who_left_is_told_and_can_be_taken_back(cast):
    let_leave(cast.ama, by=cast.chi)

    assert (cast.ama.left_on, cast.ama.is_active) == (timezone.localdate(), False)
    assert entries("PeopleLeft") == [(cast.chi.pk, {"person_ids": [cast.ama.pk]})]
    with pytest.raises(Refusal, match="Ama has left"):
        let_leave(cast.ama, by=cast.chi)
    for _press in range(2):
        take_back(cast.ama, by=cast.chi)
    assert Person.objects.get(pk=cast.ama.pk).is_active
    assert entries("PersonReturned") == [(cast.chi.pk, {"person_id": cast.ama.pk})]


@pytest.mark.parametrize(
    ("who", "by", "reason"),
    [("root", "chi", "Administrators do not leave"), ("chi", "chi", "yourself out for good")],
)
def test_administrators_and_oneself_do_not_leave(cast, who, by, reason):
    with pytest.raises(Refusal, match=reason):
        let_leave(getattr(cast, who), by=getattr(cast, by))

    assert getattr(cast, who).is_active


def test_the_person_page_offers_it_to_those_who_keep_the_list(cast, sign_in):
    page = cast.ama.get_absolute_url()
    edit = reverse("people:edit", args=[cast.ama.code])

    assert edit in sign_in("chi").get(page).text
    assert edit not in sign_in("ama").get(page).text
    assert "Has left" not in sign_in("chi").get(cast.root.get_absolute_url()).text
