"""Programmes: the list, the page, its people, its objectives and their figures."""

from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contraflow.content.schema import load_templates
from contraflow.core.access import access
from contraflow.core.codes import as_key
from contraflow.core.errors import Refusal
from contraflow.core.pages import page, status_of
from contraflow.programmes.actions import (
    add_own_topic,
    add_steward,
    create_programme,
    edit_programme,
    enter_reading,
    move_objective,
    remove_objective,
    remove_steward,
    save_objective,
    undo_reading,
)
from contraflow.programmes.forms.profiles import OwnTopicForm
from contraflow.programmes.forms.programmes import (
    NewProgrammeForm,
    ObjectiveForm,
    ProgrammeForm,
    ReadingForm,
    StewardForm,
)
from contraflow.programmes.models import Cohort, Enrolment, Objective, Programme, Topic
from contraflow.programmes.queries import cohort_rows, programme_rows
from contraflow.programmes.rules import why_not_remove_steward


@access(to="programmes.view_programmes")
@require_safe
def programme_list(request):
    """List one's programmes, and the cohorts of any that take applications."""
    mine = Enrolment.objects.visible_to(request.user).filter(person=request.user)
    taken = mine.filter(state__in=Enrolment.PRESENT).values("cohort")
    return page(
        request,
        "programmes/list.html",
        programmes=programme_rows(request.user),
        open_cohorts=Cohort.objects.visible_to(request.user)
        .open_for_applications()
        .exclude(pk__in=taken)
        .select_related("programme"),
        may_create=request.user.has_perm("programmes.create_programme"),
        may_give_roles=request.user.has_perm("people.manage_roles"),
    )


@access(to="programmes.create_programme")
@require_http_methods(["GET", "HEAD", "POST"])
def programme_new(request):
    """Choose a template, a programme to copy or a blank page; then say what it is for."""
    own = Programme.objects.led_by(request.user)
    if request.method != "POST" and "start" not in request.GET:
        return page(request, "programmes/choose_start.html", templates=load_templates(), own=own)
    form = NewProgrammeForm(request.POST or None, own=own, start=request.GET.get("start", ""))
    if not form.is_valid():
        return page(request, "programmes/programme_new.html", status=status_of(form), form=form)
    words = {name: form.cleaned_data[name] for name in ProgrammeForm.Meta.fields}
    return redirect(create_programme(by=request.user, **words, **form.origin()))


@access(Programme, to="programmes.view_programme")
@require_safe
def programme(request, programme):
    """Show what a programme is for, who runs it, its objectives and its cohorts."""
    return _programme_page(request, programme)


def _programme_page(request, programme, *, status=200, steward_form=None):
    may_edit = request.user.has_perm("programmes.edit_programme", programme)
    stewards = list(programme.stewards.select_related("person").order_by("kind", "pk"))
    mine = Enrolment.objects.visible_to(request.user).filter(
        person=request.user, cohort__programme=programme, state__in=Enrolment.PRESENT
    )
    return page(
        request,
        "programmes/programme.html",
        status=status,
        programme=programme,
        may_edit=may_edit,
        stewards=[(each, why_not_remove_steward(each)) for each in stewards]
        if may_edit
        else [(each, None) for each in stewards],
        steward_form=steward_form or StewardForm(programme=programme),
        objectives=programme.objectives.visible_to(request.user).prefetch_related("readings"),
        cohorts=(cohorts := cohort_rows(programme, request.user)),
        n_archived=sum(row["cohort"].archived_at is not None for row in cohorts),
        mine=mine.select_related("cohort"),
    )


@access(Programme, to="programmes.edit_programme")
@require_http_methods(["GET", "HEAD", "POST"])
def programme_edit(request, programme):
    """Change title, purpose and the words for the two sides."""
    form = ProgrammeForm(request.POST or None, instance=programme)
    if not form.is_valid():
        return page(
            request,
            "programmes/programme_edit.html",
            status=status_of(form),
            form=form,
            # the form has already written into its instance
            programme=Programme.objects.visible_to(request.user).get(pk=programme.pk),
        )
    edit_programme(programme, by=request.user, **form.cleaned_data)
    return redirect(programme)


