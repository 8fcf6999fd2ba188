"""Bring people into a cohort and let them go: invitations, applications, lots, the bench.

Every action locks the cohort first, so that two who press at once cannot both take the last
place. Pressing twice is harmless: what was done already is not done again.
"""

import datetime as dt
import secrets
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from contraflow.core.errors import Refusal
from contraflow.core.events import announce
from contraflow.people.models import Person
from contraflow.programmes import mails
from contraflow.programmes.events import (
    InvitationAccepted,
    InvitationDeclined,
    InvitationSentAgain,
    LotsDrawn,
    PeopleInvited,
    PersonAdmitted,
    PersonApplied,
    PersonMovedToBench,
    PersonMovedToWaitingList,
    PersonWithdrew,
    PlaceOffered,
)
from contraflow.programmes.lottery import draw_order
from contraflow.programmes.models import (
    Cohort,
    Enrolment,
    LotteryDraw,
    PrivateProfile,
    Profile,
)
from contraflow.programmes.rules import (
    places_left,
    why_not_admit,
    why_not_answer,
    why_not_apply,
    why_not_bench,
    why_not_draw,
    why_not_invite,
    why_not_wait,
    why_not_withdraw,
)

_S = Enrolment.State


def _locked(cohort: Cohort) -> Cohort:
    return (
        Cohort.objects.select_for_update(of=("self",)).select_related("programme").get(pk=cohort.pk)
    )


def _fresh(enrolment: Enrolment) -> Enrolment:
    """Lock the cohort, then bring the caller's enrolment up to date."""
    cohort = _locked(enrolment.cohort)
    enrolment.refresh_from_db(fields=["state", "side", "waiting_place"])
    enrolment.cohort = cohort
    return enrolment


def _facts(enrolment: Enrolment) -> dict[str, int]:
    return {
        "enrolment_id": enrolment.pk,
        "cohort_id": enrolment.cohort_id,
        "person_id": enrolment.person_id,
    }


# -- by invitation -----------------------------------------------------------------------------


@transaction.atomic
def invite(
    cohort: Cohort,
    people: Iterable[Person],
    side: str,
    *,
    by: Person,
    at: dt.datetime | None = None,
) -> list[Enrolment]:
    """Ask people to take part; nobody takes part before they said yes.

    Whoever has left the organisation, is in this cohort already or said no to it is passed
    over. Returns the new enrolments. For hundreds of people start the job
    `programmes.invite_people` instead.
    """
    cohort = _locked(cohort)
    if reason := why_not_invite(cohort):
        raise Refusal(reason)
    now = at or timezone.now()
    known = set(cohort.enrolments.values_list("person_id", flat=True))
    wanted = {each.pk: each for each in people if each.is_active and each.pk not in known}
    asked = Enrolment.objects.bulk_create(
        Enrolment(cohort=cohort, person=person, side=side, state=_S.INVITED, invited_at=now)
        for person in wanted.values()
    )
    if not asked:
        return []
    for enrolment in asked:
        mails.send_invitation(enrolment)
    announce(PeopleInvited(cohort_id=cohort.pk, enrolment_ids=[each.pk for each in asked]), by=by)
    return asked


@transaction.atomic
def send_invitation_again(
    enrolment: Enrolment, *, by: Person, at: dt.datetime | None = None
) -> None:
    """Mail an invitation once more."""
    enrolment = _fresh(enrolment)
    if reason := why_not_answer(enrolment):
        raise Refusal(reason)
    enrolment.invited_at = at or timezone.now()
    enrolment.save(update_fields=["invited_at"])
    mails.send_invitation(enrolment)
    announce(InvitationSentAgain(**_facts(enrolment)), by=by)


@transaction.atomic
def accept_invitation(
    enrolment: Enrolment, *, by: Person, at: dt.datetime | None = None
) -> Enrolment:
    """Say yes: the person is enrolled, or waits where every place is taken meanwhile."""
    enrolment = _fresh(enrolment)
    if enrolment.state in {_S.ENROLLED, _S.WAITING}:
        return enrolment
    if reason := why_not_answer(enrolment):
        raise Refusal(reason)
    now = at or timezone.now()
    # whoever was offered a place from the waiting list holds it already
    has_place = enrolment.waiting_place or places_left(enrolment.cohort, enrolment.side) != 0
    enrolment.answered_at = now
    if has_place:
        _enrol(enrolment, now)
    else:
        _wait(enrolment)
    announce(InvitationAccepted(**_facts(enrolment)), by=by)
    return enrolment


