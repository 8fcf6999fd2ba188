"""Public holidays of either: no time on them, no clock runs, and nobody reads whose or where."""

import datetime as dt
import zoneinfo

import holidays
import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from contraflow.core.errors import Refusal
from contraflow.core.models import AuditEntry
from contraflow.pairs import actions, diary, queries, rules
from contraflow.pairs.forms import DateForm, HolidaysForm
from contraflow.pairs.health import pairs_in_need
from contraflow.pairs.models import Assistant, Pair
from contraflow.pairs.rests import rests_of_pair, rests_until
from contraflow.pairs.times import ClosedDay, closed_days, series_of, times_for_both
from contraflow.people.models import Person
from contraflow.programmes.models import Enrolment, Profile
from tests.conftest import CAST, make_cohort, make_enrolment

DAY = dt.timedelta(days=1)
TODAY = dt.date(2026, 3, 2)
GOOD_FRIDAY, EASTER_MONDAY = dt.date(2026, 4, 3), dt.date(2026, 4, 6)
# both sides of the equator, half an hour's step, half hours, beyond the date line, and no change
ZONES = (
    "Europe/Berlin", "America/New_York", "America/St_Johns", "Australia/Lord_Howe",
    "Pacific/Auckland", "Pacific/Apia", "Pacific/Kiritimati", "Asia/Kolkata", "UTC",
)  # fmt: skip
PLACES = ("DE-BY", "US-CA", "JP", "IN", "SA", "BR", "none", "")
LIVES = st.tuples(st.sampled_from(PLACES), st.sampled_from(ZONES))
# the days around which clocks change somewhere, and thick with holidays
DAYS = st.one_of(
    st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31)),
    *(
        st.dates(day - 3 * DAY, day + 3 * DAY)
        for day in (dt.date(2026, 3, 8), dt.date(2026, 3, 29), dt.date(2026, 4, 5),
                    dt.date(2026, 10, 25), dt.date(2026, 11, 1), dt.date(2026, 12, 28))
    ),
)  # fmt: skip


def at(day, hour=9):
    return dt.datetime.combine(day, dt.time(hour), dt.UTC)


NEAR = st.builds(
    lambda day, minute: at(day, 0) + dt.timedelta(minutes=minute), DAYS, st.integers(0, 1439)
)


def _time_in(zone, moment):
    return f"{moment.astimezone(zoneinfo.ZoneInfo(zone)):%H:%M}"


def is_closed(person, moment):
    """Ask the library itself for the day on a person's clock."""
    country, _dash, region = person.country.partition("-")
    if len(country) != 2:
        return False
    day = moment.astimezone(zoneinfo.ZoneInfo(person.time_zone)).date()
    return day in holidays.country_holidays(country, subdiv=region or None, years=day.year)


@pytest.fixture
def pair(cast):
    """Return a pair of which each would meet at any hour of the week."""
    cast.pair.started_on = TODAY
    cast.pair.save()
    for person in (cast.ama, cast.bela):
        enrolment = Enrolment.objects.get(person=person, cohort=cast.cohort)
        Profile.objects.update_or_create(enrolment=enrolment, defaults={"hours": [*range(168)]})
    return cast.pair


def lives_in(person, country, zone="UTC"):
    person.country, person.time_zone = country, zone
    person.save()


# -- proposals ------------------------------------------------------------------------------------


