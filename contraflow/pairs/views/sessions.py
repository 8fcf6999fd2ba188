"""A session's pages: prepare, hold and close it; for the lead, dates and states alone."""

import datetime as dt

from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contraflow.core.access import access
from contraflow.core.errors import Refusal, refuse_if
from contraflow.core.pages import page, post_or_its_page
from contraflow.core.reads import note_read
from contraflow.pairs import actions, agreements, closings, diary, gates, meeting, queries
from contraflow.pairs.forms import DateForm, KeepForm, QuestionForm, TopicForm
from contraflow.pairs.models import (
    Commitment,
    CommitmentWords,
    GoalWords,
    Session,
    SessionWords,
)
from contraflow.pairs.rules import (
    BOOK_AHEAD,
    is_in_pair,
    why_not_ask,
    why_not_book,
    why_not_cancel,
    why_not_choose_topic,
    why_not_move,
    why_not_record,
    why_not_undo,
    why_not_write,
)
from contraflow.pairs.times import closed_days, partners_time, shorter_for


@access(Session, to="pairs.view_session")
@require_safe
def session(request, session):
    """Show the two how to prepare, hold and close a session; the lead, dates and states."""
    pair = session.pair
    note_read(request, f"pair:{pair.pk}", of=[pair.mentor_id, pair.mentee_id])
    if not is_in_pair(request.user, session):
        changes = queries.changes_of(session.pair, reader=request.user, session=session)
        return page(
            request, "pairs/session_facts.html",
            session=session, pair=session.pair, changes=changes,
        )  # fmt: skip
    return _session_page(request, session)


def _session_page(
    request, session, *, date_form=None, keep_form=None, question_form=None, topic_form=None,
    check=None, status=200,
):  # fmt: skip
    by, pair = request.user, session.pair
    course = queries.course_of(pair, reader=by)
    sessions = {each.number: each for each in course.sessions}
    session = sessions[session.number]
    words = SessionWords.objects.visible_to(by).filter(session=session).first()
    mine, theirs = _both_learned(pair, words, by)
    commitments = queries.commitments_of(pair, reader=by)
    closing = closings.closing_of(pair, reader=by)
    date = None
    if not (why_not_move(session, by=by) and why_not_book(session, by=by)):
        date = date_context(request, session, form=date_form, check=check)
    return page(
        request, "pairs/session.html", status=status,
        session=session, pair=pair, partner=pair.partner_of(by),
        agenda=closings.agenda_of(session, closing, words), words=words,
        closes=closings.closes_in(session, closing),
        last_time=sessions.get(session.number - 1), count=len(sessions),
        commitments=_to_look_back_at(commitments, session),
        **_goals_asked(session, len(sessions), by),
        question_form=None if why_not_ask(session, by=by)
        else question_form or QuestionForm(initial={"text": words and words.question}),
        topic_form=None if why_not_choose_topic(session, by=by)
        else topic_form or _topic_form(session, course, words),
        to_book=_to_book_after(session, sessions, by),
        date=date,
        may_cancel=not why_not_cancel(session, by=by),
        may_record=not why_not_record(session, by=by),
        may_undo=not why_not_undo(session, by=by),
        keep_form=None if why_not_write(session, by=by)
        else keep_form or _keep_form(session, by, mine, commitments),
        theirs=theirs,
        answers=diary.answers_to(session, reader=by),
        gate=gates.gate_of_session(session, reader=by),
        is_asked=session.state == Session.State.HELD and not mine
        and queries.was_told_by_partner(session, by),
        changes=queries.changes_of(pair, reader=by, session=session),
    )  # fmt: skip


def _to_look_back_at(commitments, session):
    """Return what was set before this session and is open, or was set after the last one."""
    earlier = [each for each in commitments if each["number"] < session.number]
    return [each for each in earlier if each["number"] == session.number - 1 or not each["outcome"]]


def _goals_asked(session, count, person):
    """Return what asks how both goals stand, where the session is the one to ask in."""
    goals = agreements.goals_to_look_at(session, count=count, reader=person)
    return {"goals_asked": goals, "outcomes": GoalWords.Outcome.choices} if goals else {}


def _keep_form(session, person, learned, commitments):
    own = [each for each in commitments if each["is_mine"] and each["number"] == session.number]
    halves = {name: own[0][name] for name in ("condition", "action")} if own else {}
    return KeepForm(session=session, by=person, initial={"text": learned} | halves)


def _topic_choices(session, course):
    return [*queries.topics_to_choose(session, course), (TopicForm.OWN, _("Something of our own"))]


