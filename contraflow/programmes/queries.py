"""What pages and higher rooms read of programmes, in few queries."""

import datetime as dt
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import (
    Case,
    Count,
    Exists,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Value,
    When,
)
from django.utils.translation import gettext as _

from contraflow.core.models import Bounce
from contraflow.people.models import Person
from contraflow.programmes.catalogue import search_text
from contraflow.programmes.models import (
    Cohort,
    Enrolment,
    HoursRequest,
    LotteryDraw,
    PrivateProfile,
    Profile,
    ProfileTopic,
    Programme,
    Side,
    Steward,
    Topic,
)
from contraflow.programmes.personality import traits_of
from contraflow.programmes.rules import places_left, why_not_ask_hours

# more would not be read
FOUND_TOPICS = 24
# a line manager who has not answered is asked again no sooner
ASK_AGAIN_AFTER = dt.timedelta(days=7)
# minutes to prepare and to look back, beside each session
BESIDE_A_SESSION = 30
PER_PAGE = 50


def with_profiles(cohort: Cohort) -> QuerySet[Enrolment]:
    """Return a cohort's enrolments with person, profile, topics and private profile fetched.

    Four queries whatever the size. Meant for the matching: open the sealed parts with
    `core.sealing.open_together([each.private_profile for each in ... if it has one])`.
    """
    topics = ProfileTopic.objects.select_related("topic")
    return cohort.enrolments.select_related(
        "person__department", "profile", "private_profile"
    ).prefetch_related(Prefetch("profile__topics", topics))


def find_topics(words: str, limit: int = FOUND_TOPICS) -> list[Topic]:
    """Return topics in which every word occurs: equal first, then the beginning, a word, a part.

    Plain LIKE over one column, so that it needs no extension of any database.
    """
    tidy = search_text(words)
    if not tidy.strip():
        return []
    found = Topic.objects.all()
    for word in tidy.split():
        found = found.filter(search_text__contains=word)
    # with a blank at its end the last word is whole, without one it may go on
    whole, start = tidy, tidy.rstrip()
    rank = Case(
        When(label__iexact=words.strip(), then=Value(0)),
        When(search_text__startswith=whole, then=Value(1)),
        When(search_text__startswith=start, then=Value(2)),
        When(search_text__contains=whole, then=Value(3)),
        When(search_text__contains=start, then=Value(4)),
        default=Value(5),
        output_field=IntegerField(),
    )
    return list(found.annotate(rank=rank).order_by("rank", "label", "pk")[:limit])


def suggested_topics(programme: Programme) -> list[Topic]:
    """Return the themes of the programme's template, then the organisation's own topics."""
    themes = Q(source=Topic.Source.TEMPLATE, key__startswith=f"template:{programme.template}/")
    order = Case(When(themes, then=Value(0)), default=Value(1), output_field=IntegerField())
    found = Topic.objects.filter(themes | Q(source=Topic.Source.OWN))
    return list(found.annotate(order=order).order_by("order", "label", "pk")[:FOUND_TOPICS])


def counts_by_side(cohort: Cohort) -> dict[str, dict[str, int]]:
    """Count each side's enrolments by state, and the finished profiles among the enrolled."""
    rows = cohort.enrolments.values("side", "state").annotate(
        people=Count("pk"), finished=Count("profile__finished_at")
    )
    empty = dict.fromkeys([*Enrolment.State.values, "finished"], 0)
    counts = {side: dict(empty) for side in Side.values}
    for row in rows.order_by():
        side = counts[row["side"]]
        side[row["state"]] = row["people"]
        if row["state"] == Enrolment.State.ENROLLED:
            side["finished"] = row["finished"]
    return counts


def draw_of(enrolment: Enrolment) -> LotteryDraw | None:
    """Return the draw in which this enrolment's lot was drawn, if there was one."""
    draws = enrolment.cohort.draws.filter(side=enrolment.side)
    return next(
        (draw for draw in draws if any(lot["enrolment"] == enrolment.code for lot in draw.log)),
        None,
    )


def profile_steps(enrolment: Enrolment) -> list[dict[str, object]]:
    """Return the five steps of a profile, and which of them hold something."""
    profile = Profile.objects.filter(enrolment=enrolment).first() or Profile()
    private = PrivateProfile.objects.filter(enrolment=enrolment).first() or PrivateProfile()
    topics = ProfileTopic.objects.filter(profile__enrolment=enrolment, level__gte=1)
    return [
        {"key": "topics", "name": _("Topics"), "is_done": topics.exists()},
        {"key": "interests", "name": _("Interests"), "is_done": bool(profile.interests)},
        {"key": "hours", "name": _("Hours"), "is_done": bool(profile.hours)},
        {
            "key": "manner",
            "name": _("About you"),
            "is_done": traits_of(private.personality) is not None,
        },
        {"key": "people", "name": _("People"), "is_done": bool(private.wishes or private.vetoes)},
    ]


def partners_of(enrolment: Enrolment) -> QuerySet[Enrolment]:
    """Return whom this enrolment may wish for or veto: the other side of its own cohort."""
    other = Side.MENTEE if enrolment.side == Side.MENTOR else Side.MENTOR
    ready = (Enrolment.State.ENROLLED, Enrolment.State.BENCH)
    rows = Enrolment.objects.filter(cohort=enrolment.cohort_id, state__in=ready).on_side(other)
    return rows.select_related("person")


