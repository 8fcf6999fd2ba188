"""What a lead does for a pair: write, talk, put aside, hand over; and what is computed for all.

The row of the pair is the lock of its place and steps. `code` is made with the form: whoever
presses twice, or in two windows with the same form, does a thing once.
"""

import datetime as dt
import hashlib
import hmac
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils import timezone

from contraflow.core.codes import make_code
from contraflow.core.errors import refuse_if
from contraflow.core.events import announce
from contraflow.core.mail import take_mail_back
from contraflow.core.sealing import secret_of
from contraflow.desk import events, mails, rules
from contraflow.desk.models import (
    CoverDraw,
    CoverTalk,
    DeskPlace,
    PairHealth,
    Step,
    StepWords,
)
from contraflow.desk.queries import pairs_without_lead
from contraflow.desk.texts import Text
from contraflow.pairs.health import read_facts, score
from contraflow.pairs.models import Pair
from contraflow.people.models import Person
from contraflow.programmes.models import Cohort

Kind = Step.Kind
# so many pairs are drawn by lot each fortnight (content/health.yaml, cover_contact)
DRAWN = 2
FORTNIGHT = dt.timedelta(days=14)
BATCH = 2000


def _lock(pair: Pair) -> Pair:
    locked = Pair.objects.select_for_update(of=("self",), no_key=True)
    return locked.select_related("mentor", "mentee", "cohort__programme").get(pk=pair.pk)


def _same_press(pair: Pair, code: str) -> Step | None:
    """Return the step that this form already took."""
    step = Step.objects.filter(code=code).first()
    if step and step.pair_id != pair.pk:
        refuse_if(rules.why_not_reuse())
    return step


def _take(pair: Pair, kind: str, *, by: Person, at: dt.datetime, **fields: Any) -> Step:
    step = Step.objects.create(pair=pair, kind=kind, by=by, at=at, **fields)
    announce(events.StepTaken(step_id=step.pk, pair_id=pair.pk, kind=str(kind)), by=by)
    return step


# -- for one pair ---------------------------------------------------------------------------------


@transaction.atomic
def write_to_both(
    pair: Pair, kind: str, *, by: Person, text: Text, code: str = "", again: bool = False,
    at: dt.datetime | None = None,
) -> Step:  # fmt: skip
    """Write one mail to each of the two; it leaves after two minutes, until when it can be undone.

    `again` says that the lead knows of another mail within the quiet days.
    """
    at, code = at or timezone.now(), code or make_code()
    pair = _lock(pair)
    if step := _same_press(pair, code):
        return step
    refuse_if(rules.why_not_write(pair, kind, by=by, again=again, at=at))
    step = _take(pair, kind, by=by, at=at, code=code, leaves_at=at + rules.UNDO_WITHIN)
    StepWords.objects.create(step=step, subject=text.subject, text=text.body)
    mails.send_step(step, text, by=by)
    _bring_back(pair)
    return step


@transaction.atomic
def undo_step(step: Step, *, by: Person, at: dt.datetime | None = None) -> Step:
    """Take a mail out of the outbox before it leaves, for both or for nobody."""
    at = at or timezone.now()
    pair = _lock(step.pair)
    step.refresh_from_db()
    step.pair = pair
    refuse_if(rules.why_not_undo(step, by=by, at=at))
    for person in (pair.mentor, pair.mentee):
        if not take_mail_back(mails.once(step, person), not_before=step.leaves_at):
            # the first one is put back by the refusal
            refuse_if(rules.why_not_undo(step, by=by, at=step.leaves_at))
    step.undone_at = at
    step.save(update_fields=["undone_at"])
    announce(events.StepUndone(step_id=step.pk, pair_id=pair.pk), by=by)
    return step


@transaction.atomic
def note_talk(pair: Pair, *, by: Person, code: str = "", at: dt.datetime | None = None) -> Step:
    """Note that a lead talked with the two; talks that are due with this pair are done."""
    at, code = at or timezone.now(), code or make_code()
    pair = _lock(pair)
    if step := _same_press(pair, code):
        return step
    refuse_if(rules.why_not_talk(pair, by=by))
    pair.cover_talks.filter(done_at=None, due_on__lte=timezone.localdate(at)).update(done_at=at)
    _bring_back(pair)
    return _take(pair, Kind.TALKED, by=by, at=at, code=code)


@transaction.atomic
def put_aside(
    pair: Pair, *, by: Person, until: dt.date, note: str = "", at: dt.datetime | None = None
) -> Step:
    """Take a pair off the desk until a day, with a note for oneself."""
    at = at or timezone.now()
    pair = _lock(pair)
    refuse_if(rules.why_not_put_aside(pair, by=by, until=until, at=at))
    DeskPlace.objects.update_or_create(pair=pair, defaults={"aside_until": until})
    step = _take(pair, Kind.ASIDE, by=by, at=at, until=until)
    if note.strip():
        StepWords.objects.create(step=step, text=note.strip())
    return step


@transaction.atomic
def take_up_again(pair: Pair, *, by: Person, at: dt.datetime | None = None) -> None:
    """Put a pair back on the desk before its day; nothing happens where it lies there."""
    pair = _lock(pair)
    refuse_if(rules.why_not_talk(pair, by=by))
    if _bring_back(pair):
        _take(pair, Kind.TAKEN_UP, by=by, at=at or timezone.now())


