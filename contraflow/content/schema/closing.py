"""Shape how a pair closes: the agenda of its last session, and what each writes on their page."""

from functools import cache
from typing import Annotated

from pydantic import Field, model_validator

from contraflow.content.schema.base import Key, Strict, Text, load


class ClosingPart(Strict):
    """Give a part of the closing session its share; `{mentor}` and `{leader}` are the two."""

    key: Key
    share: Annotated[float, Field(gt=0, lt=1)]
    title: Text
    text: Text


class ClosingQuestion(Strict):
    """Ask for one thing on the page that each of the two writes."""

    key: Key
    title: Text
    help: Text


class Closing(Strict):
    """Hold the ritual: parts of the session and questions of the page, in their order."""

    promise: Text
    agenda: Annotated[tuple[ClosingPart, ...], Field(min_length=1)]
    questions: Annotated[tuple[ClosingQuestion, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _shares_make_a_whole(self) -> "Closing":
        if round(sum(part.share for part in self.agenda), 6) != 1:
            raise ValueError("the shares of the agenda must sum to 1")
        return self


class ClosingFile(Strict):
    """Wrap the ritual under the file's one key."""

    closing: Closing


@cache
def load_closing() -> Closing:
    """Return how a pair closes."""
    return load("closing", ClosingFile).closing
