"""What sealing costs a page: a thread of 2 000 messages, sealed and as plain text, in one run.

    DJANGO_SETTINGS_MODULE=tests.settings python -m tests.databases benchmarks.sealing

Two pairs with the same messages. The words of the second are kept unsealed, in a field that is
read as plain JSON. CPU time of one request through the whole middleware, the median of many, both
pages in turn; the ratio is what counts.
"""

import argparse
import datetime as dt
import json
import sys
from unittest import mock

import django

from benchmarks.pages import cpu_ms

N_MESSAGES = 2_000
WORDS = "Could we look at the town hall next time? I do not want to give another lecture. "


def main() -> None:
    """Fill a throw-away database, ask for both pages many times, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--messages", type=int, default=N_MESSAGES)
    parser.add_argument("--times", type=int, default=30)
    options = parser.parse_args()
    django.setup()
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    made = setup_databases(verbosity=0, interactive=False)
    try:
        measure(options.messages, options.times, connection.vendor)
    finally:
        teardown_databases(made, verbosity=0)


def measure(n_messages: int, times: int, vendor: str) -> None:
    """Print what the latest messages and all of them cost, sealed and plain."""
    from django.test import Client
    from django.urls import reverse

    from contraflow.core.sealing import SealedField

    mentor, (sealed, plain) = fill()
    write(sealed, n_messages)
    with mock.patch.object(SealedField, "seal", as_plain):
        write(plain, n_messages)
    client = Client()
    client.force_login(mentor)
    pages = {}
    for name, pair in (("sealed", sealed), ("plain", plain)):
        url = reverse("exchange:messages", args=[pair.code])
        pages |= {f"{name}, the latest 50": url, f"{name}, all": f"{url}?all"}
    with mock.patch.object(SealedField, "open", opened(SealedField.open)):
        costs = cpu_ms(client, pages, times)
    print(f"{vendor}, {n_messages} messages, median of {times}")
    for what in ("the latest 50", "all"):
        one, other = costs[f"sealed, {what}"], costs[f"plain, {what}"]
        print(f"| {what} | {one:.1f} ms | {other:.1f} ms | {one / other:.2f} |")
    sys.stdout.flush()


def as_plain(self, instance, value):
    """Keep a value as it is, marked by a version that is none."""
    from contraflow.core.sealing import Sealed

    return Sealed(bytes(21) + json.dumps(value).encode())


def opened(really):
    """Return what opens a sealed value as ever, and reads an unsealed one."""

    def open_or_read(self, instance, value):
        return really(self, instance, value) if value[0] else json.loads(value[21:])

    return open_or_read


def fill():
    """Make two pairs of one mentor."""
    from contraflow.core.models import Installation
    from contraflow.pairs.models import Pair
    from contraflow.people.models import Person
    from contraflow.programmes.models import Cohort, Programme

    Installation.objects.create(pk=1, organisation="Benchmark")
    mentor, *leaders = Person.objects.bulk_create(
        Person(email=f"p{n}@example.org", name=f"Person {n}", password="!") for n in range(3)
    )
    programme = Programme.objects.create(title="Executive digital fluency", purpose="Learn.")
    cohort = Cohort.objects.create(
        programme=programme, name="Cohort", state="running", starts_on=dt.date(2026, 1, 5),
        length_weeks=26, cadence_days=28, session_minutes=50,
    )  # fmt: skip
    return mentor, [
        Pair.objects.create(
            cohort=cohort, mentor=mentor, mentee=leader, started_on=cohort.starts_on
        )
        for leader in leaders
    ]


def write(pair, n_messages: int) -> None:
    """Let the two write to each other in turn."""
    from contraflow.exchange.models import Message, MessageWords

    sides = ("mentor", "mentee")
    rows = Message.objects.bulk_create(
        Message(pair=pair, side=sides[n % 2]) for n in range(n_messages)
    )
    MessageWords.objects.bulk_create(
        MessageWords(message=row, text=WORDS * (1 + n % 4)) for n, row in enumerate(rows)
    )


if __name__ == "__main__":
    main()
