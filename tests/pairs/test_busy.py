"""Busy times from people's own calendars: fetched safely, expanded rightly, told to nobody."""

import datetime as dt
import http.server
import ipaddress
import json
import socket
import threading
import time
import zoneinfo

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from contraflow.core.models import AuditEntry, Job
from contraflow.pairs import actions, jobs
from contraflow.pairs.busy import BusyProblem, read_busy
from contraflow.pairs.busy.expanding import busy_times
from contraflow.pairs.busy.fetching import MOST_BYTES, fetch, is_public
from contraflow.pairs.models import BusyCalendar, BusyTimes
from contraflow.pairs.times import times_for_both

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
LOOPBACK = ["127.0.0.0/8"]


def ics(*events, kind="VEVENT"):
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:test"]
    for number, event in enumerate(events):
        body = event if "UID:" in event else f"UID:{number}\n{event}"
        lines += [f"BEGIN:{kind}", *body.split("\n"), f"END:{kind}"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def minutes(text, zone=dt.UTC):
    moment = dt.datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=zone)
    return int(moment.timestamp() // 60)


FIRST, LAST = minutes("2026-03-23 00:00"), minutes("2026-04-06 00:00")


def found_in(content, zone=BERLIN):
    times = busy_times(content, zone=zone, first=FIRST, last=LAST)
    epoch = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    return [
        tuple(f"{(epoch + dt.timedelta(minutes=each)).astimezone(BERLIN):%d %H:%M}" for each in one)
        for one in times
    ]


# -- what a calendar says -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "times"),
    [
        pytest.param(
            "DTSTART;TZID=W. Europe Standard Time:20200302T100000\nDURATION:PT1H\n"
            "RRULE:FREQ=WEEKLY;BYDAY=MO", [("23 10:00", "23 11:00"), ("30 10:00", "30 11:00")],
            id="ten o'clock stays ten o'clock when the clocks change, by a Windows name too",
        ),
        pytest.param(
            "DTSTART:20260324T100000Z\nDTEND:20260324T103000Z", [("24 11:00", "24 11:30")],
            id="in UTC",
        ),
        pytest.param(
            "DTSTART:20260331T100000\nDTEND:20260331T103000", [("31 10:00", "31 10:30")],
            id="a time without a zone is the owner's",
        ),
        pytest.param(
            "DTSTART;VALUE=DATE:20260328\nDTEND;VALUE=DATE:20260330",
            [("28 00:00", "30 00:00")], id="whole days, one of them 23 hours long",
        ),
        pytest.param(
            "DTSTART:20260323T080000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=4\n"
            "EXDATE:20260324T080000Z\nRDATE:20260402T080000Z",
            [("23 09:00", "23 10:00"), ("25 09:00", "25 10:00"), ("26 09:00", "26 10:00"),
             ("02 10:00", "02 11:00")], id="counted, with an exception and an addition",
        ),
        pytest.param(
            "DTSTART;TZID=Europe/Berlin:20260323T100000\nDURATION:PT1H\n"
            "RRULE:FREQ=DAILY;UNTIL=20260324T090000Z",
            [("23 10:00", "23 11:00"), ("24 10:00", "24 11:00")], id="until, in UTC, included",
        ),
        pytest.param("DTSTART:20260324T100000Z\nDURATION:PT1H\nTRANSP:TRANSPARENT", [], id="free"),
        pytest.param(
            "DTSTART:20260324T100000Z\nDURATION:PT1H\nSTATUS:CANCELLED", [], id="cancelled"
        ),
        pytest.param(
            "UID:session-x@contraflow\nDTSTART:20260324T100000Z\nDURATION:PT1H", [],
            id="a session of ours, which we know better",
        ),
        pytest.param("DTSTART:20250324T100000Z\nDURATION:PT1H", [], id="long over"),
        pytest.param(
            "DTSTART:20260324T100000Z\nDURATION:PT1H\nRRULE:FREQ=SECONDLY",
            [("24 11:00", "24 12:00")], id="a rule that belongs to no diary",
        ),
        pytest.param("SUMMARY:no time at all", [], id="without a time"),
    ],
)  # fmt: skip
def test_an_event_is_busy_when_it_is(event, times):
    assert found_in(ics(event)) == times


