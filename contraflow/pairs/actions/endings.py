"""How a pair ends or is held: at once for who asked, at one fixed hour for everybody else.

Until the hour nothing changes that the other of the two, or a lead, could see: not the pair, not
its sessions, not a mail. Then all of it changes at once, in the same words whatever the cause.
"""

import datetime as dt

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from contraflow.core.errors import refuse_if
from contraflow.core.events import announce
from contraflow.pairs import events, mails, rules
from contraflow.pairs.actions.pairs import end_locked, give_up_dates, lock_pair
from contraflow.pairs.due_days import move_due_days
from contraflow.pairs.models import Afterwards, Ending, Hold, Pair, Pause, Session
from contraflow.pairs.times import told_at
from contraflow.people.models import Person
from contraflow.programmes.models import Side

_DAY = dt.timedelta(days=1)
# nobody is left to wait for somebody who has gone: a date brings the hour forward to before it
BEFORE_A_DATE = dt.timedelta(hours=1)
Who = Ending.Who


# -- to ask for it --------------------------------------------------------------------------------


@transaction.atomic
def ask_to_end(pair: Pair, *, by: Person, at: dt.datetime | None = None) -> Ending:
    """Let one of the two, or a lead, end a pair without a reason; pressing twice is asking once.

    Who of the two asked stands in no audit trail; a lead acts for the programme, and does.
    """
    at = at or timezone.now()
    lock_pair(pair)
    who = pair.side_of(by) or Who.LEAD
    if asked := Ending.objects.visible_to(by).filter(pair=pair, who=who).first():
        return asked
    refuse_if(rules.why_not_end(pair, by=by))
    if who == Who.LEAD:
        announce(events.PairEndAsked(pair_id=pair.pk, cohort_id=pair.cohort_id), by=by)
    return _ask(pair, who, at)


@transaction.atomic
def take_back_end(pair: Pair, *, by: Person, at: dt.datetime | None = None) -> None:
    """Let who asked for the end stay after all, as if nothing had been; nobody else ever knew."""
    at = at or timezone.now()
    lock_pair(pair)
    refuse_if(rules.why_not_stay(pair, by=by))
    who = pair.side_of(by) or Who.LEAD
    if not pair.endings.filter(who=who).delete()[0]:
        return
    if who == Who.LEAD:
        announce(events.PairEndTakenBack(pair_id=pair.pk, cohort_id=pair.cohort_id), by=by)
        return
    for session in _dates_to_come(pair, at):
        mails.send_staying(session, to=by, at=at)


@transaction.atomic
def leave_behind(pair: Pair, *, gone: Person, at: dt.datetime | None = None) -> None:
    """End the pair of somebody who left the organisation, or takes part no longer."""
    at = at or timezone.now()
    lock_pair(pair)
    # what was read before the lock may be past
    gone.refresh_from_db(fields=["left_on"])
    who = pair.side_of(gone) if gone.is_active else Who.DEPARTURE
    if pair.state != Pair.State.ENDED and not pair.endings.filter(who=who).exists():
        _ask(pair, who, at)


def _ask(pair: Pair, who: str, at: dt.datetime) -> Ending:
    ending = Ending.objects.create(pair=pair, who=who, tells_at=told_at(pair, at))
    leaver = {Who.MENTOR: pair.mentor, Who.MENTEE: pair.mentee}.get(Who(who))
    if leaver:
        for session in _dates_to_come(pair, at):
            mails.send_leaving(session, to=leaver, at=at)
    return ending


def _dates_to_come(pair: Pair, at: dt.datetime) -> list[Session]:
    sessions = list(pair.sessions.filter(state=Session.State.BOOKED, starts_at__gt=at))
    for session in sessions:
        session.pair = pair
    return sessions


# -- when the hour has come -----------------------------------------------------------------------


def come_true(*, at: dt.datetime | None = None) -> int:
    """End, or hold, every pair whose hour has come; return how many. Twice is the same as once."""
    at = at or timezone.now()
    keys = _due(at).order_by("pk").values_list("pk", flat=True)
    return sum(_come_true(key, at) for key in list(keys))


