"""How a draft becomes real, and how that is taken back; each in the transaction of its job."""

import datetime as dt
from collections import Counter

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from contraflow.core.errors import Refusal
from contraflow.core.events import announce
from contraflow.core.figures import figure
from contraflow.core.mail import no_mail, queue_mails
from contraflow.core.notices import add_notices
from contraflow.pairing import mails
from contraflow.pairing.events import PairingPublished, PublicationUndone
from contraflow.pairing.models import Draft, Publication
from contraflow.pairing.rules import why_not_publish, why_not_undo
from contraflow.pairing.standing import living_pairs, without_partner
from contraflow.pairs.actions import Couple, end_pair, resume_pair, start_pairs
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
    3. Make the pairs with their sessions and let the cohort run; where it runs already, end the
       pairs that the draft ends, and take in who gets a partner.
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
        draft=draft, cohort=draft.cohort, kind=draft.kind, by=by, published_at=at
    )
    if draft.is_first:
        common = _make_pairs(draft, by=by, at=at)
        start_running(draft.cohort, by=by, at=at)
        publication.set_aside = _set_aside(_enrolled_without_pair(draft), by=by, at=at)
    else:
        common = _change_pairs(publication, by=by, at=at)
    publication.save(update_fields=["set_aside", "started", "ended", "taken_in"])
    queue_mails(
        letter for pair, shared in common for letter in mails.introductions(pair, common=shared)
    )
    add_notices(mails.news_of_introductions(pair for pair, _shared in common))
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
    Where the cohort ran before, it runs on: the pairs that were ended go on, and whoever was
    taken in stands ready again.
    """
    publication = Publication.objects.select_related("cohort").get(pk=publication_id)
    cohort = Cohort.objects.select_for_update(of=("self",)).get(pk=publication.cohort_id)
    publication.refresh_from_db()
    if reason := why_not_undo(publication, at=at):
        raise Refusal(reason)
    publication.undone_at = at
    publication.save(update_fields=["undone_at"])
    if publication.kind == Draft.Kind.FIRST:
        _take_back(cohort.pairs.all(), is_first=True, by=by, at=at)
        return_to_pairing(cohort, by=by, at=at)
    else:
        made = cohort.pairs.filter(code__in=publication.started)
        _take_back(made, is_first=False, by=by, at=at)
        _resume_pairs(publication, by=by, at=at)
        _put_back(publication, by=by, at=at)
    with no_mail():  # nobody was told that they were set aside either
        for enrolment in cohort.enrolments.filter(code__in=publication.set_aside):
            if enrolment.state in {Enrolment.State.BENCH, Enrolment.State.WAITING}:
                admit(enrolment, by=by, at=at)
    announce(
        PublicationUndone(publication_id=publication.pk, cohort_id=publication.cohort_id), by=by
    )
    return publication


def _take_back(made: QuerySet[Pair], *, is_first: bool, by: Person, at: dt.datetime) -> None:
    """End the pairs that have set a date, delete the others, and tell everybody."""
    standing = made.exclude(state=Pair.State.ENDED)
    pairs = list(standing.select_related("mentor", "mentee", "cohort"))
    queue_mails(letter for pair in pairs for letter in mails.withdrawals(pair, is_first=is_first))
    add_notices(mails.news_of_withdrawals(pairs))
    dated = Session.objects.filter(pair__in=standing).exclude(state=Session.State.PLANNED)
    with_date = set(dated.values_list("pair_id", flat=True))
    for pair in pairs:
        if pair.pk in with_date:
            end_pair(pair, by=by, at=at)
    made.exclude(state=Pair.State.ENDED).delete()


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
    proposals = draft.proposals.filter(stays=False)
    proposals = proposals.select_related("mentor__person", "mentee__person")
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


def _enrolled_without_pair(draft: Draft) -> QuerySet[Enrolment]:
    paired = draft.proposals.values_list("mentor_id", "mentee_id")
    taken = {enrolment for pair in paired for enrolment in pair}
    return draft.cohort.enrolments.enrolled().exclude(pk__in=taken)


def _set_aside(people: QuerySet[Enrolment], *, by: Person, at: dt.datetime) -> list[str]:
    """Let people who are enrolled and have no partner stand ready; return their codes."""
    codes = []
    for enrolment in people:
        if enrolment.side == Side.MENTOR:
            move_to_bench(enrolment, by=by, at=at)
        else:
            move_to_waiting_list(enrolment, by=by, at=at)
        codes.append(enrolment.code)
    return codes


# -- in a cohort that runs ------------------------------------------------------------------------


def _change_pairs(
    publication: Publication, *, by: Person, at: dt.datetime
) -> list[tuple[Pair, dict]]:
    """Change the pairs of a running cohort as the draft says, and note all that an undo needs.

    1. End the pairs that the draft ends; those that ended by themselves meanwhile are ended.
    2. Refuse if somebody of a new pair has no place left by now.
    3. Make the new pairs; whoever is left without one stands ready, so that places come free.
    4. Enrol those of the new pairs who waited or stood ready.
    """
    draft = publication.draft
    publication.ended = _end_pairs(draft, by=by, at=at)
    _refuse_who_is_taken(draft)
    common = _make_pairs(draft, by=by, at=at)
    publication.started = [pair.code for pair, _common in common]
    alone = without_partner(draft.cohort).enrolled()
    publication.set_aside = _set_aside(alone, by=by, at=at)
    publication.taken_in = _take_in(draft, by=by, at=at)
    return common


def _end_pairs(draft: Draft, *, by: Person, at: dt.datetime) -> list[str]:
    to_end = draft.cohort.pairs.filter(pk__in=[each["pair"] for each in draft.result["ends"]])
    # in the order of their keys, as everybody does who holds several
    held = to_end.select_for_update(of=("self",), no_key=True).order_by("pk")
    living = [pair for pair in held if pair.state != Pair.State.ENDED]
    for pair in living:
        end_pair(pair, by=by, at=at)
    return [pair.code for pair in living]


def _refuse_who_is_taken(draft: Draft) -> None:
    """Refuse if somebody would be in more pairs than they have places for."""
    new = draft.proposals.filter(stays=False)
    both = new.values_list("mentor__person", "mentee__person")
    standing = living_pairs().filter(cohort=draft.cohort_id).values_list("mentor", "mentee")
    taken = Counter(person for couple in [*both, *standing] for person in couple)
    people = draft.cohort.enrolments.filter(person__in={p for couple in both for p in couple})
    rows = people.order_by("person__name", "pk").values_list(
        "person_id", "person__name", "profile__capacity"
    )
    full = [name for person, name, places in rows if taken[person] > places]
    if full:
        words = _("%(names)s: has a partner by now, so this draft is past. Match again.")
        raise Refusal(words % {"names": ", ".join(full[:_NAMED])})


def _take_in(draft: Draft, *, by: Person, at: dt.datetime) -> list[dict]:
    """Enrol whoever of the new pairs waited or stood ready; return where each of them was."""
    new = draft.proposals.filter(stays=False)
    ready = draft.cohort.enrolments.filter(
        Q(pk__in=new.values("mentor")) | Q(pk__in=new.values("mentee")),
        state__in=[Enrolment.State.WAITING, Enrolment.State.BENCH],
    )
    taken_in = []
    with no_mail():  # the introduction tells them, and their profile is finished
        for each in ready.order_by("pk"):
            place = {"enrolment": each.code, "state": each.state, "place": each.waiting_place}
            taken_in.append(place)
            admit(each, by=by, at=at)
    return taken_in


def _resume_pairs(publication: Publication, *, by: Person, at: dt.datetime) -> None:
    """Let the pairs that the publication ended go on, where both still take part."""
    gone = publication.cohort.enrolments.filter(state=Enrolment.State.WITHDRAWN).values("person")
    ended = publication.cohort.pairs.filter(code__in=publication.ended, state=Pair.State.ENDED)
    for pair in ended.exclude(mentor__in=gone).exclude(mentee__in=gone).order_by("pk"):
        resume_pair(pair, ended_at=publication.published_at, by=by, at=at)


def _put_back(publication: Publication, *, by: Person, at: dt.datetime) -> None:
    """Let whoever was taken in wait, or stand ready, where they did before."""
    was = {each["enrolment"]: each for each in publication.taken_in}
    for enrolment in publication.cohort.enrolments.enrolled().filter(code__in=was):
        before = was[enrolment.code]
        if before["state"] == Enrolment.State.BENCH:
            move_to_bench(enrolment, by=by, at=at)
        else:
            move_to_waiting_list(enrolment, by=by, place=before["place"], at=at)