def _topic_form(session, course, words):
    chosen = session.planned and str(session.planned.number)
    initial = {"choice": TopicForm.OWN if session.has_own_topic else chosen}
    if words:
        initial |= {"topic": words.own_topic, "activity": words.own_activity}
    return TopicForm(initial=initial, choices=_topic_choices(session, course))


def _to_book_after(session, sessions, person):
    """Return the session that needs a date once this one was held, if one does."""
    following = sessions.get(session.number + 1)
    if session.state != Session.State.HELD or not following or following.starts_at:
        return None
    return None if why_not_book(following, by=person) else following


def _both_learned(pair, words, person):
    if words is None:
        return None, None
    both = words.learned_by_mentor, words.learned_by_mentee
    return both if person.pk == pair.mentor_id else both[::-1]


def date_context(request, session, *, form=None, check=None):
    """Gather what the form for a date needs wherever it stands.

    Times that suit both are proposed once somebody asked for one that does not, or cannot be.
    """
    shorter = None
    if form is None:
        shorter = shorter_for(session)
        form = DateForm(
            session=session, by=request.user, proposed=proposed_time(request),
            minutes=_asked_minutes(request) or shorter,
        )  # fmt: skip
    if form.proposed:
        check = partners_time(session, request.user, form.proposed)
    no_good = form.errors or (check and check.suits is False)
    return {
        "session": session,
        "form": form,
        "shorter": shorter,
        "times": form.times() if no_good else None,
        "closed": closed_days(session, request.user, near=form.near()),
        # that a field is still empty is no news to whoever is filling it in
        "told": [
            errors[0].messages[0]
            for errors in form.errors.as_data().values()
            if errors[0].code != "required"
        ],
        "partner": session.pair.partner_of(request.user),
        "zone": str(timezone.get_current_timezone()).replace("_", " "),
        "partner_zone": session.pair.partner_of(request.user).time_zone.replace("_", " "),
        "check": check,
    }


def _asked_minutes(request):
    """Return the length that a link asks for, None for anything that is none."""
    asked = request.GET.get("minutes", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 4):
        return None
    return int(asked) if 10 <= int(asked) <= 480 else None


def proposed_time(request):
    """Return the time that a link proposes, None for anything that is no time to come."""
    try:
        moment = parse_datetime(request.GET.get("at", ""))
    except ValueError:  # well formed, but no such day
        return None
    if moment is None or timezone.is_aware(moment):
        return None
    moment, now = timezone.make_aware(moment), timezone.now()
    return moment if now < moment < now + BOOK_AHEAD else None


# each with what may stand against it
BOOK, MOVE = (why_not_book, actions.book_session), (why_not_move, actions.move_session)


def set_date(request, session, verb, *, again, told, then):
    """Book or move by the form that was sent; `again` shows the page with what is wrong with it."""
    why_not, act = verb
    refuse_if(why_not(session, by=request.user))
    form = DateForm(request.POST, session=session, by=request.user)
    if not form.is_valid():
        return again(request, session, form)
    act(session, by=request.user, **form.cleaned_data)
    messages.success(request, told)
    return redirect(then)


def _date_again(request, session, form):
    return _session_page(request, session, date_form=form, status=422)


@access(Session, to="pairs.book_session")
@post_or_its_page
def session_book(request, session):
    """Set a date."""
    told = _("Booked. The invitation is on its way to both of you.")
    return set_date(request, session, BOOK, again=_date_again, told=told, then=session.pair)


@access(Session, to="pairs.book_session")
@post_or_its_page
def session_move(request, session):
    """Change the date."""
    told = _("Moved. Both calendars will follow.")
    return set_date(request, session, MOVE, again=_date_again, told=told, then=session.pair)


@access(Session, to="pairs.book_session")
@post_or_its_page
def session_check(request, session):
    """Show what the partner's clock says at a time, before anything is booked."""
    refuse_if(why_not_book(session, by=request.user) and why_not_move(session, by=request.user))
    form = DateForm(request.POST, session=session, by=request.user)
    check = None
    if form.is_valid():
        check = partners_time(session, request.user, form.wanted, form.cleaned_data.get("minutes"))
    if request.htmx:
        date = date_context(request, session, form=form, check=check)
        return page(request, "pairs/date.html", part="time-check", date=date)
    return _session_page(request, session, date_form=form, check=check)


