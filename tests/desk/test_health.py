"""The health of all pairs, kept up to date from facts alone."""

import datetime as dt
import random

import pytest
from django.utils import timezone

from contraflow.core.mail import no_mail
from contraflow.core.models import Job
from contraflow.desk.actions import recompute
from contraflow.desk.jobs import look_at_pairs_every_hour
from contraflow.desk.models import PairHealth
from contraflow.pairs import actions as pairs
from contraflow.pairs.models import Pair, Session
from tests.conftest import make_cohort, make_pair, make_programme

START = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)


def stored():
    return dict(PairHealth.objects.values_list("pair_id", "points"))


def live_a_day(living, day, chance):
    """Let some of the pairs book, cancel or hold a session on this day."""
    for pair in living:
        session = pair.sessions.filter(state__in=["planned", "booked"]).order_by("number").first()
        if session is None or chance.random() < 0.4:
            continue
        session.pair = pair
        side = chance.choice([pair.mentor, pair.mentee])
        if session.state == "planned":
            begin = day + dt.timedelta(days=chance.choice([2, 9]), hours=pair.pk % 8)
            pairs.book_session(session, by=side, starts_at=begin, at=day)
        elif session.starts_at <= day:
            pairs.record_held(session, by=side, at=day)
        elif chance.random() < 0.5:
            pairs.cancel_session(session, by=side, at=day)


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_looking_every_day_gives_what_is_computed_at_once_at_the_end(db, seed):
    cohort, chance = make_cohort(make_programme()), random.Random(seed)
    living = [make_pair(cohort) for _ in range(3)]
    with no_mail():
        for number in range(0, 80, 8):
            day = START + dt.timedelta(days=number)
            live_a_day(living, day, chance)
            recompute(at=day)
    by_and_by = stored()

    PairHealth.objects.all().delete()
    recompute(at=day)

    assert stored() == by_and_by
    assert sum(by_and_by.values()) > 0
    assert recompute(at=day) == 0  # and once more changes nothing


@pytest.mark.parametrize("n_pairs", [1, 9])
def test_a_pass_asks_the_same_for_any_number_of_pairs(db, n_pairs, django_assert_num_queries):
    cohort = make_cohort(make_programme())
    for _ in range(n_pairs):
        make_pair(cohort)

    with django_assert_num_queries(9):  # six read, one writes, one forgets who has ended
        assert recompute(at=START + dt.timedelta(days=30)) == n_pairs


def test_a_pair_keeps_the_day_since_when_it_is_in_its_band(cast):
    def band_on(day):
        recompute(at=START + dt.timedelta(days=day))
        return PairHealth.objects.values_list("band", "points", "band_since").get()

    assert band_on(13) == ("steady", 0, dt.date(2026, 1, 18))
    assert band_on(21) == ("watch", 30, dt.date(2026, 1, 26))
    assert band_on(40) == ("watch", 30, dt.date(2026, 1, 26))


def test_a_session_is_seen_at_once_and_an_ended_pair_is_forgotten(
    cast, django_capture_on_commit_callbacks
):
    recompute()
    assert PairHealth.objects.get().signals[0]["id"] == "P1"
    session = cast.pair.sessions.get(number=1)
    now = timezone.now()
    with django_capture_on_commit_callbacks(execute=True):
        pairs.book_session(
            session, by=cast.ama, starts_at=now - dt.timedelta(hours=2),
            at=now - dt.timedelta(days=3),
        )  # fmt: skip
        pairs.record_held(session, by=cast.ama, at=now)

    assert stored() == {cast.pair.pk: 0}
    pairs.end_pair(cast.pair, by=cast.ama)
    recompute()
    assert stored() == {}


def test_answers_and_wishes_to_leave_have_no_way_in(cast, django_assert_num_queries):
    """Two pairs alike but for what only the two know get the same points, order and words."""
    other = make_pair(cast.cohort)
    session = Session.objects.filter(pair=other).first()
    Session.objects.filter(pk=session.pk).update(state="held", starts_at=START)
    Session.objects.filter(pair=cast.pair, number=1).update(state="held", starts_at=START)
    session.refresh_from_db()
    with no_mail():
        pairs.write_learned(session, by=other.mentor, text="I want to leave.")

    recompute(at=START + dt.timedelta(days=40))

    one, two = PairHealth.objects.order_by("pk")
    assert (one.points, one.band, one.signals) == (two.points, two.band, two.signals)


def test_upkeep_looks_once_an_hour(cast, run_jobs):
    for _ in range(3):
        look_at_pairs_every_hour()
    assert [job.state for job in run_jobs()] == ["done"]
    look_at_pairs_every_hour()
    assert Job.objects.count() == 1

    Job.objects.update(ended_at=timezone.now() - dt.timedelta(hours=2))
    look_at_pairs_every_hour()
    assert Job.objects.count() == 2


def test_nothing_is_looked_at_where_nobody_meets(db):
    look_at_pairs_every_hour()
    assert not Job.objects.exists()
    assert not Pair.objects.exists()
