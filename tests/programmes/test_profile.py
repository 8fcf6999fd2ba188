"""The profile saves bit by bit, says what is wrong, and keeps its private part sealed."""

import re
from pathlib import Path

import pytest
from django.db import connection
from django.forms import BaseForm
from django.urls import reverse

import contraflow.programmes.forms.profiles as profile_forms
from contraflow.content.schema import load_defaults
from contraflow.core.errors import Refusal
from contraflow.programmes.actions import (
    add_own_topic,
    finish_profile,
    save_private_profile,
    save_profile,
)
from contraflow.programmes.models import PrivateProfile, Profile, Side, Topic
from contraflow.programmes.personality import ITEMS, in_plain_words, traits_of
from contraflow.programmes.queries import with_profiles
from tests.conftest import make_cohort, make_enrolment, make_person

HTMX = {"HX-Request": "true"}


@pytest.fixture
def stage(cast):
    """Ama, a mentor, and Bela, a leader, in a cohort that enrols; three topics."""
    cast.open = make_cohort(cast.programme, name="Open", state="enrolling")
    cast.ama_in = make_enrolment(cast.open, cast.ama)
    cast.bela_in = make_enrolment(cast.open, cast.bela, Side.MENTEE)
    cast.topics = [add_own_topic(name, by=cast.chi) for name in ("Alpha", "Beta", "Gamma")]
    return cast


@pytest.fixture
def post(stage, client):
    """Return a function that posts a step of Ama's profile, as a script or without one."""
    client.force_login(stage.ama)

    def posted(step, data, *, script=True):
        url = reverse("programmes:profile-step", args=[stage.ama_in.code, step])
        return client.post(url, data, headers=HTMX if script else {})

    return posted


def levels(enrolment):
    return {
        each.topic.label: (each.level, each.consent)
        for each in Profile.objects.get(enrolment=enrolment).topics.select_related("topic")
    }


def test_topics_are_added_changed_and_removed_as_one_goes(stage, post):
    alpha, beta, _gamma = stage.topics

    added = post("topics", {"add": alpha.pk})
    assert added.status_code == 200
    assert f'name="t{alpha.pk}-level"' in added.content.decode()
    assert levels(stage.ama_in) == {"Alpha": (2, "open")}
    saved = post("topics", {f"t{alpha.pk}-level": 4, f"t{alpha.pk}-consent": "ask"})
    assert (saved.status_code, saved.content) == (204, b"")
    unscripted = {f"t{alpha.pk}-level": 4, f"t{alpha.pk}-consent": "ask", "add": beta.pk}
    assert post("topics", unscripted, script=False).status_code == 302
    assert levels(stage.ama_in) == {"Alpha": (4, "ask"), "Beta": (2, "open")}
    both = {f"t{beta.pk}-level": 1, f"t{beta.pk}-consent": "open", **unscripted}
    post("topics", {**both, "add": "", "remove": alpha.pk})
    assert levels(stage.ama_in) == {"Beta": (1, "open")}


@pytest.mark.parametrize(
    ("step", "data"),
    [
        pytest.param("topics", {"t{alpha}-level": 5, "t{alpha}-consent": "open"}, id="level 5"),
        pytest.param("topics", {"t{alpha}-level": 1, "t{alpha}-consent": "maybe"}, id="consent"),
        pytest.param("interests", {"languages": " , "}, id="no language"),
        pytest.param(
            "interests",
            {"languages": "English", "more": ",".join(f"thing {n}" for n in range(13))},
            id="thirteen interests",
        ),
        pytest.param("hours", {"hours": [6], "capacity": 1}, id="an hour not offered"),
        pytest.param("hours", {"hours": [9], "capacity": 6}, id="six partners"),
        pytest.param("manner", {"item1": 6}, id="an answer beyond 5"),
        pytest.param("people", {"find": "yes", "q": "b"}, id="one letter"),
    ],
)
@pytest.mark.parametrize("script", [True, False])
def test_what_is_wrong_is_said_and_nothing_is_saved(stage, post, step, data, script):
    alpha = stage.topics[0]
    save_profile(stage.ama_in, by=stage.ama, topics=[(alpha.pk, 3, "open")], hours=[10])
    data = {key.format(alpha=alpha.pk): value for key, value in data.items()}

    answer = post(step, data, script=script)

    assert answer.status_code == 422
    assert 'class="errors' in answer.content.decode() or "errorlist" in answer.content.decode()
    assert answer["HX-Retarget"] == "#step"
    assert ("<html" in answer.content.decode()) is not script
    profile = Profile.objects.get(enrolment=stage.ama_in)
    assert (levels(stage.ama_in), profile.hours) == ({"Alpha": (3, "open")}, [10])
    assert not profile.interests
    assert not PrivateProfile.objects.exists()


