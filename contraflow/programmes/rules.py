"""Who may do what in a programme, and when."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import rules
from django.db.models import Max, Min
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from contraflow.content.schema import load_defaults
from contraflow.core.events import Event
from contraflow.core.figures import figure
from contraflow.people.models import Person, Role
from contraflow.people.rules import is_lead, is_signed_in
from contraflow.programmes import events
from contraflow.programmes.models import (
    Cohort,
    Enrolment,
    HoursRequest,
    ProfileTopic,
    Programme,
    Side,
    Steward,
)

# how to get from a thing to its programme, one step at a time
_STEPS = ("programme", "cohort", "pair", "session", "draft", "enrolment", "objective")


def programme_id_of(thing) -> int:
    """Return the id of the programme a cohort, pair, session, draft ... belongs to."""
    while not isinstance(thing, Programme):
        if (found := getattr(thing, "programme_id", None)) is not None:
            return found
        thing = next(getattr(thing, step) for step in _STEPS if hasattr(thing, step))
    return thing.pk


def _stewardships(person) -> set[tuple[int, str]]:
    """Return (programme, kind) of all the person's stewardships; asks the database once."""
    if not hasattr(person, "_stewardships"):
        rows = Steward.objects.filter(person=person.pk).values_list("programme_id", "kind")
        person._stewardships = set(rows)
    return person._stewardships


@rules.predicate
def leads_programme(person, thing):
    """Lead the programme that the thing belongs to."""
    return (programme_id_of(thing), Steward.Kind.LEAD) in _stewardships(person)


@rules.predicate
def sponsors_programme(person, thing):
    """Answer for the programme that the thing belongs to."""
    return (programme_id_of(thing), Steward.Kind.SPONSOR) in _stewardships(person)


@rules.predicate
def stewards_programme(person, thing):
    """Lead, sponsor or be trusted contact of the programme that the thing belongs to."""
    programme_id = programme_id_of(thing)
    return any(found == programme_id for found, _kind in _stewardships(person))


@rules.predicate
def takes_part(person, programme):
    """Take part in a cohort of the programme."""
    rows = Enrolment.objects.filter(cohort__programme=programme, person=person.pk)
    return rows.filter(state__in=Enrolment.PRESENT).exists()


@rules.predicate
def is_own_enrolment(person, enrolment):
    """Be the person enrolled."""
    return enrolment.person_id == person.pk


rules.add_perm("programmes.view_programmes", is_signed_in)
rules.add_perm("programmes.create_programme", is_lead)
rules.add_perm("programmes.add_topic", is_lead)
rules.add_perm("programmes.view_programme", stewards_programme | takes_part)
rules.add_perm("programmes.edit_programme", leads_programme)
rules.add_perm("programmes.edit_cohort", leads_programme)
rules.add_perm("programmes.view_enrolments", leads_programme)
rules.add_perm("programmes.view_criteria", is_signed_in)
rules.add_perm("programmes.apply_to_cohort", is_signed_in)
rules.add_perm("programmes.view_draw", is_signed_in)
rules.add_perm("programmes.view_enrolment", is_own_enrolment | leads_programme)
rules.add_perm("programmes.answer_invitation", is_own_enrolment)
rules.add_perm("programmes.withdraw_enrolment", is_own_enrolment | leads_programme)
rules.add_perm("programmes.place_enrolment", leads_programme)
rules.add_perm("programmes.edit_profile", is_own_enrolment)


# -- stewards ----------------------------------------------------------------------------------


def why_not_add_steward(programme: Programme, person: Person, kind: str) -> str | None:
    """Say why a person cannot run, answer for or hear the concerns of a programme."""
    if not person.is_active:
        return _("%(name)s has left the organisation.") % {"name": person.name}
    kinds = set(programme.stewards.filter(person=person).values_list("kind", flat=True))
    if kind in kinds:
        return _("%(name)s already has this task here.") % {"name": person.name}
    kinds.add(kind)
    if {Steward.Kind.LEAD, Steward.Kind.TRUSTED_CONTACT} <= kinds:
        return _("Whoever leads a programme cannot be its trusted contact: choose another person.")
    if kind == Steward.Kind.LEAD and not person.has_role(Role.Kind.LEAD):
        return _(
            "%(name)s is not a programme lead of the organisation. An administrator can "
            "give this role under People, Roles."
        ) % {"name": person.name}
    return None


def why_not_remove_steward(steward: Steward) -> str | None:
    """Say why somebody must keep their task in a programme."""
    leads = steward.programme.stewards.filter(kind=Steward.Kind.LEAD)
    if steward.kind == Steward.Kind.LEAD and leads.count() == 1:
        return _("A programme keeps at least one lead. Add another one first.")
    return None


# -- the states of a cohort --------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Move:
    """One step a cohort can take; docs/use/enrol.md shows them all."""

    label: str
    sources: tuple[str, ...]
    target: str
    event: type[Event]
    needs_reason: bool = False


