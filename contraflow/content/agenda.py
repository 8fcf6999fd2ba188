"""Turn shares of a session into minutes of an agenda."""

from collections.abc import Mapping
from fractions import Fraction


def timed_agenda(shares: Mapping[str, float], minutes: int) -> list[tuple[str, int]]:
    """Return (key, minutes) in the order of `shares`, summing exactly to `minutes`.

    Largest remainder: each part gets its whole minutes, and the minutes left over go to the
    parts that lost most by rounding down, the earlier one first where two lost the same.

    >>> timed_agenda({"arrive": 0.1, "activity": 0.7, "close": 0.2}, 25)
    [('arrive', 3), ('activity', 17), ('close', 5)]
    """
    if minutes < 1:
        raise ValueError(f"a session lasts at least one minute, not {minutes}")
    # decimal text, so that 0.1 is a tenth and equal shares stay equal
    exact = {key: Fraction(str(share)) * minutes for key, share in shares.items()}
    if any(part < 0 for part in exact.values()) or sum(exact.values()) != minutes:
        raise ValueError("the shares must be positive and sum to 1")
    whole = {key: int(part) for key, part in exact.items()}
    lost_most = sorted(exact, key=lambda key: whole[key] - exact[key])
    for key in lost_most[: minutes - sum(whole.values())]:
        whole[key] += 1
    return list(whole.items())
