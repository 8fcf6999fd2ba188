"""Every door of the room, for everybody: the status, what changed, and what did not leak."""

import pytest
from django.urls import reverse

from contraflow.core.models import AuditEntry
from contraflow.programmes.actions import save_private_profile
from contraflow.programmes.models import (
    Cohort,
    Enrolment,
    LotteryDraw,
    Objective,
    Profile,
    Programme,
    Side,
    Steward,
)
from tests.conftest import CAST, each_of, make_cohort, make_enrolment, make_person

S = Enrolment.State
EVERYBODY = dict.fromkeys(CAST, 200) | {"nobody": 302}
LEADS = EVERYBODY | dict.fromkeys(CAST.keys() - {"chi", "cleo", "nobody"}, 403)


def of_programme(*, lead, stewards=403, participants=403):
    """Return the statuses for a door of this programme: 404 for all who cannot see it."""
    return {
        "ama": participants, "bela": participants, "chi": lead, "cleo": 404, "sol": stewards,
        "tru": stewards, "dov": 404, "root": 404, "nobody": 302,
    }  # fmt: skip


PROGRAMME = of_programme(lead=200, stewards=200, participants=200)
LEAD_ONLY = of_programme(lead=200)
LEAD_POSTS = of_programme(lead=302)
# Ama's own enrolment: her lead may look, nobody else knows of it
AMAS = dict.fromkeys(CAST, 404) | {"nobody": 302}


@pytest.fixture
def stage(cast):
    """A cohort that enrols: Ama and Bela take part, one more is invited, one applied."""
    cast.open = make_cohort(
        cast.programme, name="Open", state="enrolling", mentor_places=5, mentee_places=5
    )
    cast.over = make_cohort(cast.programme, name="Over", state="closed")
    for person, side in ((cast.ama, Side.MENTOR), (cast.bela, Side.MENTEE)):
        make_enrolment(cast.over, person, side)
    cast.ama_in = make_enrolment(cast.open, cast.ama)
    cast.bela_in = make_enrolment(cast.open, cast.bela, Side.MENTEE)
    cast.iva_in = make_enrolment(cast.open, make_person("Iva"), state=S.INVITED)
    make_enrolment(cast.open, side=Side.MENTEE, state=S.APPLIED)
    for enrolment in (cast.ama_in, cast.bela_in):
        Profile.objects.create(enrolment=enrolment)
    save_private_profile(cast.ama_in, by=cast.ama, vetoes=[cast.bela_in.code])
    cast.ama.manager = make_person("Mara")
    cast.ama.save()
    cast.objective = Objective.objects.create(
        programme=cast.programme, statement="Leaders are fluent", measure="Share", target=70,
        due_on="2026-06-30", source="manual",
    )  # fmt: skip
    cast.draw = LotteryDraw.objects.create(
        cohort=cast.open, side=Side.MENTOR, seed="42", places=1,
        log=[{"enrolment": cast.ama_in.code, "rank": 1, "placed": True}],
    )  # fmt: skip
    return cast


DOORS = [
    ("list", "", EVERYBODY),
    ("new", "", LEADS),
    ("topics", "", LEADS),
    ("programme", "programme", PROGRAMME),
    ("programme-edit", "programme", LEAD_ONLY),
    ("objective-new", "programme", LEAD_ONLY),
    ("cohort-new", "programme", LEAD_ONLY),
    ("objective", "objective", LEAD_ONLY),
    ("cohort", "open", LEAD_ONLY),
    ("cohort-settings", "open", LEAD_ONLY),
    ("plan", "open", LEAD_ONLY),
    ("planned-session", "open/2", LEAD_ONLY),
    ("invite", "open", LEAD_ONLY),
    ("apply", "open", PROGRAMME),
    ("draw", "draw", PROGRAMME),
    ("draw-log", "draw", PROGRAMME),
    ("enrolment", "ama_in", AMAS | {"ama": 200, "chi": 200}),
    ("profile", "ama_in", AMAS | {"ama": 302, "chi": 403}),
]


def url_of(stage, name, about):
    """Return the address of a door; `about` names what it is about, and which number of it."""
    thing, _slash, number = about.partition("/")
    args = [getattr(stage, thing).code] if thing else []
    return reverse(f"programmes:{name}", args=args + ([int(number)] if number else []))


STEPS = ["topics", "interests", "hours", "manner", "people"]
OF_AMA = AMAS | {"ama": 200, "chi": 403}


@pytest.mark.parametrize("who", each_of())
def test_pages_open_to_those_they_are_for(stage, sign_in, who):
    client = sign_in(who)
    urls = {name: url_of(stage, name, about) for name, about, _ in DOORS}
    of_ama = {
        step: reverse("programmes:profile-step", args=[stage.ama_in.code, step]) for step in STEPS
    }

    statuses = {name: client.get(url).status_code for name, url in (urls | of_ama).items()}

    expected = {name: table[who] for name, _, table in DOORS}
    assert statuses == expected | dict.fromkeys(STEPS, OF_AMA[who])


def test_a_number_that_the_plan_has_not_is_not_there(stage, sign_in):
    assert sign_in("chi").get(url_of(stage, "planned-session", "open/9")).status_code == 404


