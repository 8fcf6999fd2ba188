"""Shape the agreement of a pair: what it starts with, how a goal reads, and what is fixed in it."""

from functools import cache
from typing import Annotated

from pydantic import Field

from contraflow.content.schema.base import Key, Strict, Text, load

Texts = Annotated[tuple[Text, ...], Field(min_length=1)]


class AgreementSection(Strict):
    """Offer a first text for one part; `{rhythm}` and `{minutes}` are those of the cohort."""

    key: Key
    title: Text
    help: Text
    text: Text


class WeakGoal(Strict):
    """Show a goal that will not help, and say why."""

    text: Text
    why: Text


class GoodGoals(Strict):
    """Show goals that will help, for each side."""

    mentor: Texts
    leader: Texts


class GoalGuide(Strict):
    """Say how a goal reads."""

    form: Text
    help: Text
    weak: Annotated[tuple[WeakGoal, ...], Field(min_length=1)]
    good: GoodGoals


class Confidentiality(Strict):
    """Say what stays between the two, and where that ends."""

    rules: Texts
    limits_intro: Text
    limits: Texts


class Agreement(Strict):
    """Hold the sections in their order, and what nobody changes."""

    promise: Text
    sections: Annotated[tuple[AgreementSection, ...], Field(min_length=1)]
    goal: GoalGuide
    confidentiality: Confidentiality
    pledge: Texts


class AgreementFile(Strict):
    """Wrap the agreement under the file's one key."""

    agreement: Agreement


@cache
def load_agreement() -> Agreement:
    """Return the agreement that pairs start from."""
    return load("agreement", AgreementFile).agreement
