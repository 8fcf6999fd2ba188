"""Keys are changed under running pages, killed anywhere, and no word is lost."""

import os
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from contraflow.cli import main
from contraflow.core import rotation
from contraflow.core.checks import key_is_of_this_installation
from contraflow.core.errors import Refusal
from contraflow.core.jobs import run_job
from contraflow.core.models import AuditEntry, Installation, Job, SealingKey
from contraflow.core.rotation import change_installation_key, retire_keys
from contraflow.core.sealing import (
    SealingError,
    destroy_keys,
    installation_key,
    key_fingerprint,
    key_to_seal_for,
    previous_path,
    secret_of,
    wrapped_anew,
)
from contraflow.pairs.models import SessionWords
from tests.conftest import make_pair


@pytest.fixture
def key_file(db, settings, tmp_path):
    settings.SEALING_KEY_PATH = tmp_path / "sealing_key"
    return settings.SEALING_KEY_PATH


@pytest.fixture
def words(key_file, cast):
    """Words of two pairs, three sessions each."""
    for pair in (cast.pair, make_pair(cast.cohort)):
        for session in pair.sessions.all():
            SessionWords.objects.create(
                session=session, learned_by_mentor=f"secret {session.pk}", learned_by_mentee="too"
            )
    return SessionWords.objects.order_by("pk")


def read(words):
    return [row.learned_by_mentor for row in words.all()]


def everything(words):
    return [f"secret {row.session_id}" for row in words.all()]


def keys_used(words):
    columns = words.all().values_list("learned_by_mentor", "learned_by_mentee")
    return {value.key_id for row in columns for value in row}


def work_off(job, *, later=timedelta()):
    """Run the job now, or as if `later` had passed since keys were retired."""
    for key in SealingKey.objects.exclude(retired_at=None):
        key.retired_at -= later
        key.save()
    Job.objects.filter(pk=job.pk).update(not_before=timezone.now() - timedelta(seconds=1))
    run_job(job.pk, heartbeat=False)
    job.refresh_from_db()
    return job


# -- the installation's key ---------------------------------------------------------------------


def test_words_open_with_the_new_key_alone(words, key_file):
    before = key_file.read_text()

    assert change_installation_key() == 2

    assert key_file.read_text() != before
    assert previous_path().read_text() == before
    assert oct(key_file.stat().st_mode)[-3:] == "600"
    previous_path().unlink()
    assert read(words) == everything(words)


def test_the_old_key_opens_nothing_of_a_later_copy(words, key_file):
    before = key_file.read_text()
    change_installation_key()
    previous_path().unlink()

    key_file.write_text(before)

    with pytest.raises(SealingError, match="does not open with this installation's key"):
        read(words)


def test_a_new_key_asks_for_a_new_backup_and_is_in_the_records(words):
    Installation.objects.update(key_backed_up_at=timezone.now())

    change_installation_key()

    here = Installation.current()
    assert here.key_fingerprint == key_fingerprint()
    assert here.key_backed_up_at is None
    entry = AuditEntry.objects.get(event="InstallationKeyChanged")
    assert entry.facts == {"fingerprint": key_fingerprint()}


@pytest.mark.parametrize("killed_before", ["link", "replace", "wrap", "note"])
def test_a_change_that_was_killed_goes_on(words, key_file, monkeypatch, killed_before):
    class Killed(BaseException):
        pass

    def kill(*args, **kwargs):
        raise Killed

    target, name = {
        "link": (os, "link"), "replace": (Path, "replace"),
        "wrap": (rotation, "wrapped_anew"), "note": (rotation, "announce"),
    }[killed_before]  # fmt: skip
    with monkeypatch.context() as patched:
        patched.setattr(target, name, kill)
        with pytest.raises(Killed):
            change_installation_key()

    assert read(words) == everything(words)
    assert key_is_of_this_installation(databases=["default"]) == []
    if killed_before == "note":
        # all is wrapped: what is left to do is what the message says
        with pytest.raises(Refusal, match="Put it away"):
            change_installation_key()
    else:
        change_installation_key()
    previous_path().unlink()
    assert read(words) == everything(words)


def test_a_destroyed_key_stays_destroyed_through_both_changes(words):
    gone, kept = words.all()[0].sealed_for(), words.all()[5].sealed_for()
    destroy_keys([gone], at=timezone.now())
    SessionWords.objects.filter(pk__in=[row.pk for row in words.all()[:3]]).delete()

    assert change_installation_key() == 1
    previous_path().unlink()
    job = work_off(retire_keys(), later=timedelta(hours=2))

    assert (job.state, job.result) == ("done", {"keys": 1, "stuck": 0})
    rows = {row.owner: row.destroyed_at is None for row in SealingKey.objects.all()}
    assert rows == {gone: False, kept: True}
    assert read(words) == everything(words)


def test_a_key_destroyed_while_it_is_wrapped_anew_does_not_come_back(words, monkeypatch):
    owner = words.all()[0].sealed_for()

    def wrapped_late(wrapped, of):
        if of == owner:
            destroy_keys([owner], at=timezone.now())
        return wrapped_anew(wrapped, of)

    monkeypatch.setattr(rotation, "wrapped_anew", wrapped_late)
    change_installation_key()

    assert bytes(SealingKey.objects.get(owner=owner).wrapped) == b""


