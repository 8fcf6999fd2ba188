"""Stories of one's own: told to the partner, and to the cohort only where both want it."""

from django.db import transaction
from django.utils.translation import gettext as _

from contraflow.content.schema import load_templates
from contraflow.core.errors import Refusal, refuse_if
from contraflow.core.events import announce
from contraflow.pairs import events, rules
from contraflow.pairs.actions import lock_pair
from contraflow.pairs.models import Pair, SharedStory, Story, StoryWords
from contraflow.people.models import Person


def prompts_for(pair: Pair) -> list[str]:
    """Return what a story may begin with: those of the programme's template, else of all."""
    templates = load_templates()
    own = [each for each in templates if each.key == pair.cohort.programme.template]
    return [prompt for each in own or templates for prompt in each.stories]


@transaction.atomic
def tell_story(
    pair: Pair, *, by: Person, text: str, prompt: str = "", shared_as: str = Story.SharedAs.OURS
) -> Story:
    """Tell the partner something of one's own; wider only where they agree too."""
    text = text.strip()
    lock_pair(pair)
    refuse_if(rules.why_not_tell(pair, by=by, text=text))
    side = pair.side_of(by)
    for told in StoryWords.objects.filter(story__pair=pair, story__side=side).select_related(
        "story"
    ):
        if told.text == text:
            return told.story  # a double click
    story = Story.objects.create(pair=pair, side=side, shared_as=Story.SharedAs(shared_as))
    StoryWords.objects.create(story=story, text=text, prompt=prompt or None)
    announce(events.StoryTold(story_id=story.pk, pair_id=pair.pk), by=by)
    return story


@transaction.atomic
def agree_to_share(story: Story, *, by: Person) -> SharedStory:
    """Let the cohort hear a story that the partner wants to share: a copy of these words."""
    _lock(story)
    refuse_if(rules.why_not_agree(story, by=by))
    named = story.shared_as == Story.SharedAs.WITH_NAME
    shared, made = SharedStory.objects.get_or_create(
        story=story,
        defaults={
            "cohort_id": story.pair.cohort_id,
            "text": story.words.text,
            "name": story.author.name if named else "",
        },
    )
    if made:
        announce(events.StoryShared(story_id=story.pk, pair_id=story.pair_id), by=by)
    return shared


@transaction.atomic
def keep_between_us(story: Story, *, by: Person) -> None:
    """Let nobody else hear the story from now on; either of the two may, at any time."""
    _lock(story)
    if not rules.is_in_pair(by, story):
        raise Refusal(_("Only the two people of a pair decide about their stories."))
    shared, _models = SharedStory.objects.filter(story=story).delete()
    if shared or story.shared_as != Story.SharedAs.OURS:
        story.shared_as = Story.SharedAs.OURS
        story.save(update_fields=["shared_as"])
        announce(events.StoryKept(story_id=story.pk, pair_id=story.pair_id), by=by)


@transaction.atomic
def forget_story(story: Story, *, by: Person) -> None:
    """Take a story away for good, and what was shared of it."""
    _lock(story)
    refuse_if(rules.why_not_forget(story, by=by))
    announce(events.StoryForgotten(story_id=story.pk, pair_id=story.pair_id), by=by)
    story.delete()


def _lock(story: Story) -> None:
    lock_pair(story.pair)
    story.refresh_from_db(fields=["shared_as"])
