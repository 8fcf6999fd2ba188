"""A mail whose sender is killed arrives; where it arrives twice, mailboxes see one."""

from email import message_from_bytes

from contraflow.core.mail import queue_mail
from contraflow.core.models import OutgoingMail
from tests.conftest import make_person
from tests.faults.harness import BEFORE_NOTED_AS_SENT, wait_for


def write_mail(once="invitation:1"):
    words = {"link": "https://m.example/", "minutes": 20}
    return queue_mail("login_link", to=make_person("Bela"), once=once, values=words)


def sent(mail):
    mail.refresh_from_db()
    return mail.state == OutgoingMail.State.SENT


def message_ids(mailbox):
    return [message_from_bytes(each.content)["Message-ID"] for each in mailbox.accepted]


def test_mail_of_a_worker_killed_before_it_sent_arrives_once(stage, mailbox):
    mail = write_mail()
    worker = stage.start_worker(pause_at=r'^UPDATE "core_outgoingmail" SET "not_before"')
    worker.wait_until_paused()

    worker.kill()
    stage.start_worker()

    wait_for(lambda: sent(mail), "the mail was not sent")
    assert len(mailbox.accepted) == 1


def test_mail_of_a_worker_killed_after_it_sent_comes_again_as_the_same_message(stage, mailbox):
    mail = write_mail()
    worker = stage.start_worker(pause_at=BEFORE_NOTED_AS_SENT)
    worker.wait_until_paused()
    assert len(mailbox.accepted) == 1

    worker.kill()
    stage.start_worker()

    wait_for(lambda: sent(mail), "the mail was not sent")
    first, second = message_ids(mailbox)
    assert first == second == f"<contraflow.{mail.code}@localhost>"


def test_outbox_waits_for_a_server_that_is_away(stage, mailbox):
    mail = write_mail()
    worker = stage.start("work", CONTRAFLOW_SMTP_PORT="1")
    wait_for(lambda: "cannot be reached" in worker.said(), worker.said)
    assert worker.stop() == 0
    mail.refresh_from_db()
    assert (mail.state, mail.attempts) == (OutgoingMail.State.WAITING, 0)

    stage.start_worker()
    write_mail(once="invitation:2")  # a new mail has the outbox looked into at once

    wait_for(lambda: sent(mail), "the mail was not sent")
    wait_for(lambda: len(mailbox.accepted) == 2, "the second was not sent")
