"""What happens in the background: a draft is solved, published, or its publication undone."""

import datetime as dt

from django.utils.translation import gettext as _

from contraflow.core.jobs import Work, job
from contraflow.pairing import publishing
from contraflow.pairing.models import Draft, Proposal
from contraflow.people.models import Person


@job("pairing.solve_draft")
def solve_draft(work: Work, *, draft_id: int) -> None:
    """Solve a draft and put its proposals in the place of earlier ones."""
    from contraflow.pairing import solving

    draft = Draft.objects.select_related("cohort").get(pk=draft_id)
    work.progress(0, step=_("Reading the profiles"))
    solved = solving.solve_draft(
        draft, progress=lambda done, total: work.progress(done, total, step=_("Finding the best"))
    )
    with work.effects() as result:
        draft.proposals.all().delete()
        Proposal.objects.bulk_create(solved.proposals, batch_size=500)
        draft.state, draft.result = Draft.State.READY, solved.result
        draft.version += 1
        draft.save(update_fields=["state", "result", "version"])
        result["pairs"] = solved.result["pairs"]


@job("pairing.publish_draft")
def publish_draft(work: Work, *, draft_id: int, version: int, by_id: int, at: str | None) -> None:
    """Publish a draft as it stood when somebody pressed, once."""
    work.progress(0, step=_("Publishing"))
    with work.effects() as result:
        publication = publishing.publish(
            draft_id, version=version, by=Person.objects.get(pk=by_id), at=_moment(at)
        )
        result["draft"] = publication.draft.code


@job("pairing.undo_publication")
def undo_publication(work: Work, *, publication_id: int, by_id: int, at: str) -> None:
    """Take a publication back, once."""
    work.progress(0, step=_("Taking the pairs back"))
    with work.effects() as result:
        publishing.undo(publication_id, by=Person.objects.get(pk=by_id), at=_moment(at))
        result["publication"] = publication_id


def _moment(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None
