"""The nets below the engine: a wrong answer is never handed out, it stops the solving."""

import numpy as np
import pytest

from contraflow.matching import MatchingError, _engine, _total, solve_matrix
from contraflow.matching._encode import exact


def test_a_pairing_that_its_prices_do_not_prove_stops(monkeypatch):
    def lies(instance, allowed, count, step):
        chosen = np.eye(2, dtype=bool)
        return chosen, np.zeros(2, dtype=np.int64), np.zeros(2, dtype=np.int64), 0

    monkeypatch.setattr(_engine, "largest_total", lies)

    with pytest.raises(MatchingError, match="does not close"):
        solve_matrix([[1, 5], [5, 1]])


def test_prices_are_not_found_for_a_pairing_that_is_not_optimal(monkeypatch):
    monkeypatch.setattr(_total, "best_assignment", lambda values: (np.arange(2), np.arange(2)))

    with pytest.raises(MatchingError, match="not optimal"):
        solve_matrix([[1, 5], [5, 1]], objective="total")


def test_features_whose_sums_could_be_inexact_stop():
    features = np.full((1, 2), 4096, dtype=np.float32)

    with pytest.raises(MatchingError, match="exact range"):
        exact(features, features)
