"""What changing all keys costs, and what is left of the words when it is killed half way.

    DJANGO_SETTINGS_MODULE=tests.settings python -m tests.databases benchmarks.rotation

100 000 rows of two sealed values each, of 10 000 pairs. A process that seals them anew is killed
once half of them are; then the job goes on here. At the end every value is opened.
"""

import argparse
import datetime as dt
import os
import resource
import signal
import sys
import time

import django

N_ROWS, ROWS_OF_A_PAIR = 100_000, 10
BATCH = 5_000


def main() -> None:
    """Fill a throw-away database, change all keys with a kill in the middle, print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=N_ROWS)
    options = parser.parse_args()
    django.setup()
    from django.conf import settings
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    settings.JOB_LEASE_SECONDS = 3
    made = setup_databases(verbosity=0, interactive=False)
    try:
        fill(options.rows)
        print(f"{connection.vendor}, {options.rows} rows")
        change(options.rows)
        check(options.rows)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"highest memory {memory:.0f} MB")
    finally:
        teardown_databases(made, verbosity=0)


def fill(n_rows: int) -> None:
    """Make pairs with sessions, and words in each."""
    from contraflow.pairs.models import Pair, Session, SessionWords
    from contraflow.people.models import Person
    from contraflow.programmes.models import Cohort, Programme

    programme = Programme.objects.create(title="Executive digital fluency", purpose="Learn.")
    cohort = Cohort.objects.create(
        programme=programme, name="Cohort", state="running", starts_on=dt.date(2026, 1, 5),
        length_weeks=26, cadence_days=28, session_minutes=50,
    )  # fmt: skip
    n_pairs = n_rows // ROWS_OF_A_PAIR
    people = Person.objects.bulk_create(
        (Person(email=f"person{n}@example.org", name=f"Person {n}") for n in range(2 * n_pairs)),
        batch_size=BATCH,
    )
    pairs = Pair.objects.bulk_create(
        (
            Pair(cohort=cohort, mentor=mentor, mentee=mentee, started_on=cohort.starts_on)
            for mentor, mentee in zip(people[::2], people[1::2], strict=True)
        ),
        batch_size=BATCH,
    )
    sessions = Session.objects.bulk_create(
        (
            Session(pair=pair, number=number, due_on=cohort.starts_on, minutes=50)
            for pair in pairs
            for number in range(1, ROWS_OF_A_PAIR + 1)
        ),
        batch_size=BATCH,
    )
    began, cpu = time.perf_counter(), time.process_time()
    SessionWords.objects.bulk_create(
        (
            SessionWords(session=each, learned_by_mentor=f"{each.pk} a", learned_by_mentee="b")
            for each in sessions
        ),
        batch_size=BATCH,
    )
    tell("written and sealed", began, cpu)


def change(n_rows: int) -> None:
    """Seal all anew, killed once half is done."""
    from django.db import connection

    from contraflow.core.jobs import run_job
    from contraflow.core.models import Job
    from contraflow.core.rotation import change_installation_key, retire_keys
    from contraflow.core.upkeep import take_up_abandoned

    began, cpu = time.perf_counter(), time.process_time()
    wrapped = change_installation_key()
    tell(f"{wrapped} keys wrapped by another key of the installation", began, cpu)
    job = retire_keys()
    connection.close()
    began, cpu = time.perf_counter(), time.process_time()
    child = os.fork()
    if not child:
        run_job(job.pk)
        os._exit(0)
    while Job.objects.get(pk=job.pk).done < n_rows / 2:
        time.sleep(0.05)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    print(f"killed after {time.perf_counter() - began:.1f} s at {anew()} of {n_rows} rows")
    job.refresh_from_db()
    while job.state == Job.State.RUNNING:  # until the lease has run out
        time.sleep(0.1)
        take_up_abandoned()
        job.refresh_from_db()
    began, cpu = time.perf_counter(), time.process_time()
    run_job(job.pk)
    tell("the rest, by whoever took the job up", began, cpu)


def anew() -> int:
    """Count the rows that keys in use have sealed."""
    from contraflow.core.models import SealingKey
    from contraflow.pairs.models import SessionWords

    current = set(SealingKey.objects.filter(retired_at=None).values_list("pk", flat=True))
    values = SessionWords.objects.values_list("learned_by_mentor", flat=True)
    return sum(value.key_id in current for value in values.iterator())


def check(n_rows: int) -> None:
    """Open every value."""
    from contraflow.core.sealing import open_together
    from contraflow.pairs.models import SessionWords

    began, cpu = time.perf_counter(), time.process_time()
    rows = open_together(SessionWords.objects.select_related("session"))
    lost = [
        row for row in rows
        if (row.learned_by_mentor, row.learned_by_mentee) != (f"{row.session_id} a", "b")
    ]  # fmt: skip
    tell(f"opened: {len(rows)} rows, {len(lost)} lost, {anew()} under new keys", began, cpu)
    if lost or len(rows) != n_rows:
        sys.exit(1)


def tell(what: str, began: float, cpu: float) -> None:
    """Print a line of the table."""
    print(f"{what}: {time.perf_counter() - began:.1f} s ({time.process_time() - cpu:.1f} CPU)")


if __name__ == "__main__":
    main()
