"""Make and change programmes: their words, the people who run them, their objectives."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from contraflow.content.schema import ProgrammeTemplate, load_templates
from contraflow.core.errors import Refusal
from contraflow.core.events import announce
from contraflow.people.models import Person
from contraflow.programmes.events import (
    ObjectiveAdded,
    ObjectiveEdited,
    ObjectiveRemoved,
    ProgrammeCreated,
    ProgrammeEdited,
    ReadingEntered,
    ReadingUndone,
    StewardAdded,
    StewardRemoved,
)
from contraflow.programmes.models import Objective, Programme, Reading, Steward
from contraflow.programmes.rules import why_not_add_steward, why_not_remove_steward

# an objective due "plus_12_weeks" asks whether a practice lasted
SUSTAIN = dt.timedelta(weeks=12)


def template_of(programme: Programme) -> ProgrammeTemplate | None:
    """Return the shipped template a programme was made from, if any."""
    return next((each for each in load_templates() if each.key == programme.template), None)


Copy = Callable[[Programme, Programme, Person], None]
_copies: list[Copy] = []


def on_copy(copy: Copy) -> Copy:
    """Let a higher room copy what it keeps of a programme, in the same transaction."""
    _copies.append(copy)
    return copy


@transaction.atomic
def create_programme(
    *,
    by: Person,
    title: str,
    purpose: str,
    template: str = "",
    copy_of: Programme | None = None,
    mentor_word: str = "",
    mentee_word: str = "",
    at: dt.datetime | None = None,
) -> Programme:
    """Make a programme, blank, from a template or as a copy; `by` becomes its first lead.

    Objectives of a template fall due at the end of its length from today; the first cohort
    moves them to its own end.
    """
    now = at or timezone.now()
    if template and template not in {each.key for each in load_templates()}:
        raise ValueError(f"there is no programme template {template!r}")
    if copy_of:
        template = copy_of.template
    programme = Programme.objects.create(
        title=title, purpose=purpose, template=template, made_at=now,
        mentor_word=mentor_word, mentee_word=mentee_word,
    )  # fmt: skip
    Steward.objects.create(programme=programme, person=by, kind=Steward.Kind.LEAD)
    _forget_stewardships(by)
    if copy_of:
        _copy_objectives(copy_of, programme)
        for copy in _copies:
            copy(copy_of, programme, by)
    elif shape := template_of(programme):
        _fill_objectives(programme, shape, now.date())
    announce(ProgrammeCreated(programme_id=programme.pk), by=by)
    return programme


def _forget_stewardships(person: Person) -> None:
    # rules.py remembers them on the instance
    person.__dict__.pop("_stewardships", None)


def _fill_objectives(programme: Programme, shape: ProgrammeTemplate, today: dt.date) -> None:
    end = today + dt.timedelta(weeks=shape.length_weeks, days=-1)
    Objective.objects.bulk_create(
        Objective(
            programme=programme,
            statement=aim.statement,
            measure=aim.measure,
            unit=aim.unit.replace("_", " "),
            baseline=None if aim.baseline is None else Decimal(str(aim.baseline)),
            target=Decimal(str(aim.target)),
            due_on=end + SUSTAIN if aim.due == "plus_12_weeks" else end,
            source=aim.source,
            source_key=aim.key or "",
            is_primary=aim.primary,
            lower_is_better=aim.direction == "at_most",
            position=position,
        )
        for position, aim in enumerate(shape.objectives, start=1)
    )


def _copy_objectives(source: Programme, target: Programme) -> None:
    for objective in source.objectives.all():
        objective.pk, objective.programme = None, target
        objective.code = Objective._meta.get_field("code").get_default()
        objective._state.adding = True
        objective.save()


@transaction.atomic
def edit_programme(
    programme: Programme, *, by: Person, title: str, purpose: str, mentor_word: str = "",
    mentee_word: str = "",
) -> Programme:  # fmt: skip
    """Change what a programme says of itself."""
    programme.title, programme.purpose = title, purpose
    programme.mentor_word, programme.mentee_word = mentor_word, mentee_word
    programme.save()
    announce(ProgrammeEdited(programme_id=programme.pk), by=by)
    return programme


# -- stewards ----------------------------------------------------------------------------------


@transaction.atomic
def add_steward(programme: Programme, person: Person, kind: str, *, by: Person) -> Steward:
    """Let somebody run a programme, answer for it, or hear its concerns."""
    Programme.objects.select_for_update().get(pk=programme.pk)
    if reason := why_not_add_steward(programme, person, kind):
        raise Refusal(reason)
    steward = Steward.objects.create(programme=programme, person=person, kind=kind)
    _forget_stewardships(person)
    announce(StewardAdded(programme_id=programme.pk, person_id=person.pk, kind=str(kind)), by=by)
    return steward


@transaction.atomic
def remove_steward(steward: Steward, *, by: Person) -> None:
    """Take a task in a programme from somebody."""
    # two leads who remove each other at once must not leave the programme without one
    Programme.objects.select_for_update().get(pk=steward.programme_id)
    if reason := why_not_remove_steward(steward):
        raise Refusal(reason)
    gone = StewardRemoved(
        programme_id=steward.programme_id, person_id=steward.person_id, kind=steward.kind
    )
    steward.delete()
    announce(gone, by=by)


# -- objectives --------------------------------------------------------------------------------


@transaction.atomic
def save_objective(objective: Objective, *, by: Person) -> Objective:
    """Add or change an objective; at most one of a programme is the primary outcome."""
    added = objective.pk is None
    if added:
        last = objective.programme.objectives.aggregate(last=Max("position"))["last"] or 0
        objective.position = last + 1
    objective.save()
    if objective.is_primary:
        objective.programme.objectives.exclude(pk=objective.pk).update(is_primary=False)
    event = ObjectiveAdded if added else ObjectiveEdited
    announce(event(objective_id=objective.pk), by=by)
    return objective


@transaction.atomic
def remove_objective(objective: Objective, *, by: Person) -> None:
    """Take an objective away, with the figures entered for it."""
    gone = ObjectiveRemoved(programme_id=objective.programme_id, objective_id=objective.pk)
    objective.delete()
    announce(gone, by=by)


@transaction.atomic
def move_objective(objective: Objective, *, by: Person, earlier: bool) -> None:
    """Let an objective change places with its neighbour; nothing happens at the end."""
    order = list(objective.programme.objectives.select_for_update())
    here = order.index(objective)
    there = here - 1 if earlier else here + 1
    if not 0 <= there < len(order):
        return
    order[here], order[there] = order[there], order[here]
    for position, each in enumerate(order, start=1):
        each.position = position
    Objective.objects.bulk_update(order, ["position"])
    announce(ObjectiveEdited(objective_id=objective.pk), by=by)


@transaction.atomic
def enter_reading(objective: Objective, *, by: Person, value: Decimal, read_on: dt.date) -> Reading:
    """Enter a figure for an objective whose figures are entered by hand."""
    reading = objective.readings.create(value=value, read_on=read_on, by=by)
    announce(ReadingEntered(objective_id=objective.pk, reading_id=reading.pk), by=by)
    return reading


@transaction.atomic
def undo_reading(objective: Objective, *, by: Person) -> None:
    """Take back the figure entered last; nothing happens where there is none."""
    last = objective.readings.order_by("-pk").first()
    if last is None:
        return
    gone = ReadingUndone(objective_id=objective.pk, reading_id=last.pk)
    last.delete()
    announce(gone, by=by)