@transaction.atomic
def decline_invitation(
    enrolment: Enrolment, *, by: Person, at: dt.datetime | None = None
) -> Enrolment:
    """Say no; an offered place goes to the next of the waiting list."""
    enrolment = _fresh(enrolment)
    if enrolment.state == _S.DECLINED:
        return enrolment
    if reason := why_not_answer(enrolment):
        raise Refusal(reason)
    _leave(enrolment, _S.DECLINED, at or timezone.now())
    announce(InvitationDeclined(**_facts(enrolment)), by=by)
    offer_free_places(enrolment.cohort, by=None, at=at)
    return enrolment


def _enrol(enrolment: Enrolment, now: dt.datetime) -> None:
    enrolment.state, enrolment.enrolled_at, enrolment.waiting_place = _S.ENROLLED, now, None
    enrolment.save()
    Profile.objects.get_or_create(enrolment=enrolment, defaults={"saved_at": now})


def _wait(enrolment: Enrolment, place: int | None = None) -> None:
    enrolment.state = _S.WAITING
    enrolment.waiting_place = place or _last_place(enrolment.cohort, enrolment.side) + 1
    enrolment.save()


def _last_place(cohort: Cohort, side: str) -> int:
    found = cohort.enrolments.on_side(side).aggregate(last=Max("waiting_place"))
    return found["last"] or 0


def _leave(enrolment: Enrolment, state: str, now: dt.datetime) -> None:
    enrolment.state, enrolment.answered_at, enrolment.waiting_place = state, now, None
    enrolment.save()
    # whoever does not take part leaves no wishes, vetoes or answers behind
    PrivateProfile.objects.filter(enrolment=enrolment).delete()


def offer_free_places(cohort: Cohort, *, by: Person | None, at: dt.datetime | None = None) -> None:
    """Offer every free place to the next of the waiting list, while the cohort takes people."""
    with transaction.atomic():
        cohort = _locked(cohort)
        if why_not_invite(cohort):
            return
        for side in ("mentor", "mentee"):
            left = places_left(cohort, side)
            waiting = cohort.enrolments.on_side(side).filter(state=_S.WAITING)
            for enrolment in waiting.order_by("waiting_place", "pk")[:left]:
                enrolment.state, enrolment.invited_at = _S.INVITED, at or timezone.now()
                enrolment.cohort = cohort
                enrolment.save(update_fields=["state", "invited_at"])
                mails.send_offer(enrolment)
                announce(PlaceOffered(**_facts(enrolment)), by=by)


# -- by application ----------------------------------------------------------------------------


@transaction.atomic
def apply_to(cohort: Cohort, side: str, *, by: Person, at: dt.datetime | None = None) -> Enrolment:
    """Ask to take part; whoever declined or withdrew may change their mind."""
    cohort = _locked(cohort)
    mine = cohort.enrolments.filter(person=by).first()
    if mine and mine.state == _S.APPLIED and mine.side == side:
        return mine
    if reason := why_not_apply(cohort, by, side):
        raise Refusal(reason)
    enrolment = mine or Enrolment(cohort=cohort, person=by)
    enrolment.side, enrolment.state = side, _S.APPLIED
    enrolment.waiting_place, enrolment.answered_at = None, at or timezone.now()
    enrolment.save()
    announce(PersonApplied(**_facts(enrolment)), by=by)
    return enrolment


@transaction.atomic
def admit(enrolment: Enrolment, *, by: Person, at: dt.datetime | None = None) -> Enrolment:
    """Give a place to somebody who applied, waits or stands ready."""
    enrolment = _fresh(enrolment)
    if enrolment.state == _S.ENROLLED:
        return enrolment
    if reason := why_not_admit(enrolment):
        raise Refusal(reason)
    _enrol(enrolment, at or timezone.now())
    mails.send_place(enrolment)
    announce(PersonAdmitted(**_facts(enrolment)), by=by)
    return enrolment


