"""The demonstration keeps away from folders that are not its own."""

import argparse

import pytest

from contraflow.cli import demo


@pytest.mark.parametrize("fresh", [False, True])
def test_the_folder_of_a_real_installation_is_left_alone(tmp_path, monkeypatch, capsys, fresh):
    key = tmp_path / "sealing_key"
    key.write_text("the only copy")
    monkeypatch.setenv("CONTRAFLOW_DATA_DIR", str(tmp_path))

    options = argparse.Namespace(host="127.0.0.1", port=0, fresh=fresh)

    assert demo.run(options) == 1
    assert "holds something that is not a demonstration" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["sealing_key"]
    assert key.read_text() == "the only copy"


def test_a_new_an_empty_and_its_own_folder_are_taken(tmp_path):
    own = tmp_path / "own"
    own.mkdir()
    (own / "contraflow.sqlite3").touch()
    (own / "this-is-the-demonstration").touch()
    (tmp_path / "empty").mkdir()

    assert [demo.why_not_here(tmp_path / name) for name in ("new", "empty", "own")] == [None] * 3
