"""The desk of a programme's lead: what to do next, and doing it."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contraflow.core.access import access
from contraflow.core.codes import make_code
from contraflow.core.navigation import region
from contraflow.core.pages import page, status_of
from contraflow.core.reads import note_read
from contraflow.desk import actions, queries, rules
from contraflow.desk.forms import AsideForm, HandOverForm, WriteForm
from contraflow.desk.models import CoverTalk, Step
from contraflow.desk.texts import label_of
from contraflow.pairs.models import Pair
from contraflow.programmes.models import Cohort, Programme
from contraflow.readiness.signals import cards_for_lead


@access(Programme, to="desk.view_desk")
@require_safe
def desk(request, programme):
    """Show the pairs of a programme in the order of what to do next."""
    note_read(request, f"programme:{programme.pk}")
    cohorts = list(programme.cohorts.visible_to(request.user).filter(state=Cohort.State.RUNNING))
    asked = request.GET.get("cohort", "")
    chosen = next((each for each in cohorts if each.code == asked), None)
    only = request.GET.get("only", "")
    only = only if only in queries.FILTERS else ""
    search, mine = request.GET.get("search", "").strip()[:100], "mine" in request.GET
    return page(
        request,
        "desk/desk.html",
        part="pairs",
        programme=programme,
        cohorts=cohorts,
        chosen=chosen,
        only=only,
        search=search,
        mine=mine,
        filters=queries.count_by_band(programme, reader=request.user),
        pairs=queries.desk_page(
            programme, reader=request.user, cohort=chosen, only=only, mine=mine, search=search,
            number=request.GET.get("page"),
        ),
        n_own=queries.own_pairs_left_out(programme, reader=request.user),
        undoable=_undoable(request),
        is_narrowed=bool(only or search or chosen or mine),
        # each form of the page takes its own step
        make_code=make_code,
    )  # fmt: skip


@access(Cohort, to="desk.view_desk")
@require_safe
def cohort(request, cohort):
    """Lead from the tabs of a cohort to its part of the desk."""
    return redirect(f"{_desk_of(cohort)}?cohort={cohort.code}")


def _desk_of(cohort):
    return reverse("desk:desk", args=[cohort.programme.code])


def _undoable(request):
    """Return one's own mails that have not left yet."""
    mine = Step.objects.visible_to(request.user).filter(by=request.user, undone_at=None)
    waiting = mine.filter(leaves_at__gt=timezone.now())
    return waiting.select_related("pair__mentor", "pair__mentee")


@access(Pair, to="desk.tend_pair")
@require_safe
def pair(request, pair):
    """Show the lead how a pair does, point by point, what can be done, and what was done."""
    return _pair_page(request, pair)


@region("pair.lead", order=10)
def _desk_link(request, pair):
    """Lead from the dates of a pair to what can be done for it."""
    tends = request.user.has_perm("desk.tend_pair", pair)
    return ("desk/pair_link.html", {"pair": pair}) if tends else None


def _pair_page(request, pair, *, status=200, aside_form=None, hand_over_form=None):
    note_read(request, f"pair:{pair.pk}")
    due = CoverTalk.objects.visible_to(request.user).filter(
        queries.waiting_talks(timezone.localdate()), pair=pair
    )
    shown = Pair.objects.select_related("health", "desk_place__holder", "mentor", "mentee")
    shown = shown.select_related("cohort__programme").get(pk=pair.pk)
    return page(
        request,
        "desk/pair.html",
        status=status,
        row=queries.row_of(shown, talk_is_due=due.exists()),
        pair=shown,
        noticed=cards_for_lead(shown),
        mails=[(kind.value, label_of(kind)) for kind in Step.MAILS],
        history=queries.history_of(pair, reader=request.user),
        now=timezone.now(),
        code=make_code(),
        aside_form=aside_form or AsideForm(pair=pair, by=request.user),
        hand_over_form=hand_over_form or HandOverForm(pair=pair, by=request.user),
        has_other_leads=bool(rules.other_leads(pair, request.user)),
    )


@access(Pair, to="desk.tend_pair")
@require_http_methods(["GET", "HEAD", "POST"])
def write(request, pair, kind):
    """Change a ready text and send it to both."""
    if kind not in Step.MAILS:
        raise Http404
    form = WriteForm(request.POST or None, pair=pair, kind=kind, by=request.user)
    if form.is_valid():
        actions.write_to_both(
            pair, kind, by=request.user, text=form.text, code=form.cleaned_data["code"],
            again=form.cleaned_data.get("again", False),
        )  # fmt: skip
        messages.success(request, _("Both get your mail in two minutes. Until then you can undo."))
        return redirect(_desk_of(pair.cohort))
    note_read(request, f"pair:{pair.pk}")
    return page(
        request,
        "desk/write.html",
        status=status_of(form),
        pair=pair,
        kind=kind,
        label=label_of(kind),
        form=form,
        told=rules.told_already(form.earlier) if "again" in form.fields else "",
    )


@access(Pair, to="desk.tend_pair")
@require_POST
def talked(request, pair):
    """Note that one talked with the two."""
    code = request.POST.get("code", "")
    is_code = code.isascii() and code.isalnum() and len(code) <= 20
    actions.note_talk(pair, by=request.user, code=code if is_code else "")
    messages.success(request, _("Noted. What was said stays with you."))
    return redirect(_desk_of(pair.cohort))


@access(Pair, to="desk.tend_pair")
@require_POST
def aside(request, pair):
    """Put a pair aside until a day."""
    form = AsideForm(request.POST, pair=pair, by=request.user)
    if not form.is_valid():
        return _pair_page(request, pair, status=422, aside_form=form)
    actions.put_aside(pair, by=request.user, **form.cleaned_data)
    messages.success(request, _("The pair comes back to your desk on that day."))
    return redirect(_desk_of(pair.cohort))


@access(Pair, to="desk.tend_pair")
@require_POST
def taken_up(request, pair):
    """Put a pair back on the desk before its day."""
    actions.take_up_again(pair, by=request.user)
    return redirect("desk:pair", pair.code)


@access(Pair, to="desk.tend_pair")
@require_POST
def handed_over(request, pair):
    """Let another lead of the programme look after a pair."""
    form = HandOverForm(request.POST, pair=pair, by=request.user)
    if not form.is_valid():
        return _pair_page(request, pair, status=422, hand_over_form=form)
    actions.hand_over(pair, by=request.user, to=form.person)
    told = {"name": form.person.name}
    messages.success(request, _("%(name)s looks after the pair now and is told by mail.") % told)
    return redirect("desk:pair", pair.code)


@access(Step, to="desk.undo_step")
@require_POST
def undone(request, step):
    """Take a mail back before it leaves."""
    actions.undo_step(step, by=request.user)
    messages.success(request, _("Taken back: nobody gets that mail. Your text stands here still."))
    return redirect("desk:write", step.pair.code, step.kind)
