"""The child of `read_busy`: one question in JSON on stdin, one answer in JSON on stdout."""

import json
import logging
import sys
import zoneinfo

from contraflow.pairs.busy import BusyProblem
from contraflow.pairs.busy.expanding import busy_times
from contraflow.pairs.busy.fetching import fetch

_CPU_SECONDS, _MEMORY_BYTES = 20, 1 << 30


def main() -> None:
    """Answer, within limits that the system itself keeps."""
    try:
        import resource  # noqa: PLC0415 -- Windows has none; there the time limit stands alone
    except ImportError:
        pass
    else:
        resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    logging.disable()
    asked = json.load(sys.stdin)
    try:
        content = fetch(
            asked["address"],
            allows_http=asked["allows_http"],
            networks=asked["networks"],
        )
        times = busy_times(
            content,
            zone=zoneinfo.ZoneInfo(asked["zone"]),
            first=asked["first"],
            last=asked["last"],
        )
    except BusyProblem as problem:
        answer = {"problem": problem.code}
    except (MemoryError, RecursionError):
        answer = {"problem": "too_much"}
    else:
        answer = {"times": times}
    json.dump(answer, sys.stdout)


main()
