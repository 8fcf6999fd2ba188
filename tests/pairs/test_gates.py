"""What opens session 2: the training of both, or a lead who says why; and what each may know."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from contraflow.core.errors import Refusal
from contraflow.core.models import AuditEntry, Notice, OutgoingMail
from contraflow.pairs import actions, gates
from contraflow.pairs.health import read_facts
from contraflow.pairs.models import GateOpening, Pair, Session
from contraflow.pairs.reminders import remind
from contraflow.people.models import Person
from contraflow.programmes.models import Side
from contraflow.training.models import Progress
from tests.conftest import CAST, make_pair, make_trained
from tests.pairs.test_concurrency import at_once, fresh

pytestmark = pytest.mark.slow

DAY = dt.timedelta(days=1)
REASON = "Both have done the same training elsewhere."


@pytest.fixture
def pair(cast):
    """The pair of Ama and Bela, neither of them trained."""
    Progress.objects.all().delete()
    return cast.pair


def train(pair, *sides):
    for side in sides:
        make_trained(pair.mentor if side == Side.MENTOR else pair.mentee, side)


def run_of(session):
    return reverse("pairs:session-run", args=[session.code])


# -- what waits, and what never does -----------------------------------------------------------


@pytest.mark.parametrize(
    ("trained", "is_open"),
    [([], False), (["mentor"], False), (["mentee"], False), (["mentor", "mentee"], True)],
    ids=["neither", "the mentor alone", "the leader alone", "both"],
)
def test_session_2_opens_when_both_are_trained(cast, pair, sign_in, trained, is_open):
    train(pair, *map(Side, trained))
    first, second, third = pair.sessions.order_by("number")

    for name in ("ama", "bela"):
        by = getattr(cast, name)
        assert gates.why_not_begin(first, by=by) is None
        assert (gates.why_not_begin(second, by=by) is None) is is_open
        assert (gates.why_not_begin(third, by=by) is None) is is_open
        client = sign_in(name)
        assert client.get(run_of(first)).status_code == 200
        answer = client.get(run_of(second))
        assert answer.status_code == (200 if is_open else 409)
        assert ("Open the agenda" in answer.text, "Arrive" in answer.text) == (False, is_open)


def test_dates_and_what_happened_never_wait(cast, pair):
    second = pair.sessions.get(number=2)

    actions.book_session(second, by=cast.ama, starts_at=timezone.now() + DAY)
    actions.move_session(second, by=cast.bela, starts_at=timezone.now() + 2 * DAY)
    Session.objects.filter(pk=second.pk).update(starts_at=timezone.now() - DAY)
    actions.record_held(fresh(second), by=cast.ama)

    assert fresh(second).state == Session.State.HELD
    # a session that was held is there to look back at
    assert gates.why_not_begin(fresh(second), by=cast.ama) is None


def test_an_ended_pair_waits_for_nothing(cast, pair):
    actions.end_pair(pair, by=cast.ama)

    assert gates.gate_of(pair, reader=cast.ama) is None


# -- what each may know ------------------------------------------------------------------------


def test_each_reads_their_own_part_and_of_the_other_only_that_not_all_is_done(cast, pair, sign_in):
    def shown(name):
        return sign_in(name).get(pair.get_absolute_url()).text

    assert "Of yours, 33 minutes are left." in shown("ama")
    assert "Of yours, 23 minutes are left." in shown("bela")

    train(pair, Side.MENTOR)

    assert "Your part of the training is done. Session 2 opens once both" in shown("ama")
    for words in ("Bela has not done", "Bela: not done", "23 minutes", "not done"):
        assert words not in shown("ama"), words
    train(pair, Side.MENTEE)
    assert "Before session 2" not in shown("ama") + shown("bela") + shown("chi")


def test_the_lead_reads_who_has_not_done_it(cast, pair, sign_in):
    train(pair, Side.MENTOR)

    text = sign_in("chi").get(pair.get_absolute_url()).text

    assert "Bela: not done" in text
    assert "Ama: not done" not in text
    assert "minutes" not in text.partition('id="gate"')[2].partition("</section>")[0]


def test_ones_training_says_when_the_second_session_is(cast, pair, sign_in):
    second = pair.sessions.get(number=2)
    assert f"about {second.due_on:%-d %B}" in sign_in("ama").get(reverse("training:own")).text

    Session.objects.filter(pk=second.pk).update(
        state="booked", starts_at=dt.datetime(2026, 3, 4, 10, tzinfo=dt.UTC)
    )

    text = sign_in("ama").get(reverse("training:own")).text
    assert "Session 2 with Bela" in text
    assert "Wed 4 Mar, 10:00" in text


# -- a lead opens it ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", CAST)
def test_the_lead_alone_opens_it_and_says_why(cast, pair, sign_in, name):
    url = reverse("pairs:gate-open", args=[pair.code])

    answer = sign_in(name).post(url, {"reason": REASON})

    refused = {"nobody": 302, "ama": 403, "bela": 403}.get(name, 404)
    assert answer.status_code == (302 if name == "chi" else refused)
    assert GateOpening.objects.exists() is (name == "chi")
    assert (gates.gate_of(pair, reader=cast.ama) is None) is (name == "chi")


def test_the_reason_is_for_the_leads_and_not_in_the_trail(cast, pair, sign_in):
    actions.open_gate(pair, by=cast.chi, reason=REASON)

    assert REASON in sign_in("chi").get(pair.get_absolute_url()).text
    for name in ("ama", "bela"):
        assert REASON not in sign_in(name).get(pair.get_absolute_url()).text
    (entry,) = AuditEntry.objects.filter(event="GateOpened")
    assert entry.by_id == cast.chi.pk
    assert entry.facts == {"pair_id": pair.pk, "cohort_id": pair.cohort_id}


@pytest.mark.parametrize("reason", ["", "  ", "just so", "x" * 501])
def test_it_is_not_opened_without_a_sentence(cast, pair, sign_in, reason):
    url = reverse("pairs:gate-open", args=[pair.code])

    answer = sign_in("chi").post(url, {"reason": reason})

    assert answer.status_code == 409
    assert "Say why in a sentence" in answer.text
    assert not GateOpening.objects.exists()


def test_an_ended_pair_is_not_opened(cast, pair):
    actions.end_pair(pair, by=cast.ama)

    with pytest.raises(Refusal, match="has ended"):
        actions.open_gate(pair, by=cast.chi, reason=REASON)


@pytest.mark.django_db(transaction=True)
def test_two_leads_who_open_it_at_the_same_moment_open_it_once(cast):
    def pair_of_another_request():
        return Pair.objects.select_related("cohort", "mentor", "mentee").get(pk=cast.pair.pk)

    one, two = pair_of_another_request(), pair_of_another_request()

    at_once(
        lambda: actions.open_gate(one, by=cast.chi, reason=REASON),
        lambda: actions.open_gate(two, by=cast.chi, reason="Another reason, also good."),
    )

    assert GateOpening.objects.count() == 1
    assert AuditEntry.objects.filter(event="GateOpened").count() == 1


# -- signal P8 ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trained", "points"), [([], 12), (["mentor"], 8), (["mentor", "mentee"], 0)], ids=str
)
def test_training_that_is_open_once_session_2_has_come_counts(pair, trained, points):
    train(pair, *map(Side, trained))
    second = pair.sessions.get(number=2)
    noon = dt.datetime.combine(second.due_on, dt.time(12), tzinfo=dt.UTC)

    assert untrained(pair, noon - DAY) == 0
    assert untrained(pair, noon) == {12: 2, 8: 1, 0: 0}[points]


def untrained(pair, until):
    return read_facts(Pair.objects.filter(pk=pair.pk), until=until)[pair.pk].untrained


def test_a_gate_that_a_lead_opened_counts_no_more(cast, pair):
    actions.open_gate(pair, by=cast.chi, reason=REASON)

    assert untrained(pair, timezone.now()) == 0


# -- reminders ---------------------------------------------------------------------------------


def reminded():
    mails = OutgoingMail.objects.filter(kind="training.before_session_2")
    names = dict(Person.objects.values_list("pk", "name"))
    return sorted(names[to] for to in mails.values_list("to_id", flat=True))


def days_ahead(pair, days):
    Session.objects.filter(pair=pair).update(due_on=timezone.localdate() + 90 * DAY)
    pair.sessions.filter(number=2).update(
        state="booked", starts_at=timezone.now() + days * DAY - dt.timedelta(hours=1)
    )


def test_whoever_has_it_to_do_is_reminded_twice_and_not_once_it_is_done(cast, pair):
    train(pair, Side.MENTEE)
    days_ahead(pair, 7)
    remind(timezone.now())
    remind(timezone.now())
    assert reminded() == ["Ama"]
    assert Notice.objects.filter(kind="training.before_session_2").count() == 1

    days_ahead(pair, 2)
    remind(timezone.now())
    assert reminded() == ["Ama", "Ama"]

    Notice.objects.all().delete()
    OutgoingMail.objects.all().delete()
    train(pair, Side.MENTOR)
    remind(timezone.now())
    assert reminded() == []


@pytest.mark.parametrize("what", ["rests", "is opened", "has ended", "is far", "cohort is closed"])
def test_nobody_is_reminded_while_a_pair(cast, pair, what):
    days_ahead(pair, 20 if what == "is far" else 7)
    if what == "rests":
        actions.pause_pair(pair, by=cast.ama, until=timezone.localdate() + 3 * DAY)
    if what == "is opened":
        actions.open_gate(pair, by=cast.chi, reason=REASON)
    if what == "has ended":
        actions.end_pair(pair, by=cast.ama)
    if what == "cohort is closed":
        type(cast.cohort).objects.update(state="closed")

    remind(timezone.now())

    assert reminded() == []


def test_a_notice_of_training_that_is_done_is_no_longer_told(cast, pair, sign_in):
    days_ahead(pair, 7)
    remind(timezone.now())
    bell = reverse("people:notices")
    assert "A short training before session 2" in sign_in("ama").get(bell).text

    train(pair, Side.MENTOR)

    assert "A short training before session 2" not in sign_in("ama").get(bell).text


def test_pairs_that_wait_are_found_with_two_queries_however_many(cast, django_assert_num_queries):
    waiting = [make_pair(cast.cohort, trained=False).pk for _ in range(5)]

    with django_assert_num_queries(2):
        found = {side: set(gates.waiting_on(side, Pair.objects.all())) for side in Side}

    assert [{pair.pk for pair in found[side]} for side in Side] == [set(waiting)] * 2
