"""What the pages of pairs show, gathered with a fixed number of queries."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from contraflow.content.agenda import timed_agenda
from contraflow.content.schema.defaults import load_defaults
from contraflow.core.sealing import open_together
from contraflow.pairs.health import pairs_in_need
from contraflow.pairs.models import (
    CommitmentWords,
    Pair,
    Session,
    SessionChange,
    SessionWords,
    Story,
    StoryWords,
)
from contraflow.pairs.rests import rest_on, rests_of, rests_until
from contraflow.people.models import Person
from contraflow.programmes.models import Cohort, Side

State = Session.State


# -- one pair -------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Course:
    """The sessions of a pair, and which of them stands in front of the two now."""

    sessions: list[Session]
    # booked and not over
    next: Session | None
    # over, but nobody has said yet whether it was held
    to_tell: list[Session]
    # the first without a date
    to_book: Session | None

    @property
    def held(self) -> int:
        """Return how many took place."""
        return sum(session.state == State.HELD for session in self.sessions)

    @property
    def now(self) -> Session | None:
        """Return the session the two are at."""
        return self.next or self.to_book


def course_of(pair: Pair, *, reader: Person) -> Course:
    """Return the sessions of a pair with one query; for who has left it, no date is to come."""
    sessions = list(pair.sessions.select_related("planned"))
    now, has_left = timezone.now(), pair.has_left(reader)
    for session in sessions:
        session.pair = pair
        if has_left and session.state == State.BOOKED and session.starts_at > now:
            session.state, session.starts_at = State.PLANNED, None
    return course_through(sessions, at=now)


def course_through(sessions: list[Session], *, at: dt.datetime) -> Course:
    """Return where a pair stands in its sessions, which come in the order of the plan."""
    booked = sorted(
        (session for session in sessions if session.state == State.BOOKED),
        key=lambda session: session.starts_at,
    )
    open_ones = [session for session in sessions if session.state == State.PLANNED]
    open_ones += [session for session in sessions if session.state == State.MISSED]
    return Course(
        sessions=sessions,
        next=next((session for session in booked if session.ends_at > at), None),
        to_tell=[session for session in booked if session.ends_at <= at],
        to_book=open_ones[0] if open_ones else None,
    )


def rhythm_in_words(days: int) -> str:
    """Return how often a pair meets: "every two weeks" reads better than a number of days."""
    if days % 7:
        return ngettext("every day", "every %(days)s days", days) % {"days": days}
    weeks = days // 7
    return ngettext("every week", "every %(weeks)s weeks", weeks) % {"weeks": weeks}


_PARTS: dict[str, Any] = {
    "arrive": gettext_lazy("Arrive"),
    "look_back_at_commitment": gettext_lazy("Look back"),
    "activity": gettext_lazy("Activity"),
    "what_i_heard": gettext_lazy("What I heard"),
    "next_step": gettext_lazy("Next step"),
    "left_open": gettext_lazy("Left open"),
}


def agenda_of(session: Session, words: SessionWords | None = None) -> list[dict[str, Any]]:
    """Return the timed agenda of a session: minutes, the part's name, what happens in it.

    `words` are the two's own about this session, where whoever reads is one of them.
    """
    planned = None if session.has_own_topic else session.planned
    own_activity = (words and words.own_activity) or _("What matters to you both today.")
    leader = session.pair.mentee.get_short_name()
    mentor = session.pair.mentor.get_short_name()
    names = {"leader": leader, "mentor": mentor}
    texts = {
        "arrive": planned.opening if planned else _("One personal question to arrive."),
        "look_back_at_commitment": _("What you said you would try: done, changed or dropped?")
        if session.number > 1
        else _("How you each came to be here, and what would make it worth your time."),
        "activity": planned.activity if planned else own_activity,
        "what_i_heard": _("%(leader)s says back what was heard, %(mentor)s puts it right.") % names,
        "next_step": planned.between if planned else _("One thing to try until next time."),
        "left_open": _(
            "Free for whatever came up. Or switch roles: %(mentor)s asks, %(leader)s explains."
        )
        % names,
    }
    shares = load_defaults().agenda_shares.model_dump()
    return [
        {"minutes": minutes, "name": _PARTS[key], "text": texts[key]}
        for key, minutes in timed_agenda(shares, session.minutes)
    ]


@dataclass(frozen=True, kw_only=True)
class Clock:
    """An agenda in its time: when it began and where it is; nothing before it begins."""

    parts: list[dict[str, Any]]
    begun: dt.datetime | None
    # the place of the part that runs, past the last one once all are over
    now: int | None


def clock_of(agenda: list[dict[str, Any]], *, begun: dt.datetime | None, at: dt.datetime) -> Clock:
    """Put an agenda on the clock; one that began in the future or a day ago has not begun."""
    if begun is None or not dt.timedelta() <= at - begun < dt.timedelta(days=1):
        return Clock(parts=agenda, begun=None, now=None)
    parts, ends = [], begun
    for part in agenda:
        starts, ends = ends, ends + dt.timedelta(minutes=part["minutes"])
        parts.append(part | {"starts_at": starts, "is_now": starts <= at < ends})
    over = sum(at >= part["starts_at"] for part in parts)
    return Clock(parts=parts, begun=begun, now=len(parts) if at >= ends else over - 1)


def learned_in(pair: Pair, *, reader: Person) -> dict[str, list[dict[str, Any]]]:
    """Return what each side wrote, by session; nothing for anybody but the two."""
    words = SessionWords.objects.visible_to(reader).filter(session__pair=pair)
    rows = open_together(words.select_related("session").order_by("session__number"))
    found: dict[str, list[dict[str, Any]]] = {"by_mentor": [], "by_mentee": []}
    for row in rows:
        for side, texts in found.items():
            if text := getattr(row, f"learned_{side}"):
                texts.append({"number": row.session.number, "text": text})
    return found


def commitments_of(pair: Pair, *, reader: Person) -> list[dict[str, Any]]:
    """Return what each of the two set themself, oldest first; nothing for anybody but the two."""
    rows = CommitmentWords.objects.visible_to(reader).filter(commitment__session__pair=pair)
    rows = open_together(
        rows.select_related("commitment__session").order_by(
            "commitment__session__number", "commitment__side"
        )
    )
    side = pair.side_of(reader)
    people = {Side.MENTOR: pair.mentor, Side.MENTEE: pair.mentee}
    return [
        {
            "code": row.commitment.code,
            "number": row.commitment.session.number,
            "is_mine": row.commitment.side == side,
            "name": people[row.commitment.side].get_short_name(),
            "condition": row.condition,
            "action": row.action,
            "outcome": row.outcome,
            "outcome_in_words": row.outcome_in_words(),
        }
        for row in rows
    ]


def stories_of(pair: Pair, *, reader: Person) -> list[dict[str, Any]]:
    """Return what the two told each other, and who else hears it; nothing for anybody else."""
    rows = StoryWords.objects.visible_to(reader).filter(story__pair=pair)
    rows = open_together(rows.select_related("story__shared").order_by("story__pk"))
    if pair.words_deleted_at:
        # what both let the cohort hear stands in a copy, which either of them can still take back
        told = Story.objects.visible_to(reader).filter(pair=pair, shared__isnull=False)
        rows = [
            StoryWords(story=story, text=story.shared.text)
            for story in told.select_related("shared")
        ]
    side, both = pair.side_of(reader), {Side.MENTOR: pair.mentor, Side.MENTEE: pair.mentee}
    return [
        {
            "story": row.story,
            "prompt": row.prompt,
            "text": row.text,
            "is_mine": row.story.side == side,
            "author": both[row.story.side],
            "is_shared": hasattr(row.story, "shared"),
            "is_ours": row.story.shared_as == Story.SharedAs.OURS,
            "shared_as": row.story.get_shared_as_display(),
        }
        for row in rows
    ]


def topics_to_choose(session: Session, course: Course) -> list[tuple[str, str]]:
    """Return the plan's topics that a session may be about, as (number, words)."""
    sessions = {each.planned_id: each for each in course.sessions if not each.has_own_topic}
    held = {each.planned_id for each in course.sessions if each.state == State.HELD}
    choices = []
    for planned in session.pair.cohort.plan.all():
        other = sessions.get(planned.pk)
        words = planned.topic
        if planned.pk in held:
            continue
        if other and other.pk != session.pk:
            words = _("%(topic)s (swap with session %(number)s)") % {
                "topic": planned.topic,
                "number": other.number,
            }
        choices.append((str(planned.number), words))
    return choices


