"""Known words are written into everything that is sealed; no raw copy shows one of them.

Searched are the bytes of the whole database (jobs, queue, sessions, audit trail, mails), and all
that was logged at the most talkative level.
"""

import base64
import logging

import pytest
from django.apps import apps
from django.core import mail
from django.db import connection
from django.utils import timezone

from contraflow.core.mail import queue_mail
from contraflow.core.models import OutgoingMail
from contraflow.core.sealing import SealedField
from contraflow.desk.actions import write_personal_word
from contraflow.desk.models import (
    Message,
    MessageWords,
    PersonalWord,
    PersonalWordText,
    StepWords,
)
from contraflow.exchange import models as exchange
from contraflow.exchange.actions import make_promise, send_message, write_note
from contraflow.pairs.actions import (
    make_feed,
    put_off_closing,
    set_goal,
    sign_agreement,
    suggest_closing,
    write_closing_page,
    write_learned,
    write_section,
)
from contraflow.pairs.meeting import ask_ahead, choose_own_topic, commit
from contraflow.pairs.models import (
    Agreement,
    AgreementWords,
    BusyCalendar,
    BusyTimes,
    CalendarFeed,
    Closing,
    ClosingWords,
    Commitment,
    CommitmentWords,
    Goal,
    GoalWords,
    Session,
    SessionWords,
    Story,
    StoryWords,
)
from contraflow.programmes.actions import save_private_profile
from contraflow.programmes.models import Cohort, PrivateProfile, Side
from tests.conftest import make_cohort, make_enrolment

WORD = "Quokkaburger"
# how each model's row is made, apart from its sealed fields
MAKERS = {
    MessageWords: lambda cast: {
        "message": Message.objects.create(cohort=cast.cohort, to="everybody", by=cast.chi, count=2)
    },
    PersonalWordText: lambda cast: {
        "word": PersonalWord.objects.create(programme=cast.programme, by=cast.sol)
    },
    StepWords: lambda cast: {"step": cast.pair.steps.create(kind="nudge", by=cast.chi)},
    SessionWords: lambda cast: {"session": cast.pair.sessions.last()},
    CommitmentWords: lambda cast: {
        "commitment": Commitment.objects.create(session=cast.pair.sessions.last(), side="mentor")
    },
    AgreementWords: lambda cast: {"agreement": Agreement.objects.create(pair=cast.pair)},
    GoalWords: lambda cast: {"goal": Goal.objects.create(pair=cast.pair, side="mentor")},
    ClosingWords: lambda cast: {
        "page": Closing.objects.create(pair=cast.pair, agreed_at=timezone.now()).pages.create(
            side="mentor", ready_at=timezone.now()
        )
    },
    StoryWords: lambda cast: {"story": Story.objects.create(pair=cast.pair, side="mentor")},
    PrivateProfile: lambda cast: {"enrolment": cast.bela.enrolments.get(cohort=cast.cohort)},
    exchange.GainedWords: lambda cast: {
        "gained": exchange.Gained.objects.create(pair=cast.pair, side="mentor")
    },
    exchange.MessageWords: lambda cast: {
        "message": exchange.Message.objects.create(pair=cast.pair, side="mentor")
    },
    exchange.NoteWords: lambda cast: {
        "note": exchange.Note.objects.create(pair=cast.pair, side="mentor", is_private=True)
    },
    exchange.PromiseWords: lambda cast: {
        "promise": exchange.Promise.objects.create(pair=cast.pair, side="mentor", kind="other")
    },
    BusyTimes: lambda cast: {"calendar": BusyCalendar.objects.create(person=cast.bela)},
    CalendarFeed: lambda cast: {"person": cast.bela, "digest": "1" * 64},
    OutgoingMail: lambda cast: {
        "kind": "test",
        "once": "1",
        "to_id": 1,
        "address": "a@example.org",
    },
}


def disguises(word):
    """The word as it is, and as it looks in base64 (at each offset), hex and UTF-16."""
    raw = word.encode()
    yield from (raw, raw.lower(), raw.hex().encode(), word.encode("utf-16-le"))
    for offset in range(3):
        whole = base64.b64encode(b"\0" * offset + raw)
        yield whole[4 if offset else 0 : -4]


def copy_of_database():
    """Every byte of the database, as whoever steals it would have it."""
    if connection.vendor == "sqlite":
        return connection.connection.serialize()
    parts = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            with cursor.copy(f'COPY "{table}" TO STDOUT (FORMAT binary)') as copy:
                parts += [bytes(part) for part in copy]
    return b"".join(parts)


@pytest.fixture
def assert_nowhere(caplog, capfd):
    """Return a function that searches the database and the logs for words."""
    caplog.set_level(logging.DEBUG)

    def search(*words):
        assert caplog.records, "nothing was logged, so nothing was searched"
        said = capfd.readouterr()
        # statements at DEBUG are for developers; `mail.log` is the mail server, another program
        logged = "\n".join(
            record.getMessage()
            for record in caplog.records
            if record.name not in {"django.db.backends", "mail.log"}
        )
        haystack = copy_of_database() + f"{logged}{said.out}{said.err}".encode()
        for word in words:
            found = [each for each in disguises(word) if each in haystack]
            assert found == [], f"{word} was found"

    return search


