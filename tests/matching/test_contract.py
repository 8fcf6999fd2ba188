import pytest

from contraflow.matching import _heaviest, solve_matrix
from tests.matching.contract import CONTRACT
from tests.matching.oracles import instance


@pytest.fixture(params=["assignment", pytest.param("paths", marks=pytest.mark.slow)])
def path(request, monkeypatch):
    """Solve in both ways: `paths` is what takes over where float64 is no longer exact."""
    if request.param == "paths":
        monkeypatch.setattr(_heaviest, "_EXACT_IN_FLOAT", 0)
    return solve_matrix


@pytest.mark.parametrize("promise", CONTRACT, ids=lambda promise: promise.__name__)
def test_contract(promise, path):
    for seed in range(12):
        promise(path, *instance(seed, most=9))
