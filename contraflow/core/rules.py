"""Who may do what with a job."""

import rules


@rules.predicate
def started_job(person, row):
    """Have started the job."""
    return row.by_id == person.pk


rules.add_perm("core.see_job", started_job)
rules.add_perm("core.cancel_job", started_job)
