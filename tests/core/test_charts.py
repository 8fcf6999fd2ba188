"""Each chart draws its figures to scale, says them in its table, and escapes what people wrote."""

import re
from html.parser import HTMLParser

import pytest

from contraflow.core import charts
from contraflow.core.charts import Bar, Part

HOSTILE = '<script>alert("x")</script>'


class _Reader(HTMLParser):
    """Collects the elements of a chart and the rows of its table."""

    def __init__(self):
        super().__init__()
        self.elements, self.rows, self._cell = [], [], None

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        self._cell = [] if tag in {"th", "td"} else self._cell

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        if self._cell is not None:
            self._cell.append(data)

    def handle_endtag(self, tag):
        if tag in {"th", "td"}:
            self.rows[-1].append("".join(self._cell))
            self._cell = None


def read(chart):
    reader = _Reader()
    reader.feed(str(chart))
    return reader


def drawn(chart, prefix):
    """Return the marks whose class starts so, each with its attributes but the class."""
    return [
        {name: text for name, text in attrs.items() if name != "class"} | {"is": attrs["class"]}
        for tag, attrs in read(chart).elements
        if tag in {"rect", "line"} and attrs.get("class", "").startswith(prefix)
    ]


def widths(chart, prefix="fill"):
    return [(mark["is"], mark["width"]) for mark in drawn(chart, prefix)]


PARTS = [Part("Skills", 0.43), Part("Interests", 0.17), Part("Private", 0.1, is_private=True)]
EVERY_CHART = [
    pytest.param(lambda label: charts.bars(label, [Bar(label, 1)]), id="bars"),
    pytest.param(lambda label: charts.parts(label, [Part(label, 0.5)]), id="parts"),
    pytest.param(lambda label: charts.parts_bar([Part(label, 0.5)]), id="parts_bar"),
    pytest.param(lambda label: charts.funnel(label, [Bar(label, 3)]), id="funnel"),
    pytest.param(lambda label: charts.heat_map(label, [(label, [1])], [label]), id="heat_map"),
    pytest.param(
        lambda label: charts.progress_to_target(label, now=1, target=2, unit=label, due=label),
        id="progress_to_target",
    ),
    pytest.param(lambda label: charts.rhythm(label, [(label, 1)], unit=label), id="rhythm"),
    pytest.param(lambda label: charts.histogram(label, [(label, 1)], [label]), id="histogram"),
]


@pytest.mark.parametrize("make", EVERY_CHART)
def test_what_people_wrote_is_escaped(make):
    chart = make(HOSTILE)

    assert "<script" not in chart
    assert "&lt;script&gt;" in chart


@pytest.mark.parametrize("make", EVERY_CHART)
def test_a_chart_names_itself_and_carries_no_style(make):
    reader = read(make("Sessions"))

    images = [attrs for tag, attrs in reader.elements if tag == "svg" and "role" in attrs]
    tags = [tag for tag, _attrs in reader.elements]
    assert images
    assert {attrs["role"] for attrs in images} == {"img"}
    assert tags.count("desc") == len(images) <= tags.count("title")
    assert not [attrs for _tag, attrs in reader.elements if "style" in attrs]


def test_bars_are_drawn_to_the_largest_and_listed():
    chart = charts.bars("Topics", [Bar("AI", 200), Bar("Finance", 50, "leader")], unit=" people")

    assert widths(chart) == [("fill-mentor", "100%"), ("fill-leader", "25%")]
    assert read(chart).rows == [
        ["What", "Value"], ["AI", "200 people"], ["Finance", "50 people"],
    ]  # fmt: skip


def test_bars_are_drawn_to_the_whole_where_there_is_one():
    assert widths(charts.bars("Share", [Bar("AI", 20)], out_of=80)) == [("fill-mentor", "25%")]


@pytest.mark.parametrize(
    "chart",
    [
        pytest.param(charts.bars("t", []), id="bars"),
        pytest.param(charts.parts("t", []), id="parts"),
        pytest.param(charts.funnel("t", []), id="funnel"),
        pytest.param(charts.heat_map("t", [], []), id="heat map"),
        pytest.param(charts.rhythm("t", []), id="rhythm"),
        pytest.param(charts.histogram("t", [], []), id="histogram"),
    ],
)
def test_a_chart_of_nothing_is_an_empty_table(chart):
    assert len(read(chart).rows) == 1
    assert drawn(chart, "") == []


def test_parts_stand_end_to_end_and_the_private_one_is_hatched():
    chart = charts.parts("Why", PARTS)

    assert [(mark["x"], mark["width"]) for mark in drawn(chart, "part-1")[:1]] == [("0%", "43%")]
    assert [(mark["x"], mark["width"]) for mark in drawn(chart, "part-2")[:1]] == [("43%", "17%")]
    hatched = drawn(chart, "part-private")[0]
    assert (hatched["x1"], hatched["x2"]) == ("60%", "70%")
    assert read(chart).rows[1:] == [["Skills", "0.43"], ["Interests", "0.17"], ["Private", "0.10"]]


def test_the_bar_of_a_row_says_all_its_parts_without_a_table():
    chart = charts.parts_bar(PARTS)

    assert "<title>Fit 0.70 of 1</title>" in chart
    assert "<desc>Skills 0.43, Interests 0.17, Private 0.10</desc>" in chart
    assert "<table" not in chart


