"""Nobody gets what they do not want, or at an hour at which they rest."""

import datetime as dt
import zoneinfo
from email import message_from_bytes, policy

import pytest
from django.core import mail as django_mail
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from contraflow.core import letters, mail
from contraflow.core.letters import Care, MailKind, register
from contraflow.core.mail import as_message, queue_mail, queue_mails
from contraflow.core.mail_choices import choose, next_digest, next_open, plan_of, read_token
from contraflow.core.models import AuditEntry, MailChoice, OutgoingMail

State, How = OutgoingMail.State, MailChoice.How
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from(
    [zoneinfo.ZoneInfo(name) for name in (
        "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Australia/Lord_Howe",
        "Pacific/Kiritimati", "America/St_Johns", "Asia/Gaza",
    )]
)  # fmt: skip
MOMENTS = st.datetimes(dt.datetime(2024, 1, 1), dt.datetime(2030, 1, 1), timezones=st.just(dt.UTC))
MONDAY_NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=BERLIN)


@given(MOMENTS, ZONES)
def test_nothing_comes_in_quiet_hours_and_nothing_waits_longer_than_a_weekend(at, zone):
    opens = next_open(at, zone)
    local = opens.astimezone(zone)

    assert local.weekday() < 5
    assert dt.time(7) <= local.time() < dt.time(20)
    assert at <= opens <= at + dt.timedelta(days=2, hours=13)
    assert next_open(opens, zone) == opens
    daily, weekly = next_digest(at, zone, How.DAILY), next_digest(at, zone, How.WEEKLY)
    assert at < daily <= weekly <= at + dt.timedelta(days=8)
    for digest in (daily, weekly):
        assert digest.astimezone(zone).time() == dt.time(7)
    assert weekly.astimezone(zone).weekday() == 0


USUAL = MailKind(id="test.usual", name="Usual", sent="Now and then.", to="you", subject="News {n}",
                 text="# News {n}\n\nThis is number {n}.")  # fmt: skip


@pytest.fixture(autouse=True)
def kinds(monkeypatch):
    monkeypatch.setattr(letters, "_kinds", {})
    for care in (Care.ESSENTIAL, Care.URGENT):
        name = f"test.{care.name.lower()}"
        register(MailKind(id=name, name=name, sent=".", to="", subject="S", text="T", care=care))
    register(USUAL)


@pytest.mark.parametrize(
    ("care", "how", "at", "not_before"),
    [
        ("essential", How.NEVER, MONDAY_NOON.replace(hour=23), "same"),
        ("urgent", How.DAILY, MONDAY_NOON.replace(hour=23), "same"),
        ("urgent", How.NEVER, MONDAY_NOON, None),
        ("usual", How.NEVER, MONDAY_NOON, None),
        ("usual", "", MONDAY_NOON, "same"),
        ("usual", "", MONDAY_NOON.replace(hour=20), MONDAY_NOON.replace(day=3, hour=7)),
        ("usual", How.AT_ONCE, MONDAY_NOON.replace(day=7), MONDAY_NOON.replace(day=9, hour=7)),
        ("usual", How.DAILY, MONDAY_NOON, MONDAY_NOON.replace(day=3, hour=7)),
        ("usual", How.WEEKLY, MONDAY_NOON, MONDAY_NOON.replace(day=9, hour=7)),
    ],
)
def test_the_hour_follows_care_and_choice(care, how, at, not_before):
    class Bela:
        time_zone = "Europe/Berlin"

    plan = plan_of(letters.kind_of(f"test.{care}"), Bela, how, at=at)

    assert plan.is_wanted is (not_before is not None)
    if plan.is_wanted:
        assert plan.not_before == (at if not_before == "same" else not_before)


@pytest.fixture
def write(cast, never_quiet, django_capture_on_commit_callbacks):
    """Return a function that writes a usual mail to Bela; it is never a quiet hour."""

    def written(n, kind="test.usual"):
        with django_capture_on_commit_callbacks(execute=True):
            return queue_mail(kind, to=cast.bela, once=f"{kind}{n}", values={"n": n})

    return written


def its_hour_has_come():
    from contraflow.core.models import Job  # noqa: PLC0415 -- used here alone

    OutgoingMail.objects.update(not_before=timezone.now() - dt.timedelta(seconds=1))
    Job.objects.update(not_before=timezone.now() - dt.timedelta(seconds=1))


