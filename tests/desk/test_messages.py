"""A lead writes to many: to whom, once, after a look."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from contraflow.core.errors import Refusal
from contraflow.core.mail import as_message
from contraflow.core.models import Job, OutgoingMail
from contraflow.desk import actions
from contraflow.desk.models import Message, MessageWords
from contraflow.desk.queries import audience
from contraflow.desk.texts import Text
from contraflow.programmes.models import Enrolment, Side
from tests.conftest import make_cohort, make_enrolment, make_pair, make_person

TEXT = Text(subject="A week off", body="The office is closed.\n\nEnjoy it.")


@pytest.fixture
def peopled(cast):
    """Add a pair with a date, one that has met, somebody on the bench and two who do not count."""
    cast.booked = make_pair(cast.cohort, make_person("Ida"), make_person("Otto"))
    cast.booked.sessions.filter(number=1).update(
        state="booked", starts_at=timezone.now() + dt.timedelta(days=2)
    )
    cast.met = make_pair(cast.cohort, make_person("Jo"), make_person("Kai"))
    cast.met.sessions.filter(number=1).update(state="held", starts_at=timezone.now())
    make_enrolment(cast.cohort, make_person("Ben"), state=Enrolment.State.BENCH)
    make_enrolment(cast.cohort, make_person("Wim"), state=Enrolment.State.WITHDRAWN)
    gone = make_person("Gus", left_on=timezone.localdate())
    make_enrolment(cast.cohort, gone, Side.MENTEE)
    return cast


@pytest.mark.parametrize(
    ("to", "names"),
    [
        ("everybody", "Ama Bela Ben Ida Jo Kai Otto"),
        ("mentor", "Ama Ben Ida Jo"),
        ("mentee", "Bela Kai Otto"),
        ("no_date", "Ama Bela Jo Kai"),
        ("not_met", "Ama Bela Ida Otto"),
    ],
)
def test_a_message_reaches_those_who_fit_and_each_once(peopled, run_jobs, to, names):
    # one more pair of the same two changes nothing for them
    make_pair(peopled.cohort, peopled.ama, peopled.bela, state="ended")
    assert sorted(audience(peopled.cohort, to).values_list("name", flat=True)) == names.split()

    for _ in range(2):
        actions.send_message(peopled.cohort, to, by=peopled.chi, text=TEXT, code="pressed1")
    run_jobs()

    message = Message.objects.get()
    assert message.count == len(names.split()) == OutgoingMail.objects.count()
    assert Job.objects.filter(kind="desk.send_message").count() == 1


def test_a_job_that_runs_twice_writes_each_mail_once(cast):
    message = actions.send_message(
        cast.cohort, "everybody", by=cast.chi, text=TEXT, code="pressed1"
    )
    for _ in range(2):
        actions.write_letters(message, [cast.ama.pk, cast.bela.pk])

    sent = as_message(OutgoingMail.objects.get(to_id=cast.ama.pk))
    assert OutgoingMail.objects.count() == 2
    assert sent.subject == "A week off"
    assert "Hello Ama," in sent.body
    assert "<p>Enjoy it.</p>" in sent.alternatives[0].content


def test_nobody_is_written_to_where_nobody_fits_or_the_cohort_is_closed(cast):
    empty = make_cohort(cast.programme)
    closed = make_cohort(cast.programme, state="closed")
    make_enrolment(closed)

    for cohort, to, words in (
        (empty, "everybody", "nobody to write to"),
        (closed, "everybody", "closed"),
        (cast.cohort, "friends", "Choose who"),
    ):
        with pytest.raises(Refusal, match=words):
            actions.send_message(cohort, to, by=cast.chi, text=TEXT, code="pressed1")
    actions.send_message(cast.cohort, "mentor", by=cast.chi, text=TEXT, code="pressed1")
    with pytest.raises(Refusal, match="another page"):
        actions.send_message(empty, "mentor", by=cast.chi, text=TEXT, code="pressed1")


def test_one_looks_first_tests_on_oneself_and_then_sends(client, cast, run_jobs):
    client.force_login(cast.chi)
    url = reverse("desk:messages", args=[cast.cohort.code])
    code = client.get(url).context["form"].initial["code"]
    sent = {"to": "mentee", "subject": TEXT.subject, "body": TEXT.body, "code": code}

    shown = client.post(url, sent | {"verb": "look"})
    assert "to 1 person" in shown.text
    assert "<p>Enjoy it.</p>" in shown.text
    assert not OutgoingMail.objects.exists()
    for _ in range(2):
        client.post(url, sent | {"verb": "test"})
    assert OutgoingMail.objects.get().to_id == cast.chi.pk
    assert not Message.objects.exists()
    for _ in range(2):
        assert client.post(url, sent | {"verb": "send"}).status_code == 302
    run_jobs()

    assert set(OutgoingMail.objects.values_list("to_id", "kind")) == {
        (cast.chi.pk, "desk.message_test"), (cast.bela.pk, "desk.message"),
    }  # fmt: skip
    assert MessageWords.objects.get().text == TEXT.body
    assert TEXT.subject in client.get(url).text
    assert client.post(url, sent | {"to": "nobody"}).status_code == 422
