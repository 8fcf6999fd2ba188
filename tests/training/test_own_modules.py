"""Modules that a programme's lead writes, from a draft to the people who learn from it."""

import pytest
from django.urls import reverse

from contraflow.core.errors import Refusal
from contraflow.core.models import AuditEntry
from contraflow.pairs.gates import gate_of
from contraflow.programmes.actions import create_programme
from contraflow.training import actions, queries
from contraflow.training.models import OwnModule, Progress
from contraflow.training.modules import own
from tests.conftest import CAST, make_pair
from tests.training.test_writing import QUESTION

FORM = {
    "title": "How our house meets customers", "minutes": 5, "role": "leader",
    "before_session_2": "on", "text": "## First\n\nOne.\n\n## Second\n\nTwo.",
    "questions": QUESTION,
}  # fmt: skip


@pytest.fixture
def module(cast):
    return actions.write_module(
        OwnModule(programme=cast.programme, title="House", text="# A\n\nText", questions=QUESTION),
        by=cast.chi,
    )


def publish(module, cast):
    return actions.move_module(module, OwnModule.State.PUBLISHED, by=cast.chi)


def titles(person):
    return [row.module.title for row in queries.training_of(person).rows]


@pytest.mark.parametrize("name", CAST)
def test_the_leads_of_the_programme_alone_write_modules(sign_in, cast, name):
    pages = {
        "list": reverse("training:own-modules", args=[cast.programme.code]),
        "new": reverse("training:own-module-new", args=[cast.programme.code]),
    }
    refused = {"nobody": 302, "cleo": 404, "dov": 404, "root": 404}.get(name, 403)

    assert sign_in(name).get(pages["list"]).status_code == (200 if name == "chi" else refused)
    sent = sign_in(name).post(pages["new"], FORM).status_code

    assert sent == (302 if name == "chi" else refused)
    assert OwnModule.objects.count() == (name == "chi")


@pytest.mark.parametrize("state", OwnModule.State.values)
@pytest.mark.parametrize("name", CAST)
def test_who_opens_a_module_in_which_state(sign_in, cast, module, name, state):
    OwnModule.objects.update(state=state)
    of_programme = {"ama", "bela", "chi", "sol", "tru"}
    seen = name == "chi" or name in of_programme and state == "published"
    learn = reverse("training:screen", args=[module.code, 1])

    opened = sign_in(name).get(learn)
    edited = sign_in(name).post(module.get_absolute_url(), FORM)
    moved = sign_in(name).post(
        reverse("training:own-module-move", args=[module.code]), {"state": "archived"}
    )

    module.refresh_from_db()
    if name == "nobody":
        assert {opened.status_code, edited.status_code, moved.status_code} == {302}
    else:
        assert opened.status_code == (200 if seen else 404)
        refused = 403 if seen else 404
        assert edited.status_code == (302 if name == "chi" else refused)
        assert moved.status_code == (
            refused if name != "chi" else 409 if state == "archived" else 302
        )
    assert module.title == (FORM["title"] if name == "chi" else "House")
    assert module.state == ("archived" if name == "chi" else state)


def test_a_draft_is_for_its_leads_and_a_published_module_for_whom_it_is_meant(cast, module):
    OwnModule.objects.update(role="mentor", before_session_2=True)
    assert "House" not in titles(cast.ama) + titles(cast.bela)

    module.refresh_from_db()
    publish(module, cast)

    stages = {person: queries.training_of(person).stages for person in (cast.ama, cast.bela)}
    assert stages[cast.ama][0].left[0].title == "House"
    assert "House" in [row.module.title for row in stages[cast.bela][-1].rows]
    assert "House" not in titles(cast.dov)


def test_session_2_waits_for_a_published_module_of_the_gate_until_it_is_done(cast, module):
    OwnModule.objects.update(before_session_2=True)
    assert gate_of(cast.pair, reader=cast.ama) is None

    module.refresh_from_db()
    publish(module, cast)
    assert gate_of(cast.pair, reader=cast.ama).minutes == module.minutes
    shape = own(module)
    for person in (cast.ama, cast.bela):
        actions.finish_module(shape, by=person, answers=[1])
    assert gate_of(cast.pair, reader=cast.ama) is None


