"""What the pages show, accept and cost."""

import datetime as dt
import zoneinfo

import pytest
from django.urls import reverse
from django.utils import timezone

from contraflow.core.mail import no_mail
from contraflow.pairs import actions
from contraflow.pairs.forms import DateForm
from contraflow.pairs.models import Session, SessionChange
from contraflow.programmes.models import Enrolment, Profile
from tests.conftest import make_cohort, make_pair, make_person

# whatever is shown; sign-in asks two, footer and bell one each, messages and notes three,
# the agreement two; a list writes who looked at it
PAIR_QUERIES = 28
SESSION_QUERIES = 17
LIST_QUERIES = 15
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")


def in_days(days, hour=10):
    moment = timezone.now() + dt.timedelta(days=days)
    return moment.replace(hour=hour, minute=0, second=0, microsecond=0)


@pytest.fixture
def session(cast):
    return cast.pair.sessions.get(number=1)


def posted(client, session, door="session-book", **fields):
    return client.post(reverse(f"pairs:{door}", args=[session.code]), fields)


# -- a date ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "when",
    [("Pacific/Honolulu", "9999-12-31", "23:59"), ("Asia/Tokyo", "0001-01-01", "00:00")],
    ids=lambda when: when[1],
)
@pytest.mark.parametrize("door", ["session-book", "session-check"])
def test_a_day_that_utc_does_not_have_is_refused(sign_in, cast, session, when, door):
    cast.bela.time_zone, day, time = when
    cast.bela.save()

    answer = posted(sign_in("bela"), session, door, starts_on=day, starts_time=time, minutes=45)

    assert answer.status_code == (422 if door == "session-book" else 200)
    session.refresh_from_db()
    assert session.starts_at is None


def test_a_date_is_read_in_the_time_zone_of_who_writes_it(sign_in, cast, session):
    cast.bela.time_zone = "Asia/Kolkata"
    cast.bela.save()
    day = in_days(10).date()

    answer = posted(sign_in("bela"), session, starts_on=day, starts_time="10:00", minutes=45)

    assert answer.url == cast.pair.get_absolute_url()
    session.refresh_from_db()
    assert session.starts_at == dt.datetime.combine(day, dt.time(4, 30), tzinfo=dt.UTC)
    assert session.minutes == 45


def last_sunday_of_march():
    """Return the next day on which the clocks of Berlin go forward."""
    today = timezone.localdate()
    for year in (today.year, today.year + 1):
        day = dt.date(year, 3, 31)
        day -= dt.timedelta(days=(day.weekday() + 1) % 7)
        if day > today:
            return day
    raise AssertionError("every two years have a March to come")


@pytest.mark.parametrize(
    ("fields", "field", "reason"),
    [
        pytest.param({"starts_on": ""}, "starts_on", "This field is required.", id="no day"),
        pytest.param({"starts_time": "25:00"}, "starts_time", "Enter a valid time.", id="no time"),
        pytest.param(
            {"starts_on": "2020-01-02"}, "starts_on", "This day has passed.", id="past day"
        ),
        pytest.param(
            {"starts_on": timezone.localdate() + dt.timedelta(days=400)}, "starts_on",
            "This is more than a year away. Is the year right?", id="another year",
        ),
        pytest.param(
            {"starts_on": last_sunday_of_march(), "starts_time": "02:30"},
            "starts_time", "The clocks go forward then: there is no such time.", id="skipped hour",
        ),
        pytest.param(
            {"minutes": "5"}, "minutes",
            "Ensure this value is greater than or equal to 10.", id="too short",
        ),
    ],
)  # fmt: skip
def test_a_wrong_date_is_told_beside_its_field(sign_in, cast, fields, field, reason):
    session = cast.pair.sessions.get(number=1)
    cast.ama.time_zone = "Europe/Berlin"
    cast.ama.save()
    right = {"starts_on": in_days(10).date(), "starts_time": "10:00", "minutes": "50"}

    answer = posted(sign_in("ama"), session, **(right | fields))

    assert answer.status_code == 422
    assert answer.context["date"]["form"].errors == {field: [reason]}
    assert reason in answer.content.decode()
    assert Session.objects.get(pk=session.pk).state == "planned"


