"""What the main pages cost with many people in the database, against an empty signed-in view.

    DJANGO_SETTINGS_MODULE=tests.settings python -m tests.databases benchmarks.pages

CPU time of the process for one request through the whole middleware, the median of many in one
run; the last column is what counts, because it does not depend on the machine.
"""

import argparse
import datetime as dt
import statistics
import sys
import time

import django
from django.http import HttpResponse

N_PEOPLE = 100_000
PAIRS_OF_A_COHORT = 500
SESSIONS = 7
BATCH = 5_000


def main() -> None:
    """Fill a throw-away database, ask for each page many times, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--people", type=int, default=N_PEOPLE)
    parser.add_argument("--times", type=int, default=30)
    options = parser.parse_args()
    django.setup()
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    made = setup_databases(verbosity=0, interactive=False)
    try:
        measure(options.people, options.times, connection.vendor)
    finally:
        teardown_databases(made, verbosity=0)


def measure(n_people: int, times: int, vendor: str) -> None:
    """Print what each page costs, in milliseconds of CPU and in empty views."""
    from django.test import Client
    from django.urls import reverse

    lead, cohort, pair = fill(n_people)
    client = Client()
    client.force_login(lead)
    pages = {
        "empty view": "/empty/",
        "people list": reverse("people:list"),
        "people list, searched for one": reverse("people:list") + "?q=Person+4711",
        "people list, searched for all": reverse("people:list") + "?q=example",
        "pair": reverse("pairs:pair", args=[pair.code]),
        "pairs of a cohort": reverse("pairs:list", args=[cohort.code]),
        "overview": reverse("home:overview", args=[cohort.code]),
    }
    add_empty_view()
    costs = cpu_ms(client, pages, times)
    print(f"{vendor}, {n_people} people, median of {times}")
    for name, cost in costs.items():
        print(f"| {name} | {cost:.2f} ms | {cost / costs['empty view']:.1f} |")
    sys.stdout.flush()


def cpu_ms(client, pages: dict[str, str], times: int) -> dict[str, float]:
    """Return the median CPU time of each page in milliseconds; all in turn, so noise hits all."""
    spent: dict[str, list[float]] = {name: [] for name in pages}
    for url in pages.values():
        answer = client.get(url)
        if answer.status_code != 200:
            raise SystemExit(f"{url} answered {answer.status_code}")
    for _ in range(times):
        for name, url in pages.items():
            before = time.process_time()
            client.get(url)
            spent[name].append(1000 * (time.process_time() - before))
    return {name: statistics.median(each) for name, each in spent.items()}


def add_empty_view() -> None:
    """Put an empty view behind the same door and middleware as every page."""
    from django.urls import clear_url_caches, path

    from contraflow.config import urls
    from contraflow.core.access import access

    @access(to="home.view_today")
    def empty(request):
        return HttpResponse(b"")

    urls.urlpatterns.append(path("empty/", empty))
    clear_url_caches()


def fill(n_people: int):
    """Make people in departments, half of them leaders and half mentors of cohorts of 500 pairs."""
    from contraflow.core.models import Installation
    from contraflow.people.models import Department, Person, Role
    from contraflow.programmes.models import Enrolment, Objective, Programme, Steward

    Installation.objects.create(pk=1, organisation="Benchmark")
    departments = [Department(path=f"D{n}", name=f"D{n}") for n in range(200)]
    Department.objects.bulk_create(departments)
    people = [
        Person(
            email=f"p{n}@example.org", name=f"Person {n}", job_title="Engineer", password="!",
            grade=2 + 6 * (n % 2), department=departments[n % 200], languages=["en"],
        )
        for n in range(n_people)
    ]  # fmt: skip
    Person.objects.bulk_create(people, batch_size=BATCH)
    lead = Person.objects.create_person("lead@example.org", name="Lead")
    Role.objects.create(person=lead, kind=Role.Kind.LEAD)
    programme = Programme.objects.create(title="Benchmark", purpose="To be measured.")
    Steward.objects.create(programme=programme, person=lead, kind="lead")
    for key in ("sessions_held_share", "pairs_meeting_share", "first_session_in_time_share"):
        Objective.objects.create(
            programme=programme, statement=key, measure=key, unit="percent", target=80,
            due_on=dt.date.today(), source="computed", source_key=key,
        )  # fmt: skip
    cohorts = _cohorts(programme, max(1, n_people // (2 * PAIRS_OF_A_COHORT)))
    of = [cohorts[n // (2 * PAIRS_OF_A_COHORT) % len(cohorts)] for n in range(n_people)]
    Enrolment.objects.bulk_create(
        [
            Enrolment(cohort=of[n], person=person, state="enrolled",
                      side="mentor" if n % 2 else "mentee")
            for n, person in enumerate(people)
        ],
        batch_size=BATCH,
    )  # fmt: skip
    pairs = _pairs(people, of)
    analyse()
    return lead, cohorts[0], pairs[0]


def _cohorts(programme, count: int) -> list:
    from contraflow.programmes.models import Cohort

    return [
        Cohort.objects.create(
            programme=programme, name=f"Cohort {n}", state="running", length_weeks=16,
            starts_on=dt.date.today() - dt.timedelta(weeks=14), cadence_days=14,
            session_minutes=45,
        )
        for n in range(count)
    ]  # fmt: skip


def _pairs(people: list, of: list) -> list:
    from contraflow.pairs.models import Pair, Session

    pairs = [
        Pair(cohort=of[n], mentor=people[n + 1], mentee=people[n], theme=f"Theme {n % 5}",
             started_on=of[n].starts_on)
        for n in range(0, len(people) - 1, 2)
    ]  # fmt: skip
    Pair.objects.bulk_create(pairs, batch_size=BATCH)
    today = dt.date.today()
    for start in range(0, len(pairs), 1000):
        Session.objects.bulk_create(
            [
                _session(pair, number, today)
                for pair in pairs[start : start + 1000]
                for number in range(1, SESSIONS + 1)
            ],
            batch_size=BATCH,
        )
    return pairs


def _session(pair, number: int, today: dt.date):
    from contraflow.pairs.models import Session

    due_on = pair.started_on + dt.timedelta(days=14 * number)
    is_held = due_on < today and (pair.pk + number) % 9 != 0
    starts_at = dt.datetime.combine(due_on, dt.time(9), tzinfo=dt.UTC) if is_held else None
    return Session(
        pair=pair, number=number, due_on=due_on, minutes=45, starts_at=starts_at,
        state="held" if is_held else "planned",
    )  # fmt: skip


def analyse() -> None:
    """Let the database look at what it holds, as it does by itself in daily life."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


if __name__ == "__main__":
    main()