@pytest.mark.django_db
def test_a_digest_is_one_mail_of_all_that_waited(write, cast, run_jobs):
    choose(cast.bela, by=cast.bela, chosen={"test.usual": How.DAILY})
    for n in (1, 2, 3):
        assert write(n).digest == How.DAILY
    run_jobs()
    assert django_mail.outbox == []

    its_hour_has_come()
    run_jobs()
    run_jobs()

    (sent,) = django_mail.outbox
    assert sent.subject == "What waited for you: 3 mails"
    places = [sent.body.index(f"This is number {n}.") for n in (1, 2, 3)]
    assert places == sorted(places)
    (markup, _kind) = sent.alternatives[0]
    assert markup.count("<h2>") == 3
    assert markup.count("<!doctype html>") == 1
    assert "List-Unsubscribe" in sent.extra_headers
    assert set(OutgoingMail.objects.values_list("state", flat=True)) == {State.SENT}


@pytest.mark.django_db
def test_what_is_not_wanted_is_not_written_and_what_waits_is_asked_again(write, cast, run_jobs):
    waiting = write(1)
    choose(cast.bela, by=cast.bela, chosen={"test.usual": How.NEVER, "test.urgent": How.NEVER})

    assert write(2) is None
    assert write(1, "test.urgent") is None
    queue_mails([mail.Letter(kind="test.usual", to=cast.bela, once="9", values={"n": 9})])
    assert write(1, "test.essential") is not None
    run_jobs()

    waiting.refresh_from_db()
    assert waiting.state == State.DROPPED
    assert [sent.subject for sent in django_mail.outbox] == ["S"]
    assert AuditEntry.objects.filter(event="MailChosen").count() == 2


@pytest.mark.django_db
def test_what_is_no_longer_due_is_not_sent(write, monkeypatch, run_jobs):
    answered = []
    due = MailKind(id="test.usual", name="x", sent=".", to="", subject="S", text="T",
                   still_due=lambda cause: not answered)  # fmt: skip
    register(due)
    reminder = write(1)
    answered.append(True)

    run_jobs()

    reminder.refresh_from_db()
    assert (reminder.state, django_mail.outbox) == (State.DROPPED, [])


@pytest.mark.django_db
def test_a_mail_that_comes_due_in_the_night_waits_for_the_morning(write, monkeypatch, run_jobs):
    held = write(1)
    morning = timezone.now() + dt.timedelta(hours=7)
    monkeypatch.setattr(mail, "next_open", lambda at, zone: morning)

    run_jobs()

    held.refresh_from_db()
    assert (held.state, held.not_before, django_mail.outbox) == (State.WAITING, morning, [])


@pytest.mark.django_db
def test_a_mailbox_shows_a_button_for_what_can_be_stopped_and_for_nothing_else(
    write, cast, smtp, run_jobs
):
    write(1)
    write(1, "test.essential")
    run_jobs()

    usual, essential = (
        message_from_bytes(each.content, policy=policy.default) for each in smtp.accepted
    )
    assert usual["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = usual["List-Unsubscribe"].strip(" <>")
    assert read_token(address.rstrip("/").rpartition("/")[2])[0] == cast.bela.pk
    assert address in usual.get_body(["plain"]).get_content().replace("=\n", "")
    assert essential["List-Unsubscribe"] is None
    assert [part.get_content_type() for part in usual.walk()] == [
        "multipart/alternative", "text/plain", "text/html",
    ]  # fmt: skip


@pytest.mark.django_db
def test_the_logo_travels_inside_the_mail(write, cast):
    from contraflow.core.branding import change_brand  # noqa: PLC0415 -- used here alone
    from tests.core.test_branding import png  # noqa: PLC0415 -- used here alone

    change_brand(by=cast.root, organisation="Lumenport", accent="#7a1f3d", logo=png())
    message = as_message(write(1)).message()

    (picture,) = (part for part in message.walk() if part.get_content_type() == "image/png")
    (html,) = (part for part in message.walk() if part.get_content_type() == "text/html")
    assert picture["Content-ID"] == "<logo@contraflow>"
    assert 'src="cid:logo@contraflow"' in html.get_payload(decode=True).decode()
    assert "background: #7a1f3d" in html.get_payload(decode=True).decode()
