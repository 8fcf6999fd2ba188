"""The lottery is fair, and anybody can draw it again."""

import hashlib
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contraflow.core.codes import make_code
from contraflow.core.errors import Refusal
from contraflow.core.models import OutgoingMail
from contraflow.programmes.actions import apply_to, draw_lots
from contraflow.programmes.lottery import draw_order
from contraflow.programmes.models import Enrolment, LotteryDraw, Side
from tests.conftest import make_cohort, make_person

codes = st.lists(st.text("23456789bcdfgh", min_size=12, max_size=12), unique=True, max_size=30)


@pytest.mark.slow
@given(seed=st.text(max_size=20), drawn=codes, randomly=st.randoms())
def test_the_same_seed_draws_the_same_whatever_order_people_applied_in(seed, drawn, randomly):
    shuffled = list(drawn)
    randomly.shuffle(shuffled)

    assert draw_order(seed, drawn) == draw_order(seed, shuffled)


@given(seed=st.text(max_size=20), drawn=codes)
def test_everybody_is_drawn_exactly_once(seed, drawn):
    assert Counter(draw_order(seed, drawn)) == Counter(drawn)


def test_no_place_in_the_list_is_luckier_than_another():
    people = [f"person{number}" for number in range(10)]
    first = Counter(draw_order(f"seed {number}", people)[0] for number in range(2_000))

    # 200 expected each; 60 is more than four standard deviations of a fair draw
    assert set(first) == set(people)
    assert all(abs(count - 200) < 60 for count in first.values())


@pytest.fixture
def cohort(cast):
    return make_cohort(cast.programme, state="enrolling", applications_open=True, mentor_places=2)


def test_the_first_drawn_get_the_places_and_the_others_wait_in_order(cast, cohort):
    applied = [apply_to(cohort, Side.MENTOR, by=make_person()) for _ in range(5)]
    apply_to(cohort, Side.MENTEE, by=cast.dov)

    draw = draw_lots(cohort, Side.MENTOR, by=cast.chi, seed="Saturday's numbers")

    by_hand = sorted(
        (each.code for each in applied),
        key=lambda code: hashlib.sha256(f"Saturday's numbers{code}".encode()).hexdigest(),
    )
    assert draw.log == [
        {"enrolment": code, "rank": rank, "placed": rank <= 2}
        for rank, code in enumerate(by_hand, start=1)
    ]
    found = {each.code: each for each in cohort.enrolments.on_side(Side.MENTOR)}
    assert [found[code].state for code in by_hand] == ["enrolled"] * 2 + ["waiting"] * 3
    assert [found[code].waiting_place for code in by_hand] == [None, None, 1, 2, 3]
    assert cohort.enrolments.get(person=cast.dov).state == Enrolment.State.APPLIED
    assert OutgoingMail.objects.filter(kind="programmes.place").count() == 2
    assert OutgoingMail.objects.filter(kind="programmes.waiting").count() == 3


def test_a_second_press_draws_nothing_and_changes_nobody(cast, cohort):
    for _ in range(3):
        apply_to(cohort, Side.MENTOR, by=make_person())
    draw_lots(cohort, Side.MENTOR, by=cast.chi)
    before = sorted(cohort.enrolments.values_list("code", "state", "waiting_place"))

    with pytest.raises(Refusal, match="Nobody waits for a decision"):
        draw_lots(cohort, Side.MENTOR, by=cast.chi)
    assert sorted(cohort.enrolments.values_list("code", "state", "waiting_place")) == before
    assert LotteryDraw.objects.count() == 1


def test_without_a_seed_chance_makes_one_and_it_is_kept(cast, cohort):
    apply_to(cohort, Side.MENTOR, by=cast.dov)

    draw = draw_lots(cohort, Side.MENTOR, by=cast.chi)

    assert len(bytes.fromhex(draw.seed)) == 16


def test_who_comes_later_waits_behind_those_who_wait_already(cast, cohort):
    early = [apply_to(cohort, Side.MENTOR, by=make_person()) for _ in range(4)]
    draw_lots(cohort, Side.MENTOR, by=cast.chi, seed=make_code())
    late = apply_to(cohort, Side.MENTOR, by=make_person())
    draw_lots(cohort, Side.MENTOR, by=cast.chi, seed=make_code())

    late.refresh_from_db()
    places = cohort.enrolments.filter(pk__in=[each.pk for each in early])
    assert set(places.values_list("waiting_place", flat=True)) == {None, 1, 2}
    assert late.waiting_place == 3
