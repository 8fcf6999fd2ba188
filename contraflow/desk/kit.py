"""The sponsor's kit: what a sponsor does in a programme and when, each found from facts."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contraflow.content.schema import load_defaults, load_sponsor_kit
from contraflow.desk import rules
from contraflow.desk.models import PersonalWord, PublicLearner, Speech
from contraflow.desk.queries import pairs_without_lead
from contraflow.pairs.models import Ending, Pair, Session
from contraflow.pairs.rests import rests_of, rests_until
from contraflow.pairs.times import two_given_up
from contraflow.people.models import Person
from contraflow.programmes.models import Cohort, Enrolment, Programme, Side, Steward


class State(Enum):
    """How far something is that a sponsor does."""

    DONE = "done"
    DUE = "due"
    FREE = "free"
    NOT_YET = "not_yet"

    @property
    def label(self) -> Any:
        """Return the state in words."""
        return {
            State.DONE: gettext_lazy("done"),
            State.DUE: gettext_lazy("now"),
            State.FREE: gettext_lazy("if you like"),
            State.NOT_YET: gettext_lazy("later"),
        }[self]


@dataclass(frozen=True, kw_only=True)
class Part:
    """One thing a sponsor does: how far it is, why, and where it is done."""

    key: str
    title: str
    about: str
    state: State
    # when it was done, what it waits for
    note: str = ""
    url: str = ""

    @property
    def is_due(self) -> bool:
        """Tell whether it should be done now."""
        return self.state is State.DUE

    @property
    def action(self) -> str:
        """Return what leads to where it is done, or was."""
        if self.key == "answer":
            return _("Open")
        return _("Look") if self.state is State.DONE else _("Write")


def parts_of(sponsor: Person, programme: Programme, *, at: dt.datetime | None = None) -> list[Part]:
    """Return what one sponsor of a programme does, in the order of a cohort's life."""
    on = timezone.localdate(at)
    cohorts = _cohorts_of(programme, reader=sponsor, on=on)
    learner = _learners(programme, [sponsor.pk], reader=sponsor).first()
    own_cohort = takes_part_in([sponsor.pk], programme, reader=sponsor)
    return [
        _learner(programme, cohorts, learner, own_cohort),
        *_speeches(cohorts, on=on),
        _personal_word(programme, cohorts, sponsor),
        _answer(programme),
        _learned(programme, cohorts, learner, on=on),
    ]


def parts_a_lead_sees(
    programme: Programme, *, reader: Person, at: dt.datetime | None = None
) -> list[Part]:
    """Return what everybody in the programme hears of its sponsors, and the lead may ask for.

    Not the personal word: whether one stands ready is its author's own.
    """
    on = timezone.localdate(at)
    cohorts = _cohorts_of(programme, reader=reader, on=on)
    stewards = programme.stewards.filter(kind=Steward.Kind.SPONSOR, person__left_on=None)
    sponsors = list(stewards.values_list("person_id", flat=True))
    learner = _learners(programme, sponsors, reader=reader).first()
    own_cohort = takes_part_in(sponsors, programme, reader=reader)
    return [_learner(programme, cohorts, learner, own_cohort), *_speeches(cohorts, on=on)]


def due_parts(
    person: Person, *, at: dt.datetime | None = None
) -> list[tuple[Programme, list[Part]]]:
    """Return what this person should say now in each programme they answer for."""
    sponsored = Programme.objects.filter(
        stewards__person=person.pk, stewards__kind=Steward.Kind.SPONSOR
    )
    found = [
        (programme, [each for each in parts_of(person, programme, at=at) if each.is_due])
        for programme in sponsored
    ]
    return [(programme, parts) for programme, parts in found if parts]


def takes_part_in(
    sponsors: Iterable[int], programme: Programme, *, reader: Person
) -> Cohort | None:
    """Return the newest cohort of the programme in which one of its sponsors learns as a leader.

    For that sponsor and for leads, who see enrolments: nobody else is told.
    """
    own = Enrolment.objects.visible_to(reader).filter(
        person__in=sponsors, side=Side.MENTEE, state=Enrolment.State.ENROLLED,
        cohort__programme=programme,
    )  # fmt: skip
    newest = own.select_related("cohort").order_by("-cohort__starts_on", "-pk").first()
    return newest.cohort if newest else None


def sponsors_words(programme: Programme, *, reader: Person, only: Cohort | None = None) -> dict:
    """Return what the sponsors of a programme said, as far as this person may hear it."""
    spoken = Speech.objects.visible_to(reader).said().filter(leaves_at__lte=timezone.now())
    spoken = spoken.filter(cohort=only) if only else spoken.filter(cohort__programme=programme)
    learners = PublicLearner.objects.visible_to(reader).filter(programme=programme)
    return {
        "learners": list(learners.select_related("person")),
        "speeches": list(spoken.select_related("cohort", "by")[:SHOWN]),
    }


# so many words to cohorts stand on the page of their programme
SHOWN = 4


# -- each of the parts ----------------------------------------------------------------------------


def _learners(
    programme: Programme, sponsors: Iterable[int], *, reader: Person
) -> QuerySet[PublicLearner]:
    seen = PublicLearner.objects.visible_to(reader)
    return seen.filter(programme=programme, person__in=sponsors)


def _cohorts_of(programme: Programme, *, reader: Person, on: dt.date) -> list[Cohort]:
    """Return cohorts that begin, run, or ended lately, in their order."""
    rows = (
        programme.cohorts.visible_to(reader)
        .filter(archived_at=None)
        .annotate(has_pairs=Exists(Pair.objects.filter(cohort=OuterRef("pk"))))
    )
    return [
        cohort
        for cohort in rows.order_by("starts_on", "pk")
        if on <= rules.closing_days(cohort)[1]
        and (cohort.has_pairs or cohort.state != Cohort.State.CLOSED)
    ]


