"""Who may pair a cohort, and when."""

from datetime import datetime, timedelta

import rules
from django.utils import timezone
from django.utils.translation import gettext as _

from contraflow.pairing.models import Draft, Publication
from contraflow.pairing.standing import are_a_pair, publishing_job, without_partner
from contraflow.pairs.models import Pair, Session
from contraflow.pairs.rules import is_in_pair, when_in_words
from contraflow.programmes.models import Cohort, Enrolment
from contraflow.programmes.rules import leads_programme, why_not_pass

UNDO_WITHIN = timedelta(hours=1)

rules.add_perm("pairing.view_cohort", leads_programme)
rules.add_perm("pairing.make_draft", leads_programme)
rules.add_perm("pairing.view_draft", leads_programme)
rules.add_perm("pairing.take_report", leads_programme)
rules.add_perm("pairing.decide_pair", leads_programme)
rules.add_perm("pairing.publish_draft", leads_programme)
rules.add_perm("pairing.undo_publication", leads_programme)
rules.add_perm("pairing.clear_conflict", leads_programme & ~is_in_pair)


def last_publication(cohort: Cohort) -> Publication | None:
    """Return the latest publication of the cohort that was not undone."""
    standing = Publication.objects.standing().filter(cohort=cohort)
    return standing.select_related("by", "draft").order_by("pk").last()


def publication_of(draft: Draft) -> Publication | None:
    """Return the publication of a draft that was not undone.

    All first drafts of a cohort share one: where one of them is published, so is the cohort.
    """
    standing = Publication.objects.standing().filter(cohort=draft.cohort_id)
    same = standing.filter(kind=draft.kind) if draft.is_first else standing.filter(draft=draft)
    return same.select_related("by", "draft").first()


def why_not_make_draft(cohort: Cohort, kind: str = Draft.Kind.FIRST) -> str | None:
    """Say why no such draft can be made for the cohort, or None if it can."""
    if kind != Draft.Kind.FIRST:
        return _why_not_change_pairs(cohort)
    if publication := publication_of(Draft(cohort=cohort)):
        return published_by(publication)
    if cohort.state == Cohort.State.DRAFT:
        return _("Nobody is enrolled yet: open the enrolment first.")
    if cohort.state == Cohort.State.CLOSED:
        return _("This cohort is closed.")
    if cohort.state == Cohort.State.RUNNING:
        return _("This cohort is running already.")
    return None


def _why_not_change_pairs(cohort: Cohort) -> str | None:
    if cohort.state == Cohort.State.CLOSED:
        return _("This cohort is closed.")
    if cohort.state != Cohort.State.RUNNING:
        return _("Partners are found for one or the other once the cohort runs.")
    return None


def why_not_look_for_partners(cohort: Cohort) -> str | None:
    """Say why nobody of the cohort needs a partner to be found, or None if somebody does."""
    if reason := why_not_make_draft(cohort, Draft.Kind.REPAIR):
        return reason
    return None if without_partner(cohort).exists() else _("Everybody has a partner.")


def why_not_decide(draft: Draft) -> str | None:
    """Say why nothing can be changed in a draft, or None if it can."""
    if reason := _why_not_change(draft):
        return reason
    if publishing_job(draft.cohort):
        return _("The pairs are being published or taken back; nothing changes meanwhile.")
    return None


def _why_not_change(draft: Draft) -> str | None:
    if draft.state == Draft.State.SOLVING:
        if draft.job is None or draft.job.is_over:
            return _("This draft could not be solved. Match again.")
        return _("The draft is being solved; it can be changed in a moment.")
    if not draft.is_first and (publication := publication_of(draft)):
        return published_by(publication)
    return why_not_make_draft(draft.cohort, draft.kind)


def why_not_decide_about(draft: Draft, mentor: Enrolment, mentee: Enrolment) -> str | None:
    """Say why these two cannot be kept together or apart in a draft, or None if they can."""
    if draft.kind == Draft.Kind.REPAIR and are_a_pair(draft.cohort, mentor, mentee):
        return _("The two are a pair, and this draft leaves every pair as it is.")
    return None


def why_not_publish(draft: Draft) -> str | None:
    """Say why a draft cannot be published now, or None if it can.

    That it is being published already is no reason: pressing twice publishes once.
    """
    if reason := _why_not_change(draft):
        return reason
    if draft.is_first and draft.cohort.state != Cohort.State.PAIRING:
        return _("Enrolment is open again, so profiles may have changed: match again first.")
    if not draft.result.get("pairs" if draft.is_first else "new"):
        return _("This draft holds no pair that could be published.")
    return why_not_pass(draft.cohort, "start_running") if draft.is_first else None


def why_not_price(draft: Draft) -> str | None:
    """Say why no options can be priced for a draft, or None if they can."""
    if reason := why_not_decide(draft):
        return reason
    if not draft.is_first:
        return _("Options are for the first pairs of a cohort: later ones stay as they are.")
    if not draft.result.get("pairs"):
        return _("This draft holds no pair, so there is nothing to compare.")
    return None


def why_not_stop(draft: Draft) -> str | None:
    """Say why nothing can be stopped in a draft, or None if something runs."""
    running = [job for job in (draft.job, draft.pricing_job) if job and not job.is_over]
    return None if running else _("Nothing is being computed for this draft any more.")


def why_not_report(draft: Draft) -> str | None:
    """Say why a draft has no report, or None if it has one."""
    if not draft.version or draft.state == Draft.State.SOLVING:
        return _("This draft is not solved, so there is nothing to report.")
    return None


def why_not_clear(pair: Pair, *, by) -> str | None:
    """Say why this person cannot have a paused pair looked at again, or None if they can."""
    if not by.has_perm("pairing.clear_conflict", pair):
        return _("Another lead looks after a pair that you are in yourself.")
    return None if pair.state == Pair.State.PAUSED else _("This pair is not paused.")


def why_not_undo(publication: Publication, *, at: datetime | None = None) -> str | None:
    """Say why a publication cannot be undone at this moment, or None if it can."""
    if publication.undone_at:
        return _("This publication was undone already.")
    if (at or timezone.now()) > undo_until(publication):
        return _("A publication can be undone within an hour. Pairs can still be ended one by one.")
    later = Publication.objects.standing().filter(cohort=publication.cohort_id)
    if last := later.filter(pk__gt=publication.pk).order_by("pk").last():
        return _("%(said)s Undo that first.") % {"said": published_by(last)}
    met = Session.objects.filter(pair__cohort=publication.cohort_id, state=Session.State.HELD)
    if publication.kind != Draft.Kind.FIRST:
        met = met.filter(pair__code__in=publication.started)
    if met.exists():
        return _("A pair has met already. Pairs can still be ended one by one.")
    return None


def undo_until(publication: Publication) -> datetime:
    """Return the moment up to which a publication can be undone."""
    return publication.published_at + UNDO_WITHIN


def published_by(publication: Publication) -> str:
    """Say who published which draft, and when."""
    words = {
        "draft": publication.draft.number,
        "name": publication.by or _("somebody who has left"),
        "moment": when_in_words(publication.published_at),
    }
    return _("Draft %(draft)s was published by %(name)s on %(moment)s.") % words
