"""A cohort: its state, settings and plan, who is in it, invitations, applications and lots."""

import csv

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contraflow.core.access import access
from contraflow.core.errors import Refusal
from contraflow.core.figures import figure
from contraflow.core.jobs import start_job
from contraflow.core.models import Job
from contraflow.core.pages import page, status_of
from contraflow.core.reads import note_read
from contraflow.programmes.actions import (
    add_planned_session,
    admit_all,
    apply_to,
    archive_cohort,
    bring_cohort_back,
    cohort_defaults,
    create_cohort,
    draw_lots,
    edit_cohort,
    edit_planned_session,
    invite,
    move_cohort,
    move_planned_session,
    remove_planned_session,
)
from contraflow.programmes.forms.cohorts import (
    ApplyForm,
    CohortForm,
    DrawForm,
    EnrolmentFilter,
    InviteFilter,
    MoveForm,
    NewCohortForm,
    PasteForm,
    PlannedSessionForm,
    SideForm,
)
from contraflow.programmes.lottery import lot_of
from contraflow.programmes.models import Cohort, Enrolment, LotteryDraw, Programme, Side
from contraflow.programmes.queries import (
    PER_PAGE,
    enrolment_page,
    hours_row,
    invitable,
    side_rows,
)
from contraflow.programmes.rules import (
    MOVES,
    why_not_edit_cohort,
    why_not_invite,
    why_not_move,
    why_not_reshape_plan,
)

INVITE_JOB = "programmes.invite_people"
# more people than this are invited by a job, in the background
INVITED_AT_ONCE = 200
# steps a lead takes by hand; the other two belong to publishing and undoing the pairs
MOVES_BY_HAND = ("open_enrolment", "start_pairing", "reopen_enrolment", "close_cohort")


@access(Cohort, to="programmes.view_enrolments")
@require_safe
def cohort(request, cohort):
    """List who is invited, waits and takes part, and offer the next step of the cohort."""
    note_read(request, f"cohort:{cohort.pk}")
    form = EnrolmentFilter(request.GET, programme=cohort.programme)
    return page(
        request,
        "programmes/cohort.html",
        part="enrolments",
        cohort=cohort,
        programme=cohort.programme,
        sides=side_rows(cohort),
        hours=hours_row(cohort, at=timezone.now()),
        filter=form,
        enrolments=enrolment_page(cohort, request.user, form, request.GET.get("page")),
        is_narrowed=bool(request.GET),
        why_not_invite=why_not_invite(cohort),
        why_not_open=why_not_move(cohort, "open_enrolment"),
        why_not_pair=why_not_move(cohort, "start_pairing"),
        draw_form=DrawForm(),
        job=_invite_job(cohort, request.user),
        draws=cohort.draws.visible_to(request.user),
    )


def _invite_job(cohort, person):
    """Return the job that writes invitations of this cohort now, if this person started one."""
    names = [f"{cohort.pk}:{side}" for side in Side.values]
    mine = Job.objects.visible_to(person).under_way()
    return mine.filter(kind=INVITE_JOB, only_one__in=names).first()


@access(Programme, to="programmes.edit_programme")
@require_http_methods(["GET", "HEAD", "POST"])
def cohort_new(request, programme):
    """Make a cohort: the template's rhythm is filled in already."""
    form = NewCohortForm(
        request.POST or None, programme=programme, initial=cohort_defaults(programme)
    )
    if not form.is_valid():
        return page(
            request,
            "programmes/cohort_new.html",
            status=status_of(form),
            programme=programme,
            form=form,
        )
    return redirect(create_cohort(programme, by=request.user, **form.cleaned_data))


@access(Cohort, to="programmes.edit_cohort")
@require_http_methods(["GET", "HEAD", "POST"])
def cohort_settings(request, cohort):
    """Change dates, places and criteria; see the history of the cohort."""
    form = CohortForm(request.POST or None, instance=cohort, programme=cohort.programme)
    if form.is_valid():
        edit_cohort(cohort, by=request.user, **form.cleaned_data)
        return redirect("programmes:cohort-settings", cohort.code)
    # the form has already written into its instance
    stored = Cohort.objects.visible_to(request.user).get(pk=cohort.pk)
    return page(
        request,
        "programmes/cohort_settings.html",
        status=status_of(form),
        cohort=stored,
        programme=cohort.programme,
        form=form,
        why_not_edit=why_not_edit_cohort(stored),
        moves=[
            (verb, MOVES[verb], MoveForm(auto_id=f"{verb}_%s"))
            for verb in MOVES_BY_HAND
            if stored.state in MOVES[verb].sources
        ],
        history=stored.moves.select_related("by"),
    )


