"""What a lead could try who may set every weight and rule and read every score and certificate.

Each attack takes the people as the engine has them and returns claims. It is shown the most there
is: the exact score of every pair and the mask of what is possible, as any certificate holds
them, under settings of its choice. Prices, reasons, drafts, swaps, locks and forbidden pairs show
less than that, and nothing else.
"""

import base64
import zlib
from itertools import product

import numpy as np

from contraflow.matching import Problem, Rules, Weights, report_of, solve

ALL_OFF = Rules(
    reporting_line_levels=0,
    different_team=False,
    minimum_grade_gap=None,
    same_panel=False,
    common_language=False,
)
# as private as weights can be made; a full fit is then 1 000 000 for personality alone
PRIVATE_ALONE = Weights(
    skills=0, interests=0, logistics=0, distance=0, personality=100, wish_bonus_per_side=50
)
BONUSES = (0, 500_000, 333_333, 166_666)
TRAIT_STEP = 1_000_000 // 3 // 256
HALF = 500_000
# 0-16 quarter points for conscientiousness, intellect and extraversion
STEPS = np.arange(17)


def certificate_of(mentors, mentees, **options):
    """Return scores and mask from the certificate of a pairing under any settings."""
    problem = Problem(mentors=mentors, mentees=mentees, rules=ALL_OFF, **options)
    report = report_of(problem, solve(problem))
    shape = report["scores"]["shape"]
    scores = np.frombuffer(zlib.decompress(base64.b64decode(report["scores"]["bytes"])), "<i4")
    bits = np.frombuffer(zlib.decompress(base64.b64decode(report["possible"]["bytes"])), np.uint8)
    possible = np.unpackbits(bits, count=shape[0] * shape[1]).astype(bool)
    return scores.reshape(shape), possible.reshape(shape)


def claim_vetoes(mentors, mentees):
    """With every rule off, whoever is not possible was vetoed: claim all of them."""
    _, possible = certificate_of(mentors, mentees)
    return {(mentors[i].id, mentees[j].id) for i, j in np.argwhere(~possible)}


def claim_wishes(mentors, mentees):
    """Claim a wish wherever no answers to the personality items alone explain the private part.

    Personality gives whole steps; a bonus leaves a rest that no steps give.
    """
    scores, possible = certificate_of(mentors, mentees, weights=PRIVATE_ALONE)
    squares = STEPS**2
    steps = {int(512 - a - b + c) for a, b, c in product(squares, squares, squares)}
    without_wish = {HALF, *(TRAIT_STEP * step for step in steps)}
    return {
        (mentors[i].id, mentees[j].id)
        for i, j in np.argwhere(possible)
        if int(scores[i, j]) not in without_wish
    }


def claim_traits(mentors, mentees, accomplices):
    """Claim the traits of each mentor, from the scores with leaders whose answers are known.

    Returns, for each mentor, the combinations of quarter points that explain every score.
    """
    scores, possible = certificate_of(mentors, mentees, weights=PRIVATE_ALONE)
    grid = np.stack(np.meshgrid(STEPS, STEPS, STEPS, indexing="ij"), axis=-1).reshape(-1, 3)
    sums = {first + second for first in BONUSES for second in BONUSES}
    found = {}
    for i, mentor in enumerate(mentors):
        fits = np.ones(len(grid), dtype=bool)
        for j, known in accomplices.items():
            if not possible[i, j]:
                continue
            likeness = (grid - np.array(known)) ** 2
            values = TRAIT_STEP * (512 - likeness[:, 0] - likeness[:, 1] + likeness[:, 2])
            fits &= np.isin(scores[i, j] - values, list(sums))
        found[mentor.id] = grid[fits]
    return found
