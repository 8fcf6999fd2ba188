"""A line manager confirms hours by the link of a mail, and the lead asks for it."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from contraflow.core.access import access, public
from contraflow.core.errors import Refusal
from contraflow.core.figures import figure
from contraflow.core.pages import page
from contraflow.programmes.actions import answer_hours, ask_for_hours
from contraflow.programmes.models import Cohort, HoursRequest
from contraflow.programmes.rules import why_not_answer_hours


@access(Cohort, to="programmes.edit_cohort")
@require_POST
def ask(request, cohort):
    """Ask the line managers of the cohort's mentors for their hours."""
    count = ask_for_hours(cohort, by=request.user)
    told = ngettext("%(n)s line manager is asked.", "%(n)s line managers are asked.", count)
    messages.success(request, told % {"n": figure(count)})
    return redirect(cohort)


@public("A line manager answers by the link of a mail: the secret in the address is the key.")
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request, secret):
    """Show a line manager the hours of one person, and take their answer."""
    asked = HoursRequest.objects.opened_by(secret)
    if asked is None:
        raise Http404
    if request.method == "POST":
        if request.POST.get("answer") not in HoursRequest.Answer.values:
            raise Refusal(_("Say whether the hours are possible."))
        answer_hours(asked, answer=request.POST["answer"])
        return redirect(request.path)
    return page(
        request, "programmes/hours.html",
        asked=asked, person=asked.enrolment.person, cohort=asked.enrolment.cohort,
        why_not=why_not_answer_hours(asked),
    )  # fmt: skip
