"""A mentor is asked whether all is well some time after a pair has ended, the same after each."""

import datetime as dt
import re

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from contraflow.content.schema.defaults import load_defaults
from contraflow.core.mail_choices import choose
from contraflow.core.models import AuditEntry, Notice, OutgoingMail
from contraflow.core.upkeep import prune, take_up_abandoned
from contraflow.desk.actions import recompute
from contraflow.desk.launch import lines_of
from contraflow.desk.models import PairHealth
from contraflow.pairs import actions, followups
from contraflow.pairs.models import FollowUp, Pair
from contraflow.programmes.models import Steward
from tests.conftest import CAST, each_of, make_pair, make_person
from tests.pairs.ends import CAUSES, close, seen_by_lead, signed_in

pytestmark = pytest.mark.slow

# a Wednesday; ends are told on the day after it
NOW = dt.datetime(2026, 1, 14, 10, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
THURSDAY = dt.datetime(2026, 1, 15, 9, 0, tzinfo=dt.UTC)
DAYS = load_defaults().pause_and_exit.mentor_asked_after_days
SAYS = {"well": "All is well.", "talk": "I would like to talk with you."}


@pytest.fixture
def ended(cast):
    """A pair that has ended, and nothing in the outbox any more."""
    actions.ask_to_end(cast.pair, by=cast.bela, at=NOW)
    actions.come_true(at=THURSDAY)
    OutgoingMail.objects.all().delete()
    Notice.objects.all().delete()
    cast.pair.refresh_from_db()
    return cast.pair


def asked_mails():
    return OutgoingMail.objects.filter(kind="pairs.follow_up").order_by("once")


def link_in(mail, answer="well"):
    """Return the path of the page that the mail leads to."""
    (path,) = re.findall(rf"(/pairs/asked/[\w-]+/)\?answer={answer}", mail.words["text"])
    return path


@pytest.fixture
def link(ended):
    """The address of the page in the mail of the first day."""
    actions.ask_mentors(at=THURSDAY + DAYS[0] * DAY)
    return link_in(asked_mails().get())


def answers_to(person):
    return OutgoingMail.objects.filter(kind="pairs.follow_up_answer", to_id=person.pk)


# -- when, and whom -------------------------------------------------------------------------------


def test_a_mentor_is_asked_on_the_days_of_the_defaults_and_on_no_other(cast, ended):
    sent = []
    for day in (0, *(each + near for each in DAYS for near in (-1, 0, 1)), 199):
        for _ in range(2):  # two workers, one after the other
            sent += [day] * actions.ask_mentors(at=THURSDAY + day * DAY)

    assert tuple(sent) == DAYS == (30, 90, 180)
    assert {mail.to_id for mail in asked_mails()} == {cast.ama.pk}
    assert list(ended.follow_ups.order_by("days").values_list("days", flat=True)) == list(DAYS)


def test_the_server_may_stand_still_for_a_while_and_old_ends_are_left_alone(ended):
    last = THURSDAY + DAYS[0] * DAY

    assert actions.ask_mentors(at=last + 14 * DAY) == 0
    assert actions.ask_mentors(at=last + 13 * DAY) == 1


@pytest.mark.parametrize(
    "cause", [cause for cause in CAUSES if cause not in {"departure", "withdrawal"}]
)
@pytest.mark.parametrize("who", ["ama", "bela"])
def test_after_every_end_the_mail_is_the_same(cast, cause, who):
    CAUSES[cause](cast, cast.pair, getattr(cast, who), NOW)

    assert mail_after(cast.pair) == mail_after_plain_end(cast)


@pytest.mark.parametrize("cause", ["departure", "withdrawal"])
def test_after_a_departure_of_the_leader_the_mail_is_the_same(cast, cause):
    CAUSES[cause](cast, cast.pair, cast.bela, NOW)

    assert mail_after(cast.pair) == mail_after_plain_end(cast)


def test_after_a_close_the_mail_is_the_same(cast):
    close(cast.pair, "both are done", cast.ama, NOW)

    assert mail_after(cast.pair) == mail_after_plain_end(cast)


def mail_after(pair):
    actions.come_true(at=THURSDAY)
    assert Pair.objects.get(pk=pair.pk).state == "ended"
    actions.ask_mentors(at=THURSDAY + DAYS[0] * DAY)
    mail = asked_mails().get(to_id=pair.mentor_id)
    assert mail.cause == {}
    # below it stands where this mentor stops mails
    text, _signed, _below = mail.words["text"].partition("\n--\n")
    return mail.words["subject"], re.sub(r"/asked/[\w-]+/", "/asked/…/", text)


def mail_after_plain_end(cast):
    """Return the mail to another mentor, whose pair a lead ended."""
    other = make_pair(cast.cohort, make_person("Otto"), make_person("Pia"))
    actions.ask_to_end(other, by=cast.chi, at=NOW)
    return mail_after(other)


@pytest.mark.parametrize("state", ["gone", "goes on"])
def test_whoever_has_gone_or_goes_on_is_not_asked(cast, ended, state):
    if state == "gone":
        cast.ama.left_on = NOW.date()
        cast.ama.save()
    else:
        actions.resume_pair(ended, ended_at=THURSDAY, by=None, at=THURSDAY)
        OutgoingMail.objects.all().delete()

    assert actions.ask_mentors(at=THURSDAY + DAYS[0] * DAY) == 0
    assert not asked_mails().exists()


def test_whoever_wants_no_such_mail_gets_none(cast, ended):
    choose(cast.ama, by=cast.ama, chosen={"pairs.follow_up": "never"})

    actions.ask_mentors(at=THURSDAY + DAYS[0] * DAY)

    assert not asked_mails().exists()


def test_upkeep_asks(cast, ended):
    cache.delete("pairs.follow_ups")
    today = dt.datetime.now(dt.UTC).date()
    Pair.objects.filter(pk=ended.pk).update(ended_on=today - DAYS[0] * DAY)

    take_up_abandoned()

    assert FollowUp.objects.get().days == DAYS[0]


# -- who hears the answer -------------------------------------------------------------------------


@pytest.mark.parametrize("answer", SAYS)
def test_an_answer_reaches_the_contact_alone_and_no_row_holds_it(cast, link, answer):
    audit, kept = AuditEntry.objects.count(), list(FollowUp.objects.values())
    client = Client()

    for _ in range(2):  # a double click
        sent = client.post(link, {"answer": answer})

    assert sent.url == f"{link}?told={answer}"
    mail = answers_to(cast.tru).get()
    assert SAYS[answer] in mail.words["text"]
    assert "ama@example.org" in mail.words["text"]
    assert answer not in mail.once
    assert mail.cause == {}
    assert set(OutgoingMail.objects.values_list("to_id", flat=True)) == {cast.ama.pk, cast.tru.pk}
    assert AuditEntry.objects.count() == audit
    assert list(FollowUp.objects.values()) == kept
    assert not Notice.objects.exists()
    assert "Tru" in client.get(sent.url).text


def test_an_answer_is_deleted_from_the_outbox_a_day_after_it_left(cast, link):
    Client().post(link, {"answer": "talk"})
    made_at = answers_to(cast.tru).get().made_at

    prune(made_at + 2 * DAY)
    assert answers_to(cast.tru).count() == 1  # it has not left yet
    answers_to(cast.tru).update(state=OutgoingMail.State.SENT)
    prune(made_at + DAY)
    assert answers_to(cast.tru).count() == 1
    prune(made_at + 2 * DAY)

    assert not answers_to(cast.tru).exists()


def test_a_program_that_follows_links_answers_nothing(cast, link):
    for answer in SAYS:
        page = Client().get(f"{link}?answer={answer}")
        assert page.status_code == 200
        # its secret goes to no other server; with none at all browsers could not send the form
        assert page["Referrer-Policy"] == "same-origin"
        Client().head(f"{link}?answer={answer}")

    assert not answers_to(cast.tru).exists()


def test_all_is_well_can_be_followed_by_a_wish_to_talk(cast, link):
    for answer in SAYS:
        Client().post(link, {"answer": answer})

    assert answers_to(cast.tru).count() == 2


def test_the_page_opens_to_its_secret_alone_and_asks_for_one_of_two_answers(cast, link):
    assert Client().get(reverse("pairs:asked", args=["guessed"])).status_code == 404
    assert Client().post(link, {"answer": "help"}).status_code == 409
    assert Client().post(link).status_code == 409
    assert Client().put(link).status_code == 405
    cast.ama.left_on = NOW.date()
    cast.ama.save()
    assert Client().get(link).status_code == 404


@pytest.mark.parametrize("name", each_of())
def test_whoever_opens_it_sees_the_question_and_no_name_of_the_two(sign_in, cast, link, name):
    page = sign_in(name).get(link).text

    body = page[page.index("<main") : page.index("</main")]
    assert "Is all well?" in body
    assert "Ama" not in body
    assert "Bela" not in body


@pytest.mark.parametrize("name", [each for each in CAST if each not in {"ama", "nobody"}])
def test_nobody_else_finds_what_a_mentor_was_asked(cast, link, name):
    assert not FollowUp.objects.visible_to(getattr(cast, name)).exists()
    assert FollowUp.objects.visible_to(cast.ama).count() == 1


def test_nothing_of_it_shows_to_a_lead_or_moves_health(cast, ended):
    client = signed_in(cast.chi)

    def seen():
        recompute(at=THURSDAY + 40 * DAY)
        return seen_by_lead(client, ended), list(PairHealth.objects.values("points", "band"))

    before = seen()
    actions.ask_mentors(at=THURSDAY + DAYS[0] * DAY)
    assert seen() == before
    for answer in SAYS:
        Client().post(link_in(asked_mails().get()), {"answer": answer})
    assert seen() == before


# -- which contact --------------------------------------------------------------------------------


def contact(cast, name, **fields):
    person = make_person(name, **fields)
    Steward.objects.create(programme=cast.programme, person=person, kind="trusted_contact")
    return person


@pytest.mark.parametrize(
    "why",
    ["above the mentor", "far above the leader", "below the leader", "leads", "sponsors", "gone",
     "is the leader", "in a circle"],
)  # fmt: skip
def test_who_stands_in_a_line_or_runs_the_programme_is_passed_over(cast, why):
    tru, between = cast.tru, make_person("Between")
    if why == "above the mentor":
        cast.ama.manager = tru
    elif why == "far above the leader":
        cast.bela.manager, between.manager = between, tru
    elif why == "below the leader":
        tru.manager, between.manager = between, cast.bela
    elif why in {"leads", "sponsors"}:
        kind = {"leads": "lead", "sponsors": "sponsor"}[why]
        Steward.objects.create(programme=cast.programme, person=tru, kind=kind)
    elif why == "gone":
        tru.left_on = NOW.date()
    elif why == "is the leader":
        Steward.objects.filter(person=tru).update(person=cast.bela)
    elif why == "in a circle":
        tru.manager, between.manager, cast.ama.manager = between, tru, tru
    for person in (cast.ama, cast.bela, tru, between):
        person.save()

    assert followups.contact_for(cast.pair) is None
    assert not followups.has_contact_for_everybody(cast.cohort)
    other = contact(cast, "Uma")
    assert followups.contact_for(cast.pair) == other
    assert followups.has_contact_for_everybody(cast.cohort)


def test_of_several_contacts_who_suit_the_first_named_hears(cast):
    contact(cast, "Uma")

    assert followups.contact_for(cast.pair) == cast.tru


def test_without_a_contact_the_mail_leads_to_whom_one_can_ask(cast, ended):
    cast.ama.manager = cast.tru
    cast.ama.save()
    actions.ask_mentors(at=THURSDAY + DAYS[0] * DAY)

    text = asked_mails().get().words["text"]

    place = cast.ama.enrolments.get(cohort=cast.cohort)
    assert place.get_absolute_url() in text
    assert "Tru" not in text
    assert "All is well" not in text
    assert "/asked/" not in text
    assert "{" not in text


def test_with_a_contact_the_mail_names_them_and_two_answers(cast, link):
    text = asked_mails().get().words["text"]

    assert "Your answer goes to Tru alone" in text
    assert [link_in(asked_mails().get(), answer) for answer in SAYS] == [link, link]
    assert "whom you can ask" not in text
    assert "Bela" not in text


def test_a_contact_who_came_into_a_line_meanwhile_hears_nothing(cast, link):
    cast.bela.manager = cast.tru
    cast.bela.save()

    page = Client().get(link).text
    sent = Client().post(link, {"answer": "talk"})

    assert "nothing can be sent from here" in page
    assert sent.url == link
    assert not answers_to(cast.tru).exists()
    other = contact(cast, "Uma")
    Client().post(link, {"answer": "talk"})
    assert answers_to(other).count() == 1


def test_the_launch_checklist_says_that_a_contact_is_missing_and_names_nobody(sign_in, cast):
    url = reverse("desk:launch", args=[cast.cohort.code])
    assert all(not line.gap for line in lines_of(cast.cohort))
    cast.ama.manager = cast.tru
    cast.ama.save()

    page = sign_in("chi").get(url).text

    assert "For some who take part, no trusted contact stands outside" in page
    main = page[page.index("<main") : page.index("</main")]
    assert not any(name in main for name in ("Ama", "Bela", "Tru"))
    # it holds nothing up
    line = next(each for each in lines_of(cast.cohort) if each.gap)
    assert [words for words, _met in line.facts] == ["Two trusted contacts are named"]


def test_before_there_are_pairs_the_checklist_looks_at_who_is_enrolled(cast):
    Pair.objects.all().delete()
    assert followups.has_contact_for_everybody(cast.cohort)

    cast.bela.manager = cast.tru
    cast.bela.save()

    assert not followups.has_contact_for_everybody(cast.cohort)
