"""One person in one cohort: the invitation, what comes next, and the way out."""

from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from contraflow.core.access import access
from contraflow.core.models import Bounce
from contraflow.core.pages import page
from contraflow.core.reads import note_read
from contraflow.programmes.actions import (
    accept_invitation,
    admit,
    decline_invitation,
    move_to_bench,
    send_invitation_again,
    withdraw,
)
from contraflow.programmes.mails import invitation_text
from contraflow.programmes.models import Enrolment, Profile
from contraflow.programmes.queries import draw_of, profile_steps
from contraflow.programmes.rules import (
    why_not_admit,
    why_not_answer,
    why_not_bench,
    why_not_edit_profile,
    why_not_withdraw,
)


@access(Enrolment, to="programmes.view_enrolment")
@require_safe
def enrolment(request, enrolment):
    """Show one's own place and what comes next; a lead sees the facts and the public part."""
    note_read(request, f"enrolment:{enrolment.pk}", of=[enrolment.person_id])
    is_own = enrolment.person_id == request.user.pk
    profile = Profile.objects.filter(enrolment=enrolment).first()
    context = {
        "enrolment": enrolment,
        "cohort": enrolment.cohort,
        "programme": enrolment.cohort.programme,
        "role": enrolment.cohort.programme.word_for(enrolment.side),
        "is_own": is_own,
        "profile": profile,
        "why_not_withdraw": why_not_withdraw(enrolment),
    }
    if is_own:
        stewards = enrolment.cohort.programme.stewards.select_related("person")
        context |= {
            "invitation": invitation_text(enrolment),
            "why_not_answer": why_not_answer(enrolment),
            "why_not_edit_profile": why_not_edit_profile(enrolment),
            "steps": profile_steps(enrolment),
            "draw": draw_of(enrolment),
            "stewards": stewards.order_by("kind", "pk"),
        }
    else:
        context |= {
            "comes_back": Bounce.objects.visible_to(request.user).of(enrolment.person).first(),
            "why_not_admit": why_not_admit(enrolment),
            "why_not_bench": why_not_bench(enrolment),
            "topics": profile.topics.select_related("topic") if profile else [],
        }
    template = "enrolment" if is_own else "enrolment_of_other"
    return page(request, f"programmes/{template}.html", **context)


@access(Enrolment, to="programmes.answer_invitation")
@require_POST
def answer(request, enrolment):
    """Say yes or no to an invitation, or to a place offered from the waiting list."""
    if request.POST.get("answer") == "yes":
        accept_invitation(enrolment, by=request.user)
    else:
        decline_invitation(enrolment, by=request.user)
    return redirect(enrolment)


@access(Enrolment, to="programmes.withdraw_enrolment")
@require_POST
def leave(request, enrolment):
    """Stop taking part; a lead can take somebody out as well."""
    withdraw(enrolment, by=request.user)
    return redirect(enrolment)


@access(Enrolment, to="programmes.place_enrolment")
@require_POST
def place(request, enrolment):
    """Give a place, put on the bench, or send the invitation again."""
    verbs = {"admit": admit, "bench": move_to_bench, "remind": send_invitation_again}
    if verb := verbs.get(request.POST.get("verb", "")):
        verb(enrolment, by=request.user)
    return redirect(enrolment)