def test_who_comes_second_reads_what_stands_now(sign_in, cast, session):
    starts_at = in_days(10)
    actions.book_session(session, by=cast.ama, starts_at=starts_at)

    answer = posted(
        sign_in("bela"), session, starts_on=in_days(11).date(), starts_time="9:00", minutes=50
    )

    assert answer.status_code == 409
    assert f"It is booked for {starts_at:%a} {starts_at.day} " in answer.content.decode()
    assert Session.objects.get(pk=session.pk).starts_at == starts_at


@pytest.mark.parametrize(
    ("hours", "told"),
    [
        pytest.param([], "has not said which hours suit", id="nothing said"),
        pytest.param([9, 10], "It lies in the hours", id="both hours it touches suit"),
        pytest.param([9], "It lies outside the hours", id="it goes on into another hour"),
    ],
)
def test_the_check_tells_yes_or_no_and_never_the_hours(sign_in, cast, session, hours, told):
    cast.bela.time_zone = "Europe/Berlin"
    cast.bela.save()
    enrolment = Enrolment.objects.get(person=cast.bela)
    starts_at = in_days(10).astimezone(BERLIN).replace(hour=9, minute=30)
    monday = 24 * starts_at.weekday()
    Profile.objects.create(enrolment=enrolment, hours=[monday + hour for hour in hours])
    here = starts_at.astimezone(dt.UTC)
    url = reverse("pairs:session-check", args=[session.code])
    date = {"starts_on": here.date(), "starts_time": f"{here:%H:%M}", "minutes": 50}

    answer = sign_in("ama").post(url, date, headers={"HX-Request": "true"})

    shown = " ".join(answer.content.decode().split())
    assert shown.startswith('<div id="time-check"')
    assert f"{starts_at:%A} {starts_at.day} {starts_at:%B}, 09:30 (Europe/Berlin)" in shown
    assert told in shown
    assert Session.objects.get(pk=session.pk).state == "planned"
    # whichever weekday it is: Ama's are the working hours
    assert ("suit you both:" in shown or "suits you both" in shown) is ("outside" in told)
    whole = sign_in("ama").post(url, date).content.decode()
    assert "<html" in whole
    assert told in whole


def test_a_field_that_is_still_empty_is_not_scolded(sign_in, session):
    url = reverse("pairs:session-check", args=[session.code])
    date = {"starts_on": in_days(10).date(), "starts_time": "", "minutes": 50}

    shown = sign_in("ama").post(url, date, headers={"HX-Request": "true"}).text

    assert "This field is required." not in shown
    assert "Choose a day and a time." in shown


def test_a_proposed_time_fills_the_form_and_nonsense_does_not(sign_in, cast, session):
    day = in_days(10).date()
    page = session.get_absolute_url()
    client = sign_in("ama")

    form = client.get(f"{page}?at={day}T14:00").context["date"]["form"]
    assert form.initial == {"starts_on": day, "starts_time": dt.time(14), "minutes": 50}

    # in the night of who looks, whose partner works from nine to five
    Profile.objects.create(enrolment=Enrolment.objects.get(person=cast.bela), hours=[9, 33, 57])
    assert "suit" in client.get(f"{page}?at={day}T03:00").text.partition("outside the hours")[2]

    for nonsense in ("soon", "2026-02-31T10:00", "9999-12-31T23:59", "0001-01-01T00:00"):
        form = client.get(f"{page}?at={nonsense}").context["date"]["form"]
        assert form.initial == DateForm(session=session).initial


# -- the pages ------------------------------------------------------------------------------------


def test_the_agenda_is_timed_to_the_minute(sign_in, cast, session):
    actions.book_session(session, by=cast.ama, starts_at=in_days(2), minutes=45)

    agenda = sign_in("bela").get(session.get_absolute_url()).context["agenda"]

    assert [(part["minutes"], str(part["name"])) for part in agenda] == [
        (5, "Arrive"), (4, "Look back"), (18, "Activity"), (7, "What I heard"),
        (2, "Next step"), (9, "Left open"),
    ]  # fmt: skip
    assert agenda[0]["text"] == "What?"


