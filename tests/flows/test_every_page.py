"""Everybody follows every link they see: each page is found, works, and is fit for all."""

import datetime as dt
from html.parser import HTMLParser
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from django.urls import get_resolver, resolve
from django.utils import timezone

from contraflow.desk.actions import (
    give_speech,
    learn_in_public,
    put_aside,
    recompute,
    send_message,
    write_personal_word,
    write_to_both,
)
from contraflow.desk.texts import Text
from contraflow.exchange import actions as exchange
from contraflow.pairing.actions import lock_pair, make_draft, publish_draft, rematch
from contraflow.pairing.models import Draft
from contraflow.pairs.actions import (
    add_shutdown,
    ask_to_end,
    book_series,
    book_session,
    come_true,
    connect_calendar,
    delete_words,
    end_pair,
    hold_pair,
    make_feed,
    name_assistant,
    pause_pair,
    record_held,
    set_goal,
    state_absence,
    suggest_closing,
)
from contraflow.pairs.meeting import commit
from contraflow.pairs.models import Pair, Session, Story
from contraflow.pairs.stories import tell_story
from contraflow.people.actions import upload_import
from contraflow.people.models import Department, PeopleImport, Person
from contraflow.programmes.actions import apply_to, draw_lots, save_objective, withdraw
from contraflow.programmes.models import Cohort, Enrolment, Objective, Programme, Steward
from contraflow.training.actions import move_module, write_module
from contraflow.training.models import OwnModule
from tests.conftest import CAST, make_cohort, make_enrolment, make_pair, make_person
from tests.flows.browsing import faults, wait_for
from tests.pairing.makers import make_many, make_participant, make_small_cohort
from tests.people.importing import csv_file

# pages of one name differ by what they are about: so many of each are opened by everybody, the
# first of them with a browser and axe
OPENED = 6
# pairs differ by more than others: forming, waiting, resting, left, paused, ended
MORE_OPENED = {"pairs:pair": 24}
# what no page leads to, and what does
LED_TO_OTHERWISE = {
    "core:healthz": "asked by machines",
    "core:readyz": "asked by machines",
    "core:gallery": "for whoever develops",
    "core:job": "pages show the job they started themselves",
    "core:job-cancel": "on the page of a job",
    "core:accent": "where the organisation has a colour",
    "core:logo": "where the organisation has a logo",
    "people:address-confirm": "where mail came back",
    "people:mail-stop": "in a mail",
    "people:mail-text-back": "where a text was written anew",
    "people:sign-in-by-link": "in a mail",
    "pairs:asked": "in a mail",
    "pairs:feed": "for calendar programmes",
    "programmes:hours": "in a mail",
    "pairing:options": "in cohorts too large to price unasked",
    "pairing:stop": "while a draft is being solved",
    "pairing:try": "where a milder rule would place more people",
    "people:take-back": "on the page of somebody who left",
    "ops:sign-in-as": "in the demonstration alone",
    "ops:video-room": "in the demonstration alone",
}


def wait_for_state(row, state):
    """Wait for the worker to bring something into a state."""

    def is_there():
        row.refresh_from_db()
        return row.state == state

    wait_for(is_there, f"{row!r} did not become {state}", seconds=30)


@pytest.fixture
def lively(site):
    """A site on which every kind of page has something to show."""
    cast = site.cast
    _pairs(cast)
    _pairings(cast)
    _enrolments(cast)
    _desk(cast)
    _training(cast)
    manual = Objective(
        programme=cast.programme, statement="Leaders meet customers.", measure="Visits", target=9,
        due_on=cast.cohort.starts_on, source=Objective.Source.MANUAL,
    )  # fmt: skip
    save_objective(manual, by=cast.chi)
    bad = "4,Cem,no address,,Sales,2"
    upload_import([csv_file(bad)], by=cast.root, filename="people.csv")
    with_rows = PeopleImport.objects.filter(state=PeopleImport.State.PREVIEWED)
    wait_for(with_rows.exists, "the file was not read")
    return site


