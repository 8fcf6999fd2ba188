"""How a draft becomes real, and how that is taken back; each in the transaction of its job."""

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contraflow.core.errors import Refusal
from contraflow.core.events import announce
from contraflow.core.figures import figure
from contraflow.core.mail import no_mail, queue_mails
from contraflow.pairing import mails
from contraflow.pairing.events import PairingPublished, PublicationUndone
from contraflow.pairing.models import Draft, Publication
from contraflow.pairing.rules import why_not_publish, why_not_undo
from contraflow.pairs.actions import Couple, end_pair, start_pairs
from contraflow.pairs.models import Pair, Session
from contraflow.people.models import Person
from contraflow.programmes.actions import (
    admit,
    move_to_bench,
    move_to_waiting_list,
    return_to_pairing,
    start_running,
)
from contraflow.programmes.models import Cohort, Enrolment, Side

# so many are named in a refusal, the rest is counted
_NAMED = 5


@transaction.atomic
def publish(
    draft_id: int, *, version: int, by: Person, at: dt.datetime | None = None
) -> Publication:
    """Make a draft real, all of it or nothing.

    1. Hold the cohort and everybody in it, so that nothing changes meanwhile.
    2. Refuse if somebody was faster, or if today's people and rules forbid one of the pairs.
    3. Make the pairs with their sessions and let the cohort run.
    4. Whoever has no partner stands ready: mentors on the bench, leaders on the waiting list.
    5. Introduce each two to each other.
    """
    at = at or timezone.now()
    draft = _held(draft_id)
    if reason := why_not_publish(draft):
        raise Refusal(reason)
    if draft.version != version:
        raise Refusal(_("The draft has changed since you pressed. Look at it again first."))
    _refuse_what_changed(draft)
    publication = Publication.objects.create(
        draft=draft, cohort=draft.cohort, by=by, published_at=at
    )
    common = _make_pairs(draft, by=by, at=at)
    start_running(draft.cohort, by=by, at=at)
    publication.set_aside = _set_aside(draft, by=by, at=at)
    publication.save(update_fields=["set_aside"])
    queue_mails(
        letter for pair, shared in common for letter in mails.introductions(pair, common=shared)
    )
    announce(
        PairingPublished(
            publication_id=publication.pk, draft_id=draft.pk, cohort_id=draft.cohort_id,
            pairs=len(common),
        ),
        by=by,
    )  # fmt: skip
    return publication


@transaction.atomic
def undo(publication_id: int, *, by: Person, at: dt.datetime) -> Publication:
    """Take a publication back: pairs go, people are enrolled again, the cohort is paired anew.

    A pair that has set a date is ended, so that calendars are told; the others are deleted.
    """
    publication = Publication.objects.select_related("cohort").get(pk=publication_id)
    cohort = Cohort.objects.select_for_update(of=("self",)).get(pk=publication.cohort_id)
    publication.refresh_from_db()
    if reason := why_not_undo(publication, at=at):
        raise Refusal(reason)
    publication.undone_at = at
    publication.save(update_fields=["undone_at"])
    _take_back(cohort, by=by, at=at)
    return_to_pairing(cohort, by=by, at=at)
    with no_mail():  # nobody was told that they were set aside either
        for enrolment in cohort.enrolments.filter(code__in=publication.set_aside):
            if enrolment.state in {Enrolment.State.BENCH, Enrolment.State.WAITING}:
                admit(enrolment, by=by, at=at)
    announce(
        PublicationUndone(publication_id=publication.pk, cohort_id=publication.cohort_id), by=by
    )
    return publication


def _take_back(cohort: Cohort, *, by: Person, at: dt.datetime) -> None:
    """End the pairs that have set a date, delete the others, and tell everybody."""
    standing = cohort.pairs.exclude(state=Pair.State.ENDED)
    pairs = list(standing.select_related("mentor", "mentee", "cohort"))
    queue_mails(letter for pair in pairs for letter in mails.withdrawals(pair))
    dated = Session.objects.filter(pair__in=standing).exclude(state=Session.State.PLANNED)
    with_date = set(dated.values_list("pair_id", flat=True))
    for pair in pairs:
        if pair.pk in with_date:
            end_pair(pair, by=by, at=at)
    cohort.pairs.exclude(state=Pair.State.ENDED).delete()


def _held(draft_id: int) -> Draft:
    """Lock the cohort, then the draft and all enrolments, and see them as they stand."""
    cohort_id = Draft.objects.values_list("cohort_id", flat=True).get(pk=draft_id)
    cohort = (
        Cohort.objects.select_for_update(of=("self",)).select_related("programme").get(pk=cohort_id)
    )
    list(cohort.enrolments.select_for_update(of=("self",)).values_list("pk", flat=True))
    draft = Draft.objects.select_for_update(of=("self",)).get(pk=draft_id)
    draft.cohort = cohort
    return draft


def _refuse_what_changed(draft: Draft) -> None:
    from contraflow.pairing import solving  # noqa: PLC0415 -- the engine takes a while to load

    gone, impossible = solving.changed_since(draft)
    names = dict(
        Enrolment.objects.filter(
            pk__in={*gone, *(enrolment for pair in impossible for enrolment in pair)}
        ).values_list("pk", "person__name")
    )
    reasons = [_("%(name)s no longer takes part.") % {"name": names[each]} for each in gone]
    reasons += [
        _("%(mentor)s and %(leader)s: not possible any more.")
        % {"mentor": names[mentor], "leader": names[mentee]}
        for mentor, mentee in impossible
    ]
    if reasons:
        more = len(reasons) - _NAMED
        said = reasons[:_NAMED]
        if more > 0:
            said.append(_("And %(count)s more.") % {"count": figure(more)})
        cure = _("Press “Match again” and publish the new draft.")
        raise Refusal(" ".join([_("Since this draft was made:"), *said, cure]))


def _make_pairs(draft: Draft, *, by: Person, at: dt.datetime) -> list[tuple[Pair, dict]]:
    """Start the pairs of a draft; return each with what the two have in common."""
    proposals = draft.proposals.select_related("mentor__person", "mentee__person")
    common = {}
    couples = []
    for each in proposals:
        mentor, mentee = each.mentor.person, each.mentee.person
        common[mentor.pk, mentee.pk] = each.common
        couples.append(
            Couple(
                mentor=mentor,
                mentee=mentee,
                theme=each.common.get("theme", ""),
                common_ground=each.common.get("topics", []),
            )
        )
    pairs = start_pairs(draft.cohort, couples, by=by, at=at)
    return [(pair, common[pair.mentor_id, pair.mentee_id]) for pair in pairs]


def _set_aside(draft: Draft, *, by: Person, at: dt.datetime) -> list[str]:
    """Let everybody who is enrolled and has no partner stand ready; return their codes."""
    paired = draft.proposals.values_list("mentor_id", "mentee_id")
    taken = {enrolment for pair in paired for enrolment in pair}
    codes = []
    for enrolment in draft.cohort.enrolments.enrolled().exclude(pk__in=taken):
        if enrolment.side == Side.MENTOR:
            move_to_bench(enrolment, by=by, at=at)
        else:
            move_to_waiting_list(enrolment, by=by, at=at)
        codes.append(enrolment.code)
    return codes
