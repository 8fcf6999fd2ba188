"""What somebody could do first, with links to where it is done; nothing here is ever written."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from contraflow.content.schema import (
    ResistanceCard,
    Step,
    Term,
    load_readiness,
    load_resistance,
)
from contraflow.content.words import terms_in
from contraflow.pairs.models import Session
from contraflow.people.models import Person
from contraflow.programmes.models import Cohort, Enrolment
from contraflow.readiness.places import Link, Places, places_of
from contraflow.training.modules import ROLES
from contraflow.training.queries import DUE_FOR


@dataclass(frozen=True, kw_only=True)
class FirstStep:
    """One thing to do, and where in the product it is done."""

    text: str
    links: Sequence[Link] = ()
    # the item of a check that it goes with
    item: str = ""


@dataclass(frozen=True, kw_only=True)
class Answered:
    """A sentence that rang true, what there is to say to it, and what to do first."""

    card: ResistanceCard
    steps: Sequence[FirstStep]


def items_of(role: str) -> list[str]:
    """Return the items of the readiness check of a role, in their order."""
    return [each.item for each in getattr(load_readiness(), role)]


def steps_left(person: Person, role: str, *, true: Collection[int]) -> list[FirstStep]:
    """Return what to do first for each item that is not true yet, in the order of the items."""
    items = getattr(load_readiness(), role)
    left = [each for n, each in enumerate(items) if n not in true]
    links = places_of(person, role) if left else {}
    return [FirstStep(item=each.item, text=each.do, links=_links(each, links)) for each in left]


def answers_to(person: Person, *, true: Collection[int]) -> list[Answered]:
    """Return what there is to say, and to do first, to each objection that rang true."""
    cards = [card for n, card in enumerate(load_resistance()) if n in true]
    links = places_of(person, "leader") if cards else {}
    return [Answered(card=card, steps=first_steps(card, links)) for card in cards]


def first_steps(card: ResistanceCard, links: Places) -> list[FirstStep]:
    """Return what a card says to the leader, each with its links."""
    return [FirstStep(text=each.do, links=_links(each, links)) for each in card.for_you]


def _links(step: Step, links: Places) -> list[Link]:
    return [link for place in step.where for link in links.get(place, ())]


def roles_of(person: Person) -> list[str]:
    """Return as what somebody takes part now, leader first."""
    places = Enrolment.objects.visible_to(person).filter(person=person.pk, state__in=DUE_FOR)
    rows = places.exclude(cohort__state=Cohort.State.CLOSED).order_by()
    return sorted({ROLES[side] for side in rows.values_list("side", flat=True)})


def terms_of(session: Session) -> list[Term]:
    """Return the words of a session's plan that not everybody knows; none of the two's own."""
    plan = session.planned
    if plan is None:
        return []
    return terms_in([plan.topic, plan.opening, plan.activity, plan.between, plan.reflection])