@pytest.mark.slow
def test_no_time_is_proposed_on_a_public_holiday_of_either(pair):
    session = pair.sessions.get(number=1)
    session.pair = pair

    @settings(max_examples=60, deadline=None)
    @given(
        lives=st.tuples(LIVES, LIVES), looks=st.sampled_from(ZONES), near=NEAR,
        minutes=st.integers(10, 480), weeks=st.integers(1, 3),
    )  # fmt: skip
    def promise(*, lives, looks, near, minutes, weeks):
        both = (pair.mentor, pair.mentee)
        for person, (country, zone) in zip(both, lives, strict=True):
            person.country, person.time_zone = country, zone
        session.minutes = minutes
        with timezone.override(zoneinfo.ZoneInfo(looks)):
            found = times_for_both(session, near=near, at=near - 5 * DAY)
            slots = series_of(pair, [session] * 3, first=near, weeks=weeks, at=near - DAY)

        def is_off(starts_at):
            last = starts_at + dt.timedelta(minutes=minutes - 1)
            return any(is_closed(person, at) for person in both for at in (starts_at, last))

        assert len(found) == 3
        assert not any(map(is_off, found))
        # of a series, a date is left out on a holiday, or where the clocks skip its hour
        for slot in slots:
            skipped = _time_in(looks, slot.starts_at) != _time_in(looks, near)
            assert is_off(slot.starts_at) != bool(slot.session) or skipped

    promise()


def test_a_holiday_is_one_on_the_clock_of_whom_it_is_of(pair):
    lives_in(pair.mentor, "DE", "Pacific/Auckland")
    lives_in(pair.mentee, "", "America/New_York")
    session = Pair.objects.get(pk=pair.pk).sessions.get(number=1)

    # Good Friday has begun and ends in Auckland, thirteen hours before Greenwich
    for hours, is_free in ((10, True), (11, False), (34, False), (35, True)):
        near = at(GOOD_FRIDAY - DAY, 0) + dt.timedelta(hours=hours)
        session.minutes = 60
        assert (rules.why_not_time(session, starts_at=near, at=at(TODAY)) is None) is is_free, hours


def test_only_ones_own_holiday_is_named(pair):
    lives_in(pair.mentor, "DE")
    lives_in(pair.mentee, "US")
    session = Pair.objects.get(pk=pair.pk).sessions.get(number=1)

    def why(person, day):
        return rules.why_not_time(session, starts_at=at(day), by=person, at=at(TODAY))

    named = "Mon 6 Apr is a public holiday of yours: Easter Monday. Choose another day."
    assert why(pair.mentor, EASTER_MONDAY) == named
    for told in (pair.mentee, None):
        assert why(told, EASTER_MONDAY) == "One of you is not free then. Choose another day."
    new_year = dt.date(2027, 1, 1)
    for person in (pair.mentor, pair.mentee):
        assert "of yours: New Year's Day" in why(person, new_year)
    assert why(pair.mentor, EASTER_MONDAY + DAY) is None


def test_the_form_says_on_which_days_nothing_is_proposed(pair):
    lives_in(pair.mentor, "DE")
    lives_in(pair.mentee, "DE-BY")
    session = Pair.objects.get(pk=pair.pk).sessions.get(number=1)
    near = at(dt.date(2027, 1, 4))

    seen = {
        person: closed_days(session, person, near=near, at=at(TODAY))
        for person in (pair.mentor, pair.mentee)
    }

    new_year = ClosedDay(day=dt.date(2027, 1, 1), holiday="New Year's Day")
    epiphany = dt.date(2027, 1, 6)
    assert seen[pair.mentor] == [new_year, ClosedDay(day=epiphany, holiday="")]
    assert seen[pair.mentee] == [new_year, ClosedDay(day=epiphany, holiday="Epiphany")]


def test_a_form_without_a_time_begins_after_holidays_and_weekends(pair):
    lives_in(pair.mentor, "DE")
    Profile.objects.update(hours=[0])
    session = Pair.objects.get(pk=pair.pk).sessions.get(number=1)
    # the next Good Friday that is more than a month away, whenever this runs
    days = {
        day: name
        for year in range(timezone.localdate().year, timezone.localdate().year + 3)
        for day, name in holidays.country_holidays("DE", years=year, language="en_US").items()
    }
    session.due_on = min(
        day for day, name in days.items()
        if name == "Good Friday" and day > timezone.localdate() + 30 * DAY
    )  # fmt: skip
    session.minutes = 120

    form = DateForm(session=session)

    assert form.initial["starts_on"] == session.due_on + 4 * DAY
    assert "starts_time" not in form.initial


