import pytest

from contraflow.core.codes import as_key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("7", 7), (None, None), ("", None), ("-1", None), ("1.5", None), ("²", None),
        (str(2**63 - 1), 2**63 - 1), (str(2**63), None), ("9" * 5000, None),
    ],
)  # fmt: skip
def test_key_of_a_row_is_a_number_that_a_database_can_hold(text, key):
    assert as_key(text) == key