# so long after a session its one thing learned is asked for; then it is left to the two
ASK_WITHIN = dt.timedelta(days=14)


def sessions_to_learn_from(person: Person, *, at: dt.datetime) -> QuerySet[Session]:
    """Return the sessions held lately of which this person has not said what they learned."""
    has_written = Q(pair__mentor=person.pk, words__learned_by_mentor__isnull=False) | Q(
        pair__mentee=person.pk, words__learned_by_mentee__isnull=False
    )
    lately = Session.objects.of(person).held().filter(starts_at__gte=at - ASK_WITHIN)
    return lately.exclude(has_written)


def was_told_by_partner(session: Session, person: Person) -> bool:
    """Tell whether the other of the two, not this person, said that the session was held."""
    told = session.changes.filter(kind=SessionChange.Kind.HELD).order_by("-at", "-pk").first()
    return told is not None and told.side != session.pair.side_of(person)


_TOLD: dict[str, Any] = {
    SessionChange.Kind.BOOKED: gettext_lazy("%(name)s booked session %(number)s"),
    SessionChange.Kind.MOVED: gettext_lazy("%(name)s moved session %(number)s"),
    SessionChange.Kind.CANCELLED: gettext_lazy("%(name)s cancelled session %(number)s"),
    SessionChange.Kind.HELD: gettext_lazy("%(name)s said that session %(number)s was held"),
    SessionChange.Kind.MISSED: gettext_lazy("%(name)s said that session %(number)s was not held"),
    SessionChange.Kind.CORRECTED: gettext_lazy("%(name)s took that back for session %(number)s"),
}


