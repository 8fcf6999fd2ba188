"""The states of a cohort: every step from every state, what it needs, and its history."""

from pathlib import Path

import pytest

from contraflow.core.errors import Refusal
from contraflow.core.models import AuditEntry
from contraflow.programmes.actions import move_cohort, start_pairing
from contraflow.programmes.models import Cohort, Enrolment, Side
from contraflow.programmes.rules import MOVES, why_not_move
from tests.conftest import make_cohort, make_enrolment

DOCS = Path(__file__).parents[2] / "docs/use/enrol.md"
STEPS = {
    ("draft", "open_enrolment"): ("enrolling", "EnrolmentOpened"),
    ("enrolling", "start_pairing"): ("pairing", "PairingStarted"),
    ("pairing", "reopen_enrolment"): ("enrolling", "EnrolmentReopened"),
    ("pairing", "start_running"): ("running", "CohortStarted"),
    ("running", "return_to_pairing"): ("pairing", "CohortReturnedToPairing"),
    ("enrolling", "close_cohort"): ("closed", "CohortClosed"),
    ("pairing", "close_cohort"): ("closed", "CohortClosed"),
    ("running", "close_cohort"): ("closed", "CohortClosed"),
}


@pytest.mark.parametrize("verb", [*MOVES])
@pytest.mark.parametrize("state", [*Cohort.State.values])
def test_each_step_follows_only_where_the_table_says(cast, state, verb):
    cohort = make_cohort(cast.programme, state=state)
    make_enrolment(cohort)
    make_enrolment(cohort, side=Side.MENTEE)

    if (state, verb) not in STEPS:
        with pytest.raises(Refusal, match="this step does not follow"):
            move_cohort(cohort, verb, by=cast.chi, reason="Because")
        assert not AuditEntry.objects.exists()
        return
    move_cohort(cohort, verb, by=cast.chi, reason="Because")
    cohort.refresh_from_db()
    event = AuditEntry.objects.get()
    assert (cohort.state, event.event) == STEPS[state, verb]
    assert event.facts == {"cohort_id": cohort.pk}
    move = cohort.moves.get()
    assert (move.from_state, move.to_state, move.reason) == (state, cohort.state, "Because")


def test_a_second_press_takes_the_step_once(cast):
    cohort = make_cohort(cast.programme, state="draft")
    stale = Cohort.objects.get(pk=cohort.pk)
    move_cohort(cohort, "open_enrolment", by=cast.chi)

    with pytest.raises(Refusal):
        move_cohort(stale, "open_enrolment", by=cast.chi)
    assert cohort.moves.count() == 1


def test_going_back_needs_a_reason(cast):
    cohort = make_cohort(cast.programme, state="pairing")

    with pytest.raises(Refusal, match="Say why"):
        move_cohort(cohort, "reopen_enrolment", by=cast.chi, reason="  ")
    assert Cohort.objects.get(pk=cohort.pk).state == "pairing"


def test_enrolment_opens_only_with_a_plan(cast):
    cohort = make_cohort(cast.programme, state="draft")
    cohort.plan.all().delete()

    assert why_not_move(cohort, "open_enrolment") == (
        "The plan has no sessions yet. Add at least one."
    )


@pytest.mark.parametrize(
    ("mentors", "mentees", "applied", "reason"),
    [
        pytest.param(1, 1, 0, None, id="somebody on both sides"),
        pytest.param(0, 1, 0, "Nobody is enrolled as Guide yet.", id="no mentor"),
        pytest.param(1, 0, 0, "Nobody is enrolled as leader yet.", id="no leader"),
        pytest.param(1, 1, 1, "1 application is not decided yet.", id="one open application"),
        pytest.param(1, 1, 2, "2 applications are not decided yet.", id="two open applications"),
    ],
)
def test_pairing_starts_when_both_sides_are_there_and_all_is_decided(
    cast, mentors, mentees, applied, reason
):
    cast.programme.mentor_word = "Guide"
    cast.programme.save()
    cohort = make_cohort(cast.programme, state="enrolling")
    for _ in range(mentors):
        make_enrolment(cohort)
    for _ in range(mentees):
        make_enrolment(cohort, side=Side.MENTEE)
    for _ in range(applied):
        make_enrolment(cohort, state=Enrolment.State.APPLIED)

    assert why_not_move(cohort, "start_pairing") == reason
    if reason is None:
        assert start_pairing(cohort, by=cast.chi).state == "pairing"


def test_the_documentation_shows_this_table():
    rows = [
        f"| {source} | {move.label} | {move.target} | `{move.event.__name__}` |"
        for move in MOVES.values()
        for source in move.sources
    ]

    shown = DOCS.read_text(encoding="utf-8").splitlines()
    start = shown.index("| from | step | to | event |") + 2
    assert shown[start : start + len(rows)] == rows
