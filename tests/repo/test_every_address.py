"""Every address of the product, whatever room it is in: nobody comes in by the side door."""

import datetime as dt
import os
import subprocess
import sys

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from contraflow.core.models import Job
from contraflow.desk.models import (
    Message,
    MessageWords,
    PersonalWord,
    PersonalWordText,
    PublicLearner,
)
from contraflow.exchange.models import Message as Sent
from contraflow.exchange.models import MessageWords as SentWords
from contraflow.exchange.models import Note, NoteWords, Promise, PromiseWords
from contraflow.pairs.agreements import SECTIONS
from contraflow.pairs.closings import QUESTIONS
from contraflow.pairs.models import (
    Agreement,
    AgreementWords,
    Closing,
    ClosingWords,
    Commitment,
    CommitmentWords,
    Goal,
    GoalWords,
    Session,
    SessionWords,
    SharedStory,
    Story,
    StoryWords,
)
from contraflow.people.models import BadRow, Department, PeopleImport
from contraflow.programmes.models import (
    Enrolment,
    LotteryDraw,
    Objective,
    PlannedSession,
    Programme,
    Side,
    Topic,
)
from contraflow.training.models import OwnModule
from tests.conftest import make_cohort, make_enrolment
from tests.pairing.makers import make_small_cohort, solved
from tests.repo.files import ROOT

pytestmark = pytest.mark.django_db

# which thing of the stage the address is about, by its name
ABOUT = {
    "core": {"job job-cancel": "job", "logo": {"mark": "abc"}, "accent": {"colour": "7a1f3d"}},
    "home": {"overview": "cohort", "sponsor": "programme"},
    "desk": {
        "desk hand-over part learner personal-word remind": "programme",
        "cohort messages launch": "cohort",
        "message": "message",
        "pair talked aside taken-up handed-over": "pair",
        "write": "writing",
        "undone": "step_taken",
        "speech": "speaking",
        "speech-undone": "speech",
    },
    "ops": {"sign-in-as": {"role": "lead"}, "video-room": {"code": "abc-1"}},
    "people": {
        "person edit leave take-back address-confirm": "person",
        "mail-text mail-text-preview mail-text-test mail-text-back": {"kind": "login_link"},
        "mail-stop": {"token": "guessed"},
        "notice": {"code": "guessed"},
        "import import-map import-apply import-throw-away import-bad-rows": "people_import",
        "role-revoke": "role",
        "export": {"kind": "csv"},
        "sign-in-by-link": {"secret": "guessed"},
    },
    "programmes": {
        "programme programme-edit stewards objective-new cohort-new": "programme",
        "objective objective-change readings": "objective",
        "cohort cohort-settings cohort-move plan invite apply decide hours-ask": "cohort",
        "cohort-archive": "cohort",
        "hours": {"secret": "guessed"},
        "planned-session planned-session-change": "planned",
        "draw draw-log": "draw",
        "enrolment answer leave place profile profile-finish": "enrolment",
        "profile-step": "step",
    },
    "training": {
        "guide": {"role": "mentor"},
        "module module-on": {"key": "M01"},
        "screen": {"key": "M01", "number": 7},
        "progress remind": "cohort",
        "own-modules own-module-new": "programme",
        "own-module own-module-move": "own_module",
    },
    "pairing": {
        "cohort propose partners drafts": "small",
        "draft again rematch keep publish undo stop options choose try report": "draft",
        "report-file": "report",
        "swap": "mentor",
        "pair cost leaving decide": "two",
        "clear": "pair",
    },
    "pairs": {
        "list shutdowns": "cohort",
        "shutdown-end": "shutdown",
        "absence-end": "absence",
        "assistant-remove": "assistant",
        "appointment appointment-book appointment-move appointment-cancel": "session",
        "pair pair-end pair-stay pair-seek pair-pause pair-go-on series series-undo": "pair",
        "gate-open": "pair",
        "session session-book session-check session-move session-cancel session-held "
        "session-missed session-undo session-learned session-file session-question "
        "session-topic session-run": "session",
        "commitment-review": "commitment",
        "agreement agreement-section agreement-goal agreement-sign": "pair",
        "pair-copy pair-copy-data": "pair",
        "goal-review": "goal",
        "closing closing-want closing-put-off closing-write closing-done": "pair",
        "stories": "cohort",
        "story-tell": "pair",
        "story-decide": "story",
        "feed asked": {"secret": "guessed"},
    },
    "readiness": {"check": {"role": "leader"}},
    "exchange": {
        "messages notes ledger": "pair",
        "message-take-back": "sent",
        "note-change": "note",
        "promise-settle": "promise",
    },
}
# what is there for more people than those of its programme, and for whom
FOR_OTHERS = {
    "people:person": {"cleo", "root"},
    "people:edit": {"cleo", "root"},
    "people:leave": {"cleo", "root"},
    "people:address-confirm": {"cleo", "root"},
    "people:take-back": {"cleo", "root"},
    "people:import": {"cleo", "root"},
    "people:import-map": {"cleo", "root"},
    "people:import-apply": {"cleo", "root"},
    "people:import-throw-away": {"cleo", "root"},
    "people:import-bad-rows": {"cleo", "root"},
    "people:role-revoke": {"root"},
}


