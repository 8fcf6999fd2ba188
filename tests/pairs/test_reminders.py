"""Reminders: two at most for a cause, and none once it is gone."""

import datetime as dt

import pytest
from django.core import mail as django_mail
from django.utils import timezone

from contraflow.core import mail
from contraflow.core.mail import no_mail
from contraflow.core.models import OutgoingMail
from contraflow.pairs import actions
from contraflow.pairs.models import Absence, Session
from contraflow.pairs.reminders import look_for_reminders, remind
from tests.conftest import make_pair

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("never_quiet")]
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def session(cast):
    """The first session of Ama and Bela; the others lie far ahead."""
    cast.pair.sessions.update(due_on=timezone.localdate() + 90 * DAY)
    return cast.pair.sessions.first()


def booked(session, starts_at, **fields):
    fields = {"state": "booked", "starts_at": starts_at, "sequence": 1} | fields
    Session.objects.filter(pk=session.pk).update(**fields)
    session.refresh_from_db()


def written(kind):
    return OutgoingMail.objects.filter(kind=kind, state=OutgoingMail.State.WAITING).count()


def days_with_reminders(kind, now, days, hours=range(0, 24, 6)):
    """Return after how many days each pair of mails was written, looking four times a day."""
    found, so_far = [], 0
    for day in days:
        for hour in hours:
            remind(now + day * DAY + hour * HOUR)
        count = OutgoingMail.objects.filter(kind=kind).count()
        found += [day] * ((count - so_far) // 2)
        so_far = count
    return found


@pytest.mark.slow
def test_two_reminders_come_before_a_session(session, now):
    booked(session, now + 10 * DAY)

    assert days_with_reminders("pairs.prepare", now, range(7, 11)) == [8, 9]


@pytest.mark.slow
def test_two_reminders_ask_whether_it_happened(session, now):
    booked(session, now - HOUR)

    assert days_with_reminders("pairs.report", now, range(7)) == [1, 4]


@pytest.mark.slow
def test_two_reminders_ask_for_a_date_and_only_for_the_first_that_is_due(session, cast, now):
    day = timezone.localdate(now)
    cast.pair.sessions.filter(number__lte=2).update(due_on=day)

    found = days_with_reminders("pairs.book", now, range(14), hours=[0])

    assert found == [0, 7]
    causes = set(OutgoingMail.objects.values_list("cause__session", flat=True))
    assert causes == {session.pk}


def test_each_of_the_two_reads_the_other_and_their_own_hour(session, cast, now):
    cast.bela.time_zone = "Asia/Kolkata"
    cast.bela.save()
    booked(session, now + DAY)
    remind(now)

    (bela,) = OutgoingMail.objects.filter(to_id=cast.bela.pk)
    assert bela.words["subject"].startswith("Soon: Ama, ")
    assert "(Asia/Kolkata)" in bela.words["text"]
    assert "No more mails of this kind:" in bela.words["text"]
    assert session.get_absolute_url() in bela.words["text"]
    assert "Topic 1" not in bela.words["text"] + bela.words["html"]


def _cancel(cast, session):
    actions.cancel_session(session, by=cast.ama)


def _move(cast, session):
    actions.move_session(session, by=cast.ama, starts_at=session.starts_at + 7 * DAY)


def _end(cast, session):
    actions.end_pair(cast.pair, by=cast.ama)


def _leave(cast, session):
    cast.bela.left_on = timezone.localdate()
    cast.bela.save()


def _close(cast, session):
    cast.cohort.state = "completed"
    cast.cohort.save()


@pytest.mark.parametrize("answer", [_cancel, _end, _leave, _close])
def test_what_was_answered_is_not_reminded_of(session, cast, now, run_jobs, answer):
    booked(session, now + DAY - HOUR)
    remind(now)
    assert written("pairs.prepare") == 2

    with no_mail():
        answer(cast, session)
    mail.wake_outbox()
    run_jobs()

    assert django_mail.outbox == []
    assert written("pairs.prepare") == 0
    remind(now + 2 * HOUR)
    assert written("pairs.prepare") == 0


def test_one_word_of_one_of_the_two_stops_the_question_for_both(session, cast, now, run_jobs):
    booked(session, now - DAY - HOUR)
    remind(now)
    assert written("pairs.report") == 2

    actions.record_held(session, by=cast.bela)
    mail.wake_outbox()
    run_jobs()

    assert django_mail.outbox == []


def test_while_a_pair_rests_nobody_is_reminded(session, cast, now, run_jobs):
    Session.objects.filter(pk=session.pk).update(due_on=timezone.localdate(now))
    remind(now)
    assert written("pairs.book") == 2
    today = timezone.localdate()
    Absence.objects.create(person=cast.bela, starts_on=today, ends_on=today)

    run_jobs()
    remind(now + 7 * DAY)

    assert django_mail.outbox == []


def test_a_reminder_that_is_due_arrives(session, now, run_jobs):
    booked(session, now + DAY - HOUR)
    remind(now)
    remind(now)
    mail.wake_outbox()
    run_jobs()

    assert sorted(sent.to[0] for sent in django_mail.outbox) == [
        "ama@example.org", "bela@example.org",
    ]  # fmt: skip


def test_the_work_is_done_by_one_process_a_quarter_of_an_hour(session, now):
    booked(session, now + DAY - HOUR)
    look_for_reminders()
    assert written("pairs.prepare") == 2
    OutgoingMail.objects.all().delete()

    look_for_reminders()

    assert written("pairs.prepare") == 0


@pytest.mark.parametrize("pairs", [1, 6])
def test_reminders_of_many_pairs_cost_as_many_queries_as_of_one(
    cast, now, pairs, django_assert_max_num_queries
):
    Session.objects.update(due_on=timezone.localdate() + 90 * DAY)
    for _pair in range(pairs):
        pair = make_pair(cast.cohort, sessions=1)
        booked(pair.sessions.get(), now + DAY - HOUR)

    # and those for the key of each person's words, made with their first mail
    with django_assert_max_num_queries(26 + 10 * pairs):
        remind(now)

    assert OutgoingMail.objects.count() == 2 * pairs
