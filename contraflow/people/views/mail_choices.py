"""What a person gets by mail: their own page, and the one click that needs no sign-in."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from contraflow.core import mail_choices as core
from contraflow.core.access import access, public
from contraflow.core.bounces import confirm_address
from contraflow.core.letters import all_kinds, is_optional
from contraflow.core.models import Bounce, MailChoice
from contraflow.core.pages import page, post_or_its_page, status_of
from contraflow.people.forms import MailChoicesForm
from contraflow.people.models import Person


@access(to="people.choose_mails")
@require_http_methods(["GET", "HEAD", "POST"])
def mail_choices(request):
    """Let people choose how they get mails of each kind."""
    person, kinds = request.user, core.choosable()
    rows = MailChoice.objects.visible_to(person)
    chosen = dict(rows.values_list("kind", "how"))
    form = MailChoicesForm(request.POST or None, kinds=kinds, chosen=chosen)
    if request.method == "POST" and form.is_valid():
        core.choose(person, by=person, chosen=form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("people:mail-choices")
    return page(
        request,
        "people/mail_choices.html",
        status=status_of(form),
        form=form,
        always=[kind for kind in all_kinds() if not is_optional(kind)],
        comes_back=Bounce.objects.visible_to(person).of(person).exists(),
        begins=core.DAY_BEGINS,
        ends=core.DAY_ENDS,
    )


# a mailbox presses the button of RFC 8058 without cookies; the address itself is the key
@csrf_exempt
@public("The address stands in a mail and is the key; it stops mails and shows nothing.")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mail_stop(request, token):
    """Stop mails of one kind with one click, or take that back."""
    found = core.read_token(token)
    person = Person.objects.filter(pk=found[0]).first() if found else None
    if person is None:
        raise Http404
    kinds = found[1]
    was = request.POST.get("was", "")
    if request.method == "POST":
        before = core.choices_of([person], [kind.id for kind in kinds])
        how = was if "undo" in request.POST else MailChoice.How.NEVER
        wanted = {
            kind.id: how if how in core.ways_of(kind) else MailChoice.How.AT_ONCE for kind in kinds
        }
        core.choose(person, by=person, chosen=wanted)
        if "undo" not in request.POST:
            was = next(iter(before.values()), MailChoice.How.AT_ONCE)
    now = core.choices_of([person], [kind.id for kind in kinds])
    never = MailChoice.How.NEVER
    response = page(
        request,
        "people/mail_stop.html",
        kinds=kinds,
        is_stopped=all(now.get((person.pk, kind.id)) == never for kind in kinds),
        was=was,
        is_answered=request.method == "POST",
    )
    # the address is a key: no request that follows from this page names more than the site
    response["Referrer-Policy"] = "strict-origin"
    return response


@access(Person, to="people.confirm_address")
@post_or_its_page
def address_confirm(request, person):
    """Say that an address is right although mail came back from it."""
    confirm_address(person, by=request.user)
    messages.success(request, _("Noted. Mails are sent to this address again."))
    return redirect("people:mail-choices" if person.pk == request.user.pk else person)