def test_search_finds_what_is_not_sealed(cast, assert_nowhere):
    logging.getLogger("test").info("the search works")
    cast.ama.job_title = WORD
    cast.ama.save()

    with pytest.raises(AssertionError, match=f"{WORD} was found"):
        assert_nowhere(WORD)


def test_every_sealed_field_of_every_model_is_searched():
    sealed = {
        model
        for model in apps.get_models()
        if any(isinstance(field, SealedField) for field in model._meta.concrete_fields)
    }
    assert sealed == set(MAKERS)


@pytest.mark.parametrize("model", MAKERS, ids=lambda model: model._meta.label)
def test_words_in_sealed_fields_are_nowhere(cast, assert_nowhere, model):
    logging.getLogger("test").info("something is logged")
    names = [field.name for field in model._meta.concrete_fields if isinstance(field, SealedField)]
    words = {name: f"{WORD}{number}" for number, name in enumerate(names)}

    row = model(**MAKERS[model](cast), **words)
    row.save()

    again = model.objects.get(pk=row.pk)
    assert {name: getattr(again, name) for name in names} == words
    assert_nowhere(*words.values())


@pytest.mark.usefixtures("note", "never_quiet")
def test_words_written_by_actions_are_nowhere(
    cast, assert_nowhere, run_jobs, django_capture_on_commit_callbacks
):
    session = cast.pair.sessions.first()
    session.state, session.starts_at = Session.State.HELD, timezone.now()
    session.save()
    other = make_cohort(cast.programme, state=Cohort.State.ENROLLING)
    ama = make_enrolment(other, cast.ama)
    wished = make_enrolment(other, side=Side.MENTEE)

    with django_capture_on_commit_callbacks(execute=True):
        write_learned(session, by=cast.ama, text=f"{WORD}1")
        write_learned(session, by=cast.bela, text=f"{WORD}2")
        commit(session, by=cast.ama, condition=f"{WORD}6", action=f"{WORD}7")
        ask_ahead(cast.pair.sessions.last(), by=cast.bela, text=f"{WORD}8")
        write_personal_word(cast.programme, by=cast.sol, text=f"{WORD}5")
        choose_own_topic(cast.pair.sessions.last(), by=cast.ama, topic=f"{WORD}9")
        write_section(cast.pair, by=cast.ama, section="place", text=f"{WORD}10", seen=0)
        goal = {"will": f"{WORD}11", "seen_by": f"{WORD}12", "because": f"{WORD}13"}
        set_goal(cast.pair, by=cast.ama, week=9, **goal)
        set_goal(cast.pair, by=cast.bela, week=9, **goal)
        sign_agreement(cast.pair, by=cast.bela, version=3, pledges=True)
        write_section(
            cast.pair, by=cast.ama, section="place", text=f"{WORD}14", seen=3, reopens=True
        )
        save_private_profile(ama, by=cast.ama, personality={"1": 5}, wishes=[wished.code])
        feed = make_feed(cast.ama)
        send_message(cast.pair, by=cast.ama, text=f"{WORD}15")
        write_note(cast.pair, by=cast.bela, text=f"{WORD}16", is_private=True)
        make_promise(cast.pair, by=cast.bela, kind="other", text=f"{WORD}17")
        for person in (cast.ama, cast.bela):
            suggest_closing(cast.pair, by=person)
        for number, person in ((18, cast.ama), (19, cast.bela)):
            texts = {"came": f"{WORD}{number}"}
            write_closing_page(cast.pair, by=person, texts=texts, is_ready=True)
        put_off_closing(cast.pair, by=cast.ama)
        words = {"subject": f"{WORD}3", "words": f"[Open](https://x.example/{WORD}4)"}
        queue_mail("test.note", to=cast.bela, once="leak", values=words)
    run_jobs()

    (invitation,) = [each for each in mail.outbox if each.subject == f"{WORD}3"]
    assert f"{WORD}4" in invitation.body
    of_agreement = [each for each in mail.outbox if "your agreement" in each.subject]
    assert len(of_agreement) == 3
    assert not any(WORD in f"{each.subject}{each.body}" for each in of_agreement)
    assert_nowhere(*(f"{WORD}{number}" for number in range(1, 20)), feed.secret, '"1": 5')


@pytest.mark.usefixtures("note")
def test_words_of_a_mail_that_is_refused_are_nowhere(
    cast, smtp, assert_nowhere, run_jobs, django_capture_on_commit_callbacks
):
    smtp.refusals = 1
    with django_capture_on_commit_callbacks(execute=True):
        queue_mail("test.note", to=cast.bela, once="1", values={"subject": WORD, "words": WORD})

    run_jobs()

    assert OutgoingMail.objects.get().attempts == 1
    assert_nowhere(WORD)