def test_a_date_of_a_series_that_was_moved_is_busy_where_it_is_now():
    series = "UID:a\nDTSTART:20260323T080000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3"
    moved = "UID:a\nRECURRENCE-ID:20260324T080000Z\nDTSTART:20260324T120000Z\nDURATION:PT1H"
    gone = "UID:a\nRECURRENCE-ID:20260325T080000Z\nDTSTART:20260325T080000Z\nSTATUS:CANCELLED"

    assert found_in(ics(series, moved, gone)) == [
        ("23 09:00", "23 10:00"),
        ("24 13:00", "24 14:00"),
    ]


def test_free_and_busy_alone_is_read_too():
    periods = (
        "FREEBUSY;FBTYPE=BUSY:20260324T100000Z/PT1H,20260324T103000Z/20260324T120000Z\n"
        "FREEBUSY;FBTYPE=FREE:20260325T100000Z/PT1H"
    )
    assert found_in(ics(periods, kind="VFREEBUSY")) == [("24 11:00", "24 13:00")]


@settings(max_examples=25, deadline=None)
@given(
    st.dates(dt.date(2026, 3, 23), dt.date(2026, 4, 3)), st.integers(0, 23), st.integers(1, 3),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"]),
)  # fmt: skip
def test_a_daily_event_is_at_the_same_hour_of_its_own_clock(day, hour, every, name):
    start = dt.datetime.combine(day, dt.time(hour, 30))
    event = (
        f"DTSTART;TZID={name}:{start:%Y%m%dT%H%M%S}\nDURATION:PT30M\n"
        f"RRULE:FREQ=DAILY;INTERVAL={every}"
    )
    zone = zoneinfo.ZoneInfo(name)
    expected = [
        int(moment.timestamp() // 60)
        for number in range(0, 20, every)
        if FIRST - 30
        < (moment := (start + dt.timedelta(days=number)).replace(tzinfo=zone)).timestamp() / 60
        < LAST
    ]

    times = busy_times(ics(event), zone=BERLIN, first=FIRST, last=LAST)

    assert [start for start, _end in times] == [max(each, FIRST) for each in expected]


@settings(max_examples=30, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_nonsense_is_no_calendar_and_never_an_error(noise):
    for content in (noise, ics("DTSTART:20260324T100000Z").replace(b"0324T10", noise[:20])):
        try:
            times = busy_times(content, zone=BERLIN, first=FIRST, last=LAST)
        except BusyProblem:
            times = []
        assert all(FIRST <= start <= end <= LAST for start, end in times)


def test_a_calendar_that_is_too_full_is_refused():
    crowd = ics(*["DTSTART:20260101T080000Z\nDURATION:PT1M\nRRULE:FREQ=DAILY"] * 200)
    with pytest.raises(BusyProblem, match="too_much"):
        busy_times(crowd, zone=BERLIN, first=FIRST, last=LAST)


# -- how it is fetched ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server():
    """A calendar on loopback: /ok, /big, /loop, /to?URL, /slow, /404."""

    class Answers(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.hosts.append(self.headers["Host"])
            path, _mark, query = self.path.partition("?")
            if path in {"/loop", "/to"}:
                self.send_response(302)
                self.send_header("Location", query or "/loop")
                self.end_headers()
                return
            if path == "/slow":
                time.sleep(3)
            self.send_response(200 if path in {"/ok", "/big", "/slow"} else 404)
            self.end_headers()
            self.wfile.write(b" " * (MOST_BYTES + 1) if path == "/big" else self.server.content)

        def log_message(self, *_words):
            pass

    found = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    found.hosts, found.content = [], ics("DTSTART:20260324T100000Z\nDURATION:PT1H")
    found.url = f"http://127.0.0.1:{found.server_port}"
    found.block_on_close = False
    threading.Thread(target=found.serve_forever, daemon=True).start()
    yield found
    found.shutdown()
    found.server_close()


def problem_of(address, **options):
    with pytest.raises(BusyProblem) as caught:
        fetch(address, **options)
    return caught.value.code


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "fe80::1", "fc00::1", "::ffff:10.0.0.1",
        "64:ff9b::a00:1", "2002:7f00:1::", "2001:0:1::1", "ff02::1", "192.0.2.1",
    ],
)  # fmt: skip
def test_no_address_inside_is_ever_public(ip):
    assert not is_public(ipaddress.ip_address(ip))
    # in each way that a browser would understand it
    host = f"[{ip}]" if ":" in ip else ip
    assert problem_of(f"https://{host}/c.ics") == "private"


def test_public_addresses_are_public():
    assert all(is_public(ipaddress.ip_address(ip)) for ip in ("1.1.1.1", "2606:4700::1111"))


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "017700000001", "localhost", "127.1"])
def test_other_spellings_of_inside_are_seen_through(host):
    assert problem_of(f"https://{host}/c.ics") in {"private", "unreachable"}


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/c.ics", "file:///etc/passwd", "ftp://example.org/", "https://", "x",
        "https://user:word@example.org/", "https://example.org:22/", "https://example.org:x/",
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_calendar(address):
    assert problem_of(address) == "address"


