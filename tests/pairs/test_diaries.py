"""Assistants: they set dates for whoever named them, and see nothing else whatever they try."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from contraflow.core.errors import Refusal
from contraflow.core.models import AuditEntry, OutgoingMail
from contraflow.home.today import cards_for
from contraflow.pairs import actions, diary, queries
from contraflow.pairs.models import Assistant, Session, SessionChange
from contraflow.pairs.urls import urlpatterns
from tests.conftest import make_pair, make_person
from tests.pairs.test_doors import DATE, PLAN, POSTS, WORDS, lived, seen_state

__all__ = ["lived"]
DOORS = {
    "appointment-book": ("planned", DATE | {"minutes": "50"}, "booked"),
    "appointment-move": ("booked", DATE, "moved"),
    "appointment-cancel": ("booked", {}, "planned"),
}


@pytest.fixture
def row(cast):
    """Dov keeps Bela's diary."""
    return actions.name_assistant(cast.bela, assistant=cast.dov)


@pytest.mark.parametrize("door", DOORS)
def test_an_assistant_sets_dates_and_both_read_who_did_it_for_whom(sign_in, cast, lived, row, door):
    which, sent, afterwards = DOORS[door]
    OutgoingMail.objects.all().delete()

    answer = sign_in("dov").post(reverse(f"pairs:{door}", args=[lived[which].code]), sent)

    assert answer.url == reverse("pairs:diary")
    assert seen_state(lived[which]) == afterwards
    change = SessionChange.objects.latest("pk")
    assert (change.side, change.helper) == ("mentee", cast.dov)
    entry = AuditEntry.objects.exclude(event="DataRead").latest("pk")
    assert (entry.by_id, entry.facts["for_id"]) == (cast.dov.pk, cast.bela.pk)
    told = {mail.address: mail.words["text"] for mail in OutgoingMail.objects.all()}
    assert told.keys() == {cast.ama.email, cast.bela.email}
    assert "Dov" in told[cast.bela.email]
    assert "for you" in told[cast.bela.email]
    assert "for Bela" in told[cast.ama.email]
    what = queries.changes_of(cast.pair, reader=cast.ama)[0]["what"]
    assert what.startswith("Bela ")
    assert what.endswith("(done by Dov)")


@pytest.mark.slow
def test_an_assistant_sees_times_places_names_and_states_and_nothing_else(
    sign_in, cast, lived, row
):
    client = sign_in("dov")
    pages = [reverse("pairs:diary"), reverse("home:today")]
    pages += [reverse("pairs:appointment", args=[session.code]) for session in lived.values()]
    for url in pages:
        answer = client.get(url)
        assert answer.status_code == 200
        assert not any(word in answer.text for word in WORDS + PLAN), url
        assert cast.pair.get_absolute_url() not in answer.text
        assert f'"{lived["booked"].get_absolute_url()}' not in answer.text

    shown = client.get(pages[-2]).text
    assert "Ama and Bela" in shown
    assert lived["booked"].video_link in shown
    own = {"appointment", *DOORS, "assistant-remove"}
    for pattern in urlpatterns:
        if not pattern.pattern.converters or pattern.name in own | {"feed"}:
            continue
        code = lived["held"].code if "session" in pattern.name else cast.pair.code
        url = reverse(f"pairs:{pattern.name}", args=[code])
        assert client.get(url).status_code in {404, 405}, pattern.name
    assert client.get(reverse("pairs:list", args=[cast.cohort.code])).status_code == 404
    assert client.get(reverse("programmes:cohort", args=[cast.cohort.code])).status_code == 404
    for door, (which, sent, _then) in POSTS.items():
        url = reverse(f"pairs:{door}", args=[lived[which].code])
        assert client.post(url, sent).status_code == 404


