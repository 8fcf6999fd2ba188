"""What visitors of the demonstration see and who they can be."""

import datetime as dt

import pytest
from django.urls import reverse

from contraflow.core.models import Job
from contraflow.ops import demo_life
from contraflow.ops.demo_visit import visitor
from tests.conftest import make_cohort, make_pair, make_person

# a Wednesday: morning in Berlin, night in Los Angeles
NOW = dt.datetime(2026, 3, 4, 9, 2, 30, tzinfo=dt.UTC)


def quiet(done, total, step):
    """Tell nobody how far it is."""


def two(cohort, zone, name):
    mentor, mentee = (
        make_person(f"{name} {side}", time_zone=zone, email=f"{side}@{name}.example".lower())
        for side in ("mentor", "leader")
    )
    return make_pair(cohort, mentor, mentee, sessions=8)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("now", "shown", "starts_at"),
    [
        pytest.param(NOW, "Berlin", NOW.replace(minute=40, second=0), id="who is awake"),
        pytest.param(
            NOW.replace(hour=1), "Auckland", NOW.replace(hour=1, minute=40, second=0),
            id="elsewhere at another hour",
        ),
        pytest.param(
            NOW.replace(day=7), "LosAngeles", dt.datetime(2026, 3, 9, 16, tzinfo=dt.UTC),
            id="on a Saturday nobody, so on Monday at nine",
        ),
    ],
)  # fmt: skip
def test_visitors_are_a_pair_that_meets_by_day(cast, settings, now, shown, starts_at):
    settings.DEMO = True
    cast.pair.delete()
    pairs = {
        zone.split("/")[1].replace("_", ""): two(cast.cohort, zone, zone.split("/")[1])
        for zone in ("America/Los_Angeles", "Europe/Berlin", "Pacific/Auckland")
    }

    demo_life.live_all(cast.cohort, quiet, now=now)

    pair = pairs[shown]
    assert demo_life.shown_pair(cast.cohort) == pair
    assert pair.sessions.get(state="booked").starts_at == starts_at
    assert (visitor("mentor"), visitor("leader")) == (pair.mentor, pair.mentee)


def test_nothing_is_to_be_done_while_a_cohort_is_built_and_its_end_is_told_once(
    sign_in, cast, settings
):
    settings.DEMO = True
    cohort = make_cohort(cast.programme, state="pairing", starts_on=dt.date(2025, 9, 1))
    job = Job.objects.create(kind="ops.live_demo", state=Job.State.RUNNING)
    client = sign_in("chi")
    ready = f"Cohort {cohort.name} is ready."

    while_built = client.get(reverse("home:today")).text
    overview = client.get(reverse("home:overview", args=[cohort.code])).text
    job.state = Job.State.DONE
    job.save()
    first, second = (client.get(reverse("home:today")).text for _ in range(2))

    assert f"Cohort {cohort.name} is being built" in while_built
    assert "It is being built, see below; nothing is to be done." in while_built
    assert "Go to matching" not in while_built + overview
    assert ready not in while_built
    assert ready in first
    assert ready not in second
    assert "Go to matching" in second
    # who came later was not waiting
    assert ready not in sign_in("ama").get(reverse("home:today")).text


@pytest.mark.parametrize(("who", "is_led_there"), [("chi", True), ("ama", False), ("sol", False)])
def test_only_who_may_open_the_overview_is_led_there_from_today(
    sign_in, cast, settings, who, is_led_there
):
    settings.DEMO = True
    cohort = make_cohort(cast.programme, state="pairing", starts_on=dt.date(2025, 9, 1))
    job = Job.objects.create(kind="ops.live_demo", state=Job.State.RUNNING)
    client = sign_in(who)
    client.get(reverse("home:today"))
    Job.objects.filter(pk=job.pk).update(state=Job.State.DONE)

    page = client.get(reverse("home:today")).text

    assert f"Cohort {cohort.name} is ready." in page
    assert ("See how it does" in page) is is_led_there


def test_the_way_to_sign_in_opened_by_hand_offers_the_roles(client, cast, settings):
    settings.DEMO = True
    cast.chi.email = "chi@lumenport.example"
    cast.chi.save()

    answer = client.get(reverse("ops:sign-in-as", args=["lead"]))

    assert answer.url == reverse("people:sign-in")
    assert "_auth_user_id" not in client.session


def test_the_video_room_of_the_demonstration_is_a_page_of_its_own(client, installation, settings):
    url = reverse("ops:video-room", args=["abc-123"])

    assert client.get(url).status_code == 404
    settings.DEMO = True
    assert "nothing leaves this machine" in client.get(url).text
