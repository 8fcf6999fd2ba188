import csv
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest

from contraflow.cli import as_called, main, pair_report
from contraflow.cli import pair as pair_command
from contraflow.cli.pair import _weights
from contraflow.content import read
from contraflow.matching import MatchingError, Rules, Verdict, Weights
from tests.cli.conftest import LEADERS, MENTORS


def pairs(path="pairs.csv"):
    with open(path, encoding="utf-8", newline="") as stream:
        return [(row["leader"], row["mentor"]) for row in csv.DictReader(stream)]


def test_two_spreadsheets_are_paired_with_proof(pair):
    code, output, _ = pair()

    assert code == 0
    assert pairs() == [("bela@x.org", "ama@x.org"), ("kim@x.org", "ben@x.org")]
    assert "2 pairs: 2 of 2 leaders with 2 of 2 mentors." in output
    assert (
        "Proven best: no pairing has more pairs; none that does as well so far serves the "
        "least-served pair better; none that does all this has a larger total." in output
    )
    assert "Not checked, no column for it: pairs in one reporting line." in output
    assert "Wrote pairs.csv." in output


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_any_common_encoding_and_semicolons_are_read(pair, encoding):
    code, _, _ = pair(LEADERS.replace(",", ";").encode(encoding))

    assert code == 0
    assert "bela@x.org,Béla,ama@x.org,Ama" in Path("pairs.csv").read_text("utf-8")


