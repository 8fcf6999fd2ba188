"""The sponsor's part: what to do and when, and the words for it; a lead may ask for them."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contraflow.core.access import access
from contraflow.core.navigation import region
from contraflow.core.pages import page, status_of
from contraflow.desk import actions, kit, queries, rules
from contraflow.desk.forms import LearnForm, PersonalWordForm, ReadyMailForm
from contraflow.desk.models import Message, PersonalWord, PublicLearner, Speech
from contraflow.desk.texts import text_of_reminder, text_to_cohort
from contraflow.programmes.models import Cohort, Programme


@access(Programme, to="desk.view_part")
@require_safe
def part(request, programme):
    """Show a sponsor what they do in a programme, and how far each of it is."""
    mine = Speech.objects.visible_to(request.user).said().filter(by=request.user)
    waiting = mine.filter(cohort__programme=programme, leaves_at__gt=timezone.now())
    parts = kit.parts_of(request.user, programme)
    return page(
        request,
        "desk/part.html",
        programme=programme,
        parts=parts,
        first_due=next((each for each in parts if each.is_due), None),
        undoable=waiting.select_related("cohort"),
    )


def _own_learning(request, programme):
    seen = PublicLearner.objects.visible_to(request.user)
    return seen.filter(programme=programme, person=request.user).first()


@access(Programme, to="desk.learn_in_public")
@require_http_methods(["GET", "HEAD", "POST"])
def learner(request, programme):
    """Say in public what one wants to learn, and later what one learned; or take it back."""
    if request.POST.get("verb") == "take_back":
        actions.take_learning_back(programme, by=request.user)
        messages.success(request, _("Taken back: nobody can read it any more."))
        return redirect("desk:part", programme.code)
    said = _own_learning(request, programme)
    cohort = kit.takes_part_in([request.user.pk], programme, reader=request.user)
    form = LearnForm(request.POST or None, said=said, takes_part=cohort is not None)
    if form.is_valid():
        actions.learn_in_public(programme, by=request.user, **form.cleaned_data)
        messages.success(request, _("Everybody in the programme can read it now."))
        return redirect("desk:part", programme.code)
    return page(
        request,
        "desk/learner.html",
        status=status_of(form),
        programme=programme,
        form=form,
        said=said,
        cohort=cohort,
    )


@access(Programme, to="desk.write_personal_word")
@require_http_methods(["GET", "HEAD", "POST"])
def personal_word(request, programme):
    """Write the word that reaches leaders whose dates fall through, or let it reach nobody."""
    if request.POST.get("verb") == "take_back":
        actions.end_personal_word(programme, by=request.user)
        messages.success(request, _("Taken back: it reaches nobody from now on."))
        return redirect("desk:part", programme.code)
    own = PersonalWord.objects.visible_to(request.user).standing().filter(programme=programme)
    standing = own.select_related("words").first()
    form = PersonalWordForm(request.POST or None, standing=standing)
    if form.is_valid():
        actions.write_personal_word(programme, by=request.user, **form.cleaned_data)
        messages.success(request, _("Your word stands ready."))
        return redirect("desk:part", programme.code)
    return page(
        request,
        "desk/personal_word.html",
        status=status_of(form),
        programme=programme,
        form=form,
        standing=standing,
    )


@access(Cohort, to="desk.give_speech")
@require_http_methods(["GET", "HEAD", "POST"])
def speech(request, cohort, kind):
    """Open or close a cohort with a few words: look at them first, send them once."""
    if kind not in Speech.Kind:
        raise Http404
    learns = _own_learning(request, cohort.programme) is not None
    ready = text_to_cohort(cohort, kind, by=request.user, learns=learns)
    form = ReadyMailForm(request.POST or None, ready=ready)
    if form.is_valid() and request.POST.get("verb") == "send":
        actions.give_speech(
            cohort, kind, by=request.user, text=form.text, code=form.cleaned_data["code"]
        )
        messages.success(
            request, _("Your words leave in two minutes. Until then you can take them back.")
        )
        return redirect("desk:part", cohort.programme.code)
    said = Speech.objects.visible_to(request.user).said().filter(cohort=cohort, kind=kind).first()
    return page(
        request,
        "desk/speech.html",
        status=status_of(form),
        cohort=cohort,
        programme=cohort.programme,
        kind=kind,
        form=form,
        said=said,
        why_not=rules.why_not_speak(cohort, kind, by=request.user),
        preview=form.text if form.is_valid() else None,
        n_people=queries.audience(cohort, Message.To.EVERYBODY).exclude(pk=request.user.pk).count(),
    )


@access(Speech, to="desk.undo_speech")
@require_POST
def speech_undone(request, speech):
    """Take words to a cohort back before they leave."""
    actions.undo_speech(speech, by=request.user)
    messages.success(request, _("Taken back: nobody gets these words."))
    return redirect("desk:speech", speech.cohort.code, speech.kind)


@access(Programme, to="desk.remind_sponsor")
@require_http_methods(["GET", "HEAD", "POST"])
def remind(request, programme):
    """Ask the sponsors for their part, with the words ready."""
    due = [each for each in kit.parts_a_lead_sees(programme, reader=request.user) if each.is_due]
    ready = text_of_reminder(programme, [each.title for each in due], by=request.user)
    form = ReadyMailForm(request.POST or None, ready=ready)
    if form.is_valid():
        actions.remind_sponsor(
            programme, by=request.user, text=form.text, code=form.cleaned_data["code"]
        )
        messages.success(request, _("Your mail is on its way."))
        return redirect("desk:desk", programme.code)
    return page(
        request,
        "desk/remind.html",
        status=status_of(form),
        programme=programme,
        form=form,
        is_due=bool(due),
        sponsors=rules.sponsors_to_remind(programme, by=request.user),
        why_not=rules.why_not_remind(programme, by=request.user),
    )


# -- where others show it -------------------------------------------------------------------------


@region("desk.programme")
def _sponsors_part(request, programme):
    """Show the lead what participants hear of the sponsors, and let them ask for it."""
    parts = kit.parts_a_lead_sees(programme, reader=request.user)
    is_due = any(each.is_due for each in parts)
    why_not = rules.why_not_remind(programme, by=request.user) if is_due else None
    shown = {"programme": programme, "parts": parts, "is_due": is_due, "why_not": why_not}
    return "desk/sponsors_part.html", shown


@region("sponsor.top")
def _own_part(request, programme):
    """Lead a sponsor from their counts to what they do."""
    if not request.user.has_perm("desk.view_part", programme):
        return None
    due = [each for each in kit.parts_of(request.user, programme) if each.is_due]
    return "desk/part_link.html", {"programme": programme, "due": due}


@region("programmes.programme")
def _words_of_programme(request, programme):
    """Let everybody in a programme read what its sponsors say."""
    return _words(kit.sponsors_words(programme, reader=request.user))


@region("programmes.enrolment", order=60)
def _words_of_cohort(request, enrolment):
    """Let somebody in a cohort read again how it was opened, and what its sponsors learn."""
    cohort = enrolment.cohort
    said = kit.sponsors_words(cohort.programme, reader=request.user, only=cohort)
    return _words(said, unfold=True)


def _words(said, *, unfold=False):
    """Show words to a cohort unfolded where they are the reader's own."""
    return ("desk/sponsors_words.html", said | {"unfold": unfold}) if any(said.values()) else None
