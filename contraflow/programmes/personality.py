"""The optional 16 items of the Mini-IPIP: mixed order, four traits, and words for their author.

The neuroticism items are not asked. Nobody but the author sees a result; the matching uses the
answers as numbers and gives back one rounded figure.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contraflow.content.schema import load_instruments

TRAITS = ("extraversion", "agreeableness", "conscientiousness", "intellect")


@dataclass(frozen=True, kw_only=True)
class Item:
    """One statement; `number` is the key of its answer, `reversed` ones count backwards."""

    number: int
    text: str
    trait: str
    is_reversed: bool


def _mixed() -> tuple[Item, ...]:
    """Take one item of each trait in turn, so that neighbours measure different things."""
    scales = {trait: getattr(load_instruments().mini_ipip, trait) for trait in TRAITS}
    rounds = zip(*(scale.items for scale in scales.values()), strict=True)
    texts = [pair for each in rounds for pair in zip(TRAITS, each, strict=True)]
    return tuple(
        Item(number=number, text=text, trait=trait, is_reversed=text in scales[trait].rev)
        for number, (trait, text) in enumerate(texts, start=1)
    )


ITEMS = _mixed()
ANSWERS = (
    (1, gettext_lazy("not at all like me")),
    (2, gettext_lazy("not much like me")),
    (3, gettext_lazy("in between")),
    (4, gettext_lazy("rather like me")),
    (5, gettext_lazy("very much like me")),
)


def traits_of(answers: Mapping[str, int] | None) -> dict[str, float] | None:
    """Return each trait as the mean of its four items, 1 to 5; None unless all 16 are answered.

    >>> traits_of({str(number): 3 for number in range(1, 17)})["intellect"]
    3.0
    """
    if not answers or any(str(item.number) not in answers for item in ITEMS):
        return None
    found: dict[str, list[int]] = {trait: [] for trait in TRAITS}
    for item in ITEMS:
        answer = answers[str(item.number)]
        found[item.trait].append(6 - answer if item.is_reversed else answer)
    return {trait: sum(values) / len(values) for trait, values in found.items()}


def in_plain_words(answers: Mapping[str, int] | None) -> list[str]:
    """Return four sentences for the author: what they said of themselves, never a label."""
    traits = traits_of(answers)
    if traits is None:
        return []
    words = {
        "extraversion": (
            _("You say that you are at ease in the background and with few people at a time."),
            _("You say that company and quiet both suit you."),
            _("You say that you like to be among many people and to start conversations."),
        ),
        "agreeableness": (
            _("You say that you look at problems before you look at feelings."),
            _("You say that you weigh feelings and facts about evenly."),
            _("You say that you quickly sense how others feel."),
        ),
        "conscientiousness": (
            _("You say that you leave room for improvising rather than for order."),
            _("You say that you are orderly where it matters to you."),
            _("You say that you like order and get things done at once."),
        ),
        "intellect": (
            _("You say that you prefer the practical to the abstract."),
            _("You say that you like both the concrete and the abstract."),
            _("You say that you enjoy abstract ideas and have a vivid imagination."),
        ),
    }
    # thirds of the scale from 1 to 5
    return [words[trait][(value > 7 / 3) + (value > 11 / 3)] for trait, value in traits.items()]