A_STEWARD = {"email": "dov@example.org", "kind": "sponsor"}
AN_OBJECTIVE = {
    "statement": "S", "measure": "M", "target": "1", "due_on": "2026-06-30", "source": "manual",
}  # fmt: skip
A_COHORT = {
    "name": "N", "starts_on": "2026-09-07", "length_weeks": 9, "cadence_days": 7,
    "session_minutes": 50,
}  # fmt: skip
A_READING = {"value": "3", "read_on": "2026-03-01"}
SOME_EMAILS = {"side": "mentor", "emails": "dov@example.org"}
SOME_WORDS = {"topic": "New", "opening": "", "activity": "", "between": "", "reflection": ""}
# what is posted, as whom it works, and the one event that tells it happened
POSTS = [
    ("programme-edit", "programme", {"title": "T", "purpose": "P"}, LEAD_POSTS, "ProgrammeEdited"),
    ("stewards", "programme", A_STEWARD, LEAD_POSTS, "StewardAdded"),
    ("objective-new", "programme", AN_OBJECTIVE, LEAD_POSTS, "ObjectiveAdded"),
    ("objective-change", "objective", {"verb": "remove"}, LEAD_POSTS, "ObjectiveRemoved"),
    ("readings", "objective", A_READING, LEAD_POSTS, "ReadingEntered"),
    ("cohort-new", "programme", A_COHORT, LEAD_POSTS, "CohortCreated"),
    ("cohort-settings", "open", A_COHORT, LEAD_POSTS, "CohortEdited"),
    ("cohort-move", "open", {"verb": "close_cohort"}, LEAD_POSTS, "CohortClosed"),
    ("cohort-archive", "over", {}, LEAD_POSTS, "CohortArchived"),
    ("plan", "open", {"topic": "More"}, LEAD_POSTS, "CohortEdited"),
    ("planned-session", "open/2", SOME_WORDS, LEAD_POSTS, "CohortEdited"),
    ("planned-session-change", "open/2", {"verb": "up"}, LEAD_POSTS, "CohortEdited"),
    ("invite", "open", SOME_EMAILS, LEAD_POSTS, "PeopleInvited"),
    ("decide", "open", {"side": "mentee", "verb": "admit"}, LEAD_POSTS, "PersonAdmitted"),
    ("answer", "iva_in", {"answer": "yes"}, AMAS | {"chi": 403}, None),
    ("hours-ask", "open", {}, LEAD_POSTS, "HoursAsked"),
    ("leave", "ama_in", {}, AMAS | {"ama": 302, "chi": 302}, "PersonWithdrew"),
    ("place", "ama_in", {"verb": "bench"}, AMAS | {"ama": 403, "chi": 302}, "PersonMovedToBench"),
    ("profile-finish", "ama_in", {}, AMAS | {"ama": 409, "chi": 403}, None),
]


@pytest.mark.parametrize("who", each_of())
def test_nobody_changes_what_is_not_theirs(stage, sign_in, who):
    client = sign_in(who)
    theirs = {302} if who != "nobody" else set()
    closed = [post for post in POSTS if post[3][who] not in theirs]

    seen = {
        name: client.post(url_of(stage, name, about), data).status_code
        for name, about, data, _statuses, _event in closed
    }

    assert seen == {name: statuses[who] for name, _about, _data, statuses, _event in closed}
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    ("post", "who"),
    [
        pytest.param(post, who, id=f"{post[0]} by {CAST[who]}")
        for post in POSTS
        for who in CAST
        if post[3][who] == 302 and who != "nobody"
    ],
)
def test_whom_it_is_for_changes_something(stage, sign_in, post, who):
    name, about, data, _statuses, event = post

    assert sign_in(who).post(url_of(stage, name, about), data).status_code == 302

    assert set(AuditEntry.objects.values_list("event", flat=True)) == {event}


def test_sessions_of_the_plan_are_reworded_and_moved(stage, sign_in):
    client = sign_in("chi")

    client.post(url_of(stage, "planned-session", "open/2"), SOME_WORDS)
    client.post(url_of(stage, "planned-session-change", "open/2"), {"verb": "up"})

    assert list(stage.open.plan.values_list("topic", flat=True)) == ["New", "Topic 1", "Topic 3"]


def test_a_new_programme_is_made_by_leads_alone(stage, sign_in):
    data = {"title": "Fresh", "purpose": "Why not", "start": "ai_fluency"}

    statuses = {
        each: sign_in(each).post(reverse("programmes:new"), data).status_code for each in CAST
    }

    assert statuses == dict.fromkeys(CAST, 403) | {"chi": 302, "cleo": 302, "nobody": 302}
    made = Programme.objects.filter(title="Fresh")
    leads = Steward.objects.filter(programme__in=made).values_list("person__name", "kind")
    assert sorted(leads) == [("Chi", "lead"), ("Cleo", "lead")]


def test_while_applications_are_open_everybody_sees_the_criteria_and_nothing_else(stage, sign_in):
    Cohort.objects.filter(pk=stage.open.pk).update(
        applications_open=True, criteria="Curious people"
    )
    url = reverse("programmes:apply", args=[stage.open.code])

    answers = {each: sign_in(each).get(url) for each in CAST}
    assert {each: answer.status_code for each, answer in answers.items()} == EVERYBODY
    assert "Curious people" in answers["dov"].content.decode()
    assert "Iva" not in answers["dov"].content.decode()
    for name in ("cohort", "cohort-settings", "invite"):
        closed = sign_in("dov").get(reverse(f"programmes:{name}", args=[stage.open.code]))
        assert closed.status_code == 403
    assert stage.programme.title in sign_in("dov").get(reverse("programmes:list")).content.decode()


def test_private_answers_show_to_nobody_but_their_author(stage, sign_in):
    url = reverse("programmes:profile-step", args=[stage.ama_in.code, "people"])
    assert "Bela" in sign_in("ama").get(url).content.decode()

    for each in ("chi", "bela", "root"):
        client = sign_in(each)
        pages = [url, stage.ama_in.get_absolute_url(), stage.open.get_absolute_url()]
        for address in pages:
            text = client.get(address).content.decode()
            assert stage.bela_in.code not in text or address == stage.open.get_absolute_url()
            assert "vetoes" not in text or "wishes, vetoes and personality answers" in text