@pytest.mark.parametrize(
    ("called", "shown"),
    [
        (".venv/bin/contraflow", ".venv/bin/contraflow"),
        ("/usr/bin/contraflow", "/usr/bin/contraflow"),
        ("/somewhere/contraflow/__main__.py", "python -m contraflow"),
    ],
)
def test_the_line_to_copy_calls_the_command_as_it_was_called(
    tmp_path, monkeypatch, capsys, called, shown
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", [called])
    monkeypatch.setenv("PATH", str(tmp_path))

    main(["pair", "--sample", "."])

    assert (
        f"{shown} pair leaders.csv mentors.csv --out pairs.csv --report report.html"
        in capsys.readouterr().out
    )


def test_a_command_on_the_path_is_called_by_its_name(tmp_path, monkeypatch):
    command = tmp_path / "contraflow"
    command.write_text("")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.argv", [str(command)])

    assert as_called() == "contraflow"


def test_same_files_same_pairs(pair):
    pair()
    first = Path("pairs.csv").read_bytes()
    pair()

    assert Path("pairs.csv").read_bytes() == first


def test_the_samples_are_paired_whole_and_reported(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    assert main(["pair", "--sample", "."]) == 0
    arguments = ["leaders.csv", "mentors.csv", "--out", "p.csv", "--report", "r.html"]
    assert main(["pair", *arguments, "--week-of", "2026-01-14"]) == 0

    output = capsys.readouterr().out
    assert (
        "11 pairs: 10 of 10 leaders with 10 of 12 mentors; some are in more than one pair."
        in output
    )
    report = Path("r.html").read_text("utf-8")
    for leader, mentor in pairs("p.csv"):
        assert leader not in report
        assert mentor not in report
    assert "Amélie Dufour" in report
    assert "Optimal" in report
    for outside in ("http://", "https://", "src=", "url("):
        assert outside not in report
    assert report.count("<script") == report.count('<script type="application/json"') == 1


@pytest.mark.parametrize(
    ("solved_again", "words"),
    [
        (400_000, ["Next best for this leader", "it would cost all pairs together 0.02."]),
        (0, ["it would cost all pairs together at least 0.00.", "lower than anybody has now."]),
    ],
    ids=["exact while it is quick", "a bound in large cohorts"],
)
def test_the_report_names_the_next_best_and_its_cost(tmp_path, monkeypatch, solved_again, words):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pair_report, "SOLVED_AGAIN", solved_again)
    main(["pair", "--sample", "."])
    arguments = ["leaders.csv", "mentors.csv", "--out", "p.csv", "--report", "r.html"]

    assert main(["pair", *arguments, "--week-of", "2026-01-14"]) == 0

    report = Path("r.html").read_text("utf-8")
    for each in words:
        assert each in report


def test_the_report_says_where_there_is_no_choice(pair):
    pair(LEADERS, MENTORS.replace("ben@x.org,Ben,video:3,en,3\n", ""), "--report", "r.html")
    assert "Nobody else is possible for this leader." in Path("r.html").read_text("utf-8")

    mentors = MENTORS.replace("Ama,ai:4,en", "Ama,ai:4,en;de")
    pair(LEADERS.replace("Kim,video:2,en", "Kim,video:2,de"), mentors, "--report", "r.html")
    assert "then the number of pairs would fall by 1." in Path("r.html").read_text("utf-8")


def test_samples_into_a_place_that_is_no_folder_are_refused(tmp_path, capsys):
    there = tmp_path / "file"
    there.write_text("")

    assert main(["pair", "--sample", str(there / "below")]) == 2

    assert "Not a directory" in capsys.readouterr().err


def test_samples_overwrite_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("leaders.csv").write_text("mine")

    assert main(["pair", "--sample", "."]) == 2

    assert Path("leaders.csv").read_text() == "mine"
    assert not Path("mentors.csv").exists()
    assert "leaders.csv is there already" in capsys.readouterr().err


def leaders(**cells):
    columns = {"email": "bela@x.org", "grade": "9", "languages": "en", **cells}
    return ",".join(columns) + "\n" + ",".join(columns.values()) + "\n"


@pytest.mark.parametrize(
    ("leaders", "message"),
    [
        ("", "leaders.csv: The file is empty."),
        ("name\nBéla\n", "leaders.csv, line 1: The first line names no column email or id."),
        ("email,e-mail\na,b\n", "leaders.csv, line 1, column email: This column occurs twice."),
        ("email,name\n", "leaders.csv: The file names its columns but nobody below them."),
        ("email,name\n,Béla\n", "leaders.csv, line 2: Nobody is named here."),
        ("email,name\na,b,c\n", "leaders.csv, line 2: More cells than columns."),
        ("email\na@x\nA@x\n", 'leaders.csv, line 3: "a@x" is on line 2 already.'),
        (leaders(topics="ai:9"), "leaders.csv, line 2, column topics: "),
        (leaders(hours="noon"), "leaders.csv, line 2, column hours: "),
        (leaders(grade="high"), "leaders.csv, line 2, column grade: "),
        (leaders(intellect="9"), "leaders.csv, line 2, column intellect: "),
        (leaders(vetoes="eve@x.org"), 'column vetoes: "eve@x.org" is in neither file.'),
        (leaders(wishes="eve@x.org"), 'column wishes: "eve@x.org" is in neither file.'),
        (leaders(manager="bela@x.org"), "column manager: This person is their own manager"),
        ("email,manager\na,b\nb,a\n", "line 3, column manager: This person is their own manager"),
        (b"PK\x03\x04", "leaders.csv: This is a workbook"),
    ],
)
def test_bad_input_names_place_and_cure_and_writes_nothing(pair, leaders, message):
    code, output, errors = pair(leaders)

    assert code == 2
    assert message in errors
    assert "Nothing was written." in errors
    assert output == ""
    assert not Path("pairs.csv").exists()


def test_every_fault_is_named_at_once_up_to_a_page(pair):
    code, _, errors = pair("email,grade\n" + "".join(f"p{i},x\n" for i in range(40)))

    assert code == 2
    assert errors.count("no whole number") == 30
    assert "... and 10 more." in errors


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--weights", "skill=3"], '--weights: "skill=3" is not NAME=VALUE'),
        (["--weights", "skills=much"], '--weights: "much" is no number.'),
        (["--weights", "skills=-1"], "Weight skills must be"),
        (["--rules", "different_team=perhaps"], "different_team is on or off"),
        (["--rules", "minimum_grade_gap=x"], '"x" is no value for minimum_grade_gap'),
        (["--rules", "floor=low"], '"low" is no value for floor'),
        (["--rules", "gap=1"], '--rules: "gap=1" is not NAME=VALUE'),
        (["--floor", "2"], "floor must be from 0 to 1"),
        (["--report", "missing/r.html"], "There is no folder missing to write into."),
    ],
)
def test_bad_options_are_refused_and_nothing_is_written(pair, options, message):
    code, _, errors = pair(LEADERS, MENTORS, *options)

    assert code == 2
    assert message in errors
    assert not Path("pairs.csv").exists()