@pytest.mark.parametrize("script", [True, False])
def test_an_empty_language_is_named_and_keeps_nothing_else_from_being_saved(stage, post, script):
    stage.ama.languages = ["English"]
    stage.ama.save()

    answer = post("interests", {"interests": ["chess"], "languages": ""}, script=script)

    said = '<ul class="errors" id="id_languages_error">'
    text = " ".join(answer.content.decode().split())
    assert f"{said} <li>Name at least one language.</li>" in text
    assert "What is marked below is not saved yet. Everything else is." in text
    assert Profile.objects.get().interests == ["chess"]
    stage.ama.refresh_from_db()
    assert stage.ama.languages == ["English"]


def test_too_many_interests_do_not_keep_the_languages_from_being_saved(stage, post):
    too_many = ",".join(f"thing {n}" for n in range(13))

    assert post("interests", {"more": too_many, "languages": "Danish"}).status_code == 422

    stage.ama.refresh_from_db()
    assert stage.ama.languages == ["Danish"]
    assert not Profile.objects.exists()


def test_a_mended_step_comes_back_without_its_error(stage, post):
    wrong = post("interests", {"interests": ["chess"], "languages": ""})
    assert 'name="mending"' in wrong.content.decode()

    mended = post("interests", {"interests": ["chess"], "languages": "German", "mending": "yes"})

    assert mended.status_code == 200
    assert "Name at least one language" not in mended.content.decode()
    assert 'name="mending"' not in mended.content.decode()


def test_continue_saves_and_goes_to_the_next_step(stage, post):
    data = {"interests": ["chess"], "more": "Sailing,  old  maps", "languages": "English, German"}
    answer = post("interests", {**data, "continue": "yes"}, script=False)

    assert answer.url == reverse("programmes:profile-step", args=[stage.ama_in.code, "hours"])
    assert Profile.objects.get().interests == ["chess", "Sailing", "old maps"]
    stage.ama.refresh_from_db()
    assert stage.ama.languages == ["English", "German"]


def test_a_preset_ticks_its_hours_and_comes_back_with_the_week(stage, post):
    answer = post("hours", {"preset": "mornings", "capacity": 2})

    profile = Profile.objects.get()
    assert profile.hours == [day * 24 + hour for day in range(5) for hour in (8, 9, 10, 11)]
    assert profile.capacity == 2
    assert answer.content.decode().count(" checked") == 20 + 1
    post("hours", {"preset": "none", "capacity": 2, "hours": profile.hours})
    assert Profile.objects.get().hours == []


def test_personality_is_shown_in_words_once_complete_and_can_be_deleted(stage, post):
    some = post("manner", {f"item{number}": 5 for number in range(1, 16)})
    assert "15 of 16 answered" in some.content.decode()
    every = post("manner", {f"item{number}": 3 for number in range(1, 17)})
    assert "company and quiet both suit you" in every.content.decode()
    assert PrivateProfile.objects.get().personality == {str(n): 3 for n in range(1, 17)}
    post("manner", {"clear": "yes"}, script=False)
    assert PrivateProfile.objects.get().personality == {}


def test_wishes_and_vetoes_are_of_the_other_side_and_wishes_are_three(stage, post):
    leaders = [make_enrolment(stage.open, side=Side.MENTEE) for _ in range(4)]
    colleague = make_enrolment(stage.open)
    elsewhere = make_enrolment(make_cohort(stage.programme, name="Other"), side=Side.MENTEE)

    for each in leaders[:3]:
        assert post("people", {"wish": each.code}).status_code == 200
    refused = post("people", {"wish": leaders[3].code})
    assert refused.status_code == 422
    assert "Three wishes at most" in refused.content.decode()
    for stranger in (colleague, elsewhere, stage.ama_in):
        post("people", {"veto": stranger.code})
    post("people", {"veto": leaders[0].code})
    post("people", {"veto": leaders[3].code})
    post("people", {"drop": leaders[1].code})

    private = PrivateProfile.objects.get()
    assert private.wishes == [leaders[2].code]
    assert private.vetoes == [leaders[0].code, leaders[3].code]


def test_partners_are_found_by_name_and_never_listed(stage, post, client):
    make_enrolment(stage.open, make_person("Belinda"), Side.MENTEE)
    make_enrolment(stage.open, make_person("Belmondo"), Side.MENTOR)

    assert "Belinda" not in post("people", {"find": "yes", "q": ""}).content.decode()
    found = post("people", {"find": "yes", "q": "bel"}).content.decode()
    names = [name for name in ("Bela", "Belinda", "Belmondo") if name in found]
    assert names == ["Bela", "Belinda"]


