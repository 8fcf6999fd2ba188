"""Messages: for the two alone, told without their words, unread until they are read."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from contraflow.core.errors import Refusal
from contraflow.core.mail import wake_outbox
from contraflow.core.models import AuditEntry, Notice, OutgoingMail
from contraflow.exchange import actions
from contraflow.exchange.mails import KIND
from contraflow.exchange.models import Message, MessageWords, ReadMark
from contraflow.exchange.queries import pairs_with_unread, thread_of, unread
from contraflow.exchange.rules import MAX_MESSAGE
from contraflow.pairs.actions import ask_to_end, come_true, end_pair
from tests.conftest import make_pair

WORDS = "Shall we talk about the town hall"


@pytest.fixture
def url(cast):
    return reverse("exchange:messages", args=[cast.pair.code])


def send(cast, who="ama", text=WORDS, minutes_ago=0):
    at = timezone.now() - dt.timedelta(minutes=minutes_ago)
    return actions.send_message(cast.pair, by=getattr(cast, who), text=text, at=at)


def texts(pair, reader):
    return [each["text"] for each in thread_of(pair, reader=reader).messages]


def test_what_one_sends_the_other_reads(sign_in, cast, url):
    assert sign_in("ama").post(url, {"text": WORDS}).status_code == 302

    for name in ("ama", "bela"):
        assert WORDS in sign_in(name).get(url).text
    assert Message.objects.get().side == "mentor"


def test_a_message_is_new_until_it_was_read(sign_in, cast, url):
    send(cast)
    assert [pair for pair, _count in pairs_with_unread(cast.bela)] == [cast.pair]
    assert "1 message from Ama" in sign_in("bela").get("/").text

    assert "1 new message" in sign_in("bela").get(url).text

    assert "new message" not in sign_in("bela").get(url).text
    assert pairs_with_unread(cast.bela) == []
    assert pairs_with_unread(cast.ama) == []


def test_nobody_learns_how_far_the_partner_has_read(sign_in, cast, url):
    send(cast)
    before = sign_in("ama").get(url).text
    sign_in("bela").get(url)

    assert sign_in("ama").get(url).text.count("csrf") == before.count("csrf")
    assert ReadMark.objects.visible_to(cast.ama).get().side == "mentor"


def test_reading_earlier_pages_leaves_what_is_new_unread(sign_in, cast, url):
    first = send(cast, minutes_ago=2)
    send(cast, text="More")

    sign_in("bela").get(url, {"before": Message.objects.last().code})

    assert unread(cast.pair, cast.bela).count() == 2
    assert first.code in sign_in("bela").get(url).text


def test_an_older_window_does_not_make_read_messages_new(cast):
    send(cast, minutes_ago=2)
    latest = send(cast, text="More")
    actions.mark_read(cast.pair, by=cast.bela, up_to=latest.pk)

    actions.mark_read(cast.pair, by=cast.bela, up_to=latest.pk - 1)

    assert not unread(cast.pair, cast.bela).exists()


@pytest.mark.parametrize("count", [49, 50, 51, 120])
def test_long_threads_are_shown_in_pages_and_whole_to_print(sign_in, cast, url, count):
    rows = Message.objects.bulk_create(Message(pair=cast.pair, side="mentor") for _ in range(count))
    MessageWords.objects.bulk_create(
        MessageWords(message=row, text=f"message {n}.") for n, row in enumerate(rows)
    )
    client = sign_in("bela")
    seen, page = [], client.get(url)

    assert ("Earlier messages" in page.text) == (count > 50)
    whole = client.get(url, {"all": ""}).text
    assert [f"message {n}." in whole for n in range(count)] == [True] * count
    thread = thread_of(cast.pair, reader=cast.bela)
    while True:
        seen = [each["text"] for each in thread.messages] + seen
        if not thread.earlier_than:
            break
        thread = thread_of(cast.pair, reader=cast.bela, before=thread.earlier_than)
    assert seen == [f"message {n}." for n in range(count)]


@pytest.mark.parametrize("count", [1, 40])
def test_a_thread_costs_the_same_for_any_number(
    sign_in, cast, url, count, django_assert_max_num_queries
):
    for n in range(count):
        send(cast, text=f"Message {n}")
    client = sign_in("bela")
    client.get(url)

    with django_assert_max_num_queries(16):
        client.get(url)


# -- how it is told -----------------------------------------------------------------------------


def waiting():
    return OutgoingMail.objects.filter(kind="exchange.message_waits")


def test_the_mail_and_the_bell_do_not_say_what_it_says(cast, sign_in):
    send(cast)

    mail = waiting().get()
    assert mail.to_id == cast.bela.pk
    assert mail.words["subject"] == "Ama wrote to you"
    assert "town hall" not in str(mail.words)
    assert "Ama wrote to you." in sign_in("bela").get(reverse("people:notices")).text


def test_many_messages_that_wait_are_told_once(cast):
    for n in range(3):
        send(cast, text=f"Message {n}")

    assert waiting().count() == 1
    assert Notice.objects.filter(for_id=cast.bela.pk).count() == 1


def test_who_has_read_is_told_of_the_next(cast):
    first = send(cast, minutes_ago=1)
    actions.mark_read(cast.pair, by=cast.bela, up_to=first.pk)

    send(cast, text="And this")

    assert waiting().count() == 2


@pytest.mark.usefixtures("never_quiet")
@pytest.mark.parametrize(
    ("meanwhile", "arrives"), [("nothing", 1), ("read", 0), ("taken back", 0), ("answered", 0)]
)
def test_who_reads_at_once_gets_no_mail(cast, run_jobs, mailoutbox, meanwhile, arrives):
    message = send(cast, minutes_ago=0)
    if meanwhile == "read":
        actions.mark_read(cast.pair, by=cast.bela, up_to=message.pk)
    elif meanwhile == "taken back":
        actions.take_back(message, by=cast.ama)
    elif meanwhile == "answered":
        send(cast, "bela", "Yes")
        waiting().exclude(to_id=cast.bela.pk).delete()
    waiting().update(not_before=timezone.now())

    wake_outbox()
    run_jobs()

    assert [mail.to for mail in mailoutbox] == [["bela@example.org"]] * arrives


# -- what is refused ----------------------------------------------------------------------------


def test_a_double_click_sends_once_and_a_repeated_yes_twice(cast):
    send(cast, text="Yes", minutes_ago=1)
    send(cast, text="Yes")
    send(cast, text="Yes")

    assert texts(cast.pair, cast.bela) == ["Yes", "Yes"]


@pytest.mark.parametrize("text", ["", "   ", "x" * (MAX_MESSAGE + 1)])
def test_nothing_and_too_much_come_back_with_what_was_written(sign_in, cast, url, text):
    answer = sign_in("ama").post(url, {"text": text})

    assert answer.status_code == 422
    assert text.strip() in answer.text
    assert not Message.objects.exists()
    with pytest.raises(Refusal, match="At most 4,000 characters"):
        send(cast, text="x" * (MAX_MESSAGE + 1))


def test_a_pair_that_ended_reads_and_writes_no_more(sign_in, cast, url):
    send(cast)
    end_pair(cast.pair, by=None)

    page = sign_in("ama").get(url)

    assert WORDS in page.text
    assert "This pair ended on" in page.text
    assert "<textarea" not in page.text
    assert sign_in("ama").post(url, {"text": "Still there?"}).status_code == 409


def test_only_its_author_takes_a_message_back_and_only_for_ten_minutes(sign_in, cast):
    message = send(cast)
    old = send(cast, text="Older", minutes_ago=11)
    path = reverse("exchange:message-take-back", args=[message.code])

    assert sign_in("bela").post(path).status_code == 403
    assert sign_in("ama").post(path).status_code == 302
    assert sign_in("ama").post(path).status_code == 409

    assert WORDS not in sign_in("bela").get(cast.pair.get_absolute_url() + "messages/").text
    assert "Taken back." in sign_in("bela").get(message.get_absolute_url()).text
    assert MessageWords.objects.get().message == old
    with pytest.raises(Refusal, match="within ten minutes"):
        actions.take_back(old, by=cast.ama)
    assert AuditEntry.objects.filter(event="MessageTakenBack").count() == 1


def test_threads_of_two_pairs_of_one_person_stay_apart(cast):
    other = make_pair(cast.cohort, mentor=cast.ama)
    send(cast)
    actions.send_message(other, by=other.mentee, text="Another matter")

    assert texts(cast.pair, cast.ama) == [WORDS]
    assert texts(other, cast.ama) == ["Another matter"]
    assert [pair for pair, _count in pairs_with_unread(cast.ama)] == [other]


def test_markup_in_a_message_is_text(sign_in, cast, url):
    send(cast, text="<script>alert(1)</script> see https://example.org/a?b=1&c=2")

    page = sign_in("bela").get(url).text

    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert 'href="https://example.org/a?b=1&amp;c=2"' in page


def test_what_the_partner_writes_never_reaches_who_has_left(sign_in, cast, url):
    end_soon = ask_to_end(cast.pair, by=cast.ama)
    send(cast, "bela", "Are you there?")

    assert not OutgoingMail.objects.filter(to_id=cast.ama.pk, kind=KIND).exists()
    assert not Notice.objects.filter(for_id=cast.ama.pk, kind=KIND).exists()
    for page in (url, cast.pair.get_absolute_url(), "/"):
        assert "Are you there?" not in sign_in("ama").get(page).text
        assert "1 message from" not in sign_in("ama").get(page).text
    assert "Are you there?" in sign_in("bela").get(url).text

    come_true(at=end_soon.tells_at)

    # it lies in what both can read afterwards, and knocks at nobody's door
    assert "1 message from" not in sign_in("ama").get("/").text
