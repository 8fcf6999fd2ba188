"""One search over everything a person may open: people, pairs, programmes, cohorts, sessions."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from contraflow.pairs.models import Pair, Session
from contraflow.people.models import Person
from contraflow.programmes.models import Cohort, Programme

# of each kind; who needs more narrows the words
SHOWN = 8
# so many people of a name are looked for among pairs
NAMESAKES = 200
# shorter words find everybody
SHORTEST = 2
LONGEST = 100


@dataclass(frozen=True, kw_only=True)
class Found:
    """One thing that was found."""

    label: str
    note: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Group:
    """Things of one kind, and where all of them are when there are more."""

    title: str
    rows: list[Found]
    all_url: str = ""
    # whether the reader sees people here whom they do not meet
    names_others: bool = False


def search(person: Person, text: str) -> list[Group]:
    """Return what this person may open that has every word, in a fixed number of queries."""
    words = text.split()[:5]
    if len(text.strip()) < SHORTEST:
        return []
    groups = [
        _people(person, text),
        _pairs(person, text),
        _programmes(person, words),
        _cohorts(person, words),
        _sessions(person, words),
    ]
    return [group for group in groups if group and group.rows]


def _has_all(words: list[str], *fields: str) -> Q:
    found = Q()
    for word in words:
        found &= Q(*[(f"{field}__icontains", word) for field in fields], _connector=Q.OR)
    return found


def _people(person: Person, text: str) -> Group | None:
    if not person.has_perm("people.list_people"):
        return None
    rows = list(Person.objects.visible_to(person).search(text).order_by("name", "pk")[: SHOWN + 1])
    return Group(
        title=_("People"),
        rows=[
            Found(label=each.name, note=each.job_title, url=each.get_absolute_url())
            for each in rows[:SHOWN]
        ],
        all_url=f"{reverse('people:list')}?{urlencode({'q': text})}" if len(rows) > SHOWN else "",
        names_others=bool(rows),
    )


def _pairs(person: Person, text: str) -> Group:
    named = Person.objects.search(text).order_by("pk").values_list("pk", flat=True)[:NAMESAKES]
    people = list(named)
    either = Q(mentor__in=people) | Q(mentee__in=people)
    rows = list(Pair.objects.visible_to(person).filter(either).order_by("-pk")[:SHOWN])
    return Group(
        title=_("Pairs"),
        rows=[
            Found(
                label=_("%(mentor)s and %(mentee)s")
                % {"mentor": each.mentor, "mentee": each.mentee},
                note=each.cohort.name,
                url=each.get_absolute_url(),
            )
            for each in rows
        ],
        names_others=any(each.side_of(person) is None for each in rows),
    )


def _programmes(person: Person, words: list[str]) -> Group:
    rows = Programme.objects.visible_to(person).filter(_has_all(words, "title"))
    return Group(
        title=_("Programmes"),
        rows=[
            Found(label=each.title, note="", url=each.get_absolute_url())
            for each in rows.order_by("title", "pk")[:SHOWN]
        ],
    )


def _cohorts(person: Person, words: list[str]) -> Group:
    rows = Cohort.objects.visible_to(person).filter(programme__in=Programme.objects.led_by(person))
    rows = rows.filter(_has_all(words, "name", "programme__title")).select_related("programme")
    return Group(
        title=_("Cohorts"),
        rows=[
            Found(label=each.name, note=each.programme.title, url=each.get_absolute_url())
            for each in rows.order_by("name", "pk")[:SHOWN]
        ],
    )


def _sessions(person: Person, words: list[str]) -> Group:
    rows = Session.objects.visible_to(person).ahead_of(person).filter(has_own_topic=False)
    rows = rows.filter(_has_all(words, "planned__topic")).select_related("planned")
    return Group(
        title=_("Your sessions"),
        rows=[
            Found(
                label=each.planned.topic,
                note=_("with %(name)s") % {"name": each.pair.partner_of(person)},
                url=each.get_absolute_url(),
            )
            for each in rows.order_by("-due_on", "-pk")[:SHOWN]
        ],
    )
