"""The nets below the engine: a wrong answer is never handed out, it stops the solving."""

import numpy as np
import pytest

from contraflow.matching import MatchingError, _engine, _heaviest, solve_matrix
from contraflow.matching._encode import exact
from contraflow.matching._instance import Prices


def test_a_pairing_that_its_prices_do_not_prove_stops(monkeypatch):
    def lies(instance, weights, allowed, *, first, step):
        nothing = np.zeros(2, dtype=np.int64)
        return np.eye(2, dtype=bool), Prices(nothing, nothing)

    monkeypatch.setattr(_engine, "heaviest", lies)

    with pytest.raises(MatchingError, match="does not close"):
        solve_matrix([[1, 5], [5, 1]])


def test_prices_are_not_found_for_a_pairing_that_is_not_optimal(monkeypatch):
    monkeypatch.setattr(_heaviest, "best_assignment", lambda values: (np.arange(2), np.arange(2)))

    with pytest.raises(MatchingError, match="not optimal"):
        solve_matrix([[1, 5], [5, 1]], objective="total")


def test_features_whose_sums_could_be_inexact_stop():
    features = np.full((1, 2), 4096, dtype=np.float32)

    with pytest.raises(MatchingError, match="exact range"):
        exact(features, features)
