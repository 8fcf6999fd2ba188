"""The list of people, a person, one's own profile, and who holds which role."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contraflow.core.access import access
from contraflow.core.figures import figure
from contraflow.core.models import Bounce
from contraflow.core.pages import page, status_of
from contraflow.core.reads import note_read
from contraflow.people.actions import edit_person, grant_role, revoke_role
from contraflow.people.forms import GrantForm, PeopleFilter, ProfileForm
from contraflow.people.models import Person, Role, time_zones
from contraflow.people.queries import (
    PEOPLE_COUNTED,
    come_back,
    people_page,
    reporting_line,
    role_holders,
)
from contraflow.people.rules import why_not_leave, why_not_revoke


@access(to="people.list_people")
@require_safe
def people_list(request):
    """List the people one may see, narrowed by search."""
    form = PeopleFilter(request.GET, initial={"who": PeopleFilter.Who.ACTIVE})
    found = form.narrowed(Person.objects.visible_to(request.user))
    people = people_page(found, request.GET.get("page"))
    note_read(request, "people")
    query = request.GET.copy()
    query.pop("page", None)
    return page(
        request,
        "people/list.html",
        part="people",
        filter=form,
        people=people,
        come_back=come_back(request.user, people),
        under=_count_in_words(people.paginator.count),
        query=query.urlencode(),
        is_narrowed=bool(query),
        shows_status=request.GET.get("who", PeopleFilter.Who.ACTIVE) != PeopleFilter.Who.ACTIVE,
        is_administrator=request.user.has_perm("people.view_installation"),
    )


def _count_in_words(count: int) -> str:
    if count >= PEOPLE_COUNTED:
        return _("The first %(count)s; search to find the others.") % {"count": figure(count)}
    return ngettext("%(count)s person", "%(count)s people", count) % {"count": figure(count)}


@access(Person, to="people.view_person")
@require_safe
def person(request, person):
    """Show a person, whom they report to and which roles they hold."""
    note_read(request, f"person:{person.pk}", of=[person.pk])
    line = reporting_line(person)
    ids = [boss["id"] for boss in line]
    visible = Person.objects.visible_to(request.user).filter(pk__in=ids)
    seen = set(visible.values_list("pk", flat=True)) if ids else set()
    is_self = person.pk == request.user.pk
    return page(
        request,
        "people/person.html",
        person=person,
        is_self=is_self,
        comes_back=Bounce.objects.visible_to(request.user).of(person).first(),
        may_keep=request.user.has_perm("people.keep_person"),
        why_not_leave=why_not_leave(person, by=request.user),
        line=[boss | {"is_visible": boss["id"] in seen} for boss in line],
        roles=person.roles.visible_to(request.user),
    )


@access(to="people.edit_self")
@require_http_methods(["GET", "HEAD", "POST"])
def profile_edit(request):
    """Let people say how they are called, where they are and what they speak."""
    # a fresh copy: a form that is invalid must not change the name in the page's header
    form = ProfileForm(
        request.POST or None,
        instance=Person.objects.visible_to(request.user).get(pk=request.user.pk),
    )
    if request.method == "POST" and form.is_valid():
        edit_person(request.user, by=request.user, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect(request.user)
    return page(
        request, "people/profile_form.html", status=status_of(form), form=form, zones=time_zones()
    )


@access(to="people.manage_roles")
@require_safe
def role_list(request):
    """Show who holds which role."""
    return _roles_page(request, form=GrantForm())


@access(to="people.manage_roles")
@require_POST
def role_grant(request):
    """Give a role to the person with this address."""
    form = GrantForm(request.POST)
    if not form.is_valid():
        return _roles_page(request, form=form, status=422)
    role = grant_role(form.person, by=request.user, kind=form.cleaned_data["kind"])
    messages.success(
        request,
        _("%(name)s is now %(role)s. No mail tells them: say so.")
        % {"name": form.person.name, "role": role.get_kind_display()},
    )
    return redirect("people:role-list")


@access(Role, to="people.manage_roles", by="pk")
@require_POST
def role_revoke(request, role):
    """Take a role away."""
    revoke_role(role, by=request.user)
    messages.success(request, _("The role was taken away."))
    return redirect("people:role-list")


def _roles_page(request, *, form, status=200):
    note_read(request, "roles")
    kinds = [
        {
            "label": Role.Kind(kind).label,
            "meaning": _meanings()[kind],
            "roles": [{"role": role, "is_last": bool(why_not_revoke(role))} for role in roles],
        }
        for kind, roles in role_holders(Role.objects.visible_to(request.user)).items()
    ]
    return page(request, "people/roles.html", status=status, kinds=kinds, form=form)


def _meanings() -> dict[str, str]:
    return {
        Role.Kind.ADMINISTRATOR: _("Runs the installation, imports people, gives roles."),
        Role.Kind.LEAD: _("Imports people, makes programmes and runs them."),
        Role.Kind.SPONSOR: _("Answers for programmes; sees counts, never single people's words."),
        Role.Kind.TRUSTED_CONTACT: _("Hears concerns, outside the programme's team."),
    }
