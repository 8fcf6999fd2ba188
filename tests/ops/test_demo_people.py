"""The invented organisation is always the same, consistent, and honest about what is real."""

import csv
import dataclasses
import gzip
import hashlib
import io
import subprocess
import sys
import zoneinfo
from collections import Counter
from importlib import resources
from itertools import pairwise

import pytest

from contraflow.content.catalogue import catalogue_topics
from contraflow.ops.demo_people import (
    DemoParticipant,
    DemoPerson,
    DemoProfile,
    demo_organisation,
    people_csv,
)
from contraflow.ops.demo_profiles import leader_level, mentor_level
from contraflow.ops.demo_survey import Answer, Technology, read_survey

LUMENPORT = demo_organisation()
PEOPLE = {person.email: person for person in LUMENPORT.people}
LEADERS = [each for cohort in LUMENPORT.cohorts for each in cohort.leaders]
MENTORS = [each for cohort in LUMENPORT.cohorts for each in cohort.mentors]
SMALL = {"A": (6, 7), "B": (5, 4)}


def line_above(email):
    """Return the managers above somebody, the nearest first; a cycle would never end."""
    line = []
    while manager := PEOPLE[email].manager_email:
        assert manager not in line
        line.append(manager)
        email = manager
    return line


def test_the_same_seed_makes_the_same_organisation_everywhere():
    digest = hashlib.sha256(repr(LUMENPORT).encode()).hexdigest()

    assert digest == "925e64208002393026c3755bdec93a6eaad081b8a07568fe84296f136604c82e"


def test_another_seed_makes_another_organisation():
    one, again = (demo_organisation(1, cohorts=SMALL) for _ in range(2))

    assert one == again
    assert one != demo_organisation(2, cohorts=SMALL)


def test_two_cohorts_of_five_hundred_leaders_share_nobody():
    sizes = {each.name: (len(each.leaders), len(each.mentors)) for each in LUMENPORT.cohorts}
    everyone = [each.email for each in LEADERS + MENTORS]

    assert sizes == {"A": (500, 512), "B": (500, 520)}
    assert len(set(everyone)) == 2032
    assert {each.side for each in LEADERS} == {"mentee"}
    assert {each.side for each in MENTORS} == {"mentor"}


def test_more_people_than_the_survey_has_are_refused():
    with pytest.raises(ValueError, match="the survey has 1394 senior answers, not 1395"):
        demo_organisation(cohorts={"A": (1395, 1)})


def test_everybody_has_an_address_an_id_and_a_name_of_their_own():
    assert len(LUMENPORT.people) == len(PEOPLE) == 2051
    assert len({person.external_id for person in LUMENPORT.people}) == 2051
    assert len({person.name for person in LUMENPORT.people}) == 2051
    for email in PEOPLE:
        assert email.isascii()
        assert email.endswith("@lumenport.example")
        assert email == email.lower()


def test_everybody_but_one_has_a_manager_and_the_lines_meet_at_the_top():
    tops = [person.email for person in LUMENPORT.people if not person.manager_email]

    assert len(tops) == 1
    assert {line_above(email)[-1] for email in PEOPLE if email != tops[0]} == set(tops)
    assert max(len(line_above(email)) for email in PEOPLE) == 5


def test_managers_come_before_those_who_report_to_them():
    position = {email: n for n, email in enumerate(PEOPLE)}

    assert all(
        position[person.manager_email] < position[person.email]
        for person in LUMENPORT.people
        if person.manager_email
    )


def test_grades_keep_every_mentor_three_below_every_leader():
    assert {PEOPLE[each.email].grade for each in LEADERS} == {8, 9, 10}
    assert {PEOPLE[each.email].grade for each in MENTORS} == {2, 3, 4, 5}


def test_departments_are_a_tree_of_functions_regions_and_teams():
    depth = Counter(person.department.count("/") + 1 for person in LUMENPORT.people)
    functions = {PEOPLE[each.email].department.split("/")[0] for each in LEADERS + MENTORS}

    assert depth == {1: 19, 2: 58, 3: 1974}
    assert len(functions) == 12