def test_a_calendar_is_read_within_its_limits(server):
    inside = {"allows_http": True, "networks": LOOPBACK}

    assert fetch(f"{server.url}/ok", **inside) == server.content
    assert fetch(f"{server.url}/to?/to?/to?/ok", **inside) == server.content
    assert {
        path: problem_of(f"{server.url}{path}", **inside)
        for path in ("/404", "/big", "/loop", "/to?https://10.0.0.1/", "/to?file:///etc/passwd")
    } == {
        "/404": "refused", "/big": "too_large", "/loop": "too_many_redirects",
        "/to?https://10.0.0.1/": "private", "/to?file:///etc/passwd": "address",
    }  # fmt: skip


def test_a_name_that_changes_its_mind_gains_nothing(server, monkeypatch):
    """It is asked for once; what it says then is looked at, and connected to."""
    asked, real = [], socket.getaddrinfo

    def lookup(host, port, *rest, **more):
        if host != "calendar.example":
            return real(host, port, *rest, **more)
        asked.append(host)
        first = "127.0.0.1" if len(asked) == 1 else "10.0.0.1"
        return real(first, port, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    url = f"http://calendar.example:{server.server_port}/ok"

    assert fetch(url, allows_http=True, networks=LOOPBACK) == server.content
    assert asked == ["calendar.example"]
    assert server.hosts[-1] == f"calendar.example:{server.server_port}"
    assert problem_of(url, allows_http=True, networks=LOOPBACK) == "private"

    # one public and one private address are one too many
    both = [(2, 1, 6, "", (ip, 443)) for ip in ("1.1.1.1", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_asked, **_more: both)
    assert problem_of("https://calendar.example/c.ics") == "private"


def test_a_child_that_takes_too_long_is_stopped(server):
    with pytest.raises(BusyProblem, match="too_slow"):
        read_busy(
            f"{server.url}/slow", zone="UTC", first=FIRST, last=LAST, allows_http=True,
            networks=LOOPBACK, seconds=0.5,
        )  # fmt: skip


# -- what becomes of it ---------------------------------------------------------------------------


def next_monday(hour):
    today = timezone.localdate()
    day = today + dt.timedelta(days=7 - today.weekday())
    return dt.datetime.combine(day, dt.time(hour), dt.UTC)


def test_no_time_is_proposed_while_one_of_the_two_is_busy(
    cast, server, settings, run_jobs, monkeypatch
):
    settings.CALENDAR_HTTP, settings.CALENDAR_NETWORKS = True, LOOPBACK
    monkeypatch.setattr(
        server, "content",
        ics(f"DTSTART:{next_monday(9):%Y%m%dT%H%M%SZ}\nDURATION:PT2H\nSUMMARY:Operation"),
    )  # fmt: skip
    session, near = cast.pair.sessions.first(), next_monday(9)
    before = times_for_both(session, near=near, earliest=near)
    assert before == [next_monday(hour) for hour in (9, 10, 11)]

    calendar = actions.connect_calendar(cast.bela, address=f"{server.url}/ok")
    assert [job.result for job in run_jobs()] == [{"problem": ""}]

    assert times_for_both(session, near=near, earliest=near) == [
        next_monday(hour) for hour in (11, 12, 13)
    ]
    kept = BusyTimes.objects.get(pk=calendar.pk)
    assert kept.times == [[int(next_monday(hour).timestamp() // 60) for hour in (9, 11)]]
    facts = json.dumps([*AuditEntry.objects.values("facts"), *Job.objects.values("args", "result")])
    assert "Operation" not in facts
    assert server.url not in facts

    # what went wrong is told; what was read before stays
    kept.address = f"{server.url}/404"
    kept.save()
    actions.read_again(cast.bela, at=timezone.now() + dt.timedelta(minutes=5))
    run_jobs()
    calendar.refresh_from_db()
    assert calendar.problem == "refused"
    assert times_for_both(session, near=near, earliest=near)[0] == next_monday(11)

    for _twice in range(2):
        actions.disconnect_calendar(cast.bela)
    assert AuditEntry.objects.filter(event="CalendarDisconnected").count() == 1
    assert not BusyCalendar.objects.exists()
    assert not BusyTimes.objects.exists()
    assert times_for_both(session, near=near, earliest=near) == before


def test_a_calendar_is_read_once_an_hour_and_once_for_two_presses(cast):
    calendar = actions.connect_calendar(cast.ama, address="https://example.org/c.ics")
    other = actions.connect_calendar(cast.dov, address="https://example.org/d.ics")
    Job.objects.all().delete()
    for _twice in range(2):
        actions.read_again(cast.ama)
        jobs.read_calendars_again()
    assert not Job.objects.exists()

    BusyCalendar.objects.update(tried_at=timezone.now() - dt.timedelta(minutes=61))
    for _twice in range(2):
        jobs.read_calendars_again()
        actions.read_again(cast.ama)

    # Dov meets nobody, so nobody needs to know
    assert [job.args for job in Job.objects.all()] == [{"code": calendar.code}]
    assert other.code != calendar.code


def test_everybody_connects_and_forgets_their_own_calendar_alone(sign_in, cast):
    url = reverse("pairs:busy")
    for name in ("ama", "bela", "dov", "nobody"):
        sent = {"address": f"webcal://example.org/{name}.ics"}
        assert sign_in(name).post(url, sent).status_code == 302
    assert BusyCalendar.objects.count() == 3
    assert BusyTimes.objects.get(calendar__person=cast.ama).address == "https://example.org/ama.ics"
    assert "example.org" in sign_in("ama").get(url).text
    assert "ama.ics" not in sign_in("ama").get(url).text

    answer = sign_in("ama").post(url, {"address": "http://example.org/c.ics"})
    assert (answer.status_code, "begins with https" in answer.text) == (422, True)
    assert sign_in("ama").post(reverse("pairs:busy-read")).url == url
    assert sign_in("nobody").post(reverse("pairs:busy-forget")).status_code == 302
    assert sign_in("ama").post(reverse("pairs:busy-forget")).url == url
    assert BusyCalendar.objects.count() == 2
    assert not BusyCalendar.objects.filter(person=cast.ama).exists()