def test_after_the_session_the_page_asks_whether_they_met(sign_in, cast, session):
    begin = timezone.now() - dt.timedelta(hours=3)
    actions.book_session(session, by=cast.ama, starts_at=begin, at=begin - dt.timedelta(days=1))
    client = sign_in("bela")

    asked = client.get(cast.pair.get_absolute_url()).content.decode()
    posted(client, session, "session-held")
    after = client.get(session.get_absolute_url()).content.decode()

    assert "Did you meet?" in asked
    assert "Only you and Ama can read this." in after
    assert "You can take that back within a day." in after
    following = cast.pair.sessions.get(number=2)
    assert f'href="{following.get_absolute_url()}#date"' in after
    assert f'href="{following.get_absolute_url()}#date"' not in asked


def test_the_first_session_looks_back_at_nothing_that_was_agreed(sign_in, cast, session):
    client, agreed = sign_in("bela"), "What you said you would try: done, changed or dropped?"
    second = cast.pair.sessions.get(number=2)

    assert agreed not in client.get(session.get_absolute_url()).text
    assert agreed in client.get(second.get_absolute_url()).text


def test_everybody_finds_their_pair_from_their_place_and_the_lead_the_list(sign_in, cast):
    own = cast.cohort.enrolments.get(person=cast.bela)
    pair_url = cast.pair.get_absolute_url()
    pair_list = reverse("pairs:list", args=[cast.cohort.code])

    assert f'href="{pair_url}"' in sign_in("bela").get(own.get_absolute_url()).text
    for page in (pair_url, cast.pair.sessions.get(number=1).get_absolute_url()):
        assert f'href="{pair_list}"' in sign_in("chi").get(page).text
        assert f'href="{pair_list}"' not in sign_in("bela").get(page).text


def test_the_lead_reads_who_cancelled_and_how_late(sign_in, cast, session):
    starts_at = timezone.now() + dt.timedelta(days=2)
    actions.book_session(session, by=cast.ama, starts_at=starts_at)
    actions.cancel_session(session, by=cast.bela, at=starts_at - dt.timedelta(hours=5))

    changes = sign_in("chi").get(cast.pair.get_absolute_url()).context["changes"]

    assert [(change["what"], change["notice"]) for change in changes] == [
        ("Bela cancelled session 1", "5 hours before"),
        ("Ama booked session 1", ""),
    ]


@pytest.mark.parametrize("sessions", [1, 12])
def test_pair_and_session_page_cost_the_same_however_long_the_plan(
    sign_in, cast, sessions, django_assert_num_queries
):
    pair = make_pair(make_cohort(cast.programme), cast.ama, cast.bela, sessions=sessions)
    begin = timezone.now() - dt.timedelta(hours=3)
    with no_mail():
        for session in pair.sessions.all():
            at = begin - dt.timedelta(days=session.number)
            actions.book_session(session, by=cast.ama, starts_at=at, at=at - dt.timedelta(days=1))
            actions.record_held(session, by=cast.ama)
            actions.write_learned(session, by=cast.ama, text="Budgets")
            actions.write_learned(session, by=cast.bela, text="Prompts")
    client = sign_in("ama")

    with django_assert_num_queries(PAIR_QUERIES):
        client.get(pair.get_absolute_url())
    with django_assert_num_queries(SESSION_QUERIES):
        client.get(pair.sessions.first().get_absolute_url())


def test_without_a_video_room_nobody_is_sent_anywhere(sign_in, cast, session, settings):
    client = sign_in("ama")
    actions.book_session(session, by=cast.ama, starts_at=in_days(2))
    pages = [cast.pair.get_absolute_url(), session.get_absolute_url()]
    assert all(f'href="{session.video_link}"' in client.get(page).text for page in pages)

    settings.VIDEO_LINK_PATTERN = ""

    assert not any("Join" in client.get(page).text for page in pages)
    file = client.get(reverse("pairs:session-file", args=[session.code])).text
    assert "LOCATION" not in file


# -- the lead's list ------------------------------------------------------------------------------


