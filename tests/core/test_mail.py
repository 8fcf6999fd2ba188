import datetime as dt
from email import message_from_bytes, policy

import pytest
from django.core import mail as django_mail
from django.db import transaction
from django.utils import timezone

from contraflow.core.jobs import run_job
from contraflow.core.mail import (
    MAX_ATTEMPTS,
    is_held_back,
    look_into_outbox,
    no_mail,
    queue_mail,
    wake_outbox,
)
from contraflow.core.models import Job, OutgoingMail, SealingKey

State = OutgoingMail.State
pytestmark = pytest.mark.django_db
CALENDAR = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Größe\r\nEND:VCALENDAR\r\n"


@pytest.fixture
def write(cast, note, django_capture_on_commit_callbacks):
    """Return a function that writes a mail to Bela as an action does, to the end of its commit."""

    def written(once="1", subject="Welcome", **options):
        values = {"subject": subject, "words": "Good that you are here."}
        with django_capture_on_commit_callbacks(execute=True):
            return queue_mail(note, to=cast.bela, once=once, values=values, **options)

    return written


def ago(**length):
    return timezone.now() - dt.timedelta(**length)


def pause_is_over():
    Job.objects.update(not_before=ago(seconds=1))
    OutgoingMail.objects.update(not_before=ago(seconds=1))


def received(smtp):
    return [message_from_bytes(each.content, policy=policy.default) for each in smtp.accepted]


# -- writing --------------------------------------------------------------------------------------


def test_mail_is_sent_after_the_commit_and_noted(write, run_jobs):
    mail = write(subject="  Two\n lines ")
    assert django_mail.outbox == []

    run_jobs()

    (sent,) = django_mail.outbox
    mail.refresh_from_db()
    assert (sent.to, sent.subject) == (["bela@example.org"], "Two lines")
    assert (mail.state, mail.error, mail.attempts) == (State.SENT, "", 0)
    assert mail.sent_at is not None


def test_mail_of_an_action_that_failed_is_never_written(write, run_jobs):
    @transaction.atomic
    def fail():
        write()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert run_jobs() == []
    assert OutgoingMail.objects.count() == Job.objects.count() == 0


def test_same_cause_writes_one_mail(write, run_jobs):
    assert write(once="invitation:7") is not None
    assert write(once="invitation:7") is None

    run_jobs()

    assert len(django_mail.outbox) == 1


