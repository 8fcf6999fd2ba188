"""Notes: for both or for oneself alone, sealed for whoever may read them."""

import pytest
from django.urls import reverse

from contraflow.core.models import SealingKey
from contraflow.exchange import actions
from contraflow.exchange.models import Note, NoteWords
from contraflow.exchange.queries import notes_of
from contraflow.pairs.actions import end_pair

OURS, MINE = "The link to the budget tool", "She seemed tired today"


@pytest.fixture
def url(cast):
    return reverse("exchange:notes", args=[cast.pair.code])


def texts(pair, reader):
    return [each["text"] for each in notes_of(pair, reader=reader)]


def key_owner(note):
    value = NoteWords.objects.values_list("text", flat=True).get(pk=note.pk)
    return SealingKey.objects.get(pk=value.key_id).owner


def test_a_note_for_both_is_read_by_both_and_one_for_oneself_by_nobody_else(sign_in, cast, url):
    ama = sign_in("ama")
    assert ama.post(url, {"text": OURS, "readers": "ours"}).status_code == 302
    assert ama.post(url, {"text": MINE, "readers": "mine"}).status_code == 302

    assert texts(cast.pair, cast.ama) == [MINE, OURS]
    assert texts(cast.pair, cast.bela) == [OURS]
    assert MINE not in sign_in("bela").get(url).text
    assert MINE in sign_in("ama").get(url).text


def test_a_note_is_sealed_with_the_key_of_whoever_reads_it(cast):
    ours = actions.write_note(cast.pair, by=cast.ama, text=OURS)
    mine = actions.write_note(cast.pair, by=cast.ama, text=MINE, is_private=True)

    assert key_owner(ours) == f"pair:{cast.pair.pk}"
    assert key_owner(mine) == f"person:{cast.ama.pk}"

    actions.change_note(mine, by=cast.ama, text=MINE, is_private=False)
    actions.change_note(ours, by=cast.ama, text=OURS, is_private=True)

    assert key_owner(mine) == f"pair:{cast.pair.pk}"
    assert key_owner(ours) == f"person:{cast.ama.pk}"
    assert texts(cast.pair, cast.bela) == [MINE]


def test_only_its_author_changes_a_note_or_takes_it_away(sign_in, cast):
    note = actions.write_note(cast.pair, by=cast.ama, text=OURS)
    private = actions.write_note(cast.pair, by=cast.ama, text=MINE, is_private=True)
    path = reverse("exchange:note-change", args=[note.code])
    hidden = reverse("exchange:note-change", args=[private.code])
    sent = {"verb": "change", f"{note.code}-text": "Better", f"{note.code}-readers": "ours"}

    assert sign_in("bela").post(path, sent).status_code == 403
    assert sign_in("bela").post(hidden, {"verb": "forget"}).status_code == 404
    assert sign_in("ama").post(path, sent).status_code == 302
    assert texts(cast.pair, cast.bela) == ["Better"]
    assert sign_in("ama").post(path, {"verb": "forget"}).status_code == 302
    assert texts(cast.pair, cast.ama) == [MINE]
    assert NoteWords.objects.count() == 1


def test_a_change_that_is_not_right_comes_back_with_what_was_written(sign_in, cast):
    note = actions.write_note(cast.pair, by=cast.ama, text=OURS)
    path = reverse("exchange:note-change", args=[note.code])

    answer = sign_in("ama").post(
        path, {"verb": "change", f"{note.code}-text": "x" * 10_001, f"{note.code}-readers": "ours"}
    )

    assert answer.status_code == 422
    assert "at most 10000 characters" in answer.text.replace(",", "")
    assert texts(cast.pair, cast.ama) == [OURS]


def test_a_note_about_a_session_stands_beside_it(sign_in, cast, url):
    session = cast.pair.sessions.first()
    sign_in("ama").post(url, {"text": OURS, "readers": "ours", "session": session.number})
    actions.write_note(cast.pair, by=cast.ama, text=MINE, session=session, is_private=True)

    assert OURS in sign_in("bela").get(session.get_absolute_url()).text
    assert MINE not in sign_in("bela").get(session.get_absolute_url()).text
    for words in (OURS, MINE):
        assert words in sign_in("ama").get(session.get_absolute_url()).text
        assert words not in sign_in("chi").get(session.get_absolute_url()).text


@pytest.mark.parametrize("session", ["99", "x", "0"])
def test_a_session_that_is_not_theirs_is_refused(sign_in, cast, url, session):
    sent = {"text": OURS, "readers": "ours", "session": session}

    assert sign_in("ama").post(url, sent).status_code == 422
    assert not Note.objects.exists()


def test_a_double_click_notes_once(cast):
    for _ in range(2):
        actions.write_note(cast.pair, by=cast.ama, text=OURS)

    assert texts(cast.pair, cast.ama) == [OURS]


def test_after_the_end_notes_are_read_and_no_longer_written(sign_in, cast, url):
    note = actions.write_note(cast.pair, by=cast.ama, text=OURS)
    end_pair(cast.pair, by=None)

    page = sign_in("ama").get(url)

    assert OURS in page.text
    assert "<textarea" not in page.text
    assert sign_in("ama").post(url, {"text": MINE, "readers": "ours"}).status_code == 409
    path = reverse("exchange:note-change", args=[note.code])
    assert sign_in("ama").post(path, {"verb": "forget"}).status_code == 302


@pytest.mark.parametrize("count", [1, 12])
def test_notes_cost_the_same_for_any_number(
    sign_in, cast, url, count, django_assert_max_num_queries
):
    for n in range(count):
        actions.write_note(cast.pair, by=cast.ama, text=f"Note {n}", is_private=bool(n % 2))
    client = sign_in("bela")
    client.get(url)

    with django_assert_max_num_queries(15):
        client.get(url)