def names(answer):
    return [row["mentor__name"] for row in answer.context["pairs"].object_list]


@pytest.fixture
def listed(cast):
    """A cohort with one pair of each kind that the list tells apart."""
    cohort = make_cohort(cast.programme, starts_on=timezone.localdate() + dt.timedelta(days=30))
    late = make_cohort(cast.programme)
    pairs = {
        name: make_pair(late if name == "Overdue" else cohort, make_person(name))
        for name in ("Booked", "Waiting", "Overdue", "Ended", "Silent")
    }
    pairs["Overdue"].cohort = cohort
    pairs["Overdue"].save()
    past = timezone.now() - dt.timedelta(days=9)
    with no_mail():
        for name, starts_at in (("Booked", in_days(3)), ("Silent", past)):
            session = pairs[name].sessions.first()
            before = starts_at - dt.timedelta(days=5)
            actions.book_session(session, by=pairs[name].mentor, starts_at=starts_at, at=before)
        actions.end_pair(pairs["Ended"], by=None)
    cast.listed = cohort
    return pairs


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        pytest.param("", ["Booked", "Waiting", "Overdue", "Ended", "Silent"], id="all"),
        pytest.param("?only=needs-a-date", ["Waiting", "Overdue"], id="without a date"),
        pytest.param("?only=overdue", ["Overdue"], id="behind the plan"),
        pytest.param("?only=to-tell", ["Silent"], id="nobody said whether it was held"),
        pytest.param("?only=ended", ["Ended"], id="ended"),
        pytest.param("?search=wait", ["Waiting"], id="by name"),
        pytest.param("?search=wait+nobody", [], id="every word counts"),
        pytest.param("?only=unknown&page=99", ["Booked", "Waiting", "Overdue", "Ended", "Silent"],
                     id="nonsense shows all"),
    ],
)  # fmt: skip
def test_the_list_shows_the_pairs_asked_for(sign_in, cast, listed, query, shown):
    url = reverse("pairs:list", args=[cast.listed.code])

    assert names(sign_in("chi").get(url + query)) == shown


def test_the_pairs_that_need_the_lead_are_listed_with_their_reasons(sign_in, cast):
    cohort = make_cohort(cast.programme, starts_on=timezone.localdate() - dt.timedelta(days=40))
    made = {name: make_pair(cohort, make_person(name)) for name in ("Fine", "Some", "Most")}
    for name, days in (("Fine", 3), ("Some", 30)):
        made[name].sessions.filter(number=1).update(
            state="held", starts_at=timezone.now() - dt.timedelta(days)
        )
    SessionChange.objects.bulk_create(
        SessionChange(session=made["Most"].sessions.first(), kind="cancelled", side="mentee",
                      notice_hours=30)
        for _ in range(2)
    )  # fmt: skip
    url = reverse("pairs:list", args=[cohort.code]) + "?only=needs-you"

    answer = sign_in("chi").get(url)

    assert names(answer) == ["Most", "Some"]
    assert "No first session for 40 days, leader cancelled 2 times running" in answer.text
    assert "No session for 30 days, nothing booked" in answer.text
    assert names(sign_in("chi").get(url + "&search=some")) == ["Some"]


def test_nobody_who_needs_the_lead_is_good_news(sign_in, cast, listed):
    cast.cohort.pairs.all().delete()
    url = reverse("pairs:list", args=[cast.cohort.code])

    assert "No pair needs you now" in sign_in("chi").get(url + "?only=needs-you").text


def test_the_lead_reads_why_a_pair_needs_them_and_whom_to_write_to(sign_in, cast):
    page = sign_in("chi").get(cast.pair.get_absolute_url()).text

    assert "This pair needs you" in page
    assert "No first session for" in page
    assert "What helps" in page
    for href in (
        "mailto:ama@example.org", "mailto:bela@example.org",
        "mailto:bela@example.org,ama@example.org",
        cast.ama.get_absolute_url(), cast.bela.get_absolute_url(),
    ):  # fmt: skip
        assert f'href="{href}"' in page
    assert "This pair needs you" not in sign_in("ama").get(cast.pair.get_absolute_url()).text