@pytest.mark.parametrize(
    ("cohort", "in_line", "in_team", "judged"),
    [pytest.param(0, 523, 750, 689, id="A"), pytest.param(1, 486, 713, 859, id="B")],
)
def test_the_hard_rules_forbid_some_pairs_of_each_cohort(cohort, in_line, in_team, judged):
    leaders = {each.email: PEOPLE[each.email] for each in LUMENPORT.cohorts[cohort].leaders}
    mentors = [PEOPLE[each.email] for each in LUMENPORT.cohorts[cohort].mentors]
    teams = Counter(leader.department for leader in leaders.values())
    seats = Counter(panel for leader in leaders.values() for panel in leader.panels)

    assert sum(len(leaders.keys() & set(line_above(m.email)[:2])) for m in mentors) == in_line
    assert sum(teams[mentor.department] for mentor in mentors) == in_team
    assert sum(seats[mentor.department.split("/")[0]] for mentor in mentors) == judged


def test_a_panel_judges_a_function_and_has_three_senior_leaders():
    seats = Counter(panel for person in LUMENPORT.people for panel in person.panels)

    assert seats == {PEOPLE[each.email].department.split("/")[0]: 3 for each in LEADERS}
    assert min(person.grade for person in LUMENPORT.people if person.panels) == 9


def test_sites_have_real_time_zones_and_everybody_speaks_something():
    zones = zoneinfo.available_timezones()

    assert {person.time_zone for person in LUMENPORT.people} <= zones
    assert min(len(person.languages) for person in LUMENPORT.people) == 1
    assert sum("en" not in person.languages for person in LUMENPORT.people) == 34