# -- clocks ---------------------------------------------------------------------------------------


def due_days(pair):
    return [session.due_on for session in pair.sessions.order_by("number")]


def test_holidays_stop_the_clocks_of_a_pair_and_can_be_taken_back(cast, pair):
    pair.started_on = dt.date(2026, 1, 2)
    pair.save()
    for session, days in zip(pair.sessions.all(), (-2, 31, 50), strict=True):
        session.due_on = TODAY + days * DAY
        session.save()
    before, monday = due_days(pair), at(EASTER_MONDAY)
    assert [each.pk for each in pairs_in_need(cast.cohort, now=monday)] == [pair.pk]

    actions.keep_holidays(cast.bela, place="DE")

    # single days through the year would add up to weeks, and tell the partner where one lives
    assert due_days(pair) == before
    assert rests_until(EASTER_MONDAY, rests_of_pair(pair)) == EASTER_MONDAY
    assert pairs_in_need(cast.cohort, now=monday) == []
    for only, shown in (("needs-a-date", 0), ("overdue", 0), ("resting", 1)):
        listed = queries.list_pairs(cast.cohort, reader=cast.chi, only=only, at=monday)
        assert len(listed.object_list) == shown, only
    actions.keep_holidays(cast.bela, place="none")
    assert [each.pk for each in pairs_in_need(cast.cohort, now=monday)] == [pair.pk]


def test_a_plan_is_the_same_wherever_the_two_live(cast):
    cohort = make_cohort(cast.programme, starts_on=timezone.localdate(), length_weeks=52)
    make_enrolment(cohort, cast.dov)
    make_enrolment(cohort, cast.sol, side="mentee")
    here = actions.start_pair(cohort, mentor=cast.dov, mentee=cast.sol, by=None)
    for person, place in ((cast.tru, "IN"), (cast.root, "JP")):
        lives_in(person, place)

    there = actions.start_pair(cohort, mentor=cast.tru, mentee=cast.root, by=None)

    assert due_days(there) == due_days(here)


# -- who reads what -------------------------------------------------------------------------------


def next_monday_off(place):
    """Return a weekday holiday that comes at least a week from now."""
    country, _dash, region = place.partition("-")
    year = timezone.localdate().year
    days = holidays.country_holidays(country, subdiv=region or None, years=[year, year + 1])
    first = timezone.localdate() + 7 * DAY
    return min(day for day in days if day > first and day.weekday() < 5)


def test_a_holiday_refuses_a_date_and_tells_its_owner_alone_which(sign_in, cast, pair):
    actions.keep_holidays(cast.bela, place="DE-BY")
    day = next_monday_off("DE-BY")
    session = pair.sessions.get(number=1)
    name = holidays.country_holidays("DE", subdiv="BY", years=day.year, language="en_US")[day]
    sent = {"starts_on": day, "starts_time": "10:00", "minutes": 50}
    url = reverse("pairs:session-book", args=[session.code])

    answers = {who: sign_in(who).post(url, sent) for who in ("ama", "bela")}

    assert {who: answer.status_code for who, answer in answers.items()} == {"ama": 422, "bela": 422}
    assert "is a public holiday of yours" in answers["bela"].text
    assert "One of you is not free then." in answers["ama"].text
    assert "Bela is not free" in answers["ama"].text
    for word in ("DE-BY", "Germany", "Bayern", name, name.replace("'", "&#x27;")):
        assert word not in answers["ama"].text, word
    with pytest.raises(Refusal, match="not free"):
        actions.book_session(session, by=cast.ama, starts_at=at(day, 10))
    session.refresh_from_db()
    assert session.state == "planned"