def test_a_funnel_measures_each_step_against_the_first():
    chart = charts.funnel("Funnel", [Bar("Enrolled", 1012), Bar("Matched", 506), Bar("Met", 0)])

    assert [width for _hue, width in widths(chart)] == ["100%", "50%", "0%"]
    assert "<desc>50 % of Enrolled</desc>" in chart
    assert read(chart).rows == [
        ["Step", "Number", "Fewer than the step before"],
        ["Enrolled", "1,012", "–"],
        ["Matched", "506", "506"],
        ["Met", "0", "506"],
    ]


def test_a_funnel_nobody_entered_divides_by_nothing():
    assert [width for _hue, width in widths(charts.funnel("t", [Bar("a", 0), Bar("b", 0)]))] == [
        "0%",
        "0%",
    ]


def test_a_heat_map_tells_none_from_not_yet_and_is_darker_for_more():
    chart = charts.heat_map("Weeks", [("AI", [0, 1, 5, 10, None])], ["1", "2", "3", "4", "5"])

    assert [mark["is"] for mark in drawn(chart, "heat")] == [
        "heat-0", "heat-1", "heat-3", "heat-5", "heat-none",
    ]  # fmt: skip
    assert read(chart).rows == [["What", "1", "2", "3", "4", "5"], ["AI", "0", "1", "5", "10", "–"]]


def test_a_heat_map_refuses_a_row_of_another_length():
    with pytest.raises(ValueError, match="zip"):
        charts.heat_map("Weeks", [("AI", [1])], ["1", "2"])


@pytest.mark.parametrize(
    ("given", "fill", "rows"),
    [
        pytest.param(
            {"now": 3.1, "target": 3.5, "baseline": 2.1, "lowest": 1, "highest": 5},
            [("fill-mentor", "52.5%")],
            [["Baseline", "2.1"], ["Now", "3.1"], ["Target", "3.5"]],
            id="on a scale",
        ),
        pytest.param(
            {"now": 30, "target": 20},
            [("fill-mentor", "100%")],
            [["Baseline", "none"], ["Now", "30"], ["Target", "20"]],
            id="beyond its target",
        ),
        pytest.param(
            {"now": None, "target": 75, "highest": 100, "unit": " %"},
            [],
            [["Baseline", "none"], ["Now", "none"], ["Target", "75 %"]],
            id="not yet measured",
        ),
    ],
)
def test_an_objective_is_drawn_on_its_scale(given, fill, rows):
    chart = charts.progress_to_target("Fluency", **given)

    assert widths(chart) == fill
    assert read(chart).rows[1:] == rows


def test_an_objective_says_where_it_comes_from_and_by_when():
    chart = charts.progress_to_target(
        "Fluency", now=3.1, target=3.5, baseline=2.1, highest=5, due="30 June"
    )

    assert ">3.1 of 5</span>" in chart
    assert ">from 2.1, target 3.5 by 30 June</span>" in chart


def test_an_objective_that_should_be_low_says_so_and_marks_its_limit():
    chart = charts.progress_to_target(
        "Days to a reply", now=4, target=2, baseline=5, lower_is_better=True
    )

    assert ">from 5, target at most 2</span>" in chart
    assert [line["x1"] for line in drawn(chart, "mark")] == ["40%", "100%"]


@pytest.mark.parametrize(
    ("now", "mark"),
    [
        pytest.param(None, "90.91%", id="before it is measured"),
        pytest.param(1, "90.91%", id="on the way"),
        pytest.param(30, "66.67%", id="beyond"),
    ],
)
def test_every_objective_marks_its_target(now, mark):
    chart = charts.progress_to_target("Posts", now=now, target=20)

    assert [line["x1"] for line in drawn(chart, "mark")] == [mark]


def test_a_percent_in_a_day_or_a_unit_is_only_text():
    chart = charts.progress_to_target("t", now=1, target=2, unit=" %", due="%(target)s")

    assert "target 2 % by %(target)s" in chart


def test_histogram_draws_counts_to_scale_and_shows_one_of_thousands():
    chart = charts.histogram("Fit", [("0 – ½", 1), ("½", 0), ("½ – 1", 2000)], ["0", "1"])

    bars = drawn(chart, "fill")
    assert [(bar["x"], bar["y"], bar["height"]) for bar in bars] == [
        ("0%", "70", "2"), ("66.67%", "0.0", "72.0"),
    ]  # fmt: skip
    assert read(chart).rows == [["From – to", "Number"], ["0 – ½", "1"], ["½ – 1", "2,000"]]


def test_two_histograms_of_the_same_most_can_be_compared():
    one, other = (charts.histogram("Fit", [("a", count)], [], most=40) for count in (40, 10))

    assert [bar["height"] for bar in drawn(one, "fill")] == ["72.0"]
    assert [bar["height"] for bar in drawn(other, "fill")] == ["18.0"]


def test_rhythm_leaves_a_gap_where_nothing_is_known():
    chart = charts.rhythm("Held", [("1", 50), ("2", None), ("3", 100)], unit=" %")

    assert [(mark["height"], mark["y"]) for mark in drawn(chart, "fill")] == [
        ("28.0", "28.0"),
        ("56.0", "0.0"),
    ]
    assert read(chart).rows[1:] == [["1", "50 %"], ["2", "–"], ["3", "100 %"]]
    assert "<span>50</span><span>–</span><span>100</span>" in chart


def test_widths_never_leave_the_drawing():
    found = re.findall(
        r'width="(-?[\d.]+)%"', charts.bars("t", [Bar("a", 9), Bar("b", -4)], out_of=3)
    )

    assert {float(width) for width in found} == {0.0, 100.0}