@access(Cohort, to="programmes.edit_cohort")
@require_POST
def cohort_move(request, cohort):
    """Take the cohort one step on, or back with a reason."""
    verb = request.POST.get("verb", "")
    if verb not in MOVES_BY_HAND:
        raise Http404
    move_cohort(cohort, verb, by=request.user, reason=request.POST.get("reason", "")[:300])
    return redirect(cohort)


@access(Cohort, to="programmes.edit_cohort")
@require_POST
def cohort_archive(request, cohort):
    """Put a closed cohort out of the way, or bring it back."""
    change = bring_cohort_back if "back" in request.POST else archive_cohort
    change(cohort, by=request.user)
    return redirect("programmes:cohort-settings", cohort.code)


# -- the plan ----------------------------------------------------------------------------------


@access(Cohort, to="programmes.edit_cohort")
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request, cohort):
    """Show the plan of sessions; add one at its end."""
    if request.method == "POST":
        topic = " ".join(request.POST.get("topic", "").split())[:120]
        if topic:
            add_planned_session(cohort, by=request.user, topic=topic)
        return redirect("programmes:plan", cohort.code)
    return page(
        request,
        "programmes/plan.html",
        cohort=cohort,
        programme=cohort.programme,
        plan=cohort.plan.all(),
        why_not_reshape=why_not_reshape_plan(cohort),
    )


def _planned(cohort, number):
    found = cohort.plan.filter(number=number).first()
    if found is None:
        raise Http404
    found.cohort = cohort
    return found


@access(Cohort, to="programmes.edit_cohort")
@require_http_methods(["GET", "HEAD", "POST"])
def planned_session(request, cohort, number):
    """Change the words of one session of the plan."""
    form = PlannedSessionForm(request.POST or None, instance=_planned(cohort, number))
    if form.is_valid():
        edit_planned_session(form.instance, by=request.user, **form.cleaned_data)
        return redirect("programmes:plan", cohort.code)
    return page(
        request,
        "programmes/planned_session.html",
        status=status_of(form),
        cohort=cohort,
        programme=cohort.programme,
        number=number,
        form=form,
    )


@access(Cohort, to="programmes.edit_cohort")
@require_POST
def planned_session_change(request, cohort, number):
    """Move a session up or down in the plan, or take it out."""
    planned, verb = _planned(cohort, number), request.POST.get("verb")
    if verb == "remove":
        remove_planned_session(planned, by=request.user)
    elif verb in {"up", "down"}:
        move_planned_session(planned, by=request.user, earlier=verb == "up")
    return redirect("programmes:plan", cohort.code)


# -- invitations -------------------------------------------------------------------------------


@access(Cohort, to="programmes.edit_cohort")
@require_http_methods(["GET", "HEAD", "POST"])
def cohort_invite(request, cohort):
    """Choose people by search or paste their addresses, and invite them."""
    if reason := why_not_invite(cohort):
        raise Refusal(reason)
    if request.method != "POST":
        return _invite_page(request, cohort)
    if "emails" in request.POST:
        form = _paste_form(cohort, request.POST)
        people = form.cleaned_data["emails"] if form.is_valid() else []
    else:
        form = SideForm(request.POST, programme=cohort.programme)
        people = _chosen(request, cohort)
    if not form.is_valid():
        return _invite_page(request, cohort, status=422, **{type(form).__name__: form})
    side = form.cleaned_data["side"]
    if len(people) <= INVITED_AT_ONCE:
        n_invited = len(invite(cohort, people, side, by=request.user))
        messages.success(request, _invited(n_invited, len(people) - n_invited))
        return redirect(cohort)
    start_job(
        INVITE_JOB,
        by=request.user,
        only_one=f"{cohort.pk}:{side}",
        cohort_id=cohort.pk,
        side=side,
        person_ids=[person.pk for person in people],
    )
    return redirect(cohort)


