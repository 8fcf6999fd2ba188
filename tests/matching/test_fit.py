"""The definition of fit, part by part, with figures worked out by hand."""

import pytest

from contraflow.matching import (
    SCALE,
    MatchingInputError,
    Participant,
    Problem,
    Rules,
    Weights,
    explain,
)

OFF = Rules(
    reporting_line_levels=0,
    different_team=False,
    minimum_grade_gap=None,
    same_panel=False,
    common_language=False,
    closed_topics=False,
)


def why(mentor=None, mentee=None, **problem):
    problem = {"rules": OFF, **problem}
    ama = Participant(id="ama", **(mentor or {}))
    bela = Participant(id="bela", **(mentee or {}))
    return explain(Problem(mentors=[ama], mentees=[bela], **problem), "ama", "bela")


def traits(**values):
    return {"extraversion": 3, "agreeableness": 3, "conscientiousness": 3, "intellect": 3, **values}


def words(*names):
    return frozenset(names)


@pytest.mark.parametrize(
    ("mentor", "mentee", "points"),
    [
        pytest.param({}, {}, 225_000, id="nothing wanted counts half"),
        pytest.param({}, {"ai": 3}, 0, id="nothing known covers nothing"),
        pytest.param({"ai": 4}, {"ai": 3}, 450_000, id="knowing more is enough"),
        pytest.param({"ai": 1}, {"ai": 4}, 112_500, id="a level of four"),
        pytest.param({"ai": 4}, {"ai": 2, "video": 2}, 225_000, id="one topic of two"),
        pytest.param({"ai": 4}, {"ai": 1, "video": 2}, 150_000, id="a third of the levels"),
        pytest.param({"ai": 4}, {"ai": 0}, 225_000, id="level 0 is not wanted"),
    ],
)
def test_skills_are_the_share_of_wanted_levels_covered(mentor, mentee, points):
    assert why({"topics": mentor}, {"topics": mentee}).public_parts["skills"] == points


def test_a_closed_topic_counts_as_unknown():
    found = why({"topics": {"ai": 4}, "closed_topics": words("ai")}, {"topics": {"ai": 2}})

    assert found.public_parts["skills"] == 0
    assert [(each.topic, each.known) for each in found.topics] == [("ai", 0)]


@pytest.mark.parametrize(
    ("mentor", "mentee", "points"),
    [
        pytest.param(words(), words("chess"), 100_000, id="one side empty counts half"),
        pytest.param(words("chess"), words("opera"), 0, id="nothing in common"),
        pytest.param(words("chess"), words("chess"), 447 * 447, id="the same one"),
        pytest.param(words("a", "b", "c", "d"), words("a"), 223 * 447, id="one of four"),
    ],
)
def test_interests_are_a_cosine(mentor, mentee, points):
    found = why({"interests": mentor}, {"interests": mentee})

    assert found.public_parts["interests"] == points


@pytest.mark.parametrize(
    ("mentor", "mentee", "points"),
    [
        pytest.param({}, {}, 75_000, id="nothing known counts half"),
        pytest.param({"hours": {9}}, {"hours": {10}}, 30_000, id="no hour in common"),
        pytest.param({"hours": {9, 10}}, {"hours": {9, 10}}, 66_000, id="two hours of five"),
        pytest.param({"hours": range(9)}, {"hours": range(9)}, 120_000, id="five are enough"),
        pytest.param({"languages": {"en"}}, {"languages": {"en"}}, 90_000, id="a language"),
        pytest.param({"languages": {"en"}}, {"languages": {"de"}}, 60_000, id="no language"),
        pytest.param({"site": "Wien"}, {"site": "Wien"}, 90_000, id="one site"),
        pytest.param({"site": "Wien"}, {"site": "Pest"}, 60_000, id="two sites"),
    ],
)
def test_logistics_are_hours_language_and_site(mentor, mentee, points):
    def frozen(side):
        return {
            name: value if isinstance(value, str) else frozenset(value)
            for name, value in side.items()
        }

    assert why(frozen(mentor), frozen(mentee)).public_parts["logistics"] == points


@pytest.mark.parametrize(
    ("mentor", "mentee", "points"),
    [
        pytest.param({}, {}, 50_000, id="nothing known counts half"),
        pytest.param(("IT",), ("Sales",), 80_000, id="another function"),
        pytest.param(("IT", "Web"), ("IT", "Ops"), 50_000, id="another department of one function"),
        pytest.param(("IT", "Web"), ("IT", "Web"), 20_000, id="one department"),
    ],
)
def test_distance_is_another_function(mentor, mentee, points):
    found = why({"department": tuple(mentor)}, {"department": tuple(mentee)})

    assert found.public_parts["distance"] == points


def test_distance_is_another_site():
    assert why({"site": "a"}, {"site": "b"}).public_parts["distance"] == 30_000 + 40_000
    assert why({"site": "a"}, {"site": "a"}).public_parts["distance"] == 30_000


