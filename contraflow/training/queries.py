"""What the pages of training show, gathered with a fixed number of queries."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from contraflow.content.schema import load_defaults
from contraflow.people.models import Person
from contraflow.programmes.models import Cohort, Enrolment, Programme, Side, Steward
from contraflow.training.gate import is_open
from contraflow.training.models import OwnModule, Progress
from contraflow.training.modules import ROLES, Module, gate_keys, minutes_of, own, shipped

PAGE_SIZE = 50
# whose training is due: those who will meet somebody, or stand ready to
DUE_FOR = (Enrolment.State.ENROLLED, Enrolment.State.BENCH)
_GATE, _MIDDLE, _CLOSE, _FREE = range(4)


# -- one person --------------------------------------------------------------------------------


def module_for(person: Person, key: str) -> Module:
    """Return a module that ships, or one that a programme of this person wrote; else 404."""
    if key in shipped():
        return shipped()[key]
    row = OwnModule.objects.visible_to(person).filter(code=key).first()
    if row is None:
        raise Http404
    return own(row)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A module as one person has it before them."""

    module: Module
    is_done: bool
    # the screen it goes on from; 1 where it was not begun
    screen: int

    @property
    def is_begun(self) -> bool:
        """Tell whether the person has left off in the middle."""
        return not self.is_done and self.screen > 1


def row_of(person: Person, module: Module) -> Row:
    """Return one module as a person has it before them, with one query."""
    return _row(module, Progress.objects.visible_to(person).filter(module=module.key).first())


