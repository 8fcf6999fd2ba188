"""A mentor is asked whether all is well, the same after every end; an answer is passed on.

Nothing is announced, and of an answer nothing kept but its mail, for a day. Who says nothing is
not asked again before the next of the days.
"""

import datetime as dt
import hashlib
import secrets

from django.db import transaction
from django.utils import timezone

from contraflow.content.schema.defaults import load_defaults
from contraflow.pairs import mails
from contraflow.pairs.actions.pairs import lock_pair
from contraflow.pairs.followups import contact_for
from contraflow.pairs.models import FollowUp, Pair

# a question that nobody wrote in time, as no worker ran, is not made up for after this
TOO_LATE = dt.timedelta(days=14)
WELL, TALK = "well", "talk"


def ask_mentors(*, at: dt.datetime | None = None) -> int:
    """Ask every mentor whose pair ended so many days ago; return how many. Twice is once."""
    at = at or timezone.now()
    today, asked = timezone.localdate(at), 0
    for days in load_defaults().pause_and_exit.mentor_asked_after_days:
        last = today - dt.timedelta(days=days)
        pairs = Pair.objects.filter(
            state=Pair.State.ENDED, ended_on__gt=last - TOO_LATE, ended_on__lte=last,
            mentor__left_on=None,
        ).exclude(follow_ups__days=days)  # fmt: skip
        for key in list(pairs.order_by("pk").values_list("pk", flat=True)):
            asked += _ask(Pair(pk=key), days, at)
    return asked


@transaction.atomic
def _ask(pair: Pair, days: int, at: dt.datetime) -> bool:
    lock_pair(pair)
    is_over = pair.state == Pair.State.ENDED and pair.mentor.is_active
    if not is_over or pair.follow_ups.filter(days=days).exists():
        return False
    secret = secrets.token_urlsafe(32)
    digest = hashlib.sha256(secret.encode()).hexdigest()
    asked = FollowUp.objects.create(pair=pair, days=days, digest=digest, asked_at=at)
    mails.ask_mentor(asked, secret=secret, contact=contact_for(pair))
    return True


@transaction.atomic
def answer_follow_up(asked: FollowUp, *, secret: str, answer: str) -> bool:
    """Pass an answer on to the trusted contact alone; tell whether there is one. Twice is once."""
    lock_pair(asked.pair)
    contact = contact_for(asked.pair)
    if contact is None:
        return False
    # of what only the mentor has, so that nobody reads the answer from it
    once = hashlib.sha256(f"{secret}/{answer}".encode()).hexdigest()
    mails.pass_answer_on(asked.pair.mentor, to=contact, wants_talk=answer == TALK, once=once)
    return True
