"""The hourly pass over all pairs, and messages to many."""

import datetime as dt

from django.db.models import Q
from django.utils import timezone

from contraflow.core.jobs import TryLater, Work, job, start_job
from contraflow.core.models import Job
from contraflow.core.upkeep import on_upkeep
from contraflow.desk.actions import (
    deliver_speech,
    give_personal_words,
    plan_cover_talks,
    recompute,
    send_digests,
    tell_sponsors,
    write_letters,
)
from contraflow.desk.actions.messages import SEND_KIND
from contraflow.desk.actions.sponsors import SPEAK_KIND
from contraflow.desk.models import Message, Speech
from contraflow.pairs.models import Pair

LOOK_KIND = "desk.look_at_pairs"
EVERY = dt.timedelta(hours=1)


@job(LOOK_KIND)
def look_at_pairs(work: Work) -> None:
    """Compute the health of all pairs, plan talks and draw lots; running it twice changes nothing.

    Not in one transaction: on SQLite nobody else could write meanwhile.
    """
    recompute(give_way=work.give_way)
    plan_cover_talks()
    tell_sponsors()
    give_personal_words()
    send_digests()


@on_upkeep
def look_at_pairs_every_hour() -> None:
    """Start the pass where none ran within the hour, or is about to."""
    lately = timezone.now() - EVERY
    under_way = Q(state__in=[Job.State.WAITING, Job.State.RUNNING])
    jobs = Job.objects.filter(under_way | Q(ended_at__gt=lately), kind=LOOK_KIND)
    if not jobs.exists() and Pair.objects.active().exists():
        start_job(LOOK_KIND, by=None, only_one="all")


@job(SEND_KIND)
def send_message(work: Work, *, message_id: int, person_ids: list[int]) -> None:
    """Write the mails of a message: all of them with the end of the job, or none."""
    with work.effects() as result:
        write_letters(Message.objects.get(pk=message_id), person_ids)
        result["people"] = len(person_ids)


@job(SPEAK_KIND)
def send_speech(work: Work, *, speech_id: int) -> None:
    """Write the mails of a sponsor's words once they can no longer be taken back."""
    wait = Speech.objects.get(pk=speech_id).leaves_at - timezone.now()
    if wait > dt.timedelta():
        raise TryLater(wait.total_seconds())
    with work.effects():
        deliver_speech(speech_id)
