import pytest

from contraflow.core.errors import Refusal
from contraflow.core.models import Job
from contraflow.pairing import actions, rules
from contraflow.pairing.models import Draft, Publication
from contraflow.programmes.models import Cohort
from tests.pairing.makers import make_small_cohort, run_waiting, solved


@pytest.fixture
def small(cast):
    """A cohort of five that waits to be paired."""
    cast.small, cast.people = make_small_cohort(cast.programme)
    return cast


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (Cohort.State.DRAFT, "Nobody is enrolled yet: open the enrolment first."),
        (Cohort.State.ENROLLING, None),
        (Cohort.State.PAIRING, None),
        (Cohort.State.RUNNING, "This cohort is running already."),
        (Cohort.State.CLOSED, "This cohort is closed."),
    ],
)
def test_in_which_state_of_the_cohort_pairs_are_proposed(small, state, reason):
    Cohort.objects.filter(pk=small.small.pk).update(state=state)
    small.small.refresh_from_db()

    assert rules.why_not_make_draft(small.small) == reason
    if reason:
        with pytest.raises(Refusal, match=reason):
            actions.make_draft(small.small, by=small.chi)
        assert Draft.objects.count() == 0


@pytest.mark.parametrize(
    ("job_state", "reason"),
    [
        (Job.State.WAITING, "The draft is being solved; it can be changed in a moment."),
        (Job.State.RUNNING, "The draft is being solved; it can be changed in a moment."),
        (Job.State.FAILED, "This draft could not be solved. Match again."),
        (Job.State.CANCELLED, "This draft could not be solved. Match again."),
    ],
)
def test_a_draft_that_is_not_solved_cannot_be_changed_or_published(small, job_state, reason):
    draft = actions.make_draft(small.small, by=small.chi)
    Job.objects.filter(code=draft.job_code).update(state=job_state)

    assert rules.why_not_decide(draft) == reason
    assert rules.why_not_publish(draft) == reason
    with pytest.raises(Refusal, match=reason):
        actions.lock_pair(draft, small.people["priya"], small.people["gerald"], by=small.chi)
    with pytest.raises(Refusal, match=reason):
        actions.publish_draft(draft, by=small.chi)


def test_a_draft_of_nobody_cannot_be_published(small):
    small.small.enrolments.on_side("mentee").update(state="withdrawn")

    draft = solved(small.small, small.chi)

    assert rules.why_not_publish(draft) == "This draft holds no pair that could be published."


def test_a_draft_from_before_enrolment_was_opened_again_cannot_be_published(small):
    draft = solved(small.small, small.chi)
    Cohort.objects.filter(pk=small.small.pk).update(state=Cohort.State.ENROLLING)
    draft.refresh_from_db()

    assert rules.why_not_publish(draft) == (
        "Enrolment is open again, so profiles may have changed: match again first."
    )


def test_what_was_published_cannot_be_changed_nor_made_anew(small):
    draft = solved(small.small, small.chi)
    actions.publish_draft(draft, by=small.chi)
    run_waiting()
    draft = Draft.objects.get(pk=draft.pk)
    said = rules.published_by(Publication.objects.select_related("by", "draft").get())

    assert rules.why_not_make_draft(draft.cohort) == said
    assert rules.why_not_decide(draft) == said
    assert rules.why_not_publish(draft) == said


def test_deciding_the_same_twice_is_deciding_once(small):
    draft = solved(small.small, small.chi)
    two = (small.people["zoe"], small.people["gerald"])
    actions.forbid_pair(draft, *two, by=small.chi)
    run_waiting()
    jobs = Job.objects.count()

    actions.forbid_pair(draft, *two, by=small.chi)

    assert (draft.wanted.count(), Job.objects.count()) == (1, jobs)


def test_undoing_what_was_undone_is_refused(small):
    draft = solved(small.small, small.chi)
    actions.publish_draft(draft, by=small.chi)
    run_waiting()
    actions.undo_publication(Publication.objects.get(), by=small.chi)
    run_waiting()

    with pytest.raises(Refusal, match="This publication was undone already."):
        actions.undo_publication(Publication.objects.get(), by=small.chi)