def addresses(resolver=None, room=""):
    """Yield (name, pattern) of every address."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern):
            yield f"{room}:{entry.name}", entry
        else:
            yield from addresses(entry, entry.app_name or room)


def subject_of(name):
    room, verb = name.split(":")
    found = [thing for verbs, thing in ABOUT.get(room, {}).items() if verb in verbs.split()]
    return found[0] if found else None


@pytest.fixture
def stage(cast):
    """One thing of every kind in the programme of Chi, Ama and Bela."""
    small, people = make_small_cohort(cast.programme)
    draft, job = solved(small, cast.chi), Job.objects.create(kind="k", by_id=cast.chi.pk)
    session = cast.pair.sessions.first()
    session.state, session.starts_at = "held", timezone.now() - dt.timedelta(hours=3)
    session.save()
    commitment = Commitment.objects.create(session=session, side="mentor")
    CommitmentWords.objects.create(commitment=commitment, condition="If", action="Then")
    story = Story.objects.create(pair=cast.pair, side="mentor", shared_as="with_name")
    StoryWords.objects.create(story=story, text="A story")
    enrolling = make_cohort(cast.programme, state="enrolling", mentor_places=3)
    ama = make_enrolment(enrolling, cast.ama)
    objective = Objective.objects.create(
        programme=cast.programme, statement="Fluent", measure="Share", target=70,
        due_on="2026-06-30", source="manual",
    )  # fmt: skip
    draw = LotteryDraw.objects.create(
        cohort=enrolling, side=Side.MENTOR, seed="42", places=1,
        log=[{"enrolment": ama.code, "rank": 1, "placed": True}],
    )  # fmt: skip
    people_import = PeopleImport.objects.create(
        filename="people.csv", size_bytes=1, state="previewed", columns=["name"], by=cast.chi
    )
    two = {"mentor": people["priya"].code, "mentee": people["gerald"].code}
    cast.small, cast.enrolling, cast.people = small, enrolling, people
    cast.session, cast.import_, cast.objective, cast.job = session, people_import, objective, job
    cast.things = {
        "job": {"code": job.code},
        "programme": {"code": cast.programme.code},
        "cohort": {"code": enrolling.code},
        "planned": {"code": enrolling.code, "number": 1},
        "small": {"code": small.code},
        "draft": {"code": draft.code},
        "report": {"code": draft.code, "kind": "csv"},
        "mentor": {"code": draft.code, "mentor": two["mentor"]},
        "two": {"code": draft.code, **two},
        "person": {"code": cast.ama.code},
        "people_import": {"code": people_import.code},
        "role": {"pk": cast.chi.roles.get().pk},
        "objective": {"code": objective.code},
        "draw": {"code": draw.code},
        "enrolment": {"code": ama.code},
        "step": {"code": ama.code, "step": "topics"},
        "pair": {"code": cast.pair.code},
        "message": {"code": _message(cast).code},
        "writing": {"code": cast.pair.code, "kind": "nudge"},
        "speaking": {"code": cast.cohort.code, "kind": "opening"},
        "speech": {"code": _speech(cast).code},
        "step_taken": {"code": cast.pair.steps.create(kind="talked", by=cast.chi).code},
        "session": {"code": session.code},
        "own_module": {"code": cast.programme.own_modules.create(title="House", text="Hi").code},
        "assistant": {"code": cast.ama.assistants.create(assistant=cast.bela).code},
        "absence": {"code": _rest(cast.ama.absences).code},
        "shutdown": {"code": _rest(enrolling.shutdowns).code},
        "commitment": {"code": commitment.code},
        "story": {"code": story.code},
        "goal": {"code": _goal(cast).code},
    } | _between_sessions(cast.pair)
    return cast


def _goal(cast):
    """Return the mentor's goal; both have one, and nobody has signed."""
    agreement = Agreement.objects.create(pair=cast.pair)
    AgreementWords.objects.create(agreement=agreement, texts={"place": "A room"})
    for side in Side.values:
        goal = Goal.objects.create(pair=cast.pair, side=side, week=9)
        GoalWords.objects.create(goal=goal, will="ask", seen_by="all", because="it helps")
        setattr(agreement, f"goal_of_{side}_at", timezone.now())
    agreement.save()
    return cast.pair.goals.get(side=Side.MENTOR)


