"""The ledger: what went between the two, both ways, for the two alone."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from contraflow.core.errors import Refusal
from contraflow.exchange import actions
from contraflow.exchange.models import Promise
from contraflow.exchange.queries import ledger_of, records_of
from contraflow.pairs.actions import review_goal, set_goal
from contraflow.pairs.models import Session, SessionWords
from tests.conftest import make_pair

WORDS = "I introduce you to the head of design"


@pytest.fixture
def url(cast):
    return reverse("exchange:ledger", args=[cast.pair.code])


@pytest.fixture
def lived(cast):
    """Two sessions held, of 50 minutes; Bela learned twice, Ama once; a promise of Bela."""
    for session in cast.pair.sessions.all()[:2]:
        began = timezone.now() - dt.timedelta(days=10 - session.number)
        Session.objects.filter(pk=session.pk).update(state="held", starts_at=began)
        SessionWords.objects.create(
            session=session, learned_by_mentee=f"Taught {session.number}",
            learned_by_mentor="How a budget is made" if session.number == 1 else None,
        )  # fmt: skip
    cast.promise = actions.make_promise(cast.pair, by=cast.bela, kind="introduction", text=WORDS)
    return cast


def settle(client, promise, state):
    path = reverse("exchange:promise-settle", args=[promise.code])
    return client.post(path, {"state": state}).status_code


def test_both_see_the_same_balance_both_ways(lived, sign_in, url):
    for reader in (lived.ama, lived.bela):
        ledger = ledger_of(lived.pair, reader=reader)

        assert (ledger.sessions, ledger.minutes) == (2, 100)
        assert ledger.by_mentor.learned == ["Taught 1", "Taught 2"]
        assert ledger.by_mentee.learned == ["How a budget is made"]
        assert (ledger.by_mentee.open, ledger.by_mentee.kept, ledger.by_mentor.open) == (1, 0, 0)
    for name in ("ama", "bela"):
        page = sign_in(name).get(url).text
        assert WORDS in page
        assert "2 sessions held, 100 min together" in page


def test_nobody_else_sees_a_line_of_it(lived, sign_in, url):
    for name in ("chi", "sol", "tru", "root", "dov", "cleo"):
        assert sign_in(name).get(url).status_code in {403, 404}
        ledger = ledger_of(lived.pair, reader=getattr(lived, name))
        assert (ledger.by_mentor.learned, ledger.by_mentee.promises) == ([], [])
    assert WORDS not in sign_in("chi").get(lived.pair.get_absolute_url()).text


@pytest.mark.parametrize("who", ["ama", "bela"])
def test_either_says_that_a_promise_was_kept_and_takes_that_back(lived, sign_in, who):
    assert settle(sign_in(who), lived.promise, "kept") == 302
    lived.promise.refresh_from_db()
    assert lived.promise.state == "kept"
    assert lived.promise.ended_on

    assert settle(sign_in(who), lived.promise, "open") == 302

    lived.promise.refresh_from_db()
    assert (lived.promise.state, lived.promise.ended_on) == ("open", None)


def test_only_who_promised_drops_it(lived, sign_in):
    assert settle(sign_in("ama"), lived.promise, "dropped") == 409
    assert settle(sign_in("bela"), lived.promise, "burnt") == 409
    assert settle(sign_in("bela"), lived.promise, "dropped") == 302

    assert Promise.objects.get().state == "dropped"


def test_a_double_click_promises_once(lived):
    again = actions.make_promise(lived.pair, by=lived.bela, kind="introduction", text=WORDS)

    assert again == lived.promise
    assert Promise.objects.count() == 1


def test_nobody_promises_in_anothers_name(lived, sign_in, url):
    sent = {"kind": "opportunity", "text": "You present on Monday"}
    assert sign_in("ama").post(url, sent).status_code == 302

    assert Promise.objects.get(kind="opportunity").side == "mentor"
    with pytest.raises(Refusal, match="Only the two"):
        actions.make_promise(lived.pair, by=lived.chi, kind="other", text="x")


def test_a_record_gathers_what_one_got_in_all_pairs(lived, sign_in):
    other = make_pair(lived.cohort, mentor=lived.ama)
    actions.settle_promise(lived.promise, by=lived.ama, state="kept")
    lived.pair.common_ground = ["Generative AI"]
    lived.pair.save()
    for person, will in ((lived.ama, "present"), (lived.bela, "listen")):
        set_goal(lived.pair, by=person, week=9, will=will, seen_by="all", because="it helps")
    review_goal(lived.pair.goals.get(side="mentor"), by=lived.ama, outcome="reached")

    mine = sign_in("ama").get(reverse("exchange:record")).text
    file = sign_in("ama").get(reverse("exchange:record-file"))

    assert [record.pair for record in records_of(lived.ama)] == [other, lived.pair]
    goal = "By week 9 I will present, seen by all, because it helps"
    for text in ("How a budget is made", WORDS, "Generative AI", "100 min", goal, "Reached"):
        assert text in mine
        assert text in file.text
    assert "Taught 1" not in mine
    assert "I will listen" not in mine
    assert file["Content-Disposition"] == 'attachment; filename="what-i-gained.md"'
    assert "Taught 1" in sign_in("bela").get(reverse("exchange:record")).text
    assert "Nothing yet" in sign_in("dov").get(reverse("exchange:record")).text
