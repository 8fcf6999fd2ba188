"""A whole import: from a file to the people, once or not at all."""

import pytest
from django.utils import timezone

from contraflow.core.errors import Refusal
from contraflow.core.models import AuditEntry
from contraflow.people.actions import (
    edit_person,
    map_columns,
)
from contraflow.people.models import (
    Department,
    ImportChunk,
    Person,
)
from contraflow.people.queries import faults
from tests.conftest import make_person
from tests.people.importing import (
    counts_of,
    csv_file,
    facts_of_all,
    imported,
    problems_of,
    read,
    run_last_job,
    xlsx_file,
)

pytestmark = pytest.mark.usefixtures("installation")


def person(name):
    return Person.objects.get(name=name)


def test_file_brings_people_with_managers_and_departments():
    people_import = imported(csv_file())

    assert counts_of(people_import) == [3, 0, 0, 0, 0]
    assert person("Bela").manager == person("Ama")
    assert person("Ama").manager == person("Top")
    assert person("Bela").department.path == "Sales/North/Key"
    assert person("Bela").department.parent.parent.path == "Sales"
    assert Department.objects.count() == 4
    assert person("Bela").grade is None
    assert not person("Bela").has_usable_password()
    assert not ImportChunk.objects.exists()
    facts = {"new": 3, "changed": 0, "unchanged": 0, "left": 0, "refused": 0}
    assert AuditEntry.objects.get().facts == {"import_id": people_import.pk} | facts


def test_same_file_twice_changes_nothing():
    imported(csv_file())
    before = facts_of_all()

    again = imported(csv_file())

    assert counts_of(again) == [0, 0, 3, 0, 0]
    assert facts_of_all() == before


def test_workbook_and_text_bring_the_same():
    imported(csv_file())
    lines = [line.split(",") for line in csv_file().decode().split("\r\n")]

    assert counts_of(imported(xlsx_file(lines))) == [0, 0, 3, 0, 0]


def test_preview_tells_what_would_change_and_changes_nothing():
    imported(csv_file())
    make_person("Zoe", email="zoe@example.org")
    before = facts_of_all()

    people_import = read(
        csv_file(
            "1,Top,top@example.org,,Board,9",
            "2,Ama Owusu,ama@example.org,,Sales/North,3",
            "4,Dov,dov@example.org,ama@example.org,Sales,1",
        )
    )

    assert counts_of(people_import) == [1, 1, 1, 0, 0]
    assert people_import.counts["missing"] == 2
    assert people_import.preview["changed"][0]["changes"] == [
        ["name", "Ama", "Ama Owusu"], ["manager", "Top", ""]
    ]  # fmt: skip
    assert [each["name"] for each in people_import.preview["new"]] == ["Dov"]
    assert [each["name"] for each in people_import.preview["missing"]] == ["Bela", "Zoe"]
    assert facts_of_all() == before


def test_changed_cells_change_people_and_missing_columns_leave_alone():
    imported(csv_file())

    people_import = imported(
        csv_file("Ama,ama@example.org,Data engineer", header="Name,E-mail,Job title")
    )

    assert counts_of(people_import) == [0, 1, 0, 0, 0]
    ama = person("Ama")
    assert (ama.job_title, ama.grade, ama.external_id) == ("Data engineer", 3, "2")
    assert ama.manager == person("Top")


def test_person_is_known_by_the_external_id_when_the_address_changes():
    imported(csv_file())

    imported(csv_file("2,Ama,ama.owusu@example.org,,,"))

    assert person("Ama").email == "ama.owusu@example.org"
    assert Person.objects.count() == 3
    assert list(Person.objects.search("ama.owusu")) == [person("Ama")]


def test_two_people_swap_their_addresses():
    imported(csv_file())

    people_import = imported(csv_file("2,Ama,bela@example.org,,,", "3,Bela,ama@example.org,,,"))

    assert counts_of(people_import) == [0, 2, 0, 0, 0]
    assert person("Ama").email == "bela@example.org"
    assert person("Bela").email == "ama@example.org"


def test_new_person_takes_an_address_that_gets_free():
    imported(csv_file())

    imported(csv_file("2,Ama,ama2@example.org,,,", "9,Amadou,ama@example.org,,,"))

    assert person("Amadou").email == "ama@example.org"
    assert person("Ama").email == "ama2@example.org"


