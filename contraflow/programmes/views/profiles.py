"""The profile for matching: five steps, each saved as one goes, with or without scripts."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contraflow.core.access import access
from contraflow.core.codes import as_key
from contraflow.core.errors import Refusal
from contraflow.core.pages import page
from contraflow.programmes.actions import (
    finish_profile,
    save_languages,
    save_private_profile,
    save_profile,
)
from contraflow.programmes.forms.profiles import (
    PRESETS,
    WEEKDAYS,
    HoursForm,
    InterestsForm,
    PartnerSearch,
    PersonalityForm,
    TopicLevelForm,
    TopicSearch,
    preset_hours,
)
from contraflow.programmes.models import Enrolment, PrivateProfile, Profile, Side, Topic
from contraflow.programmes.personality import ITEMS, in_plain_words
from contraflow.programmes.queries import (
    find_partners,
    find_topics,
    partners_of,
    profile_steps,
    suggested_topics,
)
from contraflow.programmes.rules import (
    MAX_WISHES,
    why_not_edit_profile,
    why_not_finish_profile,
)

# in the middle, so that one tap either way says something
FIRST_LEVEL = 2


@access(Enrolment, to="programmes.edit_profile")
@require_safe
def profile(request, enrolment):
    """Go to the first step that holds nothing yet."""
    if why_not_edit_profile(enrolment):
        return redirect(enrolment)
    steps = profile_steps(enrolment)
    first = next((step for step in steps if not step["is_done"]), steps[0])
    return redirect("programmes:profile-step", enrolment.code, first["key"])


@access(Enrolment, to="programmes.edit_profile")
@require_http_methods(["GET", "HEAD", "POST"])
def profile_step(request, enrolment, step):
    """Show or save one step; a fixed profile leads back to the enrolment, which says why."""
    if step not in _STEPS:
        raise Http404
    if reason := why_not_edit_profile(enrolment):
        if request.method == "POST":
            raise Refusal(reason)
        return redirect(enrolment)
    return _STEPS[step](request, enrolment)


@access(Enrolment, to="programmes.edit_profile")
@require_POST
def profile_finish(request, enrolment):
    """Mark the profile as ready."""
    finish_profile(enrolment, by=request.user)
    return redirect(enrolment)


def _title_of(step: str, side: str) -> str:
    titles = {
        "topics": _("What could you show a leader?")
        if side == Side.MENTOR
        else _("What would you like to learn?"),
        "interests": _("What do you like outside work?"),
        "hours": _("When does a session suit you?"),
        "manner": _("How are you, mostly?"),
        "people": _("Anybody in particular?"),
    }
    return titles[step]


def _step_page(request, enrolment, step, *, part="step", status=200, **context):
    steps = profile_steps(enrolment)
    keys = [each["key"] for each in steps]
    here = keys.index(step)
    response = page(
        request,
        f"programmes/profile_{step}.html",
        part=part,
        status=status,
        enrolment=enrolment,
        cohort=enrolment.cohort,
        steps=steps,
        step=steps[here],
        title=_title_of(step, enrolment.side),
        number=here + 1,
        done=sum(bool(each["is_done"]) for each in steps),
        before=keys[here - 1] if here else None,
        readers=_("Only you, and the matching itself."),
        **context,
    )
    if status == 422:
        # an invalid form comes back whole, wherever the answer was meant to go
        response["HX-Retarget"] = "#step"
    return response


def _after_save(request, enrolment, step):
    """Answer a saved step: nothing to a script, else the next step."""
    if request.htmx:
        return HttpResponse(status=204)
    if "continue" not in request.POST:
        return redirect("programmes:profile-step", enrolment.code, step)
    keys = [each["key"] for each in profile_steps(enrolment)]
    following = keys[min(keys.index(step) + 1, len(keys) - 1)]
    return redirect("programmes:profile-step", enrolment.code, following)


def _profile_of(enrolment: Enrolment) -> Profile:
    return Profile.objects.filter(enrolment=enrolment).first() or Profile(enrolment=enrolment)


def _private_of(enrolment: Enrolment) -> PrivateProfile:
    found = PrivateProfile.objects.visible_to(enrolment.person).filter(enrolment=enrolment).first()
    private = found or PrivateProfile(enrolment=enrolment)
    private.enrolment = enrolment
    return private


# -- topics ------------------------------------------------------------------------------------


def _topics(request, enrolment):
    if request.method != "POST":
        # a script that searches asks for the topics found only
        return _topics_page(request, enrolment, _topic_rows(enrolment), part="found")
    rows = _topic_rows(enrolment, request.POST)
    if not all(form.is_valid() for _topic, form in rows):
        return _topics_page(request, enrolment, rows, status=422)
    removed, added = request.POST.get("remove"), _asked_topic(request.POST.get("add"))
    chosen = [
        (topic.pk, form.cleaned_data["level"], form.cleaned_data.get("consent", "open"))
        for topic, form in rows
        if str(topic.pk) != removed
    ]
    if added and added.pk not in {topic.pk for topic, _form in rows}:
        chosen.append((added.pk, FIRST_LEVEL, "open"))
    save_profile(enrolment, by=request.user, topics=chosen)
    if request.htmx and (added or removed):
        rows = _topic_rows(enrolment)
        if added:
            # the button that was pressed is gone; go on where the level is asked
            rows[-1][1].fields["level"].widget.attrs["autofocus"] = True
        return _topics_page(request, enrolment, rows, added=added)
    return _after_save(request, enrolment, "topics")


def _asked_topic(number: str | None) -> Topic | None:
    return Topic.objects.filter(pk=as_key(number)).first()


def _topic_rows(enrolment, data=None):
    chosen = _profile_of(enrolment).topics.select_related("topic").order_by("pk")
    return [
        (
            each.topic,
            TopicLevelForm(data, instance=each, prefix=f"t{each.topic_id}", side=enrolment.side),
        )
        for each in chosen
    ]


def _topics_page(request, enrolment, rows, *, part="step", status=200, added=None):
    search = TopicSearch(request.GET)
    words = search.cleaned_data["q"] if search.is_valid() else ""
    programme = enrolment.cohort.programme
    found = find_topics(words) if words else suggested_topics(programme)
    chosen = {topic.pk for topic, _form in rows}
    return _step_page(
        request,
        enrolment,
        "topics",
        part=part,
        status=status,
        rows=rows,
        search=search,
        words=words,
        found=[topic for topic in found if topic.pk not in chosen],
        added=added,
    )


# -- interests, hours, manner ----------------------------------------------------------------------


def _interests(request, enrolment):
    profile = _profile_of(enrolment)
    initial = {
        "interests": profile.interests,
        "languages": ", ".join(enrolment.person.languages),
    }
    form = InterestsForm(request.POST or None, initial=initial, own=profile.interests)
    if request.method != "POST":
        return _step_page(request, enrolment, "interests", form=form)
    # what is at fault says so beside it; the rest is saved all the same
    if form.errors.keys().isdisjoint({"interests", "more"}):
        save_profile(enrolment, by=request.user, interests=form.cleaned_data["interests"])
    if "languages" not in form.errors:
        save_languages(enrolment, by=request.user, languages=form.cleaned_data["languages"])
    if not form.is_valid():
        return _step_page(request, enrolment, "interests", status=422, form=form)
    if request.htmx and "mending" in request.POST:
        return _step_page(request, enrolment, "interests", form=form)
    return _after_save(request, enrolment, "interests")


def _hours(request, enrolment):
    profile = _profile_of(enrolment)
    initial = {"hours": profile.hours, "capacity": profile.capacity}
    form = HoursForm(request.POST or None, initial=initial)
    if request.method == "POST" and not form.is_valid():
        return _hours_page(request, enrolment, form, status=422)
    if request.method != "POST":
        return _hours_page(request, enrolment, form)
    preset = request.POST.get("preset")
    hours = preset_hours(preset) if preset in PRESETS else form.cleaned_data["hours"]
    capacity = form.cleaned_data["capacity"]
    save_profile(enrolment, by=request.user, hours=hours, capacity=capacity)
    if request.htmx and preset:
        form = HoursForm(initial={"hours": hours, "capacity": capacity})
        return _hours_page(request, enrolment, form)
    return _after_save(request, enrolment, "hours")


def _hours_page(request, enrolment, form, *, status=200):
    return _step_page(request, enrolment, "hours", status=status, form=form, weekdays=WEEKDAYS)


def _manner(request, enrolment):
    answers = _private_of(enrolment).personality or {}
    initial = {f"item{number}": answer for number, answer in answers.items()}
    form = PersonalityForm(request.POST or None, initial=initial)
    if request.method != "POST":
        return _manner_page(request, enrolment, form, answers)
    if "clear" in request.POST:
        save_private_profile(enrolment, by=request.user, personality={})
        return redirect("programmes:profile-step", enrolment.code, "manner")
    if not form.is_valid():
        return _manner_page(request, enrolment, form, answers, status=422)
    answers = form.answers()
    save_private_profile(enrolment, by=request.user, personality=answers)
    if request.htmx:
        return _manner_page(request, enrolment, form, answers, part="result")
    return _after_save(request, enrolment, "manner")


def _manner_page(request, enrolment, form, answers, **how):
    return _step_page(
        request,
        enrolment,
        "manner",
        form=form,
        result=in_plain_words(answers),
        answered=len(answers),
        asked=len(ITEMS),
        **how,
    )


# -- wishes and vetoes ---------------------------------------------------------------------------


def _people(request, enrolment):
    private = _private_of(enrolment)
    vetoes = private.vetoes or []
    # a wish for somebody who has left must not take up one of the three
    present = set(partners_of(enrolment).values_list("code", flat=True)) if private.wishes else ()
    wishes = [code for code in private.wishes or [] if code in present]
    if request.method != "POST":
        return _people_page(request, enrolment, wishes, vetoes)
    if "find" in request.POST:
        search = PartnerSearch(request.POST)
        status = 200 if search.is_valid() else 422
        return _people_page(
            request, enrolment, wishes, vetoes, search=search, part="step", status=status
        )
    change = _asked_change(request, enrolment, wishes, vetoes)
    if change is None:
        reason = _("Three wishes at most: take one back first.")
        return _people_page(request, enrolment, wishes, vetoes, reason=reason, status=422)
    wishes, vetoes = change
    save_private_profile(enrolment, by=request.user, wishes=wishes, vetoes=vetoes)
    if request.htmx:
        return _people_page(request, enrolment, wishes, vetoes)
    return redirect("programmes:profile-step", enrolment.code, "people")


def _asked_change(request, enrolment, wishes, vetoes):
    """Return wishes and vetoes as they would be, or None where there is no room for a wish."""
    code = next(
        (request.POST[verb] for verb in ("wish", "veto", "drop") if verb in request.POST), ""
    )
    kept = [each for each in wishes if each != code], [each for each in vetoes if each != code]
    if "drop" in request.POST or not partners_of(enrolment).filter(code=code).exists():
        return kept if "drop" in request.POST else (wishes, vetoes)
    if "veto" in request.POST:
        return kept[0], [*kept[1], code]
    return None if len(kept[0]) >= MAX_WISHES else ([*kept[0], code], kept[1])


def _people_page(
    request, enrolment, wishes, vetoes, *, search=None, part="step", status=200, reason=""
):  # fmt: skip
    by_code = {each.code: each for each in partners_of(enrolment).filter(code__in=wishes + vetoes)}
    words = search.cleaned_data["q"] if search and search.is_valid() else ""
    return _step_page(
        request,
        enrolment,
        "people",
        part=part,
        status=status,
        search=search or PartnerSearch(),
        words=words,
        found=[each for each in find_partners(enrolment, words) if each.code not in by_code],
        wishes=[by_code[code] for code in wishes if code in by_code],
        vetoes=[by_code[code] for code in vetoes if code in by_code],
        reason=reason,
        why_not_finish=why_not_finish_profile(enrolment),
    )


_STEPS = {
    "topics": _topics,
    "interests": _interests,
    "hours": _hours,
    "manner": _manner,
    "people": _people,
}