def _between_sessions(pair):
    sent = Sent.objects.create(pair=pair, side="mentor")
    SentWords.objects.create(message=sent, text=EVIL)
    note = Note.objects.create(pair=pair, side="mentor")
    NoteWords.objects.create(note=note, text=EVIL)
    promise = Promise.objects.create(pair=pair, side="mentor", kind="other")
    PromiseWords.objects.create(promise=promise, text=EVIL)
    rows = {"sent": sent, "note": note, "promise": promise}
    return {name: {"code": row.code} for name, row in rows.items()}


def _message(cast):
    message = Message.objects.create(cohort=cast.cohort, to="everybody", by=cast.chi, count=2)
    MessageWords.objects.create(message=message, subject=EVIL, text=EVIL)
    return message


def _speech(cast):
    PublicLearner.objects.create(
        programme=cast.programme, person=cast.sol, wants=EVIL, learned=EVIL
    )  # fmt: skip
    word = PersonalWord.objects.create(programme=cast.programme, by=cast.sol)
    PersonalWordText.objects.create(word=word, text=EVIL)
    return cast.cohort.speeches.create(
        kind="opening", by=cast.sol, subject=EVIL, text=EVIL, leaves_at=timezone.now()
    )


def _rest(of):
    return of.create(starts_on="2020-01-06", ends_on="2020-01-07")


def path_of(name, stage):
    subject = subject_of(name)
    return reverse(name, kwargs=stage.things[subject] if isinstance(subject, str) else subject)


def visitor(stage, name, **options):
    client = Client(**options)
    if name != "nobody":
        client.force_login(getattr(stage, name))
    return client


def test_every_address_with_a_code_is_in_the_table():
    taking = {name for name, pattern in addresses() if pattern.pattern.converters}

    assert {name for name in taking if subject_of(name) is None} == set()
    assert len(taking) > 50


@pytest.mark.slow
@pytest.mark.parametrize(
    ("who", "methods"),
    [
        ("cleo", "get post"),
        ("cleo", "head options put delete"),
        *((who, "get post head options put delete") for who in ("dov", "root", "nobody")),
    ],
)
def test_nothing_of_another_programme_can_be_opened_or_changed(stage, who, methods):
    """A lead of another programme, a stranger, an administrator and nobody try every code."""
    client, opened = visitor(stage, who), {}
    refused = {302, 405} if who == "nobody" else {403, 404, 405}
    for name, _pattern in addresses():
        if not isinstance(subject_of(name), str) or who in FOR_OTHERS.get(name, ()):
            continue
        for method in methods.split():
            answer = getattr(client, method)(path_of(name, stage))
            if answer.status_code not in refused:
                opened[name, method] = answer.status_code
            elif answer.status_code == 302:
                assert answer.url.startswith(reverse("people:sign-in")), name

    assert opened == {}


