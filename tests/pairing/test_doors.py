import pytest
from django.urls import reverse

from contraflow.core.models import OutgoingMail
from contraflow.pairing import actions
from contraflow.pairing.models import Draft, Publication, Wanted
from contraflow.pairs.models import Pair
from contraflow.programmes.personality import ITEMS
from tests.conftest import CAST
from tests.pairing.makers import (
    make_participant,
    make_small_cohort,
    pair_of,
    priced,
    publish,
    run_waiting,
    seal,
)

# what nobody but their author may ever read
SECRET_WORDS = ("veto", "wish", "personality", "Talk to a lot of different people")
# a lead's own tab: people of the programme know that it is there, nobody else does
COHORT = {
    "ama": 404, "bela": 404, "chi": 200, "cleo": 404, "sol": 403, "tru": 403, "dov": 404,
    "root": 404, "nobody": 302,
}  # fmt: skip
# drafts are the leads' alone: nobody else learns that there is one
DRAFT = COHORT | {"sol": 404, "tru": 404}


@pytest.fixture
def ready(cast):
    """A cohort of five with a solved draft, full of what must not be told."""
    cohort, people = make_small_cohort(cast.programme)
    answers = {str(item.number): 5 for item in ITEMS}
    seal(people["priya"], wishes=[people["gerald"].code], personality=answers)
    seal(people["gerald"], vetoes=[people["zoe"].code], personality=answers)
    cast.small, cast.people = cohort, people
    cast.draft = priced(cohort, cast.chi)
    return cast


def urls(ready):
    draft, two = ready.draft.code, [ready.people["priya"].code, ready.people["gerald"].code]
    return {
        "cohort": reverse("pairing:cohort", args=[ready.small.code]),
        "drafts": reverse("pairing:drafts", args=[ready.small.code]),
        "propose": reverse("pairing:propose", args=[ready.small.code]),
        "draft": reverse("pairing:draft", args=[draft]),
        "partners": reverse("pairing:partners", args=[ready.small.code]),
        "again": reverse("pairing:again", args=[draft]),
        "rematch": reverse("pairing:rematch", args=[draft]),
        "keep": reverse("pairing:keep", args=[draft]),
        "stop": reverse("pairing:stop", args=[draft]),
        "options": reverse("pairing:options", args=[draft]),
        "choose": reverse("pairing:choose", args=[draft]),
        "try": reverse("pairing:try", args=[draft]),
        "report": reverse("pairing:report", args=[draft]),
        "report-file": reverse("pairing:report-file", args=[draft, "csv"]),
        "publish": reverse("pairing:publish", args=[draft]),
        "undo": reverse("pairing:undo", args=[draft]),
        "swap": reverse("pairing:swap", args=[draft, two[0]]),
        "pair": reverse("pairing:pair", args=[draft, *two]),
        "cost": reverse("pairing:cost", args=[draft, *two]),
        "leaving": reverse("pairing:leaving", args=[draft, *two]),
        "decide": reverse("pairing:decide", args=[draft, *two]),
    }


def test_every_url_of_the_room_stands_in_the_tables(ready):
    from contraflow.pairing.urls import urlpatterns

    assert {each.name for each in urlpatterns} == set(urls(ready)) | {"clear"}  # test_guard.py


@pytest.mark.slow
def test_pages(sign_in, ready):
    pages = (
        "cohort",
        "drafts",
        "draft",
        "swap",
        "pair",
        "cost",
        "leaving",
        "report",
        "report-file",
    )

    for name in CAST:
        client = sign_in(name)
        for page in pages:
            status = (COHORT if page in {"cohort", "drafts"} else DRAFT)[name]

            answer = client.get(urls(ready)[page])

            assert answer.status_code == status, (name, page)
            content = answer.getvalue().decode()
            assert not [word for word in SECRET_WORDS if word in content], (name, page)
            assert ("Priya" in content) == (status == 200 and page != "drafts"), (name, page)


@pytest.mark.parametrize(
    ("url", "data", "by_lead"),
    [
        ("propose", {}, 302),
        ("again", {}, 422),
        ("publish", {"version": 1}, 302),
        ("decide", {"kind": "forbid"}, 302),
        ("decide", {"kind": "tickle"}, 404),
        ("undo", {}, 404),
        ("stop", {}, 409),
        ("options", {}, 302),
        ("choose", {"option": "total"}, 302),
        ("choose", {"option": "by_hand"}, 404),
        ("try", {"help": "minimum_grade_gap:None"}, 404),
        ("try", {}, 404),
    ],
)
def test_buttons(sign_in, ready, url, data, by_lead):
    table = (COHORT if url == "propose" else DRAFT) | {"chi": by_lead}
    others = [name for name in CAST if name != "chi"]

    def press(name):
        return sign_in(name).post(urls(ready)[url], data).status_code

    assert {name: press(name) for name in others} == {name: table[name] for name in others}
    run_waiting()
    assert changes(ready) == {"drafts": 1, "published": 0, "decided": 0, "introductions": 0}

    assert press("chi") == by_lead
    run_waiting()
    assert changes(ready) == {
        "drafts": 1 + (url == "propose" or data == {"option": "total"}),
        "published": int(url == "publish"),
        "decided": int(data == {"kind": "forbid"}),
        "introductions": 4 * (url == "publish"),
    }


