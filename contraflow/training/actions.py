"""What people do with their training, and leads with that of a programme.

`by` is the person who acts, `at` the moment it happens, now if not given.
"""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from contraflow.core.errors import refuse_if
from contraflow.core.events import announce
from contraflow.people.models import Person
from contraflow.programmes.actions import on_copy
from contraflow.programmes.models import Cohort, Programme
from contraflow.training import events, mails, queries, rules
from contraflow.training.models import OwnModule, OwnModuleChange, Progress
from contraflow.training.modules import Module

Kind, State = OwnModuleChange.Kind, OwnModule.State


def keep_place(module: Module, *, by: Person, screen: int) -> Progress:
    """Keep the screen a person goes to, so that they go on from there on any device.

    Nothing is announced: where somebody is reading concerns nobody else.
    """
    screen = min(max(1, screen), len(module.screens))
    place, _made = Progress.objects.update_or_create(
        person=by, module=module.key, defaults={"screen": screen}
    )
    return place


@transaction.atomic
def finish_module(
    module: Module, *, by: Person, answers: Sequence[int | None] = (), at: dt.datetime | None = None
) -> Progress:
    """Note that a person has done a module; of their answers nothing is kept.

    Done stays done: going through it again changes neither the fact nor its day.
    """
    refuse_if(rules.why_not_finish(module, answers=answers))
    place, _made = Progress.objects.get_or_create(person=by, module=module.key)
    done = Progress.objects.filter(pk=place.pk, done_at=None)
    # of two at the same moment the first alone is told
    if done.update(done_at=at or timezone.now(), screen=1):
        announce(events.ModuleDone(person_id=by.pk, module=module.key), by=by)
    place.refresh_from_db()
    return place


@transaction.atomic
def remind_of_training(cohort: Cohort, *, by: Person, at: dt.datetime | None = None) -> int:
    """Write to everybody of a cohort whose training before session 2 is open; once a day each."""
    waiting = list(queries.not_done(cohort, reader=by))
    refuse_if(rules.why_not_remind(cohort, count=len(waiting)))
    day = timezone.localdate(at or timezone.now())
    if told := mails.remind(waiting, once=f"asked/{day}"):
        announce(events.TrainingRemindedOf(cohort_id=cohort.pk, count=told), by=by)
    return told


# -- a programme's own modules -----------------------------------------------------------------


@transaction.atomic
def write_module(module: OwnModule, *, by: Person) -> OwnModule:
    """Keep a module as its form left it, with who changed it and when."""
    refuse_if(rules.why_not_write(module.programme, by=by))
    kind = Kind.CHANGED if module.pk else Kind.MADE
    module.save()
    _note(module, kind, by=by)
    return module


@transaction.atomic
def move_module(module: OwnModule, state: str, *, by: Person) -> OwnModule:
    """Publish a module, take it back to draft, or archive it."""
    _lock(module.programme_id)
    module.refresh_from_db()
    refuse_if(rules.why_not_move(module, state, by=by))
    module.state = State(state)
    module.save(update_fields=["state"])
    _note(module, Kind(state), by=by)
    return module


@on_copy
def _copy_modules(source: Programme, target: Programme, by: Person) -> None:
    """Let a copied programme begin with the modules of the first one, as drafts to look through."""
    for module in source.own_modules.exclude(state=State.ARCHIVED):
        copy = OwnModule(programme=target, state=State.DRAFT)
        for name in ("title", "minutes", "role", "before_session_2", "text", "questions"):
            setattr(copy, name, getattr(module, name))
        copy.save()
        _note(copy, Kind.MADE, by=by)


def _lock(programme_id: int) -> None:
    list(Programme.objects.select_for_update(no_key=True).filter(pk=programme_id).values("pk"))


def _note(module: OwnModule, kind: str, *, by: Person) -> None:
    OwnModuleChange.objects.create(module=module, kind=kind, by=by)
    announce(
        events.OwnModuleChanged(
            module_id=module.pk, programme_id=module.programme_id, kind=str(kind)
        ),
        by=by,
    )
