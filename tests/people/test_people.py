import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contraflow.core.errors import Refusal
from contraflow.core.models import AuditEntry
from contraflow.people import queries
from contraflow.people.actions import edit_person, grant_role, revoke_role
from contraflow.people.models import Department, Person, Role
from contraflow.people.queries import reporting_line
from tests.conftest import make_person

# who asks, their roles, people counted, people, whose mail
# comes back: the list without the page around it; that they
# looked is noted once it is sent
LIST_QUERIES = [
    "django_session", "people_person", "people_role", "people_person", "people_person",
    "core_bounce", "core_auditentry",
]  # fmt: skip
HTMX = {"hx-request": "true"}


def names_on(response):
    return [person["name"] for person in response.context["people"]]


def tables(queries):
    return [re.search(r'(?:FROM|UPDATE|INTO) "(\w+)', query["sql"])[1] for query in queries]


def test_list_asks_as_many_questions_for_one_as_for_sixty(installation, client):
    root = make_person("Root")
    Role.objects.create(person=root, kind="administrator")
    client.force_login(root)

    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get(reverse("people:list"), headers=HTMX)
    sales = Department.objects.create(path="Sales", name="Sales")
    for _number in range(60):
        make_person(department=sales)
    with CaptureQueriesContext(connection) as sixty:
        response = client.get(reverse("people:list"), headers=HTMX)

    assert tables(one) == tables(sixty) == LIST_QUERIES
    assert len(names_on(response)) == queries.PEOPLE_PER_PAGE
    assert response.context["under"] == "61 people"


def test_list_counts_no_further_than_it_pages(cast, sign_in, monkeypatch):
    monkeypatch.setattr(queries, "PEOPLE_COUNTED", 3)
    monkeypatch.setattr("contraflow.people.views.people.PEOPLE_COUNTED", 3)

    response = sign_in("chi").get(reverse("people:list"))

    assert response.context["people"].paginator.count == 3
    assert "The first 3; search to find the others." in response.content.decode()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "muller"}, ["Zoë Müller"]),
        ({"q": "MÜLL zoe"}, ["Zoë Müller"]),
        ({"q": "zoe@"}, ["Zoë Müller"]),
        ({"q": "100%"}, []),
        ({"department": "Sales"}, ["Key Account", "Zoë Müller"]),
        ({"department": "Sales/Key"}, ["Key Account"]),
        ({"department": "key"}, ["Key Account"]),
        ({"department": "Nowhere"}, []),
        ({"q": "gone"}, []),
        ({"q": "gone", "who": "left"}, ["Gone"]),
        ({"q": "gone", "who": "all"}, ["Gone"]),
        ({"q": "gone", "who": "nonsense"}, []),
    ],
)
def test_list_is_searched_and_filtered(cast, sign_in, asked, found):
    sales = Department.objects.create(path="Sales", name="Sales")
    key = Department.objects.create(path="Sales/Key", name="Key", parent=sales)
    make_person("Zoë Müller", email="zoe@example.org", department=sales)
    make_person("Key Account", email="key@example.org", department=key)
    make_person("Gone", email="gone@example.org", left_on=dt.date(2026, 1, 1))

    assert names_on(sign_in("root").get(reverse("people:list"), asked)) == found


def test_list_answers_htmx_with_the_table_alone(cast, sign_in):
    response = sign_in("root").get(reverse("people:list"), {"q": "ama"}, headers=HTMX)

    assert response.content.decode().lstrip().startswith('<section id="people"')


def test_person_page_shows_the_line_up_in_one_query(cast, sign_in, django_assert_num_queries):
    top = make_person("Top")
    middle = make_person("Middle", manager=top, job_title="Head of Sales")
    cast.ama.manager = middle
    cast.ama.save()

    with django_assert_num_queries(1):
        line = reporting_line(cast.ama)
    content = sign_in("ama").get(cast.ama.get_absolute_url()).content.decode()

    assert [boss["name"] for boss in line] == ["Middle", "Top"]
    assert "Middle" in content
    assert middle.get_absolute_url() not in content  # she may know the name, not open the page


def test_reporting_line_ends_also_where_the_data_hold_a_circle(db):
    ama, bela = make_person("Ama"), make_person("Bela")
    Person.objects.filter(pk=ama.pk).update(manager=bela)
    Person.objects.filter(pk=bela.pk).update(manager=ama)

    assert [boss["name"] for boss in reporting_line(ama)] == ["Bela", "Ama"]


# -- roles and one's own facts ----------------------------------------------------------------


def test_last_administrator_keeps_the_role(cast):
    with pytest.raises(Refusal, match="Somebody must stay administrator."):
        revoke_role(cast.root.roles.get(), by=cast.root)

    grant_role(cast.dov, by=cast.root, kind="administrator")
    revoke_role(cast.root.roles.get(), by=cast.dov)
    assert list(Role.objects.filter(kind="administrator").values_list("person__name")) == [("Dov",)]


def test_administrator_who_left_does_not_count_as_the_last(cast):
    gone = make_person("Gone", left_on=dt.date(2026, 1, 1))
    Role.objects.create(person=gone, kind="administrator")

    with pytest.raises(Refusal):
        revoke_role(cast.root.roles.get(), by=cast.root)


def test_role_is_given_once_and_never_to_leavers(cast):
    with pytest.raises(Refusal, match="Chi has this role already."):
        grant_role(cast.chi, by=cast.root, kind="lead")
    gone = make_person("Gone", left_on=dt.date(2026, 1, 1))
    with pytest.raises(Refusal, match="Gone has left."):
        grant_role(gone, by=cast.root, kind="lead")


def test_roles_given_and_taken_stand_in_the_audit_log(cast):
    role = grant_role(cast.dov, by=cast.root, kind="sponsor")
    revoke_role(role, by=cast.root)

    facts = {"person_id": cast.dov.pk, "kind": "sponsor"}
    assert list(AuditEntry.objects.values_list("event", "facts", "by_id")) == [
        ("RoleGranted", facts, cast.root.pk),
        ("RoleRevoked", facts, cast.root.pk),
    ]


def test_what_one_sets_oneself_is_remembered_as_chosen(cast, sign_in):
    sign_in("ama").post(
        reverse("people:profile-edit"),
        {
            "name": "Ama",
            "preferred_name": "A.",
            "time_zone": "Africa/Accra",
            "languages": "English, Twi,",
        },
    )

    cast.ama.refresh_from_db()
    assert cast.ama.languages == ["English", "Twi"]
    assert cast.ama.chosen == ["languages", "preferred_name", "time_zone"]
    assert Person.objects.search("a.").filter(pk=cast.ama.pk).exists()


def test_profile_saved_unchanged_changes_nothing(cast):
    edit_person(cast.ama, by=cast.ama, name="Ama")

    assert cast.ama.chosen == []
    assert not AuditEntry.objects.exists()


def test_time_zone_that_does_not_exist_is_refused(cast, sign_in):
    response = sign_in("ama").post(
        reverse("people:profile-edit"), {"name": "Ama", "time_zone": "Accra"}
    )

    assert response.status_code == 422
    assert "Accra is not a time zone." in response.content.decode()