def test_what_people_set_themselves_stays():
    imported(csv_file())
    edit_person(person("Ama"), by=person("Ama"), name="Ama O.")

    people_import = imported(csv_file())

    assert counts_of(people_import) == [0, 0, 3, 0, 0]
    assert Person.objects.filter(name="Ama O.").exists()


# -- who left -------------------------------------------------------------------------------------


def test_missing_people_leave_only_when_that_was_ticked(cast):
    everybody = csv_file("7,Dov,dov@example.org,,,")

    imported(everybody, by=cast.root)
    assert not Person.objects.left().exists()
    people_import = imported(everybody, by=cast.chi, missing_left=True)

    # the administrator and whoever imports stay, so that nobody is locked out
    active = set(Person.objects.active().values_list("name", flat=True))
    assert active == {"Dov", "Root", "Chi"}
    assert people_import.counts["left"] == 5
    assert cast.ama.pk in AuditEntry.objects.get(event="PeopleLeft").facts["person_ids"]


def test_person_of_a_bad_row_is_not_taken_for_missing():
    imported(csv_file())

    imported(csv_file("2,Ama,ama@example.org,,,Senior", "1,Top,top@example.org,,,"),
             missing_left=True)  # fmt: skip

    assert set(Person.objects.active().values_list("name", flat=True)) == {"Ama", "Top"}


def test_status_lets_people_leave_and_come_back():
    header = "Name,E-mail,Status"
    imported(csv_file("Ama,ama@example.org,active", header=header))

    gone = imported(csv_file("Ama,ama@example.org,terminated", header=header))
    assert counts_of(gone) == [0, 0, 0, 1, 0]
    assert person("Ama").left_on == timezone.localdate()
    assert counts_of(imported(csv_file("Ama,ama@example.org,left", header=header)))[2] == 1
    imported(csv_file("Ama,ama@example.org,active", header=header))
    assert person("Ama").is_active


def test_administrator_does_not_leave_by_a_file(cast):
    people_import = read(
        csv_file("Root,root@example.org,left", header="Name,E-mail,Status"), by=cast.chi
    )

    assert problems_of(people_import)[0][:2] == (2, "Status")


# -- bad rows -------------------------------------------------------------------------------------

KNOWN = "50,Known,known@example.org,,,"
UNKNOWN = "Nobody is known by this. Name somebody who is, or nobody."
SELF = "Nobody is their own manager. Leave it empty for whoever is at the top."


@pytest.mark.parametrize(
    ("rows", "problems"),
    [
        pytest.param(
            ["1,A,a@example.org,,,", "2,B,A@example.org,,,"],
            [(3, "E-mail", "a@example.org",
              "This stands in line 2 already. Each person needs their own.")],
            id="e-mail twice",
        ),
        pytest.param(
            ["1,A,a@example.org,,,", "1,B,b@example.org,,,"],
            [(3, "Employee ID", "1",
              "This stands in line 2 already. Each person needs their own.")],
            id="external id twice",
        ),
        pytest.param(
            ["1,A,a@example.org,gone@example.org,,", "2,B,b@example.org,,,"],
            [(2, "Manager e-mail", "gone@example.org", UNKNOWN)],
            id="unknown manager",
        ),
        pytest.param(
            ["1,A,a@example.org,a@example.org,,"],
            [(2, "Manager e-mail", "a@example.org", SELF)],
            id="own manager",
        ),
        pytest.param(
            ["1,A,a@example.org,,,Boss", "2,B,b@example.org,a@example.org,,",
             "3,C,c@example.org,b@example.org,,"],
            [(2, "Grade", "Boss", "Write a whole number from 0 to 9,999; higher is more senior."),
             (3, "Manager e-mail", "a@example.org",
              "The manager's own row, line 2, cannot be taken. Mend it."),
             (4, "Manager e-mail", "b@example.org",
              "The manager's own row, line 3, cannot be taken. Mend it.")],
            id="manager whose own row is bad",
        ),
        pytest.param(
            ["1,A,a@example.org,c@example.org,,", "2,B,b@example.org,a@example.org,,",
             "3,C,c@example.org,b@example.org,,", "4,D,d@example.org,,,"],
            [(line, "Manager e-mail", manager, "These report to each other in a circle: "
              "A → C → B → A. Correct one of them.")
             for line, manager in ((2, "c@example.org"), (3, "a@example.org"),
                                   (4, "b@example.org"))],
            id="circle in the file",
        ),
        pytest.param(
            ["51,New,new@example.org,,,", "52,Other,known@example.org,,,", KNOWN],
            [(3, "E-mail", "known@example.org", "This is the person of line 4, by another key."),
             (4, "E-mail", "known@example.org",
              "This stands in line 3 already. Each person needs their own.")],
            id="address of another person of the file",
        ),
    ],
)  # fmt: skip
def test_bad_rows_are_told_and_the_good_ones_taken(rows, problems):
    Person.objects.create_person("known@example.org", name="Known", external_id="50")

    people_import = imported(csv_file(*rows))

    assert problems_of(people_import) == problems
    bad = {line for line, *_rest in problems}
    assert people_import.counts["refused"] == len(bad)
    emails = {row.split(",")[2] for line, row in enumerate(rows, start=2) if line not in bad}
    assert set(Person.objects.values_list("email", flat=True)) == emails | {"known@example.org"}


