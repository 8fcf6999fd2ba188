"""The doors of rests: who opens them, what they change, and that nobody reads why."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from contraflow.core.models import AuditEntry
from contraflow.pairs import actions
from contraflow.pairs.models import Absence, Pause, Shutdown
from tests.conftest import CAST

pytestmark = pytest.mark.slow

DAY = dt.timedelta(days=1)


def dates(first, last):
    today = timezone.localdate()
    return {"starts_on": today + first * DAY, "ends_on": today + last * DAY}


def test_everybody_says_when_they_are_away_and_takes_back_their_own_alone(sign_in, cast):
    url = reverse("pairs:absences")
    for name in CAST:
        assert sign_in(name).post(url, dates(3, 9)).status_code == 302
    assert Absence.objects.count() == 8
    amas = reverse("pairs:absence-end", args=[cast.ama.absences.get().code])

    for name in ("bela", "chi", "dov", "nobody"):
        assert sign_in(name).post(amas).status_code == (302 if name == "nobody" else 404)
    assert Absence.objects.count() == 8

    assert sign_in("ama").post(amas).url == url
    assert set(Absence.objects.values_list("person", flat=True)) == {
        getattr(cast, name).pk for name in CAST if name not in {"ama", "nobody"}
    }


def test_days_that_cannot_be_are_said_at_their_field(sign_in, cast):
    for sent, told in (
        (dates(9, 3), "The last day lies before the first."),
        (dates(-9, -3), "These days have passed."),
        (dates(3, 900), "Is the year right?"),
        ({}, "This field is required."),
    ):
        answer = sign_in("ama").post(reverse("pairs:absences"), sent)
        assert answer.status_code == 422
        assert told in answer.text
    assert not Absence.objects.exists()


@pytest.mark.parametrize("kind", ["absence", pytest.param("pause", marks=pytest.mark.slow)])
def test_the_partner_and_the_lead_read_until_when_and_never_why(sign_in, cast, kind):
    last = timezone.localdate() + 9 * DAY
    if kind == "absence":
        actions.state_absence(cast.bela, starts_on=timezone.localdate(), ends_on=last)
    else:
        actions.pause_pair(cast.pair, by=cast.bela, until=last)

    for name in ("ama", "bela", "chi"):
        shown = sign_in(name).get(cast.pair.get_absolute_url()).text
        assert f"This pair rests until {last:%-d %B %Y}" in shown
        assert "is away" not in shown
        assert "absen" not in shown.lower()
        # either of the two ends a pause; an absence is ended by whoever is away, on their page
        assert ("Go on now" in shown) is (kind == "pause" and name != "chi")
    facts = [entry.facts for entry in AuditEntry.objects.exclude(event="DataRead")]
    assert not any(str(last) in str(each) for each in facts)


def test_the_two_pause_and_go_on_and_nobody_else(sign_in, cast):
    pause = reverse("pairs:pair-pause", args=[cast.pair.code])
    go_on = reverse("pairs:pair-go-on", args=[cast.pair.code])
    until = {"until": timezone.localdate() + 9 * DAY}
    for name in CAST.keys() - {"ama", "bela"}:
        status = {"nobody": 302, "chi": 403}.get(name, 404)
        assert sign_in(name).post(pause, until).status_code == status, name
        assert sign_in(name).post(go_on).status_code == status, name
    assert not Pause.objects.exists()

    too_long = sign_in("ama").post(pause, {"until": timezone.localdate() + 400 * DAY})
    assert too_long.status_code == 422
    assert "half a year at most" in too_long.text
    assert sign_in("ama").post(pause, until).url == cast.pair.get_absolute_url()
    assert Pause.objects.get().ends_on == until["until"]
    assert sign_in("bela").post(go_on).status_code == 302
    assert not Pause.objects.exists()


def test_the_lead_alone_closes_a_cohort_and_opens_it_again(sign_in, cast, run_jobs):
    url = reverse("pairs:shutdowns", args=[cast.cohort.code])
    for name in CAST.keys() - {"chi"}:
        status = {"nobody": 302, "cleo": 404, "dov": 404, "root": 404}.get(name, 403)
        assert sign_in(name).post(url, dates(3, 9)).status_code == status, name
    assert not Shutdown.objects.exists()

    assert sign_in("chi").post(url, dates(3, 9)).url == url
    end = reverse("pairs:shutdown-end", args=[Shutdown.objects.get().code])
    assert [job.result for job in run_jobs()] == [{"pairs": 1}]
    for name in CAST.keys() - {"chi"}:
        assert sign_in(name).post(end).status_code == (302 if name == "nobody" else 404), name
    assert "to" in sign_in("chi").get(url).text
    assert sign_in("chi").post(end).url == url
    assert not Shutdown.objects.exists()
