"""After two dates in a row that a leader gave up, a short talk is proposed to both by itself."""

import datetime as dt

import pytest
from django.utils import timezone

from contraflow.core.models import OutgoingMail
from contraflow.pairs import actions
from contraflow.pairs.times import shorter_for
from tests.conftest import make_pair

DAY = dt.timedelta(days=1)


def give_up(session, by):
    """Book a date and have it given up."""
    actions.book_session(session, by=by, starts_at=timezone.now() + 3 * DAY)
    actions.cancel_session(session, by=by)


@pytest.fixture
def session(cast):
    return cast.pair.sessions.first()


def test_after_two_dates_given_up_the_leaders_page_proposes_a_short_talk(sign_in, cast, session):
    give_up(session, cast.bela)
    assert "fell through" not in sign_in("bela").get(cast.pair.get_absolute_url()).text

    give_up(session, cast.bela)

    for name in ("bela", "ama"):
        page = sign_in(name).get(cast.pair.get_absolute_url()).text
        assert "A talk of 25 min keeps the thread" in page
        assert 'name="minutes" value="25"' in page
    told = [mail.words["text"] for mail in OutgoingMail.objects.filter(kind__endswith="cancelled")]
    assert ["keeps the thread" in text for text in told] == [False, False, True, True]
    assert not any("Bela" in text.split("keeps the thread")[-1] for text in told[2:])


@pytest.mark.parametrize("second", ["mentor", "held", "other pair", "short already"])
def test_nothing_shorter_is_proposed_otherwise(cast, session, second):
    give_up(session, cast.bela)
    if second == "mentor":
        give_up(session, cast.ama)
    elif second == "held":
        began = timezone.now() - DAY
        actions.book_session(session, by=cast.ama, starts_at=began, at=began - DAY)
        actions.record_held(session, by=cast.ama)
        session = cast.pair.sessions.get(number=2)
    elif second == "other pair":
        other = make_pair(cast.cohort, mentee=cast.bela)
        give_up(other.sessions.first(), cast.bela)
    else:
        give_up(session, cast.bela)
        session.minutes = 25

    assert shorter_for(session) is None


@pytest.mark.parametrize(
    ("asked", "shown"), [("25", "25"), ("9", "50"), ("9999", "50"), ("x", "50"), ("²5", "50")]
)
def test_a_link_may_ask_for_a_length(sign_in, cast, session, asked, shown):
    page = sign_in("ama").get(session.get_absolute_url(), {"minutes": asked}).text

    assert f'name="minutes" value="{shown}"' in page