def find_partners(enrolment: Enrolment, words: str, limit: int = 10) -> list[Enrolment]:
    """Return a few of the other side by name; without words nobody, so that none are listed."""
    if not words.strip():
        return []
    people = Person.objects.search(words)
    found = partners_of(enrolment).filter(person__in=people).exclude(person=enrolment.person_id)
    return list(found.order_by("person__name", "pk")[:limit])


def programme_rows(person: Person) -> list[dict[str, Any]]:
    """Return the programmes a person may see, each with its cohorts and what the person does there.

    Three queries whatever their number.
    """
    cohorts = Cohort.objects.visible_to(person)
    own = Steward.objects.filter(person=person.pk)
    programmes = Programme.objects.visible_to(person).prefetch_related(
        Prefetch("cohorts", cohorts, to_attr="shown"), Prefetch("stewards", own, to_attr="tasks")
    )
    return [
        {
            "programme": programme,
            "cohorts": programme.shown,
            "tasks": [task.get_kind_display() for task in programme.tasks],
            "leads": any(task.kind == Steward.Kind.LEAD for task in programme.tasks),
        }
        for programme in programmes
    ]


def cohort_rows(programme: Programme, person: Person) -> list[dict[str, Any]]:
    """Return the cohorts of a programme with how many are enrolled on each side."""
    enrolled = Q(enrolments__state=Enrolment.State.ENROLLED)
    counts = {
        side: Count("enrolments", filter=enrolled & Q(enrolments__side=side))
        for side in Side.values
    }
    # counted over the plain rows: visible_to joins the enrolments of one person
    seen = Cohort.objects.filter(pk__in=Cohort.objects.visible_to(person).values("pk"))
    rows = seen.filter(programme=programme).annotate(**counts)
    return [{"cohort": row, "mentors": row.mentor, "mentees": row.mentee} for row in rows]


def side_rows(cohort: Cohort) -> list[dict[str, Any]]:
    """Return for each side of a cohort its word, counts, places, and what can be decided."""
    return [
        {
            "side": side,
            "word": cohort.programme.word_for(side),
            "counts": counts,
            "places": cohort.places_for(side),
            "left": (left := places_left(cohort, side)),
            "fits": left is None or counts["applied"] <= left,
        }
        for side, counts in counts_by_side(cohort).items()
    ]


def hours_needed(cohort: Cohort) -> int:
    """Return the hours that a place in the cohort takes: its sessions, and half an hour beside."""
    minutes = cohort.plan.count() * (cohort.session_minutes + BESIDE_A_SESSION)
    return -(-minutes // 60)


def mentors_to_ask_about(cohort: Cohort, *, at: dt.datetime) -> QuerySet[Enrolment]:
    """Return the mentors whose line manager has not answered and was not asked lately."""
    lately = Q(hours_request__asked_at__gt=at - ASK_AGAIN_AFTER)
    answered = Q(hours_request__answered_at__isnull=False)
    mentors = cohort.enrolments.filter(side=Side.MENTOR, state=Enrolment.State.ENROLLED)
    with_manager = mentors.filter(person__manager__isnull=False, person__manager__left_on=None)
    return with_manager.exclude(lately).exclude(answered)


def hours_row(cohort: Cohort, *, at: dt.datetime) -> dict[str, Any]:
    """Return how many line managers agreed to hours of mentors, and how many are to be asked."""
    mentors = cohort.enrolments.filter(side=Side.MENTOR, state=Enrolment.State.ENROLLED)
    answers = HoursRequest.Answer
    asked = Q(hours_request__isnull=False)
    nobody = Q(person__manager=None) | Q(person__manager__left_on__isnull=False)
    counted = mentors.aggregate(
        confirmed=Count("pk", filter=Q(hours_request__answer=answers.CONFIRMED)),
        not_now=Count("pk", filter=Q(hours_request__answer=answers.NOT_NOW)),
        waiting=Count("pk", filter=asked & Q(hours_request__answer="")),
        no_manager=Count("pk", filter=nobody),
    )
    return counted | {
        "to_ask": mentors_to_ask_about(cohort, at=at).count(),
        "why_not": why_not_ask_hours(cohort),
    }


def enrolment_page(cohort: Cohort, person: Person, form: Any, number: str | None) -> Page:
    """Return one page of a cohort's enrolments as plain rows, narrowed to what the form asks."""
    form.is_valid()
    asked = form.cleaned_data
    rows = cohort.enrolments.visible_to(person)
    if words := asked.get("q"):
        rows = rows.filter(person__in=Person.objects.search(words))
    if side := asked.get("side"):
        rows = rows.on_side(side)
    if state := asked.get("state"):
        rows = rows.filter(state=state)
    returned = Bounce.objects.open().filter(
        person_id=OuterRef("person_id"), address=OuterRef("person__email")
    )
    found = rows.order_by("person__name", "pk").annotate(comes_back=Exists(returned)).values(
        "comes_back", "code", "side", "state", "waiting_place", "person__name", "person__job_title",
        "person__grade", "person__department__path", "profile__finished_at",
    )  # fmt: skip
    words = {side: cohort.programme.word_for(side) for side in Side.values}
    states = dict(Enrolment.State.choices)
    page = Paginator(found, PER_PAGE).get_page(number)
    page.object_list = [
        row | {"role": words[row["side"]], "state_word": states[row["state"]]}
        for row in page.object_list
    ]
    return page


def invitable(cohort: Cohort, person: Person) -> QuerySet[Person]:
    """Return the people whom this lead may see and who are not in the cohort yet."""
    known = cohort.enrolments.values("person")
    return Person.objects.visible_to(person).active().exclude(pk__in=known)