def test_an_archived_module_is_learned_no_more_and_what_was_done_stays(cast, module):
    actions.finish_module(own(publish(module, cast)), by=cast.ama, answers=[1])

    actions.move_module(module, OwnModule.State.ARCHIVED, by=cast.chi)

    assert "House" not in titles(cast.ama)
    assert Progress.objects.done().filter(module=module.code).count() == 1


def test_a_module_without_questions_is_done_on_its_last_screen(sign_in, cast, module):
    OwnModule.objects.update(questions="", text="## One\n\nA\n\n## Two\n\nB", state="published")
    last = reverse("training:screen", args=[module.code, 2])
    client = sign_in("ama")
    assert "Done" in client.get(last).text

    assert client.post(last).url == reverse("training:own")

    assert Progress.objects.done().filter(module=module.code, person=cast.ama).exists()


def test_a_preview_shows_it_and_keeps_nothing(sign_in, cast, module):
    page = sign_in("chi").post(module.get_absolute_url(), FORM | {"preview": "yes"})

    assert page.status_code == 200
    assert "As it will look, not kept yet" in page.text
    assert "<h3>Second</h3>" in page.text
    module.refresh_from_db()
    assert module.title == "House"
    assert module.changes.count() == 1


def test_faults_stand_at_their_field_by_line_and_nothing_is_kept(sign_in, cast, module):
    wrong = FORM | {"text": "Fine\n<b>no</b>", "questions": "? q\n+ a\n- b"}

    page = sign_in("chi").post(module.get_absolute_url(), wrong)

    assert page.status_code == 422
    assert "Line 2: HTML is shown as it is typed." in page.text
    assert "Line 1: Explain the answer of this question" in page.text
    module.refresh_from_db()
    assert module.text == "# A\n\nText"


def test_who_changed_it_and_when_is_kept(sign_in, cast, module):
    sign_in("chi").post(module.get_absolute_url(), FORM)
    module.refresh_from_db()
    publish(module, cast)

    kinds = list(module.changes.values_list("kind", "by"))
    assert kinds == [(kind, cast.chi.pk) for kind in ("published", "changed", "made")]
    page = sign_in("chi").get(module.get_absolute_url()).text
    assert "Published, Chi" in page
    entries = AuditEntry.objects.filter(event="OwnModuleChanged").values_list("facts", flat=True)
    assert FORM["title"] not in str(list(entries))


def test_a_move_that_is_none_is_refused(cast, module):
    for state, told in (("draft", "It is so already"), ("lost", "what is to become")):
        with pytest.raises(Refusal, match=told):
            actions.move_module(module, state, by=cast.chi)
    OwnModule.objects.update(questions="? half")
    with pytest.raises(Refusal, match="Line 1"):
        publish(module, cast)


def test_a_copied_programme_begins_with_the_modules_as_drafts(cast, module):
    publish(module, cast)
    gone = actions.write_module(
        OwnModule(programme=cast.programme, title="Old", text="x"), by=cast.chi
    )
    actions.move_module(gone, OwnModule.State.ARCHIVED, by=cast.chi)

    copy = create_programme(by=cast.chi, title="Copy", purpose="Again", copy_of=cast.programme)

    (copied,) = copy.own_modules.all()
    assert (copied.title, copied.state) == ("House", "draft")
    assert copied.code != module.code


def test_a_module_written_for_one_programme_holds_back_no_pair_of_another(cast, module):
    OwnModule.objects.update(before_session_2=True, state="published")
    other = create_programme(by=cast.chi, title="Other", purpose="Else")
    cohort = cast.cohort
    cohort.pk, cohort.code, cohort.programme = None, "othercohort", other
    cohort.save()

    assert gate_of(make_pair(cohort), reader=cast.chi) is None
