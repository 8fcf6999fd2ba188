"""What the lead's pages show and do, and that lists cost the same at any length."""

import hashlib
import re
from pathlib import Path

import pytest
from django.urls import reverse

from contraflow.core.models import Job, OutgoingMail
from contraflow.programmes.actions import apply_to, draw_lots
from contraflow.programmes.models import Enrolment, LotteryDraw, Side
from contraflow.programmes.views import cohorts as cohort_views
from tests.conftest import make_cohort, make_enrolment, make_person

S = Enrolment.State
DOCS = Path(__file__).parents[2] / "docs/use/enrol.md"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def cohort(cast, client):
    client.force_login(cast.chi)
    return make_cohort(
        cast.programme, name="Open", state="enrolling", applications_open=True, mentor_places=2
    )


def url(name, thing):
    return reverse(f"programmes:{name}", args=[thing.code])


def queries_of(client, address, capture):
    client.get(address)
    with capture as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_the_list_of_programmes_leads_on_or_says_who_can_make_one(cast, cohort, client):
    page = client.get(reverse("programmes:list")).text
    assert f'href="{cohort.get_absolute_url()}"' in page

    client.force_login(cast.sol)
    page = client.get(reverse("programmes:list")).text
    assert f'href="{cohort.get_absolute_url()}"' not in page

    client.force_login(cast.root)
    page = client.get(reverse("programmes:list")).text
    assert "Programme leads make programmes." in page
    assert f'href="{reverse("people:role-list")}"' in page


@pytest.mark.parametrize("name", ["cohort", "invite"])
def test_lists_of_people_cost_the_same_at_1_and_at_9_rows(
    cohort, client, name, django_assert_max_num_queries
):
    make_enrolment(cohort)
    capture = django_assert_max_num_queries
    one = queries_of(client, url(name, cohort), capture(30))
    for _ in range(9):
        make_enrolment(cohort, state=S.INVITED)
        make_person()

    assert queries_of(client, url(name, cohort), capture(30)) == one


def test_the_list_of_programmes_costs_the_same_at_1_and_at_3(
    cast, cohort, client, django_assert_max_num_queries
):
    capture = django_assert_max_num_queries
    one = queries_of(client, reverse("programmes:list"), capture(20))
    for number in range(3):
        cast.programme.cohorts.create(
            name=f"C{number}", starts_on="2026-09-07", length_weeks=9, cadence_days=7,
            session_minutes=50,
        )  # fmt: skip

    assert queries_of(client, reverse("programmes:list"), capture(20)) == one


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        pytest.param({}, ["Ada", "Ben", "Cid"], id="everybody"),
        pytest.param({"q": "be"}, ["Ben"], id="by name"),
        pytest.param({"side": "mentee"}, ["Cid"], id="by side"),
        pytest.param({"state": "invited"}, ["Ben"], id="by state"),
        pytest.param({"side": "nonsense"}, ["Ada", "Ben", "Cid"], id="nonsense narrows nothing"),
    ],
)
def test_the_table_is_narrowed_with_and_without_a_script(cohort, client, asked, shown):
    for name, side, state in (
        ("Ada", Side.MENTOR, S.ENROLLED), ("Ben", Side.MENTOR, S.INVITED),
        ("Cid", Side.MENTEE, S.ENROLLED),
    ):  # fmt: skip
        make_enrolment(cohort, make_person(name), side, state)

    for headers in ({}, HTMX):
        text = client.get(cohort.get_absolute_url(), asked, headers=headers).content.decode()
        assert [name for name in ("Ada", "Ben", "Cid") if f">{name}<" in text] == shown
        assert ("<html" in text) is not headers


def test_ticked_people_are_invited_and_all_found_on_request(cohort, client):
    people = [make_person(f"Xaver{number}", grade=number) for number in range(4)]
    address = url("invite", cohort)

    client.post(address, {"side": "mentor", "person": [people[0].code]})
    assert [each.person for each in cohort.enrolments.all()] == [people[0]]
    client.post(f"{address}?q=xaver&grade_from=2", {"side": "mentee", "all": "yes"})
    invited = cohort.enrolments.on_side(Side.MENTEE).values_list("person__name", flat=True)
    assert sorted(invited) == ["Xaver2", "Xaver3"]