def test_an_assistant_reads_no_more_than_that_one_of_them_is_not_free(sign_in, cast, pair):
    Assistant.objects.create(person=cast.bela, assistant=cast.dov)
    actions.keep_holidays(cast.bela, place="DE")
    day = next_monday_off("DE")
    url = reverse("pairs:appointment-book", args=[pair.sessions.get(number=1).code])

    answer = sign_in("dov").post(url, {"starts_on": day, "starts_time": "10:00", "minutes": 50})

    assert answer.status_code == 422
    assert "is not free then" in answer.text
    assert "public holiday" not in answer.text
    assert "Germany" not in answer.text


def test_a_holiday_to_come_is_no_rest_that_a_page_announces(cast, pair):
    actions.keep_holidays(cast.bela, place="DE")

    assert diary.rest_of(pair) is None


def test_everybody_says_whose_holidays_are_theirs(sign_in, cast):
    url, page = reverse("pairs:holidays"), reverse("pairs:absences")
    for name in CAST:
        answer = sign_in(name).post(url, {"country": "DE", "region": "DE-BY"})
        assert (answer.status_code, answer.url == page) == (302, name != "nobody")

    assert set(Person.objects.values_list("country", flat=True)) == {"DE-BY"}
    assert AuditEntry.objects.filter(event="PersonEdited").count() == 8
    edits = AuditEntry.objects.filter(event="PersonEdited").values_list("facts", flat=True)
    assert [edit["fields"] for edit in edits] == [["country"]] * 8
    assert sign_in("ama").get(url).url == page
    shown = sign_in("ama").get(page).text
    assert "Yours are those of Germany (Bayern)" in shown
    # said twice is said once
    assert sign_in("ama").post(url, {"country": "DE", "region": "DE-BY"}).status_code == 302
    assert AuditEntry.objects.filter(event="PersonEdited").count() == 8


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"country": "CH", "region": "DE-BE"}, "CH"),
        ({"country": "CH", "region": "CH-BE"}, "CH-BE"),
        ({"country": "CH"}, "CH"),
        ({"country": "none", "region": "none-BE"}, ""),
        ({"country": "none", "region": "DE-BE"}, "none"),
        ({"country": "XX"}, ""),
        ({"country": "CH", "region": "CH-XX"}, ""),
        ({}, ""),
    ],
)
def test_a_region_counts_only_in_its_country(sign_in, cast, sent, kept):
    answer = sign_in("ama").post(reverse("pairs:holidays"), sent)

    cast.ama.refresh_from_db()
    assert (answer.status_code, cast.ama.country) == (302 if kept else 422, kept)


def test_the_time_zone_proposes_a_country_that_counts_once_it_is_kept(sign_in, cast):
    lives_in(cast.ama, "", "Europe/Berlin")

    form = HolidaysForm(person=cast.ama)

    assert form.initial == {"country": "DE", "region": "DE"}
    assert "Proposed by your time zone" in sign_in("ama").get(reverse("pairs:absences")).text
    assert not diary.next_holidays(cast.ama)
    lives_in(cast.ama, "none", "Europe/Berlin")
    assert HolidaysForm(person=cast.ama).initial["country"] == "none"
    assert "Proposed by" not in sign_in("ama").get(reverse("pairs:absences")).text


def test_sessions_that_have_a_date_on_a_new_holiday_are_shown_to_move(sign_in, cast, pair):
    day = next_monday_off("DE")
    actions.book_session(pair.sessions.get(number=1), by=cast.ama, starts_at=at(day, 10))
    page = reverse("pairs:absences")
    assert "Booked in these days" not in sign_in("bela").get(page).text

    actions.keep_holidays(cast.bela, place="DE")

    assert "Booked in these days" in sign_in("bela").get(page).text
    assert "Booked in these days" not in sign_in("ama").get(page).text


def test_the_next_few_holidays_are_listed_across_the_year(cast):
    cast.ama.country = "DE"

    assert [name for _day, name in diary.next_holidays(cast.ama, today=dt.date(2026, 12, 26))] == [
        "Second Day of Christmas", "New Year's Day", "Good Friday", "Easter Monday"
    ]  # fmt: skip
