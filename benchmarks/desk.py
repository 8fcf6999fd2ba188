"""What looking at all pairs of an installation costs: the hourly pass of the desk.

    DJANGO_SETTINGS_MODULE=tests.settings python -m tests.databases benchmarks.desk

50 000 pairs in 100 cohorts with seven sessions each, a third of them held, some cancelled twice;
everybody has the public holidays of one of six places.
"""

import argparse
import datetime as dt
import random
import resource
import sys
import time

import django

N_PAIRS = 50_000
PAIRS_OF_A_COHORT = 500
SESSIONS = 7
BATCH = 5_000
PLACES = ("DE-BY", "US-CA", "IN", "GB-ENG", "BR", "JP")


def main() -> None:
    """Fill a throw-away database, look at all pairs three times, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=N_PAIRS)
    options = parser.parse_args()
    django.setup()
    from django.db import connection
    from django.test.utils import CaptureQueriesContext, setup_databases, teardown_databases

    made = setup_databases(verbosity=0, interactive=False)
    try:
        fill(options.pairs)
        from contraflow.desk.actions import recompute

        print(f"{connection.vendor}, {options.pairs} pairs")
        now = dt.datetime.now(tz=dt.UTC)
        for what, at in (
            ("the first pass: all pairs are new", now),
            ("the same hour again: nothing has changed", now),
            ("the next day: who waits, waits a day longer", now + dt.timedelta(days=1)),
        ):
            began, cpu = time.perf_counter(), time.process_time()
            with CaptureQueriesContext(connection) as asked:
                changed = recompute(at=at)
            seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
            print(
                f"{what}: {changed} changed, {seconds:.1f} s ({cpu:.1f} CPU), {len(asked)} queries"
            )
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"highest memory {memory:.0f} MB")
    finally:
        teardown_databases(made, verbosity=0)


def fill(n_pairs: int) -> None:
    """Make pairs that lived for twelve weeks."""
    from contraflow.pairs.models import Pair, Session, SessionChange
    from contraflow.people.models import Person
    from contraflow.programmes.models import Cohort, Programme

    chance, today = random.Random(7), dt.date.today()
    now = dt.datetime.now(tz=dt.UTC)
    start = today - dt.timedelta(weeks=12)
    programme = Programme.objects.create(title="Executive digital fluency", purpose="Learn.")
    people = Person.objects.bulk_create(
        (
            Person(
                email=f"person{n}@example.org", name=f"Person {n}", country=chance.choice(PLACES)
            )
            for n in range(2 * n_pairs)
        ),
        batch_size=BATCH,
    )
    for number in range(0, n_pairs, PAIRS_OF_A_COHORT):
        cohort = Cohort.objects.create(
            programme=programme, name=f"Cohort {number}", state="running", starts_on=start,
            length_weeks=26, cadence_days=28, session_minutes=50,
        )  # fmt: skip
        pairs = Pair.objects.bulk_create(
            Pair(
                cohort=cohort, mentor=people[2 * each], mentee=people[2 * each + 1],
                started_on=start,
            )
            for each in range(number, min(n_pairs, number + PAIRS_OF_A_COHORT))
        )  # fmt: skip
        sessions = Session.objects.bulk_create(
            Session(
                pair=pair, number=place, due_on=start + dt.timedelta(days=28 * place), minutes=50,
                state="held" if place <= 2 and chance.random() < 0.8 else "planned",
                starts_at=now - dt.timedelta(days=chance.randint(5, 70)) if place <= 2 else None,
            )
            for pair in pairs
            for place in range(1, SESSIONS + 1)
        )  # fmt: skip
        SessionChange.objects.bulk_create(
            SessionChange(
                session=session, kind="cancelled", side=chance.choice(["mentor", "mentee"]),
                at=now - dt.timedelta(days=chance.randint(1, 60)),
                notice_hours=chance.randint(0, 72),
            )
            for session in sessions
            if session.state == "planned" and chance.random() < 0.3
        )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
