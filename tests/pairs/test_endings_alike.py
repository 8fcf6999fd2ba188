"""Who ends a pair, when and why: the other's screen, mail, bell, calendar and hour are the same."""

import datetime as dt

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contraflow.core.errors import Refusal
from contraflow.core.mail import no_mail
from contraflow.core.models import AuditEntry
from contraflow.desk.actions import recompute
from contraflow.desk.models import PairHealth
from contraflow.exchange.actions import send_message
from contraflow.pairs import actions, meeting, stories
from contraflow.pairs.actions.endings import told_at
from contraflow.pairs.models import Ending, Hold, Pair
from contraflow.pairs.replies import Reply
from tests.conftest import make_person
from tests.pairs.ends import (
    CAUSES,
    CLOSINGS,
    close,
    finish_page,
    put_off,
    say_done,
    seen_by_lead,
    seen_by_partner,
    signed_in,
    suggest,
)

HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)


class _Over(Exception):
    """Nothing of this life is kept."""


# -- a life of a pair, and what the partner does meanwhile ----------------------------------------

# of each session: hours from now, and what became of it
DATES = st.lists(
    st.one_of(
        st.none(),
        st.tuples(st.integers(-400, -2), st.sampled_from(["held", "missed", "booked"])),
        st.tuples(st.integers(1, 300), st.just("booked")),
    ),
    min_size=3,
    max_size=3,
)


def live(pair, dates, now):
    """Book, hold and miss sessions as drawn; hours that clash or rest are left out."""
    for session, date in zip(pair.sessions.order_by("number"), dates, strict=True):
        if date is None:
            continue
        starts_at, before = now + date[0] * HOUR, now - 900 * HOUR
        try:
            actions.book_session(session, by=pair.mentee, starts_at=starts_at, at=before)
        except Refusal:
            continue
        if date[1] == "held":
            actions.record_held(session, by=pair.mentor, at=now)
            actions.write_learned(session, by=pair.mentee, text="A thing")
        elif date[1] == "missed":
            actions.record_missed(session, by=pair.mentor, at=now)


def book(pair, one, now):
    session = pair.sessions.filter(state="planned").first()
    return session and actions.book_session(session, by=one, starts_at=now + 90 * HOUR, at=now)


def book_soon(pair, one, now):
    session = pair.sessions.filter(state="planned").first()
    return session and actions.book_session(session, by=one, starts_at=now + 2 * HOUR, at=now)


def _coming(pair, now):
    return pair.sessions.filter(state="booked", starts_at__gt=now).first()


def move(pair, one, now):
    session = _coming(pair, now)
    return session and actions.move_session(session, by=one, starts_at=now + 333 * HOUR, at=now)


def cancel(pair, one, now):
    session = _coming(pair, now)
    return session and actions.cancel_session(session, by=one, at=now)


def decline(pair, one, now):
    session = _coming(pair, now)
    return session and actions.take_reply(
        Reply(
            uid=session.uid, attendee=one.email, answer="declined", sequence=session.sequence,
            stamped_at=now, senders=frozenset([one.email]),
        ),
        at=now,
    )  # fmt: skip


def write(pair, one, now):
    # an hour ago: how long it can still be taken back depends on the clock
    return send_message(pair, by=one, text="How are you?", at=now - HOUR)


def tell(pair, one, now):
    return stories.tell_story(pair, by=one, text="Once", prompt="", shared_as="ours")


def ask(pair, one, now):
    return meeting.ask_ahead(pair.sessions.last(), by=one, text="Why?")


def rest(pair, one, now):
    return actions.pause_pair(
        pair, by=one, until=timezone.localdate() + dt.timedelta(days=9), today=timezone.localdate()
    )


def be_away(pair, one, now):
    day = timezone.localdate() + dt.timedelta(days=5)
    return actions.state_absence(one, starts_on=day, ends_on=day)


def tell_held(pair, one, now):
    session = pair.sessions.filter(state="booked", starts_at__lte=now).first()
    return session and actions.record_held(session, by=one, at=now)


MEANWHILE = [
    book, book_soon, move, cancel, decline, write, tell, ask, rest, be_away, tell_held,
    suggest, put_off, finish_page, say_done,
]  # fmt: skip


