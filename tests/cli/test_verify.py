import json
import subprocess
import sys
from pathlib import Path

import pytest

from contraflow.cli import main


@pytest.fixture
def reports(tmp_path, monkeypatch, capsys):
    """Write a page and a certificate of the sample people into a folder of its own."""
    monkeypatch.chdir(tmp_path)
    main(["pair", "--sample", "."])
    files = ["leaders.csv", "mentors.csv", "--out", "pairs.csv"]
    asked = ["--report", "report.html", "--certificate", "proof.json", "--depth", "2"]
    assert main(["pair", *files, *asked, "--one-each-first", "--share-of-best", "0.4"]) == 0
    assert "serves the least-served pairs better" in capsys.readouterr().out
    return tmp_path


@pytest.mark.parametrize("name", ["report.html", "proof.json"])
def test_a_right_report_says_what_it_proves(reports, capsys, name):
    assert main(["verify", name]) == 0

    output = capsys.readouterr().out
    assert output.startswith(f"{name}: right.\n11 pairs of 12 mentors and 10 leaders;")
    assert "none gives more people a partner; none lifts the lowest fits (0." in output


def test_a_report_of_the_total_speaks_of_the_total_alone(reports, capsys):
    files = ["leaders.csv", "mentors.csv", "--out", "p.csv", "--certificate", "total.json"]
    main(["pair", *files, "--objective", "total"])
    capsys.readouterr()

    assert main(["verify", "total.json"]) == 0

    words = "Proven: no pairing has more pairs; none that does as well in all that totals more.\n"
    assert capsys.readouterr().out.endswith(words)


def test_a_report_with_a_better_figure_than_its_pairs_have_is_wrong(reports, capsys):
    report = json.loads(Path("proof.json").read_text())
    report["score"] += 1
    Path("proof.json").write_text(json.dumps(report))

    assert main(["verify", "proof.json"]) == 1

    errors = capsys.readouterr().err
    assert errors.startswith("proof.json: not what it says it is.\n- ")
    assert "- The score is not the sum of the pairs.\n" in errors


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(None, "No such file", id="no file"),
        pytest.param(b"\x89PNG\xff", "neither an HTML page nor a JSON file", id="a picture"),
        pytest.param(b"<html></html>", "The page holds no proof", id="another page"),
        pytest.param(b'{"format": 1,\n oops}', "Line 2, column 2", id="broken JSON"),
        pytest.param(b"[]", "not an object", id="another JSON"),
        pytest.param(b"[" * 100_000, "cannot be checked", id="nested without end"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path, capsys, content, words):
    path = tmp_path / "report"
    if content is not None:
        path.write_bytes(content)

    assert main(["verify", str(path)]) == 2

    assert words in capsys.readouterr().err


def test_verifying_loads_no_django(reports):
    script = (
        "import sys; from contraflow.cli import main; main(['verify', 'proof.json']);"
        "sys.exit('django' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
