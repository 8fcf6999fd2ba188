"""Somebody tries to read the words of a pair through everything there is.

The suite is made from the list of addresses and the models: a page or a sealed field that is new
is attacked without anybody remembering it. What an attacker gets hold of is searched for words
that stand in every sealed field of Ama and Bela: the answers of every address to every method,
mails, notices, audit entries, jobs, logs, and a raw copy of the database.
"""

import json
import logging
from itertools import count

import pytest
from django.apps import apps
from django.urls import reverse

from contraflow.core.models import AuditEntry, Job, Notice, OutgoingMail
from contraflow.core.sealing import Sealed, SealedField
from contraflow.pairs.models import SessionWords
from tests.conftest import make_pair, make_person
from tests.core.test_no_word_leaks import MAKERS, copy_of_database, disguises
from tests.repo.test_every_address import addresses, path_of, stage, visitor

pytestmark = pytest.mark.django_db
__all__ = ["stage"]

# sealed for a lead or a sponsor, who are attackers here; a mail goes to a mailbox
NOT_OF_THE_TWO = {
    "desk.MessageWords", "desk.StepWords", "desk.PersonalWordText", "core.OutgoingMail",
}  # fmt: skip
ATTACKERS = {
    "chi": "the lead of their programme",
    "cleo": "the lead of another programme",
    "sol": "the sponsor",
    "tru": "the trusted contact",
    "root": "the administrator, who may do what Django calls superuser",
    "dov": "a stranger",
    "ines": "another mentor of the cohort",
    "abel": "the assistant of the leader",
    "mara": "the line manager of the mentor",
    "nobody": "somebody who is not signed in",
}
METHODS = ["get", "post", "head", "options", "put", "delete"]


# fields whose words no page of a plain visit shows, and why
UNREAD = {
    "pairs.BusyTimes.address": "never shown again",
    "programmes.PrivateProfile.personality": "on another step of the profile",
    "programmes.PrivateProfile.wishes": "on another step of the profile",
    "programmes.PrivateProfile.vetoes": "on another step of the profile",
}
# what fields hold that are no words of anybody
NO_WORDS = {
    "pairs.CommitmentWords.outcome": "done",
    "pairs.GoalWords.outcome": "dropped",
    "pairs.BusyTimes.times": [[1, 2]],
}
# how a word stands in fields that are no plain text
SHAPES = {
    "exchange.GainedWords.gains": lambda word: {"goal": word},
    "pairs.AgreementWords.texts": lambda word: {"place": word},
    "pairs.ClosingWords.texts": lambda word: {"came": word},
    "programmes.PrivateProfile.personality": lambda word: {word: 1},
    "programmes.PrivateProfile.wishes": lambda word: [word],
    "programmes.PrivateProfile.vetoes": lambda word: [word],
}


@pytest.fixture
def words(stage, caplog):
    """Give Ama and Bela a word of its own in every text they sealed; return all by field."""
    caplog.set_level(logging.DEBUG)
    stage.ines, stage.abel, stage.mara = (make_person(name) for name in ("Ines", "Abel", "Mara"))
    make_pair(stage.cohort, mentor=stage.ines)
    stage.bela.assistants.create(assistant=stage.abel)
    stage.ama.manager = stage.mara
    stage.ama.save()
    stage.session.has_own_topic = True
    stage.session.save()
    SessionWords.objects.create(session=stage.session)
    return write_words(stage)


def sealed_models():
    for model in apps.get_models():
        fields = [f for f in model._meta.local_concrete_fields if isinstance(f, SealedField)]
        if fields and model._meta.label not in NOT_OF_THE_TWO:
            yield model, fields


def write_words(stage):
    """Put a word into each sealed text of each row; return them by field."""
    found, number = {}, count(1)
    for model, fields in sealed_models():
        if not model._base_manager.exists():
            model(**MAKERS[model](stage), **{field.name: "" for field in fields}).save()
        for row in model._base_manager.all():
            for field in fields:
                name, word = f"{model._meta.label}.{field.name}", f"Quokkaburger{next(number)}z"
                if name in NO_WORDS:
                    setattr(row, field.name, NO_WORDS[name])
                    continue
                setattr(row, field.name, SHAPES.get(name, str)(word))
                found.setdefault(name, []).append(word)
            row.save()
    return found


def everything(words):
    return [word for of_field in words.values() for word in of_field]


def loot_of(stage, who, methods):
    """Ask every address in every way, and return all that came back."""
    client, loot = visitor(stage, who, raise_request_exception=False), []
    for name, pattern in addresses():
        path = path_of(name, stage) if pattern.pattern.converters else reverse(name)
        for method in methods:
            answer = getattr(client, method)(path)
            body = b"".join(answer) if answer.streaming else answer.content
            assert answer.status_code != 500, path
            loot.append(f"{method} {path} {answer.headers}".encode() + body)
    return loot


def words_in(loot, words):
    text = b"\n".join(loot)
    return {word for word in everything(words) if word.encode() in text}


@pytest.mark.slow
@pytest.mark.parametrize("who", ATTACKERS)
def test_no_address_gives_a_word_away(stage, words, who):
    methods = ["get"] if who == "root" else METHODS

    assert words_in(loot_of(stage, who, methods), words) == set()


@pytest.mark.slow
def test_what_the_product_keeps_and_says_gives_no_word_away(stage, words, caplog, run_jobs):
    """What a database, its mails and its logs hold after everybody asked for everything."""
    for who in ("chi", "root", "ama", "bela"):
        loot_of(stage, who, ["get", "post"])
    run_jobs()
    kept = [
        str(row).encode()
        for model in (AuditEntry, Job, Notice)
        for row in model.objects.values_list()
    ]
    to_others = [
        str(row.words).encode()
        for row in OutgoingMail.objects.exclude(to_id__in=[stage.ama.pk, stage.bela.pk])
    ]
    logged = [r.getMessage().encode() for r in caplog.records if r.name != "django.db.backends"]

    assert kept
    assert words_in(kept + to_others + logged, words) == set()
    copy = copy_of_database()
    assert [w for w in everything(words) for each in disguises(w) if each in copy] == []


def test_with_sealing_switched_off_a_copy_of_the_database_shows_everything(
    stage, words, monkeypatch
):
    """The search is able to find: nothing is found above because nothing is there."""

    def unsealed(self, instance, value):
        return Sealed(b"\x00" * 21 + json.dumps(value).encode())

    monkeypatch.setattr(SealedField, "seal", unsealed)
    words = write_words(stage)

    copy = copy_of_database()
    assert [w for w in everything(words) if w.encode() not in copy] == []


@pytest.mark.slow
def test_the_two_themselves_reach_their_words(stage, words):
    """The walk is able to read: the pages of the owners show the words of nearly every field."""
    loot = [*loot_of(stage, "ama", ["get"]), *loot_of(stage, "bela", ["get"])]
    read = words_in(loot, words)

    unread = {field for field, of_field in words.items() if not read & set(of_field)}
    assert unread == set(UNREAD)
