"""What happens in the background: a draft is solved, published, or its publication undone."""

import datetime as dt

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from contraflow.core.jobs import Work, job, start_job
from contraflow.core.models import Job
from contraflow.core.upkeep import on_upkeep
from contraflow.pairing import actions, publishing
from contraflow.pairing.models import Draft, Proposal
from contraflow.pairing.rules import why_not_price
from contraflow.pairs.models import Pair
from contraflow.people.models import Person

GUARD_KIND = "pairing.guard_pairs"
GUARD_EVERY = dt.timedelta(days=1)


@job(GUARD_KIND)
def guard_pairs(work: Work) -> None:
    """Look whether pairs came into conflict; not in one transaction, and twice is as once."""
    from contraflow.pairing import guard

    done = guard.guard_pairs(give_way=work.give_way)
    with work.effects() as result:
        result["held"], result["released"] = len(done.held), len(done.released)


@on_upkeep
def guard_pairs_every_day() -> None:
    """Start the look where none was within a day, or is about to be."""
    lately = timezone.now() - GUARD_EVERY
    under_way = Q(state__in=[Job.State.WAITING, Job.State.RUNNING])
    jobs = Job.objects.filter(under_way | Q(ended_at__gt=lately), kind=GUARD_KIND)
    if not jobs.exists() and Pair.objects.living().exists():
        start_job(GUARD_KIND, by=None, only_one="all")


@job("pairing.solve_draft")
def solve_draft(work: Work, *, draft_id: int) -> None:
    """Solve a draft and put its proposals in the place of earlier ones."""
    from contraflow.pairing import solving

    draft = Draft.objects.select_related("cohort").get(pk=draft_id)
    solved = solving.solve_draft(draft, work.progress)
    with work.effects() as result:
        draft.proposals.all().delete()
        Proposal.objects.bulk_create(solved.proposals, batch_size=500)
        draft.state, draft.result = Draft.State.READY, solved.result
        draft.version += 1
        draft.save(update_fields=["state", "result", "version"])
        result["pairs"] = solved.result["pairs"]
        people = solved.result["mentors"] * solved.result["mentees"]
        if people <= solving.PRICED_UP_TO and not why_not_price(draft):
            actions.price_options(draft, by=Person.objects.filter(pk=work.job.by_id).first())


@job("pairing.price_options")
def price_options(work: Work, *, draft_id: int, version: int) -> None:
    """Solve a draft's people with other aims, and keep how that would look beside it."""
    from contraflow.pairing import options

    as_asked = Draft.objects.filter(pk=draft_id, version=version, state=Draft.State.READY)
    draft, rows = as_asked.select_related("cohort").first(), []
    work.progress(0, step=_("Pairing the same people with other aims"))
    for row in options.price(draft, work.progress) if draft else ():
        rows.append(row)
        if not as_asked.exists():  # it is being solved anew: nobody will read this
            break
    with work.effects() as result:
        if draft := as_asked.select_for_update().first():
            draft.result["options"] = {"job": work.job.code, "rows": rows}
            draft.save(update_fields=["result"])
            result["rows"] = len(rows)


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