def test_mails_of_one_commit_start_one_job(cast, note, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        for number in range(5):
            queue_mail(note, to=cast.bela, once=f"{number}", values={"subject": "x", "words": "y"})

    assert Job.objects.filter(kind="core.deliver_mails").count() == 1


def test_held_back_mail_is_not_written(write, run_jobs):
    with no_mail():
        assert is_held_back()
        assert write() is None

    assert not is_held_back()
    assert run_jobs() == []


def test_mail_for_later_waits_for_its_moment(write, run_jobs):
    mail = write(not_before=timezone.now() + dt.timedelta(hours=1))

    (job,) = run_jobs()

    assert django_mail.outbox == []
    assert job.state == Job.State.WAITING
    assert abs((job.not_before - mail.not_before).total_seconds()) < 2


# -- a real server --------------------------------------------------------------------------------


def test_server_gets_all_mails_in_the_order_they_were_written(write, smtp, run_jobs):
    for number in range(3):
        write(once=f"{number}", subject=f"Mail {number}")

    run_jobs()

    assert [each["Subject"] for each in received(smtp)] == ["Mail 0", "Mail 1", "Mail 2"]


def test_message_names_itself_and_says_that_no_person_sent_it(write, smtp, run_jobs):
    mail = write()

    run_jobs()

    (message,) = received(smtp)
    assert message["Message-ID"] == f"<contraflow.{mail.code}@localhost>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["From"] == "Contraflow <contraflow@localhost>"


def test_invitation_is_a_part_that_calendars_act_on(write, smtp, run_jobs):
    write(calendar=CALENDAR, method="REQUEST")

    run_jobs()

    (message,) = received(smtp)
    parts = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    assert len(parts) == 1
    assert parts[0].get_param("method") == "REQUEST"
    assert parts[0].get_content_charset() == "utf-8"
    text = parts[0].get_payload(decode=True).decode()
    assert text.splitlines() == CALENDAR.splitlines()
    assert [part.get_filename() for part in message.iter_attachments()] == ["invite.ics"]


def test_refused_mail_is_tried_again_as_the_same_message(write, smtp, run_jobs):
    smtp.refusals = 1
    mail = write()
    run_jobs()
    mail.refresh_from_db()
    assert (mail.state, mail.attempts) == (State.WAITING, 1)
    assert mail.error.startswith("SMTPDataError: (451")
    assert 50 < (mail.not_before - timezone.now()).total_seconds() <= 60

    pause_is_over()
    run_jobs()

    mail.refresh_from_db()
    assert (mail.state, mail.error) == (State.SENT, "")
    assert [each["Message-ID"] for each in received(smtp)] == [
        f"<contraflow.{mail.code}@localhost>"
    ]


def test_mail_after_a_refused_one_is_sent(write, smtp, run_jobs):
    smtp.refusals = 1
    first, second = write(once="1"), write(once="2")

    run_jobs()

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (State.WAITING, State.SENT)


def test_mail_that_is_always_refused_is_given_up(write, smtp, run_jobs):
    smtp.refusals = MAX_ATTEMPTS + 1
    mail = write()

    for _attempt in range(MAX_ATTEMPTS):
        run_jobs()
        pause_is_over()

    mail.refresh_from_db()
    assert (mail.state, mail.attempts) == (State.FAILED, MAX_ATTEMPTS)
    assert run_jobs() == []


def test_server_that_is_away_costs_no_mail_an_attempt(write, smtp, settings, run_jobs):
    settings.EMAIL_PORT = 1
    mails = [write(once="1"), write(once="2")]
    (job,) = run_jobs()
    assert (job.state, job.error) == (Job.State.WAITING, "")
    assert 50 < (job.not_before - timezone.now()).total_seconds() <= 60

    settings.EMAIL_PORT = smtp.port
    pause_is_over()
    run_jobs()

    for mail in mails:
        mail.refresh_from_db()
        assert (mail.state, mail.attempts) == (State.SENT, 0)
    assert len(smtp.accepted) == 2


@pytest.mark.parametrize("fault", ["its key was destroyed", "its address is none"])
def test_mail_that_can_never_be_sent_holds_up_no_other(write, smtp, run_jobs, fault):
    broken = write(once="1")
    if fault == "its key was destroyed":
        SealingKey.objects.all().delete()
    else:
        OutgoingMail.objects.update(address="two\nlines@example.org")
    whole = write(once="2")

    run_jobs()

    broken.refresh_from_db(fields=["state"])  # its words do not open any more
    whole.refresh_from_db()
    assert (broken.state, whole.state) == (State.FAILED, State.SENT)
    assert len(smtp.accepted) == 1


# -- two workers, and what a kill left behind -----------------------------------------------------


def test_mail_another_worker_is_sending_is_left_alone(write, run_jobs):
    mail = write()
    OutgoingMail.objects.update(not_before=timezone.now() + dt.timedelta(minutes=10))

    run_jobs()

    mail.refresh_from_db()
    assert (mail.state, django_mail.outbox) == (State.WAITING, [])


def test_claim_lasts_longer_than_a_slow_server(write, run_jobs, settings, monkeypatch):
    """A worker that dies inside `send` leaves the mail claimed for 30 time-outs."""
    settings.EMAIL_TIMEOUT = 20
    mail = write()

    def die(self, *args):
        raise SystemExit

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", die)
    with pytest.raises(SystemExit):
        run_job(Job.objects.get().pk, heartbeat=False)

    mail.refresh_from_db()
    assert 590 < (mail.not_before - timezone.now()).total_seconds() <= 600


@pytest.mark.parametrize(
    ("job", "jobs"),
    [
        pytest.param(None, 1, id="none"),
        pytest.param({"state": "waiting"}, 1, id="waiting"),
        pytest.param({"state": "running"}, 1, id="running"),
        pytest.param({"state": "done"}, 2, id="done"),
        pytest.param({"state": "failed", "seconds": 30}, 1, id="has just failed"),
        pytest.param({"state": "failed", "seconds": 90}, 2, id="failed a while ago"),
    ],
)
def test_upkeep_starts_the_job_a_kill_has_lost(write, job, jobs):
    write()
    if job is None:
        Job.objects.all().delete()
    else:
        ended = ago(seconds=job.pop("seconds", 0))
        Job.objects.update(ended_at=ended, **job)

    look_into_outbox()

    assert Job.objects.count() == jobs


def test_upkeep_starts_nothing_for_an_empty_outbox(db):
    look_into_outbox()

    assert Job.objects.count() == 0


def test_new_mail_ends_the_pause_of_the_outbox(write, smtp, settings, run_jobs):
    settings.EMAIL_PORT = 1
    write(once="1")
    run_jobs()
    settings.EMAIL_PORT = smtp.port

    wake_outbox()
    run_jobs()

    assert len(smtp.accepted) == 1