_S = Cohort.State
MOVES = {
    "open_enrolment": Move(
        label=gettext_lazy("Open enrolment"),
        sources=(_S.DRAFT,), target=_S.ENROLLING, event=events.EnrolmentOpened,
    ),
    "start_pairing": Move(
        label=gettext_lazy("Start pairing"),
        sources=(_S.ENROLLING,), target=_S.PAIRING, event=events.PairingStarted,
    ),
    "reopen_enrolment": Move(
        label=gettext_lazy("Go back to enrolment"),
        sources=(_S.PAIRING,), target=_S.ENROLLING, event=events.EnrolmentReopened,
        needs_reason=True,
    ),
    "start_running": Move(
        label=gettext_lazy("Publish the pairs"),
        sources=(_S.PAIRING,), target=_S.RUNNING, event=events.CohortStarted,
    ),
    "return_to_pairing": Move(
        label=gettext_lazy("Undo the publication"),
        sources=(_S.RUNNING,), target=_S.PAIRING, event=events.CohortReturnedToPairing,
    ),
    "close_cohort": Move(
        label=gettext_lazy("Close the cohort"),
        sources=(_S.ENROLLING, _S.PAIRING, _S.RUNNING), target=_S.CLOSED,
        event=events.CohortClosed,
    ),
}  # fmt: skip


Gate = Callable[[Cohort, str], str | None]
_gates: list[Gate] = []


def gate(why_not: Gate) -> Gate:
    """Let a higher room say why a cohort cannot take a step yet."""
    _gates.append(why_not)
    return why_not


def why_not_pass(cohort: Cohort, verb: str) -> str | None:
    """Say what a higher room holds against a step, or None where none does."""
    return next((reason for each in _gates if (reason := each(cohort, verb))), None)


def why_not_move(cohort: Cohort, verb: str, *, reason: str = "") -> str | None:
    """Say why a cohort cannot take this step now, or None if it can."""
    move = MOVES[verb]
    if cohort.state not in move.sources:
        return _("The cohort is in the state “%(state)s”, so this step does not follow.") % {
            "state": cohort.get_state_display()
        }
    if move.needs_reason and not reason.strip():
        return _("Say why; the reason stands in the history of the cohort.")
    if verb == "open_enrolment" and not cohort.plan.exists():
        return _("The plan has no sessions yet. Add at least one.")
    if verb == "start_pairing" and (few := _why_not_enough_people(cohort)):
        return few
    return why_not_pass(cohort, verb)


def _why_not_enough_people(cohort: Cohort) -> str | None:
    undecided = cohort.enrolments.filter(state=Enrolment.State.APPLIED).count()
    if undecided:
        return ngettext(
            "%(count)s application is not decided yet.",
            "%(count)s applications are not decided yet.",
            undecided,
        ) % {"count": figure(undecided)}
    for side in Side:
        if not cohort.enrolments.enrolled().on_side(side).exists():
            return _("Nobody is enrolled as %(side)s yet.") % {
                "side": cohort.programme.word_for(side)
            }
    return None


def why_not_archive(cohort: Cohort) -> str | None:
    """Say why a cohort stays among the others."""
    if cohort.state != Cohort.State.CLOSED:
        return _("Close the cohort first; then it can be archived.")
    return None


def why_not_edit_cohort(cohort: Cohort) -> str | None:
    """Say why dates, places and plan are fixed."""
    if cohort.state == Cohort.State.CLOSED:
        return _("This cohort is closed.")
    return None


def why_not_reshape_plan(cohort: Cohort) -> str | None:
    """Say why sessions cannot be added, moved or removed; their words may still change."""
    if cohort.state in {Cohort.State.RUNNING, Cohort.State.CLOSED}:
        return _("The pairs already have their sessions, so their number and order are fixed.")
    return None


# -- enrolment ---------------------------------------------------------------------------------


def places_left(cohort: Cohort, side: str) -> int | None:
    """Return how many more people of a side find a place, None for any number."""
    places = cohort.places_for(side)
    if places is None:
        return None
    return max(0, places - cohort.enrolments.on_side(side).holding_a_place().count())


@cache
def minimum_grade_gap() -> int:
    """Return how many grades lie between a mentor and a leader, from content/defaults.yaml."""
    name = "minimum_grade_gap_"
    found = (rule for rule in load_defaults().pairing.hard_rules if rule.startswith(name))
    return int(next(found).removeprefix(name))


def why_not_on_side(person: Person, side: str) -> str | None:
    """Say why a person of this grade would find no partner on the other side."""
    if person.grade is None:
        return None
    grades = Person.objects.active().aggregate(top=Max("grade"), bottom=Min("grade"))
    gap = minimum_grade_gap()
    if side == Side.MENTOR and person.grade + gap > grades["top"]:
        return _(
            "A mentor guides somebody at least %(gap)s grades more senior, and nobody here is."
        ) % {"gap": gap}
    if side == Side.MENTEE and person.grade - gap < grades["bottom"]:
        return _(
            "A leader learns from somebody at least %(gap)s grades more junior, and nobody here is."
        ) % {"gap": gap}
    return None


