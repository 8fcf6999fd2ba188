"""Let the two of a pair of cohort A do the short training before session 2, as people do it.

Chance from a seed of its own, so that nothing else of a pair's life depends on it.
"""

import datetime as dt
from random import Random

from contraflow.pairs.models import Pair
from contraflow.programmes.models import Side
from contraflow.training.actions import finish_module
from contraflow.training.modules import Module, gate_keys, shipped

# how many people leave a part undone: the gate, and the desk, then have something to say
FORGETFUL = 0.04


def train(pair: Pair, *, seed: str, until: dt.datetime, is_diligent: bool) -> None:
    """Go through the modules of the gate in the weeks after a pair began, one after the other."""
    chance = Random(f"{seed}/training")
    for side, person in ((Side.MENTOR, pair.mentor), (Side.MENTEE, pair.mentee)):
        modules = [shipped()[key] for key in gate_keys(side)]
        if chance.random() < FORGETFUL and not is_diligent:
            modules.pop()
        at = dt.datetime.combine(pair.started_on, dt.time(8), tzinfo=dt.UTC)
        for module in modules:
            at += dt.timedelta(days=chance.randint(0, 3), minutes=module.minutes)
            if at < until:
                finish_module(module, by=person, answers=_right(module), at=at)


def _right(module: Module) -> list[int | None]:
    return [question.answer for question in module.quiz]
