"""Addresses that do not exist are noted once, from what the server says of the address alone."""

import smtplib
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contraflow.core.bounces import (
    Returned,
    confirm_address,
    read_bounce,
    refused_for_good,
    returned_addresses,
    take_bounce,
)
from contraflow.core.mail import as_message, queue_mail
from contraflow.core.models import AuditEntry, Bounce, OutgoingMail

PLACE = {"programme": "P", "cohort": "2026", "link": "https://m.example/"}


@pytest.mark.parametrize(
    ("code", "words", "status"),
    [
        (550, b"5.1.1 No such user", "5.1.1"),
        (550, b"5.4.1 Recipient address rejected: Access denied", "5.4.1"),
        (550, b"no such mailbox", "5.1.1"),
        (550, b"5.7.1 Relaying denied", ""),
        (552, b"5.2.2 Mailbox full", ""),
        (554, b"rejected as spam", ""),
        (450, b"4.2.1 Try again later", ""),
    ],
)
def test_only_what_is_said_of_the_address_counts(code, words, status):
    refused = smtplib.SMTPRecipientsRefused({"a@b.org": (code, words)})

    assert refused_for_good(refused) == status
    assert refused_for_good(smtplib.SMTPDataError(550, b"5.1.1 x")) == ""


def report(mail, *, action="failed", status="5.1.1", returns="text/rfc822-headers", to="c@x.org"):
    """A delivery status notification as RFC 3464 describes it, about a mail of the outbox."""
    kind = f'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\nTo: {to}'
    return "\r\n".join([
        "From: MAILER-DAEMON@mx.example.org", "MIME-Version: 1.0", kind, "", "--b",
        "Content-Type: text/plain", "", "It could not be delivered.", "--b",
        "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx.example.org", "",
        f"Final-Recipient: rfc822; {mail.address}", f"Action: {action}", f"Status: {status}",
        "Diagnostic-Code: smtp; 550 No such user", "", "--b", f"Content-Type: {returns}", "",
        f"Message-ID: <contraflow.{mail.code}@localhost>", "Subject: x", "", "--b--", "",
    ]).encode()  # fmt: skip


@pytest.fixture
def mail(cast, django_capture_on_commit_callbacks):
    """A mail to Bela."""
    with django_capture_on_commit_callbacks(execute=True):
        return queue_mail("login_link", to=cast.bela, once="1",
                          values={"link": "https://m.example/", "minutes": 20})  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("returns", ["text/rfc822-headers", "message/rfc822"])
def test_a_returned_mail_marks_its_address_once(mail, cast, returns):
    for _time in range(2):
        told = take_bounce(report(mail, returns=returns))

    assert told == Returned(mail.code, "5.1.1", True)
    bounce = Bounce.objects.get()
    assert (bounce.person_id, bounce.address) == (cast.bela.pk, "bela@example.org")
    assert AuditEntry.objects.get(event="AddressReturned").facts == {
        "person_id": cast.bela.pk, "status": "5.1.1",
    }  # fmt: skip


@pytest.mark.django_db
def test_the_address_of_the_envelope_names_the_mail(mail, settings):
    settings.BOUNCES_TO = "returned@m.example"
    message = as_message(mail)
    assert message.from_email == f"returned+{mail.code}@m.example"
    assert message.message()["From"] == "Contraflow <contraflow@localhost>"

    raw = report(mail, to=message.from_email).replace(b"Message-ID: <contraflow", b"X: <")

    assert read_bounce(raw) == Returned(mail.code, "5.1.1", True)


@pytest.mark.django_db
def test_what_is_no_permanent_report_about_a_mail_of_ours_marks_nothing(mail):
    answer = EmailMessage()
    answer["In-Reply-To"] = f"<contraflow.{mail.code}@localhost>"
    answer.set_content("Status: 5.1.1")

    assert take_bounce(answer.as_bytes()) is None
    assert take_bounce(b"") is None
    assert take_bounce(report(mail).replace(mail.code.encode(), b"guessed")) is None
    assert take_bounce(b" " * 5_000_001) is None
    later = take_bounce(report(mail, action="delayed", status="4.4.1"))
    assert later == Returned(mail.code, "4.4.1", False)
    assert not take_bounce(report(mail, status="5.7.1")).is_permanent
    take_bounce(report(OutgoingMail(code="2345bcdfghjk", address="x@y.org")))
    assert Bounce.objects.count() == 0


@given(st.binary(max_size=400))
def test_nothing_that_arrives_breaks_the_reader(junk):
    start = b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n"

    assert read_bounce(junk) is None
    assert read_bounce(start + b"Content-Type: message/delivery-status\r\n\r\n" + junk) is None


@pytest.mark.django_db
def test_a_refused_address_is_given_up_at_once_and_gets_only_what_is_essential(
    mail, cast, smtp, run_jobs
):
    smtp.unknown = {"bela@example.org"}
    run_jobs()
    mail.refresh_from_db()
    assert (mail.state, mail.attempts) == (OutgoingMail.State.FAILED, 1)
    assert Bounce.objects.get().source == Bounce.Source.REFUSED

    assert queue_mail("programmes.place", to=cast.bela, once="2", values=PLACE) is None
    assert queue_mail("programmes.place", to=cast.ama, once="2", values=PLACE) is not None
    confirm_address(cast.bela, by=cast.chi)
    assert queue_mail("programmes.place", to=cast.bela, once="3", values=PLACE) is not None
    take_bounce(report(mail))
    assert Bounce.objects.open().count() == 1


@pytest.mark.django_db
def test_another_address_is_as_good_as_new(mail, cast):
    take_bounce(report(mail))
    assert returned_addresses([cast.bela, cast.ama]) == {(cast.bela.pk, "bela@example.org")}

    cast.bela.email = "b@example.org"

    assert returned_addresses([cast.bela, cast.ama]) == set()
    assert queue_mail("programmes.place", to=cast.bela, once="2", values=PLACE) is not None