def test_pasted_addresses_are_invited_or_named_as_unknown(cast, cohort, client):
    address = url("invite", cohort)
    wrong = client.post(
        address, {"side": "mentor", "emails": "Dov@example.org; <nobody@example.org>"}
    )
    assert wrong.status_code == 422
    assert "nobody@example.org" in wrong.content.decode()
    assert not cohort.enrolments.exists()

    client.post(address, {"side": "mentor", "emails": "Dov@example.org,\n<root@example.org>"})
    invited = set(cohort.enrolments.values_list("person__email", flat=True))
    assert invited == {"dov@example.org", "root@example.org"}


def test_the_lead_is_told_how_many_were_invited_and_passed_over(cast, cohort, client):
    make_enrolment(cohort, cast.root, state=S.DECLINED)
    asked = {"side": "mentor", "emails": "dov@example.org root@example.org"}

    page = client.post(url("invite", cohort), asked, follow=True).text

    assert "1 person is invited by mail. 1 is here already, or said no, and was passed over" in page


def test_an_address_that_is_none_is_named(cohort, client):
    answer = client.post(url("invite", cohort), {"side": "mentor", "emails": "dov@example @"})

    assert answer.status_code == 422
    assert "“dov@example” is no e-mail address." in answer.text


def test_many_are_invited_by_a_job_and_nobody_twice(cast, cohort, client, run_jobs, monkeypatch):
    monkeypatch.setattr(cohort_views, "INVITED_AT_ONCE", 2)
    people = [make_person(f"Xaver{number}") for number in range(3)]
    make_enrolment(cohort, people[0], state=S.DECLINED)
    data = {"side": "mentor", "emails": " ".join(each.email for each in [*people, cast.dov])}

    for _press in range(2):
        assert client.post(url("invite", cohort), data).url == cohort.get_absolute_url()
    assert Job.objects.filter(kind="programmes.invite_people").count() == 1
    assert "Writing invitations" in client.get(cohort.get_absolute_url()).content.decode()
    ran = [job for job in run_jobs() if job.kind == "programmes.invite_people"]

    assert [(job.state, job.result) for job in ran] == [("done", {"invited": 4})]
    assert OutgoingMail.objects.filter(kind="programmes.invitation").count() == 3
    assert "Writing invitations" not in client.get(cohort.get_absolute_url()).content.decode()


def test_deciding_twice_draws_once_and_leads_back_to_the_cohort(cohort, client):
    for _ in range(3):
        apply_to(cohort, Side.MENTOR, by=make_person())
    data = {"side": "mentor", "verb": "draw", "seed": "lotto"}

    first, second = (client.post(url("decide", cohort), data) for _press in range(2))

    draw = LotteryDraw.objects.get()
    assert (first.url, second.url) == (draw.get_absolute_url(), cohort.get_absolute_url())


def test_the_downloaded_log_lets_anybody_draw_again(cast, cohort, client):
    for _ in range(3):
        apply_to(cohort, Side.MENTOR, by=make_person())
    draw = draw_lots(cohort, Side.MENTOR, by=cast.chi, seed="lotto")

    lines = client.get(url("draw-log", draw)).content.decode().split("\r\n")[1:-1]

    rows = [line.split(",") for line in lines]
    assert [row[0] for row in rows] == ["1", "2", "3"]
    digests = [hashlib.sha256(f"lotto{row[1]}".encode()).hexdigest() for row in rows]
    assert digests == [row[2] for row in rows] == sorted(digests)
    assert [row[3] for row in rows] == ["yes", "yes", "no"]
    assert "lotto" in client.get(draw.get_absolute_url()).content.decode()


