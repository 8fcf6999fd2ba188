"""What it costs to remind of the words of many pairs at once, and to delete them with their keys.

    DJANGO_SETTINGS_MODULE=tests.settings python -m tests.databases benchmarks.keeping

10 000 pairs that ended on one day, each with both goals, what both learned in seven sessions, ten
messages and a kept promise both ways.
"""

import argparse
import datetime as dt
import resource
import time

import django

N_PAIRS = 10_000
PAIRS_OF_A_COHORT = 500
SESSIONS, MESSAGES = 7, 10


def main() -> None:
    """Fill a throw-away database, let the words go, and print what each step cost."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=N_PAIRS)
    options = parser.parse_args()
    django.setup()
    from django.db import connection, reset_queries
    from django.test.utils import CaptureQueriesContext, setup_databases, teardown_databases

    made = setup_databases(verbosity=0, interactive=False)
    try:
        from contraflow.pairs.actions import delete_words, remind_of_deletion

        day = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)
        fill(options.pairs, day.date())
        print(f"{connection.vendor}, {options.pairs} pairs")
        for what, step, at in (
            ("two weeks before", remind_of_deletion, day - dt.timedelta(days=14)),
            ("three days before", remind_of_deletion, day - dt.timedelta(days=3)),
            ("the day itself", delete_words, day),
        ):
            done, asked, longest = 0, 0, 0.0
            began, cpu = time.perf_counter(), time.process_time()
            while True:
                start = time.perf_counter()
                with CaptureQueriesContext(connection) as queries:
                    count = step(at=at)
                longest = max(longest, time.perf_counter() - start)
                done, asked = done + count, asked + len(queries)
                reset_queries()
                if not count:
                    break
            seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
            print(
                f"{what}: {done} pairs, {seconds:.1f} s ({cpu:.1f} CPU), {asked} queries, the "
                f"longest transaction {longest:.2f} s"
            )
        print(f"highest memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")
    finally:
        teardown_databases(made, verbosity=0)


def fill(n_pairs: int, day: dt.date) -> None:
    """Make pairs that ended, and their words."""
    from contraflow.exchange.models import Message, MessageWords, Promise, PromiseWords
    from contraflow.pairs.models import Agreement, Goal, GoalWords, Pair, Session, SessionWords
    from contraflow.people.models import Person
    from contraflow.programmes.models import Cohort, Programme, Side

    people = Person.objects.bulk_create(
        (Person(email=f"{n}@example.org", name=f"Person {n}") for n in range(2 * n_pairs)),
        batch_size=2_000,
    )
    programme = Programme.objects.create(title="One", purpose="One.")
    for first in range(0, n_pairs, PAIRS_OF_A_COHORT):
        cohort = Cohort.objects.create(
            programme=programme, name=f"Cohort {first}", state=Cohort.State.RUNNING,
            starts_on=dt.date(2026, 1, 5), length_weeks=26, cadence_days=28, session_minutes=50,
        )  # fmt: skip
        pairs = Pair.objects.bulk_create(
            Pair(
                cohort=cohort, mentor=people[2 * n], mentee=people[2 * n + 1], state="ended",
                ended_on=day, words_kept_until=day,
            )
            for n in range(first, min(first + PAIRS_OF_A_COHORT, n_pairs))
        )  # fmt: skip
        made_at = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
        Agreement.objects.bulk_create(
            Agreement(pair=pair, **{f"goal_of_{side}_at": made_at for side in Side.values})
            for pair in pairs
        )
        goals = Goal.objects.bulk_create(
            Goal(pair=pair, side=side, week=9) for pair in pairs for side in Side.values
        )
        GoalWords.objects.bulk_create(
            GoalWords(goal=goal, will="present", seen_by="all", because="it helps")
            for goal in goals
        )
        sessions = Session.objects.bulk_create(
            Session(pair=pair, number=n, due_on=day, minutes=50)
            for pair in pairs
            for n in range(1, SESSIONS + 1)
        )
        SessionWords.objects.bulk_create(
            SessionWords(session=each, learned_by_mentor="A budget", learned_by_mentee="A prompt")
            for each in sessions
        )
        sent = Message.objects.bulk_create(
            Message(pair=pair, side=Side.MENTOR) for pair in pairs for _ in range(MESSAGES)
        )
        MessageWords.objects.bulk_create(MessageWords(message=each, text="Hello") for each in sent)
        promises = Promise.objects.bulk_create(
            Promise(pair=pair, side=side, kind="other", state="kept", ended_on=day)
            for pair in pairs
            for side in Side.values
        )
        PromiseWords.objects.bulk_create(
            PromiseWords(promise=each, text="I introduce you") for each in promises
        )


if __name__ == "__main__":
    main()
