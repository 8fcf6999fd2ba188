"""`contraflow init` and `contraflow import-people`, as typed."""

import logging
import re
import socket
import tempfile
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from django.core import mail
from django.urls import reverse

from contraflow.cli import main
from contraflow.cli.migrate import say_what_is_wrong
from contraflow.core.checks import key_is_of_this_installation
from contraflow.core.models import AuditEntry, Installation
from contraflow.core.sealing import key_fingerprint
from contraflow.people.models import PeopleImport, Person
from tests.people.importing import csv_file

ANSWERS = ["--organisation", "Lumenport", "--admin-name", "Root", "--admin-email", "Root@lumen.org"]


@pytest.fixture(autouse=True)
def _without_terminal(monkeypatch, db):
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)


@pytest.fixture
def mail_server(socket_enabled, caplog):
    """A mail server on loopback that keeps what it gets."""
    caplog.set_level(logging.ERROR, "mail.log")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(Kept(), hostname="127.0.0.1", port=port)
    server.start()
    yield server
    server.stop()


class Kept:
    """Takes every mail."""

    def __init__(self):
        self.recipients = []

    async def handle_DATA(self, server, session, envelope):
        self.recipients += envelope.rcpt_tos
        return "250 OK"


# -- init -----------------------------------------------------------------------------------------


def test_init_makes_the_organisation_and_its_first_administrator(tmp_path, capsys):
    password = tmp_path / "password"
    password.write_text("four words belong nowhere\n")

    code = main(["init", *ANSWERS, "--password-file", str(password), "--key-backed-up"])

    assert code == 0
    installation = Installation.objects.get()
    assert installation.organisation == "Lumenport"
    assert installation.key_fingerprint == key_fingerprint()
    assert installation.key_backed_up_at is not None
    root = Person.objects.get()
    assert root.email == "root@lumen.org"
    assert root.has_role("administrator")
    assert root.check_password("four words belong nowhere")
    assert key_fingerprint() in capsys.readouterr().out


def test_init_runs_once(capsys):
    main(["init", *ANSWERS, "--no-test-mail"])

    assert main(["init", *ANSWERS]) == 1
    assert "was set up already, for Lumenport." in capsys.readouterr().err
    assert Person.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"--organisation": " "}, "Organisation is missing: say it with --organisation."),
        ({"--admin-email": "root"}, "Enter a valid email address."),
        ({"--password-file": "/nowhere/password"}, "No such file"),
    ],
)
def test_init_says_which_answer_is_no_use_and_sets_up_nothing(changed, says, capsys):
    answers = dict(zip(ANSWERS[::2], ANSWERS[1::2], strict=True)) | changed

    code = main(["init", *[word for pair in answers.items() for word in pair]])

    assert code == 1
    assert says in capsys.readouterr().err
    assert not Installation.objects.exists()
    assert not Person.objects.exists()


def test_init_asks_again_where_an_answer_is_no_use(monkeypatch, capsys):
    answers = iter(["", "Lumenport", "Root", "root", "root@lumen.org", "meet.lumen.org", "", "y"])
    passwords = iter(["short", "four words belong nowhere"])
    asked = []
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _question: next(answers))
    monkeypatch.setattr("getpass.getpass", lambda said: asked.append(said) or next(passwords))

    code = main(["init", "--no-test-mail"])

    assert code == 0
    assert Person.objects.get().check_password("four words belong nowhere")
    assert asked[0] == "Password, at least 12 characters (empty: sign in by mailed links): "
    said = capsys.readouterr().out
    assert "This is needed to go on; Ctrl+C stops." in said
    assert "Enter a valid email address." in said
    assert "Write an address with {code}, such as https://meet.example.org/{code}" in said
    assert "This password is too short." in said
    assert "with your password; the page Today names the next steps." in said


