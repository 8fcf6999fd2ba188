"""What comes next for those who set up and run: the installation first, then each cohort."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contraflow.core.figures import figure
from contraflow.core.models import Installation
from contraflow.home.today import Card
from contraflow.pairing.standing import without_partner
from contraflow.people.models import Person, Role
from contraflow.programmes.models import Cohort, Enrolment, Programme, Side

# cards that wait for this person, but come after what other people wait for
URGENCY = 40


@dataclass(frozen=True, kw_only=True)
class Step:
    """The one thing that brings a cohort on, and where it is done."""

    text: str
    action: str
    url: str


def setting_up_cards(person: Person) -> list[Card]:
    """Return what an installation still needs before its first programme can run."""
    cards = []
    if person.has_perm("people.view_installation"):
        cards += _administrators_cards(person)
    may_create = person.has_perm("programmes.create_programme")
    if may_create and not Programme.objects.led_by(person).exists():
        cards.append(
            Card(
                urgency=URGENCY + 3,
                title=_("Make your first programme"),
                text=_("A ready template fills in objectives, themes and every session."),
                url=reverse("programmes:new"),
                action=_("Choose a template"),
            )
        )
    return cards


def _administrators_cards(person: Person) -> list[Card]:
    cards = []
    if not Installation.current().key_backed_up_at:
        cards.append(
            Card(
                urgency=URGENCY,
                title=_("Keep the key in a second place"),
                text=_("Without it, nobody could ever read again what people wrote."),
                url=reverse("people:installation"),
                action=_("See the key"),
            )
        )
    if not Person.objects.active().exclude(pk=person.pk).exists():
        cards.append(
            Card(
                urgency=URGENCY + 1,
                title=_("Bring your people in"),
                text=_("A CSV or Excel file as HR has it; you see first what it would do."),
                url=reverse("people:import-list"),
                action=_("Import people"),
            )
        )
    if not Role.objects.filter(kind=Role.Kind.LEAD).exists():
        cards.append(
            Card(
                urgency=URGENCY + 2,
                title=_("Make somebody programme lead"),
                text=_("Programme leads make programmes and run them. It can be you."),
                url=reverse("people:role-list"),
                action=_("Give the role"),
            )
        )
    return cards


def next_steps(cohorts: Iterable[Cohort], *, today: dt.date) -> dict[int, Step | None]:
    """Return what brings each cohort on, by its key, or None while the pairs are at work."""
    cohorts = list(cohorts)
    states = Enrolment.State
    unfinished = Q(state=states.ENROLLED, profile__finished_at__isnull=True)
    counted = {
        row["cohort"]: row
        for row in Enrolment.objects.filter(cohort__in=cohorts)
        .values("cohort")
        .annotate(
            n_invited=Count("pk", filter=Q(state=states.INVITED)),
            n_applied=Count("pk", filter=Q(state=states.APPLIED)),
            n_unfinished=Count("pk", filter=unfinished),
        )
    }
    return {cohort.pk: _step(cohort, counted.get(cohort.pk), today) for cohort in cohorts}


def _step(cohort: Cohort, counted: dict | None, today: dt.date) -> Step | None:
    at = {
        name: reverse(name, args=[cohort.code])
        for name in ("programmes:cohort", "programmes:invite", "pairing:cohort")
    }
    if cohort.state == Cohort.State.DRAFT:
        text = _("Nobody can be invited or apply before enrolment is open.")
        return Step(text=text, action=_("Open enrolment"), url=at["programmes:cohort"])
    if cohort.state == Cohort.State.PAIRING:
        text = _("Enrolment has ended: propose pairs, look at them, and publish them.")
        return Step(text=text, action=_("Go to matching"), url=at["pairing:cohort"])
    if cohort.state == Cohort.State.CLOSED:
        return None
    if cohort.state == Cohort.State.RUNNING:
        if today <= cohort.ends_on:
            return _leaders_alone(cohort, at["pairing:cohort"])
        settings = reverse("programmes:cohort-settings", args=[cohort.code])
        text = _("Its last day has passed.")
        return Step(text=text, action=_("Close the cohort"), url=settings)
    if counted is None:
        text = _("Enrolment is open, and nobody is asked yet.")
        return Step(text=text, action=_("Invite people"), url=at["programmes:invite"])
    if waiting := _who_is_waited_for(counted):
        return Step(text=waiting, action=_("See who"), url=at["programmes:cohort"])
    text = _("Everybody has answered, and every profile is finished.")
    return Step(text=text, action=_("Propose pairs"), url=at["pairing:cohort"])


def _leaders_alone(cohort: Cohort, url: str) -> Step | None:
    """Say that leaders of a running cohort have no mentor; mentors may be more than leaders."""
    alone = without_partner(cohort).filter(side=Side.MENTEE).count()
    if not alone:
        return None
    text = ngettext("%(n)s leader has no mentor.", "%(n)s leaders have no mentor.", alone)
    return Step(text=text % {"n": figure(alone)}, action=_("Find a mentor"), url=url)


def _who_is_waited_for(counted: dict) -> str:
    applied, invited, unfinished = (
        counted[name] for name in ("n_applied", "n_invited", "n_unfinished")
    )
    told = []
    if applied:
        told.append(
            ngettext("%(n)s application waits for you", "%(n)s applications wait for you", applied)
            % {"n": figure(applied)}
        )
    if invited:
        told.append(
            ngettext("%(n)s invitation is not answered", "%(n)s invitations are not answered",
                     invited) % {"n": figure(invited)}
        )  # fmt: skip
    if unfinished:
        told.append(
            ngettext("%(n)s profile is not finished", "%(n)s profiles are not finished",
                     unfinished) % {"n": figure(unfinished)}
        )  # fmt: skip
    return f"{', '.join(told)}." if told else ""
