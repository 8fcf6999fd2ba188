"""Draw lots so that anybody can draw them again: docs/use/enrol.md shows how."""

import hashlib
from collections.abc import Iterable


def lot_of(seed: str, code: str) -> str:
    """Return the lot of one enrolment: SHA-256 of the seed followed by its code, in hex.

    >>> lot_of("42", "abc")[:12]
    '53b6b18ede44'
    """
    return hashlib.sha256(f"{seed}{code}".encode()).hexdigest()


def draw_order(seed: str, codes: Iterable[str]) -> list[str]:
    """Return the codes in the order drawn, the smallest lot first, whatever order they came in."""
    return sorted(codes, key=lambda code: (lot_of(seed, code), code))