def changes_of(
    pair: Pair, *, reader: Person, session: Session | None = None
) -> list[dict[str, Any]]:
    """Return what happened to the dates of a pair, or of one session, newest first, in words."""
    about = {"session": session} if session else {"session__pair": pair}
    changes = SessionChange.objects.visible_to(reader).filter(**about)
    names = {"mentor": pair.mentor.get_short_name(), "mentee": pair.mentee.get_short_name()}
    rows = []
    for change in changes.select_related("session", "helper").order_by("-at", "-pk"):
        words = {"name": names.get(change.side), "number": change.session.number}
        told = _TOLD[change.kind] if change.side else _("Session %(number)s was cancelled")
        what = told % words
        if change.helper:
            words = {"name": change.helper.name, "what": what}
            what = _("%(what)s (done by %(name)s)") % words
        rows.append(
            {
                "at": change.at,
                "what": what,
                "about": change.was_at,
                "notice": notice_in_words(change.notice_hours),
            }
        )
    return rows


def notice_in_words(hours: int | None) -> str:
    """Return how long before the session something was changed."""
    if hours is None:
        return ""
    if hours >= 48:
        return _("%(days)s days before") % {"days": hours // 24}
    if hours < 1:
        return _("less than an hour before")
    return ngettext("%(hours)s hour before", "%(hours)s hours before", hours) % {"hours": hours}


# -- a person's calendar --------------------------------------------------------------------------

FEED_PAST = dt.timedelta(days=90)


def feed_sessions(
    person: Person, *, at: dt.datetime | None = None
) -> list[tuple[Session, dt.datetime]]:
    """Return the sessions of a person's calendar, each with the moment it last changed."""
    since = (at or timezone.now()) - FEED_PAST
    sessions = (
        Session.objects.visible_to(person)
        .ahead_of(person)
        .filter(state__in=[State.BOOKED, State.HELD], starts_at__gte=since)
        .select_related("pair__mentor", "pair__mentee")
        .annotate(changed_at=Max("changes__at"))
        .order_by("starts_at", "pk")
    )
    return [(session, session.changed_at or session.starts_at) for session in sessions]


# -- the lead's list ------------------------------------------------------------------------------

PAGE_SIZE = 50


def _sessions(*conditions: Q, **fields: Any) -> Exists:
    return Exists(Session.objects.filter(*conditions, pair=OuterRef("pk"), **fields))


def _needs_date() -> Q:
    return (
        Q(state=Pair.State.ACTIVE)
        & Q(_sessions(state__in=[State.PLANNED, State.MISSED]))
        & ~Q(_sessions(state=State.BOOKED))
    )


# the filter that shows what the overview's card of pairs that need the lead begins with
NEEDS_YOU = "needs-you"
# the filter that shows pairs which have not signed their agreement yet
FORMING = "forming"
# key in the address: what the lead reads, what it selects at a moment
FILTERS: dict[str, tuple[Any, Any]] = {
    "": (gettext_lazy("All pairs"), lambda at: Q()),
    NEEDS_YOU: (gettext_lazy("Pairs that need you"), lambda at: Q()),
    FORMING: (
        gettext_lazy("Agreement not signed yet"),
        lambda at: Q(state=Pair.State.ACTIVE, active_since=None),
    ),
    "needs-a-date": (
        gettext_lazy("Without a date"),
        lambda at: _needs_date() & ~rest_on(timezone.localdate(at)),
    ),
    "resting": (
        gettext_lazy("Resting"),
        lambda at: Q(state=Pair.State.ACTIVE) & rest_on(timezone.localdate(at)),
    ),
    "overdue": (
        gettext_lazy("Behind the plan"),
        lambda at: (
            _needs_date()
            & ~rest_on(timezone.localdate(at))
            & Q(_sessions(state=State.PLANNED, due_on__lt=timezone.localdate(at)))
        ),
    ),
    "to-tell": (
        gettext_lazy("Held or not, nobody said"),
        lambda at: Q(_sessions(state=State.BOOKED, starts_at__lt=at - dt.timedelta(days=1))),
    ),
    "on-hold": (gettext_lazy("Paused by a conflict"), lambda at: Q(state=Pair.State.PAUSED)),
    "ended": (gettext_lazy("Ended"), lambda at: Q(state=Pair.State.ENDED)),
}


def list_pairs(
    cohort: Cohort, *, reader: Person, search: str = "", only: str = "", number: Any = 1, at=None
) -> Page:
    """Return one page of a cohort's pairs as rows, in the order they were started.

    Those that need the lead come with the reasons, those that need most first.
    """
    at = at or timezone.now()
    pairs: QuerySet = Pair.objects.visible_to(reader).filter(cohort=cohort)
    pairs = pairs.filter(FILTERS.get(only, FILTERS[""])[1](at))
    for word in search.split()[:5]:
        pairs = pairs.filter(Q(mentor__name__icontains=word) | Q(mentee__name__icontains=word))
    # keys first: counting them and leaping over them joins nobody's name
    keys: Any = pairs.order_by("pk").values_list("pk", flat=True)
    reasons: dict[int, list[str]] = {}
    if only == NEEDS_YOU:
        needy = {each.pk: each.health.words for each in pairs_in_need(cohort, now=at)}
        found = set(keys)
        reasons = {pk: words for pk, words in needy.items() if pk in found}
        keys = list(reasons)
    page = Paginator(keys, PAGE_SIZE).get_page(number)
    order = list(page.object_list)
    rows = Pair.objects.filter(pk__in=order).values(
        "pk", "code", "state", "theme", "active_since", "mentor__name", "mentee__name"
    )
    rows = sorted(rows, key=lambda row: order.index(row["pk"]))
    page.object_list = _with_figures(rows, at)
    for row in rows:
        row["reasons"] = reasons.get(row["pk"], [])
    return page


def _with_figures(rows: list[dict[str, Any]], at: dt.datetime) -> list[dict[str, Any]]:
    """Add what the sessions of each pair say; `due_on` is the plan's next day still to come.

    A session that was not held can be booked again, but the plan goes on without it.
    """
    figures = (
        Session.objects.filter(pair__in=[row["pk"] for row in rows])
        .order_by()
        .values("pair_id")
        .annotate(
            planned=Count("pk"),
            held=Count("pk", filter=Q(state=State.HELD)),
            next_at=Min("starts_at", filter=Q(state=State.BOOKED, starts_at__gte=at)),
            last_at=Max("starts_at", filter=Q(state=State.HELD)),
            due_on=Min("due_on", filter=Q(state=State.PLANNED)),
            missed=Count("pk", filter=Q(state=State.MISSED)),
        )
    )
    of_pair = {each["pair_id"]: each for each in figures}
    nothing = {
        "planned": 0, "held": 0, "next_at": None, "last_at": None, "due_on": None, "missed": 0,
    }  # fmt: skip
    today = timezone.localdate(at)
    rests = rests_of(Pair.objects.filter(pk__in=[row["pk"] for row in rows]))
    for row in rows:
        row.update(of_pair.get(row["pk"], nothing))
        row["is_active"] = row["state"] == Pair.State.ACTIVE
        row["state"] = Pair.State(row["state"]).label
        row["is_forming"] = row["is_active"] and row["active_since"] is None
        row["may_book"] = row["is_active"] and bool(row["due_on"] or row["missed"])
        row["rests_until"] = row["is_active"] and rests_until(today, rests.get(row["pk"], ()))
        waits = row["may_book"] and row["due_on"] and not (row["next_at"] or row["rests_until"])
        row["is_overdue"] = bool(waits and row["due_on"] < today)
    return rows
