"""A process is killed while keys are changed: what is left goes on, and every word opens."""

import pytest

from contraflow.core.models import Job, SealingKey
from contraflow.core.rotation import JOB_KIND
from contraflow.core.sealing import previous_path
from contraflow.pairs.models import SessionWords
from tests.conftest import make_cohort, make_pair, make_programme
from tests.faults.harness import wait_for

WRAPPING = r'^UPDATE "core_sealingkey" SET "wrapped"'
SEALING = r'^UPDATE "pairs_sessionwords" SET .*"learned_by_mentor"'


@pytest.fixture
def words(stage, settings, tmp_path):
    """Words of six pairs, under a key of their own."""
    settings.SEALING_KEY_PATH = tmp_path / "sealing_key"
    cohort = make_cohort(make_programme())
    for _ in range(6):
        session = make_pair(cohort, sessions=1).sessions.get()
        SessionWords.objects.create(session=session, learned_by_mentor=f"secret {session.pk}")
    return SessionWords.objects.order_by("pk")


def start(stage, settings, *options, **pause):
    path = str(settings.SEALING_KEY_PATH)
    return stage.start("rotate-keys", *options, CONTRAFLOW_SEALING_KEY_PATH=path, **pause)


def all_open(words):
    return all(row.learned_by_mentor == f"secret {row.session_id}" for row in words.all())


def test_killed_among_the_data_keys_the_next_call_wraps_the_rest(stage, words, settings):
    killed = start(stage, settings, pause_at=WRAPPING)
    killed.wait_until_paused()
    killed.kill()
    assert all_open(words)

    again = start(stage, settings)

    assert again.process.wait(timeout=60) == 0, again.said()
    previous_path().unlink()
    assert all_open(words)


def test_killed_among_the_words_a_worker_seals_the_rest(stage, words, settings):
    before = set(SealingKey.objects.values_list("pk", flat=True))
    killed = start(stage, settings, "--words", pause_at=SEALING)
    killed.wait_until_paused()
    killed.kill()
    assert all_open(words)
    job = Job.objects.get(kind=JOB_KIND)

    path = str(settings.SEALING_KEY_PATH)
    worker = stage.start("work", CONTRAFLOW_SEALING_KEY_PATH=path)
    wait_for(lambda: not used(words) & before, worker.said)

    worker.stop()
    job.refresh_from_db()
    assert job.state == Job.State.WAITING  # it comes back in an hour, to destroy the old keys
    assert all_open(words)


def used(words):
    return {value.key_id for value in words.all().values_list("learned_by_mentor", flat=True)}
