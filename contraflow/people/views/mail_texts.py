"""What an administrator decides about mails: how each kind reads, and the organisation's look."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from contraflow.core import letters
from contraflow.core.access import access
from contraflow.core.branding import OWN_ACCENT, change_brand
from contraflow.core.codes import as_key
from contraflow.core.errors import Refusal
from contraflow.core.limits import Limit
from contraflow.core.mail import queue_test
from contraflow.core.models import Installation, MailText
from contraflow.core.pages import page, status_of
from contraflow.people.forms import BrandForm, MailTextForm
from contraflow.people.queries import history_of_text, texts_in_use

TESTS = Limit("test-mail", tries=20, seconds=3600)


def _kind(name):
    kind = letters.kind_of(name)
    if kind is None:
        raise Http404
    return kind


def _language(request):
    asked = request.POST.get("language") or request.GET.get("language", settings.LANGUAGE_CODE)
    if asked not in dict(settings.LANGUAGES):
        raise Http404
    return asked


@access(to="people.edit_mail_texts")
@require_safe
def mail_texts(request):
    """List every kind of mail, and which of them read as the organisation wrote them."""
    return page(
        request,
        "people/mail_texts.html",
        kinds=texts_in_use(MailText.objects.visible_to(request.user), letters.all_kinds()),
    )


@access(to="people.edit_mail_texts")
@require_http_methods(["GET", "HEAD", "POST"])
def mail_text(request, kind):
    """Show how a kind of mail reads, and write it anew."""
    kind, language = _kind(kind), _language(request)
    form = _form(request, kind, language)
    if request.method == "POST" and form.is_valid():
        seen = form.cleaned_data["seen"]
        letters.write_text(kind, language, by=request.user, words=form.wording, seen=seen)
        messages.success(request, _("Saved. Mails of this kind read like this from now on."))
        return _back_to(kind, language)
    return _editor(request, kind, language, form)


@access(to="people.edit_mail_texts")
@require_http_methods(["GET", "HEAD", "POST"])
def preview(request, kind):
    """Show what was typed as the mail it would be, without saving anything."""
    kind, language = _kind(kind), _language(request)
    if request.method != "POST":
        return redirect("people:mail-text", kind.id)
    form = _form(request, kind, language)
    form.is_valid()
    return _editor(request, kind, language, form)


@access(to="people.edit_mail_texts")
@require_http_methods(["GET", "HEAD", "POST"])
def send_test(request, kind):
    """Send what was typed to whoever typed it, with invented values."""
    kind, language = _kind(kind), _language(request)
    if request.method != "POST":
        return redirect("people:mail-text", kind.id)
    form = _form(request, kind, language)
    if form.is_valid():
        if TESTS.take(request.user.email) is None:
            raise Refusal(_("Twenty test mails in an hour are enough. Wait a while."))
        queue_test(kind, form.wording, to=request.user)
        messages.success(
            request,
            _("A test is on its way to %(address)s. Nothing was saved yet.")
            % {"address": request.user.email},
        )
    return _editor(request, kind, language, form)


@access(to="people.edit_mail_texts")
@require_http_methods(["GET", "HEAD", "POST"])
def take_up(request, kind):
    """Take up an earlier text again, or the one that ships."""
    kind, language = _kind(kind), _language(request)
    if request.method != "POST":
        return redirect("people:mail-text", kind.id)
    number = as_key(request.POST.get("number")) or 0
    written = MailText.objects.visible_to(request.user).of(kind.id, language)
    earlier = written.filter(number=number).exclude(text="").first()
    words = letters.Wording(earlier.subject, earlier.text) if earlier else None
    seen = as_key(request.POST.get("seen")) or 0
    letters.write_text(kind, language, by=request.user, words=words, seen=seen)
    messages.success(request, _("Taken up again. The one before stays in the history."))
    return _back_to(kind, language)


def _back_to(kind, language):
    asked = "" if language == settings.LANGUAGE_CODE else f"?language={language}"
    return redirect(reverse("people:mail-text", args=[kind.id]) + asked)


def _form(request, kind, language):
    words = letters.wording(kind, language)
    newest = MailText.objects.visible_to(request.user).of(kind.id, language).first()
    initial = {
        "subject": words.subject, "text": words.text, "seen": newest.number if newest else 0,
    }  # fmt: skip
    return MailTextForm(request.POST or None, initial=initial, kind=kind)


def _editor(request, kind, language, form):
    typed = form.data if form.is_bound else form.initial
    words = letters.Wording(
        typed.get("subject", "")[: letters.LONGEST_SUBJECT],
        typed.get("text", "")[: letters.LONGEST_TEXT],
    )
    written = MailText.objects.visible_to(request.user).of(kind.id, language)
    examples = {name: letters.said(value) for name, value in kind.examples.items()}
    examples |= {"organisation": Installation.current().organisation}
    return page(
        request,
        "people/mail_text.html",
        part="preview",
        status=status_of(form),
        kind=kind,
        form=form,
        mail=letters.compose(kind, words, examples),
        is_essential=not letters.is_optional(kind),
        history=history_of_text(written),
        newest=written.first(),
        language=language,
        languages=_languages(language),
    )


def _languages(chosen):
    """Return the languages of the product to choose from; none where there is but one."""
    return [
        {"code": code, "name": get_language_info(code)["name_local"], "is_chosen": code == chosen}
        for code, _name in settings.LANGUAGES
        if len(settings.LANGUAGES) > 1
    ]


@access(to="people.edit_brand")
@require_http_methods(["GET", "HEAD", "POST"])
def brand(request):
    """Give the organisation's name, colour and logo to mails and pages."""
    installation = Installation.current()
    initial = {
        "organisation": installation.organisation, "accent": installation.accent or OWN_ACCENT,
    }  # fmt: skip
    form = BrandForm(request.POST or None, request.FILES or None, initial=initial)
    if not installation.logo_mark:
        del form.fields["without_logo"]
    if request.method == "POST" and form.is_valid():
        change_brand(
            by=request.user,
            organisation=form.cleaned_data["organisation"],
            accent=form.cleaned_data["accent"],
            logo=form.cleaned_data["logo"],
            takes_logo_away=form.cleaned_data.get("without_logo", False),
        )
        messages.success(request, _("Saved. New mails and all pages look like this."))
        return redirect("people:brand")
    return page(
        request, "people/brand.html", status=status_of(form), form=form, own_accent=OWN_ACCENT
    )