def _invited(n_invited, n_passed_over):
    told = ngettext(
        "%(n)s person is invited by mail.", "%(n)s people are invited by mail.", n_invited
    ) % {"n": figure(n_invited)}
    if n_passed_over:
        told += " " + ngettext(
            "%(n)s is here already, or said no, and was passed over.",
            "%(n)s are here already, or said no, and were passed over.",
            n_passed_over,
        ) % {"n": figure(n_passed_over)}
    return told


def _paste_form(cohort, data=None):
    # two forms of one page must not share their ids
    return PasteForm(data, programme=cohort.programme, auto_id="paste_%s")


def _chosen(request, cohort):
    """Return the people ticked, or all that the search found."""
    found = invitable(cohort, request.user)
    if "all" in request.POST:
        return list(InviteFilter(request.GET).narrowed(found))
    return list(found.filter(code__in=request.POST.getlist("person")))


def _invite_page(request, cohort, *, status=200, **forms):
    note_read(request, "people")
    search = InviteFilter(request.GET)
    found = search.narrowed(invitable(cohort, request.user))
    rows = found.values("code", "name", "job_title", "grade", "department__path")
    return page(
        request,
        "programmes/invite.html",
        part="people",
        status=status,
        cohort=cohort,
        programme=cohort.programme,
        search=search,
        people=Paginator(rows.order_by("name", "pk"), PER_PAGE).get_page(request.GET.get("page")),
        query=request.GET.urlencode(),
        side_form=forms.get("SideForm") or SideForm(programme=cohort.programme),
        paste_form=forms.get("PasteForm") or _paste_form(cohort),
        is_narrowed=bool(request.GET),
    )


# -- applications and lots -----------------------------------------------------------------------


@access(Cohort, to="programmes.view_criteria")
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request, cohort):
    """Show the published criteria to everybody, and take an application."""
    mine = Enrolment.objects.visible_to(request.user)
    mine = mine.filter(cohort=cohort, person=request.user, state__in=Enrolment.PRESENT).first()
    form = ApplyForm(request.POST or None, programme=cohort.programme, person=request.user)
    if form.is_valid():
        return redirect(apply_to(cohort, form.cleaned_data["side"], by=request.user))
    return page(
        request,
        "programmes/apply.html",
        status=status_of(form),
        cohort=cohort,
        programme=cohort.programme,
        mine=mine,
        form=form,
        takes_applications=cohort.applications_open and cohort.state == Cohort.State.ENROLLING,
    )


@access(Cohort, to="programmes.edit_cohort")
@require_POST
def decide(request, cohort):
    """Give everybody who applied on a side a place, or draw lots for the places there are."""
    side = request.POST.get("side", "")
    applied = cohort.enrolments.on_side(side).filter(state=Enrolment.State.APPLIED)
    # a second press finds nobody left to decide on, which is not an error
    if not applied.exists():
        return redirect(cohort)
    if request.POST.get("verb") == "admit":
        admit_all(cohort, side, by=request.user)
        return redirect(cohort)
    form = DrawForm(request.POST)
    if not form.is_valid():
        raise Refusal(form.errors["seed"][0])
    return redirect(draw_lots(cohort, side, by=request.user, seed=form.cleaned_data["seed"]))


@access(LotteryDraw, to="programmes.view_draw")
@require_safe
def draw(request, draw):
    """Show a draw with its seed, so that anybody can draw it again."""
    mine = Enrolment.objects.visible_to(request.user)
    own = mine.filter(cohort=draw.cohort, person=request.user).values_list("code", flat=True)
    return page(
        request,
        "programmes/draw.html",
        draw=draw,
        cohort=draw.cohort,
        programme=draw.cohort.programme,
        role=draw.cohort.programme.word_for(draw.side),
        lots=Paginator(draw.log, PER_PAGE).get_page(request.GET.get("page")),
        own=set(own),
    )


@access(LotteryDraw, to="programmes.view_draw")
@require_safe
def draw_log(request, draw):
    """Give the whole log as a table; codes only, no names."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="draw-{draw.code}.csv"'
    table = csv.writer(response)
    table.writerow(["rank", "enrolment", "sha256(seed + enrolment)", "placed"])
    for lot in draw.log:
        code = lot["enrolment"]
        placed = "yes" if lot["placed"] else "no"
        table.writerow([lot["rank"], code, lot_of(draw.seed, code), placed])
    return response
