"""A worker is killed while it solves, publishes or takes back: once, or not at all."""

import pytest

from contraflow.core.models import OutgoingMail
from contraflow.pairing.actions import (
    lock_pair,
    make_draft,
    price_options,
    publish_draft,
    rematch,
    undo_publication,
)
from contraflow.pairing.models import Draft, Proposal, Publication
from contraflow.pairs.models import Pair
from contraflow.programmes.models import Cohort, Enrolment, Steward
from tests.conftest import make_person, make_programme
from tests.faults.harness import BEFORE_ACK, BEFORE_COMMIT
from tests.pairing.makers import couples, make_small_cohort

AFTER_THE_PAIRS = r'^INSERT (OR IGNORE )?INTO "core_outgoingmail"'
WHILE_READING = r'FROM "programmes_privateprofile"'


@pytest.fixture
def lead(stage):
    """The lead of a cohort of five; `.cohort` is the cohort."""
    lead = make_person("Chi")
    programme = make_programme()
    Steward.objects.create(programme=programme, person=lead, kind="lead")
    lead.cohort, lead.people = make_small_cohort(programme)
    return lead


def solved(stage, lead):
    """Return a draft whose solving and pricing are over, and no worker left."""
    draft = make_draft(lead.cohort, by=lead)
    worker = stage.start_worker()
    stage.wait_until_over(job_of(draft))
    draft.refresh_from_db()
    stage.wait_until_over(draft.pricing_job)
    worker.stop()
    draft.refresh_from_db()
    return draft


def job_of(draft):
    from contraflow.core.models import Job

    return Job.objects.get(code=draft.job_code)


def left_behind(cohort):
    """Return what a publication leaves, as counts and states."""
    return {
        "publications": Publication.objects.filter(cohort=cohort, undone_at=None).count(),
        "pairs": Pair.objects.filter(cohort=cohort).count(),
        "introductions": OutgoingMail.objects.filter(kind="introduction").count(),
        "cohort": Cohort.objects.get(pk=cohort.pk).state,
        "zoe": Enrolment.objects.get(person__name="Zoe Adler").state,
    }


NOTHING = {
    "publications": 0, "pairs": 0, "introductions": 0, "cohort": "pairing", "zoe": "enrolled",
}  # fmt: skip
PUBLISHED = {
    "publications": 1, "pairs": 2, "introductions": 4, "cohort": "running", "zoe": "bench",
}  # fmt: skip


@pytest.mark.parametrize(
    "pause_at",
    [
        pytest.param(WHILE_READING, id="reading"),
        pytest.param('FROM "pairing_wanted"', id="read, not solved"),
        pytest.param(r'^DELETE FROM "pairing_proposal"', id="solved and explained"),
        pytest.param(r'^INSERT INTO "pairing_proposal"', id="half written"),
        pytest.param(BEFORE_COMMIT, id="written, not committed"),
        pytest.param(BEFORE_ACK, id="committed, the queue not told"),
    ],
)
def test_draft_whose_solver_was_killed_is_solved_by_the_next_worker(stage, lead, pause_at):
    draft = make_draft(lead.cohort, by=lead)
    job = job_of(draft)
    worker = stage.start_worker(pause_at=pause_at, job=job)
    worker.wait_until_paused()

    worker.kill()
    if pause_at != BEFORE_ACK:
        assert Proposal.objects.count() == 0
        assert Draft.objects.get(pk=draft.pk).state == Draft.State.SOLVING

    stage.start_worker()
    assert stage.wait_until_over(job).state == "done"
    draft.refresh_from_db()
    assert (draft.state, draft.version, draft.proposals.count()) == ("ready", 1, 2)
    assert left_behind(lead.cohort) == NOTHING


@pytest.mark.parametrize("pause_at", [WHILE_READING, BEFORE_COMMIT])
def test_options_whose_worker_was_killed_are_priced_by_the_next_worker(stage, lead, pause_at):
    draft = solved(stage, lead)
    Draft.objects.filter(pk=draft.pk).update(result=draft.result | {"options": {}})
    draft = price_options(draft, by=lead)
    job = draft.pricing_job
    worker = stage.start_worker(pause_at=pause_at, job=job)
    worker.wait_until_paused()

    worker.kill()
    draft.refresh_from_db()
    assert "rows" not in draft.result["options"]

    stage.start_worker()
    assert stage.wait_until_over(job).state == "done"
    draft.refresh_from_db()
    assert len(draft.result["options"]["rows"]) == 7
    assert (draft.version, draft.proposals.count()) == (1, 2)