@pytest.mark.slow
def test_no_address_takes_a_form_of_another_site(stage):
    client = visitor(stage, "chi", enforce_csrf_checks=True)
    statuses = {
        name: client.post(path_of(name, stage)).status_code
        for name, _pattern in addresses()
    }  # fmt: skip

    # a mailbox presses its button without cookies; here the address is guessed
    assert statuses.pop("people:mail-stop") == 404
    assert {name: status for name, status in statuses.items() if status != 403} == {}


@pytest.mark.parametrize(
    "who", ["nobody", *(pytest.param(who, marks=pytest.mark.slow) for who in ("chi", "ama"))]
)
def test_every_answer_says_what_browsers_may_do_with_it(stage, who, monkeypatch):
    client = visitor(stage, who, raise_request_exception=False)
    answers = {name: client.get(path_of(name, stage)) for name, _pattern in addresses()}
    answers["404"] = client.get("/no/such/page/")
    answers["400"] = client.get("/people/sign-in/?q=%00")
    answers["403"] = Client(enforce_csrf_checks=True).post("/people/sign-out/")
    monkeypatch.setattr("contraflow.core.views.connection", None)
    answers["500"] = client.get("/healthz")

    assert {str(code): answers[str(code)].status_code for code in (400, 403, 404, 500)} == {
        "400": 400, "403": 403, "404": 404, "500": 500,
    }  # fmt: skip
    for name, answer in answers.items():
        assert "script-src 'self'" in answer["Content-Security-Policy"], name
        assert "unsafe" not in answer["Content-Security-Policy"], name
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"], name
        assert answer["X-Frame-Options"] == "DENY", name
        assert answer["X-Content-Type-Options"] == "nosniff", name
        # no other site ever reads an address of ours
        policies = {"same-origin", "no-referrer", "strict-origin"}
        assert answer["Referrer-Policy"] in policies, name


@pytest.mark.slow
def test_cookies_are_for_https_alone_where_the_address_is():
    asked = "SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE SECURE_HSTS_SECONDS SESSION_COOKIE_HTTPONLY"
    code = f"from django.conf import settings as s; print([getattr(s, n) for n in {asked.split()}])"
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True,
        env=os.environ | {"CONTRAFLOW_SITE_URL": "https://mentoring.example.org"},
    ).stdout  # fmt: skip

    assert said.strip() == "[True, True, 31536000, True]"


# -- hostile words ------------------------------------------------------------------------------

EVIL = """<script>alert(1)</script>"'>{{ 7|add:42 }}{% now "Y" %}"""


