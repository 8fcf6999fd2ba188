"""The matching tab: a draft and its settings, one pair and what choices cost, publishing."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from contraflow.core import charts
from contraflow.core.access import access
from contraflow.core.codes import as_key
from contraflow.core.errors import Refusal
from contraflow.core.models import Job
from contraflow.core.navigation import region
from contraflow.core.pages import page
from contraflow.core.reads import note_read
from contraflow.pairing import actions, queries, rules
from contraflow.pairing.figures import as_fit
from contraflow.pairing.forms import InertiaForm, SettingsForm
from contraflow.pairing.models import Draft, Proposal, Publication, Wanted
from contraflow.pairing.standing import publishing_job
from contraflow.pairing.views.place import Place
from contraflow.pairs.models import Pair
from contraflow.programmes.models import Cohort, Enrolment, Side


@access(Cohort, to="pairing.view_cohort")
@require_safe
def cohort(request: HttpRequest, cohort: Cohort) -> HttpResponse:
    """Show the latest draft, or what is ready for the first one."""
    latest = Draft.objects.visible_to(request.user).filter(cohort=cohort).first()
    if latest:
        return draft_page(request, latest)
    note_read(request, f"cohort:{cohort.pk}")
    return page(
        request,
        "pairing/ready.html",
        cohort=cohort,
        ready=queries.readiness(cohort),
        why_not=rules.why_not_make_draft(cohort),
        without=queries.without_partner(cohort, request.user),
    )


@access(Cohort, to="pairing.make_draft")
@require_POST
def propose(request: HttpRequest, cohort: Cohort) -> HttpResponse:
    """Ask for the first draft."""
    actions.make_draft(cohort, by=request.user)
    return redirect("pairing:cohort", cohort.code)


@access(Cohort, to="pairing.make_draft")
@require_POST
def partners(request: HttpRequest, cohort: Cohort) -> HttpResponse:
    """Ask for partners for those of a running cohort who have none."""
    actions.find_partners(cohort, by=request.user)
    return redirect("pairing:cohort", cohort.code)


@access(Cohort, to="pairing.view_cohort")
@require_safe
def drafts(request: HttpRequest, cohort: Cohort) -> HttpResponse:
    """List the drafts of a cohort, and compare two of them."""
    found = Draft.objects.visible_to(request.user).filter(cohort=cohort).select_related("by")
    by_code = {each.code: each for each in found}
    ready = [each for each in by_code.values() if each.version]
    one, other = (by_code.get(request.GET.get(name, "")) for name in ("one", "other"))
    if not (one and other) and len(ready) > 1:
        one, other = ready[0], ready[1]
    if one and other:  # who changes partner is named
        note_read(request, f"cohort:{cohort.pk}")
    return page(
        request,
        "pairing/drafts.html",
        cohort=cohort,
        drafts=found,
        ready=ready,
        compared=queries.comparison(one, other, request.user, page=request.GET.get("page", ""))
        if one and other
        else None,
    )


@access(Draft, to="pairing.view_draft")
@require_safe
def draft(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Show one draft."""
    return draft_page(request, draft)


