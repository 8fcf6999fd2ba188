import pytest
from hypothesis import given
from hypothesis import strategies as st

from contraflow.content import schema
from contraflow.content.agenda import timed_agenda

SHIPPED = schema.load_defaults().agenda_shares.model_dump()


@st.composite
def shares(draw):
    """Draw shares in thousandths that make the whole."""
    cuts = draw(st.lists(st.integers(0, 1000), min_size=0, max_size=8))
    edges = [0, *sorted(cuts), 1000]
    return {
        f"part {n}": (high - low) / 1000
        for n, (low, high) in enumerate(zip(edges, edges[1:], strict=False))
    }


@given(shares(), st.integers(1, 480))
def test_the_minutes_of_an_agenda_make_exactly_the_session(shares, minutes):
    agenda = timed_agenda(shares, minutes)

    assert sum(part for _, part in agenda) == minutes
    assert [key for key, _ in agenda] == list(shares)
    for key, part in agenda:
        assert abs(part - shares[key] * minutes) < 1


@given(shares(), st.integers(1, 480))
def test_a_longer_part_never_gets_fewer_minutes(shares, minutes):
    agenda = dict(timed_agenda(shares, minutes))

    for one in shares:
        for other in shares:
            if shares[one] > shares[other]:
                assert agenda[one] >= agenda[other]


@pytest.mark.parametrize("template", schema.load_templates(), ids=lambda each: each.key)
def test_every_part_of_a_shipped_session_gets_some_time(template):
    agenda = timed_agenda(SHIPPED, template.session_minutes)

    assert sum(minutes for _, minutes in agenda) == template.session_minutes
    assert min(minutes for _, minutes in agenda) >= 2


def test_the_agenda_of_fifty_minutes_is_as_published():
    assert timed_agenda(SHIPPED, 50) == [
        ("arrive", 5),
        ("look_back_at_commitment", 5),
        ("activity", 20),
        ("what_i_heard", 8),
        ("next_step", 2),
        ("left_open", 10),
    ]


@pytest.mark.parametrize(
    ("shares", "minutes", "complaint"),
    [
        pytest.param({"a": 0.5, "b": 0.4}, 50, "sum to 1", id="less than the whole"),
        pytest.param({"a": 1.5, "b": -0.5}, 50, "positive", id="a negative part"),
        pytest.param({}, 50, "sum to 1", id="no parts"),
        pytest.param({"a": 1.0}, 0, "at least one minute", id="no time"),
    ],
)
def test_shares_that_are_no_agenda_are_refused(shares, minutes, complaint):
    with pytest.raises(ValueError, match=complaint):
        timed_agenda(shares, minutes)
