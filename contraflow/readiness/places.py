"""Where in the product each first step is done, for one person."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from contraflow.pairs.models import Pair, Session
from contraflow.pairs.queries import Course, course_through
from contraflow.people.models import Person
from contraflow.programmes.models import Enrolment
from contraflow.training.modules import ROLES, shipped

SIDES = {role: side for side, role in ROLES.items()}


@dataclass(frozen=True, kw_only=True)
class Link:
    """Something that can be done, and where."""

    label: str
    url: str


# each place by its name in content/resistance.yaml and content/readiness.yaml
Places = Mapping[str, Sequence[Link]]


def places_of(person: Person, role: str, *, only: Pair | None = None) -> Places:
    """Return where somebody does each thing as a mentor or leader, with three queries.

    What needs a partner, a place or a session is left out for who has none; somebody with two
    partners gets a link for each, or those of one pair `only`.
    """
    found = {
        module.key: [
            Link(label=module.title, url=reverse("training:module", args=[module.key]))
        ]
        for module in shipped().values()
    }  # fmt: skip
    found["looks"] = [Link(label=_("Who looked at your data"), url=reverse("home:looks"))]
    found["record"] = [Link(label=_("What you take along"), url=reverse("exchange:record"))]
    for name, link in [*_of_place(person, role), *_of_pairs(person, role, only)]:
        found.setdefault(name, []).append(link)
    return found


def _of_place(person: Person, role: str) -> Iterable[tuple[str, Link]]:
    rows = Enrolment.objects.visible_to(person).filter(
        person=person.pk, side=SIDES[role], state__in=Enrolment.PRESENT
    )
    row = rows.select_related("cohort__programme").order_by("-pk").first()
    if row is None:
        return
    programme = reverse("programmes:programme", args=[row.cohort.programme.code])
    yield "place", Link(label=_("Your place"), url=row.get_absolute_url())
    yield "sponsor", Link(label=_("The words of your sponsor"), url=programme)
    if row.state in {Enrolment.State.ENROLLED, Enrolment.State.BENCH}:
        profile = reverse("programmes:profile", args=[row.code])
        yield "profile", Link(label=_("Your profile"), url=profile)


def _of_pairs(person: Person, role: str, only: Pair | None) -> Iterable[tuple[str, Link]]:
    """Look at the pairs that meet, as far as this person has heard."""
    mine = {SIDES[role].value: person.pk}
    found = Pair.objects.meeting_for(person).visible_to(person).filter(**mine)
    pairs = list(found.filter(pk=only.pk) if only else found)
    sessions: dict[int, list[Session]] = {pair.pk: [] for pair in pairs}
    for session in Session.objects.filter(pair__in=sessions).order_by("number"):
        sessions[session.pair_id].append(session)
    for pair in pairs:
        course = course_through(sessions[pair.pk], at=timezone.now())
        partner = pair.partner_of(person).get_short_name() if len(pairs) > 1 else ""
        for name, label, url in [*_of_pair(pair), *_of_course(pair, course)]:
            yield name, Link(label=f"{label} · {partner}" if partner else label, url=url)


def _of_pair(pair: Pair) -> Iterable[tuple[str, str, str]]:
    here, to = pair.get_absolute_url(), _to(pair.code)
    yield "agreement", _("Your agreement"), to("pairs:agreement")
    yield "pause", _("Pause without a reason"), f"{here}#pause"
    yield "story", _("Stories of you two"), f"{here}#stories"
    yield "stories", _("What others told"), _to(pair.cohort.code)("pairs:stories")
    yield "ledger", _("Promises, both ways"), to("exchange:ledger")


def _of_course(pair: Pair, course: Course) -> Iterable[tuple[str, str, str]]:
    if course.now is None:
        return
    here = course.now.get_absolute_url()
    yield "session", _("Your next session"), here
    yield "question", _("Write a question ahead"), f"{here}#prepare"
    yield "date", _("Set or change the date"), f"{here}#date"
    if sum(each.state == Session.State.PLANNED for each in course.sessions) > 1:
        yield "series", _("Book the rest in one go"), _to(pair.code)("pairs:series")


def _to(code: str) -> Callable[[str], str]:
    return lambda name: reverse(name, args=[code])