def test_init_sends_a_test_mail_through_the_server(settings, mail_server, capsys):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mail_server.port

    main(["init", *ANSWERS])

    assert f"127.0.0.1:{mail_server.port} accepted a test mail to root@lumen.org." in (
        capsys.readouterr().out
    )
    assert mail_server.handler.recipients == ["root@lumen.org"]


def test_init_says_what_the_mail_server_answered(settings, socket_enabled, capsys):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    code = main(["init", *ANSWERS])

    assert code == 0  # the installation is there; mail can be mended
    assert "was not accepted by 127.0.0.1:1" in capsys.readouterr().out


def test_init_without_a_mail_server_says_where_mails_go(capsys):
    main(["init", *ANSWERS])

    assert "No mail server is set (CONTRAFLOW_SMTP_HOST)" in capsys.readouterr().out
    assert len(mail.outbox) == 1


def test_without_mail_and_password_the_first_link_stands_in_the_terminal(client, capsys):
    main(["init", *ANSWERS, "--no-test-mail"])

    (address,) = re.findall(
        r"http://127\.0\.0\.1:8000(/people/sign-in/link/\S+)", capsys.readouterr().out
    )
    client.post(address)

    assert client.session["_auth_user_id"] == str(Person.objects.get().pk)
    client.logout()
    client.post(address)
    assert "_auth_user_id" not in client.session


def test_with_a_mail_server_no_link_is_shown(settings, capsys):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"

    main(["init", *ANSWERS, "--no-test-mail"])

    said = capsys.readouterr().out
    assert "by a mailed link; the page Today names the next steps." in said
    assert "/people/sign-in/link/" not in said


def test_init_without_an_answer_names_the_flag(monkeypatch, capsys):
    def hung_up(_question):
        raise EOFError

    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", hung_up)

    assert main(["init"]) == 1
    assert "Organisation is missing: say it with --organisation." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("answer", "noted", "says"),
    [
        ("", None, "public server, outside your network: https://meet.jit.si/contraflow-{code}"),
        ("none", "", "Sessions have no link."),
        (
            "https://meet.lumen.org/{code}", "https://meet.lumen.org/{code}",
            "Sessions link to https://meet.lumen.org/{code}.",
        ),
    ],
)  # fmt: skip
def test_init_tells_where_pairs_meet_and_notes_another_place(settings, capsys, answer, noted, says):
    settings.DATA_DIR = Path(tempfile.mkdtemp(dir=settings.DATA_DIR))

    assert main(["init", *ANSWERS, "--no-test-mail", "--video-link", answer]) == 0

    assert says in capsys.readouterr().out
    note = settings.DATA_DIR / "video_link_pattern"
    assert (note.read_text() if note.exists() else None) == noted


def test_a_place_that_the_environment_names_is_not_asked_for(monkeypatch, settings, capsys):
    monkeypatch.setenv("CONTRAFLOW_VIDEO_LINK_PATTERN", "")
    settings.VIDEO_LINK_PATTERN = ""

    main(["init", *ANSWERS, "--no-test-mail"])

    said = capsys.readouterr().out
    assert "Sessions have no link." in said
    assert "Jitsi" not in said


@pytest.mark.parametrize("pattern", ["meet.lumen.org/{code}", "https://x.org/a", "https://x/{}"])
def test_a_place_that_is_no_address_sets_up_nothing(pattern, capsys):
    assert main(["init", *ANSWERS, "--video-link", pattern]) == 1

    assert "Write an address with {code}" in capsys.readouterr().err
    assert not Installation.objects.exists()


# -- the key --------------------------------------------------------------------------------------


def test_another_key_than_the_installation_s_is_an_error(installation, capsys):
    assert say_what_is_wrong() == 0
    installation.key_fingerprint = "0123456789abcdef"
    installation.save()

    assert say_what_is_wrong() == 1
    told = capsys.readouterr().err
    assert "this installation was set up with 0123456789abcdef." in told
    assert "Put the backup of the key back" in told