def test_a_file_that_is_not_there_is_named(tmp_path, capsys):
    missing = tmp_path / "none.csv"

    assert main(["pair", str(missing), str(missing), "--out", str(tmp_path / "p.csv")]) == 2

    assert f"{missing}: No such file or directory." in capsys.readouterr().err


@pytest.mark.parametrize(
    "outputs",
    [["--out", "leaders.csv"], ["--report", "./mentors.csv"], ["--report", "pairs.csv"]],
    ids=["the leaders", "the mentors", "both outputs one"],
)
def test_no_file_is_written_over_another(pair, outputs):
    code, _, errors = pair(LEADERS, MENTORS, *outputs)

    assert code == 2
    assert "a file of its own" in errors
    assert Path("leaders.csv").read_text("utf-8") == LEADERS
    assert Path("mentors.csv").read_text("utf-8") == MENTORS


def test_what_is_missing_on_the_command_line_is_asked_for(capsys):
    assert main(["pair"]) == 2

    assert "--sample DIR" in capsys.readouterr().err


def test_rules_and_weights_can_be_changed(pair):
    code, _, _ = pair(
        LEADERS.replace(",9", ",4"),
        MENTORS,
        *("--rules", "minimum_grade_gap=1,reporting_line_levels=any,closed_topics=off,floor=0.1"),
        *("--weights", "skills=90, interests=0", "--objective", "total"),
    )

    assert code == 0
    assert len(pairs()) == 2


def test_a_rule_can_be_turned_off(pair):
    code, _, _ = pair(LEADERS.replace(",9", ",1"), MENTORS, "--rules", "minimum_grade_gap=off")

    assert code == 0
    assert len(pairs()) == 2


def test_a_pairing_that_fails_its_own_check_is_not_written(pair, monkeypatch):
    monkeypatch.setattr(pair_command, "verify", lambda *_: Verdict(("Altered.",)))

    with pytest.raises(MatchingError, match="Altered"):
        pair()

    assert not Path("pairs.csv").exists()


def test_a_rule_that_leaves_people_out_is_named_with_what_would_help(pair):
    code, output, _ = pair(LEADERS.replace("Kim,video:2,en,9", "Kim,video:2,en,4"))

    assert code == 0
    assert pairs() == [("bela@x.org", "ama@x.org")]
    assert "No partner: Kim (leader). Nobody is possible: too near in grade (2)." in output
    assert "With minimum_grade_gap=1: 1 more." in output


def test_nobody_possible_is_an_answer(pair):
    code, output, _ = pair(LEADERS.replace(",en,", ",de,"), MENTORS, "--report", "r.html")

    assert code == 0
    assert pairs() == []
    assert "0 pairs" in output
    assert "No pair is possible." in Path("r.html").read_text("utf-8")


def test_a_private_reason_is_never_told(pair):
    mentors = MENTORS.replace("grade\n", "grade,vetoes\n").replace(
        "en,3\nben", "en,3,bela@x.org;kim@x.org\nben"
    )
    code, output, _ = pair(LEADERS, mentors, "--report", "r.html")

    assert code == 0
    assert "No partner: Ama (mentor). Nobody is possible: not possible." in output
    for text in (output, Path("r.html").read_text("utf-8"), Path("pairs.csv").read_text("utf-8")):
        assert "veto" not in text.lower()


def test_managers_are_followed_through_both_files(pair):
    leaders = "email,manager,grade,languages\nboss,,9,en\n"
    mentors = "email,manager,grade,languages\nama,ben,3,en\nben,boss,3,en\n"

    code, output, _ = pair(leaders, mentors)

    assert code == 0
    assert "Nobody is possible: in one reporting line (2)." in output