def _due(at: dt.datetime) -> QuerySet[Pair]:
    date = Session.objects.filter(
        pair=OuterRef("pk"), state=Session.State.BOOKED, starts_at__gt=at,
        starts_at__lte=at + BEFORE_A_DATE,
    )  # fmt: skip
    ends, holds = Ending.objects.filter(pair=OuterRef("pk")), Hold.objects.untold()
    holds = holds.filter(pair=OuterRef("pk"))
    has_come = Exists(ends.filter(tells_at__lte=at)) | Exists(holds.filter(tells_at__lte=at))
    return Pair.objects.filter(Q(has_come) | Q(Exists(date), Exists(ends) | Exists(holds)))


@transaction.atomic
def _come_true(pair_id: int, at: dt.datetime) -> bool:
    pair = Pair(pk=pair_id)
    lock_pair(pair)
    if not _due(at).filter(pk=pair_id).exists():
        return False  # another worker was faster, or it was taken back
    if pair.state == Pair.State.ENDED:
        # by a matching that was published meanwhile, and not undone
        _forget(pair)
        return False
    if {pair.mentor.left_on, pair.mentee.left_on} == {None}:
        # whoever had left is back
        pair.endings.filter(who=Who.DEPARTURE).delete()
    if pair.endings.exists():
        end_locked(pair, by=None, at=at)
        _forget(pair)
        mails.ring_for_end(pair, at=at)
        Afterwards.objects.bulk_create(
            (Afterwards(pair=pair, side=side) for side in Side.values), ignore_conflicts=True
        )
    elif Hold.objects.untold().filter(pair=pair).update(told_at=at):
        give_up_dates(pair, at=at)
        mails.send_hold(pair, at=at, goes_on=False)
    return True


def _forget(pair: Pair) -> None:
    """Let nothing be left of who asked for the end."""
    pair.endings.all().delete()
    mails.forget_leaving(pair)


# -- afterwards -----------------------------------------------------------------------------------


@transaction.atomic
def seek_partner(
    pair: Pair, *, by: Person, seeks: bool = True, at: dt.datetime | None = None
) -> None:
    """Look for another partner after a pair has ended, or no longer; asking twice is once."""
    at = at or timezone.now()
    lock_pair(pair)
    refuse_if(rules.why_not_seek(pair, by=by))
    mine = Afterwards.objects.filter(pair=pair, side=pair.side_of(by))
    if mine.filter(seeks_since__isnull=not seeks).exists():
        return
    mine.update(seeks_since=at if seeks else None)
    event = events.PartnerSought if seeks else events.PartnerNotSought
    announce(event(pair_id=pair.pk, cohort_id=pair.cohort_id), by=by)


# -- the conflict guard ---------------------------------------------------------------------------


@transaction.atomic
def hold_pair(pair: Pair, broken: list[str], *, at: dt.datetime | None = None) -> bool:
    """Pause a pair whose people came into conflict; tell whether that is news."""
    at = at or timezone.now()
    lock_pair(pair)
    if pair.state == Pair.State.ENDED:
        return False
    hold, made = Hold.objects.get_or_create(
        pair=pair,
        defaults={
            "rules": broken, "held_on": timezone.localdate(at), "tells_at": told_at(pair, at),
        },
    )  # fmt: skip
    if not made and hold.rules != broken:
        hold.rules = broken
        hold.save(update_fields=["rules"])
    if made:
        pair.state = Pair.State.PAUSED
        pair.save(update_fields=["state"])
        announce(events.PairHeld(pair_id=pair.pk, cohort_id=pair.cohort_id), by=None)
    return made


@transaction.atomic
def release_pair(pair: Pair, *, at: dt.datetime | None = None) -> bool:
    """Let a pair go on whose people are in conflict no longer; who had not heard of it never will.

    The days it was held do not count: they become a rest that is over.
    """
    at = at or timezone.now()
    lock_pair(pair)
    hold = Hold.objects.filter(pair=pair).first()
    if hold is None or pair.state != Pair.State.PAUSED:
        return False
    pair.state = Pair.State.ACTIVE
    pair.save(update_fields=["state"])
    hold.delete()
    last = timezone.localdate(at) - _DAY
    if hold.told_at and hold.held_on <= last:
        Pause.objects.create(pair=pair, starts_on=hold.held_on, ends_on=last)
        move_due_days(Pair.objects.filter(pk=pair.pk))
    if hold.told_at:
        mails.send_hold(pair, at=at, goes_on=True)
    announce(events.PairReleased(pair_id=pair.pk, cohort_id=pair.cohort_id), by=None)
    return True
