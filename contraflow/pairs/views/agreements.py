"""The agreement on one page: both write it, each signs what they read, goals are looked back at."""

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contraflow.content.schema import load_agreement
from contraflow.core.access import access
from contraflow.core.errors import Refusal
from contraflow.core.navigation import region
from contraflow.core.pages import page, post_or_its_page
from contraflow.pairs import actions, agreements
from contraflow.pairs.forms import GoalForm, SectionForm, SignForm
from contraflow.pairs.models import Goal, GoalWords, Pair
from contraflow.pairs.queries import FORMING
from contraflow.pairs.rules import is_in_pair
from contraflow.programmes.models import Side


def url_of(pair):
    """Return the address of the agreement of a pair."""
    return reverse("pairs:agreement", args=[pair.code])


@access(Pair, to="pairs.write_agreement")
@require_safe
def agreement(request, pair):
    """Show what the two agree on, to be written or as a signed copy."""
    return _agreement_page(request, pair)


def _agreement_page(request, pair, *, sections=None, goal_form=None, sign_form=None, status=200):
    by = request.user
    row = agreements.agreement_of(pair, reader=by)
    context, goals = _surroundings(pair, by, row), agreements.goals_of(pair, row, reader=by)
    may_write = not agreements.why_not_write_agreement(pair, by=by)
    asks_to_write = "change" in request.GET or sections or goal_form
    read = _read(request, context["seen"])
    return page(
        request, "pairs/agreement.html", part="sign", status=status, **context,
        content=load_agreement(), agreement=row, may_write=may_write,
        is_written=may_write and bool(asks_to_write or not context["signed_by"]),
        sections=sections or _sections(pair, by, context["seen"]),
        goals=goals,
        goal_form=goal_form or _goal_form(pair, goals),
        sign_form=sign_form or SignForm(initial={"version": read}),
        why_not_sign=agreements.why_not_sign_now(pair, row, by=by),
        unread=row and agreements.why_not_read(row, reader=by, version=read),
        steps=agreements.steps_of(pair, row),
        history=agreements.history_of(pair, reader=by),
    )  # fmt: skip


def _surroundings(pair, by, row):
    """Return what a part of the page needs too that comes back alone."""
    return {
        "pair": pair,
        "partner": pair.partner_of(by),
        "seen": row.version if row else 0,
        "signed_by": row.signed_by if row else [],
        "is_leader": pair.side_of(by) == Side.MENTEE,
    }


def _read(request, version):
    """Return the version whose words this page has shown; a part of it may be asked for later."""
    asked = request.GET.get("read", "")
    known = asked.isascii() and asked.isdigit() and len(asked) < 10
    return min(int(asked), version) if known else version


def _sections(pair, by, seen):
    texts = agreements.words_of(pair, reader=by)
    return [
        {
            "key": key,
            "section": section,
            "text": texts[key],
            "form": SectionForm(section=section, initial={"text": texts[key], "seen": seen}),
        }
        for key, section in agreements.SECTIONS.items()
    ]


def _goal_form(pair, goals):
    mine = next(each for each in goals if each.is_mine)
    initial = {name: getattr(mine.words, name) for name in agreements.GOAL_PARTS if mine.words}
    return GoalForm(initial=initial | {"week": mine.goal and mine.goal.week}, pair=pair)


# -- writing --------------------------------------------------------------------------------------


@access(Pair, to="pairs.write_agreement")
@post_or_its_page
def section_write(request, pair):
    """Keep the text of a section, or show what else stands there now."""
    key = request.POST.get("section", "")
    if key not in agreements.SECTIONS:
        raise Refusal(_("There is no such part of the agreement."))
    form = SectionForm(request.POST, section=agreements.SECTIONS[key])
    if form.is_valid():
        try:
            actions.write_section(
                pair, by=request.user, section=key, reopens="reopens" in request.POST,
                **form.cleaned_data,
            )  # fmt: skip
        except Refusal as refusal:
            form.add_error("text", str(refusal))
        else:
            return _after_save(request, pair, key)
    row = agreements.agreement_of(pair, reader=request.user)
    context = _surroundings(pair, request.user, row)
    sections = _sections(pair, request.user, context["seen"])
    each = next(each for each in sections if each["key"] == key)
    # what is typed stays typed; saved once more, it is saved over what is shown below it
    each |= {"form": _now_at(form, seen=context["seen"]), "theirs": each["text"]}
    if request.htmx:
        return page(request, "pairs/agreement_section.html", status=422, each=each, **context)
    return _agreement_page(request, pair, sections=sections, status=422)