def test_words_written_between_the_two_keys_open(words, key_file, cast):
    session = make_pair(cast.cohort).sessions.first()
    late = SessionWords(session=session, learned_by_mentor="late")
    wrapped_before = key_to_seal_for(f"pair:{session.pair_id}")
    change_installation_key()

    late.save()

    assert SessionWords.objects.get(pk=late.pk).learned_by_mentor == "late"
    assert SealingKey.objects.get(owner=f"pair:{session.pair_id}").pk == wrapped_before[0]


def test_the_key_before_must_be_put_away_first(words):
    change_installation_key()

    with pytest.raises(Refusal, match="is still here, from the last change"):
        change_installation_key()


def test_two_who_change_the_key_at_once_make_one_change(words, key_file):
    with rotation._alone(), pytest.raises(Refusal, match="by another process"):
        change_installation_key()

    assert not previous_path().exists()


def test_a_key_in_the_environment_is_changed_there(words, settings):
    before, after = installation_key_text(settings), rotation.fresh_key()
    settings.SEALING_KEY, settings.SEALING_KEY_PREVIOUS = after, before

    assert read(words) == everything(words)
    assert change_installation_key() == 2

    settings.SEALING_KEY_PREVIOUS = ""
    assert read(words) == everything(words)
    assert not previous_path().exists()


def installation_key_text(settings):
    installation_key()
    return Path(settings.SEALING_KEY_PATH).read_text()


# -- the keys of people and pairs ---------------------------------------------------------------


def test_all_words_are_sealed_with_new_keys(words):
    before = keys_used(words)

    work_off(retire_keys())

    assert read(words) == everything(words)
    assert not keys_used(words) & before


def test_old_keys_are_destroyed_an_hour_later_and_not_before(words):
    before = keys_used(words)
    job = work_off(retire_keys())

    assert job.state == Job.State.WAITING
    assert set(SealingKey.objects.filter(pk__in=before)) != set()

    work_off(job, later=timedelta(hours=1))

    assert job.state == Job.State.DONE
    assert job.result == {"keys": 2, "stuck": 0}
    assert not SealingKey.objects.filter(pk__in=before).exists()
    assert read(words) == everything(words)


def test_a_page_that_wrote_an_old_value_back_loses_nothing(words):
    held = words.last()
    job = work_off(retire_keys())
    held.save()  # as it was read before the change, untouched

    work_off(job, later=timedelta(hours=1))

    assert job.state == Job.State.DONE
    assert read(words) == everything(words)


def test_what_is_written_meanwhile_stays(words):
    job = retire_keys()
    row = words.first()
    row.learned_by_mentor = "newer"
    row.save()

    work_off(work_off(job), later=timedelta(hours=1))

    assert words.first().learned_by_mentor == "newer"
    assert words.first().learned_by_mentee == "too"


def test_a_value_that_does_not_open_keeps_its_key(words, caplog):
    first, *_, last = words.values_list("learned_by_mentor", flat=True)
    moved = words.last()
    words.filter(pk=moved.pk).update(learned_by_mentor=first)

    job = work_off(work_off(retire_keys()), later=timedelta(hours=1))

    assert job.result == {"keys": 1, "stuck": 1}
    assert "altered or moved" in caplog.text
    assert last.key_id != first.key_id
    words.filter(pk=moved.pk).delete()
    assert read(words) == everything(words)


def test_secrets_that_lots_are_drawn_with_stay(words):
    secret = secret_of("cover:ABC")

    work_off(work_off(retire_keys()), later=timedelta(hours=1))

    assert secret_of("cover:ABC") == secret


def test_lots_are_drawn_with_secrets_alone(key_file):
    with pytest.raises(SealingError, match="a secret is of one of"):
        secret_of("pair:7")


def test_asked_twice_keys_are_retired_once(words):
    assert retire_keys() == retire_keys()

    assert AuditEntry.objects.filter(event="KeysRetired").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_seal_for_a_new_owner_share_its_key(key_file):
    found, gate = [], threading.Barrier(4)

    def seal():
        gate.wait()
        found.append(key_to_seal_for("pair:1")[0])
        rotation.transaction.get_connection().close()

    threads = [threading.Thread(target=seal) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 4
    assert len(set(found)) == 1


# -- the command --------------------------------------------------------------------------------


def test_the_command_says_what_to_put_where(words, key_file, capsys):
    assert main(["rotate-keys"]) == 0

    said = capsys.readouterr().out
    assert f"2 keys are wrapped by the installation's key {key_fingerprint()}." in said
    assert f"Copy {key_file} to where your secrets are kept" in said
    assert f"put {previous_path()} away" in said
    assert main(["rotate-keys"]) == 1
    assert "is still here" in capsys.readouterr().err


def test_the_command_seals_words_anew(words, capsys):
    before = keys_used(words)

    assert main(["rotate-keys", "--words"]) == 0

    assert "Done: 6 rows." in capsys.readouterr().out
    assert not keys_used(words) & before