def test_a_profile_is_finished_with_a_usable_topic_and_fixed_when_pairing_starts(stage, post):
    alpha = stage.topics[0]
    for topics in ([], [(alpha.pk, 0, "open")], [(alpha.pk, 4, "closed")]):
        save_profile(stage.ama_in, by=stage.ama, topics=topics)
        with pytest.raises(Refusal, match="at least one topic"):
            finish_profile(stage.ama_in, by=stage.ama)

    save_profile(stage.ama_in, by=stage.ama, topics=[(alpha.pk, 1, "ask")])
    first = finish_profile(stage.ama_in, by=stage.ama).finished_at
    assert finish_profile(stage.ama_in, by=stage.ama).finished_at == first
    stage.open.state = "pairing"
    stage.open.save()
    answer = post("topics", {})
    assert answer.status_code == 409
    with pytest.raises(Refusal, match="profiles are fixed"):
        save_profile(stage.ama_in, by=stage.ama, topics=[])
    assert levels(stage.ama_in) == {"Alpha": (1, "ask")}


def test_no_private_answer_stands_readable_in_the_database(stage):
    save_private_profile(
        stage.ama_in, by=stage.ama,
        personality={str(n): 4 for n in range(1, 17)},
        wishes=[stage.bela_in.code], vetoes=["qqqqvetoqqqq"],
    )  # fmt: skip

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM programmes_privateprofile")
        raw = b"".join(bytes(cell) for cell in cursor.fetchone() if not isinstance(cell, int))
    for known in (stage.bela_in.code.encode(), b"qqqqvetoqqqq", b'"16"', b": 4"):
        assert known not in raw
    assert PrivateProfile.objects.get().vetoes == ["qqqqvetoqqqq"]


@pytest.mark.parametrize("who", ["bela", "chi", "cleo", "sol", "tru", "root"])
def test_no_role_sees_a_private_profile(stage, who):
    save_private_profile(stage.ama_in, by=stage.ama, vetoes=[stage.bela_in.code])

    assert not PrivateProfile.objects.visible_to(getattr(stage, who)).exists()
    assert PrivateProfile.objects.visible_to(stage.ama).count() == 1


def test_matching_reads_all_profiles_in_four_queries(stage, django_assert_num_queries):
    for number in range(3):
        enrolment = make_enrolment(stage.open)
        save_profile(enrolment, by=enrolment.person, topics=[(stage.topics[number].pk, 3, "open")])

    with django_assert_num_queries(2):
        rows = list(with_profiles(stage.open))
        labels = [
            topic.topic.label
            for row in rows
            if hasattr(row, "profile")
            for topic in row.profile.topics.all()
        ]
        assert {row.person.department for row in rows} == {None}
    assert labels == ["Alpha", "Beta", "Gamma"]


def test_sixteen_items_four_a_trait_in_mixed_order_and_none_about_worry():
    assert [item.number for item in ITEMS] == [*range(1, 17)]
    assert all(a.trait != b.trait for a, b in zip(ITEMS, ITEMS[1:], strict=False))
    assert {item.trait for item in ITEMS} == {
        "extraversion", "agreeableness", "conscientiousness", "intellect",
    }  # fmt: skip
    assert "Have frequent mood swings." not in {item.text for item in ITEMS}


def test_reversed_items_count_backwards_and_words_follow():
    answers = {str(item.number): 1 if item.is_reversed else 5 for item in ITEMS}

    assert set(traits_of(answers).values()) == {5.0}
    assert "many people" in in_plain_words(answers)[0]
    assert traits_of({**answers, "16": 5})["intellect"] == 4.0
    assert traits_of({key: 3 for key in answers if key != "7"}) is None


FORBIDDEN = (
    r"\b(age|birth\w*|generation\w*|gender|sex|ethnic\w*|race|religion|disab\w*|performance)\b"
)


def test_age_gender_ethnicity_and_performance_are_asked_nowhere():
    room = Path(profile_forms.__file__).parents[1]
    fields = {
        name
        for form in vars(profile_forms).values()
        if isinstance(form, type) and issubclass(form, BaseForm)
        for name in form.base_fields
    }
    asked = [*fields, *(field.name for model in (Profile, Topic) for field in model._meta.fields)]
    inputs = [
        tag
        for path in (room / "templates").rglob("*.html")
        for tag in re.findall(r'name="[^"]*"|_\("[^"]*"\)|:field="[^"]*"', path.read_text("utf-8"))
    ]

    assert [each for each in [*asked, *inputs] if re.search(FORBIDDEN, each, re.I)] == []
    assert {"age", "generation", "gender", "ethnicity", "performance_rating"} <= set(
        load_defaults().pairing.never_used
    )


def test_what_was_left_empty_looks_like_the_rest_in_a_copy_of_the_database(stage):
    save_private_profile(stage.ama_in, by=stage.ama, wishes=[stage.bela_in.code])
    save_private_profile(stage.bela_in, by=stage.bela, vetoes=[stage.ama_in.code] * 3)

    rows = PrivateProfile.objects.values_list("personality", "wishes", "vetoes")

    assert {len(sealed) for row in rows for sealed in row} == {21 + 256 + 16}
