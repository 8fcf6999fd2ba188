"""The gate before session 2: who has its short modules still to do, for one person and for many."""

from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q

from contraflow.people.models import Person
from contraflow.programmes.models import Side
from contraflow.training.models import OwnModule, Progress
from contraflow.training.modules import ROLES, Module, gate_keys, own, shipped


def is_open(side: str, *, person: str, programme: str) -> Q:
    """Select rows in which somebody of this side has modules of the gate still to do.

    `person` and `programme` are fields of the rows, such as "mentor" and "cohort__programme".
    """
    done = Progress.objects.done()
    theirs = done.filter(person=OuterRef(person))
    waiting = [~Q(Exists(theirs.filter(module=key))) for key in gate_keys(side)]
    learned = done.filter(person=OuterRef(OuterRef(person)), module=OuterRef("code"))
    own_ones = OwnModule.objects.published().filter(
        ~Exists(learned), before_session_2=True, programme=OuterRef(programme),
        role__in=[OwnModule.Role.ALL, ROLES[side]],
    )  # fmt: skip
    return reduce(or_, waiting, Q(Exists(own_ones)))


def left_of_both(mentor: Person, mentee: Person, programme_id: int) -> dict[str, list[Module]]:
    """Return the modules of the gate that each side has still to do, with two queries."""
    published = OwnModule.objects.published().filter(before_session_2=True, programme=programme_id)
    written = [own(each) for each in published]
    rows = Progress.objects.done().filter(person__in=[mentor.pk, mentee.pk])
    done = set(rows.values_list("person", "module"))
    return {
        side: [
            module
            for module in [*(shipped()[key] for key in gate_keys(side)), *written]
            if module.suits(ROLES[side]) and (person.pk, module.key) not in done
        ]
        for side, person in ((Side.MENTOR, mentor), (Side.MENTEE, mentee))
    }