def _pairs(cast):
    one, two, three = cast.pair.sessions.order_by("number")
    now = timezone.now()
    for session, days in ((one, 1), (two, 2), (three, 3)):
        book_session(session, by=cast.ama, starts_at=now + dt.timedelta(days=days))
    past = Session.objects.filter(pk__in=[one.pk, two.pk])
    past.update(starts_at=now - dt.timedelta(hours=3))
    one.refresh_from_db()
    record_held(one, by=cast.bela)
    make_feed(cast.bela)
    for person in (cast.ama, cast.bela):
        set_goal(
            cast.pair, by=person, week=9, will="ask", seen_by="the minutes", because="it helps"
        )
    commit(one, by=cast.ama, condition="on Monday", action="I ask")
    tell_story(cast.pair, by=cast.ama, text="A story", shared_as=Story.SharedAs.WITH_NAME)
    for words in ("Hello", "Are you there?"):
        exchange.send_message(cast.pair, by=cast.bela, text=words)
    exchange.send_message(cast.pair, by=cast.ama, text="I am")
    exchange.write_note(cast.pair, by=cast.ama, text="A link: https://example.org", session=one)
    exchange.write_note(cast.pair, by=cast.bela, text="For me", is_private=True)
    exchange.make_promise(cast.pair, by=cast.bela, kind="introduction", text="To Dana")
    cast.ama.manager = make_person("Mara")
    cast.ama.save()
    closing = make_pair(cast.cohort, mentor=cast.ama)
    for person in (closing.mentee, cast.ama):
        suggest_closing(closing, by=person)
    resting = make_pair(cast.cohort, mentor=cast.ama)
    weekly = [now + dt.timedelta(weeks=week) for week in (2, 3)]
    book_series(resting, by=cast.ama, moments=weekly)
    pause_pair(resting, by=cast.ama, until=now.date() + dt.timedelta(days=3))
    then = {"starts_on": now.date() + dt.timedelta(days=200)}
    then["ends_on"] = then["starts_on"]
    state_absence(cast.bela, **then)
    add_shutdown(cast.cohort, by=cast.chi, **then)
    name_assistant(cast.bela, assistant=cast.dov)
    name_assistant(cast.ama, assistant=cast.dov)
    connect_calendar(cast.bela, address="https://calendar.example.org/bela.ics")
    _ends(cast)


def _ends(cast):
    """Two pairs that have ended, the words of one deleted; one that Bela left; one in conflict."""
    team = Department.objects.create(path="Sales", name="Sales")
    held = make_pair(cast.cohort, make_person("Pia", department=team), cast.bela)
    Person.objects.filter(pk=cast.bela.pk).update(department=team)
    ended = make_pair(cast.cohort, make_person("Nia"), cast.dov)
    left = make_pair(cast.cohort, make_person("Ola"), cast.bela)
    come_true(at=ask_to_end(ended, by=cast.dov).tells_at)
    gone = make_pair(cast.cohort, make_person("Noa"), cast.dov)
    exchange.write_note(gone, by=cast.dov, text="For me", is_private=True)
    come_true(at=ask_to_end(gone, by=cast.dov).tells_at)
    long_ago = timezone.localdate() - dt.timedelta(days=2)
    Pair.objects.filter(pk=gone.pk).update(words_kept_until=long_ago, words_reminders=2)
    delete_words()
    ask_to_end(left, by=cast.bela)
    hold_pair(held, ["different_team"])


def _training(cast):
    """A module of the programme's own, and a pair whose second session waits."""
    own = OwnModule(programme=cast.programme, title="Our house", text="## At the door\n\nHello.")
    move_module(write_module(own, by=cast.chi), OwnModule.State.PUBLISHED, by=cast.chi)
    make_pair(cast.cohort, trained=False)


def _desk(cast):
    """A pair that was written to and put aside, messages, a second lead, a cohort that is over."""
    Steward.objects.create(programme=cast.programme, person=make_person("Lena"), kind="lead")
    make_cohort(cast.programme, state=Cohort.State.CLOSED)
    # among few cohorts, so that its settings are opened
    make_cohort(Programme.objects.led_by(cast.cleo).get(), state=Cohort.State.CLOSED)
    recompute()
    text, later = Text(subject="Hello", body="You two"), timezone.now() + dt.timedelta(hours=1)
    write_to_both(cast.pair, "nudge", by=cast.chi, text=text, at=later)
    put_aside(cast.pair, by=cast.chi, until=later.date() + dt.timedelta(days=3))
    send_message(cast.cohort, "everybody", by=cast.chi, text=text, code="sent1")
    begun = make_cohort(cast.programme, starts_on=timezone.localdate())
    make_enrolment(begun, cast.ama)
    make_enrolment(begun, cast.sol, side="mentee")
    learn_in_public(cast.programme, by=cast.sol, wants="To ask", learned="I asked")
    give_speech(begun, "opening", by=cast.sol, text=text, code="sent2", at=later)
    write_personal_word(cast.programme, by=cast.sol, text="Well?")


