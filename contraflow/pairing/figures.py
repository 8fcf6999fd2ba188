"""Millionths as people read them: two decimals, and parts that sum to the whole."""

from typing import Any

_HUNDREDTH = 10_000


def as_fit(millionths: int) -> float:
    """Return a fit from 0 to 1 with two decimals.

    >>> as_fit(835_000), as_fit(834_999)
    (0.84, 0.83)
    """
    return _hundredths(millionths) / 100


def fits_in_figures(fits: list[int]) -> dict[str, Any]:
    """Return how many pairs there are, their average, least and total fit from 0 to 1.

    >>> fits_in_figures([800_000, 400_000])
    {'pairs': 2, 'average': 0.6, 'least': 0.4, 'total': 1.2}
    """
    total = sum(fits)
    return {
        "pairs": len(fits),
        "average": as_fit(total // len(fits)) if fits else None,
        "least": as_fit(min(fits)) if fits else None,
        "total": as_fit(total),
    }


def as_parts(millionths: dict[str, int]) -> dict[str, float]:
    """Return parts with two decimals that sum to their sum with two decimals.

    What rounding leaves over goes to the parts that lost most by it.

    >>> as_parts({"skills": 434_000, "interests": 174_000, "logistics": 144_000})
    {'skills': 0.43, 'interests': 0.18, 'logistics': 0.14}
    """
    whole = {name: value // _HUNDREDTH for name, value in millionths.items()}
    missing = _hundredths(sum(millionths.values())) - sum(whole.values())
    by_loss = sorted(millionths, key=lambda name: -(millionths[name] % _HUNDREDTH))
    for name in by_loss[:missing]:
        whole[name] += 1
    return {name: value / 100 for name, value in whole.items()}


def _hundredths(millionths: int) -> int:
    return (millionths + _HUNDREDTH // 2) // _HUNDREDTH
