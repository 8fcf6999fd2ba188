"""The pages of a pair: for the two everything, for the lead dates and states alone."""

import datetime as dt

from django.db.models import Sum
from django.utils import timezone
from django.views.decorators.http import require_safe

from contraflow.core.access import access
from contraflow.core.navigation import region
from contraflow.core.pages import page
from contraflow.core.reads import note_read
from contraflow.pairs import diary, gates, queries, stories
from contraflow.pairs.forms import PauseForm, StoryForm
from contraflow.pairs.health import pairs_in_need
from contraflow.pairs.keeping import days_kept
from contraflow.pairs.models import (
    Pair,
    Session,
)
from contraflow.pairs.rules import (
    is_in_pair,
    why_not_book,
    why_not_end,
    why_not_go_on,
    why_not_stay,
    why_not_tell,
)
from contraflow.pairs.views.agreements import agreement_context
from contraflow.pairs.views.closings import closing_context
from contraflow.pairs.views.endings import afterwards_of, ending_of
from contraflow.pairs.views.sessions import date_context
from contraflow.programmes.models import Cohort

# Join is the page's first button this long before the session
JOIN_BEFORE = dt.timedelta(minutes=30)


@access(Pair, to="pairs.view_pair")
@require_safe
def pair(request, pair):
    """Show the two their next session and what they learned; the lead, dates and states."""
    return pair_page(request, pair)


def pair_page(request, pair, *, story_form=None, pause_form=None, status=200):
    """Answer with the page of a pair, also where a form on it is to be mended."""
    note_read(request, f"pair:{pair.pk}", of=[pair.mentor_id, pair.mentee_id])
    course = queries.course_of(pair, reader=request.user)
    is_mine = is_in_pair(request.user, pair)
    ending = ending_of(pair, request.user)
    context = {
        "pair": pair,
        "course": course,
        "rhythm": queries.rhythm_in_words(pair.cohort.cadence_days),
        "rest": diary.rest_of(pair),
        "ending": ending,
        "may_end": not ending and not why_not_end(pair, by=request.user),
        "may_stay": ending and not why_not_stay(pair, by=request.user),
        **agreement_context(request, pair),
    }
    if not is_mine:
        need = pairs_in_need(pair.cohort, now=timezone.now(), only=pair)
        return page(
            request, "pairs/pair_facts.html", **context,
            changes=queries.changes_of(pair, reader=request.user),
            need=need[0] if need else None,
            the_two=[(pair.mentor, "mentor"), (pair.mentee, "leader")],
        )  # fmt: skip
    closing = closing_context(pair, course, request.user)
    may_book = closing["closing_state"] != "done" and _may_book(request, course)
    return page(
        request,
        "pairs/pair.html",
        status=status,
        story_form=None
        if why_not_tell(pair, by=request.user)
        else story_form or StoryForm(prompts=stories.prompts_for(pair)),
        afterwards=afterwards_of(pair, request.user),
        place=pair.cohort.enrolments.filter(person=request.user.pk).first()
        if pair.state == Pair.State.ENDED
        else None,
        stories=queries.stories_of(pair, reader=request.user),
        partner=pair.partner_of(request.user),
        days_kept=days_kept(),
        gate=gates.gate_of(pair, reader=request.user),
        **closing,
        answers=diary.answers_to(course.next, reader=request.user) if course.next else [],
        series=[] if why_not_go_on(pair, by=request.user) else diary.series_just_booked(pair),
        may_book_series=sum(each.state == Session.State.PLANNED for each in course.sessions) > 1
        and not why_not_go_on(pair, by=request.user),
        pause_form=None
        if why_not_go_on(pair, by=request.user)
        else pause_form or PauseForm(pair=pair, by=request.user),
        is_soon=course.next and course.next.starts_at - timezone.now() <= JOIN_BEFORE,
        date=date_context(request, course.to_book) if may_book else None,
        learned=queries.learned_in(pair, reader=request.user),
        commitments=queries.commitments_of(pair, reader=request.user),
        **context,
    )


@region("programmes.enrolment")
def _own_pairs(request, enrolment):
    """Lead from one's place in a cohort to whom one meets there."""
    pairs = Pair.objects.of(request.user).visible_to(request.user)
    found = pairs.filter(cohort=enrolment.cohort_id).select_related("mentor", "mentee")
    partners = [
        (pair, pair.partner_of(request.user), pair.is_over_for(request.user)) for pair in found
    ]
    return ("pairs/own_pairs.html", {"partners": partners}) if partners else None


@region("programmes.hours")
def _hours_spent(request, enrolment):
    """Tell a line manager the hours of sessions that took place, and nothing else of them."""
    held = Session.objects.held().of(enrolment.person).filter(pair__cohort=enrolment.cohort_id)
    minutes = held.aggregate(minutes=Sum("minutes"))["minutes"]
    return ("pairs/hours_spent.html", {"minutes": minutes}) if minutes else None


def _may_book(request, course):
    """Offer a date for the next session only where none is booked."""
    waits = course.to_book if not course.next else None
    return bool(waits and not why_not_book(waits, by=request.user))


@access(Cohort, to="pairs.list_pairs")
@require_safe
def pair_list(request, cohort):
    """Show the lead the pairs of a cohort."""
    note_read(request, f"cohort:{cohort.pk}")
    search, only = request.GET.get("search", "").strip()[:100], request.GET.get("only", "")
    pairs = queries.list_pairs(
        cohort, reader=request.user, search=search, only=only, number=request.GET.get("page")
    )
    filters = [
        {"key": key, "label": label, "current": key == only}
        for key, (label, _selects) in queries.FILTERS.items()
    ]
    return page(
        request, "pairs/pair_list.html", part="pairs",
        cohort=cohort, pairs=pairs, search=search, only=only, filters=filters,
    )  # fmt: skip
