"""Signing in and out: by password, or by a mailed link that works once."""

from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contraflow.core.access import access, public
from contraflow.core.errors import Refusal
from contraflow.core.events import announce
from contraflow.core.limits import Limit, give_back, network_of
from contraflow.core.pages import page, status_of
from contraflow.people.actions import ask_for_link, set_password, use_link
from contraflow.people.events import PersonSignedIn
from contraflow.people.forms import LinkForm, PasswordSignInForm, SetPasswordForm
from contraflow.people.mails import LINK_MINUTES, digest_of
from contraflow.people.models import LoginLink
from contraflow.people.rules import why_not_use_link

# Whoever guesses is stopped per address; whoever tries many addresses is stopped per network,
# which a whole office may share.
PASSWORD_TRIES = Limit("password", tries=8, seconds=15 * 60)
PASSWORD_TRIES_OF_NETWORK = Limit("password-network", tries=80, seconds=15 * 60)
LINKS = Limit("link", tries=4, seconds=15 * 60)
LINKS_OF_NETWORK = Limit("link-network", tries=80, seconds=15 * 60)
# so long after coming by a link, a new password may be set without the old one
FRESH_SECONDS = LINK_MINUTES * 60
# where everybody starts; the page there belongs to a higher room
START = "/"
_BACKEND = "django.contrib.auth.backends.ModelBackend"


def next_path_of(request) -> str:
    """Return the page to go to after signing in, or nothing if it is not one of ours."""
    path = request.POST.get("next") or request.GET.get("next") or ""
    # 300 is what a login link keeps; redirect() takes what has no slash for the name of a view
    if not path.startswith("/") or len(path) > 300:
        return ""
    return path if url_has_allowed_host_and_scheme(path, allowed_hosts=None) else ""


def _start_visit(request, person, *, next_path):
    login(request, person, backend=_BACKEND)
    return redirect(next_path or START)


def _sign_in_page(request, *, status=200, **forms):
    forms = {
        "link_form": LinkForm(auto_id="link_%s"),
        "password_form": PasswordSignInForm(),
    } | forms
    return page(
        request, "people/sign_in.html", status=status, next_path=next_path_of(request), **forms
    )


@public("Everybody signs in here.")
@never_cache
@require_safe
def sign_in(request):
    """Offer a mailed link and a password."""
    if request.user.is_authenticated:
        return redirect(next_path_of(request) or START)
    return _sign_in_page(request)


@public("Everybody signs in here.")
@sensitive_post_parameters("password")
@never_cache
@require_POST
def sign_in_by_password(request):
    """Sign in, so many tries at a time."""
    form = PasswordSignInForm(request.POST)
    if not form.is_valid():
        return _sign_in_page(request, password_form=form, status=422)
    address = form.cleaned_data["email"].lower()
    tries = (
        PASSWORD_TRIES.take(address),
        PASSWORD_TRIES_OF_NETWORK.take(network_of(request)),
    )
    if None in tries:
        form.add_error(
            None,
            _("Too many tries. Wait 15 minutes, or let us mail you a link to sign in."),
        )
        return _sign_in_page(request, password_form=form, status=429)
    person = authenticate(request, username=address, password=form.cleaned_data["password"])
    if person is None:
        form.add_error(
            None,
            _("This address and password do not belong together. Let us mail you a link instead."),
        )
        return _sign_in_page(request, password_form=form, status=422)
    give_back(*tries)
    response = _start_visit(request, person, next_path=next_path_of(request))
    announce(PersonSignedIn(person_id=person.pk, means="password"), by=person)
    return response


@public("Everybody signs in here.")
@never_cache
@require_POST
def sign_in_link(request):
    """Mail a link; the answer is the same whether or not somebody has the address."""
    form = LinkForm(request.POST, auto_id="link_%s")
    if not form.is_valid():
        return _sign_in_page(request, link_form=form, status=422)
    address = form.cleaned_data["email"].lower()
    if None in (LINKS.take(address), LINKS_OF_NETWORK.take(network_of(request))):
        form.add_error(
            None, _("Enough links are on their way. Look into your mail, or wait 15 minutes.")
        )
        return _sign_in_page(request, link_form=form, status=429)
    ask_for_link(address, next_path=next_path_of(request))
    return page(request, "people/link_sent.html", address=address, minutes=LINK_MINUTES)


@public("The link in the mail is the key.")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_by_link(request, secret):
    """Show a button, and sign in when it is pressed.

    Mail scanners open every link they find; were opening enough, they would use it up.
    """
    link = LoginLink.objects.filter(digest=digest_of(secret)).select_related("person").first()
    is_invitation = link is not None and link.means == LoginLink.Means.INVITATION
    if is_invitation and request.user.pk == link.person_id:
        return redirect(link.next_path)  # opened again, by who is in already
    if request.method != "POST":
        return _link_page(request, link, is_open=not why_not_use_link(link))
    try:
        link = use_link(secret)
    except Refusal:
        return _link_page(request, link, is_open=False)
    response = _start_visit(request, link.person, next_path=link.next_path)
    if not is_invitation:
        request.session["came_by_link_at"] = int(timezone.now().timestamp())
    return response


def _link_page(request, link, *, is_open):
    response = page(
        request, "people/by_link.html", status=200 if is_open else 410, link=link, is_open=is_open
    )
    # the address is a key: no request that follows from this page names more than the site
    response["Referrer-Policy"] = "strict-origin"
    return response


@public("Signing out needs nothing.")
@require_POST
def sign_out(request):
    """End the visit."""
    logout(request)
    messages.success(request, _("You are signed out."))
    return redirect("people:sign-in")


def _needs_old_password(request) -> bool:
    came_at = request.session.get("came_by_link_at", 0)
    is_fresh = timezone.now().timestamp() - came_at < FRESH_SECONDS
    return request.user.has_usable_password() and not is_fresh


@access(to="people.edit_self")
@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def password(request):
    """Set a password, the first or a new one."""
    needs_old = _needs_old_password(request)
    form = SetPasswordForm(request.POST or None, person=request.user, needs_old=needs_old)
    if request.method == "POST" and form.is_valid() and _old_is_right(request, form):
        set_password(request.user, by=request.user, password=form.cleaned_data["new"])
        update_session_auth_hash(request, request.user)
        messages.success(request, _("Your new password is set. Other devices are signed out."))
        return redirect(request.user)
    return page(
        request, "people/password.html", status=status_of(form), form=form, needs_old=needs_old
    )


def _old_is_right(request, form) -> bool:
    if "old" not in form.fields:
        return True
    slot = PASSWORD_TRIES.take(request.user.email)
    if slot is None:
        form.add_error("old", _("Too many tries. Wait 15 minutes."))
    elif not request.user.check_password(form.cleaned_data["old"]):
        form.add_error("old", _("This is not the password you have now."))
    else:
        give_back(slot)
        return True
    return False