@transaction.atomic
def admit_all(
    cohort: Cohort, side: str, *, by: Person, at: dt.datetime | None = None
) -> list[Enrolment]:
    """Give a place to everybody of a side who applied, as long as there are places."""
    applied = _locked(cohort).enrolments.on_side(side).filter(state=_S.APPLIED)
    return [admit(each, by=by, at=at) for each in applied.select_related("cohort", "person")]


@transaction.atomic
def draw_lots(
    cohort: Cohort, side: str, *, by: Person, seed: str = "", at: dt.datetime | None = None
) -> LotteryDraw:
    """Draw lots among those who applied on a side, and keep the log of it.

    The first drawn get the places that are left; the others wait in the order drawn.
    Without a seed one is made by chance. Anybody can draw again: see `lottery.draw_order`.
    """
    cohort = _locked(cohort)
    if reason := why_not_draw(cohort, side):
        raise Refusal(reason)
    now = at or timezone.now()
    seed = seed.strip() or secrets.token_hex(16)
    applied = cohort.enrolments.on_side(side).filter(state=_S.APPLIED).select_related("person")
    by_code = {each.code: each for each in applied}
    order = draw_order(seed, by_code)
    places, last = places_left(cohort, side), _last_place(cohort, side)
    for rank, code in enumerate(order, start=1):
        enrolment = by_code[code]
        enrolment.cohort = cohort
        if rank <= places:
            _enrol(enrolment, now)
            mails.send_place(enrolment)
            announce(PersonAdmitted(**_facts(enrolment)), by=by)
        else:
            _wait(enrolment, last + rank - places)
            mails.send_waiting(enrolment)
    draw = LotteryDraw.objects.create(
        cohort=cohort, side=side, seed=seed, places=places, by=by, drawn_at=now,
        log=[
            {"enrolment": code, "rank": rank, "placed": rank <= places}
            for rank, code in enumerate(order, start=1)
        ],
    )  # fmt: skip
    announce(LotsDrawn(cohort_id=cohort.pk, draw_id=draw.pk), by=by)
    return draw


# -- bench and leaving -------------------------------------------------------------------------


@transaction.atomic
def move_to_bench(enrolment: Enrolment, *, by: Person, at: dt.datetime | None = None) -> Enrolment:
    """Let somebody stand ready for a pair that needs a new partner."""
    enrolment = _fresh(enrolment)
    if enrolment.state == _S.BENCH:
        return enrolment
    if reason := why_not_bench(enrolment):
        raise Refusal(reason)
    enrolment.state, enrolment.waiting_place = _S.BENCH, None
    enrolment.save(update_fields=["state", "waiting_place"])
    Profile.objects.get_or_create(enrolment=enrolment, defaults={"saved_at": at or timezone.now()})
    announce(PersonMovedToBench(**_facts(enrolment)), by=by)
    offer_free_places(enrolment.cohort, by=None, at=at)
    return enrolment


@transaction.atomic
def move_to_waiting_list(
    enrolment: Enrolment, *, by: Person, place: int | None = None, at: dt.datetime | None = None
) -> Enrolment:
    """Let somebody without a partner wait for one, at the end of the list or where they stood."""
    enrolment = _fresh(enrolment)
    if enrolment.state == _S.WAITING:
        return enrolment
    if reason := why_not_wait(enrolment):
        raise Refusal(reason)
    _wait(enrolment, place)
    announce(PersonMovedToWaitingList(**_facts(enrolment)), by=by)
    return enrolment


@transaction.atomic
def withdraw(enrolment: Enrolment, *, by: Person, at: dt.datetime | None = None) -> Enrolment:
    """Let somebody stop taking part, at any time and without a reason."""
    enrolment = _fresh(enrolment)
    if enrolment.state == _S.WITHDRAWN:
        return enrolment
    if reason := why_not_withdraw(enrolment):
        raise Refusal(reason)
    _leave(enrolment, _S.WITHDRAWN, at or timezone.now())
    announce(PersonWithdrew(**_facts(enrolment)), by=by)
    offer_free_places(enrolment.cohort, by=None, at=at)
    return enrolment
