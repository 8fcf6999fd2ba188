"""Who looked at one's own data, read from the audit trail, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext_lazy as _

from contraflow.core.models import AuditEntry
from contraflow.pairs.models import Pair
from contraflow.people.models import Person
from contraflow.programmes.models import Enrolment

PER_PAGE = 50
_MATCHING = _("the matching of a cohort: who could be paired with whom")
# what is noted, by the name of its page
PAGES: dict[str, Any] = {
    "people:edit": _("your page, to change what the organisation says of you"),
    "people:person": _("your page: where you stand in the organisation"),
    "people:list": _("the list of people"),
    "home:search": _("a search for people and pairs"),
    "people:export": _("the list of people, as a file"),
    "people:import": _("a file of people, before or after it was applied"),
    "people:import-bad-rows": _("the rows of a file of people that were not taken"),
    "people:role-list": _("who holds which role"),
    "programmes:enrolment": _("your place in a cohort, and the part of your profile that is open"),
    "programmes:cohort": _("the list of who is in a cohort"),
    "programmes:invite": _("the list of whom to invite to a cohort"),
    "pairs:pair": _("your pair: dates and states, no words"),
    "pairs:session": _("a session of yours: its date and state, no words"),
    "pairs:list": _("the list of the pairs of a cohort"),
    "training:progress": _("the list of who in a cohort has done the training before session 2"),
    "pairing:cohort": _MATCHING,
    "pairing:draft": _MATCHING,
    "pairing:pair": _MATCHING,
    "pairing:cost": _MATCHING,
    "pairing:leaving": _MATCHING,
    "pairing:drafts": _MATCHING,
    "pairing:report": _MATCHING,
    "pairing:report-file": _("the matching of a cohort, as a file"),
    "pairing:swap": _MATCHING,
    "desk:hand-over": _("the programme leads of the organisation, to hand a programme over"),
    "desk:desk": _("the desk of a programme: which pairs need its lead"),
    "desk:pair": _("your pair on the lead's desk: what was late, and what was done"),
    "desk:write": _("your pair on the lead's desk, to write to you both"),
    "home:overview": _("the overview of a cohort: pairs that need help"),
}
# the same words: that a lead thought of an end is not for the two to read
PAGES["pairs:pair-end"] = PAGES["pairs:pair"]
# forms that were sent and come back to be mended show the page they stand on
PAGES |= {
    "people:add": PAGES["people:list"],  # managers named while one types
    "people:role-grant": PAGES["people:role-list"],
    "people:import-map": PAGES["people:import"],
    "pairing:again": _MATCHING,
}


@dataclass(frozen=True, kw_only=True)
class Look:
    """Somebody looked at something, at a moment."""

    at: datetime
    name: str
    what: Any
    # the programme and cohort it was in, if it was in one
    where: str = ""


def own_subjects(person: Person) -> dict[str, str]:
    """Return what is about this person alone or their pair, with the cohort it is in."""
    found = {f"person:{person.pk}": ""}
    for kind, rows in (
        ("enrolment", Enrolment.objects.filter(person=person.pk)),
        ("pair", Pair.objects.of(person)),
    ):
        named = rows.order_by().values_list("pk", "cohort__programme__title", "cohort__name")
        found |= {f"{kind}:{pk}": f"{title}, {cohort}" for pk, title, cohort in named}
    return found


def list_subjects(person: Person) -> dict[str, str]:
    """Return the lists in which this person may stand."""
    rows = Enrolment.objects.filter(person=person.pk).order_by()
    cohorts = rows.values_list(
        "cohort_id", "cohort__programme__title", "cohort__name", "cohort__programme_id"
    )
    found = {}
    for cohort_id, title, cohort, programme_id in cohorts:
        found[f"cohort:{cohort_id}"] = f"{title}, {cohort}"
        found[f"programme:{programme_id}"] = title
    found["people"] = ""
    if person.roles.exists():
        found["roles"] = ""
    return found


def looks_at(person: Person, *, lists: bool = False, number: Any = 1) -> Page:
    """Return one page of who looked at the data of this person, newest first."""
    subjects = list_subjects(person) if lists else own_subjects(person)
    entries = AuditEntry.objects.about(subjects).exclude(by_id=person.pk)
    page = Paginator(entries.order_by("-at", "-pk"), PER_PAGE).get_page(number)
    page.object_list = _in_words(list(page.object_list), subjects)
    return page


def _in_words(entries: Iterable[AuditEntry], subjects: dict[str, str]) -> list[Look]:
    names = dict(
        Person.objects.filter(pk__in={entry.by_id for entry in entries}).values_list("pk", "name")
    )
    return [
        Look(
            at=entry.at,
            name=names.get(entry.by_id, ""),
            what=PAGES.get(entry.facts["page"], entry.facts["page"]),
            where=subjects[entry.about],
        )
        for entry in entries
    ]
