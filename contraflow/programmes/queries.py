"""What pages and higher rooms read of programmes, in few queries."""

from django.db.models import Case, Count, IntegerField, Prefetch, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from contraflow.programmes.catalogue import search_text
from contraflow.programmes.models import (
    Cohort,
    Enrolment,
    LotteryDraw,
    PrivateProfile,
    Profile,
    ProfileTopic,
    Programme,
    Side,
    Topic,
)
from contraflow.programmes.personality import traits_of

# more would not be read
FOUND_TOPICS = 24


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
    whole, start, word, part = tidy, tidy.rstrip(), tidy, tidy.rstrip()
    rank = Case(
        When(label__iexact=words.strip(), then=Value(0)),
        When(search_text__startswith=whole, then=Value(1)),
        When(search_text__startswith=start, then=Value(2)),
        When(search_text__contains=word, then=Value(3)),
        When(search_text__contains=part, then=Value(4)),
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


def funnel(cohort: Cohort) -> dict[str, dict[str, int]]:
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
            "name": _("Manner"),
            "is_done": traits_of(private.personality) is not None,
        },
        {"key": "people", "name": _("People"), "is_done": bool(private.wishes or private.vetoes)},
    ]
