"""What is sealed, for whom, and that nobody else's pages can reach it (product: who sees what)."""

import pytest
from django.apps import apps

from contraflow.core.sealing import SealedField
from contraflow.desk.models import (
    Message,
    MessageWords,
    PersonalWord,
    PersonalWordText,
    StepWords,
)
from contraflow.exchange import models as exchange
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
    SessionWords,
    Story,
    StoryWords,
)
from contraflow.programmes.models import PrivateProfile

# every sealed field and the people of the cast whose pages may show it
SEALED = {
    "desk.MessageWords.subject": {"chi"},
    "desk.MessageWords.text": {"chi"},
    "desk.PersonalWordText.text": {"sol"},
    "desk.StepWords.subject": {"chi"},
    "desk.StepWords.text": {"chi"},
    "core.OutgoingMail.words": None,  # no page: it goes to a mailbox
    "exchange.GainedWords.gains": {"ama"},
    "exchange.MessageWords.text": {"ama", "bela"},
    "exchange.NoteWords.text": {"ama", "bela"},
    "exchange.PromiseWords.text": {"ama", "bela"},
    "pairs.AgreementWords.texts": {"ama", "bela"},
    "pairs.GoalWords.will": {"ama", "bela"},
    "pairs.GoalWords.seen_by": {"ama", "bela"},
    "pairs.GoalWords.because": {"ama", "bela"},
    "pairs.GoalWords.outcome": {"ama", "bela"},
    "pairs.BusyTimes.address": {"ama"},
    "pairs.BusyTimes.times": {"ama"},
    "pairs.CalendarFeed.secret": {"ama"},
    # her own page, which is not finished
    "pairs.ClosingWords.texts": {"ama"},
    "pairs.SessionWords.learned_by_mentor": {"ama", "bela"},
    "pairs.SessionWords.learned_by_mentee": {"ama", "bela"},
    "pairs.SessionWords.question": {"ama", "bela"},
    "pairs.SessionWords.own_topic": {"ama", "bela"},
    "pairs.SessionWords.own_activity": {"ama", "bela"},
    "pairs.StoryWords.prompt": {"ama", "bela"},
    "pairs.StoryWords.text": {"ama", "bela"},
    "pairs.CommitmentWords.condition": {"ama", "bela"},
    "pairs.CommitmentWords.action": {"ama", "bela"},
    "pairs.CommitmentWords.outcome": {"ama", "bela"},
    "programmes.PrivateProfile.personality": {"ama"},
    "programmes.PrivateProfile.wishes": {"ama"},
    "programmes.PrivateProfile.vetoes": {"ama"},
}


def make_sealed_rows(cast):
    """One row of each model with sealed words, of the pair of Ama and Bela or of Ama."""
    enrolment = cast.ama.enrolments.get(cohort=cast.cohort)
    session = cast.pair.sessions.first()
    commitment = Commitment.objects.create(session=session, side="mentor")
    story = Story.objects.create(pair=cast.pair, side="mentor")
    message = Message.objects.create(cohort=cast.cohort, to="everybody", by=cast.chi, count=2)
    step = cast.pair.steps.create(kind="nudge", by=cast.chi)
    sent = exchange.Message.objects.create(pair=cast.pair, side="mentor")
    note = exchange.Note.objects.create(pair=cast.pair, side="mentor")
    promise = exchange.Promise.objects.create(pair=cast.pair, side="mentor", kind="other")
    word = PersonalWord.objects.create(programme=cast.programme, by=cast.sol)
    gained = exchange.Gained.objects.create(pair=cast.pair, side="mentor")
    return [
        exchange.GainedWords.objects.create(gained=gained, gains={"learned": ["Mine"]}),
        exchange.MessageWords.objects.create(message=sent, text="Between us"),
        exchange.NoteWords.objects.create(note=note, text="Ours"),
        exchange.PromiseWords.objects.create(promise=promise, text="Yours"),
        PersonalWordText.objects.create(word=word, text="Whoever you are"),
        MessageWords.objects.create(message=message, subject="For all", text="Many"),
        StepWords.objects.create(step=step, subject="For you", text="Two"),
        AgreementWords.objects.create(
            agreement=Agreement.objects.create(pair=cast.pair), texts={"place": "Ours"}
        ),
        GoalWords.objects.create(
            goal=Goal.objects.create(pair=cast.pair, side="mentor"), will="ask"
        ),
        ClosingWords.objects.create(
            page=Closing.objects.create(pair=cast.pair).pages.create(side="mentor"),
            texts={"came": "Mine"},
        ),
        StoryWords.objects.create(story=story, text="Ours"),
        SessionWords.objects.create(session=session, learned_by_mentor="Ours"),
        CommitmentWords.objects.create(commitment=commitment, condition="If", action="Then"),
        PrivateProfile.objects.create(enrolment=enrolment, wishes=["x"]),
        BusyTimes.objects.create(
            calendar=BusyCalendar.objects.create(person=cast.ama), address="x", times=[[1, 2]]
        ),
        CalendarFeed.objects.create(person=cast.ama, secret="mine", digest="0" * 64),
    ]


def test_these_fields_are_sealed_and_no_other():
    found = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, SealedField)
    }
    assert found == set(SEALED)


def test_sealed_words_stand_apart_from_facts():
    """A model with sealed words holds nothing that somebody else's page would want to read."""
    for label in {field.rpartition(".")[0] for field in SEALED} - {"core.OutgoingMail"}:
        model = apps.get_model(label)
        facts = {
            field.name
            for field in model._meta.concrete_fields
            if not isinstance(field, SealedField) and not field.primary_key
        }
        assert facts <= {"made_at", "changed_at", "digest"}, label


def test_sealed_words_are_erased_with_the_person():
    for name in SEALED:
        label, _dot, field = name.rpartition(".")
        assert field in apps.get_model(label).Privacy.erase


@pytest.mark.django_db
def test_nobody_but_the_owners_can_reach_sealed_words(cast):
    everybody = {name: person for name, person in vars(cast).items() if hasattr(person, "roles")}
    assert len(everybody) == 8

    for row in make_sealed_rows(cast):
        label = row._meta.label
        readers = {
            name
            for name, person in everybody.items()
            if type(row)._default_manager.visible_to(person).filter(pk=row.pk).exists()
        }
        allowed = [people for name, people in SEALED.items() if name.startswith(f"{label}.")]
        assert [readers] * len(allowed) == allowed, label
