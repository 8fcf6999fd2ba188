"""Stories of one's own, in the pair and for the cohort."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from contraflow.core.access import access
from contraflow.core.errors import Refusal
from contraflow.core.pages import page, post_or_its_page
from contraflow.pairs import queries, stories
from contraflow.pairs.forms import StoryForm
from contraflow.pairs.models import (
    Pair,
    SharedStory,
    Story,
)
from contraflow.pairs.views.pairs import pair_page
from contraflow.programmes.models import Cohort


@access(Pair, to="pairs.tell_story")
@post_or_its_page
def story_tell(request, pair):
    """Tell the partner a story."""
    form = StoryForm(request.POST, prompts=stories.prompts_for(pair))
    if not form.is_valid():
        return pair_page(request, pair, story_form=form, status=422)
    stories.tell_story(pair, by=request.user, **form.cleaned_data)
    partner = pair.partner_of(request.user).get_short_name()
    messages.success(request, _("Told. %(name)s can read it now.") % {"name": partner})
    return redirect(f"{pair.get_absolute_url()}#stories")


@access(Story, to="pairs.decide_story")
@post_or_its_page
def story_decide(request, story):
    """Let the cohort hear it, keep it between the two, or take it away."""
    act = _ABOUT_STORIES.get(request.POST.get("verb", ""))
    if act is None:
        raise Refusal(_("Say what is to become of the story."))
    do, told = act
    do(story, by=request.user)
    messages.success(request, told)
    return redirect(f"{story.pair.get_absolute_url()}#stories")


_ABOUT_STORIES = {
    "share": (stories.agree_to_share, gettext_lazy("Everybody in the cohort can read it now.")),
    "keep": (stories.keep_between_us, gettext_lazy("It is between the two of you.")),
    "forget": (stories.forget_story, gettext_lazy("The story is gone.")),
}


@access(Cohort, to="pairs.hear_stories")
@require_safe
def story_list(request, cohort):
    """Show what people of the cohort let the others hear."""
    shared = SharedStory.objects.visible_to(request.user).filter(cohort=cohort)
    told = Paginator(shared, queries.PAGE_SIZE).get_page(request.GET.get("page"))
    return page(request, "pairs/story_list.html", cohort=cohort, stories=told)