def test_people_with_one_manager_are_a_team_where_no_team_is_named(pair):
    leaders = "email,manager,grade,languages\nbela,cleo,9,en\n"
    mentors = "email,manager,grade,languages\nama,cleo,3,en\n"

    _, output, _ = pair(leaders, mentors)

    assert "Nobody is possible: of one team (1)." in output


def test_what_no_fit_could_look_at_is_named(pair):
    _, output, _ = pair(LEADERS.replace("video:2", '"video, film"'), MENTORS, "--report", "r.html")

    assert "Topics that no mentor names: video, film." in output
    assert "Not compared, not a column of both files: interests, hours." in output
    assert "<p>Topics that no mentor names: video, film.</p>" in Path("r.html").read_text("utf-8")

    _, output, _ = pair(LEADERS.replace("topics", "remarks"))

    assert "Not compared, not a column of both files: topics, interests, hours." in output
    assert "Topics that no mentor names" not in output


def test_one_pair_is_called_one_pair(pair):
    _, output, _ = pair(leaders(), leaders(email="ama@x.org", grade="3"))

    assert "1 pair: 1 of 1 leaders with 1 of 1 mentors." in output


def test_columns_not_used_are_named(pair):
    _, output, _ = pair(LEADERS.replace("email,name", "email,age"))

    assert "Columns not used: age." in output


def test_formulas_and_markup_in_names_do_no_harm(pair):
    _, _, _ = pair(
        LEADERS.replace("Béla", "=1+1"), MENTORS.replace("Ama", "<b>A"), "--report", "r.html"
    )

    assert "'=1+1" in Path("pairs.csv").read_text("utf-8")
    report = Path("r.html").read_text("utf-8")
    assert "&lt;b&gt;A" in report
    assert "<b>A" not in report


def test_neither_the_package_nor_the_command_imports_django(tmp_path):
    script = (
        "import sys\n"
        "import contraflow.matching\n"
        "assert 'scipy' not in sys.modules\n"
        "from contraflow.cli import main\n"
        "assert main(['pair', '--sample', '.']) == 0\n"
        "assert main(['pair', 'leaders.csv', 'mentors.csv', '--out', 'p.csv',"
        " '--report', 'r.html']) == 0\n"
        "print([name for name in sys.modules if name.split('.')[0] == 'django'])\n"
    )
    root = Path(__file__).parents[2]

    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.splitlines()[-1] == "[]"


def test_help_shows_a_whole_example(capsys):
    with pytest.raises(SystemExit) as left:
        main(["pair", "--help"])

    assert left.value.code == 0
    output = capsys.readouterr().out
    assert "contraflow pair leaders.csv mentors.csv --out pairs.csv --report report.html" in output
    assert "reporting_line_levels    a number of levels; any; off" in output


def test_weights_and_rules_of_the_engine_are_those_that_ship():
    shipped = read("defaults")["defaults"]["pairing"]

    assert _weights("") == Weights()
    assert vars(Weights()) == {
        **shipped["weights"],
        "wish_bonus_per_side": shipped["wish_bonus_per_side"],
        "inertia": shipped["inertia"],
    }
    assert set(shipped["hard_rules"]) == {
        "both_opted_in",
        f"no_reporting_line_up_to_{Rules().reporting_line_levels}_levels",
        "different_team",
        f"minimum_grade_gap_{Rules().minimum_grade_gap}",
        "mentor_not_in_leaders_promotion_or_pay_panel",
        "a_language_in_common",
        "no_veto_either_way",
        "topic_not_closed_by_mentor",
        "capacity_left",
    }
    switches = ("different_team", "same_panel", "common_language", "closed_topics")
    assert all(getattr(Rules(), name) for name in switches)
    assert shipped["objective"][1].startswith("least_served")
    assert not set(chain(shipped["never_used"])) & set(vars(Rules()))