def test_a_pair_without_need_says_nothing_of_it(sign_in, cast):
    cast.pair.sessions.filter(number=1).update(
        state="held", starts_at=timezone.now() - dt.timedelta(days=2)
    )

    page = sign_in("chi").get(cast.pair.get_absolute_url()).text

    assert "This pair needs you" not in page
    assert f'href="{cast.ama.get_absolute_url()}"' in page


@pytest.mark.parametrize(
    ("states", "due", "overdue"),
    [
        pytest.param(["missed", "held", "planned"], 3, True, id="the plan goes on after a miss"),
        pytest.param(["missed", "held", "held"], None, False, id="only the missed one is left"),
        pytest.param(["held", "planned", "planned"], 2, True, id="in order"),
    ],
)
def test_next_is_the_session_the_pair_s_own_page_names(sign_in, cast, states, due, overdue):
    pair = cast.pair
    for number, state in enumerate(states, start=1):
        starts_at = None if state == "planned" else timezone.now() - dt.timedelta(days=30 - number)
        pair.sessions.filter(number=number).update(state=state, starts_at=starts_at)

    answer = sign_in("chi").get(reverse("pairs:list", args=[cast.cohort.code]))

    (row,) = answer.context["pairs"].object_list
    assert row["due_on"] == (pair.sessions.get(number=due).due_on if due else None)
    assert row["is_overdue"] is overdue
    assert ("no date" in answer.text) is not overdue


def test_a_row_counts_what_was_held_and_names_the_next_date(sign_in, cast, listed):
    pair = listed["Silent"]
    actions.record_held(pair.sessions.first(), by=pair.mentor)
    rows = sign_in("chi").get(reverse("pairs:list", args=[cast.listed.code])).context["pairs"]

    row = {row["mentor__name"]: row for row in rows.object_list}
    assert (row["Silent"]["held"], row["Silent"]["planned"]) == (1, 3)
    assert row["Silent"]["last_at"] == pair.sessions.first().starts_at
    assert (row["Booked"]["next_at"], row["Waiting"]["next_at"]) == (in_days(3), None)
    assert [name for name in row if row[name]["is_overdue"]] == ["Overdue"]


def test_the_one_who_did_not_say_it_was_held_is_asked_on_the_session_too(sign_in, cast, session):
    with no_mail():
        actions.book_session(session, by=cast.ama, starts_at=in_days(1))
    actions.record_held(session, by=cast.ama, at=in_days(2))
    asked = "Ama said that you met. What did you learn?"

    assert asked not in sign_in("ama").get(session.get_absolute_url()).content.decode()
    assert asked in sign_in("bela").get(session.get_absolute_url()).content.decode()
    answer = posted(sign_in("bela"), session, "session-learned", text="How prompts work")
    assert answer.status_code == 302
    page = sign_in("bela").get(session.get_absolute_url()).content.decode()
    assert asked not in page
    assert "How prompts work" in page
    session.refresh_from_db()
    assert session.state == Session.State.HELD


@pytest.mark.parametrize("count", [1, 60])
def test_the_list_costs_the_same_for_any_number_of_pairs(
    sign_in, cast, count, django_assert_num_queries
):
    cohort = make_cohort(cast.programme)
    couples = [
        actions.Couple(mentor=make_person(), mentee=make_person(f"Lee{number}"))
        for number in range(count)
    ]
    actions.start_pairs(cohort, couples, by=cast.chi)
    client = sign_in("chi")

    with django_assert_num_queries(LIST_QUERIES):
        answer = client.get(reverse("pairs:list", args=[cohort.code]))

    assert len(names(answer)) == min(count, 50)
    assert answer.context["pairs"].paginator.count == count


def test_htmx_gets_the_list_alone(sign_in, cast):
    url = reverse("pairs:list", args=[cast.cohort.code])

    answer = sign_in("chi").get(url, {"search": "zzz"}, headers={"HX-Request": "true"})

    assert answer.content.decode().lstrip().startswith('<section class="stack" id="pairs"')
    assert "No pair fits" in answer.content.decode()
