"""How a number is written: one rule for pages, mails, charts and messages.

Templates follow it by themselves, as USE_THOUSAND_SEPARATOR is on; words put together in Python
ask `figure` for whatever is counted.
"""

from decimal import Decimal

from django.utils.formats import number_format


def figure(number: float | None, digits: int = 2) -> str:
    """Write a number as people of this language do: 1,012, no needless noughts, None is a dash."""
    if number is None:
        return "–"
    text = f"{number:.{digits}f}".rstrip("0").rstrip(".") if digits else f"{number:.0f}"
    shown = len(text.partition(".")[2])
    # of the rounded text: number_format itself cuts off what does not fit
    return number_format(Decimal(text), decimal_pos=shown, use_l10n=True)