def poison(stage):
    """Put the words wherever somebody can write."""
    Programme.objects.update(title=EVIL, purpose=EVIL, mentor_word=EVIL[:30], mentee_word=EVIL[:30])
    stage.cohort.name, stage.small.name, stage.enrolling.name = EVIL, EVIL + "2", EVIL + "3"
    for cohort in (stage.cohort, stage.small, stage.enrolling):
        cohort.criteria = EVIL
        cohort.save()
    PlannedSession.objects.update(
        topic=EVIL, opening=EVIL, activity=EVIL, between=EVIL, reflection=EVIL
    )
    Topic.objects.update(label=EVIL, theme=EVIL)
    Objective.objects.update(statement=EVIL, measure=EVIL, unit=EVIL[:40])
    unit = Department.objects.create(path=EVIL, name=EVIL)
    for enrolment in Enrolment.objects.select_related("person"):
        person = enrolment.person
        person.name, person.preferred_name, person.job_title = EVIL, EVIL, EVIL
        person.site, person.languages, person.department = EVIL, [EVIL], unit
        person.save()
    for enrolment in stage.people.values():
        enrolment.profile.interests = [EVIL]
        enrolment.profile.save()
    stage.pair.theme, stage.pair.common_ground = EVIL, [EVIL]
    stage.pair.save()
    SessionWords.objects.create(
        session=stage.session, learned_by_mentor=EVIL, learned_by_mentee=EVIL, question=EVIL,
        own_topic=EVIL, own_activity=EVIL,
    )  # fmt: skip
    Session.objects.filter(pk=stage.session.pk).update(has_own_topic=True)
    for words in CommitmentWords.objects.all():
        words.condition, words.action = EVIL, EVIL
        words.save()
    for words in GoalWords.objects.all():
        words.will, words.seen_by, words.because = EVIL, EVIL, EVIL
        words.save()
    for words in AgreementWords.objects.all():
        words.texts = dict.fromkeys(SECTIONS, EVIL)
        words.save()
    closing = Closing.objects.create(pair=stage.pair, agreed_at=timezone.now())
    for side in Side.values:
        page = closing.pages.create(side=side, ready_at=timezone.now())
        ClosingWords.objects.create(page=page, texts=dict.fromkeys(QUESTIONS, EVIL))
    for words in StoryWords.objects.all():
        words.prompt, words.text = EVIL, EVIL
        words.save()
    story = Story.objects.get()
    SharedStory.objects.create(story=story, cohort=stage.enrolling, text=EVIL, name=EVIL)
    OwnModule.objects.update(title=EVIL, text=EVIL, questions=f"? {EVIL}\n- {EVIL}")
    PeopleImport.objects.update(filename=EVIL, columns=[EVIL], refusal=EVIL)
    BadRow.objects.create(
        people_import=stage.import_, line=1, column=EVIL, value=EVIL, reason=EVIL, cells=["=1+1"]
    )
    Job.objects.filter(pk=stage.job.pk).update(state="failed", error=EVIL, step=EVIL)
    stage.draft = solved(stage.small, stage.chi)
    stage.things["draft"]["code"] = stage.things["two"]["code"] = stage.draft.code


@pytest.mark.slow
@pytest.mark.parametrize("who", ["chi", "ama", "sol", "root", "nobody"])
def test_words_of_people_are_words_on_every_page(stage, who):
    """Neither markup nor a template: EVIL would be run as either if a page let it."""
    poison(stage)
    client, shown = visitor(stage, who), 0
    for name, _pattern in addresses():
        for headers in ({}, {"HX-Request": "true"}):
            answer = client.get(path_of(name, stage), headers=headers)
            if "html" not in answer.headers.get("Content-Type", ""):
                continue
            text = answer.getvalue().decode()
            assert "<script>alert" not in text, name
            assert "&gt;49" not in text, name
            assert "<title></title>" not in text, name
            shown += "&lt;script&gt;alert" in text

    assert (shown > 2) is (who != "nobody")


# -- addresses that nobody would type ------------------------------------------------------------

QUERIES = {
    "a NUL": "q=%00&search=%00&department=%00&page=%00&job=%00&one=%00&next=%00&start=%00&who=%00",
    "broken UTF-8": "q=%ED%A0%80%FF&search=%FF&page=%FF&job=%FF&next=%FF&start=%FF&department=%FF",
    "names of views": "next=overview&start=copy:&page=abc&order=x&only=x&side=x&state=x&who=x",
    "huge numbers": "page=" + "9" * 5000 + "&one=" + "9" * 5000 + "&q=" + "9" * 5000,
    "negative": "page=-1&next=//evil.example&q=%25&search=_%25",
}


@pytest.mark.slow
@pytest.mark.parametrize("who", ["chi", "ama", "nobody"])
def test_nonsense_in_an_address_breaks_no_page(stage, who):
    client = visitor(stage, who)

    for name, _pattern in addresses():
        for what, query in QUERIES.items():
            answer = client.get(f"{path_of(name, stage)}?{query}")
            if answer.streaming:
                list(answer.streaming_content)
            assert answer.status_code < 500, (name, what)
