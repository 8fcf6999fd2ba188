import datetime as dt

import pytest

from contraflow.pairing import encode
from contraflow.programmes.models import Side
from contraflow.programmes.personality import ITEMS
from tests.conftest import make_cohort, make_person
from tests.pairing.makers import make_department, make_participant, seal

MONDAY = dt.date(2026, 1, 5)


@pytest.mark.parametrize(
    ("zone", "local", "utc"),
    [
        pytest.param("UTC", 0, 0, id="monday midnight is hour 0"),
        pytest.param("Europe/Berlin", 9, 8, id="one hour ahead in winter"),
        pytest.param("Europe/Berlin", 0, 167, id="monday midnight in berlin is still sunday"),
        pytest.param("America/New_York", 9, 14, id="five hours behind"),
        pytest.param("America/New_York", 167, 4, id="sunday night in new york is monday already"),
        pytest.param("Asia/Kolkata", 9, 3, id="half an hour off counts where it begins"),
    ],
)
def test_hours_are_compared_in_utc(zone, local, utc):
    assert encode.utc_slots(zone, MONDAY)[local] == utc


def test_every_hour_of_the_week_has_its_own_slot():
    assert sorted(encode.utc_slots("Pacific/Auckland", MONDAY)) == list(range(168))


def test_the_first_week_of_the_cohort_decides_about_summer_time():
    assert encode.utc_slots("Europe/Berlin", dt.date(2026, 7, 6))[9] == 7


def test_managers_stand_from_the_direct_one_upwards():
    assert encode.chain_upwards(1, {1: 2, 2: 3, 3: 4}) == (2, 3, 4)


def test_a_circle_of_managers_ends():
    assert encode.chain_upwards(1, {1: 2, 2: 1}) == (2, 1)


def test_a_panel_judges_its_department_and_those_below():
    assert encode.panels_above("Sales/North/Key") == {"sales", "sales/north", "sales/north/key"}


def test_only_enrolled_active_people_with_a_finished_profile_are_read(cast):
    cohort = make_cohort(cast.programme)
    there = make_participant(cohort, Side.MENTOR)
    make_participant(cohort, Side.MENTOR, is_finished=False)
    make_participant(cohort, Side.MENTOR, left_on=dt.date(2026, 1, 1))
    withdrawn = make_participant(cohort, Side.MENTEE)
    withdrawn.state = "withdrawn"
    withdrawn.save()

    profiles = encode.read_profiles(cohort)

    assert [person.id for person in profiles.mentors] == [there.person_id]
    assert profiles.mentees == []


def test_a_person_is_read_as_the_engine_knows_people(cast):
    cohort = make_cohort(cast.programme)
    boss = make_person("Boss")
    enrolment = make_participant(
        cohort, Side.MENTOR, "Priya",
        topics=[("Generative AI", 3), ("My story", 4, "closed"), ("Politics", 2, "ask")],
        interests=["Chess "], hours=[9, 10], capacity=2, languages=["en", "de"], grade=4,
        site="Berlin", time_zone="Europe/Berlin", manager=boss, panels=["Sales"],
        department=make_department("Tech/Data"),
    )  # fmt: skip

    profiles = encode.read_profiles(cohort)

    person = profiles.mentors[0]
    assert dict(person.topics) == {"generative ai": 3, "politics": 2}
    assert person.closed_topics == {"my story"}
    assert person.interests == {"chess"}
    assert person.languages == {"en", "de"}
    assert person.hours == {8, 9}
    assert (person.site, person.team, person.department) == (
        "berlin", "Tech/Data", ("Tech", "Data"),
    )  # fmt: skip
    assert (person.grade, person.capacity, person.managers) == (4, 2, (boss.pk,))
    assert (person.panels, person.assessed_by) == ({"sales"}, {"tech", "tech/data"})
    assert profiles.enrolments == {enrolment.person_id: enrolment.pk}


def test_wishes_and_vetoes_become_people_and_unknown_ones_are_left_out(cast):
    cohort = make_cohort(cast.programme)
    mentor, leader, other = (
        make_participant(cohort, side) for side in (Side.MENTOR, Side.MENTEE, Side.MENTEE)
    )
    seal(mentor, wishes=[leader.code, "gone"], vetoes=[other.code])

    person = encode.read_profiles(cohort).mentors[0]

    assert person.wishes == (leader.person_id,)
    assert person.vetoes == {other.person_id}


def test_answers_become_traits_reversed_items_counted_backwards(cast):
    cohort = make_cohort(cast.programme)
    mentor = make_participant(cohort, Side.MENTOR)
    # the strongest possible yes to every trait
    seal(mentor, personality={str(i.number): 1 if i.is_reversed else 5 for i in ITEMS})

    person = encode.read_profiles(cohort).mentors[0]

    assert person.personality == {
        "extraversion": 5.0, "agreeableness": 5.0, "conscientiousness": 5.0, "intellect": 5.0,
    }  # fmt: skip


def test_unfinished_answers_count_as_none(cast):
    cohort = make_cohort(cast.programme)
    seal(make_participant(cohort, Side.MENTOR), personality={"1": 5})

    assert encode.read_profiles(cohort).mentors[0].personality is None


def test_common_ground_holds_open_topics_alone_the_best_first(cast):
    cohort = make_cohort(cast.programme)
    mentor = make_participant(
        cohort, Side.MENTOR, interests=["Chess"], hours=[9, 10, 11],
        topics=[("AI", 2), ("Video", 4), ("Politics", 4, "ask"), ("My story", 4, "closed")],
    )  # fmt: skip
    leader = make_participant(
        cohort, Side.MENTEE, interests=["chess"], hours=[10, 11, 12],
        topics=[("AI", 4), ("Video", 4), ("Politics", 4), ("My story", 4), ("Law", 1)],
    )  # fmt: skip

    common = encode.read_profiles(cohort).common_ground(mentor.person_id, leader.person_id)

    assert common == {
        "topics": ["Video", "AI"], "interests": ["Chess"], "languages": ["en"], "hours": 2,
        "theme": "Digital",
    }  # fmt: skip


@pytest.mark.parametrize("people", [1, 5])
def test_the_number_of_queries_does_not_grow(cast, people, django_assert_num_queries):
    cohort = make_cohort(cast.programme)
    for number in range(people):
        seal(make_participant(cohort, Side.MENTOR, topics=[("AI", 2)]), wishes=[str(number)])
        make_participant(cohort, Side.MENTEE, topics=[("AI", 2)])

    with django_assert_num_queries(6):
        encode.read_profiles(cohort)
