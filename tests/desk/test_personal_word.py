"""A sponsor's word reaches leaders whose dates fall through, and nobody learns whom."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from contraflow.core.errors import Refusal
from contraflow.core.letters import kind_of
from contraflow.core.mail import as_message
from contraflow.core.models import AuditEntry, OutgoingMail
from contraflow.desk import actions
from contraflow.desk.kit import pairs_that_wait
from contraflow.desk.models import PersonalWord, PersonalWordGiven
from contraflow.pairs.actions import book_session, cancel_session, end_pair, pause_pair
from contraflow.pairs.models import Session, SessionChange
from contraflow.people.models import Person
from contraflow.programmes.models import Steward
from tests.conftest import make_enrolment, make_pair, make_person

NOW = dt.datetime(2026, 2, 10, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
WORDS = "Would 25 minutes do?"


def change(pair, kind, side, at):
    SessionChange.objects.create(
        session=pair.sessions.order_by("number").first(), kind=kind, side=side, at=at
    )


def give_up_twice(pair, *, last=NOW - 2 * DAY, side="mentee"):
    """Let two dates of a pair in a row be given up by one side, the second one then."""
    for at in (last - 7 * DAY, last):
        change(pair, "cancelled", side, at)


def write(cast, text=WORDS, *, by=None, at=NOW - 30 * DAY):
    return actions.write_personal_word(cast.programme, by=by or cast.sol, text=text, at=at)


def reached():
    """Return who got a personal word, once for each."""
    mails = OutgoingMail.objects.filter(kind="desk.personal_word")
    return sorted(address.split("@")[0] for address in mails.values_list("address", flat=True))


@pytest.fixture
def missed(cast):
    """Bela gave up two dates in a row, the second one two days ago."""
    give_up_twice(cast.pair)
    return cast


def test_a_leader_who_gave_up_two_dates_gets_the_word_once(missed):
    write(missed)

    for _ in range(3):
        actions.give_personal_words(at=NOW)

    assert reached() == ["bela"]
    mail = as_message(OutgoingMail.objects.get())
    assert mail.subject == "A word from Sol"
    for words in (
        "Hello Bela,",
        WORDS,
        "Sol wrote this for every leader whose dates fall through. Neither they nor your "
        "programme lead is told that it reached you.",
    ):
        assert words in " ".join(mail.body.split())
    for kept_away in ("Ama", "Topic"):
        assert kept_away not in mail.body + mail.alternatives[0].content


def nothing_stands(cast):
    actions.end_personal_word(cast.programme, by=cast.sol)


def the_mentor_cancelled_last(cast):
    change(cast.pair, "cancelled", "mentor", NOW - 2 * DAY)


def they_met_since(cast):
    change(cast.pair, "held", "mentee", NOW - 2 * DAY)


def a_date_is_set(cast):
    cast.pair.sessions.filter(number=2).update(state=Session.State.BOOKED, starts_at=NOW + 3 * DAY)


def the_pair_rests(cast):
    pause_pair(cast.pair, by=cast.bela, until=NOW.date() + 9 * DAY, today=NOW.date())


def the_pair_ended(cast):
    end_pair(cast.pair, by=cast.chi)


def the_leader_left(cast):
    cast.bela.left_on = NOW.date()
    cast.bela.save()


def the_cohort_is_closed(cast):
    cast.cohort.state = "closed"
    cast.cohort.save()


def the_sponsor_answers_no_longer(cast):
    Steward.objects.filter(person=cast.sol).delete()


def the_sponsor_left(cast):
    cast.sol.left_on = NOW.date()
    cast.sol.save()


def only_the_end_of_a_pair_gave_them_up(cast):
    SessionChange.objects.update(side="")


@pytest.mark.parametrize(
    "but",
    [
        nothing_stands, the_mentor_cancelled_last, they_met_since, a_date_is_set, the_pair_rests,
        the_pair_ended, the_leader_left, the_cohort_is_closed, the_sponsor_answers_no_longer,
        the_sponsor_left, only_the_end_of_a_pair_gave_them_up,
    ],
    ids=lambda but: but.__name__.replace("_", " "),
)  # fmt: skip
def test_it_reaches_nobody_where(missed, but):
    write(missed)
    but(missed)

    actions.give_personal_words(at=NOW)

    assert reached() == []
    assert not PersonalWordGiven.objects.exists()


def test_whoever_gave_up_the_second_date_today_has_a_day_to_set_a_new_one(cast):
    write(cast)
    give_up_twice(cast.pair, last=NOW - dt.timedelta(hours=20))

    actions.give_personal_words(at=NOW)
    assert reached() == []
    actions.give_personal_words(at=NOW + dt.timedelta(hours=5))
    assert reached() == ["bela"]


def test_the_dates_that_are_given_up_on_pages_count(cast):
    session = cast.pair.sessions.first()
    for days in (9, 5):
        starts_at = timezone.now() + 3 * DAY
        book_session(session, by=cast.ama, starts_at=starts_at, at=timezone.now() - days * DAY)
        cancel_session(session, by=cast.bela, at=timezone.now() - (days - 1) * DAY)

    assert pairs_that_wait(cast.programme, at=timezone.now()) == [cast.pair]


def test_new_words_reach_the_same_leader_after_eight_weeks_and_old_ones_never(missed):
    write(missed)
    actions.give_personal_words(at=NOW)
    later = NOW + dt.timedelta(weeks=8, minutes=1)
    actions.give_personal_words(at=later)
    assert reached() == ["bela"]

    write(missed, "Another word.", at=NOW)
    actions.give_personal_words(at=later - 2 * DAY)
    assert reached() == ["bela"]
    actions.give_personal_words(at=later)
    assert reached() == ["bela", "bela"]


def test_two_sponsors_make_one_word_and_a_sponsor_who_leads_a_pair_hears_the_other(missed):
    other = make_person("Otto")
    Steward.objects.create(programme=missed.programme, person=other, kind="sponsor")
    own = make_pair(missed.cohort, make_person("Ida"), missed.sol)
    give_up_twice(own)
    write(missed, by=other, text="Of Otto.", at=NOW - 9 * DAY)
    write(missed, at=NOW - 8 * DAY)

    actions.give_personal_words(at=NOW)

    assert reached() == ["bela", "sol"]
    to_sol = as_message(OutgoingMail.objects.get(to_id=missed.sol.pk))
    assert to_sol.subject == "A word from Otto"


def test_a_sponsor_who_gives_up_dates_as_a_leader_hears_nothing_of_themself(cast):
    own = make_pair(cast.cohort, make_person("Ida"), cast.sol)
    give_up_twice(own)
    write(cast)

    actions.give_personal_words(at=NOW)

    assert reached() == []


def test_a_mail_that_waits_is_not_sent_once_a_date_is_set(missed):
    word = write(missed)
    cause = {"word_id": word.pk, "pair_id": missed.pair.pk}
    still_due = kind_of("desk.personal_word").still_due
    assert still_due(cause)

    a_date_is_set(missed)

    assert not still_due(cause)


def test_saying_it_anew_ends_the_old_words_and_a_double_click_changes_nothing(cast):
    first = write(cast)
    assert write(cast) == first
    second = write(cast, "Other words.")

    assert list(PersonalWord.objects.standing()) == [second]
    assert second.words.text == "Other words."
    assert AuditEntry.objects.filter(event="PersonalWordWritten").count() == 2
    for _ in range(2):
        actions.end_personal_word(cast.programme, by=cast.sol)
    assert AuditEntry.objects.filter(event="PersonalWordEnded").count() == 1


def test_nobody_but_a_sponsor_writes_one_and_nobody_without_a_word(cast):
    with pytest.raises(Refusal, match="Only a sponsor"):
        write(cast, by=cast.chi)
    with pytest.raises(Refusal, match="Write a word first"):
        write(cast, " ")


# -- what it tells --------------------------------------------------------------------------------


def pages_of(client, cast):
    """Return what each page of the sponsor, and of the lead, says."""
    part = [cast.programme.code]
    cohort = [cast.cohort.code]
    return [
        client.get(reverse(name, args=args)).content.decode().partition("<main")[2]
        for name, args in (
            ("desk:part", part), ("desk:personal-word", part), ("home:sponsor", part),
            ("home:today", []), ("programmes:programme", part), ("desk:desk", part),
            ("home:overview", cohort), ("people:notices", []),
        )
    ]  # fmt: skip


@pytest.mark.parametrize("who", ["sol", pytest.param("chi", marks=pytest.mark.slow)])
def test_no_page_of_sponsor_or_lead_changes_when_it_reaches_somebody(sign_in, missed, who):
    write(missed)
    client = sign_in(who)
    before = pages_of(client, missed)

    actions.give_personal_words(at=NOW)

    assert reached() == ["bela"]
    strip = "csrfmiddlewaretoken"
    after = pages_of(client, missed)
    assert [page.count(strip) for page in after] == [page.count(strip) for page in before]
    assert [_without_tokens(page) for page in after] == [_without_tokens(page) for page in before]


def _without_tokens(page):
    return "\n".join(line for line in page.splitlines() if "csrf" not in line)


def test_whom_it_reached_is_known_to_that_leader_alone(missed):
    write(missed)
    actions.give_personal_words(at=NOW)

    seen = {
        person.name for person in Person.objects.all()
        if PersonalWordGiven.objects.visible_to(person).exists()
    }  # fmt: skip
    assert seen == {"Bela"}
    assert not AuditEntry.objects.filter(event__startswith="PersonalWordGiven").exists()


@pytest.mark.parametrize("n_pairs", [1, 6])
def test_looking_for_them_costs_the_same_for_any_number_of_pairs(
    cast, n_pairs, django_assert_num_queries
):
    write(cast)
    for _ in range(n_pairs):
        pair = make_pair(cast.cohort)
        change(pair, "cancelled", "mentee", NOW - 3 * DAY)

    with django_assert_num_queries(4):
        actions.give_personal_words(at=NOW)


def test_an_enrolled_leader_without_a_pair_is_nobody_whose_dates_fell_through(cast):
    make_enrolment(cast.cohort, make_person("Otto"), "mentee")

    assert pairs_that_wait(cast.programme, at=NOW) == []