def _row(module: Module, kept: Progress | None) -> Row:
    # a module that was written anew may have fewer screens
    screen = min(kept.screen, len(module.screens)) if kept else 1
    return Row(module=module, is_done=bool(kept and kept.done_at), screen=screen)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Modules that are due by the same time."""

    title: str
    rows: list[Row]
    due_on: dt.date | None = None
    is_gate: bool = False

    @property
    def is_begun(self) -> bool:
        """Tell whether anything of it is done or begun."""
        return any(row.is_done or row.is_begun for row in self.rows)

    @property
    def left(self) -> list[Module]:
        """Return the modules that are still to do."""
        return [row.module for row in self.rows if not row.is_done]

    @property
    def minutes_left(self) -> int:
        """Return how long they take."""
        return minutes_of(self.left)


@dataclass(frozen=True, kw_only=True)
class Training:
    """Everything a person may learn, in the order in which it is due, and their guides."""

    stages: list[Stage] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)

    @property
    def rows(self) -> list[Row]:
        """Return the modules in the order in which they are due."""
        return [row for stage in self.stages for row in stage.rows]

    @property
    def next(self) -> Row | None:
        """Return what to go on with: what was begun, else what is due first."""
        left = [row for row in self.rows if not row.is_done]
        first = next((row for row in left if row.is_begun), None)
        return first or next(iter(left), None)

    @property
    def done(self) -> int:
        """Return how many modules are done."""
        return sum(row.is_done for row in self.rows)


def training_of(person: Person) -> Training:
    """Return what a person has to learn and may learn, with four queries."""
    places = _places(person)
    kinds = set(Steward.objects.filter(person=person.pk).values_list("kind", flat=True))
    own_ones = [own(row) for row in OwnModule.objects.visible_to(person).published()]
    kept = {row.module: row for row in Progress.objects.visible_to(person)}
    roles = sorted({ROLES[place.side] for place in places})
    for kind, role in ((Steward.Kind.LEAD, "programme_lead"), (Steward.Kind.SPONSOR, "sponsor")):
        roles += [role] if kind in kinds else []
    due: dict[int, list[Row]] = {stage: [] for stage in range(4)}
    for module in [*own_ones, *shipped().values()]:
        stage = min((_stage_of(module, place) for place in places), default=_FREE)
        due[stage].append(_row(module, kept.get(module.key)))
    return Training(stages=_stages(due, places), roles=roles)


def _places(person: Person) -> list[Enrolment]:
    rows = Enrolment.objects.visible_to(person).filter(person=person.pk, state__in=DUE_FOR)
    return list(rows.exclude(cohort__state=Cohort.State.CLOSED).select_related("cohort"))


def _stage_of(module: Module, place: Enrolment) -> int:
    gate, role = load_defaults().training_gate, ROLES[place.side]
    if not module.suits(role):
        return _FREE
    if module.programme_id is not None:
        is_here = module.programme_id == place.cohort.programme_id
        return (_GATE if module.before_session_2 else _MIDDLE) if is_here else _FREE
    if module.key in gate_keys(place.side):
        return _GATE
    if module.key in getattr(gate.by_mid_programme, role):
        return _MIDDLE
    return _CLOSE if module.key in gate.before_close.all else _FREE


def _stages(due: dict[int, list[Row]], places: list[Enrolment]) -> list[Stage]:
    cohorts = [place.cohort for place in places]
    middle = min((_middle_of(cohort) for cohort in cohorts), default=None)
    stages = [
        Stage(title=_("Before session 2"), rows=due[_GATE], is_gate=True),
        Stage(title=_("By the middle of the programme"), rows=due[_MIDDLE], due_on=middle),
        Stage(
            title=_("Before you close"), rows=due[_CLOSE],
            due_on=min((cohort.ends_on for cohort in cohorts), default=None),
        ),
        Stage(title=_("Whenever you like"), rows=due[_FREE]),
    ]  # fmt: skip
    return [stage for stage in stages if stage.rows]


def _middle_of(cohort: Cohort) -> dt.date:
    return cohort.starts_on + dt.timedelta(weeks=cohort.length_weeks) / 2


def due_before_session_2(person: Person) -> Stage | None:
    """Return what of the gate is left for a person who is, or is about to be, in a pair."""
    meeting = [Cohort.State.PAIRING, Cohort.State.RUNNING]
    waiting = Enrolment.objects.filter(
        person=person.pk, cohort__state__in=meeting, state=Enrolment.State.ENROLLED
    ).filter(gate_open())
    if not waiting.exists():
        return None
    stages = training_of(person).stages
    return next((stage for stage in stages if stage.is_gate and stage.left), None)


# -- a cohort, for its leads -------------------------------------------------------------------


def gate_open() -> Q:
    """Select enrolments whose training before session 2 is not done."""
    where = {"person": "person", "programme": "cohort__programme"}
    mentors = Q(side=Side.MENTOR) & is_open(Side.MENTOR, **where)
    return mentors | Q(side=Side.MENTEE) & is_open(Side.MENTEE, **where)


def _taking_part(cohort: Cohort) -> QuerySet[Enrolment]:
    return Enrolment.objects.enrolled().filter(cohort=cohort, person__left_on=None)


def not_done(cohort: Cohort, *, reader: Person) -> QuerySet[Enrolment]:
    """Return, to a lead, who of a cohort has modules of the gate still to do."""
    rows = _taking_part(cohort).filter(gate_open(), pk__in=Enrolment.objects.visible_to(reader))
    return rows.select_related("person", "cohort__programme").order_by("person__name", "pk")


def counts_of(cohort: Cohort) -> list[dict[str, Any]]:
    """Return of each side how many have done their training before session 2, of how many."""
    counted = _taking_part(cohort).order_by().values_list("side").annotate(
        of=Count("pk"), waiting=Count("pk", filter=gate_open())
    )  # fmt: skip
    found = {side: (of, waiting) for side, of, waiting in counted}
    words = {Side.MENTOR: _("Mentors"), Side.MENTEE: _("Leaders")}
    return [
        {"side": str(side), "label": words[side], "done": of - waiting, "of": of, "left": waiting}
        for side in Side
        for of, waiting in [found.get(side, (0, 0))]
        if of
    ]


def progress_page(cohort: Cohort, *, reader: Person, only: str, number: Any) -> Page:
    """Return one page of who takes part, with done or not done and nothing else."""
    rows = _taking_part(cohort).filter(pk__in=Enrolment.objects.visible_to(reader))
    if only == "open":
        rows = rows.filter(gate_open())
    rows = rows.select_related("person").order_by("person__name", "pk")
    page = Paginator(rows, PAGE_SIZE).get_page(number)
    keys = [row.pk for row in page.object_list]
    waiting = set(Enrolment.objects.filter(gate_open(), pk__in=keys).values_list("pk", flat=True))
    page.object_list = [
        {"person": row.person, "side": row.side, "is_done": row.pk not in waiting,
         "role": row.get_side_display(), "code": row.code}
        for row in page.object_list
    ]  # fmt: skip
    return page


# -- a programme's own modules -----------------------------------------------------------------


def own_modules(programme: Programme, *, reader: Person) -> list[OwnModule]:
    """Return, to its leads, every module that a programme wrote, those in use first."""
    rows = OwnModule.objects.visible_to(reader).filter(programme=programme)
    order = [OwnModule.State.PUBLISHED, OwnModule.State.DRAFT, OwnModule.State.ARCHIVED]
    return sorted(rows, key=lambda row: (order.index(row.state), row.title.casefold()))