def outcome(step, pair, one, now):
    try:
        step(Pair.objects.get(pk=pair.pk), one, now)
    except Refusal as refusal:
        return f"{step.__name__}: {refusal}"
    return step.__name__


def now_of(minutes):
    whole = timezone.now().replace(second=0, microsecond=0)
    return whole - minutes * MINUTE


class Story:
    """One pair, its partner who hears of the end, and all that is seen of it on the way."""

    def __init__(self, cast, observer, dates, steps, now, *, closing="nothing"):
        self.cast, self.dates, self.steps, self.now = cast, dates, steps, now
        self.closing = closing
        self.one, self.helper = getattr(cast, observer), getattr(cast, f"helper_of_{observer}")
        self.other = cast.pair.partner_of(self.one)

    def told(self, cause):
        """Return all that is perceived from before the cause to after the end, or without one."""
        seen = []
        try:
            with transaction.atomic():
                self._live_through(CAUSES.get(cause), seen)
                raise _Over
        except _Over:
            return seen

    def _live_through(self, cause, seen):
        pair = Pair.objects.get(pk=self.cast.pair.pk)
        with no_mail():
            live(pair, self.dates, self.now)
        close(Pair.objects.get(pk=pair.pk), self.closing, self.one, self.now)
        client, assistant = signed_in(self.one), signed_in(self.helper)
        if cause:
            cause(self.cast, Pair.objects.get(pk=pair.pk), type(self.other).objects.get(
                pk=self.other.pk), self.now)  # fmt: skip
        seen.append(seen_by_partner(client, self.one, pair, assistant))
        for step in self.steps:
            seen.append(outcome(step, pair, self.one, self.now))
        seen.append(seen_by_partner(client, self.one, pair, assistant))
        for at in self._ticks(pair):
            actions.come_true(at=at)
            state = Pair.objects.values_list("state", "ended_on").get(pk=pair.pk)
            if state[0] == "ended":
                seen.append((at, state))
                break
        seen.append(seen_by_partner(client, self.one, pair, assistant))
        for step in self.steps:
            seen.append(outcome(step, pair, self.one, self.now + HOUR))

    def _ticks(self, pair):
        hour = told_at(pair, self.now)
        dates = pair.sessions.filter(state="booked", starts_at__gt=self.now)
        before = [at - HOUR for at in dates.values_list("starts_at", flat=True)]
        around = {self.now, hour - MINUTE, hour, *before, *(at - MINUTE for at in before)}
        return sorted(at for at in around if self.now <= at <= hour)


@pytest.fixture
def world(cast):
    for name in ("ama", "bela"):
        helper = make_person(f"Helper of {name}")
        setattr(cast, f"helper_of_{name}", helper)
        actions.name_assistant(getattr(cast, name), assistant=helper)
    return cast


def _lines(seen):
    """Return a page by its lines, of which pytest shows those that differ."""
    return seen[2].splitlines() if isinstance(seen, tuple) and len(seen) == 3 else seen


def assert_alike(ours, theirs):
    for number, (one, other) in enumerate(zip(ours, theirs, strict=True)):
        if isinstance(one, dict):
            assert one.keys() == other.keys()
            for where in one:
                assert _lines(one[where]) == _lines(other[where]), (number, where)
        else:
            assert one == other, number


@pytest.mark.slow
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    cause=st.sampled_from([name for name in CAUSES if name != "partner"]),
    life=st.tuples(
        st.sampled_from(["ama", "bela"]),
        DATES,
        st.lists(st.sampled_from(MEANWHILE), max_size=3),
        st.integers(0, 90).map(now_of),
    ),
    closing=st.sampled_from(sorted(CLOSINGS)),
)
def test_whatever_ends_a_pair_the_other_sees_the_same(world, cause, life, closing):
    story = Story(world, *life, closing=closing)

    assert_alike(story.told(cause), story.told("partner"))


@pytest.mark.slow
@pytest.mark.parametrize("cause", ["departure", "conflict"])
def test_the_other_sees_the_same_in_one_life(world, cause):
    steps = [book, move, write, tell]
    story = Story(world, "ama", [(-30, "held"), (70, "booked"), None], steps, now_of(0))

    told = story.told(cause)

    assert_alike(told, story.told("partner"))
    # it did end, and was told: what is compared is not nothing
    end = next(each for each in told if isinstance(each, tuple))
    assert end[1][0] == "ended"
    kinds = [mail[0] for mail in told[-len(steps) - 1]["mails"]]
    assert kinds.count("pairs.pair_ended") == 1
    assert "pairs.session_cancelled" in kinds


