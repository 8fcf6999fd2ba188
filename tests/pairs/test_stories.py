"""Stories: for the partner at once, for the cohort only while both of the two want it."""

import pytest
from django.urls import reverse

from contraflow.core.errors import Refusal
from contraflow.core.models import AuditEntry
from contraflow.pairs import actions, stories
from contraflow.pairs.models import SharedStory, Story, StoryWords
from tests.conftest import CAST, make_enrolment, make_person

WORDS = "My grandmother repaired radios"


@pytest.fixture
def story(cast):
    """Ama tells Bela, and would like the cohort to hear it with her name."""
    return stories.tell_story(cast.pair, by=cast.ama, text=WORDS, shared_as="with_name")


def decide(client, story, verb):
    url = reverse("pairs:story-decide", args=[story.code])
    return client.post(url, {"verb": verb}).status_code


def hear(client, cohort):
    return client.get(reverse("pairs:stories", args=[cohort.code]))


def test_only_the_two_tell_and_only_they_read_it_in_the_pair(sign_in, cast):
    url = reverse("pairs:story-tell", args=[cast.pair.code])
    for name in CAST:
        status = 302 if name in {"ama", "bela", "nobody"} else {"chi": 403}.get(name, 404)
        sent = {"text": f"{WORDS} {name}", "shared_as": "ours"}
        assert sign_in(name).post(url, sent).status_code == status, name

    assert {row.text for row in StoryWords.objects.all()} == {f"{WORDS} ama", f"{WORDS} bela"}
    for name in ("ama", "bela", "chi"):
        page = sign_in(name).get(cast.pair.get_absolute_url()).text
        assert page.count(WORDS) == (0 if name == "chi" else 2)


def test_a_double_click_tells_once(cast, story):
    again = stories.tell_story(cast.pair, by=cast.ama, text=WORDS, shared_as="with_name")

    assert again == story
    assert Story.objects.count() == 1


def test_the_cohort_hears_it_once_the_partner_agrees(sign_in, cast, story):
    member = make_person("Mira")
    make_enrolment(cast.cohort, member)
    cast.dov = member  # a stranger who takes part
    assert WORDS not in hear(sign_in("dov"), cast.cohort).text

    statuses = {name: decide(sign_in(name), story, "share") for name in CAST if name != "dov"}
    others = dict.fromkeys(statuses, 404)
    assert statuses == others | {"ama": 409, "bela": 302, "nobody": 302}

    for name in ("dov", "ama", "chi", "sol", "tru"):
        page = hear(sign_in(name), cast.cohort).text
        assert WORDS in page
        assert "Ama" in page
    assert [hear(sign_in(name), cast.cohort).status_code for name in ("cleo", "root")] == [404] * 2


def test_without_a_name_nobody_is_named(sign_in, cast):
    story = stories.tell_story(cast.pair, by=cast.bela, text=WORDS, shared_as="without_name")

    stories.agree_to_share(story, by=cast.ama)
    stories.agree_to_share(story, by=cast.ama)

    assert SharedStory.objects.get().name == ""
    assert "Bela" not in hear(sign_in("chi"), cast.cohort).text
    assert AuditEntry.objects.filter(event="StoryShared").count() == 1


@pytest.mark.parametrize("one", ["ama", "bela"])
def test_either_of_the_two_takes_it_back_at_any_time(sign_in, cast, story, one):
    stories.agree_to_share(story, by=cast.bela)
    actions.end_pair(cast.pair, by=cast.ama)

    assert decide(sign_in(one), story, "keep") == 302

    assert not SharedStory.objects.exists()
    assert Story.objects.get().shared_as == "ours"
    with pytest.raises(Refusal, match="for the two of you"):
        stories.agree_to_share(story, by=cast.bela)


def test_only_its_author_takes_a_story_away_and_nothing_is_left_of_it(sign_in, cast, story):
    stories.agree_to_share(story, by=cast.bela)

    assert decide(sign_in("bela"), story, "forget") == 409
    assert decide(sign_in("ama"), story, "burn") == 409
    assert decide(sign_in("ama"), story, "forget") == 302

    assert not StoryWords.objects.exists()
    assert not SharedStory.objects.exists()


def test_prompts_are_those_of_the_programmes_template(cast):
    everything = stories.prompts_for(cast.pair)
    cast.programme.template = "ai_fluency"

    ours = stories.prompts_for(cast.pair)

    assert "The first time it fooled me" in ours
    assert len(ours) == 3
    assert len(everything) == 21
