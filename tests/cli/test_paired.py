"""What the summary and the report say about a pairing."""

from pathlib import Path

import pytest

from tests.cli.conftest import LEADERS, MENTORS


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        (
            [],
            "Some leaders have several partners while others have none; "
            "--one-each-first gives one more person a partner, in as many pairs.",
        ),
        (["--one-each-first"], None),
    ],
    ids=["as many pairs as possible", "one each first"],
)
def test_a_second_partner_before_a_first_is_told_with_the_option_against_it(pair, options, hint):
    vetoes = "ben,Ben,ai:4; video:3,1,lea\n"
    mentors = "email,name,topics,capacity,vetoes\nama,Ama,ai:4,1,\n" + vetoes
    leaders = "email,name,topics,capacity\nbela,Béla,ai:3,2\nlea,Lea,video:2,1\n"

    _, output, _ = pair(leaders, mentors, "--report", "r.html", *options)

    assert "2 pairs" in output
    report = Path("r.html").read_text("utf-8")
    if hint:
        assert hint in output
        assert f"<p>{hint}</p>" in report
    else:
        assert "2 of 2 leaders with 2 of 2 mentors." in output
        assert "--one-each-first" not in output + report


def test_an_option_that_would_not_help_is_not_praised(pair):
    # Béla has both mentors who speak German; the other two speak English with Cat alone
    leaders = "email,languages,capacity\nbela,de,2\nkim,en,1\nlea,en,1\n"
    mentors = "email,languages\nama,de\nben,de\ncat,en\n"

    _, output, _ = pair(leaders, mentors)

    assert "3 pairs: 2 of 3 leaders with 3 of 3 mentors" in output
    assert (
        "Some leaders have several partners while others have none; "
        "--one-each-first would change nothing about that." in output
    )


def test_files_in_the_wrong_order_are_suspected(pair):
    hint = (
        "The leaders in leaders.csv have lower grades than the mentors in mentors.csv. "
        "Are the two files swapped? The leaders' comes first."
    )

    _, swapped, _ = pair(MENTORS, LEADERS, "--report", "r.html")
    assert hint in swapped
    assert hint.replace("'", "&#x27;") in Path("r.html").read_text("utf-8")

    _, right, _ = pair(LEADERS, MENTORS)
    assert "swapped" not in right

    _, meant, _ = pair(MENTORS, LEADERS, "--rules", "minimum_grade_gap=off")
    assert "swapped" not in meant


def test_who_is_left_over_reads_why(pair):
    _, output, _ = pair(LEADERS, MENTORS + "eve@x.org,Eve,ai:1,en,3\n")

    assert "No partner: Eve (mentor). Every leader they could have is taken by others." in output
