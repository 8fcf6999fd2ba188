"""A worker is killed while the words of pairs go: of each pair all stands or nothing, once."""

import datetime as dt

import pytest
from django.utils import timezone

from contraflow.core.jobs import start_job
from contraflow.core.models import Job, OutgoingMail, SealingKey
from contraflow.exchange.models import GainedWords
from contraflow.pairs.models import Pair, SessionWords
from tests.conftest import make_cohort, make_pair, make_programme
from tests.faults.harness import BEFORE_COMMIT

REMINDING = r'^UPDATE "pairs_pair" SET .*"words_reminders"'
DELETING = r'^DELETE FROM "pairs_sessionwords"'
DESTROYING = r'^UPDATE "core_sealingkey" SET "wrapped"'


@pytest.fixture
def pairs(stage):
    """Three pairs with words: the day of two has come, the last one is to be reminded."""
    cohort, today = make_cohort(make_programme()), timezone.localdate()
    made = [make_pair(cohort, sessions=1) for _ in range(3)]
    for pair in made:
        words = f"secret {pair.pk}"
        SessionWords.objects.create(session=pair.sessions.get(), learned_by_mentor=words)
    ended = Pair.objects.filter(pk__in=[pair.pk for pair in made])
    ended.update(state="ended", ended_on=today, words_kept_until=today + dt.timedelta(days=9))
    gone = ended.filter(pk__lt=made[-1].pk)
    gone.update(words_kept_until=today - dt.timedelta(days=2), words_reminders=2)
    return made


def read():
    """Return the pair of each word that stands and opens."""
    rows = SessionWords.objects.select_related("session").order_by("pk")
    for row in rows:
        assert row.learned_by_mentor == f"secret {row.session.pair_id}"
    return [row.session.pair_id for row in rows]


@pytest.mark.parametrize("pause_at", [REMINDING, DELETING, DESTROYING, BEFORE_COMMIT])
def test_killed_anywhere_the_words_go_whole_and_once(stage, pairs, pause_at):
    keys = [pair.pk for pair in pairs]
    job = start_job("pairs.let_words_go", by=None, only_one="all")
    killed = stage.start_worker(pause_at=pause_at, job=job)
    killed.wait_until_paused()

    killed.kill()
    assert read() == (keys[2:] if pause_at == BEFORE_COMMIT else keys)
    stage.start_worker()
    stage.wait_until_over(job)

    assert job.state == Job.State.DONE
    assert read() == keys[2:]
    gone = Pair.objects.exclude(words_deleted_at=None).order_by("pk")
    assert list(gone.values_list("pk", flat=True)) == keys[:2]
    empty = SealingKey.objects.filter(wrapped=b"").order_by("pk").values_list("owner", flat=True)
    assert list(empty) == [f"pair:{key}" for key in keys[:2]]
    assert GainedWords.objects.count() == 2
    mails = OutgoingMail.objects.filter(kind="pairs.words_deleted_soon")
    assert set(mails.values_list("to_id", flat=True)) == {pairs[2].mentor_id, pairs[2].mentee_id}
    assert mails.count() == 2
