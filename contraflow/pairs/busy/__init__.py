"""When somebody is busy, read from their own calendar in a process of its own.

What is fetched was written by strangers, so nothing of it is trusted: the child fetches it
(fetching.py), finds the busy times (expanding.py) and hands back numbers alone; a child that takes
too long, or too much memory, is killed and harms nobody else.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence

# seconds for everything: names, connections, redirects, reading and expanding
MOST_SECONDS = 40


class BusyProblem(Exception):
    """The calendar could not be read; `code` is one of the problems that rules.py has words for."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


def read_busy(
    address: str,
    *,
    zone: str,
    first: int,
    last: int,
    allows_http: bool = False,
    networks: Sequence[str] = (),
    seconds: float = MOST_SECONDS,
) -> list[list[int]]:
    """Return the busy times between two moments, all in minutes since 1970, merged and in order."""
    asked = {
        "address": address, "zone": zone, "first": first, "last": last,
        "allows_http": allows_http, "networks": list(networks),
    }  # fmt: skip
    # nothing of the server's environment: no secret, no proxy
    environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    try:
        child = subprocess.run(
            [sys.executable, "-m", "contraflow.pairs.busy"],
            input=json.dumps(asked).encode(), capture_output=True, timeout=seconds,
            env=environment, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise BusyProblem("too_slow") from None
    try:
        answer = json.loads(child.stdout)
    except ValueError:  # killed for taking too much
        raise BusyProblem("too_much") from None
    if "problem" in answer:
        raise BusyProblem(answer["problem"])
    return answer["times"]
