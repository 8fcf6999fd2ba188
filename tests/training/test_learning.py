"""One's own training: what is due when, where one left off, and what is kept of it."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from contraflow.content.schema import load_defaults
from contraflow.core.errors import Refusal
from contraflow.core.models import AuditEntry
from contraflow.programmes.models import Enrolment, Side
from contraflow.training import actions, queries
from contraflow.training.events import ModuleDone
from contraflow.training.models import OwnModule, Progress
from contraflow.training.modules import guides, minutes_of, shipped
from tests.conftest import make_cohort, make_enrolment, make_pair, make_person, make_programme
from tests.pairs.test_concurrency import at_once

M07 = shipped()["M07"]
RIGHT = [question.answer for question in M07.quiz]
WRONG = [(answer + 1) % 3 for answer in RIGHT]


@pytest.fixture
def new(installation):
    """A mentor who has done nothing yet, in a cohort that runs."""
    person = make_person("New")
    pair = make_pair(make_cohort(make_programme()), mentor=person, trained=False)
    person.pair = pair
    return person


def url(key, number=None):
    return reverse("training:screen", args=[key, number or len(shipped()[key].screens)])


def keys_of(stage):
    return [row.module.key for row in stage.rows]


# -- what is due -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("side", "role", "minutes"), [(Side.MENTOR, "mentor", 33), (Side.MENTEE, "leader", 23)]
)
def test_each_side_finds_what_is_due_when_and_how_long_it_takes(db, side, role, minutes):
    cohort = make_cohort(make_programme())
    person = make_enrolment(cohort, side=side).person
    gate = load_defaults().training_gate

    before, middle, close, free = queries.training_of(person).stages

    assert keys_of(before) == list(getattr(gate.before_session_2, role))
    assert before.minutes_left == minutes
    assert keys_of(middle) == list(getattr(gate.by_mid_programme, role))
    assert middle.due_on == cohort.starts_on + dt.timedelta(weeks=7)
    assert keys_of(close) == ["M10"]
    assert close.due_on == cohort.ends_on
    assert set(keys_of(free)) == set(shipped()) - {
        key for stage in (before, middle, close) for key in keys_of(stage)
    }


def test_whoever_takes_part_nowhere_may_learn_everything_and_nothing_is_due(db):
    (free,) = queries.training_of(make_person()).stages

    assert keys_of(free) == list(shipped())
    assert free.due_on is None


def test_whoever_is_on_both_sides_has_what_is_due_first(db):
    person = make_person()
    make_enrolment(make_cohort(make_programme()), person, Side.MENTOR)
    make_enrolment(make_cohort(make_programme("Other")), person, Side.MENTEE)

    before = queries.training_of(person).stages[0]

    assert keys_of(before) == ["M01", "M02", "M04", "M05", "M07"]


@pytest.mark.parametrize("state", ["invited", "applied", "declined", "withdrawn"])
def test_nothing_is_due_for_whoever_does_not_take_part(db, state):
    place = make_enrolment(make_cohort(make_programme()), state=Enrolment.State(state))

    assert len(queries.training_of(place.person).stages) == 1
    assert queries.due_before_session_2(place.person) is None


def test_the_module_that_was_begun_comes_next_whatever_is_due(new):
    assert queries.training_of(new).next.module.key == "M01"

    actions.keep_place(shipped()["M08"], by=new, screen=3)

    row = queries.training_of(new).next
    assert (row.module.key, row.screen, row.is_begun) == ("M08", 3, True)


@pytest.mark.parametrize("done", [0, 10])
def test_ones_training_costs_the_same_however_much_is_done(new, done, django_assert_num_queries):
    for module in list(shipped().values())[:done]:
        actions.finish_module(module, by=new, answers=[each.answer for each in module.quiz])

    with django_assert_num_queries(4):
        assert queries.training_of(new).done == done


# -- screen by screen --------------------------------------------------------------------------


@pytest.mark.slow
def test_every_screen_of_every_module_says_where_one_is(client, new):
    client.force_login(new)
    for key, module in shipped().items():
        count = len(module.screens)
        for number in range(1, count + 1):
            page = client.get(url(key, number))
            assert page.status_code == 200
            assert f"Step {number} of {count}" in page.text
            assert ("Back" in page.text, "Next" in page.text) == (number > 1, number < count)
        assert client.get(url(key, count + 1)).status_code == 404


def test_next_and_back_keep_the_place_and_the_module_opens_there(client, new):
    client.force_login(new)
    on = reverse("training:module-on", args=["M07"])

    assert client.post(on, {"screen": "4"}).url == url("M07", 4)
    assert client.get(reverse("training:module", args=["M07"])).url == url("M07", 4)
    assert "left off at step 4 of 7" in client.get(reverse("training:own")).text
    for odd in ("99", "0", "-1", "x", "", "9" * 5000):
        assert client.post(on, {"screen": odd}).url in {url("M07", 1), url("M07", 7)}
    # whoever reloads the address of the button comes to the module
    assert client.get(on).url == reverse("training:module", args=["M07"])


def test_looking_at_a_screen_changes_nothing(client, new):
    client.force_login(new)

    client.get(url("M07", 5))

    assert not Progress.objects.exists()


# -- the questions -----------------------------------------------------------------------------


@pytest.mark.parametrize("chosen", RIGHT[:1] + WRONG[:1])
def test_the_explanation_is_shown_after_each_answer_right_or_wrong(client, new, chosen):
    client.force_login(new)
    first, second, third = M07.quiz

    page = client.post(url("M07"), {"q1": chosen}).text

    assert first.why in page
    assert ("Right." in page) is (chosen == first.answer)
    assert (f"Better: {first.best}" in page) is (chosen != first.answer)
    assert second.why not in page
    assert third.why not in page
    assert not Progress.objects.filter(done_at__isnull=False).exists()


@pytest.mark.parametrize(
    ("right", "is_done"), [(3, True), (2, True), (1, False), (0, False)], ids=str
)
def test_two_of_three_make_it(client, new, right, is_done):
    client.force_login(new)
    answers = RIGHT[:right] + WRONG[right:]

    page = client.post(url("M07"), {f"q{n}": each for n, each in enumerate(answers, 1)}).text

    assert Progress.objects.done().filter(person=new, module="M07").exists() is is_done
    assert ("This module is done." in page) is is_done
    assert ("Not yet." in page) is not is_done
    assert [question.why in page for question in M07.quiz] == [True] * 3


def test_a_script_gets_the_questions_alone(client, new):
    client.force_login(new)

    part = client.post(url("M07"), {"q1": RIGHT[0]}, headers={"HX-Request": "true"}).text

    assert M07.quiz[0].why in part
    assert 'id="quiz"' in part
    assert "<html" not in part


def test_tries_are_not_counted_and_no_answer_is_kept(client, new):
    client.force_login(new)
    for _try in range(20):
        client.post(url("M07"), {f"q{n}": each for n, each in enumerate(WRONG, 1)})
    assert not Progress.objects.exists()
    assert not AuditEntry.objects.filter(by_id=new.pk).exists()

    client.post(url("M07"), {f"q{n}": each for n, each in enumerate(RIGHT, 1)})

    row = Progress.objects.get()
    assert {field.name for field in Progress._meta.concrete_fields} == {
        "id", "person", "module", "screen", "done_at",
    }  # fmt: skip
    assert (row.module, row.screen) == ("M07", 1)
    (entry,) = AuditEntry.objects.filter(by_id=new.pk)
    assert entry.facts == {"person_id": new.pk, "module": "M07"}
    # and none is there when one comes back
    assert "checked" not in client.get(url("M07")).text
    assert "kept nowhere" in client.get(url("M07")).text


def test_an_answer_that_is_none_is_no_answer(client, new):
    client.force_login(new)

    for odd in ("7", "-1", "x", "\u0661"):
        page = client.post(url("M07"), {"q1": odd, "q2": RIGHT[1], "q3": RIGHT[2]})
        assert page.status_code == 200
        assert not Progress.objects.exists()


def test_done_stays_done_and_keeps_its_day(new):
    first = timezone.now() - dt.timedelta(days=3)
    actions.finish_module(M07, by=new, answers=RIGHT, at=first)
    actions.finish_module(M07, by=new, answers=RIGHT)

    with pytest.raises(Refusal, match="Not yet"):
        actions.finish_module(M07, by=new, answers=WRONG)

    assert Progress.objects.get().done_at == first
    assert AuditEntry.objects.filter(event=ModuleDone.__name__).count() == 1


def test_a_question_that_is_left_out_is_asked_for(new):
    for answers in ([], RIGHT[:2], [*RIGHT[:2], None]):
        with pytest.raises(Refusal, match="Answer every question"):
            actions.finish_module(M07, by=new, answers=answers)


@pytest.mark.django_db(transaction=True)
def test_a_double_click_finishes_a_module_once(installation):
    person = make_person()

    def finish():
        return actions.finish_module(M07, by=person, answers=RIGHT)

    first, second = at_once(finish, finish)

    assert first.pk == second.pk
    assert Progress.objects.done().count() == 1
    assert AuditEntry.objects.filter(event=ModuleDone.__name__).count() == 1


# -- guides and what is kept on a phone --------------------------------------------------------


@pytest.mark.parametrize("role", guides())
def test_every_role_has_its_guide(client, new, role):
    client.force_login(new)

    page = client.get(reverse("training:guide", args=[role])).text

    guide = guides()[role]
    assert all(line.replace("'", "&#x27;") in page for line in (*guide.do, *guide.dont))
    assert client.get(reverse("training:guide", args=["nobody"])).status_code == 404


def test_the_file_to_keep_holds_everything_and_asks_for_nothing(client, new):
    client.force_login(new)

    answer = client.get(reverse("training:book-file"))

    text = answer.text
    assert answer.headers["Content-Disposition"] == 'attachment; filename="training.html"'
    for module in shipped().values():
        assert module.title in text
        assert all(question.why.replace("'", "&#x27;") in text for question in module.quiz)
    assert "Guide for mentors" in text
    assert "Guide for sponsors" not in text
    for asks in ("<link", "<script", "src=", "url(", "@import", "http", "<svg", "href="):
        assert asks not in text, asks


def test_the_page_to_print_holds_the_same(client, new):
    client.force_login(new)

    printed = client.get(reverse("training:book")).text

    body = client.get(reverse("training:book-file")).text.partition("<body>")[2]
    body = body.partition("</body>")[0].strip()
    assert body in printed


# -- where it shows ----------------------------------------------------------------------------


def test_ones_place_and_today_lead_to_the_training_until_it_is_done(client, new):
    client.force_login(new)
    place = new.enrolments.get()
    assert "Before session 2: 33 min, in short parts." in client.get(place.get_absolute_url()).text
    today = client.get(reverse("home:today")).text
    assert "Your short training before session 2" in today
    assert "33 minutes left" in today

    gate = queries.training_of(new).stages[0].left
    for module in gate:
        actions.finish_module(module, by=new, answers=[each.answer for each in module.quiz])

    assert minutes_of(gate) == 33
    assert "Your part before session 2 is done." in client.get(place.get_absolute_url()).text
    assert "Your short training" not in client.get(reverse("home:today")).text


def test_a_module_of_another_programme_is_not_there(client, new):
    other = OwnModule.objects.create(
        programme=make_programme("Other"), title="Theirs", text="Hi", state="published"
    )
    client.force_login(new)

    assert client.get(reverse("training:module", args=[other.code])).status_code == 404
    assert "Theirs" not in client.get(reverse("training:own")).text
