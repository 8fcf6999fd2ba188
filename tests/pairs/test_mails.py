"""Invitations as they arrive at a mail server, not as they were meant."""

import datetime as dt
import email
import email.policy
import socket

import pytest
from aiosmtpd.controller import Controller
from icalendar import Calendar

from contraflow.core.models import OutgoingMail
from contraflow.pairs import actions, mails

NOW = dt.datetime(2026, 3, 20, 9, 0, tzinfo=dt.UTC)
# 10:00 in Berlin in winter, two days later 10:00 there in summer
WINTER = dt.datetime(2026, 3, 28, 9, 0, tzinfo=dt.UTC)
SUMMER = dt.datetime(2026, 3, 30, 8, 0, tzinfo=dt.UTC)


class Mailbox:
    """Keep every message that arrives, as bytes."""

    def __init__(self):
        self.arrived = []

    async def handle_DATA(self, server, session, envelope):
        self.arrived.append((envelope.rcpt_tos, envelope.content))
        return "250 kept"


@pytest.fixture
def smtp(settings):
    mailbox = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = port
    yield mailbox
    controller.stop()


@pytest.fixture
def session(cast):
    cast.ama.name, cast.ama.time_zone = 'Amá "Zoë" Łuksić', "Europe/Berlin"
    cast.bela.time_zone = "Asia/Kolkata"
    cast.ama.save()
    cast.bela.save()
    return cast.pair.sessions.get(number=1)


def arrived(smtp, person):
    """Return the messages to a person, parsed, each with its text and its event."""
    found = []
    for recipients, content in smtp.arrived:
        if recipients == [person.email]:
            message = email.message_from_bytes(content, policy=email.policy.default)
            parts = {part.get_content_type(): part for part in message.walk()}
            found.append((message, parts))
    return found


def event_of(parts):
    calendar = Calendar.from_ical(parts["text/calendar"].get_content())
    (event,) = calendar.walk("VEVENT")
    return calendar, event


@pytest.mark.django_db(transaction=True)
def test_a_calendar_gets_a_request_an_update_and_a_cancellation(cast, session, smtp, run_jobs):
    actions.book_session(session, by=cast.bela, starts_at=WINTER, at=NOW)
    actions.move_session(session, by=cast.ama, starts_at=SUMMER, at=NOW)
    actions.cancel_session(session, by=cast.bela, at=NOW)
    run_jobs()

    for person in (cast.ama, cast.bela):
        told = [event_of(parts) for _message, parts in arrived(smtp, person)]
        assert [str(calendar["METHOD"]) for calendar, _event in told] == [
            "REQUEST", "REQUEST", "CANCEL",
        ]  # fmt: skip
        assert [event["SEQUENCE"] for _calendar, event in told] == [1, 2, 3]
        assert {str(event["UID"]) for _calendar, event in told} == {session.uid}
        assert [event["DTSTART"].dt for _calendar, event in told] == [WINTER, SUMMER, SUMMER]
    partner = event_of(arrived(smtp, cast.bela)[0][1])[1]["SUMMARY"]
    assert partner == 'Reverse mentoring with Amá "Zoë" Łuksić'


@pytest.mark.django_db(transaction=True)
def test_an_invitation_is_built_as_mail_programmes_expect_it(cast, session, smtp, run_jobs):
    actions.book_session(session, by=cast.bela, starts_at=WINTER, at=NOW)
    run_jobs()

    ((message, parts),) = arrived(smtp, cast.bela)
    assert message["Subject"].strip() == (
        'Reverse mentoring with Amá "Zoë" Łuksić: Saturday 28 March 2026, 14:30 (Asia/Kolkata)'
    )
    assert set(parts) == {
        "multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar",
        "application/ics",
    }  # fmt: skip
    alternatives = [part.get_content_type() for part in parts["multipart/alternative"].iter_parts()]
    # the calendar comes last: it is the richest of the three (RFC 2046)
    assert alternatives == ["text/plain", "text/html", "text/calendar"]
    shown = parts["text/calendar"]
    assert shown["Content-Type"].params == {"method": "REQUEST", "charset": "utf-8"}
    # twice would be a defect that some servers refuse; parsing alone would hide it
    header = smtp.arrived[0][1].split(b"text/calendar")[1].split(b"\r\n\r\n")[0]
    assert header.count(b"charset") == 1
    attached = parts["application/ics"]
    assert attached.get_filename() == "invite.ics"
    assert Calendar.from_ical(attached.get_content()) == Calendar.from_ical(shown.get_content())


@pytest.mark.django_db(transaction=True)
def test_each_reads_the_time_in_their_own_hours_and_no_topic(cast, session, smtp, run_jobs):
    actions.book_session(session, by=cast.bela, starts_at=WINTER, at=NOW)
    actions.move_session(session, by=cast.bela, starts_at=SUMMER, at=NOW)
    run_jobs()

    texts = {
        person: [parts["text/plain"].get_content() for _message, parts in arrived(smtp, person)]
        for person in (cast.ama, cast.bela)
    }
    booked, moved = texts[cast.ama]
    assert "Saturday 28 March 2026, 10:00 (Europe/Berlin), 50 min" in booked
    assert "Bela set this date." in booked
    assert "Monday 30 March 2026, 10:00 (Europe/Berlin), 50 min" in moved
    assert "It was Saturday 28 March 2026, 10:00 (Europe/Berlin). Bela moved it." in moved
    booked, moved = texts[cast.bela]
    assert "Saturday 28 March 2026, 14:30 (Asia/Kolkata)" in booked
    assert "You set this date." in booked
    assert "Monday 30 March 2026, 13:30 (Asia/Kolkata)" in moved
    # assistants read mails and calendars: not a word of the plan
    assert not any(b"Topic 1" in content for _to, content in smtp.arrived)


def test_the_same_change_is_mailed_once(cast, session):
    actions.book_session(session, by=cast.bela, starts_at=WINTER, at=NOW)
    mails.send_invitations(session, by=cast.bela, at=NOW)

    assert OutgoingMail.objects.filter(kind="pairs.session_booked").count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("pattern", ["https://meet.example.org/{code}", ""])
def test_the_mail_says_where_if_there_is_a_video_room(session, smtp, run_jobs, settings, pattern):
    settings.VIDEO_LINK_PATTERN = pattern
    mentor, leader = session.pair.mentor, session.pair.mentee
    actions.book_session(session, by=leader, starts_at=WINTER, at=NOW)
    run_jobs()

    ((_message, parts),) = arrived(smtp, mentor)
    text = parts["text/plain"].get_content()
    assert ("Where: https://meet.example.org/" in text) is bool(pattern)
    assert ("Where" in text + parts["text/html"].get_content()) is bool(pattern)
