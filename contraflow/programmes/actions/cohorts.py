"""Make cohorts, lead them from state to state, and change their plan."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from contraflow.content.schema import load_defaults
from contraflow.core.errors import Refusal
from contraflow.core.events import announce
from contraflow.people.models import Person
from contraflow.programmes.actions.enrolments import offer_free_places
from contraflow.programmes.actions.programmes import SUSTAIN, template_of
from contraflow.programmes.events import (
    CohortArchived,
    CohortBroughtBack,
    CohortCreated,
    CohortEdited,
)
from contraflow.programmes.models import Cohort, PlannedSession, Programme
from contraflow.programmes.rules import (
    MOVES,
    why_not_archive,
    why_not_edit_cohort,
    why_not_move,
    why_not_reshape_plan,
)

_PLAN_WORDS = ("topic", "opening", "activity", "between", "reflection")


def cohort_defaults(programme: Programme) -> dict[str, int]:
    """Return length, rhythm and minutes of the template, or of content/defaults.yaml."""
    source = template_of(programme) or load_defaults().programme
    return {
        "length_weeks": source.length_weeks,
        "cadence_days": source.cadence_days,
        "session_minutes": source.session_minutes,
    }


@transaction.atomic
def create_cohort(
    programme: Programme,
    *,
    by: Person,
    name: str,
    starts_on: dt.date,
    copy_of: Cohort | None = None,
    at: dt.datetime | None = None,
    **settings: Any,
) -> Cohort:
    """Make a cohort with its plan of sessions.

    1. What `settings` leave out (length_weeks, cadence_days, session_minutes, criteria,
       applications_open, mentor_places, mentee_places) comes from `copy_of`, else from the
       template, else from content/defaults.yaml.
    2. The plan comes from the same place.
    3. The first cohort moves the objectives of the template to its own end.
    """
    fields: dict[str, Any] = cohort_defaults(programme)
    if copy_of:
        names = [*fields, "criteria", "applications_open", "mentor_places", "mentee_places"]
        fields = {name: getattr(copy_of, name) for name in names}
    fields |= {name: value for name, value in settings.items() if value is not None}
    is_first = not programme.cohorts.exists()
    cohort = Cohort.objects.create(
        programme=programme, name=name, starts_on=starts_on, made_at=at or timezone.now(), **fields
    )
    PlannedSession.objects.bulk_create(
        PlannedSession(cohort=cohort, number=number, **words)
        for number, words in enumerate(_plan_words(programme, copy_of), start=1)
    )
    if is_first:
        _move_due_dates(programme, cohort)
    announce(CohortCreated(cohort_id=cohort.pk), by=by)
    return cohort


def _plan_words(programme: Programme, copy_of: Cohort | None) -> list[dict[str, str]]:
    if copy_of:
        return [{word: getattr(each, word) for word in _PLAN_WORDS} for each in copy_of.plan.all()]
    if shape := template_of(programme):
        return [
            {
                "topic": each.topic,
                "opening": each.opening,
                "activity": each.activity,
                "between": each.leader_between,
                "reflection": each.reflection,
            }
            for each in shape.sessions
        ]
    count = load_defaults().programme.sessions
    return [{"topic": _("Session %(number)s") % {"number": each}} for each in range(1, count + 1)]


def _move_due_dates(programme: Programme, cohort: Cohort) -> None:
    """Move the due dates that nobody has changed since the programme was made."""
    shape = template_of(programme)
    if shape is None:
        return
    guessed = programme.made_at.date() + dt.timedelta(weeks=shape.length_weeks, days=-1)
    for later in (dt.timedelta(), SUSTAIN):
        objectives = programme.objectives.filter(due_on=guessed + later)
        objectives.update(due_on=cohort.ends_on + later)


@transaction.atomic
def edit_cohort(cohort: Cohort, *, by: Person, **fields: Any) -> Cohort:
    """Change dates, places or criteria; places that came free go to the waiting list."""
    if reason := why_not_edit_cohort(cohort):
        raise Refusal(reason)
    for name, value in fields.items():
        setattr(cohort, name, value)
    cohort.save(update_fields=list(fields))
    announce(CohortEdited(cohort_id=cohort.pk), by=by)
    offer_free_places(cohort, by=by)
    return cohort


# -- states ------------------------------------------------------------------------------------


@transaction.atomic
def move_cohort(
    cohort: Cohort, verb: str, *, by: Person | None, reason: str = "",
    at: dt.datetime | None = None,
) -> Cohort:  # fmt: skip
    """Take one step of `rules.MOVES`; whoever presses twice at once takes it once."""
    locked = Cohort.objects.select_for_update().select_related("programme").get(pk=cohort.pk)
    if why_not := why_not_move(locked, verb, reason=reason):
        raise Refusal(why_not)
    move = MOVES[verb]
    locked.moves.create(
        from_state=locked.state, to_state=move.target, reason=reason.strip(), by=by,
        moved_at=at or timezone.now(),
    )  # fmt: skip
    cohort.state = locked.state = move.target
    locked.save(update_fields=["state"])
    announce(move.event(cohort_id=cohort.pk), by=by)
    return cohort


def open_enrolment(cohort: Cohort, *, by: Person, at: dt.datetime | None = None) -> Cohort:
    """Let people be invited and apply."""
    return move_cohort(cohort, "open_enrolment", by=by, at=at)


def start_pairing(cohort: Cohort, *, by: Person, at: dt.datetime | None = None) -> Cohort:
    """Fix the profiles, so that pairs can be made from them."""
    return move_cohort(cohort, "start_pairing", by=by, at=at)


def start_running(cohort: Cohort, *, by: Person | None, at: dt.datetime | None = None) -> Cohort:
    """Let the cohort run; pairing calls it when the pairs are published."""
    return move_cohort(cohort, "start_running", by=by, at=at)


def return_to_pairing(
    cohort: Cohort, *, by: Person | None, reason: str = "", at: dt.datetime | None = None
) -> Cohort:
    """Go back to pairing; pairing calls it when a publication is undone."""
    return move_cohort(cohort, "return_to_pairing", by=by, reason=reason, at=at)


@transaction.atomic
def archive_cohort(cohort: Cohort, *, by: Person, at: dt.datetime | None = None) -> None:
    """Put a closed cohort out of the way, with everything in it; doing so twice is once."""
    locked = Cohort.objects.select_for_update().get(pk=cohort.pk)
    if reason := why_not_archive(locked):
        raise Refusal(reason)
    if Cohort.objects.filter(pk=cohort.pk, archived_at=None).update(
        archived_at=at or timezone.now()
    ):
        announce(CohortArchived(cohort_id=cohort.pk), by=by)


@transaction.atomic
def bring_cohort_back(cohort: Cohort, *, by: Person) -> None:
    """Let an archived cohort stand among the others again."""
    if Cohort.objects.filter(pk=cohort.pk).exclude(archived_at=None).update(archived_at=None):
        announce(CohortBroughtBack(cohort_id=cohort.pk), by=by)


# -- the plan ----------------------------------------------------------------------------------


def _reshape(cohort: Cohort) -> None:
    if reason := why_not_reshape_plan(cohort):
        raise Refusal(reason)


@transaction.atomic
def add_planned_session(cohort: Cohort, *, by: Person, topic: str) -> PlannedSession:
    """Add a session at the end of the plan."""
    Cohort.objects.select_for_update().get(pk=cohort.pk)
    _reshape(cohort)
    last = cohort.plan.last()
    added = cohort.plan.create(number=last.number + 1 if last else 1, topic=topic)
    announce(CohortEdited(cohort_id=cohort.pk), by=by)
    return added


@transaction.atomic
def edit_planned_session(planned: PlannedSession, *, by: Person, **words: str) -> PlannedSession:
    """Change the words of a planned session; every pair of the cohort sees them."""
    if reason := why_not_edit_cohort(planned.cohort):
        raise Refusal(reason)
    for name, text in words.items():
        setattr(planned, name, text)
    planned.save(update_fields=list(words))
    announce(CohortEdited(cohort_id=planned.cohort_id), by=by)
    return planned


@transaction.atomic
def remove_planned_session(planned: PlannedSession, *, by: Person) -> None:
    """Take a session out of the plan; those after it move up."""
    _reshape(planned.cohort)
    number, plan = planned.number, planned.cohort.plan
    planned.delete()
    # one by one, since the numbers must be unique at every moment
    for later in plan.filter(number__gt=number).order_by("number").values_list("pk", flat=True):
        plan.filter(pk=later).update(number=F("number") - 1)
    announce(CohortEdited(cohort_id=planned.cohort_id), by=by)


@transaction.atomic
def move_planned_session(planned: PlannedSession, *, by: Person, earlier: bool) -> None:
    """Let a session change places with its neighbour; nothing happens at the end."""
    _reshape(planned.cohort)
    plan = planned.cohort.plan
    here, there = planned.number, planned.number + (-1 if earlier else 1)
    neighbour = plan.filter(number=there).first()
    if neighbour is None:
        return
    # by way of 0, since the numbers must be unique at every moment
    for pk, number in ((planned.pk, 0), (neighbour.pk, here), (planned.pk, there)):
        plan.filter(pk=pk).update(number=number)
    announce(CohortEdited(cohort_id=planned.cohort_id), by=by)