@access(Programme, to="programmes.edit_programme")
@require_POST
def stewards(request, programme):
    """Give somebody a task in the programme, or take it away."""
    if number := request.POST.get("remove"):
        if steward := programme.stewards.filter(pk=as_key(number)).first():
            remove_steward(steward, by=request.user)
        # whoever took the lead from themself may not see the page any more
        still = Programme.objects.visible_to(request.user).filter(pk=programme.pk).exists()
        return redirect(programme if still else "programmes:list")
    form = StewardForm(request.POST, programme=programme)
    if not form.is_valid():
        return _programme_page(request, programme, status=422, steward_form=form)
    add_steward(programme, form.person, form.cleaned_data["kind"], by=request.user)
    return redirect(programme)


# -- objectives ----------------------------------------------------------------------------------


@access(Programme, to="programmes.edit_programme")
@require_http_methods(["GET", "HEAD", "POST"])
def objective_new(request, programme):
    """Add an objective; its figures are entered by hand."""
    blank = Objective(programme=programme, source=Objective.Source.MANUAL)
    form = ObjectiveForm(request.POST or None, instance=blank)
    if not form.is_valid():
        return page(
            request,
            "programmes/objective_new.html",
            status=status_of(form),
            form=form,
            programme=programme,
        )
    save_objective(form.save(commit=False), by=request.user)
    return redirect(programme)


@access(Objective, to="programmes.edit_programme")
@require_http_methods(["GET", "HEAD", "POST"])
def objective(request, objective):
    """Change an objective, and see the figures entered for it."""
    form = ObjectiveForm(request.POST or None, instance=objective)
    if request.method != "POST":
        return _objective_page(request, objective, form=form)
    if not form.is_valid():
        stored = Objective.objects.visible_to(request.user).get(pk=objective.pk)
        return _objective_page(request, stored, form=form, status=422)
    save_objective(form.save(commit=False), by=request.user)
    return redirect(objective.programme)


def _objective_page(request, objective, *, form=None, reading_form=None, status=200):
    return page(
        request,
        "programmes/objective.html",
        status=status,
        objective=objective,
        programme=objective.programme,
        form=form or ObjectiveForm(instance=objective),
        reading_form=reading_form or ReadingForm(),
        readings=objective.readings.select_related("by"),
    )


@access(Objective, to="programmes.edit_programme")
@require_POST
def objective_change(request, objective):
    """Move an objective up or down, or take it away."""
    verb = request.POST.get("verb")
    if verb == "remove":
        remove_objective(objective, by=request.user)
    elif verb in {"up", "down"}:
        move_objective(objective, by=request.user, earlier=verb == "up")
    return redirect(objective.programme)


@access(Objective, to="programmes.edit_programme")
@require_POST
def readings(request, objective):
    """Enter a figure by hand, or take the last one back."""
    if "undo" in request.POST:
        undo_reading(objective, by=request.user)
        return redirect(objective)
    if objective.source != Objective.Source.MANUAL:
        raise Refusal(_("This figure is measured, not entered by hand."))
    form = ReadingForm(request.POST)
    if not form.is_valid():
        return _objective_page(request, objective, reading_form=form, status=422)
    enter_reading(objective, by=request.user, **form.cleaned_data)
    return redirect(objective)


# -- topics of the organisation ------------------------------------------------------------------


@access(to="programmes.add_topic")
@require_http_methods(["GET", "HEAD", "POST"])
def topics(request):
    """Show the organisation's own topics and add one."""
    form = OwnTopicForm(request.POST or None)
    if form.is_valid():
        add_own_topic(form.cleaned_data["label"], by=request.user, theme=form.cleaned_data["theme"])
        return redirect("programmes:topics")
    return page(
        request,
        "programmes/topics.html",
        status=status_of(form),
        form=form,
        own=Topic.objects.filter(source=Topic.Source.OWN),
        shipped=Topic.objects.exclude(source=Topic.Source.OWN).count(),
    )
