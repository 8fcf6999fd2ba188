"""What the conflict guard costs: a look at all pairs, before and after people moved.

    DJANGO_SETTINGS_MODULE=tests.settings python -m tests.databases benchmarks.guard

10 000 people in 5 000 pairs; then everybody gets another manager and team by chance.
"""

import argparse
import datetime as dt
import random
import time

import django

N_PEOPLE = 10_000
TEAMS = 300
PAIRS_OF_A_COHORT = 500


def main() -> None:
    """Fill a throw-away database, look four times, and print what each look cost."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--people", type=int, default=N_PEOPLE)
    options = parser.parse_args()
    django.setup()
    from django.db import connection
    from django.test.utils import CaptureQueriesContext, setup_databases, teardown_databases

    made = setup_databases(verbosity=0, interactive=False)
    try:
        from contraflow.pairing.guard import guard_pairs

        ids = fill(options.people)
        print(f"{connection.vendor}, {options.people} people")
        for what, seed in (("everybody moved once", 0), ("the same again", None),
                           ("everybody moved again", 1), ("the same again", None)):  # fmt: skip
            if seed is not None:
                move(ids, random.Random(seed))
            began, cpu = time.perf_counter(), time.process_time()
            with CaptureQueriesContext(connection) as asked:
                done = guard_pairs(at=dt.datetime.now(tz=dt.UTC))
            seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
            print(
                f"{what}: {len(done.held)} paused, {len(done.released)} go on, {seconds:.1f} s "
                f"({cpu:.1f} CPU), {len(asked)} queries"
            )
    finally:
        teardown_databases(made, verbosity=0)


def fill(n_people: int) -> list[int]:
    """Make people and pairs, and return the keys of the people."""
    from contraflow.pairs.models import Pair
    from contraflow.people.models import Department, Person
    from contraflow.programmes.models import Cohort, Programme

    Department.objects.bulk_create(
        Department(path=f"Unit {n % 12}/Team {n}", name=f"Team {n}") for n in range(TEAMS)
    )
    people = Person.objects.bulk_create(
        (Person(email=f"{n}@example.org", name=f"Person {n}") for n in range(n_people)),
        batch_size=2_000,
    )
    ids = [person.pk for person in people]
    programme, couples = Programme.objects.create(title="One", purpose="One."), []
    for number, both in enumerate(zip(ids[::2], ids[1::2], strict=True)):
        if number % PAIRS_OF_A_COHORT == 0:
            cohort = Cohort.objects.create(
                programme=programme, name=f"Cohort {number}", state=Cohort.State.RUNNING,
                starts_on=dt.date(2026, 1, 5), length_weeks=26, cadence_days=28, session_minutes=50,
            )  # fmt: skip
        couples.append(Pair(cohort=cohort, mentor_id=both[0], mentee_id=both[1]))
    Pair.objects.bulk_create(couples, batch_size=2_000)
    return ids


def move(ids: list[int], rng: random.Random) -> None:
    """Give everybody a manager and a team by chance; some report to their partner."""
    from contraflow.people.models import Department, Person

    teams = list(Department.objects.values_list("pk", flat=True))
    people = list(Person.objects.order_by("pk"))
    for number, person in enumerate(people):
        above = ids[number ^ 1] if rng.random() < 0.01 else rng.choice(ids)
        person.manager_id = above if above != person.pk else None
        person.department_id = rng.choice(teams)
    Person.objects.bulk_create(
        people, update_conflicts=True, unique_fields=["id"], batch_size=2_000,
        update_fields=["manager", "department"],
    )  # fmt: skip


if __name__ == "__main__":
    main()
