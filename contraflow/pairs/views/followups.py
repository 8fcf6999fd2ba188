"""A mentor answers, by the link of a mail, whether all is well; mail scanners answer nothing."""

from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contraflow.core.access import public
from contraflow.core.errors import Refusal
from contraflow.core.pages import page
from contraflow.pairs.actions import answer_follow_up
from contraflow.pairs.actions.followups import TALK, WELL
from contraflow.pairs.followups import contact_for
from contraflow.pairs.mails.followups import help_page
from contraflow.pairs.models import FollowUp


@public("A mentor answers by the link of a mail: the secret in the address is the key.")
@require_http_methods(["GET", "HEAD", "POST"])
def asked(request, secret):
    """Ask once more before an answer leaves: a link alone is followed by programs too."""
    row = FollowUp.objects.opened_by(secret)
    if row is None:
        raise Http404
    if request.method == "POST":
        answer = request.POST.get("answer")
        if answer not in {WELL, TALK}:
            raise Refusal(_("Say that all is well, or that you would like to talk."))
        is_told = answer_follow_up(row, secret=secret, answer=answer)
        return redirect(f"{request.path}?told={answer}" if is_told else request.path)
    return page(
        request, "pairs/asked.html",
        contact=contact_for(row.pair), help_page=help_page(row),
        programme=row.pair.cohort.programme,
        answer=request.GET.get("answer"), told=request.GET.get("told"),
    )  # fmt: skip