def changes(ready):
    """Return what pressing buttons has left behind."""
    return {
        "drafts": Draft.objects.filter(cohort=ready.small).count(),
        "published": Publication.objects.count(),
        "decided": Wanted.objects.count(),
        "introductions": OutgoingMail.objects.filter(kind="introduction").count(),
    }


def test_buttons_do_nothing_on_get(sign_in, ready):
    client = sign_in("chi")

    statuses = {
        name: client.get(urls(ready)[name]).status_code
        for name in (
            "propose",
            "partners",
            "again",
            "rematch",
            "keep",
            "publish",
            "undo",
            "decide",
            "stop",
            "options",
            "choose",
            "try",
        )  # fmt: skip
    }

    assert set(statuses.values()) == {405}


@pytest.fixture
def running(ready):
    """The same cohort, running; somebody came who is better for Gerald, and a re-match says so."""
    publish(ready.draft, ready.chi)
    ready.small.refresh_from_db()
    make_participant(
        ready.small, "mentor", "Amy Best", hours=range(9, 17), topics=[("Generative AI", 4)]
    )
    ready.people["priya"].profile.topics.update(level=1)
    ready.draft = actions.rematch(ready.draft, by=ready.chi, inertia=0)
    run_waiting()
    ready.draft.refresh_from_db()
    return ready


@pytest.mark.slow
def test_pages_of_a_running_cohort(sign_in, running):
    for name in CAST:
        for page in ("cohort", "draft", "pair"):
            status = (COHORT if page == "cohort" else DRAFT)[name]

            answer = sign_in(name).get(urls(running)[page])

            assert answer.status_code == status, (name, page)
            content = answer.content.decode()
            assert not [word for word in SECRET_WORDS if word in content], (name, page)
            assert ("Priya" in content) == (status == 200), (name, page)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("button", "by_lead", "made"),
    [
        pytest.param(("partners", {}), 302, "repair", id="find a partner"),
        pytest.param(("rematch", {"inertia": 3}), 302, "rematch", id="re-match"),
        pytest.param(("rematch", {"inertia": 21}), 422, None, id="more than is possible"),
        pytest.param(("rematch", {}), 422, None, id="not said how much"),
        pytest.param(("keep", {"pair": "Priya"}), 302, "locked", id="keep a pair"),
        pytest.param(("keep", {"pair": "Ines"}), 409, None, id="keep what would stay anyway"),
        pytest.param(("keep", {}), 409, None, id="keep nobody"),
    ],
)
def test_buttons_of_a_running_cohort(sign_in, running, button, by_lead, made):
    url, data = button
    if "pair" in data:
        data = {"pair": pair_of(running.small, data["pair"]).code}
    table = (COHORT if url == "partners" else DRAFT) | {"chi": by_lead}

    def press(name):
        return sign_in(name).post(urls(running)[url], data).status_code

    def left():
        drafts = Draft.objects.filter(cohort=running.small)
        return drafts.first().kind, drafts.count(), Wanted.objects.count(), Pair.objects.count()

    before = left()
    others = [name for name in CAST if name != "chi"]
    assert {name: press(name) for name in others} == {name: table[name] for name in others}
    run_waiting()
    assert left() == before

    assert press("chi") == by_lead
    run_waiting()
    kind, drafts, wanted, pairs = before
    assert left() == {
        None: before,
        "locked": (kind, drafts, wanted + 1, pairs),
    }.get(made, (made, drafts + 1, wanted, pairs))


def test_a_pair_of_another_cohort_is_not_kept(sign_in, running):
    answer = sign_in("chi").post(urls(running)["keep"], {"pair": running.pair.code})

    assert answer.status_code == 409
    assert Wanted.objects.count() == 0


def test_what_is_published_is_undone_by_the_lead_alone(sign_in, ready):
    sign_in("chi").post(urls(ready)["publish"], {"version": 1})
    run_waiting()

    refused = sign_in("cleo").post(urls(ready)["undo"])
    run_waiting()
    assert (refused.status_code, Pair.objects.filter(cohort=ready.small).count()) == (404, 2)

    sign_in("chi").post(urls(ready)["undo"])
    run_waiting()
    assert Pair.objects.filter(cohort=ready.small).count() == 0


def test_people_of_another_cohort_are_not_found_in_a_draft(sign_in, ready):
    stranger = ready.pair.cohort.enrolments.get(person=ready.bela)
    two = [ready.people["priya"].code, stranger.code]

    for url in ("pair", "cost"):
        response = sign_in("chi").get(reverse(f"pairing:{url}", args=[ready.draft.code, *two]))
        assert response.status_code == 404


@pytest.mark.parametrize("reason", ["veto", "line", "language"])
def test_not_possible_reads_the_same_whatever_the_reason(sign_in, ready, reason):
    zoe, karen = ready.people["zoe"], ready.people["karen"]
    if reason == "veto":
        seal(karen, vetoes=[zoe.code])
    elif reason == "line":
        zoe.person.manager = karen.person
    else:
        zoe.person.languages = ["fr"]
    zoe.person.save()
    url = reverse("pairing:cost", args=[ready.draft.code, zoe.code, karen.code])
    # Zoe and Gerald are kept apart by a veto in every case
    vetoed = reverse("pairing:cost", args=[ready.draft.code, zoe.code, ready.people["gerald"].code])

    client = sign_in("chi")
    pages = [
        client.get(each, headers={"HX-Request": "true"}).content.decode() for each in (url, vetoed)
    ]

    assert pages[0] == pages[1]
    assert "Not possible" in pages[0]
