"""What one file names, another file has."""

import pytest

from contraflow.content import schema

TEMPLATES = schema.load_templates()
EACH_TEMPLATE = pytest.mark.parametrize("template", TEMPLATES, ids=lambda each: each.key)
COMPUTED = {"pairs_meeting_share", "sessions_held_share", "first_session_in_time_share"}


def test_seven_templates_ship():
    assert [template.key for template in TEMPLATES] == [
        "inclusion_belonging",
        "digital_literacy",
        "social_customers",
        "market_consumer_trends",
        "worklife_future",
        "ai_fluency",
        "innovation_sprint",
    ]


@EACH_TEMPLATE
def test_the_sessions_of_a_template_fit_into_its_weeks(template):
    last_session_after_days = (len(template.sessions) - 1) * template.cadence_days

    assert last_session_after_days <= template.length_weeks * 7


@EACH_TEMPLATE
def test_the_first_outcome_in_words_is_the_primary_objective(template):
    assert template.outcomes[0].startswith("primary: ")
    assert [line for line in template.outcomes[1:] if line.startswith("primary")] == []
    assert template.objectives[0] is template.primary


@EACH_TEMPLATE
def test_every_outcome_in_words_has_an_objective_that_measures_it(template):
    own = [each for each in template.objectives if each.source != "computed"]

    assert len(own) >= len(template.outcomes)


@EACH_TEMPLATE
def test_an_objective_is_measured_by_something_that_exists(template):
    instruments = schema.load_instruments()
    asked = [each.key for each in template.objectives if each.source == "instrument"]
    counted = {each.key for each in template.objectives if each.source == "computed"}

    assert [key for key in asked if key not in instruments] == []
    assert counted <= COMPUTED
    assert len(counted) == 1


@EACH_TEMPLATE
def test_a_target_is_better_than_its_baseline_and_possible(template):
    for each in template.objectives:
        if each.unit == "percent":
            assert 0 < each.target <= 100
        if each.baseline is not None:
            better = each.target - each.baseline
            assert (better > 0) if each.direction == "at_least" else (better < 0)


def test_an_answer_scale_is_never_given_a_baseline_before_anybody_answered():
    asked = [each for t in TEMPLATES for each in t.objectives if each.source == "instrument"]

    assert {each.baseline for each in asked} == {None}


def test_gate_modules_exist_and_suit_the_role_that_must_do_them():
    gate = schema.load_defaults().training_gate
    audience = {module.id: module.audience for module in schema.load_training().modules}
    must = {
        "mentor": gate.before_session_2.mentor + gate.by_mid_programme.mentor,
        "leader": gate.before_session_2.leader + gate.by_mid_programme.leader,
    }

    assert list(audience) == [f"M{n:02}" for n in range(1, 11)]
    assert {audience[module] for module in gate.before_close.all} == {"all"}
    for role, modules in must.items():
        assert {audience[module] for module in modules} <= {"all", role}
        assert len(set(modules)) == len(modules)


def test_the_short_gate_takes_the_minutes_that_people_are_told():
    gate = schema.load_defaults().training_gate.before_session_2
    minutes = {module.id: module.minutes for module in schema.load_training().modules}

    assert sum(minutes[module] for module in gate.leader) == 23
    assert sum(minutes[module] for module in gate.mentor) == 33


def test_check_in_questions_exist():
    instruments = schema.load_instruments()
    check_in = schema.load_defaults().check_in
    own = [*check_in.after_session_2_and_mid_and_end, *check_in.mentor_also]
    known = [key in instruments or f"own_pulse.{key}" in instruments for key in own]

    assert check_in.after_each_session in instruments
    assert own == ["pair_safety", "relationship", "feeling_heard_scale", "mentor_impact"]
    assert known == [True, True, True, True]


def test_a_key_that_is_no_instrument_is_not_found():
    instruments = schema.load_instruments()

    assert "fevs.inclusion" in instruments
    assert "fevs.joy" not in instruments
    assert "fevs.inclusion.first" not in instruments
    assert "model_dump" not in instruments


def test_the_personality_questions_are_sixteen_without_neuroticism():
    ipip = schema.load_instruments().mini_ipip
    asked = [ipip.extraversion, ipip.agreeableness, ipip.conscientiousness, ipip.intellect]

    assert [len(scale.items) for scale in asked] == [4, 4, 4, 4]
    assert (
        "without the four neuroticism items (16)"
        in schema.load_defaults().pairing.personality_items
    )


def test_health_bands_meet_without_gap_or_overlap():
    bands = schema.load_health().health.bands
    ends = [bands.steady, bands.watch, bands.support, bands.act]

    assert [low for low, _ in ends] == [0, *(high + 1 for _, high in ends[:-1])]
    assert bands.act[1] == 100


def test_every_reset_card_that_the_compass_offers_is_a_module():
    modules = {module.id for module in schema.load_training().modules}
    offers = {o for rule in schema.load_health().health.private_compass for o in rule.offer}

    assert {o for o in offers if o.startswith("reset_card_")} == {"reset_card_M08"}
    assert "M08" in modules


def test_pairing_never_uses_who_somebody_is_or_how_they_are_rated():
    assert schema.load_defaults().pairing.never_used == (
        "age",
        "generation",
        "gender",
        "ethnicity",
        "disability",
        "orientation",
        "religion",
        "health",
        "performance_rating",
    )