def _pairings(cast):
    published, people = make_small_cohort(cast.programme)
    first = _solved(published, cast)
    publish_draft(first, by=cast.chi)
    wait_for_state(published, Cohort.State.RUNNING)
    # somebody better, so that a re-match would change a pair; and a pair that has ended
    make_participant(published, "mentor", "Amy Best", topics=[("Generative AI", 4)], hours=[9, 10])
    people["priya"].profile.topics.update(level=1)
    wait_for_state(rematch(first, by=cast.chi, inertia=0), Draft.State.READY)
    end_pair(published.pairs.get(mentee__name="Karen Olsen"), by=cast.chi)
    make_many(cast.programme, 2, 2, seed=8)
    cohort = make_many(cast.programme, 3, 3)
    draft = _solved(cohort, cast, based_on=_solved(cohort, cast))
    proposal = draft.proposals.first()
    lock_pair(draft, proposal.mentor, proposal.mentee, by=cast.chi)
    # it begins today, and no sponsor has opened it
    Cohort.objects.filter(pk=published.pk).update(starts_on=timezone.localdate())


def _solved(cohort, cast, **how):
    draft = make_draft(cohort, by=cast.chi, **how)
    wait_for_state(draft, Draft.State.READY)
    return draft


def _enrolments(cast):
    enrolling = Cohort.State.ENROLLING
    cohort = make_cohort(cast.programme, state=enrolling, applications_open=True, mentor_places=1)
    for person in (make_person("Eve"), make_person("Fay")):
        apply_to(cohort, "mentor", by=person)
    draw_lots(cohort, "mentor", by=cast.chi)
    apply_to(cohort, "mentor", by=make_person("Gus"))
    invited = Enrolment.State.INVITED
    make_enrolment(cohort, cast.bela, side="mentee", state=invited)
    make_enrolment(cohort, cast.tru, side="mentee")
    make_cohort(cast.programme, state=Cohort.State.DRAFT)
    gone = make_enrolment(cohort, make_person("Hal"), side="mentee")
    withdraw(gone, by=cast.chi)


class Walker(HTMLParser):
    """One person who follows every link, and what was found on the way."""

    def __init__(self, page, url):
        super().__init__()
        self.page = page
        self.url = url
        self.seen = {}
        self.names = set()
        self.found = []
        self._here = "/"
        self._next = ["/"]

    def walk(self):
        while self._next:
            self._visit(self._next.pop(0))

    def _visit(self, path):
        url = urlsplit(path)
        key = (resolve(url.path).view_name, *sorted(parse_qs(url.query)))
        seen = self.seen.setdefault(key, [])
        if len(seen) == MORE_OPENED.get(key[0], OPENED) or path in seen:
            return
        seen.append(path)
        answer = self.page.request.get(path)
        # where whoever may not, or need not, go there was sent
        self._here = answer.url
        self._remember(answer.url)
        if answer.status != 200:
            self.found.append(f"{path}: status {answer.status}")
        elif "attachment" in answer.headers.get("content-disposition", ""):
            return  # a file to keep
        elif "text/html" in answer.headers["content-type"]:
            self.feed(answer.text())
            if len(seen) == 1:
                self.page.goto(path)
                self.found += faults(self.page)

    def handle_starttag(self, tag, attrs):
        """Remember where links and forms lead: links are followed, forms are not sent."""
        attrs = dict(attrs)
        for name in ("href", "action", "formaction", "hx-get", "hx-post"):
            target = attrs.get(name)
            if target is None or tag in {"link", "use"} or target.startswith("#"):
                continue
            path = self._remember(urljoin(self._here, target))
            if path and tag == "a":
                self._next.append(path)

    def _remember(self, address):
        """Note the name of an address that is ours; return its path."""
        url = urlsplit(address)
        if f"{url.scheme}://{url.netloc}" != self.url:
            return None
        self.names.add(resolve(url.path).view_name)
        return f"{url.path}?{url.query}" if url.query else url.path


def names_of_all(resolver, space=""):
    """Return the name of every address of the product."""
    for each in resolver.url_patterns:
        if hasattr(each, "url_patterns"):
            yield from names_of_all(each, f"{each.namespace}:" if each.namespace else space)
        else:
            yield f"{space}{each.name}"


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_page_is_led_to_and_fit_for_everybody(lively, visit):
    names, found = set(), []
    for role in CAST:
        person = None if role == "nobody" else getattr(lively.cast, role)
        walker = Walker(visit(person), lively.url)
        walker.walk()
        names |= walker.names
        found += [f"{role}: {fault}" for fault in walker.found]
        walker.page.context.close()

    assert found == []
    assert set(names_of_all(get_resolver())) - names == set(LED_TO_OTHERWISE)
