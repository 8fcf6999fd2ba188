"""What there is to learn, in one shape: the modules that ship and those a programme wrote."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from django.utils.translation import gettext as _

from contraflow.content.schema import load_defaults, load_training
from contraflow.content.schema.guidance import Module as ShippedModule
from contraflow.content.schema.guidance import Question, RoleGuide, Scenario
from contraflow.programmes.models import Side
from contraflow.training.models import OwnModule
from contraflow.training.writing import Page, pages_of, questions_of

# how the content calls the two sides
ROLES = {Side.MENTOR: "mentor", Side.MENTEE: "leader"}


@dataclass(frozen=True, kw_only=True)
class Screen:
    """One step of a module: a point in words, a scenario, or the questions."""

    heading: str
    text: str = ""
    # what a lead wrote, made safe
    html: str = ""
    try_this: str = ""
    scenario: Scenario | None = None
    quiz: tuple[Question, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Module:
    """Something to learn in a few minutes, screen by screen; the last one asks, if anything does.

    `role` is mentor, leader or all; `number` is None for a programme's own.
    """

    key: str
    title: str
    minutes: int
    role: str
    screens: tuple[Screen, ...]
    outcomes: tuple[str, ...] = ()
    number: int | None = None
    # of its own: whose it is, and whether session 2 waits for it
    programme_id: int | None = None
    before_session_2: bool = False

    @property
    def quiz(self) -> tuple[Question, ...]:
        """Return the questions, which stand on the last screen."""
        return self.screens[-1].quiz

    @property
    def needed(self) -> int:
        """Return how many right answers make it: two of three."""
        return -(-2 * len(self.quiz) // 3)

    def suits(self, role: str) -> bool:
        """Tell whether it is meant for a role."""
        return self.role in {"all", role}


@cache
def shipped() -> dict[str, Module]:
    """Return the modules that ship, by their id and in their order."""
    modules = load_training().modules
    return {each.id: _shipped(each, number) for number, each in enumerate(modules, 1)}


def _shipped(module: ShippedModule, number: int) -> Module:
    points = [
        Screen(heading=heading, text=step.text, try_this=step.try_this)
        for heading, step in zip(module.outline, module.steps, strict=True)
    ]
    moment = Screen(heading=_("What would you do?"), scenario=module.scenario)
    asked = Screen(heading=_("Three questions"), quiz=module.quiz)
    return Module(
        key=module.id,
        number=number,
        title=module.title,
        minutes=module.minutes,
        role=module.audience,
        outcomes=module.outcomes,
        screens=(*points, moment, asked),
    )


def own(module: OwnModule) -> Module:
    """Return a programme's own module in the shape of those that ship."""
    pages = pages_of(module.text) or [Page(heading=module.title, html="")]
    screens = [Screen(heading=page.heading or module.title, html=page.html) for page in pages]
    if quiz := questions_of(module.questions):
        screens.append(Screen(heading=_("Questions"), quiz=quiz))
    return Module(
        key=module.code,
        title=module.title,
        minutes=module.minutes,
        role=module.role,
        screens=tuple(screens),
        programme_id=module.programme_id,
        before_session_2=module.before_session_2,
    )


def gate_keys(side: str) -> tuple[str, ...]:
    """Return the ids of the short modules that this side does before session 2."""
    gate = load_defaults().training_gate.before_session_2
    return gate.mentor if side == Side.MENTOR else gate.leader


def minutes_of(modules: Iterable[Module]) -> int:
    """Return how long modules take together."""
    return sum(module.minutes for module in modules)


def guides() -> dict[str, RoleGuide]:
    """Return the guide of each role, by the content's name of the role."""
    found = load_training().role_guides
    return {
        "mentor": found.mentor,
        "leader": found.leader,
        "programme_lead": found.programme_lead,
        "sponsor": found.sponsor,
    }