@pytest.mark.parametrize(
    ("pause_at", "after_the_kill"),
    [
        pytest.param(AFTER_THE_PAIRS, NOTHING, id="in the middle"),
        pytest.param(BEFORE_COMMIT, NOTHING, id="right before the commit"),
        pytest.param(BEFORE_ACK, PUBLISHED, id="right after the commit"),
    ],
)
def test_publication_whose_worker_was_killed_happens_once(stage, lead, pause_at, after_the_kill):
    job = publish_draft(solved(stage, lead), by=lead)
    worker = stage.start_worker(pause_at=pause_at, job=job)
    worker.wait_until_paused()

    worker.kill()
    assert left_behind(lead.cohort) == after_the_kill

    stage.start_worker()
    assert stage.wait_until_over(job).state == "done"
    assert left_behind(lead.cohort) == PUBLISHED


def test_undo_whose_worker_was_killed_happens_once(stage, lead):
    job = publish_draft(solved(stage, lead), by=lead)
    first = stage.start_worker()
    stage.wait_until_over(job)
    first.stop()
    job = undo_publication(Publication.objects.get(), by=lead)
    worker = stage.start_worker(pause_at=BEFORE_COMMIT, job=job)
    worker.wait_until_paused()

    worker.kill()
    assert left_behind(lead.cohort) == PUBLISHED

    stage.start_worker()
    assert stage.wait_until_over(job).state == "done"
    assert left_behind(lead.cohort) == NOTHING | {"introductions": 4}
    assert OutgoingMail.objects.filter(kind="introduction_withdrawn").count() == 4


# -- in a cohort that runs ------------------------------------------------------------------------

BEFORE_ANYTHING = {
    "publications": 0, "pairs": {("ines", "karen"), ("priya", "gerald")}, "introductions": 0,
    "zoe": "bench", "priya": "enrolled",
}  # fmt: skip
CHANGED = {
    "publications": 1, "pairs": {("ines", "karen"), ("zoe", "gerald")}, "introductions": 2,
    "zoe": "enrolled", "priya": "bench",
}  # fmt: skip


def left_of_a_change(cohort):
    """Return what changing a pair of a running cohort leaves."""
    later = Publication.objects.filter(cohort=cohort, undone_at=None).exclude(kind="first")
    states = dict(Enrolment.objects.filter(cohort=cohort).values_list("person__name", "state"))
    return {
        "publications": later.count(),
        "pairs": couples(Pair.objects.filter(cohort=cohort, state="active")),
        "introductions": OutgoingMail.objects.filter(kind="introduction").count() - 4,
        "zoe": states["Zoe Adler"],
        "priya": states["Priya Raman"],
    }


@pytest.fixture
def changing(stage, lead):
    """A cohort that runs, and a solved draft that gives Gerald to Zoe instead of Priya."""
    job = publish_draft(solved(stage, lead), by=lead)
    worker = stage.start_worker()
    stage.wait_until_over(job)
    draft = Draft.objects.get()
    draft = rematch(draft, by=lead, inertia=0)
    stage.wait_until_over(job_of(draft))
    lock_pair(draft, lead.people["zoe"], lead.people["gerald"], by=lead)
    draft.refresh_from_db()
    stage.wait_until_over(job_of(draft))
    worker.stop()
    draft.refresh_from_db()
    return draft


@pytest.mark.parametrize(
    ("pause_at", "after_the_kill"),
    [
        pytest.param(r'^UPDATE "pairs_pair" SET', BEFORE_ANYTHING, id="a pair is about to end"),
        pytest.param(r'^INSERT INTO "pairs_pair"', BEFORE_ANYTHING, id="one has ended"),
        pytest.param(BEFORE_COMMIT, BEFORE_ANYTHING, id="right before the commit"),
        pytest.param(BEFORE_ACK, CHANGED, id="right after the commit"),
    ],
)
def test_change_of_pairs_whose_worker_was_killed_happens_once(
    stage, lead, changing, pause_at, after_the_kill
):
    job = publish_draft(changing, by=lead)
    worker = stage.start_worker(pause_at=pause_at, job=job)
    worker.wait_until_paused()

    worker.kill()
    assert left_of_a_change(lead.cohort) == after_the_kill

    stage.start_worker()
    assert stage.wait_until_over(job).state == "done"
    assert left_of_a_change(lead.cohort) == CHANGED
    assert OutgoingMail.objects.filter(kind="pairs.pair_ended").count() == 2


def test_undo_of_a_change_whose_worker_was_killed_happens_once(stage, lead, changing):
    job = publish_draft(changing, by=lead)
    first = stage.start_worker()
    stage.wait_until_over(job)
    first.stop()
    job = undo_publication(Publication.objects.get(kind="rematch"), by=lead)
    worker = stage.start_worker(pause_at=BEFORE_COMMIT, job=job)
    worker.wait_until_paused()

    worker.kill()
    assert left_of_a_change(lead.cohort) == CHANGED

    stage.start_worker()
    assert stage.wait_until_over(job).state == "done"
    assert left_of_a_change(lead.cohort) == BEFORE_ANYTHING | {"introductions": 2}
    assert OutgoingMail.objects.filter(kind="introduction_withdrawn").count() == 2