def test_hours_lie_on_weekdays_by_day():
    for participant in LEADERS + MENTORS:
        hours = participant.profile.hours
        assert all(earlier < later for earlier, later in pairwise(hours))
        assert {hour // 24 for hour in hours} <= set(range(5))
        assert {hour % 24 for hour in hours} <= set(range(7, 18))
        assert len(hours) >= 12


def test_skills_and_needs_are_the_answers_of_the_survey():
    real = Counter(
        tuple(sorted(skill.topic for skill in each.profile.skills if not skill.invented))
        for each in LEADERS + MENTORS
    )
    answers = Counter(
        tuple(sorted(t.key for t in (a.learning_needs if a.side == "senior" else a.works_with)))
        for a in read_survey()
    )

    assert real - answers == Counter()


def test_a_leader_without_a_wish_wants_invented_themes_and_nobody_else_does():
    invented = [each for each in LEADERS if any(s.invented for s in each.profile.skills)]

    assert len(invented) == 156
    assert all(skill.invented for each in invented for skill in each.profile.skills)
    assert all(3 <= len(each.profile.skills) <= 5 for each in invented)


def test_every_topic_is_in_the_catalogue_or_the_organisations_own():
    known = {topic.key for topic in catalogue_topics()} | {t.key for t in LUMENPORT.topics}
    used = {skill.topic for each in LEADERS + MENTORS for skill in each.profile.skills}

    assert used - known == set()
    assert all(
        skill.invented == skill.topic.startswith("template:")
        for each in LEADERS + MENTORS
        for skill in each.profile.skills
    )


def test_private_answers_are_of_a_plausible_number():
    everyone = LEADERS + MENTORS

    assert sum(each.profile.personality is not None for each in everyone) == 1170
    assert sum(bool(each.wishes) for each in everyone) == 190
    assert sum(bool(each.vetoes) for each in everyone) == 44
    assert sum(each.profile.capacity == 2 for each in MENTORS) == 71
    assert {each.profile.capacity for each in LEADERS} == {1}


def test_personality_answers_are_sixteen_on_the_scale():
    answers = [each.profile.personality for each in LEADERS + MENTORS if each.profile.personality]

    assert {len(each) for each in answers} == {16}
    assert {answer for each in answers for answer in each} == {1, 2, 3, 4, 5}


def test_wishes_and_vetoes_name_the_other_side_of_the_same_cohort_and_never_both():
    for cohort in LUMENPORT.cohorts:
        sides = {
            "mentee": {each.email for each in cohort.mentors},
            "mentor": {each.email for each in cohort.leaders},
        }
        for each in cohort.leaders + cohort.mentors:
            chosen = [*each.wishes, *each.vetoes]
            assert set(chosen) <= sides[each.side]
            assert len(set(chosen)) == len(chosen)
            assert len(each.wishes) <= 3


def test_staff_take_part_in_no_cohort_and_trusted_contacts_stand_outside_the_leads_line():
    staff = LUMENPORT.staff
    taking_part = {each.email for each in LEADERS + MENTORS}
    named = [*staff.leads, staff.sponsor, *staff.trusted_contacts, staff.administrator]

    assert len(set(named)) == 6
    assert set(named) & taking_part == set()
    assert set(named) <= set(PEOPLE)
    assert {PEOPLE[lead].manager_email for lead in staff.leads} == {staff.sponsor}
    assert [
        contact for contact in staff.trusted_contacts if staff.sponsor in line_above(contact)
    ] == []


def test_no_field_anywhere_says_who_somebody_is():
    fields = {
        field.name
        for each in (DemoPerson, DemoParticipant, DemoProfile)
        for field in dataclasses.fields(each)
    }

    assert fields & {"age", "birth", "gender", "sex", "ethnicity", "generation", "rating"} == set()


def test_the_csv_holds_everybody_as_the_import_reads_them():
    rows = list(csv.DictReader(io.StringIO(people_csv(LUMENPORT), newline="")))
    last = LUMENPORT.people[-1]

    assert len(rows) == 2051
    assert list(rows[0]) == [
        *("external_id", "name", "preferred_name", "email", "job_title", "grade", "department"),
        *("manager_email", "site", "time_zone", "languages", "panels", "joined_on", "status"),
    ]
    assert rows[0]["manager_email"] == ""
    assert {row["status"] for row in rows} == {"active"}
    assert rows[-1] == {
        "external_id": "LP-12051",
        "name": last.name,
        "preferred_name": last.preferred_name,
        "email": last.email,
        "job_title": last.job_title,
        "grade": str(last.grade),
        "department": last.department,
        "manager_email": last.manager_email,
        "site": last.site,
        "time_zone": last.time_zone,
        "languages": ";".join(last.languages),
        "panels": "",
        "joined_on": last.joined_on.isoformat(),
        "status": "active",
    }


@pytest.mark.parametrize("cohorts", [SMALL, {"A": (1, 3)}, {"A": (12, 0)}], ids=str)
def test_a_small_organisation_is_whole_too(cohorts):
    organisation = demo_organisation(7, cohorts=cohorts)
    emails = {person.email for person in organisation.people}

    assert len(emails) == 19 + sum(sum(sizes) for sizes in cohorts.values())
    assert {person.manager_email for person in organisation.people} <= emails | {""}


RUST, GO, SQL = (Technology(theme="Languages", label=label) for label in ("Rust", "Go", "SQL"))
C, REDIS = Technology(theme="Languages", label="C"), Technology(theme="Databases", label="Redis")


def answer(*, years="2 - 5 years", works_with=(), wants=()):
    return Answer(
        respondent=1,
        side="junior",
        country="Kenya",
        developer_types=(),
        part_time=False,
        years_of_coding=years,
        works_with=works_with,
        wants=wants,
    )


@pytest.mark.parametrize(
    ("said", "level"),
    [
        pytest.param(answer(years="<2 years", works_with=(RUST, GO, SQL, C)), 1, id="new to it"),
        pytest.param(answer(works_with=(RUST, GO, SQL, C)), 2, id="one of many"),
        pytest.param(answer(works_with=(RUST, GO, SQL, C), wants=(RUST,)), 3, id="going on"),
        pytest.param(answer(works_with=(RUST, GO, SQL), wants=(GO,)), 3, id="one of few"),
        pytest.param(answer(works_with=(RUST,), wants=(RUST,)), 4, id="one of few, going on"),
    ],
)
def test_a_mentors_level_follows_the_written_rule(said, level):
    assert mentor_level(RUST, said) == level


@pytest.mark.parametrize(
    ("said", "level"),
    [
        pytest.param(answer(wants=(RUST, GO)), 2, id="one wish of two, nothing known"),
        pytest.param(answer(works_with=(SQL,), wants=(RUST, GO)), 3, id="knows another language"),
        pytest.param(answer(works_with=(REDIS,), wants=(RUST,)), 3, id="the only language wished"),
        pytest.param(answer(works_with=(SQL,), wants=(RUST, SQL)), 4, id="both"),
    ],
)
def test_a_leaders_level_follows_the_written_rule(said, level):
    assert leader_level(RUST, said) == level


def test_the_demonstrations_people_need_no_django():
    script = "import sys, contraflow.ops.demo_people; sys.exit('django' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_shipped_survey_holds_no_ages():
    with gzip.open(resources.files("contraflow.ops") / "demo_data/stackoverflow_2019.csv.gz") as f:
        header = f.readline().decode().strip().split(",")

    assert [name for name in header if "age" in name.lower() and "Language" not in name] == []
    assert "side_rule" not in header
