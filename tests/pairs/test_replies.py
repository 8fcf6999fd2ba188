"""Answers of calendars by mail: who may answer what, in which order, and that nothing breaks."""

import datetime as dt
import io
import sys
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contraflow.cli import main
from contraflow.core.errors import Refusal
from contraflow.core.mail import queue_mail
from contraflow.core.models import Bounce, OutgoingMail
from contraflow.pairs import actions, calendars, diary
from contraflow.pairs.calendars import Method
from contraflow.pairs.models import Session, SessionAnswer
from contraflow.pairs.replies import BadReply, read_reply
from tests.core.test_bounces import report

NOW = dt.datetime(2026, 3, 2, 7, tzinfo=dt.UTC)
SOON = NOW + dt.timedelta(days=3, hours=2)
STAMP = NOW + dt.timedelta(hours=1)


@pytest.fixture
def booked(cast):
    """Ama booked a session with Bela, whom Dov helps."""
    actions.name_assistant(cast.bela, assistant=cast.dov)
    session = cast.pair.sessions.get(number=1)
    return actions.book_session(session, by=cast.ama, starts_at=SOON, at=NOW)


def calendar_of(session, *, attendee, answer="DECLINED", sequence=None, stamp=STAMP, uid=None):
    lines = [
        "BEGIN:VCALENDAR", "PRODID:-//Somebody//EN", "VERSION:2.0", "METHOD:REPLY", "BEGIN:VEVENT",
        f"UID:{uid or session.uid}", f"DTSTAMP:{stamp:%Y%m%dT%H%M%SZ}",
        f"SEQUENCE:{session.sequence if sequence is None else sequence}",
        f"ATTENDEE;PARTSTAT={answer};CN=Somebody:MAILTO:{attendee}",
        "COMMENT:I have an operation", "END:VEVENT", "END:VCALENDAR", "",
    ]  # fmt: skip
    return "\r\n".join(lines)


def mail_with(calendar, sender, method="REPLY"):
    mail = EmailMessage()
    mail["From"], mail["To"] = f"Somebody <{sender}>", "reply@example.org"
    mail.set_content("Declined: Reverse mentoring")
    mail.add_alternative(calendar.encode(), "text", "calendar", params={"method": method})
    return mail.as_bytes()


def answer(session, person, words="DECLINED", *, sender=None, at=STAMP, **said):
    calendar = calendar_of(session, attendee=person.email, answer=words, **said)
    return actions.take_reply(read_reply(mail_with(calendar, sender or person.email)), at=at)


def test_a_decline_tells_the_partner_neutrally_and_offers_other_times(cast, booked):
    OutgoingMail.objects.all().delete()

    assert answer(booked, cast.bela) is True
    # the same mail twice is once
    assert answer(booked, cast.bela) is False

    (mail,) = OutgoingMail.objects.all()
    assert (mail.kind, mail.address) == ("pairs.session_declined", cast.ama.email)
    assert "does not suit Bela" in mail.words["text"]
    assert "operation" not in mail.words["text"]
    assert mail.words["text"].count("2026") == 4  # the date, and three others
    booked.refresh_from_db()
    assert (booked.state, booked.starts_at) == ("booked", SOON)
    shown = diary.answers_to(booked, reader=cast.ama)
    assert shown == [{"words": "It does not suit Bela", "is_no": True}]
    assert diary.answers_to(booked, reader=cast.chi) == []


def test_the_latest_answer_counts_and_only_for_the_date_it_was_given_to(cast, booked):
    later = STAMP + dt.timedelta(minutes=5)
    assert answer(booked, cast.bela, "TENTATIVE") is True
    assert answer(booked, cast.bela, "ACCEPTED", stamp=later, at=later) is True
    # one that took the long way
    assert answer(booked, cast.bela, "DECLINED", at=later) is False
    assert SessionAnswer.objects.get().answer == "accepted"

    moved = actions.move_session(
        Session.objects.get(pk=booked.pk), by=cast.ama,
        starts_at=SOON + dt.timedelta(days=1), at=later,
    )  # fmt: skip

    assert diary.answers_to(moved, reader=cast.ama) == []
    assert answer(booked, cast.bela, "DECLINED", sequence=1, at=later) is False
    assert answer(moved, cast.bela, "ACCEPTED", at=later) is True
    assert diary.answers_to(moved, reader=cast.ama)[0]["words"] == "Bela has accepted"