def test_the_documented_way_to_draw_again_agrees_and_finds_a_swap(
    cast, cohort, client, tmp_path, monkeypatch
):
    for _ in range(5):
        apply_to(cohort, Side.MENTOR, by=make_person())
    draw = draw_lots(cohort, Side.MENTOR, by=cast.chi, seed="lotto")
    shown = re.search(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    script = shown.group(1).replace("the seed on the page", "lotto")
    monkeypatch.chdir(tmp_path)
    log = client.get(url("draw-log", draw)).content.decode()

    (tmp_path / "draw.csv").write_text(log, encoding="utf-8", newline="")
    exec(script, {})
    head, first, second, *rest = log.splitlines(keepends=True)
    swapped = "".join([head, second, first, *rest])
    (tmp_path / "draw.csv").write_text(swapped, encoding="utf-8", newline="")
    with pytest.raises(AssertionError):
        exec(script, {})


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("invited", "Yes, I take part"),
        ("applied", "Your application is in"),
        ("waiting", "You are number 1 on the waiting list"),
        ("bench", "You stand ready"),
        ("enrolled", "Fill in your profile"),
        ("declined", "Changed your mind? Apply"),
        ("withdrawn", "You no longer take part."),
    ],
)
def test_each_state_says_what_comes_next(cast, cohort, client, state, words):
    enrolment = make_enrolment(cohort, cast.dov, state=state)
    enrolment.waiting_place = 1 if state == "waiting" else None
    enrolment.save()
    client.force_login(cast.dov)

    text = client.get(enrolment.get_absolute_url()).content.decode()

    assert words in text
    assert ("Stop taking part" in text) is (state not in {"invited", "declined", "withdrawn"})


@pytest.mark.parametrize(
    ("state", "words"),
    [("pairing", "so profiles are fixed"), ("running", "Your cohort runs"), ("closed", "is over")],
)
def test_an_enrolment_follows_its_cohort(cast, cohort, client, state, words):
    enrolment = make_enrolment(cohort, cast.dov)
    cohort.state = state
    cohort.save()
    client.force_login(cast.dov)

    assert words in client.get(enrolment.get_absolute_url()).content.decode()


def test_one_accepts_on_ones_own_page_with_one_press(cast, cohort, client):
    enrolment = make_enrolment(cohort, cast.dov, state=S.INVITED)
    client.force_login(cast.dov)

    for _press in range(2):
        answer = client.post(url("answer", enrolment), {"answer": "yes"})
        assert answer.url == enrolment.get_absolute_url()
    enrolment.refresh_from_db()
    assert enrolment.state == S.ENROLLED


def test_invalid_forms_come_back_with_422_and_change_nothing(cast, cohort, client):
    answers = {
        "programme-edit": client.post(url("programme-edit", cast.programme), {"title": ""}),
        "stewards": client.post(url("stewards", cast.programme), {"email": "x", "kind": "lead"}),
        "objective-new": client.post(url("objective-new", cast.programme), {"statement": ""}),
        "cohort-new": client.post(url("cohort-new", cast.programme), {"name": "Open"}),
        "cohort-settings": client.post(url("cohort-settings", cohort), {"name": ""}),
        "apply": client.post(url("apply", cohort), {"side": "both"}),
    }

    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(
        answers, 422
    )
    cast.programme.refresh_from_db()
    assert cast.programme.title == "Executive digital fluency"
    assert "This programme has a cohort of this name already." in (
        answers["cohort-new"].content.decode()
    )


def test_a_figure_that_is_measured_is_not_entered_by_hand(cast, cohort, client):
    objective = cast.programme.objectives.create(
        statement="S", measure="M", target=1, due_on="2026-09-07", source="computed",
        source_key="sessions_held_share",
    )  # fmt: skip

    answer = client.post(url("readings", objective), {"value": 1, "read_on": "2026-09-07"})

    assert answer.status_code == 409
    assert not objective.readings.exists()


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_cohort_does_not_start_where_the_calendar_ends(cohort, cast, client, day):
    """Its last day would not exist, nor would any page that names it."""
    fields = {"name": "Far", "starts_on": day, "length_weeks": 26, "cadence_days": 28}

    answer = client.post(url("cohort-new", cast.programme), fields | {"session_minutes": 50})

    assert answer.status_code == 422
    assert "Is the year right?" in answer.content.decode()
    assert not cast.programme.cohorts.filter(name="Far").exists()


@pytest.mark.parametrize("number", ["9" * 5000, "9" * 30, "x", "-1"])
def test_a_task_with_a_number_that_nobody_has_is_not_taken_away(cast, cohort, client, number):
    before = set(cast.programme.stewards.values_list("pk", flat=True))

    assert client.post(url("stewards", cast.programme), {"remove": number}).status_code == 302

    assert set(cast.programme.stewards.values_list("pk", flat=True)) == before


def test_a_participant_can_write_to_lead_and_trusted_contact(cast, client):
    client.force_login(cast.ama)

    page = client.get(cast.cohort.enrolments.get(person=cast.ama).get_absolute_url()).text

    assert re.findall(r'href="mailto:(\w+)@', page) == ["chi", "tru"]
    assert "Sol" in page
