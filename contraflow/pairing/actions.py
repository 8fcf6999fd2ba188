"""What a lead does with drafts: ask for one, decide about pairs, publish, take back."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from contraflow.core.errors import Refusal
from contraflow.core.events import announce
from contraflow.core.jobs import cancel_job, start_job
from contraflow.core.models import Job
from contraflow.pairing.draft_settings import default_settings
from contraflow.pairing.events import DraftMade, ReportTaken
from contraflow.pairing.models import Draft, Publication, Wanted
from contraflow.pairing.rules import (
    last_publication,
    publication_of,
    why_not_decide,
    why_not_decide_about,
    why_not_look_for_partners,
    why_not_make_draft,
    why_not_price,
    why_not_publish,
    why_not_report,
    why_not_stop,
    why_not_undo,
)
from contraflow.pairing.standing import are_a_pair, living_pairs
from contraflow.pairs.models import Pair
from contraflow.people.models import Person
from contraflow.programmes.actions import start_pairing
from contraflow.programmes.models import Cohort, Enrolment


@transaction.atomic
def make_draft(
    cohort: Cohort,
    *,
    by: Person,
    kind: str = Draft.Kind.FIRST,
    inertia: int = 0,
    settings: dict[str, Any] | None = None,
    based_on: Draft | None = None,
    keep_apart: bool = True,
    at: dt.datetime | None = None,
) -> Draft:
    """Ask for a draft; it is solved in the background.

    The first one ends the enrolment, so that profiles stay as they are paired. A draft based on
    another one takes over its settings, where none are given, and what the lead decided there:
    pairs kept together only from an unpublished draft of its kind, since the others are past;
    pairs kept apart not without `keep_apart`.
    """
    cohort = Cohort.objects.select_for_update(of=("self",)).get(pk=cohort.pk)
    if reason := why_not_make_draft(cohort, kind):
        raise Refusal(reason)
    if cohort.state == Cohort.State.ENROLLING:
        start_pairing(cohort, by=by, at=at)
    last = cohort.drafts.aggregate(last=Max("number"))["last"] or 0
    before = based_on.settings if based_on else default_settings()
    draft = Draft.objects.create(
        cohort=cohort, number=last + 1, kind=kind, inertia=inertia,
        settings=settings or before, based_on=based_on, by=by, made_at=at or timezone.now(),
    )  # fmt: skip
    if based_on:
        decided = based_on.wanted.order_by("pk")
        if based_on.kind != kind or publication_of(based_on):
            decided = decided.filter(kind=Wanted.Kind.FORBID)
        if not keep_apart:
            decided = decided.exclude(kind=Wanted.Kind.FORBID)
        Wanted.objects.bulk_create(
            Wanted(draft=draft, mentor_id=mentor, mentee_id=mentee, kind=kind)
            for mentor, mentee, kind in decided.values_list("mentor_id", "mentee_id", "kind")
        )
    announce(DraftMade(draft_id=draft.pk, cohort_id=cohort.pk), by=by)
    _solve(draft, by=by)
    return draft


def find_partners(cohort: Cohort, *, by: Person, at: dt.datetime | None = None) -> Draft:
    """Ask for partners for those of a running cohort who have none; all pairs stay as they are."""
    if reason := why_not_look_for_partners(cohort):
        raise Refusal(reason)
    last = last_publication(cohort)
    before = last.draft if last else None
    return make_draft(cohort, by=by, kind=Draft.Kind.REPAIR, based_on=before, at=at)


def rematch(draft: Draft, *, by: Person, inertia: int, at: dt.datetime | None = None) -> Draft:
    """Ask for a pairing of a running cohort anew, in which each pair that stays is worth more."""
    kind = Draft.Kind.REMATCH
    return make_draft(draft.cohort, by=by, kind=kind, inertia=inertia, based_on=draft, at=at)


def lock_pair(draft: Draft, mentor: Enrolment, mentee: Enrolment, *, by: Person) -> Draft:
    """Keep two people together, whatever changes around them."""
    return _decide(draft, mentor, mentee, Wanted.Kind.LOCK, by=by)


def forbid_pair(draft: Draft, mentor: Enrolment, mentee: Enrolment, *, by: Person) -> Draft:
    """Keep two people apart."""
    return _decide(draft, mentor, mentee, Wanted.Kind.FORBID, by=by)


def free_pair(draft: Draft, mentor: Enrolment, mentee: Enrolment, *, by: Person) -> Draft:
    """Take back what was decided about two people."""
    return _decide(draft, mentor, mentee, None, by=by)


@transaction.atomic
def keep_pairs(draft: Draft, pairs: Iterable[Pair], *, by: Person) -> Draft:
    """Keep pairs of a running cohort that a re-match would end, and solve it anew around them."""
    draft = _locked(draft)
    would_end = {each["pair"] for each in draft.result.get("ends", []) if each["why"] != "left"}
    kept = [pair for pair in pairs if pair.pk in would_end]
    if not kept:
        raise Refusal(_("Tick at least one pair that shall stay as it is."))
    people = [person for pair in kept for person in (pair.mentor_id, pair.mentee_id)]
    found = draft.cohort.enrolments.filter(person__in=people).select_related("profile")
    enrolments = {each.person_id: each for each in found}
    for pair in kept:
        both = {"mentor": enrolments[pair.mentor_id], "mentee": enrolments[pair.mentee_id]}
        _give_way(draft, **both)
        draft.wanted.update_or_create(**both, defaults={"kind": Wanted.Kind.LOCK})
    draft.state = Draft.State.SOLVING
    _solve(draft, by=by)
    return draft


def _locked(draft: Draft) -> Draft:
    """Hold a draft that something is to be decided in, as it stands now."""
    draft = Draft.objects.select_for_update(of=("self",)).select_related("cohort").get(pk=draft.pk)
    if reason := why_not_decide(draft):
        raise Refusal(reason)
    return draft


@transaction.atomic
def _decide(
    draft: Draft, mentor: Enrolment, mentee: Enrolment, kind: str | None, *, by: Person
) -> Draft:
    """Write down a decision and have the draft solved anew if it does not hold already."""
    draft = _locked(draft)
    if reason := why_not_decide_about(draft, mentor, mentee):
        raise Refusal(reason)
    before = draft.wanted.filter(mentor=mentor, mentee=mentee).first()
    if (before.kind if before else None) == kind:
        return draft
    proposal = draft.proposals.filter(mentor=mentor, mentee=mentee).first()
    if kind == Wanted.Kind.LOCK and not proposal:
        if not are_a_pair(draft.cohort, mentor, mentee):
            _refuse_impossible(draft, mentor, mentee)
        _give_way(draft, mentor, mentee)
    if before:
        before.delete()
    if kind:
        Wanted.objects.create(draft=draft, mentor=mentor, mentee=mentee, kind=kind)
    if proposal and kind == Wanted.Kind.LOCK:
        # they are paired already: keeping them together changes nobody
        proposal.locked = True
        proposal.save(update_fields=["locked"])
        return draft
    draft.state = Draft.State.SOLVING
    _solve(draft, by=by)
    return draft


def _refuse_impossible(draft: Draft, mentor: Enrolment, mentee: Enrolment) -> None:
    from contraflow.pairing import solving  # noqa: PLC0415 -- the engine takes a while to load

    if not solving.is_possible(draft, mentor.pk, mentee.pk):
        words = {"mentor": mentor.person.name, "leader": mentee.person.name}
        raise Refusal(_("%(mentor)s with %(leader)s is not possible.") % words)


def _give_way(draft: Draft, mentor: Enrolment, mentee: Enrolment) -> None:
    """Give up the oldest locks of two people who would otherwise have no place left."""
    locks = draft.wanted.filter(kind=Wanted.Kind.LOCK).order_by("pk")
    for taken, enrolment in (
        (locks.filter(mentor=mentor).exclude(mentee=mentee), mentor),
        (locks.filter(mentee=mentee).exclude(mentor=mentor), mentee),
    ):
        places = enrolment.profile.capacity
        if draft.kind == Draft.Kind.REPAIR:
            places -= living_pairs().filter(cohort=draft.cohort).of(enrolment.person).count()
        for lock in list(taken)[: max(0, taken.count() + 1 - places)]:
            lock.delete()


def _solve(draft: Draft, *, by: Person) -> None:
    job = start_job("pairing.solve_draft", by=by, only_one=f"draft {draft.code}", draft_id=draft.pk)
    draft.job_code = job.code
    draft.save(update_fields=["state", "job_code"])


@transaction.atomic
def price_options(draft: Draft, *, by: Person | None) -> Draft:
    """Have other aims priced for a draft in the background, once for each time it was solved."""
    draft = Draft.objects.select_for_update(of=("self",)).select_related("cohort").get(pk=draft.pk)
    if reason := why_not_price(draft):
        raise Refusal(reason)
    if "rows" in draft.result.get("options", {}):
        return draft
    job = start_job(
        "pairing.price_options", by=by, only_one=f"draft {draft.code} {draft.version}",
        draft_id=draft.pk, version=draft.version,
    )  # fmt: skip
    draft.result["options"] = {"job": job.code}
    draft.save(update_fields=["result"])
    return draft


def stop_work(draft: Draft) -> None:
    """Stop what is being computed for a draft; the proposals it has stay."""
    if reason := why_not_stop(draft):
        raise Refusal(reason)
    for job in (draft.job, draft.pricing_job):
        if job:
            cancel_job(job)


def take_report(draft: Draft, *, by: Person, kind: str) -> None:
    """Let somebody take a draft out of the house, and remember that they did."""
    if reason := why_not_report(draft):
        raise Refusal(reason)
    announce(ReportTaken(draft_id=draft.pk, cohort_id=draft.cohort_id, kind=kind), by=by)


def publish_draft(draft: Draft, *, by: Person, at: dt.datetime | None = None) -> Job:
    """Publish a draft in the background: once, however often and by however many it is pressed."""
    if reason := why_not_publish(draft):
        raise Refusal(reason)
    job = start_job(
        "pairing.publish_draft", by=by, only_one=f"cohort {draft.cohort_id}", draft_id=draft.pk,
        version=draft.version, by_id=by.pk, at=at and at.isoformat(),
    )  # fmt: skip
    if job.args["draft_id"] != draft.pk:
        raise Refusal(_("Another draft of this cohort is being published right now."))
    return job


def undo_publication(publication: Publication, *, by: Person, at: dt.datetime | None = None) -> Job:
    """Take a publication back in the background, within the hour."""
    at = at or timezone.now()
    if reason := why_not_undo(publication, at=at):
        raise Refusal(reason)
    return start_job(
        "pairing.undo_publication", by=by, only_one=f"cohort {publication.cohort_id}",
        publication_id=publication.pk, by_id=by.pk, at=at.isoformat(),
    )  # fmt: skip
