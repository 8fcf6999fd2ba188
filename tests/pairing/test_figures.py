import pytest

from contraflow.pairing.figures import as_fit, as_parts


@pytest.mark.parametrize(
    ("millionths", "fit"), [(0, 0.0), (834_999, 0.83), (835_000, 0.84), (1_000_000, 1.0)]
)
def test_a_fit_has_two_decimals(millionths, fit):
    assert as_fit(millionths) == fit


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([434_000, 174_000, 144_000, 94_000], id="all round down"),
        pytest.param([436_000, 176_000, 146_000, 96_000], id="all round up"),
        pytest.param([0, 0, 0, 0], id="nothing"),
        pytest.param([449_999, 199_999, 149_999, 99_999], id="just below"),
    ],
)
def test_parts_as_shown_sum_to_the_fit_as_shown(parts):
    names = ("skills", "interests", "logistics", "distance")
    millionths = dict(zip(names, parts, strict=True)) | {"private": 50_000}

    shown = as_parts(millionths)

    assert round(sum(shown.values()), 2) == as_fit(sum(millionths.values()))
    assert shown["private"] == 0.05