def draft_page(
    request: HttpRequest, draft: Draft, *, form: SettingsForm | None = None,
    inertia_form: InertiaForm | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    """Gather what the page of a draft shows."""
    cohort = Cohort.objects.select_related("programme").get(pk=draft.cohort_id)
    draft.cohort = cohort
    if draft.version:  # while it is being solved it names nobody
        note_read(request, f"cohort:{cohort.pk}")
    publication = rules.publication_of(draft)
    place = Place.here(request)
    options = queries.options_of(draft)
    return page(
        request,
        "pairing/draft.html",
        part="draft",
        status=status,
        draft=draft,
        cohort=cohort,
        form=form or SettingsForm.for_settings(draft.settings),
        solving=_solving(draft),
        publishing=publishing_job(cohort),
        failed=_failed_job(request),
        place=place,
        **_table(request, draft, place),
        distribution=queries.distributions([draft], request.user)[0] if draft.version else "",
        options=options,
        why_not_price=None if options["rows"] else rules.why_not_price(draft),
        seconds=sum(draft.result.get("seconds", {}).values()),
        decisions=queries.decisions(draft, request.user),
        left_over=queries.left_over(draft, request.user),
        publication=publication,
        published_words=rules.published_by(publication) if publication else "",
        why_not_undo=rules.why_not_undo(publication) if publication else None,
        undo_until=rules.undo_until(publication) if publication else None,
        why_not_decide=rules.why_not_decide(draft),
        why_not_publish=rules.why_not_publish(draft),
        why_not_match=rules.why_not_make_draft(cohort, draft.kind),
        without=_without_partner(request, draft, publication),
        ending=queries.ending_pairs(draft, request.user) if not draft.is_first else [],
        both_ways=queries.both_ways(draft),
        inertia_form=_inertia_form(draft, inertia_form),
    )


def _table(request: HttpRequest, draft: Draft, place: Place) -> dict:
    """Return one page of the pairs, and the pairs of two just decided about that are not on it."""
    shown = queries.proposal_page(
        draft, request.user, search=place.search, least_first=place.least_first, page=place.page
    )
    mentor, _dot, mentee = request.GET.get("touched", "").partition(".")
    about = queries.proposals_of(draft, request.user, mentor, mentee) if mentee else []
    on_page = {(row["mentor_code"], row["mentee_code"]) for row in shown.object_list}
    elsewhere = [row for row in about if (row["mentor_code"], row["mentee_code"]) not in on_page]
    return {"proposals": shown, "elsewhere": elsewhere, "legend": queries.parts_legend()}


def _without_partner(
    request: HttpRequest, draft: Draft, publication: Publication | None
) -> dict | None:
    """Return who has no partner, unless this is the draft in which they are to get one."""
    found = queries.without_partner(draft.cohort, request.user)
    if not found or draft.is_first or publication:
        return found
    return found if draft.version and found["looking"] != draft.result["looking"] else None


def _inertia_form(draft: Draft, sent: InertiaForm | None) -> InertiaForm | None:
    """Return the form of a re-match where the cohort runs, as it was sent or as it stands."""
    if sent or rules.why_not_make_draft(draft.cohort, Draft.Kind.REMATCH):
        return sent
    is_rematch = draft.kind == Draft.Kind.REMATCH
    return InertiaForm(initial={"inertia": draft.inertia} if is_rematch else None)


def _solving(draft: Draft) -> Job | None:
    """Return the job that solves the draft, if it does not stand there solved."""
    job = draft.job if draft.state == Draft.State.SOLVING else None
    if job and job.is_over:
        # it may have ended since the door looked the draft up
        draft.refresh_from_db()
        return job if draft.state == Draft.State.SOLVING else None
    return job


def _failed_job(request: HttpRequest) -> Job | None:
    """Return the job this person started from here, if it failed."""
    mine = Job.objects.visible_to(request.user).filter(code=request.GET.get("job", ""))
    return mine.filter(state=Job.State.FAILED, kind__startswith="pairing.").first()


@access(Draft, to="pairing.make_draft")
@require_POST
def again(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Match again with other settings: a new draft, decisions carried over."""
    form = SettingsForm(request.POST)
    if not form.is_valid():
        return draft_page(request, draft, form=form, status=422)
    actions.make_draft(
        draft.cohort, by=request.user, kind=draft.kind, inertia=draft.inertia,
        settings=form.settings, based_on=draft,
    )  # fmt: skip
    return redirect("pairing:cohort", draft.cohort.code)


@access(Draft, to="pairing.make_draft")
@require_POST
def rematch(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Pair a running cohort anew, with what keeping a pair is worth."""
    form = InertiaForm(request.POST)
    if not form.is_valid():
        return draft_page(request, draft, inertia_form=form, status=422)
    actions.rematch(draft, by=request.user, inertia=form.cleaned_data["inertia"])
    return redirect("pairing:cohort", draft.cohort.code)


@access(Draft, to="pairing.decide_pair")
@require_POST
def keep(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Keep the ticked pairs of a running cohort, which a re-match would have ended."""
    pairs = Pair.objects.visible_to(request.user).filter(cohort=draft.cohort_id)
    ticked = pairs.filter(code__in=request.POST.getlist("pair"))
    actions.keep_pairs(draft, ticked, by=request.user)
    return redirect(draft)


# -- one pair ------------------------------------------------------------------------------------


def _two(draft: Draft, person, mentor: str, mentee: str) -> tuple[Enrolment, Enrolment]:
    """Return the two enrolments of a draft's cohort, each on its side, or 404."""
    seen = Enrolment.objects.visible_to(person).filter(cohort=draft.cohort_id)
    seen = seen.select_related("person__department", "profile")
    return (
        get_object_or_404(seen.on_side(Side.MENTOR), code=mentor),
        get_object_or_404(seen.on_side(Side.MENTEE), code=mentee),
    )


@access(Draft, to="pairing.view_draft")
@require_safe
def pair(request: HttpRequest, draft: Draft, mentor: str, mentee: str) -> HttpResponse:
    """Say why two people are paired."""
    note_read(request, f"cohort:{draft.cohort_id}")
    ours, theirs = _two(draft, request.user, mentor, mentee)
    proposal = (
        Proposal.objects.visible_to(request.user)
        .filter(draft=draft, mentor=ours, mentee=theirs)
        .first()
    )
    chart, sentences = None, []
    # two whom it does not pair are explained as they would be proposed
    if shown := proposal or _would_be(draft, ours, theirs):
        shown.mentor, shown.mentee = ours, theirs
        parts = queries.parts_of({name: getattr(shown, name) for name in queries.WEIGHTS})
        chart = charts.parts(_("How the fit adds up"), parts)
        sentences = queries.why_sentences(shown)
    place = Place.back(request)
    return page(
        request,
        "pairing/pair.html",
        draft=draft,
        place=place,
        back_url=place.url(draft),
        mentor=ours,
        mentee=theirs,
        proposal=proposal,
        names=queries.names_of(ours.person, theirs.person),
        fit=as_fit(shown.fit) if shown else None,
        chart=chart,
        sentences=sentences,
        wanted=Wanted.objects.visible_to(request.user)
        .filter(draft=draft, mentor=ours, mentee=theirs)
        .first(),
        why_not=rules.why_not_decide(draft),
        why_not_about=rules.why_not_decide_about(draft, ours, theirs),
        parted=_parted(request, ours, theirs),
    )


def _would_be(draft: Draft, mentor: Enrolment, mentee: Enrolment) -> Proposal | None:
    from contraflow.pairing import solving  # noqa: PLC0415 -- the engine takes a while to load

    return solving.proposal_of(draft, mentor.pk, mentee.pk)


def _parted(request: HttpRequest, mentor: Enrolment, mentee: Enrolment) -> Pair | None:
    """Return the last pair of two people that has ended."""
    ended = Pair.objects.visible_to(request.user).filter(state=Pair.State.ENDED)
    both = {"mentor": mentor.person_id, "mentee": mentee.person_id}
    return ended.filter(cohort=mentor.cohort_id, **both).last()


@access(Draft, to="pairing.view_draft")
@require_safe
def cost(request: HttpRequest, draft: Draft, mentor: str, mentee: str) -> HttpResponse:
    """Say what other choices for two people would cost everybody."""
    from contraflow.pairing import solving  # noqa: PLC0415 -- the engine takes a while to load

    note_read(request, f"cohort:{draft.cohort_id}")
    ours, theirs = _two(draft, request.user, mentor, mentee)
    found = solving.costs_of(draft, ours.pk, theirs.pk)
    people = Enrolment.objects.visible_to(request.user).select_related("person")
    names = people.in_bulk([each.enrolment_id for each in found.next_best])
    return page(
        request,
        "pairing/cost.html",
        part="cost",
        draft=draft,
        names=queries.names_of(ours.person, theirs.person),
        place=Place.back(request),
        mentor=ours,
        mentee=theirs,
        found=found,
        next_best=[
            {"choice": each, "enrolment": names[each.enrolment_id], "price": price}
            for each, price in found.next_best.items()
            if each.enrolment_id in names
        ],
        is_paired=Proposal.objects.visible_to(request.user)
        .filter(draft=draft, mentor=ours, mentee=theirs)
        .exists(),
        why_not=rules.why_not_decide(draft),
    )


@access(Draft, to="pairing.view_draft")
@require_safe
def leaving(request: HttpRequest, draft: Draft, mentor: str, mentee: str) -> HttpResponse:
    """Say what it would cost everybody that one of two people left."""
    from contraflow.pairing import solving  # noqa: PLC0415 -- the engine takes a while to load

    note_read(request, f"cohort:{draft.cohort_id}")
    two = _two(draft, request.user, mentor, mentee)
    prices = solving.costs_of_leaving(draft, *(each.pk for each in two))
    return page(
        request,
        "pairing/leaving.html",
        part="leaving",
        draft=draft,
        place=Place.back(request),
        mentor=two[0],
        mentee=two[1],
        prices=list(zip(two, queries.names_of(two[0].person, two[1].person), prices, strict=True)),
    )


@access(Draft, to="pairing.view_draft")
@require_safe
def swap(request: HttpRequest, draft: Draft, mentor: str) -> HttpResponse:
    """List the leaders a mentor could have instead, the impossible ones last."""
    from contraflow.pairing import solving  # noqa: PLC0415 -- the engine takes a while to load

    note_read(request, f"cohort:{draft.cohort_id}")
    seen = Enrolment.objects.visible_to(request.user).filter(cohort=draft.cohort_id)
    ours = get_object_or_404(seen.on_side(Side.MENTOR).select_related("person"), code=mentor)
    search = request.GET.get("q", "").strip()
    choices = solving.leaders_for(draft, ours.pk)
    if choices is None:
        raise Refusal(_("%(name)s no longer takes part.") % {"name": ours.person.name})
    people = seen.on_side(Side.MENTEE).filter(person__name__icontains=search)
    rows = people.values(
        "pk", "code", "person__name", "person__job_title", "person__department__name"
    )
    found = {row["pk"]: row for row in rows}
    current = set(
        Proposal.objects.visible_to(request.user)
        .filter(draft=draft, mentor=ours)
        .values_list("mentee_id", flat=True)
    )
    listed = [
        {**found[each.enrolment_id], "choice": each, "is_current": each.enrolment_id in current}
        for each in choices
        if each.enrolment_id in found
    ]
    return page(
        request,
        "pairing/swap.html",
        part="choices",
        draft=draft,
        place=(place := Place.back(request)),
        back_url=place.url(draft),
        mentor=ours,
        choices=[
            each
            | {
                "work": queries.work_in_words(
                    each["person__job_title"], each["person__department__name"]
                )
            }
            for each in listed[: queries.CHOICES]
        ],
        more=max(0, len(listed) - queries.CHOICES),
        search=search,
    )


@access(Draft, to="pairing.decide_pair")
@require_POST
def decide(request: HttpRequest, draft: Draft, mentor: str, mentee: str) -> HttpResponse:
    """Keep two people together or apart, or take that back."""
    ours, theirs = _two(draft, request.user, mentor, mentee)
    verbs = {
        "lock": actions.lock_pair,
        "forbid": actions.forbid_pair,
        "free": actions.free_pair,
    }
    if (kind := request.POST.get("kind")) not in verbs:
        raise Http404
    wanted = Wanted.objects.visible_to(request.user).filter(draft=draft, mentor=ours, mentee=theirs)
    before = wanted.values_list("kind", flat=True).first() or "free"
    draft = verbs[kind](draft, ours, theirs, by=request.user)
    place = Place.back(request)
    if before != kind:
        said = {"kind": kind, "undo": before, "draft": draft, "mentor": ours, "mentee": theirs}
        words = render_to_string("pairing/_decided.html", {**said, "place": place}, request)
        messages.success(request, words)
    touched = f"{mentor}.{mentee}"
    # a draft that is solved anew puts the two elsewhere: they then stand above the table
    where = "pairs" if draft.state == Draft.State.SOLVING else f"pair-{touched}"
    return redirect(f"{place.url(draft, touched=touched)}#{where}")


# -- publishing ----------------------------------------------------------------------------------


@access(Draft, to="pairing.publish_draft")
@require_POST
def publish(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Publish a draft in the background, as it stood on the page that was pressed."""
    if as_key(request.POST.get("version")) != draft.version:
        raise Refusal(_("The draft has changed since you opened this page. Look at it again."))
    job = actions.publish_draft(draft, by=request.user)
    return redirect(f"{reverse('pairing:draft', args=[draft.code])}?job={job.code}")


@access(Draft, to="pairing.undo_publication")
@require_POST
def undo(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Take the publication of a draft back, within the hour."""
    publication = get_object_or_404(
        Publication.objects.visible_to(request.user).standing(), draft=draft
    )
    job = actions.undo_publication(publication, by=request.user)
    told = (
        _("The pairs are being taken back; everybody is told by mail.")
        if draft.is_first
        else _("The new pairs are being taken back; those concerned are told by mail.")
    )
    messages.success(request, told)
    return redirect(f"{reverse('pairing:draft', args=[draft.code])}?job={job.code}")


# -- on the overview -----------------------------------------------------------------------------


@region("overview.top")
def show_who_has_no_partner(request: HttpRequest, cohort: Cohort) -> tuple[str, dict] | None:
    """Lead from the overview of a running cohort to those who have no partner."""
    without = queries.without_partner(cohort, request.user)
    return ("pairing/on_overview.html", {"cohort": cohort, **without}) if without else None
