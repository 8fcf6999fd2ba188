"""The health of all pairs, kept up to date from facts alone."""

import datetime as dt
import random
from contextlib import suppress

import pytest
from django.utils import timezone

from contraflow.core.errors import Refusal
from contraflow.core.mail import no_mail
from contraflow.core.models import Job
from contraflow.desk.actions import recompute
from contraflow.desk.jobs import look_at_pairs_every_hour
from contraflow.desk.models import PairHealth
from contraflow.desk.queries import advise
from contraflow.pairs import actions as pairs
from contraflow.pairs.meeting import commit, review_commitment
from contraflow.pairs.models import Commitment, Pair
from tests.conftest import make_cohort, make_pair, make_programme

START = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)


def stored():
    return dict(PairHealth.objects.values_list("pair_id", "points"))


def whole():
    rows = PairHealth.objects.order_by("pair")
    return list(rows.values("pair", "points", "band", "signals"))


def live_a_day(living, day, chance):
    """Let some of the pairs book, cancel or hold a session on this day, or rest from it on."""
    for pair in living:
        if chance.random() < 0.15:
            last = day.date() + dt.timedelta(days=chance.randint(0, 20))
            pairs.state_absence(pair.mentee, starts_on=day.date(), ends_on=last, today=day.date())
        session = pair.sessions.filter(state__in=["planned", "booked"]).order_by("number").first()
        if session is None or chance.random() < 0.4:
            continue
        session.pair = pair
        side = chance.choice([pair.mentor, pair.mentee])
        agree(pair, side, day, chance)
        if session.state == "planned":
            begin = day + dt.timedelta(days=chance.choice([2, 9]), hours=pair.pk % 8)
            with suppress(Refusal):  # they rest then
                pairs.book_session(session, by=side, starts_at=begin, at=day)
        elif session.starts_at <= day:
            pairs.record_held(session, by=side, at=day)
        elif chance.random() < 0.5:
            pairs.cancel_session(session, by=side, at=day)


def agree(pair, side, day, chance):
    """Let one of the two set a goal anew, sign, commit to something, or look back."""
    if chance.random() < 0.6:
        week = chance.randint(1, 14)
        goal = {"week": week, "will": "ask", "seen_by": "all", "because": "it helps"}
        pairs.set_goal(pair, by=side, **goal, reopens=True, at=day)
    with suppress(Refusal):
        pairs.sign_agreement(pair, by=side, version=10_000, pledges=True, at=day)
    held = pair.sessions.held().order_by("number").last()
    if held:
        held.pair = pair
        commit(held, by=side, condition=f"if {chance.random()}", action="then")
        Commitment.objects.filter(session=held).update(made_at=day)
    for commitment in Commitment.objects.filter(session__pair=pair, reviewed_at=None)[:1]:
        if chance.random() < 0.3:
            owner = pair.mentor if commitment.side == "mentor" else pair.mentee
            review_commitment(commitment, by=owner, outcome="done", at=day)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_looking_every_day_gives_what_is_computed_at_once_at_the_end(db, seed):
    cohort, chance = make_cohort(make_programme()), random.Random(seed)
    living = [make_pair(cohort, active_since=None) for _ in range(3)]
    with no_mail():
        for number in range(0, 80, 8):
            day = START + dt.timedelta(days=number)
            live_a_day(living, day, chance)
            recompute(at=day)
    by_and_by = whole()

    PairHealth.objects.all().delete()
    recompute(at=day)

    assert whole() == by_and_by
    assert sum(row["points"] for row in by_and_by) > 0
    assert recompute(at=day) == 0  # and once more changes nothing


@pytest.mark.parametrize("n_pairs", [1, 9])
def test_a_pass_asks_the_same_for_any_number_of_pairs(db, n_pairs, django_assert_num_queries):
    cohort = make_cohort(make_programme())
    for _ in range(n_pairs):
        make_pair(cohort)

    with django_assert_num_queries(13):  # eleven read, one writes, one forgets who has ended
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


def test_an_agreement_that_waits_asks_for_a_word_and_not_for_a_date():
    unsigned, dateless = {"id": "P2", "points": 15}, {"id": "P6", "points": 10}
    goalless = {"id": "P3", "points": 15, "missing": ["mentor"]}

    talk, nudge = (advise("watch", each) for each in ([unsigned, goalless], [unsigned, dateless]))

    assert talk.text == "Ask both to take ten minutes of their next session for the agreement."
    assert (talk.kind, nudge.kind) == ("talked", "nudge")