def _part(key: str, state: State, **more: Any) -> Part:
    words = getattr(load_sponsor_kit().parts, key)
    return Part(key=key, state=state, **{"title": words.title, "about": words.about, **more})


def _learner(
    programme: Programme, cohorts: Iterable[Cohort], learner: PublicLearner | None,
    own_cohort: Cohort | None,
) -> Part:  # fmt: skip
    url = reverse("desk:learner", args=[programme.code])
    notes = []
    if own_cohort:
        takes_part = _("Takes part in %(cohort)s as a leader: no words are stronger.")
        notes.append(takes_part % {"cohort": own_cohort.name})
    if learner:
        notes.append(_("Said on %(day)s.") % {"day": _day(learner.said_at)})
    if notes:
        return _part("learner", State.DONE, note=" ".join(notes), url=url)
    if all(cohort.state == Cohort.State.DRAFT for cohort in cohorts):
        return _part("learner", State.NOT_YET, note=_("Once people are invited."), url=url)
    return _part("learner", State.DUE, url=url)


def _speeches(cohorts: Iterable[Cohort], *, on: dt.date) -> list[Part]:
    # that words were said, and when: also those of another sponsor that leave in a minute
    said = {
        (speech.cohort_id, speech.kind): speech
        for speech in Speech.objects.said().filter(cohort__in=[each.pk for each in cohorts])
    }
    return [
        _speech(cohort, kind, said.get((cohort.pk, kind)), on=on)
        for cohort in cohorts
        for kind in Speech.Kind.values
        if (cohort.pk, kind) in said or _has_its_time(cohort, kind, on)
    ]


def _has_its_time(cohort: Cohort, kind: str, on: dt.date) -> bool:
    """Tell whether words are due or the next to come: neither past, nor after the next."""
    if kind == Speech.Kind.CLOSING:
        return cohort.state in {Cohort.State.RUNNING, Cohort.State.CLOSED}
    return cohort.state != Cohort.State.CLOSED and on < rules.opening_ends_on(cohort)


def _speech(cohort: Cohort, kind: str, said: Speech | None, *, on: dt.date) -> Part:
    url = reverse("desk:speech", args=[cohort.code, kind])
    title = {
        Speech.Kind.OPENING: _("Open %(cohort)s"),
        Speech.Kind.CLOSING: _("Close %(cohort)s"),
    }[Speech.Kind(kind)] % {"cohort": cohort.name}
    if said:
        note = _("Said on %(day)s.") % {"day": _day(said.at)}
        return _part(kind, State.DONE, title=title, note=note, url=url)
    if reason := rules.why_not_yet(cohort, kind, on=on):
        return _part(kind, State.NOT_YET, title=title, note=reason)
    return _part(kind, State.DUE, title=title, url=url)


def _personal_word(programme: Programme, cohorts: Iterable[Cohort], sponsor: Person) -> Part:
    url = reverse("desk:personal-word", args=[programme.code])
    standing = PersonalWord.objects.standing().filter(programme=programme, by=sponsor).first()
    if standing:
        note = _("Stands ready since %(day)s.") % {"day": _day(standing.at)}
        return _part("personal_word", State.DONE, note=note, url=url)
    runs = any(cohort.state == Cohort.State.RUNNING for cohort in cohorts)
    if not runs:
        return _part("personal_word", State.NOT_YET, note=_("Once the pairs are published."))
    return _part("personal_word", State.FREE, url=url)


def _answer(programme: Programme) -> Part:
    if pairs_without_lead(programme):
        note = _("A pair needs another lead: you got a mail about it.")
        return _part("answer", State.DUE, note=note, url=programme.get_absolute_url())
    return _part("answer", State.DONE, note=_("Nothing waits for you."))


def _learned(
    programme: Programme, cohorts: Iterable[Cohort], learner: PublicLearner | None, *, on: dt.date
) -> Part:
    url = reverse("desk:learner", args=[programme.code])
    if learner and learner.learned:
        return _part("learned", State.DONE, url=url)
    if not learner:
        return _part("learned", State.NOT_YET, note=_("Once you said what you want to learn."))
    reasons = [rules.why_not_yet(each, Speech.Kind.CLOSING, on=on) for each in cohorts]
    if all(reasons):
        return _part("learned", State.NOT_YET, note=_("When a cohort comes to its end."), url=url)
    return _part("learned", State.DUE, url=url)


def _day(moment: dt.datetime) -> str:
    return date_format(timezone.localtime(moment), "j F Y")


# -- whom a personal word reaches -----------------------------------------------------------------


def pairs_that_wait(programme: Programme, *, at: dt.datetime) -> list[Pair]:
    """Return the pairs whose leader gave up two dates in a row and has set no new one.

    Only after a day, so that whoever sets a new date by themselves hears nothing; and not while
    the pair rests.
    """
    days = dt.timedelta(days=load_defaults().sponsor.personal_word_after_days)
    booked = Session.objects.filter(pair=OuterRef("pk"), state=Session.State.BOOKED)
    left = Ending.objects.filter(pair=OuterRef("pk"), who=Ending.Who.MENTEE)
    pairs = Pair.objects.active().filter(
        ~Exists(booked), ~Exists(left), cohort__programme=programme,
        cohort__state=Cohort.State.RUNNING, mentee__left_on=None,
    )  # fmt: skip
    given_up, rests, today = two_given_up(pairs), rests_of(pairs), timezone.localdate(at)
    return [
        pair
        for pair in pairs.filter(pk__in=given_up).select_related("mentee", "cohort").order_by("pk")
        if given_up[pair.pk] <= at - days and not rests_until(today, rests.get(pair.pk, ()))
    ]