@access(Session, to="pairs.book_session")
@post_or_its_page
def session_cancel(request, session):
    """Give up the date."""
    actions.cancel_session(session, by=request.user)
    messages.success(request, _("Cancelled. You can set a new date at any time."))
    return redirect(session.pair)


@access(Session, to="pairs.record_session")
@post_or_its_page
def session_held(request, session):
    """Say that it was held."""
    actions.record_held(session, by=request.user)
    return redirect(session)


@access(Session, to="pairs.record_session")
@post_or_its_page
def session_missed(request, session):
    """Say that it was not held."""
    actions.record_missed(session, by=request.user)
    return redirect(session)


@access(Session, to="pairs.record_session")
@post_or_its_page
def session_undo(request, session):
    """Take back a slip of held or not held."""
    actions.undo_record(session, by=request.user)
    return redirect(session)


@access(Session, to="pairs.write_learned")
@post_or_its_page
def session_learned(request, session):
    """Keep the one thing learned, and the one thing to try."""
    form = KeepForm(request.POST, session=session, by=request.user)
    if not form.is_valid():
        return _session_page(request, session, keep_form=form, status=422)
    meeting.keep_after(session, by=request.user, **form.cleaned_data)
    messages.success(request, _("Kept, for the two of you."))
    return redirect(session)


@access(Session, to="pairs.prepare_session")
@post_or_its_page
def session_question(request, session):
    """Keep the leader's question for the session."""
    form = QuestionForm(request.POST)
    if not form.is_valid():
        return _session_page(request, session, question_form=form, status=422)
    meeting.ask_ahead(session, by=request.user, text=form.cleaned_data["text"])
    partner = session.pair.partner_of(request.user).get_short_name()
    messages.success(request, _("Kept. %(name)s sees it on this page.") % {"name": partner})
    return redirect(f"{session.get_absolute_url()}#prepare")


@access(Session, to="pairs.prepare_session")
@post_or_its_page
def session_topic(request, session):
    """Change what the session is about."""
    course = queries.course_of(session.pair, reader=request.user)
    form = TopicForm(request.POST, choices=_topic_choices(session, course))
    if not form.is_valid():
        return _session_page(request, session, topic_form=form, status=422)
    chosen = form.cleaned_data
    if chosen["choice"] == TopicForm.OWN:
        own = {"topic": chosen["topic"], "activity": chosen["activity"]}
        meeting.choose_own_topic(session, by=request.user, **own)
    else:
        planned = session.pair.cohort.plan.get(number=chosen["choice"])
        meeting.choose_planned_topic(session, by=request.user, planned=planned)
    messages.success(request, _("Changed, for both of you."))
    return redirect(session)


@access(Session, to="pairs.run_session")
@require_safe
def session_run(request, session):
    """Show the agenda with a clock, on a phone between the two or on a wide screen."""
    pair, by = session.pair, request.user
    refuse_if(gates.why_not_begin(session, by=by))
    note_read(request, f"pair:{pair.pk}", of=[pair.mentor_id, pair.mentee_id])
    words = SessionWords.objects.visible_to(by).filter(session=session).first()
    closing = closings.closing_of(pair, reader=by)
    agenda = closings.agenda_of(session, closing, words)
    commitments = _to_look_back_at(queries.commitments_of(pair, reader=by), session)
    return page(
        request, "pairs/run.html",
        session=session, pair=pair, partner=pair.partner_of(by), words=words,
        closes=closings.closes_in(session, closing),
        commitments=commitments, **_goals_asked(session, pair.sessions.count(), by),
        clock=queries.clock_of(agenda, begun=_begun(request), at=timezone.now()),
        may_record=not why_not_record(session, by=by),
    )  # fmt: skip


def _begun(request):
    """Return when the clock was started, from the address; None before that."""
    started = request.GET.get("begun", "")
    if not (started.isascii() and started.isdigit() and len(started) <= 11):
        return None
    return dt.datetime.fromtimestamp(int(started), tz=dt.UTC)


@access(Commitment, to="pairs.review_commitment")
@post_or_its_page
def commitment_review(request, commitment):
    """Say what became of what one had set oneself."""
    outcome = request.POST.get("outcome")
    if outcome not in CommitmentWords.Outcome.values:
        raise Refusal(_("Say whether it was done, changed or dropped."))
    meeting.review_commitment(commitment, by=request.user, outcome=outcome)
    messages.success(request, _("Looked back at. Whatever came of it, it was worth trying."))
    pair = commitment.session.pair
    place = pair.sessions.filter(code=request.POST.get("session", "")).first() or pair
    return redirect(f"{place.get_absolute_url()}#set")
