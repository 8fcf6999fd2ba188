"""What a sponsor is told to do when, found from facts alone."""

import datetime as dt

import pytest

from contraflow.desk import actions, kit
from contraflow.desk.texts import Text
from contraflow.programmes.models import Side, Steward
from tests.conftest import make_cohort, make_enrolment, make_pair, make_person

TEXT = Text(subject="A good start", body="Welcome.")


def on(month, day):
    return dt.datetime(2026, month, day, 12, tzinfo=dt.UTC)


def states(parts):
    return {part.key: part.state.value for part in parts}


# the cohort of the cast runs from 5 January to 12 April 2026
@pytest.mark.parametrize(
    ("state", "at", "opening", "closing"),
    [
        pytest.param("draft", on(1, 2), "not_yet", None, id="planned"),
        pytest.param("pairing", on(1, 2), "not_yet", None, id="before the pairs"),
        pytest.param("running", on(1, 6), "due", "not_yet", id="begun"),
        pytest.param("running", on(2, 1), "due", "not_yet", id="four weeks less a day old"),
        pytest.param("running", on(2, 2), None, "not_yet", id="long begun"),
        pytest.param("running", on(3, 28), None, "not_yet", id="a day too early to close"),
        pytest.param("running", on(3, 29), None, "due", id="two weeks before the end"),
        pytest.param("closed", on(2, 2), None, "due", id="closed early"),
        pytest.param("closed", on(6, 7), None, "due", id="eight weeks after the end"),
        pytest.param("closed", on(6, 8), None, None, id="long ago"),
    ],
)
def test_a_cohort_is_opened_in_its_first_weeks_and_closed_around_its_end(
    cast, state, at, opening, closing
):
    cast.cohort.state = state
    cast.cohort.save()

    found = states(kit.parts_of(cast.sol, cast.programme, at=at))

    assert (found.get("opening"), found.get("closing")) == (opening, closing)


def test_what_was_said_is_done_and_nobody_else_is_asked_for_it(cast):
    actions.give_speech(
        cast.cohort, "opening", by=cast.sol, text=TEXT, code="pressed1", at=on(1, 6)
    )

    (part,) = [each for each in kit.parts_of(cast.sol, cast.programme, at=on(1, 7))
               if each.key == "opening"]  # fmt: skip

    assert (part.state, part.note) == (kit.State.DONE, "Said on 6 January 2026.")
    assert (
        states(kit.parts_a_lead_sees(cast.programme, reader=cast.chi, at=on(1, 7)))["opening"]
        == "done"
    )


def test_a_cohort_that_never_ran_or_is_archived_asks_for_nothing(cast):
    cast.cohort.archived_at = on(1, 1)
    cast.cohort.save()
    make_enrolment(make_cohort(cast.programme, state="closed"))

    found = states(kit.parts_of(cast.sol, cast.programme, at=on(1, 6)))

    assert found == {
        "learner": "not_yet", "personal_word": "not_yet", "answer": "done", "learned": "not_yet",
    }  # fmt: skip


def test_learning_is_asked_for_once_people_are_invited_and_its_fruit_at_the_end(cast):
    cast.cohort.state = "draft"
    cast.cohort.save()

    def learning(at):
        found = states(kit.parts_of(cast.sol, cast.programme, at=at))
        return found["learner"], found["learned"]

    assert learning(on(1, 2)) == ("not_yet", "not_yet")
    cast.cohort.state = "enrolling"
    cast.cohort.save()
    assert learning(on(1, 2)) == ("due", "not_yet")
    cast.cohort.state = "running"
    cast.cohort.save()
    actions.learn_in_public(cast.programme, by=cast.sol, wants="To ask.", at=on(1, 6))
    assert learning(on(1, 7)) == ("done", "not_yet")
    assert learning(on(4, 1)) == ("done", "due")
    actions.learn_in_public(cast.programme, by=cast.sol, wants="To ask.", learned="I asked.")
    assert learning(on(4, 1)) == ("done", "done")


def test_a_sponsor_who_takes_part_as_a_leader_has_done_it_and_only_the_lead_knows_too(cast):
    make_pair(cast.cohort, make_person("Ida"), cast.sol)
    other = make_person("Otto")
    Steward.objects.create(programme=cast.programme, person=other, kind="sponsor")

    def learner(parts):
        return next((part.state.value, part.note) for part in parts if part.key == "learner")

    done = f"Takes part in {cast.cohort.name} as a leader: no words are stronger."
    assert learner(kit.parts_of(cast.sol, cast.programme, at=on(1, 6))) == ("done", done)
    assert learner(kit.parts_a_lead_sees(cast.programme, reader=cast.chi, at=on(1, 6))) == (
        "done",
        done,
    )
    assert learner(kit.parts_of(other, cast.programme, at=on(1, 6))) == ("due", "")


@pytest.mark.parametrize(
    ("side", "state", "counts"),
    [
        (Side.MENTEE, "enrolled", True),
        (Side.MENTOR, "enrolled", False),
        (Side.MENTEE, "invited", False),
        (Side.MENTEE, "withdrawn", False),
    ],
)
def test_only_a_leader_who_is_enrolled_takes_part(cast, side, state, counts):
    make_enrolment(cast.cohort, cast.sol, side, state)

    assert (
        kit.takes_part_in([cast.sol.pk], cast.programme, reader=cast.sol) == cast.cohort
    ) is counts


def test_a_pair_without_a_lead_waits_for_the_sponsors_answer(cast):
    found = states(kit.parts_of(cast.sol, cast.programme, at=on(1, 6)))
    assert found["answer"] == "done"

    make_pair(cast.cohort, cast.chi)

    found = states(kit.parts_of(cast.sol, cast.programme, at=on(1, 6)))
    assert found["answer"] == "due"


def test_a_cohort_of_two_weeks_is_opened_in_its_first_and_closed_in_its_second(cast):
    cast.cohort.length_weeks = 2
    cast.cohort.save()

    def due(at):
        return {
            each.key
            for each in kit.parts_a_lead_sees(cast.programme, reader=cast.chi, at=at)
            if each.is_due
        }

    assert due(on(1, 11)) == {"learner", "opening"}
    assert due(on(1, 12)) == {"learner", "closing"}


def test_a_personal_word_is_free_while_pairs_meet(cast):
    def state(**fields):
        type(cast.cohort).objects.update(**fields)
        return states(kit.parts_of(cast.sol, cast.programme, at=on(1, 6)))["personal_word"]

    assert state(state="pairing") == "not_yet"
    assert state(state="running") == "free"
    actions.write_personal_word(cast.programme, by=cast.sol, text="Well?")
    assert state(state="running") == "done"


def test_a_lead_reads_nothing_of_the_personal_word(cast):
    keys = set(states(kit.parts_a_lead_sees(cast.programme, reader=cast.chi, at=on(1, 6))))

    assert keys == {"learner", "opening", "closing"}


def test_today_names_the_words_that_people_wait_for_and_not_the_personal_one(cast):
    def due(person):
        return [
            (programme, [part.key for part in parts])
            for programme, parts in kit.due_parts(person, at=on(1, 6))
        ]

    assert due(cast.sol) == [(cast.programme, ["learner", "opening"])]
    assert due(cast.chi) == due(cast.ama) == []
