"""The conflict guard: do the pairs there are still keep the hard rules that are nobody's secret?

It asks the engine's own rules, as every draft does, with the levels and switches of the cohort's
last publication. Vetoes, closed topics, languages and grades are not looked at: only what changes
when an organisation moves people, and harms when two meet all the same.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from contraflow.core.errors import Refusal, refuse_if
from contraflow.core.events import announce
from contraflow.matching import Participant, Rules, broken_rules
from contraflow.pairing import mails
from contraflow.pairing.draft_settings import CONFLICTS, default_settings
from contraflow.pairing.encode import place_of
from contraflow.pairing.events import ConflictCleared
from contraflow.pairing.models import Publication
from contraflow.pairing.rules import why_not_clear
from contraflow.pairs.actions import hold_pair, lock_pair, release_pair
from contraflow.pairs.models import Hold, Pair
from contraflow.people.models import Person


@dataclass
class Guarded:
    """What one look found: the keys of pairs that were paused, and of those that go on."""

    held: list[int] = field(default_factory=list)
    released: list[int] = field(default_factory=list)


def conflicts(pairs: QuerySet[Pair] | None = None) -> dict[int, list[str]]:
    """Return the rules that living pairs break today, by the pair's key, with four queries."""
    living = (Pair.objects.all() if pairs is None else pairs).living().order_by()
    rules = _rules_by_cohort()
    shipped = _rules(default_settings())
    people = _people_of(living)
    found = {}
    for pk, cohort, mentor, mentee in living.values_list("pk", "cohort", "mentor", "mentee"):
        if not {mentor, mentee} <= people.keys():
            continue  # they became a pair just now, by a draft that was checked
        broken = broken_rules(rules.get(cohort, shipped), people[mentor], people[mentee])
        if guarded := [rule for rule in broken if rule in CONFLICTS]:
            found[pk] = guarded
    return found


def _rules_by_cohort() -> dict[int, Rules]:
    """Return the rules of each cohort's last publication that stands."""
    standing = Publication.objects.standing().order_by("pk")
    last = dict(standing.values_list("cohort_id", "draft__settings"))
    return {cohort: _rules(settings) for cohort, settings in last.items()}


def _rules(settings: dict) -> Rules:
    return Rules(**settings["rules"])


def _people_of(pairs: QuerySet[Pair]) -> dict[int, Participant]:
    managed = Person.objects.filter(manager__isnull=False).order_by()
    managers = dict(managed.values_list("pk", "manager_id"))
    in_pairs = Q(pk__in=pairs.values("mentor")) | Q(pk__in=pairs.values("mentee"))
    rows = Person.objects.filter(in_pairs).order_by()
    return {
        pk: Participant(id=pk, **place_of(pk, path or "", panels, managers))
        for pk, path, panels in rows.values_list("pk", "department__path", "panels")
    }


def guard_pairs(
    *, at: dt.datetime | None = None, give_way: Callable[[], None] = lambda: None
) -> Guarded:
    """Pause every pair that came into conflict and let go on whose conflict is over.

    Cohort by cohort, each in one transaction with what its leads are told; a look that finds
    nothing new writes nothing.
    """
    at, done = at or timezone.now(), Guarded()
    found = conflicts()
    held = dict(Hold.objects.values_list("pair_id", "rules"))
    news = [pk for pk, broken in found.items() if held.get(pk) != broken]
    over = [pk for pk in held if pk not in found]
    by_cohort: dict[int, list[int]] = {}
    for pk, cohort in _cohorts_of([*news, *over]):
        by_cohort.setdefault(cohort, []).append(pk)
    for keys in by_cohort.values():
        with transaction.atomic():
            paused = []
            # in the order of their keys, as everybody does who holds several
            for pair in Pair.objects.filter(pk__in=keys).order_by("pk"):
                if pair.pk not in found:
                    done.released += [pair.pk] if release_pair(pair, at=at) else []
                elif hold_pair(pair, found[pair.pk], at=at):
                    paused.append(pair)
            mails.send_conflicts(paused, {pk: _words(found[pk]) for pk in found}, at=at)
            done.held += [pair.pk for pair in paused]
        give_way()
    return done


def _cohorts_of(keys: list[int]) -> list[tuple[int, int]]:
    rows: list[tuple[int, int]] = []
    for start in range(0, len(keys), 5_000):
        some = Pair.objects.filter(pk__in=keys[start : start + 5_000]).order_by("pk")
        rows += some.values_list("pk", "cohort_id")
    return rows


def _words(broken: list[str]) -> list[str]:
    return [str(CONFLICTS[rule]) for rule in broken]


@transaction.atomic
def clear_conflict(pair: Pair, *, by: Person, at: dt.datetime | None = None) -> None:
    """Let a lead have a paused pair looked at again: it goes on if the data was put right."""
    lock_pair(pair)
    refuse_if(why_not_clear(pair, by=by))
    if broken := conflicts(Pair.objects.filter(pk=pair.pk)).get(pair.pk):
        told = {"reasons": " ".join(_words(broken))}
        raise Refusal(_("It is as it was: %(reasons)s Put the data right first.") % told)
    if release_pair(pair, at=at):
        announce(ConflictCleared(pair_id=pair.pk, cohort_id=pair.cohort_id), by=by)
