"""Programmes and cohorts as the templates fill them; stewards, objectives, plan."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse

from contraflow.content.schema import load_defaults, load_templates
from contraflow.core.errors import Refusal
from contraflow.core.models import AuditEntry
from contraflow.programmes.actions import (
    add_planned_session,
    add_steward,
    archive_cohort,
    create_cohort,
    create_programme,
    edit_cohort,
    edit_planned_session,
    enter_reading,
    move_objective,
    move_planned_session,
    remove_objective,
    remove_planned_session,
    remove_steward,
    save_objective,
    undo_reading,
)
from contraflow.programmes.models import Cohort, Objective, Steward
from tests.conftest import make_cohort, make_person

TEMPLATES = load_templates()
MONDAY = dt.date(2026, 9, 7)


@pytest.mark.parametrize("shape", TEMPLATES, ids=[each.key for each in TEMPLATES])
def test_a_template_fills_objectives_and_every_session_exactly(cast, shape):
    programme = create_programme(by=cast.chi, title="T", purpose="P", template=shape.key)
    cohort = create_cohort(programme, by=cast.chi, name="A", starts_on=MONDAY)

    assert [
        (each.statement, each.measure, each.baseline, each.target, each.source, each.source_key)
        for each in programme.objectives.all()
    ] == [
        (
            aim.statement, aim.measure,
            None if aim.baseline is None else Decimal(str(aim.baseline)),
            Decimal(str(aim.target)), aim.source, aim.key or "",
        )
        for aim in shape.objectives
    ]  # fmt: skip
    assert [
        (each.number, each.topic, each.opening, each.activity, each.between, each.reflection)
        for each in cohort.plan.all()
    ] == [
        (each.n, each.topic, each.opening, each.activity, each.leader_between, each.reflection)
        for each in shape.sessions
    ]
    rhythm = (cohort.length_weeks, cohort.cadence_days, cohort.session_minutes)
    assert rhythm == (shape.length_weeks, shape.cadence_days, shape.session_minutes)


def test_the_first_cohort_moves_the_objectives_to_its_own_end_and_the_next_does_not(cast):
    programme = create_programme(
        by=cast.chi, title="T", purpose="P", template="digital_literacy",
        at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    )  # fmt: skip
    changed = programme.objectives.first()
    changed.due_on = dt.date(2030, 1, 1)
    changed.save()

    first = create_cohort(programme, by=cast.chi, name="A", starts_on=MONDAY)
    create_cohort(programme, by=cast.chi, name="B", starts_on=dt.date(2027, 9, 6))

    # one objective of this template asks twelve weeks after the end whether practices last
    ends = [first.ends_on + dt.timedelta(weeks=weeks) for weeks in (0, 12, 0, 0)]
    assert [each.due_on for each in programme.objectives.all()] == [changed.due_on, *ends]


def test_a_blank_programme_takes_the_defaults(cast):
    defaults = load_defaults().programme
    programme = create_programme(by=cast.chi, title="T", purpose="P")
    cohort = create_cohort(programme, by=cast.chi, name="A", starts_on=MONDAY, session_minutes=25)

    assert not programme.objectives.exists()
    assert cohort.plan.count() == defaults.sessions
    assert (cohort.length_weeks, cohort.cadence_days) == (
        defaults.length_weeks, defaults.cadence_days,
    )  # fmt: skip
    assert cohort.session_minutes == 25


def test_a_copied_cohort_takes_plan_and_criteria_as_they_were_edited(cast):
    source = make_cohort(cast.programme, criteria="Curious", mentor_places=7, length_weeks=9)
    edit_planned_session(source.plan.get(number=2), by=cast.chi, topic="Our own")

    copy = create_cohort(
        cast.programme, by=cast.chi, name="Copy", starts_on=MONDAY, copy_of=source, mentor_places=8
    )

    assert (copy.criteria, copy.mentor_places, copy.length_weeks) == ("Curious", 8, 9)
    assert [each.topic for each in copy.plan.all()] == ["Topic 1", "Our own", "Topic 3"]
    assert copy.state == Cohort.State.DRAFT
    assert not copy.enrolments.exists()


def test_a_copied_programme_takes_objectives_but_no_people_and_no_figures(cast):
    source = create_programme(by=cast.chi, title="T", purpose="P", template="ai_fluency")
    enter_reading(source.objectives.first(), by=cast.chi, value=Decimal(3), read_on=MONDAY)
    add_steward(source, cast.sol, "sponsor", by=cast.chi)

    copy = create_programme(by=cast.cleo, title="T2", purpose="P", copy_of=source)

    assert [each.statement for each in copy.objectives.all()] == [
        each.statement for each in source.objectives.all()
    ]
    assert source.objectives.count() == len(copy.objectives.all())
    assert not copy.objectives.filter(readings__isnull=False).exists()
    assert [(each.person, each.kind) for each in copy.stewards.all()] == [(cast.cleo, "lead")]


def test_an_unknown_template_is_a_bug_of_the_caller(cast):
    with pytest.raises(ValueError, match="no programme template 'sales'"):
        create_programme(by=cast.chi, title="T", purpose="P", template="sales")


@pytest.mark.parametrize(
    ("who", "kind", "reason"),
    [
        pytest.param("dov", "sponsor", None, id="anybody as sponsor"),
        pytest.param("dov", "trusted_contact", None, id="anybody as trusted contact"),
        pytest.param("cleo", "lead", None, id="another lead of the organisation"),
        pytest.param("dov", "lead", "not a programme lead of the organisation", id="not a lead"),
        pytest.param("chi", "trusted_contact", "cannot be its trusted contact", id="the lead"),
        pytest.param("sol", "sponsor", "already has this task", id="twice"),
    ],
)
def test_who_can_be_given_a_task(cast, who, kind, reason):
    before = Steward.objects.count()
    if reason is None:
        add_steward(cast.programme, getattr(cast, who), kind, by=cast.chi)
        assert Steward.objects.count() == before + 1
        return
    with pytest.raises(Refusal, match=reason):
        add_steward(cast.programme, getattr(cast, who), kind, by=cast.chi)
    assert Steward.objects.count() == before


def test_a_trusted_contact_does_not_become_lead_and_leavers_become_nothing(cast):
    left = make_person("Gone", left_on=MONDAY)
    cast.tru.roles.create(kind="lead")

    with pytest.raises(Refusal, match="cannot be its trusted contact"):
        add_steward(cast.programme, cast.tru, "lead", by=cast.chi)
    with pytest.raises(Refusal, match="has left the organisation"):
        add_steward(cast.programme, left, "sponsor", by=cast.chi)


def test_the_last_lead_stays(cast):
    lead = cast.programme.stewards.get(kind="lead")
    with pytest.raises(Refusal, match="keeps at least one lead"):
        remove_steward(lead, by=cast.chi)

    add_steward(cast.programme, cast.cleo, "lead", by=cast.chi)
    remove_steward(lead, by=cast.chi)
    assert cast.programme.stewards.get(kind="lead").person == cast.cleo


@pytest.fixture
def objectives(cast):
    return [
        Objective.objects.create(
            programme=cast.programme, statement=name, measure="M", target=1, due_on=MONDAY,
            source="manual", position=position,
        )
        for position, name in enumerate("abc", start=1)
    ]  # fmt: skip


def order(programme):
    return "".join(programme.objectives.values_list("statement", flat=True))


def test_objectives_change_places_and_stop_at_the_ends(cast, objectives):
    first, second, third = objectives

    move_objective(second, by=cast.chi, earlier=True)
    assert order(cast.programme) == "bac"
    move_objective(third, by=cast.chi, earlier=False)
    assert order(cast.programme) == "bac"
    remove_objective(first, by=cast.chi)
    assert order(cast.programme) == "bc"


def test_the_last_figure_can_be_taken_back(cast, objectives):
    objective = objectives[0]
    enter_reading(objective, by=cast.chi, value=Decimal(3), read_on=MONDAY)
    enter_reading(objective, by=cast.chi, value=Decimal(9), read_on=dt.date(2026, 1, 1))

    undo_reading(objective, by=cast.chi)
    assert [each.value for each in objective.readings.all()] == [Decimal(3)]
    undo_reading(objective, by=cast.chi)
    undo_reading(objective, by=cast.chi)
    assert not objective.readings.exists()


def topics(cohort):
    return [(each.number, each.topic) for each in cohort.plan.all()]


def test_planned_sessions_move_come_and_go_with_numbers_without_gaps(cast):
    cohort = make_cohort(cast.programme, state="enrolling")

    move_planned_session(cohort.plan.get(number=3), by=cast.chi, earlier=True)
    move_planned_session(cohort.plan.get(number=1), by=cast.chi, earlier=True)
    assert topics(cohort) == [(1, "Topic 1"), (2, "Topic 3"), (3, "Topic 2")]
    remove_planned_session(cohort.plan.get(number=1), by=cast.chi)
    assert topics(cohort) == [(1, "Topic 3"), (2, "Topic 2")]
    add_planned_session(cohort, by=cast.chi, topic="New")
    assert topics(cohort)[-1] == (3, "New")


def test_once_pairs_have_their_sessions_only_the_words_of_the_plan_change(cast):
    planned = cast.cohort.plan.get(number=1)

    for reshape in (
        lambda: add_planned_session(cast.cohort, by=cast.chi, topic="New"),
        lambda: remove_planned_session(planned, by=cast.chi),
        lambda: move_planned_session(planned, by=cast.chi, earlier=False),
    ):
        with pytest.raises(Refusal, match="already have their sessions"):
            reshape()
    edit_planned_session(planned, by=cast.chi, topic="Better")
    assert topics(cast.cohort) == [(1, "Better"), (2, "Topic 2"), (3, "Topic 3")]


def test_nothing_of_a_closed_cohort_changes(cast):
    Cohort.objects.filter(pk=cast.cohort.pk).update(state="closed")
    cast.cohort.refresh_from_db()
    for change in (
        lambda: edit_cohort(cast.cohort, by=cast.chi, name="Renamed"),
        lambda: edit_planned_session(cast.cohort.plan.first(), by=cast.chi, topic="New"),
    ):
        with pytest.raises(Refusal, match="This cohort is closed"):
            change()

    cast.cohort.refresh_from_db()
    assert (cast.cohort.name == "Renamed", topics(cast.cohort)[0]) == (False, (1, "Topic 1"))


def test_the_primary_outcome_is_one_objective(cast):
    first, second = (
        Objective(
            programme=cast.programme, statement=name, measure="m", target=1, due_on=MONDAY,
            is_primary=True, source=Objective.Source.MANUAL,
        )
        for name in ("First", "Second")
    )  # fmt: skip
    save_objective(first, by=cast.chi)
    save_objective(second, by=cast.chi)
    primary = cast.programme.objectives.filter(is_primary=True)
    assert primary.get() == second
    first.refresh_from_db()
    assert (first.position, second.position) == (1, 2)

    first.is_primary = True
    save_objective(first, by=cast.chi)

    assert primary.get() == first
    told = AuditEntry.objects.order_by("pk").values_list("event", flat=True)
    assert list(told) == ["ObjectiveAdded", "ObjectiveAdded", "ObjectiveEdited"]


def test_a_closed_cohort_is_put_out_of_the_way_and_back_with_everything_in_it(cast, sign_in):
    with pytest.raises(Refusal, match="Close the cohort first"):
        archive_cohort(cast.cohort, by=cast.chi)
    Cohort.objects.filter(pk=cast.cohort.pk).update(state="closed")
    page = reverse("programmes:programme", args=[cast.programme.code])
    settings = reverse("programmes:cohort-settings", args=[cast.cohort.code])
    client = sign_in("chi")

    for _ in range(2):
        archive_cohort(cast.cohort, by=cast.chi)
    assert "1 archived" in client.get(page).text
    assert "Bring it back" in client.get(settings).text
    assert cast.cohort.pairs.count() == 1
    for _ in range(2):
        client.post(reverse("programmes:cohort-archive", args=[cast.cohort.code]), {"back": "yes"})

    assert "archived" not in client.get(page).text
    assert set(AuditEntry.objects.exclude(event="DataRead").values_list("event", flat=True)) == {
        "CohortArchived", "CohortBroughtBack",
    }  # fmt: skip
