"""What a calendar's answer to an invitation does."""

import datetime as dt
import re

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contraflow.core.errors import Refusal
from contraflow.core.events import announce
from contraflow.pairs import events, mails, rules
from contraflow.pairs.models import Assistant, Pair, Session, SessionAnswer
from contraflow.pairs.replies import Reply
from contraflow.people.models import Person

# the code between is the part that nobody can guess, about 57 bits
_UID = re.compile(r"session-([a-z0-9]{12})@contraflow")


@transaction.atomic
def take_reply(reply: Reply, *, at: dt.datetime | None = None) -> bool:
    """Set what somebody answered; False where it is old, or was set already.

    A decline moves nothing: the partner is told, with other times, and either of them may act.
    """
    at = at or timezone.now()
    session, person = _meant(reply)
    locked = Pair.objects.select_for_update(of=("self",), no_key=True)
    session.pair = locked.select_related("mentor", "mentee", "cohort").get(pk=session.pair_id)
    session.refresh_from_db(fields=["state", "starts_at", "sequence", "minutes"])
    if reply.sequence < session.sequence:
        return False
    if reason := rules.why_not_answer(
        session, reply.answer, by=person, sequence=reply.sequence, at=at
    ):
        raise Refusal(reason)
    # nothing written in the future keeps later answers out
    stamped_at = min(reply.stamped_at, at)
    side = session.pair.side_of(person)
    last = SessionAnswer.objects.filter(session=session, side=side).first()
    if last and last.sequence == reply.sequence and (
        last.answer == reply.answer or last.stamped_at > stamped_at
    ):  # fmt: skip
        return False
    SessionAnswer.objects.update_or_create(
        session=session, side=side,
        defaults={
            "answer": reply.answer, "sequence": reply.sequence, "stamped_at": stamped_at,
        },
    )  # fmt: skip
    if reply.answer == SessionAnswer.Answer.DECLINED:
        mails.send_decline(session, by=person, at=at)
    announce(
        events.SessionAnswered(session_id=session.pk, pair_id=session.pair_id, answer=reply.answer),
        by=person,
    )
    return True


def _meant(reply: Reply) -> tuple[Session, Person]:
    """Return the session and who of the two answers; both must be known to the mail."""
    found = _UID.fullmatch(reply.uid)
    sessions = Session.objects.select_related("pair__mentor", "pair__mentee")
    session = sessions.filter(code=found[1]).first() if found else None
    if session is None:
        raise Refusal(_("No session of ours has this UID."))
    both = (session.pair.mentor, session.pair.mentee)
    person = next((each for each in both if each.email == reply.attendee), None)
    if person is None:
        raise Refusal(_("The attendee is not one of the two."))
    theirs = {person.email} | set(
        Assistant.objects.filter(person=person).values_list("assistant__email", flat=True)
    )
    if theirs.isdisjoint(reply.senders):
        raise Refusal(_("The mail is neither from the attendee nor from who keeps their diary."))
    return session, person