@pytest.mark.parametrize(
    "names",
    [
        ["ama", "bela", "chi", "nobody"],
        pytest.param(["cleo", "sol", "tru", "root"], marks=pytest.mark.slow),
    ],
)
def test_nobody_else_opens_an_appointment(sign_in, cast, lived, row, names):
    before = {which: seen_state(session) for which, session in lived.items()}
    for name in names:
        status = 302 if name == "nobody" else 404
        client = sign_in(name)
        for door, (which, sent, _then) in DOORS.items():
            url = reverse(f"pairs:{door}", args=[lived[which].code])
            assert client.post(url, sent).status_code == status, (name, door)
        url = reverse("pairs:appointment", args=[lived["booked"].code])
        assert client.get(url).status_code == status
    assert {which: seen_state(session) for which, session in lived.items()} == before


@pytest.mark.parametrize("who", ["bela", pytest.param("dov", marks=pytest.mark.slow)])
def test_a_diary_is_taken_back_in_one_press_and_closes_at_once(sign_in, cast, lived, row, who):
    url = reverse("pairs:assistant-remove", args=[row.code])
    for name in ("ama", "chi", "cleo", "nobody"):
        assert sign_in(name).post(url).status_code == (302 if name == "nobody" else 404)
    assert sign_in("dov").get(reverse("pairs:diary")).text.count("Move or cancel") == 1

    assert sign_in(who).post(url).status_code == 302

    assert not Assistant.objects.exists()
    client = sign_in("dov")
    assert "You keep nobody" in client.get(reverse("pairs:diary")).text
    code = lived["booked"].code
    for door, sent in (("appointment-cancel", {}), ("appointment-move", DATE)):
        assert client.post(reverse(f"pairs:{door}", args=[code]), sent).status_code == 404
    with pytest.raises(Refusal, match="keeps their diary"):
        actions.cancel_session(Session.objects.get(code=code), by=cast.dov)


def test_a_person_names_three_people_at_most_each_once(sign_in, cast):
    url, client = reverse("pairs:assistants"), sign_in("ama")
    gone = make_person("Gone", left_on=timezone.localdate())
    for person, told in (
        (cast.ama.email, "keep your own diary"),
        (cast.bela.email, "is your partner"),
        (gone.email, "Nobody here has this address"),
        ("no address", "valid email"),
    ):
        answer = client.post(url, {"email": person})
        assert answer.status_code == 422
        assert told in answer.text
    for name in ("dov", "dov", "sol", "tru"):
        client.post(url, {"email": getattr(cast, name).email.upper()})
    assert Assistant.objects.count() == 3
    assert "Three people" in client.post(url, {"email": cast.root.email}).text
    # each is told once
    assert OutgoingMail.objects.filter(kind="pairs.assistant_named").count() == 3
    for _twice in range(2):
        actions.name_assistant(cast.ama, assistant=cast.dov)
    assert Assistant.objects.count() == 3


def test_nobody_keeps_their_own_diary_and_taking_it_back_twice_is_told_once(cast, row):
    with pytest.raises(Refusal, match="keep your own diary"):
        actions.name_assistant(cast.ama, assistant=cast.ama)
    for _twice in range(2):
        actions.remove_assistant(row, by=cast.bela)

    assert not Assistant.objects.exists()
    assert AuditEntry.objects.filter(event="AssistantRemoved").count() == 1


def test_the_diary_of_both_needs_two_queries_however_many_pairs(
    cast, row, django_assert_num_queries
):
    for _ in range(5):
        make_pair(cast.cohort, mentee=cast.bela)

    with django_assert_num_queries(2):
        (kept,) = diary.diaries_kept_by(cast.dov)

    assert (len(kept.to_book), len(kept.booked)) == (6, 0)
    (card,) = cards_for(cast.dov, now=timezone.now())
    assert (card.title, card.text) == (
        "You keep the diary of Bela", "6 sessions need a date."
    )  # fmt: skip


def test_an_assistant_cannot_say_whether_a_session_was_held(cast, lived, row):
    with pytest.raises(Refusal, match="say whether they met"):
        actions.record_held(lived["begun"], by=cast.dov)
    with pytest.raises(Refusal, match="This time has passed"):
        actions.book_session(
            lived["planned"], by=cast.dov, starts_at=timezone.now() - dt.timedelta(days=1)
        )
