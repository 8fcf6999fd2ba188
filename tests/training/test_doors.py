"""The doors of training: who opens them, and what nobody but oneself ever sees."""

import pytest
from django.urls import reverse

from contraflow.core.models import AuditEntry, Notice, OutgoingMail
from contraflow.core.notices import told
from contraflow.training import actions
from contraflow.training.models import Progress
from contraflow.training.modules import shipped
from tests.conftest import CAST, make_enrolment, make_person

FOR_ALL = {
    "own": [],
    "guide": ["leader"],
    "screen": ["M04", 7],
    "book": [],
    "book-file": [],
}


@pytest.fixture
def open_cast(cast):
    """Ama has begun one module and has it all to do, Bela is done."""
    Progress.objects.filter(person=cast.ama).delete()
    actions.keep_place(shipped()["M04"], by=cast.ama, screen=5)
    return cast


@pytest.mark.parametrize("name", CAST)
@pytest.mark.parametrize("page", FOR_ALL)
def test_everybody_who_is_signed_in_learns_and_sees_their_own_alone(sign_in, open_cast, name, page):
    answer = sign_in(name).get(reverse(f"training:{page}", args=FOR_ALL[page]))

    assert answer.status_code == (302 if name == "nobody" else 200)
    assert ("left off at step 5" in answer.text) is (name == "ama" and page == "own")
    for other in ("Ama", "Bela"):
        if name != other.lower():
            about = answer.text.replace("Session 2 with Bela", "").replace("Session 2 with Ama", "")
            assert other not in about


@pytest.mark.parametrize("name", CAST)
def test_everybody_does_their_own_modules(sign_in, cast, name):
    Progress.objects.all().delete()
    answers = {f"q{n}": each.answer for n, each in enumerate(shipped()["M01"].quiz, 1)}

    sign_in(name).post(reverse("training:screen", args=["M01", 7]), answers)
    sign_in(name).post(reverse("training:module-on", args=["M02"]), {"screen": "2"})

    mine = Progress.objects.values_list("person__name", "module")
    own = [] if name == "nobody" else [(name.title(), "M01"), (name.title(), "M02")]
    assert sorted(mine) == own


@pytest.mark.parametrize("name", CAST)
def test_the_lead_alone_sees_who_has_not_done_it_and_no_more_than_that(sign_in, open_cast, name):
    url = reverse("training:progress", args=[open_cast.cohort.code])

    answer = sign_in(name).get(url)

    refused = {"nobody": 302, "cleo": 404, "dov": 404, "root": 404}.get(name, 403)
    assert answer.status_code == (200 if name == "chi" else refused)
    if name == "chi":
        shown = {row["person"].name: row["is_done"] for row in answer.context["people"].object_list}
        assert shown == {"Ama": False, "Bela": True}
        for word in ("step 5", "M04", shipped()["M04"].title, "score of"):
            assert word not in answer.text
        assert "Bela" not in sign_in("chi").get(f"{url}?only=open").text
        looks = AuditEntry.objects.reads().values_list("about", "by_id")
        assert set(looks) == {(f"cohort:{open_cast.cohort.pk}", open_cast.chi.pk)}
    elif name != "ama":
        assert "Ama" not in answer.text


@pytest.mark.parametrize("name", CAST)
def test_the_lead_alone_reminds_and_whom_it_concerns_is_told(sign_in, open_cast, name):
    url = reverse("training:remind", args=[open_cast.cohort.code])

    answer = sign_in(name).post(url)

    if name != "chi":
        refused = {"nobody": 302, "cleo": 404, "dov": 404, "root": 404}.get(name, 403)
        assert answer.status_code == refused
        assert not OutgoingMail.objects.filter(kind__startswith="training").exists()
        return
    assert answer.url == reverse("training:progress", args=[open_cast.cohort.code])
    # once a day, however often it is pressed
    sign_in("chi").post(url)
    mail = OutgoingMail.objects.get(kind__startswith="training")
    assert mail.to_id == open_cast.ama.pk
    (notice,) = told(open_cast.ama, Notice.objects.visible_to(open_cast.ama))
    assert notice.words == "A short training before session 2 of Executive digital fluency"


def test_a_cohort_in_which_all_is_done_has_nobody_to_remind(sign_in, cast):
    url = reverse("training:remind", args=[cast.cohort.code])

    assert "Everybody has done" in sign_in("chi").post(url).text
    assert (
        "Remind"
        not in sign_in("chi").get(reverse("training:progress", args=[cast.cohort.code])).text
    )


@pytest.mark.parametrize("people", [1, 8])
def test_progress_costs_the_same_for_any_number_of_people(
    sign_in, cast, people, django_assert_num_queries
):
    for _ in range(people):
        make_enrolment(cast.cohort, make_person())
    client = sign_in("chi")
    url = reverse("training:progress", args=[cast.cohort.code])

    with django_assert_num_queries(PROGRESS_QUERIES):
        client.get(url)


PROGRESS_QUERIES = 13


def test_the_overview_counts_who_is_done(sign_in, open_cast):
    page = sign_in("chi").get(reverse("home:overview", args=[open_cast.cohort.code])).text

    assert "Training before session 2" in page
    assert "0 of 1 done" in page
    assert "1 of 1 done" in page