@pytest.mark.parametrize(
    ("mentor", "mentee", "points"),
    [
        pytest.param(None, traits(), 50_000, id="one did not answer"),
        pytest.param({"intellect": 3}, traits(), 50_000, id="one did not answer all"),
        pytest.param(traits(), traits(), 130 * 512, id="the same"),
        pytest.param(traits(extraversion=1), traits(extraversion=5), 130 * 768, id="best"),
        pytest.param(traits(intellect=1), traits(intellect=5), 130 * 256, id="unlike intellect"),
        pytest.param(traits(agreeableness=1), traits(agreeableness=5), 130 * 512, id="not judged"),
    ],
)
def test_personality_likes_likeness_and_different_extraversion(mentor, mentee, points):
    assert why({"personality": mentor}, {"personality": mentee}).private == points


@pytest.mark.parametrize(
    ("mentor", "mentee", "points"),
    [
        pytest.param((), (), 0, id="none"),
        pytest.param(("bela",), (), 50_000, id="first wish of one"),
        pytest.param(("bela",), ("ama",), 100_000, id="first wish of both"),
        pytest.param(("x", "bela"), ("x", "y", "ama"), 33_333 + 16_666, id="second and third"),
    ],
)
def test_a_wish_is_a_bonus_falling_with_its_rank(mentor, mentee, points):
    found = why({"wishes": mentor}, {"wishes": mentee})

    assert found.private == 50_000 + points
    assert found.score == sum(found.public_parts.values()) + found.private


@pytest.mark.parametrize(
    ("current", "points"),
    [
        pytest.param([("ama", "bela")], 30_000, id="a pair already"),
        pytest.param([("ama", "gone"), ("gone", "bela")], 0, id="paired with others"),
    ],
)
def test_two_who_are_a_pair_already_have_the_inertia_on_top(current, points):
    before = why()
    found = why(current=current, weights=Weights(inertia=3))

    assert (before.kept, found.kept) == (0, points)
    assert found.score == before.score + points


def test_only_the_proportions_of_weights_matter():
    doubled = Weights(skills=90, interests=40, logistics=30, personality=20, distance=20)

    assert why(weights=doubled) == why()


def test_a_full_fit_stays_below_the_scale_by_rounding_alone():
    full = why(
        {
            "topics": {"ai": 4},
            "interests": words("chess"),
            "hours": frozenset(range(5)),
            "languages": words("en"),
            "department": ("IT",),
            "personality": traits(extraversion=1),
        },
        {
            "topics": {"ai": 4},
            "interests": words("chess"),
            "hours": frozenset(range(5)),
            "languages": words("en"),
            "department": ("Sales",),
            "personality": traits(extraversion=5),
        },
    )

    # The two sites are not known and give half of 30 000 and of 40 000.
    assert SCALE - 35_000 - 400 < full.score <= SCALE - 35_000


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"topics": {"ai": 5}}, "level of topic 'ai' must be 0 to 4"),
        ({"topics": {"ai": True}}, "level of topic 'ai' must be 0 to 4"),
        ({"hours": frozenset({168})}, "hours must be 0 to 167"),
        ({"capacity": -1}, "capacity must be a whole number"),
        ({"grade": 1.5}, "grade must be a whole number"),
        ({"wishes": ("a", "b", "c", "d")}, "at most 3 wishes"),
        ({"wishes": ("a", "a")}, "at most 3 wishes"),
        ({"department": "IT"}, "department must be a tuple"),
        ({"managers": ["bela"]}, "managers must be a tuple"),
        ({"languages": "en"}, "languages must be a set"),
        ({"hours": [1, 2]}, "hours must be a set"),
        ({"personality": {"neuroticism": 3}}, "personality takes"),
        ({"personality": {"intellect": 5.5}}, "personality takes"),
        ({"id": None}, "id must be text or a whole number"),
    ],
)
def test_a_person_outside_the_contract_is_refused_by_name(fields, message):
    with pytest.raises(MatchingInputError, match=message):
        Problem(mentors=[Participant(**{"id": "ama", **fields})], mentees=[])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Weights(skills=-1), "Weight skills"),
        (lambda: Weights(skills=float("nan")), "Weight skills"),
        (lambda: Weights(skills=0, interests=0, logistics=0, personality=0, distance=0), "above 0"),
        (lambda: Weights(wish_bonus_per_side=101), "at most 100"),
        (lambda: Weights(inertia=101), "inertia must be at most 100"),
        (lambda: Rules(reporting_line_levels=-1), "reporting_line_levels"),
        (lambda: Rules(minimum_grade_gap=True), "minimum_grade_gap"),
        (lambda: Rules(floor=1.5), "floor"),
        (lambda: Rules(same_panel="yes"), "Rule same_panel"),
    ],
)
def test_weights_and_rules_outside_the_contract_are_refused(make, message):
    with pytest.raises(MatchingInputError, match=message):
        make()