@pytest.mark.parametrize(("key", "found"), [("", "missing"), ("not base64!", "unreadable")])
def test_key_that_is_lost_is_not_made_anew(installation, settings, tmp_path, key, found):
    installation.key_fingerprint = "0123456789abcdef"
    installation.save()
    settings.SEALING_KEY, settings.SEALING_KEY_PATH = key, tmp_path / "key"

    (error,) = key_is_of_this_installation(databases=["default"])

    assert found in error.msg
    assert not (tmp_path / "key").exists()


def test_administrator_confirms_that_the_key_is_kept_elsewhere(cast, sign_in):
    client = sign_in("root")
    assert (
        "Is the key kept in a second place?" in client.get(reverse("people:list")).content.decode()
    )

    client.post(reverse("people:key-backup"))

    assert AuditEntry.objects.get(event="KeyBackupConfirmed").by_id == cast.root.pk
    page = client.get(reverse("people:installation")).content.decode()
    assert key_fingerprint() in page
    assert "confirmed on" in page
    assert "second place?" not in client.get(reverse("people:list")).content.decode()


# -- import-people --------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path, installation):
    path = tmp_path / "staff.csv"
    path.write_bytes(csv_file("1,Ama,ama@example.org,,,", "2,Bela,nowhere,,,"))
    return path


def test_dry_run_shows_and_changes_nothing(file, capsys):
    assert main(["import-people", str(file), "--dry-run"]) == 0

    told = capsys.readouterr().out
    assert "2 rows: 1 new, 0 changed, 0 unchanged, 0 left, 1 not taken." in told
    assert "line 3, E-mail: 'nowhere': Write one address, like ama@example.org." in told
    assert not Person.objects.exists()
    assert not PeopleImport.objects.exists()


def test_import_takes_the_good_rows_and_gives_the_others_back(file, tmp_path, capsys):
    bad_rows = tmp_path / "bad.csv"

    code = main(["import-people", str(file), "--yes", "--bad-rows", str(bad_rows)])

    assert code == 3
    assert Person.objects.get().email == "ama@example.org"
    assert "2,Bela,nowhere" in bad_rows.read_text()
    assert "Applied: 1 new, 0 changed, 0 left, 1 not taken." in capsys.readouterr().out


def test_import_without_a_terminal_asks_for_yes(file, capsys):
    assert main(["import-people", str(file)]) == 1
    assert "say --yes to apply" in capsys.readouterr().err
    assert not Person.objects.exists()


def test_column_is_read_as_the_flag_says(tmp_path, installation):
    path = tmp_path / "staff.csv"
    path.write_bytes(csv_file("Ama,ama@example.org,Accra", header="Wer,Wohin,Büro"))
    flags = ["--map", "Wer=name", "--map", "Wohin = email", "--map", "Büro=site"]

    assert main(["import-people", str(path), "--yes", *flags]) == 0
    assert Person.objects.get().site == "Accra"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--map", "E-mail"], 'write it as "Their column=our field"'),
        (["--map", "Age=grade"], "The file has no column “Age”."),
        (["--map", "Grade=age"], "There is no field “age”."),
    ],
)
def test_flag_that_makes_no_sense_is_refused(file, arguments, says, capsys):
    assert main(["import-people", str(file), *arguments]) == 1
    assert says in capsys.readouterr().err
    assert not PeopleImport.objects.exists()


def test_missing_and_too_large_files_are_refused(tmp_path, settings, capsys):
    large = tmp_path / "large.csv"
    with large.open("wb") as file:
        file.truncate((settings.IMPORT_MAX_MEGABYTES << 20) + 1)  # takes no room on the disk

    assert main(["import-people", str(tmp_path / "nowhere.csv")]) == 1
    assert main(["import-people", str(large)]) == 1

    told = capsys.readouterr().err
    assert re.search(r"nowhere\.csv: No such file", told)
    assert "is larger than 50 MB." in told