def test_address_of_somebody_with_another_external_id_is_refused():
    imported(csv_file())

    people_import = read(csv_file("2,Ama,ama@example.org,,,", "3,Bela,top@example.org,,,"))

    assert problems_of(people_import) == [
        (
            3,
            "E-mail",
            "top@example.org",
            "This is the address of Top, whose external id is another.",
        )
    ]


def test_same_person_by_two_keys_is_refused():
    imported(csv_file())

    people_import = read(csv_file("2,Ama,ama@example.org,,,", ",Ama,ama@example.org,,,"))

    assert [line for line, *_rest in problems_of(people_import)] == [3]


def test_circle_with_people_there_are_is_named_whole():
    imported(csv_file())

    people_import = imported(csv_file("1,Top,top@example.org,bela@example.org,Board,9"))

    assert problems_of(people_import) == [
        (2, "Manager e-mail", "bela@example.org",
         "These report to each other in a circle: Top → Bela → Ama → Top. Correct one of them.")
    ]  # fmt: skip
    assert person("Top").manager is None


def test_reorganisation_that_turns_a_line_around_is_no_circle():
    imported(csv_file())

    people_import = imported(
        csv_file("3,Bela,bela@example.org,,,", "2,Ama,ama@example.org,bela@example.org,,",
                 "1,Top,top@example.org,ama@example.org,,")
    )  # fmt: skip

    assert people_import.counts["refused"] == 0
    assert person("Top").manager.manager == person("Bela")


def test_like_faults_are_told_together_and_causes_first():
    people_import = read(
        csv_file("1,A,a@example.org,b@example.org,,1", "2,B,b@example.org,,,Boss",
                 "3,C,c@example.org,b@example.org,,1", "4,D,nowhere,,,")
    )  # fmt: skip

    told = [(fault["line"], fault["count"], fault["column"]) for fault in faults(people_import, 9)]

    assert told == [(3, 1, "Grade"), (5, 1, "E-mail"), (2, 2, "Manager e-mail")]


# -- columns --------------------------------------------------------------------------------------


def test_columns_named_once_are_remembered_for_the_next_file(cast):
    header = "Wer,Wohin"
    people_import = read(csv_file("Ama,ama2@example.org", header=header))
    assert people_import.state == "unmapped"
    assert "No column is read as the e-mail address." in people_import.refusal

    map_columns(people_import, by=cast.root, mapping={"Wer": "name", "Wohin": "email"})
    run_last_job()
    again = read(csv_file("Bela,bela2@example.org", header=header))

    people_import.refresh_from_db()
    assert people_import.state == again.state == "previewed"


def test_columns_named_wrongly_are_refused(cast):
    people_import = read(csv_file())

    with pytest.raises(Refusal, match="Two columns are read as"):
        map_columns(people_import, by=cast.root, mapping={"Name": "name", "E-mail": "name"})
    with pytest.raises(Refusal, match="There is no field “age”"):
        map_columns(people_import, by=cast.root, mapping={"Name": "age"})
    with pytest.raises(Refusal, match="The file has no column “Nome”"):
        map_columns(people_import, by=cast.root, mapping={"Nome": "name"})


def test_first_and_last_name_make_the_name():
    imported(csv_file("Ama,Owusu,ama@example.org", header="Vorname,Nachname,E-Mail"))

    assert Person.objects.get().name == "Ama Owusu"