def why_not_ask_hours(cohort: Cohort) -> str | None:
    """Say why line managers cannot be asked for hours now."""
    if cohort.state in {Cohort.State.DRAFT, Cohort.State.CLOSED}:
        return _("Line managers are asked while the cohort enrols, is paired or runs.")
    if not cohort.plan.exists():
        return _("The plan has no sessions, so there are no hours to ask for.")
    return None


def why_not_answer_hours(request: HoursRequest) -> str | None:
    """Say why a line manager's answer can no longer be given or changed."""
    if request.enrolment.cohort.state == Cohort.State.CLOSED:
        return _("This cohort is closed.")
    if request.enrolment.state != Enrolment.State.ENROLLED:
        return _("%(name)s no longer takes part.") % {"name": request.enrolment.person.name}
    return None


def why_not_invite(cohort: Cohort) -> str | None:
    """Say why nobody can be invited now."""
    if cohort.state not in {Cohort.State.ENROLLING, Cohort.State.PAIRING}:
        return _("People can be invited once enrolment is open and before the pairs are published.")
    return None


def why_not_apply(cohort: Cohort, person: Person, side: str) -> str | None:
    """Say why a person cannot apply on this side now."""
    if not cohort.applications_open or cohort.state != Cohort.State.ENROLLING:
        return _("This cohort does not take applications now.")
    mine = cohort.enrolments.filter(person=person, state__in=Enrolment.PRESENT).first()
    if mine:
        return _("You are already in this cohort: %(state)s.") % {"state": mine.get_state_display()}
    return why_not_on_side(person, side)


def why_not_answer(enrolment: Enrolment) -> str | None:
    """Say why an invitation can no longer be accepted or declined."""
    if enrolment.state != Enrolment.State.INVITED:
        return _("This invitation was already answered: %(state)s.") % {
            "state": enrolment.get_state_display()
        }
    return why_not_invite(enrolment.cohort) and _("This cohort no longer takes people in.")


def why_not_admit(enrolment: Enrolment) -> str | None:
    """Say why somebody cannot be given a place now."""
    waiting = {Enrolment.State.APPLIED, Enrolment.State.WAITING, Enrolment.State.BENCH}
    if enrolment.state not in waiting:
        return _("Only people who applied, wait or stand ready can be given a place.")
    if enrolment.cohort.state == Cohort.State.CLOSED:
        return _("This cohort is closed.")
    if places_left(enrolment.cohort, enrolment.side) == 0:
        return _("All places are taken. Raise the number of places in the settings first.")
    return None


def why_not_draw(cohort: Cohort, side: str) -> str | None:
    """Say why no lots can be drawn now."""
    if cohort.state not in {Cohort.State.ENROLLING, Cohort.State.PAIRING}:
        return _("Lots are drawn while the cohort enrols.")
    if cohort.places_for(side) is None:
        return _("Set the number of places first: without a limit there is a place for everybody.")
    if not cohort.enrolments.on_side(side).filter(state=Enrolment.State.APPLIED).exists():
        return _("Nobody waits for a decision.")
    return None


def why_not_bench(enrolment: Enrolment) -> str | None:
    """Say why somebody cannot stand ready on the reserve bench."""
    able = {Enrolment.State.APPLIED, Enrolment.State.WAITING, Enrolment.State.ENROLLED}
    if enrolment.state not in able:
        return _("Only people who said yes can stand ready on the bench.")
    if enrolment.cohort.state == Cohort.State.CLOSED:
        return _("This cohort is closed.")
    return None


def why_not_wait(enrolment: Enrolment) -> str | None:
    """Say why somebody cannot wait for a partner."""
    if enrolment.state not in {Enrolment.State.ENROLLED, Enrolment.State.BENCH}:
        return _("Only people who take part can wait for a partner.")
    if enrolment.cohort.state != Cohort.State.RUNNING:
        return _("People wait for a partner once the pairs are published.")
    return None


def why_not_withdraw(enrolment: Enrolment) -> str | None:
    """Say why there is nothing to withdraw from."""
    if enrolment.state not in Enrolment.PRESENT:
        return _("This enrolment has already ended.")
    return None


# -- the profile -------------------------------------------------------------------------------

MAX_INTERESTS = 12
MAX_WISHES = 3


def why_not_edit_profile(enrolment: Enrolment) -> str | None:
    """Say why a profile is fixed: from the start of pairing on, so that a draft stays true."""
    invited = enrolment.state == Enrolment.State.INVITED
    if invited or enrolment.state not in Enrolment.PRESENT:
        return _("The profile opens when you take part.")
    if enrolment.cohort.state != Cohort.State.ENROLLING:
        return _("The pairs are being made, so profiles are fixed. Ask your programme lead.")
    return None


def why_not_finish_profile(enrolment: Enrolment) -> str | None:
    """Say what a profile still needs before it can be matched."""
    if reason := why_not_edit_profile(enrolment):
        return reason
    usable = ProfileTopic.objects.filter(profile__enrolment=enrolment, level__gte=1)
    if not usable.exclude(consent=ProfileTopic.Consent.CLOSED).exists():
        return _("Choose at least one topic with a level above 0.")
    return None