def test_both_answer_for_themselves_and_an_assistant_for_whom_they_help(cast, booked):
    assert answer(booked, cast.bela, "ACCEPTED", sender=cast.dov.email) is True
    assert answer(booked, cast.ama, "ACCEPTED") is True
    assert set(SessionAnswer.objects.values_list("side", "answer")) == {
        ("mentee", "accepted"), ("mentor", "accepted"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"uid": "session-23456789bcdf@contraflow"}, "No session of ours"),
        ({"uid": "%@contraflow"}, "No session of ours"),
        ({"attendee": "sol@example.org", "sender": "sol@example.org"}, "not one of the two"),
        ({"sender": "ama@example.org"}, "neither from the attendee"),
        ({"sender": "evil@example.net"}, "neither from the attendee"),
        ({"answer": "DELEGATED"}, "neither accepts nor declines"),
        ({"sequence": 9}, "never sent"),
        ({"at": SOON}, "no date to come"),
    ],
)
def test_who_or_what_cannot_be_taken_changes_nothing(cast, booked, said, why):
    said = {"attendee": cast.bela.email, "sender": cast.bela.email, "at": STAMP} | said
    sender, at = said.pop("sender"), said.pop("at")

    with pytest.raises(Refusal, match=why):
        actions.take_reply(read_reply(mail_with(calendar_of(booked, **said), sender)), at=at)

    assert not SessionAnswer.objects.exists()


@pytest.mark.parametrize(
    ("mail", "why"),
    [
        (b"", "no calendar part"),
        (b"From: a@b\n\nHello", "no calendar part"),
        (b"Content-Type: text/calendar\n\nHello", "is no calendar"),
        (b"Content-Type: text/calendar\n\nBEGIN:VCALENDAR\nEND:VCALENDAR", "method is missing"),
        (
            b"Content-Type: text/calendar\n\nBEGIN:VCALENDAR\nMETHOD:REQUEST\nEND:VCALENDAR",
            "method is REQUEST",
        ),
        (
            b"Content-Type: text/calendar\n\nBEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR",
            "exactly one event",
        ),
        (
            b"Content-Type: text/calendar\n\nBEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nUID:1\n"
            b"END:VEVENT\nEND:VCALENDAR",
            "exactly one attendee",
        ),
        (b"x" * ((10 << 20) + 1), "larger than 10 MB"),
    ],
)
def test_a_mail_that_is_no_answer_is_refused_with_a_reason(mail, why):
    with pytest.raises(BadReply, match=why):
        read_reply(mail)


GOOD = mail_with(
    calendar_of(
        None, attendee="bela@example.org", sequence=1, uid="session-23456789bcdf@contraflow"
    ),
    "bela@example.org",
)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_mail_that_was_damaged_is_read_or_refused_and_never_an_error(data):
    mail = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(mail) - 1))
        size = data.draw(st.integers(0, 40))
        mail[place : place + size] = data.draw(st.binary(max_size=20))
        if not mail:
            break
    try:
        reply = read_reply(bytes(mail))
    except BadReply:
        return
    assert isinstance(reply.sequence, int)
    assert reply.stamped_at.tzinfo is not None


def test_an_invitation_asks_for_an_answer_only_where_somebody_reads_it(cast, booked, settings):
    def invitation():
        text = calendars.invitation(
            booked, Method.REQUEST, to=cast.bela, starts_at=SOON, at=NOW, by=cast.ama
        )
        return text.replace("\r\n ", "")

    assert "RSVP=FALSE" in invitation()
    settings.REPLY_ADDRESS = "reply@example.org"
    assert "RSVP=TRUE" in invitation()
    assert "ORGANIZER;CN=Contraflow:mailto:reply@example.org" in invitation()


def test_the_command_takes_a_mail_and_says_in_a_line_what_it_did(cast, booked, monkeypatch, capsys):
    Session.objects.filter(pk=booked.pk).update(starts_at=dt.datetime(2100, 1, 1, tzinfo=dt.UTC))
    good = mail_with(calendar_of(booked, attendee=cast.bela.email), cast.bela.email)

    codes = []
    for mail in (good, good, b"From: spam\n\nBuy!"):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(mail)))
        codes.append(main(["mail-in"]))

    assert codes == [0, 0, 65]
    told = capsys.readouterr()
    assert told.out.splitlines() == [
        "Taken.", "No news: it is older than what stands, or the same."
    ]  # fmt: skip
    assert told.err == "Not taken: it has no calendar part, so it is no answer to an invitation\n"


def test_the_command_takes_a_report_that_a_mail_could_not_be_delivered(cast, monkeypatch, capsys):
    words = {"link": "https://m.example/", "minutes": 20}
    mail = queue_mail("login_link", to=cast.bela, once="1", values=words)
    returned = report(mail)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(returned)))

    assert main(["mail-in"]) == 0

    assert capsys.readouterr().out == "Taken: a report about a mail of ours.\n"
    assert Bounce.objects.get().person_id == cast.bela.pk
