"""The conflict guard: no pair goes on whose people came too close, and the two never read why."""

import datetime as dt
import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from contraflow.core.errors import Refusal
from contraflow.core.models import AuditEntry, Job, Notice, OutgoingMail
from contraflow.core.upkeep import take_up_abandoned
from contraflow.pairing import guard
from contraflow.pairing.draft_settings import default_settings
from contraflow.pairing.jobs import GUARD_KIND
from contraflow.pairing.models import Draft, Publication
from contraflow.pairs import actions
from contraflow.pairs.models import Hold, Pair
from contraflow.people.actions import change_person
from contraflow.people.importing.by_hand import texts_of
from contraflow.people.models import Department, Person
from tests.conftest import CAST, each_of, make_cohort, make_pair, make_person

NOW = dt.datetime(2026, 1, 14, 10, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
# Thursday, nine o'clock on Ama's clock
THEN = dt.datetime(2026, 1, 15, 9, 0, tzinfo=dt.UTC)


def department(path):
    return Department.objects.get_or_create(path=path, defaults={"name": path.split("/")[-1]})[0]


def report_to(person, manager):
    person.manager = manager
    person.save()


def one_line(cast):
    report_to(cast.ama, cast.bela)


def two_levels_down(cast):
    between = make_person("Between", manager=cast.bela)
    report_to(cast.ama, between)


def three_levels_down(cast):
    two_levels_down(cast)
    report_to(cast.ama, make_person("Below", manager=cast.ama.manager))


def one_team(cast):
    for person in (cast.ama, cast.bela):
        person.department = department("Sales/North")
        person.save()


def one_panel(cast):
    cast.ama.department = department("Sales/North")
    cast.ama.save()
    cast.bela.panels = ["sales"]
    cast.bela.save()


MOVES = {
    one_line: ["reporting_line"],
    two_levels_down: ["reporting_line"],
    three_levels_down: [],
    one_team: ["different_team"],
    one_panel: ["same_panel"],
}


@pytest.mark.parametrize(
    ("move", "broken"), MOVES.items(), ids=lambda each: getattr(each, "__name__", "")
)
def test_a_pair_that_came_too_close_pauses_by_itself(cast, move, broken):
    move(cast)

    done = guard.guard_pairs(at=NOW)

    assert done.held == ([cast.pair.pk] if broken else [])
    assert Pair.objects.get().state == ("paused" if broken else "active")
    assert [hold.rules for hold in Hold.objects.all()] == ([broken] if broken else [])


def test_it_counts_levels_as_the_cohort_was_published(cast):
    three_levels_down(cast)
    settings = default_settings()
    settings["rules"]["reporting_line_levels"] = 3
    draft = Draft.objects.create(cohort=cast.cohort, number=1, settings=settings)
    Publication.objects.create(draft=draft, cohort=cast.cohort, kind=draft.kind, by=cast.chi)

    assert guard.conflicts() == {cast.pair.pk: ["reporting_line"]}


def kinds_to(person):
    return sorted(OutgoingMail.objects.filter(to_id=person.pk).values_list("kind", flat=True))


def test_the_lead_reads_why_at_once_and_the_two_that_they_rest_at_the_hour(cast):
    session = cast.pair.sessions.get(number=1)
    actions.book_session(session, by=cast.ama, starts_at=NOW + 72 * HOUR, at=NOW)
    OutgoingMail.objects.all().delete()
    one_team(cast)

    guard.guard_pairs(at=NOW)
    guard.guard_pairs(at=NOW + HOUR)
    actions.come_true(at=THEN - HOUR)

    assert kinds_to(cast.ama) == kinds_to(cast.bela) == []
    (mail,) = OutgoingMail.objects.all()
    assert (mail.kind, mail.to_id) == ("pairing.conflicts", cast.chi.pk)
    assert "Ama and Bela: They are in one team now." in mail.words["text"]
    assert Notice.objects.get(for_id=cast.chi.pk).path.endswith("?only=on-hold")
    session.refresh_from_db()
    assert session.state == "booked"

    actions.come_true(at=THEN)
    actions.come_true(at=THEN)

    told = ["pairs.pair_held", "pairs.session_cancelled"]
    assert kinds_to(cast.ama) == kinds_to(cast.bela) == told
    assert not any(
        "team" in mail.words["text"] for mail in OutgoingMail.objects.exclude(to_id=cast.chi.pk)
    )
    session.refresh_from_db()
    assert session.state == "planned"
    with pytest.raises(Refusal, match="rests at present"):
        actions.book_session(session, by=cast.ama, starts_at=THEN + 99 * HOUR, at=THEN)


def test_a_lead_who_is_one_of_the_pair_reads_no_reason(cast):
    pair = make_pair(make_cohort(cast.programme), make_person("Kim"), cast.chi)
    report_to(pair.mentor, cast.chi)

    guard.guard_pairs(at=NOW)

    assert Pair.objects.get(pk=pair.pk).state == "paused"
    assert not OutgoingMail.objects.exists()


def test_what_is_put_right_before_the_hour_nobody_ever_heard_of(cast):
    one_line(cast)
    guard.guard_pairs(at=NOW)
    OutgoingMail.objects.all().delete()
    report_to(cast.ama, None)

    done = guard.guard_pairs(at=NOW + HOUR)
    actions.come_true(at=THEN)

    assert done.released == [cast.pair.pk]
    assert Pair.objects.get().state == "active"
    assert not Hold.objects.exists()
    assert not OutgoingMail.objects.exists()
    assert not cast.pair.pauses.exists()


def test_what_is_put_right_later_goes_on_without_the_days_it_rested(cast):
    assert cast.pair.sessions.get(number=2).due_on == dt.date(2026, 1, 19)
    one_line(cast)
    guard.guard_pairs(at=NOW)
    actions.come_true(at=THEN)
    report_to(cast.ama, None)

    guard.guard_pairs(at=NOW + 10 * 24 * HOUR)

    assert Pair.objects.get().state == "active"
    pause = cast.pair.pauses.get()
    assert (pause.starts_on, pause.ends_on) == (NOW.date(), dt.date(2026, 1, 23))
    assert cast.pair.sessions.get(number=2).due_on == dt.date(2026, 1, 29)
    assert kinds_to(cast.ama).count("pairs.pair_goes_on") == 1


def test_the_lead_lets_a_pair_go_on_only_where_the_data_was_put_right(cast):
    one_line(cast)
    guard.guard_pairs(at=NOW)

    with pytest.raises(Refusal, match="the other's reporting line. Put the data right first"):
        guard.clear_conflict(cast.pair, by=cast.chi, at=NOW)
    with pytest.raises(Refusal, match="Another lead"):
        guard.clear_conflict(cast.pair, by=cast.ama, at=NOW)
    report_to(cast.ama, None)
    guard.clear_conflict(cast.pair, by=cast.chi, at=NOW)

    assert Pair.objects.get().state == "active"
    assert AuditEntry.objects.get(event="ConflictCleared").by_id == cast.chi.pk
    with pytest.raises(Refusal, match="not paused"):
        guard.clear_conflict(cast.pair, by=cast.chi, at=NOW)


def test_a_paused_pair_is_ended_at_the_next_hour_as_any_other(cast):
    one_line(cast)
    guard.guard_pairs(at=NOW)

    actions.ask_to_end(cast.pair, by=cast.chi, at=NOW)
    actions.come_true(at=THEN)

    assert Pair.objects.get().state == "ended"
    assert kinds_to(cast.ama) == ["pairs.pair_ended"]
    assert not Hold.objects.exists()
    assert guard.guard_pairs(at=THEN).held == []


# -- when it looks --------------------------------------------------------------------------------


def test_it_looks_whenever_somebody_moves_and_only_then(
    cast, run_jobs, django_capture_on_commit_callbacks
):
    waiting = Job.objects.filter(kind=GUARD_KIND)
    texts = texts_of(cast.ama)
    with django_capture_on_commit_callbacks(execute=True):
        change_person(cast.ama, texts | {"job_title": "Analyst"}, by=cast.root)
    assert not waiting.exists()

    with django_capture_on_commit_callbacks(execute=True):
        change_person(
            cast.ama, texts | {"manager_email": cast.bela.email, "job_title": "Analyst"},
            by=cast.root,
        )  # fmt: skip
    run_jobs()

    assert waiting.get().result == {"held": 1, "released": 0}
    assert Pair.objects.get().state == "paused"


def test_it_looks_once_a_day_by_itself(cast, run_jobs):
    take_up_abandoned()
    take_up_abandoned()
    run_jobs()
    take_up_abandoned()
    jobs = Job.objects.filter(kind=GUARD_KIND)
    assert jobs.count() == 1

    jobs.update(ended_at=timezone.now() - dt.timedelta(days=1, minutes=1))
    take_up_abandoned()

    assert jobs.count() == 2


@pytest.mark.parametrize("count", [1, 30])
def test_a_look_at_many_pairs_costs_the_queries_of_one(cast, count):
    cohort = make_cohort(cast.programme)
    for _each in range(count):
        make_pair(cohort)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        guard.guard_pairs(at=NOW)

    # rules of cohorts, managers, people, pairs, holds
    assert len(queries) == 5


# -- a reorganisation -----------------------------------------------------------------------------


def forbidden(people, mentor, mentee):
    """Judge two people again, without the engine: walk the lines, compare the words."""

    def near(person):
        above = [people[person]["manager"]]
        above.append(people[above[0]]["manager"] if above[0] else None)
        return above

    def judges(one, other):
        path = people[other]["path"].casefold()
        units = [path[:end] for end, sign in enumerate(path) if sign == "/"] + [path]
        return any(panel.casefold() in units for panel in people[one]["panels"])

    return (
        mentee in near(mentor) or mentor in near(mentee)
        or people[mentor]["path"] == people[mentee]["path"]
        or judges(mentor, mentee) or judges(mentee, mentor)
    )  # fmt: skip


def shuffle_organisation(rng, ids, departments):
    """Give everybody another manager, team and panels by chance."""
    people = list(Person.objects.filter(pk__gte=ids[0], pk__lte=ids[-1]))
    for person in people:
        above, path = rng.choice(ids), rng.choice(list(departments))
        person.manager_id = above if above != person.pk else None
        person.department_id = departments[path]
        person.panels = [rng.choice(list(departments)).upper()] if rng.random() < 0.02 else []
    Person.objects.bulk_create(
        people, update_conflicts=True, unique_fields=["id"],
        update_fields=["manager", "department", "panels"],
    )  # fmt: skip
    rows = Person.objects.values_list("pk", "manager_id", "department__path", "panels")
    return {
        pk: {"manager": manager, "path": path or "", "panels": panels}
        for pk, manager, path, panels in rows
    }


@pytest.mark.slow
def test_after_ten_thousand_people_moved_at_random_no_forbidden_pair_is_active(cast):
    rng = random.Random(7)
    units = [f"Unit {n % 12}/Team {n}" for n in range(300)]
    for path in units:
        department(path)
    departments = dict(Department.objects.values_list("path", "pk"))
    made = Person.objects.bulk_create(
        Person(email=f"{n}@example.org", name=f"Person {n}") for n in range(10_000)
    )
    ids = [person.pk for person in made]
    cohort = make_cohort(cast.programme)
    Pair.objects.bulk_create(
        Pair(cohort=cohort, mentor_id=mentor, mentee_id=mentee)
        for mentor, mentee in zip(ids[::2], ids[1::2], strict=True)
    )
    for _round in range(2):
        people = shuffle_organisation(rng, ids, departments)
        # some report to their partner, or to who reports to them
        for pair in rng.sample(list(Pair.objects.filter(cohort=cohort)), 40):
            Person.objects.filter(pk=pair.mentor_id).update(manager=pair.mentee_id)
            people[pair.mentor_id]["manager"] = pair.mentee_id

        guard.guard_pairs(at=NOW)

        states = Pair.objects.filter(cohort=cohort).values_list("mentor", "mentee", "state")
        wrong = [
            (mentor, mentee, state)
            for mentor, mentee, state in states
            if (state == "paused") != forbidden(people, mentor, mentee)
        ]
        assert wrong == []
        assert Pair.objects.filter(cohort=cohort, state="paused").count() > 40


# -- the door -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", each_of())
def test_the_lead_alone_reads_why_and_has_it_looked_at_again(sign_in, cast, name):
    one_team(cast)
    guard.guard_pairs(at=NOW)
    statuses = dict.fromkeys(CAST, 404) | {"nobody": 302, "chi": 409, "ama": 403, "bela": 403}
    client = sign_in(name)

    assert (
        client.post(reverse("pairing:clear", args=[cast.pair.code])).status_code == (statuses[name])
    )
    shown = client.get(cast.pair.get_absolute_url()).text
    assert ("They are in one team now." in shown) is (name == "chi")

    actions.come_true(at=THEN)

    shown = client.get(cast.pair.get_absolute_url()).text
    assert ("This pair rests for now." in shown) is (name in {"ama", "bela"})
    assert ("in one team" in shown) is (name == "chi")


def test_a_pair_that_was_put_right_goes_on_at_the_press_of_its_lead(sign_in, cast):
    one_line(cast)
    guard.guard_pairs(at=NOW)
    report_to(cast.ama, None)

    sign_in("chi").post(reverse("pairing:clear", args=[cast.pair.code]))

    assert Pair.objects.get().state == "active"
