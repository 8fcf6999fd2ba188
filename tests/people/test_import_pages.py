"""Importing in the browser: upload, columns, preview, apply, bad rows."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from contraflow.core.textfiles import read_table
from contraflow.people.models import ImportChunk, PeopleImport
from contraflow.people.views import imports
from tests.people.importing import counts_of, csv_file, read, run_last_job

BAD = csv_file(
    '2,"=cmd|""/c calc""",ama2@example.org,,,', "3,Bela,not an address,,,Boss", "4,Dov,,,,"
)


def upload(client, content, name="people.csv"):
    return client.post(reverse("people:import-upload"), {"file": SimpleUploadedFile(name, content)})


def test_file_goes_from_upload_to_applied_people(cast, sign_in):
    client = sign_in("chi")
    response = upload(client, csv_file())
    people_import = PeopleImport.objects.get()
    assert response.url == people_import.get_absolute_url()
    assert "Reading the file" in client.get(response.url).content.decode()

    run_last_job()
    preview = client.get(response.url).content.decode()
    assert "Apply the file" in preview
    assert "Bela" in preview
    client.post(reverse("people:import-apply", args=[people_import.code]))
    assert "Applying the file" in client.get(response.url).content.decode()
    run_last_job()

    assert "What the file says holds since" in client.get(response.url).content.decode()
    people_import.refresh_from_db()
    assert counts_of(people_import) == [1, 2, 0, 0, 0]  # Ama and Bela are there
    assert people_import.by == cast.chi


def test_file_beyond_the_limit_is_refused_while_it_arrives(cast, sign_in, settings):
    settings.IMPORT_MAX_MEGABYTES = 1
    response = upload(sign_in("chi"), b"x" * ((1 << 20) + 1))

    assert response.status_code == 422
    assert "The file is larger than 1 MB." in response.content.decode()
    assert not ImportChunk.objects.exists()


def test_file_is_kept_in_pieces(cast, sign_in):
    content = csv_file() + b"\r\n" * (3 << 19)

    upload(sign_in("chi"), content)

    pieces = [bytes(piece.content) for piece in ImportChunk.objects.all()]
    assert b"".join(pieces) == content
    assert max(map(len, pieces)) == 1 << 20
    assert PeopleImport.objects.get().size_bytes == len(content)


@pytest.mark.parametrize(
    ("files", "says"),
    [({}, "This field is required."), ({"file": SimpleUploadedFile("a.csv", b"")}, "is empty")],
)
def test_upload_without_content_says_so(cast, sign_in, files, says):
    response = sign_in("chi").post(reverse("people:import-upload"), files)

    assert response.status_code == 422
    assert says in response.content.decode()


def test_upload_from_another_site_is_refused(cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.chi)

    assert upload(client, csv_file()).status_code == 403
    assert not PeopleImport.objects.exists()


def test_wrong_rows_are_shown_and_downloaded_with_reasons(cast, sign_in):
    people_import = read(BAD, by=cast.chi)
    client = sign_in("chi")

    shown = client.get(people_import.get_absolute_url()).content.decode()
    response = client.get(reverse("people:import-bad-rows", args=[people_import.code]))
    table = [row.cells for row in read_table(io.BytesIO(response.content))]

    assert "Write one address, like ama@example.org." in shown
    assert table[0][-2:] == ["What is wrong", "Line"]
    assert table[1:] == [
        ["3", "Bela", "not an address", "", "", "Boss",
         "E-mail: Write one address, like ama@example.org. "
         "Grade: Write a whole number from 0 to 9,999; higher is more senior.", "3"],
        ["4", "Dov", "", "", "", "",
         "E-mail: Every person needs an e-mail address: it is how they sign in.", "4"],
    ]  # fmt: skip


def test_rows_given_back_hold_nothing_that_must_not_be_known(cast, sign_in):
    people_import = read(csv_file("Ama,nowhere,44", header="Name,E-mail,Age"), by=cast.chi)

    response = sign_in("chi").get(reverse("people:import-bad-rows", args=[people_import.code]))

    assert "44" not in response.content.decode()


def test_columns_are_named_on_the_page(cast, sign_in):
    people_import = read(csv_file("Ama,ama2@example.org,44", header="Wer,Wohin,Age"), by=cast.chi)
    client = sign_in("chi")
    shown = client.get(people_import.get_absolute_url()).content.decode()
    assert "Left out on purpose: Age." in shown
    assert 'name="column-2"' not in shown
    address = reverse("people:import-map", args=[people_import.code])

    assert client.post(address, {"column-0": "name", "column-1": "name"}).status_code == 422
    assert client.post(address, {"column-0": "name", "column-1": "email"}).status_code == 302
    run_last_job()

    people_import.refresh_from_db()
    assert people_import.mapping == {"Wer": "name", "Wohin": "email"}
    assert people_import.state == "previewed"


def test_progress_is_asked_for_by_its_part(cast, sign_in):
    people_import = read(csv_file(), by=cast.chi)

    response = sign_in("chi").get(people_import.get_absolute_url(), headers={"hx-request": "true"})

    assert response.content.decode().lstrip().startswith('<section id="work"')


def test_file_thrown_away_leaves_nothing(cast, sign_in):
    people_import = read(csv_file(), by=cast.chi)

    response = sign_in("chi").post(reverse("people:import-throw-away", args=[people_import.code]))

    assert response.url == reverse("people:import-list")
    assert not PeopleImport.objects.exists()


def test_upload_without_end_is_given_up(cast, sign_in, settings, monkeypatch):
    settings.IMPORT_MAX_MEGABYTES = 1
    monkeypatch.setattr(imports, "GIVE_UP_BYTES", 2 << 20)

    response = upload(sign_in("chi"), b"x" * (3 << 20))

    assert response.status_code == 422
    assert not ImportChunk.objects.exists()


def test_columns_that_are_not_read_are_named_before_the_file_is_applied(cast, sign_in):
    client = sign_in("chi")
    address = upload(client, b"name,email,Shoe size\nEve,eve@example.org,44\n").url
    run_last_job()

    page = client.get(address).text

    assert "A column is not imported: Shoe size." in page
    assert page.index("Shoe size") < page.index("Apply the file")


def test_an_applied_file_leads_on_to_the_people(cast, sign_in):
    client = sign_in("chi")
    address = upload(client, csv_file()).url
    run_last_job()
    client.post(f"{address}apply/")
    run_last_job()

    alert = client.get(address).text.partition("What the file says holds since")[2]

    assert f'<a href="{reverse("people:list")}">See the people</a>' in alert[:200]
