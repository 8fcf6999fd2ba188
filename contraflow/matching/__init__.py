"""Pair mentors with mentees: proven best, fair to the least served, explained.

Plain people or numbers in, one frozen `Pairing` out; no database and no framework.
docs/matching/how-it-works.md states every formula and what it rests on.
"""

from contraflow.matching._cover import cover
from contraflow.matching._encode import carry_over
from contraflow.matching._errors import MatchingError, MatchingInputError
from contraflow.matching._explain import Explanation, TopicMatch, explain, fits
from contraflow.matching._fit import (
    NOT_POSSIBLE,
    PRIVATE_PARTS,
    PUBLIC_PARTS,
    SCALE,
    broken_rules,
)
from contraflow.matching._greedy import greedy
from contraflow.matching._instance import Certificate, Level, Prices
from contraflow.matching._matrix import solve_matrix
from contraflow.matching._pairing import Diagnosis, Help, Pairing, Unplaced
from contraflow.matching._people import TRAITS, Participant, Rules, Weights
from contraflow.matching._problem import OBJECTIVES, Problem
from contraflow.matching._report import report_of, verify_report
from contraflow.matching._solve import solve
from contraflow.matching._stable import count_blocking, deferred_acceptance
from contraflow.matching._verify import Verdict, verify
from contraflow.matching._what_if import Alternative, Price, alternatives, price_of

__all__ = [
    "NOT_POSSIBLE",
    "OBJECTIVES",
    "PRIVATE_PARTS",
    "PUBLIC_PARTS",
    "SCALE",
    "TRAITS",
    "Alternative",
    "Certificate",
    "Diagnosis",
    "Explanation",
    "Help",
    "Level",
    "MatchingError",
    "MatchingInputError",
    "Pairing",
    "Participant",
    "Price",
    "Prices",
    "Problem",
    "Rules",
    "TopicMatch",
    "Unplaced",
    "Verdict",
    "Weights",
    "alternatives",
    "broken_rules",
    "count_blocking",
    "carry_over",
    "cover",
    "deferred_acceptance",
    "explain",
    "fits",
    "greedy",
    "price_of",
    "report_of",
    "solve",
    "solve_matrix",
    "verify",
    "verify_report",
]
