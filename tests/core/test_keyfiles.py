import os
import stat
import threading

import pytest
from django.core.exceptions import ImproperlyConfigured

from contraflow.cli import work
from contraflow.core.checks import key_is_of_this_installation
from contraflow.core.keyfiles import write_once
from contraflow.core.sealing import SealingError, installation_key
from contraflow.pairs.models import CalendarFeed


def test_file_is_its_owners_alone(tmp_path):
    write_once(tmp_path / "new" / "key", "secret")

    assert (tmp_path / "new" / "key").read_text() == "secret"
    assert stat.S_IMODE((tmp_path / "new" / "key").stat().st_mode) == 0o600


def test_file_that_is_there_is_left_alone(tmp_path):
    write_once(tmp_path / "key", "first")
    write_once(tmp_path / "key", "second")

    assert (tmp_path / "key").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_many_who_start_together_find_one_whole_file(tmp_path):
    gate, seen = threading.Barrier(12), []

    def start(number):
        gate.wait()
        if not (tmp_path / "key").exists():
            write_once(tmp_path / "key", f"{number:02}" * 20)
        seen.append((tmp_path / "key").read_text())

    threads = [threading.Thread(target=start, args=[number]) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(seen) == 12
    assert len(set(seen)) == 1
    assert len(seen[0]) == 40


@pytest.mark.django_db
def test_sealing_key_is_made_at_the_first_start(tmp_path, settings):
    settings.SEALING_KEY_PATH = tmp_path / "sealing_key"

    assert len(installation_key()) == 32
    assert installation_key() == installation_key()


@pytest.mark.parametrize("key", ["too short", "c2hvcnQ=", "é" * 44], ids=repr)
def test_sealing_key_that_is_none_is_named(settings, key):
    settings.SEALING_KEY = key

    with pytest.raises((SealingError, ImproperlyConfigured), match="CONTRAFLOW_SEALING_KEY must"):
        installation_key()


def test_folder_that_is_made_for_a_key_is_its_owners_alone(tmp_path):
    write_once(tmp_path / "new" / "key", "secret")

    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


@pytest.mark.django_db
def test_a_database_sealed_with_another_key_is_refused(cast, settings):
    """Also where nobody noted the key's fingerprint, as before `contraflow init`."""
    CalendarFeed.objects.create(person=cast.ama, secret="mine", digest="0" * 64)
    assert key_is_of_this_installation(databases=["default"]) == []

    settings.SEALING_KEY = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="

    (error,) = key_is_of_this_installation(databases=["default"])
    assert error.id == "contraflow.E002"
    assert "set up with another key" in error.msg


@pytest.mark.django_db
def test_no_job_is_done_with_another_key(cast, settings, capsys):
    """A worker would give up every waiting mail as unreadable."""
    CalendarFeed.objects.create(person=cast.ama, secret="mine", digest="0" * 64)
    settings.SEALING_KEY = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
    mask = os.umask(0o022)

    assert work.run(None) == 1

    # what a command writes, such as the SQLite file, is its user's alone
    assert os.umask(mask) == 0o077
    assert "Put the backup of the key back" in capsys.readouterr().err