@pytest.mark.slow
@pytest.mark.parametrize("how", [how for how in CLOSINGS if CLOSINGS[how]])
def test_who_leaves_while_the_two_close_leaves_as_at_any_other_time(world, how):
    """Who suggested, wrote or said that it is done may be the one who leaves; nothing says so."""
    steps = [suggest, finish_page, say_done]
    dates = [(-30, "held"), (70, "booked"), None]
    story = Story(world, "ama", dates, steps, now_of(0), closing=how)

    left, ended_by_lead, nothing = (story.told(cause) for cause in ("partner", "lead", None))

    assert_alike(left, ended_by_lead)
    before = 2 + len(steps)
    assert_alike(left[:before], nothing[:before])
    end = next(each for each in left if isinstance(each, tuple))
    assert end[1][0] == "ended"


@pytest.mark.slow
@pytest.mark.parametrize("observer", ["ama", "bela"])
def test_until_the_hour_it_is_for_the_other_as_if_nothing_had_been(world, observer):
    """Whoever books, moves and writes meanwhile finds everything as on any other day."""
    dates, steps = [(-30, "held"), (200, "booked"), None], [book, move, write, tell]
    story = Story(world, observer, dates, steps, now_of(0))

    asked, nothing = story.told("partner"), story.told(None)

    before = 2 + len(story.steps)
    assert_alike(asked[:before], nothing[:before])


# -- what the lead sees ---------------------------------------------------------------------------


def told_to_lead(cast, who, now, *, to_the_end, dates):
    """Return what the lead sees of a pair, and what the database keeps of who did what."""
    seen = {}
    try:
        with transaction.atomic():
            pair = Pair.objects.get(pk=cast.pair.pk)
            with no_mail():
                live(pair, dates, now)
            if who == "both":
                close(pair, "both have written", cast.ama, now)
                close(pair, "both are done", cast.ama, now)
            elif who:
                actions.ask_to_end(pair, by=getattr(cast, who), at=now)
            if to_the_end:
                hour = told_at(pair, now)
                for at in sorted({now, hour - 3 * HOUR, hour - HOUR, hour}):
                    actions.come_true(at=max(now, at))
            recompute(at=now)
            seen = seen_by_lead(signed_in(cast.chi), pair)
            audit = AuditEntry.objects.exclude(event="DataRead").order_by("pk")
            seen["audit"] = list(audit.values_list("event", "facts", "by_id"))
            seen["health"] = list(PairHealth.objects.values_list("points", "band", "signals"))
            if to_the_end:
                seen["kept"] = (Ending.objects.count(), Hold.objects.count())
            raise _Over
    except _Over:
        return seen


LATE = [(-200, "held"), (150, "booked"), None]


@pytest.mark.slow
@pytest.mark.parametrize("dates", [LATE, [(3, "booked"), None, None]])
@pytest.mark.parametrize("who", ["ama", "bela", "both"])
def test_until_the_hour_a_pair_that_one_wants_to_leave_looks_to_the_lead_like_any(cast, who, dates):
    now = now_of(0)
    asked = told_to_lead(cast, who, now, to_the_end=False, dates=dates)

    assert_alike([asked], [told_to_lead(cast, None, now, to_the_end=False, dates=dates)])


@pytest.mark.slow
def test_afterwards_nothing_tells_the_lead_which_of_the_two_it_was(cast):
    """Nor whether it was both of them, who closed together."""
    now = now_of(0)
    mentors = told_to_lead(cast, "ama", now, to_the_end=True, dates=LATE)

    for who in ("bela", "both"):
        assert_alike([mentors], [told_to_lead(cast, who, now, to_the_end=True, dates=LATE)])
    assert mentors["kept"] == (0, 0)
    assert mentors["audit"][-1] == (
        "PairEnded", {"pair_id": cast.pair.pk, "cohort_id": cast.cohort.pk}, None,
    )  # fmt: skip
