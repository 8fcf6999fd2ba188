import re
from collections import Counter

from contraflow.content.catalogue import CatalogueTopic, catalogue_topics

TOPICS = list(catalogue_topics())
BY_KEY = {topic.key: topic for topic in TOPICS}


def test_the_catalogue_counts_exactly():
    assert Counter(topic.source for topic in TOPICS) == {
        "template": 66,
        "digcomp": 26,
        "transversal": 95,
        "digital": 1174,
    }
    assert len(BY_KEY) == 1361


def test_a_theme_of_a_template_is_a_topic():
    assert BY_KEY["template:ai_fluency/prompting"] == CatalogueTopic(
        key="template:ai_fluency/prompting",
        source="template",
        label="Prompting",
        group="AI fluency",
        alt="",
        description="Asking so that the answer is useful: aim, context, examples, limits.",
    )


def test_a_skill_of_esco_keeps_its_identity_and_first_sentence():
    assert BY_KEY["238343b1-7b51-42b3-a9ed-cf24d3a236e7"] == CatalogueTopic(
        key="238343b1-7b51-42b3-a9ed-cf24d3a236e7",
        source="digcomp",
        label="Identify digital competence gaps",
        group="Problem-solving with digital tools",
        alt="",
        description=(
            "Understand where one’s own digital competence needs to be improved or updated."
        ),
    )
    assert BY_KEY["16a00c69-9c74-4c37-96d7-6301d285e5ce"].alt == (
        "apply e-services; use online payment solutions"
    )


def test_no_group_is_named_after_what_it_does_not_hold():
    groups = {topic.group for topic in TOPICS}
    tests = {topic.label for topic in TOPICS if topic.group == "Testing systems and equipment"}

    assert {"Test hardware", "Measure software usability"} < tests
    assert "Further information and communication technologies" in groups
    assert not [group for group in groups if re.search("wooden|classified|further defined", group)]


def test_digcomp_is_grouped_by_its_five_areas():
    assert {topic.group for topic in TOPICS if topic.source == "digcomp"} == {
        "Digital communication and collaboration",
        "Digital content creation",
        "Digital data processing",
        "ICT safety",
        "Problem-solving with digital tools",
    }


def test_a_topic_is_never_listed_twice_under_one_label():
    labels = Counter(topic.label.casefold() for topic in TOPICS)

    assert {label for label, count in labels.items() if count > 1} == set()


def test_every_field_that_people_read_is_clean():
    uuid = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
    for topic in TOPICS:
        read = [topic.label, topic.group, topic.description]
        assert all(read), topic
        assert [" ".join(text.split()) for text in [*read, topic.alt]] == [*read, topic.alt]
        assert len(topic.label) <= 70
        assert len(topic.alt) <= 160
        assert len(topic.description) <= 242
        assert topic.source == "template" or uuid.fullmatch(topic.key)


def test_a_topic_begins_with_a_capital_unless_its_name_does_not():
    assert [topic.label for topic in TOPICS if topic.label[0].islower()] == ["iOS"]
