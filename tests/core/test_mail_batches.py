import pytest

from contraflow.core.mail import Letter, no_mail, queue_mail, queue_mails, wake_outbox
from contraflow.core.models import Job, OutgoingMail
from tests.conftest import make_person

VALUES = {"subject": "Please\nwait", "words": "It is on its way."}
pytestmark = pytest.mark.usefixtures("note")


def letter(person, once):
    return Letter(kind="test.note", to=person, once=once, values=VALUES)


def test_many_mails_read_as_one_mail_does(installation):
    person = make_person("Ama", email="ama@example.org")
    queue_mail("test.note", to=person, once="one", values=VALUES)

    queue_mails([letter(person, "many")])

    one, many = OutgoingMail.objects.order_by("-once")
    assert (one.once, many.once) == ("one", "many")
    assert one.words == many.words
    assert many.words["subject"] == "Please wait"
    assert (one.address, one.to_id, one.state) == (many.address, many.to_id, many.state)


def test_a_cause_that_was_written_before_is_left_out(installation):
    person = make_person("Ama")
    queue_mails([letter(person, "a")])

    queue_mails([letter(person, "a"), letter(person, "b"), letter(person, "b")])

    assert sorted(OutgoingMail.objects.values_list("once", flat=True)) == ["a", "b"]


def test_no_mail_holds_many_back_as_well(installation):
    with no_mail():
        queue_mails([letter(make_person("Ama"), "a")])

    assert OutgoingMail.objects.count() == 0


@pytest.mark.parametrize("count", [1, 9])
def test_many_mails_to_one_person_cost_few_queries(
    installation, count, django_assert_max_num_queries
):
    person = make_person("Ama")

    # and one more for the key of each person's words
    with django_assert_max_num_queries(7 + count + 2):
        queue_mails([letter(person, str(number)) for number in range(count)])

    assert OutgoingMail.objects.count() == count


def test_the_outbox_is_woken_once(installation, django_capture_on_commit_callbacks):
    person = make_person("Ama")

    with django_capture_on_commit_callbacks(execute=True) as woken:
        queue_mails([letter(person, str(number)) for number in range(5)])

    assert woken.count(wake_outbox) == 1
    assert Job.objects.filter(kind="core.deliver_mails").count() == 1
