"""Adding and changing one person by hand, and saying that somebody left."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from contraflow.core.access import access
from contraflow.core.pages import page, status_of
from contraflow.core.reads import note_read
from contraflow.people.actions import add_person, change_person, let_leave, take_back
from contraflow.people.forms import PersonForm
from contraflow.people.models import Department, Person, time_zones

# managers named while one types, departments to choose from; more than these are typed
SUGGESTED = 20
DEPARTMENTS = 2_000


@access(to="people.keep_person")
@require_http_methods(["GET", "HEAD", "POST"])
def person_add(request):
    """Enter somebody new."""
    if request.htmx and request.method != "POST":
        return _suggested_managers(request)
    form = PersonForm(request.POST or None, by=request.user, suggest=request.path)
    if request.method == "POST" and form.is_valid():
        person = add_person(form.cleaned_data, by=request.user)
        messages.success(
            request, _("%(name)s is here. No mail tells them.") % {"name": person.name}
        )
        return redirect(person)
    return _form_page(request, form, person=None)


@access(Person, to="people.keep_person")
@require_http_methods(["GET", "HEAD", "POST"])
def person_edit(request, person):
    """Change the facts of somebody."""
    if request.htmx and request.method != "POST":
        return _suggested_managers(request)
    note_read(request, f"person:{person.pk}", of=[person.pk])
    form = PersonForm(request.POST or None, by=request.user, person=person, suggest=request.path)
    if request.method == "POST" and form.is_valid():
        change_person(person, form.cleaned_data, by=request.user)
        messages.success(request, _("Saved."))
        return redirect(person)
    return _form_page(request, form, person=person)


def _form_page(request, form, *, person):
    return page(
        request,
        "people/person_form.html",
        status=status_of(form),
        form=form,
        person=person,
        departments=Department.objects.order_by("path").values_list("path", flat=True)[
            :DEPARTMENTS
        ],
        zones=time_zones(),
    )


def _suggested_managers(request):
    """Name people whose name or address fits what is typed as the manager."""
    note_read(request, "people")
    typed = request.GET.get("manager_email", "").strip()
    people = Person.objects.visible_to(request.user).active().search(typed).order_by("name", "pk")
    return page(
        request,
        "people/person_form.html",
        part="managers",
        managers=people.values("name", "email", "job_title")[:SUGGESTED] if typed else [],
    )


@access(Person, to="people.keep_person")
@require_POST
def person_leave(request, person):
    """Say that somebody left."""
    let_leave(person, by=request.user)
    messages.success(request, _("Noted: %(name)s has left.") % {"name": person.name})
    return redirect(person)


@access(Person, to="people.keep_person")
@require_POST
def person_take_back(request, person):
    """Say that somebody who left is here again."""
    take_back(person, by=request.user)
    messages.success(request, _("%(name)s can sign in again.") % {"name": person.name})
    return redirect(person)
