"""Words that not everybody knows, found in a text, each with what it means in plain ones."""

import re
from collections.abc import Iterable
from functools import cache

from contraflow.content.schema import Term, load_words


def terms_in(texts: Iterable[str]) -> list[Term]:
    """Return the terms that stand in the texts, in the order of the alphabet.

    >>> [term.word for term in terms_in(["Trace one prompt.", "Two pilots, a phish"])]
    ['phish', 'pilot', 'prompt']
    """
    found = {word.casefold() for text in texts for word in _any_of_them().findall(text)}
    return [term for term in load_words() if found & {word.casefold() for word in _forms(term)}]


def _forms(term: Term) -> tuple[str, ...]:
    return (term.word, *term.also)


@cache
def _any_of_them() -> re.Pattern[str]:
    forms = sorted((form for term in load_words() for form in _forms(term)), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, forms))})(?!\w)", re.IGNORECASE)