def _bring_back(pair: Pair) -> int:
    return DeskPlace.objects.filter(pair=pair, aside_until__isnull=False).update(aside_until=None)


@transaction.atomic
def hand_over(pair: Pair, *, by: Person, to: Person, at: dt.datetime | None = None) -> None:
    """Let another lead of the programme look after a pair; once is enough."""
    at = at or timezone.now()
    pair = _lock(pair)
    refuse_if(rules.why_not_hand_over(pair, by=by, to=to))
    place, _made = DeskPlace.objects.get_or_create(pair=pair)
    if place.holder_id == to.pk:
        return
    place.holder = to
    place.save(update_fields=["holder"])
    mails.send_hand_over(_take(pair, Kind.HANDED_OVER, by=by, at=at, to=to))


# -- for all pairs --------------------------------------------------------------------------------


def recompute(
    pairs=None, *, at: dt.datetime | None = None, give_way: Callable[[], None] = lambda: None
) -> int:
    """Compute the health of all pairs that meet, or of these; return how many have changed.

    Eight queries read, whatever the number of pairs; only what has changed is written. A score
    depends on nothing but the facts, so who computes it when, and how often, changes nothing.
    """
    at = at or timezone.now()
    on = timezone.localdate(at, timezone.get_default_timezone())
    living = (Pair.objects.all() if pairs is None else pairs).active()
    stored = {
        row["pair_id"]: row
        for row in PairHealth.objects.filter(pair__in=living.order_by().values("pk")).values()
    }
    changed = []
    for pair_id, facts in read_facts(living, until=at).items():
        health, before = score(facts, on=on), stored.get(pair_id)
        if before and (before["points"], before["signals"]) == (health.points, health.signals):
            continue
        stays = before and before["band"] == health.band
        changed.append(
            PairHealth(
                pair_id=pair_id, points=health.points, band=health.band, signals=health.signals,
                band_since=before["band_since"] if stays else on, computed_at=at,
            )
        )  # fmt: skip
    for start in range(0, len(changed), BATCH):
        PairHealth.objects.bulk_create(
            changed[start : start + BATCH],
            update_conflicts=True,
            unique_fields=["pair"],
            update_fields=["points", "band", "signals", "band_since", "computed_at"],
        )
        # others write between two batches: SQLite has one writer
        give_way()
    if pairs is None:
        PairHealth.objects.filter(pair__state=Pair.State.ENDED).delete()
    return len(changed)


def plan_cover_talks(*, at: dt.datetime | None = None) -> None:
    """Have the lead talk with every pair twice and with two drawn by lot each fortnight.

    So a call never reveals anything: everybody gets some, and nobody's answers decide which.
    """
    on = timezone.localdate(at, timezone.get_default_timezone())
    for cohort in Cohort.objects.filter(state=Cohort.State.RUNNING, starts_on__lte=on):
        if cohort.ends_on < on:
            continue
        _plan_with_every_pair(cohort, on)
        _draw(cohort, on)


def _plan_with_every_pair(cohort: Cohort, on: dt.date) -> None:
    """Spread the talks over a week, in an order that has nothing to do with the pairs."""
    week_4, half = dt.timedelta(weeks=3), dt.timedelta(days=cohort.length_weeks * 7 // 2)
    talks = []
    for pair_id, started_on in cohort.pairs.active().values_list("pk", "started_on"):
        spread = dt.timedelta(days=pair_id % 7)
        for reason, day in (
            (CoverTalk.Reason.WEEK_4, started_on + week_4 + spread),
            (CoverTalk.Reason.MID_WAY, max(started_on, cohort.starts_on + half) + spread),
        ):
            # a pair that is past its day when this begins is not called about the past
            if on - FORTNIGHT <= day <= on:
                talks.append(CoverTalk(pair_id=pair_id, reason=reason, due_on=day))
    CoverTalk.objects.bulk_create(talks, batch_size=BATCH, ignore_conflicts=True)


def _draw(cohort: Cohort, on: dt.date) -> None:
    fortnight = (on - cohort.starts_on) // FORTNIGHT
    day = cohort.starts_on + fortnight * FORTNIGHT
    if not fortnight or CoverDraw.objects.filter(cohort=cohort, drawn_on=day).exists():
        return
    with transaction.atomic():
        Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)
        pairs = dict(cohort.pairs.active().values_list("code", "pk"))
        drawn = lots(f"cohort:{cohort.pk}", day, pairs)[:DRAWN]
        draw, made = CoverDraw.objects.get_or_create(
            cohort=cohort, drawn_on=day, defaults={"pairs": drawn, "out_of": len(pairs)}
        )
        if made:
            CoverTalk.objects.bulk_create(
                CoverTalk(pair_id=pairs[code], reason=CoverTalk.Reason.DRAWN, due_on=day)
                for code in drawn
            )
            announce(events.PairsDrawn(draw_id=draw.pk, cohort_id=cohort.pk), by=None)


def lots(owner: str, day: dt.date, codes) -> list[str]:
    """Return codes in the order of their lots of a day, which no copy of the database foretells."""
    secret = secret_of(owner)
    lot = {code: hmac.digest(secret, f"{day}/{code}".encode(), hashlib.sha256) for code in codes}
    return sorted(codes, key=lot.__getitem__)


def tell_sponsors() -> None:
    """Tell the sponsor, once, of a pair that no lead can look after: they are all in it."""
    for pair in pairs_without_lead():
        mails.send_no_lead(pair)