@access(Pair, to="pairs.write_agreement")
@post_or_its_page
def goal_set(request, pair):
    """Keep one's own goal as it grows."""
    form = GoalForm(request.POST, pair=pair)
    if form.is_valid():
        try:
            actions.set_goal(
                pair, by=request.user, reopens="reopens" in request.POST, **form.cleaned_data
            )
        except Refusal as refusal:
            form.add_error("because", str(refusal))
        else:
            return _after_save(request, pair, "goals")
    if request.htmx:
        row = agreements.agreement_of(pair, reader=request.user)
        context = _surroundings(pair, request.user, row)
        return page(
            request, "pairs/agreement_goal_form.html", status=422, goal_form=form, **context
        )
    return _agreement_page(request, pair, goal_form=form, status=422)


def _now_at(form, **versions):
    """Return a form that was sent, as the answer to it: it has seen what its page shows now."""
    form.data = form.data.copy()
    for name, version in versions.items():
        form.data[name] = version
    return form


def _after_save(request, pair, place):
    """Tell a script that it is saved, and the part about signing to look again; else the page."""
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Trigger": "written"})
    return redirect(f"{url_of(pair)}#{place}")


# -- signing --------------------------------------------------------------------------------------


@access(Pair, to="pairs.write_agreement")
@post_or_its_page
def agreement_sign(request, pair):
    """Sign what was read; what the other changed meanwhile is shown before."""
    form = SignForm(request.POST)
    if form.is_valid():
        try:
            actions.sign_agreement(pair, by=request.user, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error("pledges", str(refusal))
    if form.errors:
        row = agreements.agreement_of(pair, reader=request.user)
        # the page that comes back shows what stands there now
        form = _now_at(form, version=row.version if row else 0)
        return _agreement_page(request, pair, sign_form=form, status=422)
    partner = pair.partner_of(request.user).get_short_name()
    messages.success(request, _("Signed. %(name)s is told.") % {"name": partner})
    return redirect(url_of(pair))


# -- goals go on living ---------------------------------------------------------------------------


@access(Goal, to="pairs.review_goal")
@post_or_its_page
def goal_review(request, goal):
    """Say how one's own goal stands."""
    outcome = request.POST.get("outcome")
    if outcome not in GoalWords.Outcome.values:
        raise Refusal(_("Say whether it goes on, was reached, changed or dropped."))
    actions.review_goal(goal, by=request.user, outcome=outcome)
    if outcome == GoalWords.Outcome.CHANGED:
        messages.success(request, _("Write the new one into your agreement; both sign it anew."))
        return redirect(f"{url_of(goal.pair)}?change=goal#goals")
    messages.success(request, _("Kept, for the two of you."))
    session = goal.pair.sessions.filter(code=request.POST.get("session", "")).first()
    return redirect(f"{session.get_absolute_url()}#goals" if session else goal)


# -- on other pages -------------------------------------------------------------------------------


def agreement_context(request, pair):
    """Return what a pair's page shows of the agreement: goals to the two, facts to the lead."""
    row = agreements.agreement_of(pair, reader=request.user)
    context = {
        "agreement": row,
        "steps": agreements.steps_of(pair, row),
        "may_agree": not agreements.why_not_write_agreement(pair, by=request.user),
    }
    if is_in_pair(request.user, pair):
        context["goals"] = agreements.goals_of(pair, row, reader=request.user)
        context["outcomes"] = GoalWords.Outcome.choices
    return context


@region("overview.aside")
def _how_many_are_active(request, cohort):
    """Tell the lead how many pairs have agreed how they work together."""
    counts = cohort.pairs.active().aggregate(of=Count("pk"), active=Count("active_since"))
    if not counts["of"]:
        return None
    counts["forming"] = counts["of"] - counts["active"]
    return "pairs/active_pairs.html", {"cohort": cohort, "only": FORMING, **counts}
