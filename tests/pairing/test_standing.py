import datetime as dt

import pytest

from contraflow.pairing import queries, standing
from contraflow.pairs.actions import end_pair
from contraflow.programmes.actions import move_to_bench
from contraflow.programmes.models import Enrolment, Side
from tests.pairing.makers import make_participant, make_running_cohort, pair_of

# a room's quick tests take seconds: these run with the whole suite
pytestmark = pytest.mark.slow


@pytest.fixture
def running(cast):
    """Priya with Gerald, Ines with Karen, Zoe on the bench."""
    cast.small, cast.people = make_running_cohort(cast.programme, cast.chi)
    return cast


def end(running, name):
    return end_pair(pair_of(running.small, name), by=running.chi)


def leave(running, name):
    person = running.people[name].person
    person.left_on = dt.date(2026, 2, 2)
    person.save()


def wait(running, name):
    running.people[name].refresh_from_db()
    running.people[name].state = Enrolment.State.WAITING
    running.people[name].save()


@pytest.mark.parametrize(
    ("what", "alone"),
    [
        pytest.param([], set(), id="everybody is paired, or on the bench"),
        pytest.param([(end, "priya")], {"priya", "gerald"}, id="a pair ended"),
        pytest.param([(leave, "priya")], {"gerald"}, id="a mentor left the organisation"),
        pytest.param([(leave, "gerald")], {"priya"}, id="a leader left the organisation"),
        pytest.param([(leave, "zoe")], set(), id="somebody of the bench left"),
        pytest.param([(wait, "zoe")], {"zoe"}, id="somebody waits"),
        pytest.param([(wait, "priya")], set(), id="somebody who waits is in a pair"),
        pytest.param([(end, "priya"), (leave, "gerald")], {"priya"}, id="ended, then left"),
    ],
)
def test_who_looks_for_a_partner(running, what, alone):
    for happens, name in what:
        happens(running, name)

    found = standing.without_partner(running.small).values_list("person__name", flat=True)

    assert {name.split()[0].lower() for name in found} == alone
    people = {each.person_id: name for name, each in running.people.items()}
    assert {people[each] for each in standing.read_standing(running.small).alone} == alone


def test_who_stands_ready_is_on_the_bench_or_has_a_place_left(running):
    profile = running.people["ines"].profile
    profile.capacity = 2
    profile.save()
    move_to_bench(running.people["priya"], by=running.chi)  # while in a pair: not ready

    bench = standing.on_bench(running.small).values_list("person__name", flat=True)

    assert list(bench) == ["Zoe Adler"]
    assert standing.with_free_place(running.small) == [running.people["ines"]]


def test_what_stands_tells_pairs_from_those_left_behind_and_parted(running):
    priya, gerald, ines, karen = (
        running.people[name].person_id for name in ("priya", "gerald", "ines", "karen")
    )
    end(running, "priya")
    leave(running, "karen")

    found = standing.read_standing(running.small)

    assert found.pairs == {}
    assert set(found.left_behind) == {(ines, karen)}
    assert found.parted == {(priya, gerald)}


@pytest.mark.parametrize(
    ("happens", "name", "why"),
    [
        (end, "Gerald Whitfield", r"the pair with Priya Raman ended on \d+ \w+"),
        (leave, "Gerald Whitfield", "Priya Raman has left the organisation"),
        (wait, "Zoe Adler", "on the waiting list"),
    ],
)
def test_the_lead_reads_why_somebody_has_no_partner(running, happens, name, why):
    import re

    happens(running, "zoe" if happens is wait else "priya")

    found = queries.without_partner(running.small, running.chi)

    whys = {each["person__name"]: each["why"] for each in found["people"]}
    assert re.fullmatch(why, whys[name])


def test_before_a_cohort_runs_nobody_is_said_to_have_no_partner(cast):
    assert queries.without_partner(cast.cohort, cast.chi) is None
    cast.cohort.state = "pairing"
    make_participant(cast.cohort, Side.MENTEE, "Late Comer")

    assert queries.without_partner(cast.cohort, cast.chi) is None


def test_only_the_leads_of_the_programme_read_names(running):
    end(running, "priya")

    assert queries.without_partner(running.small, running.cleo) is None
