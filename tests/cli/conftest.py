"""Two small spreadsheets, and the command that pairs them in a folder of its own."""

from pathlib import Path

import pytest

from contraflow.cli import main

LEADERS = (
    "email,name,topics,languages,grade\nbela@x.org,Béla,ai:3,en,9\nkim@x.org,Kim,video:2,en,9\n"
)
MENTORS = "email,name,topics,languages,grade\nama@x.org,Ama,ai:4,en,3\nben@x.org,Ben,video:3,en,3\n"


@pytest.fixture
def pair(tmp_path, monkeypatch, capsys):
    """Return a way to run the command in a folder of its own: (code, output, errors)."""
    monkeypatch.chdir(tmp_path)

    def run(leaders=LEADERS, mentors=MENTORS, *options):
        for name, text in (("leaders.csv", leaders), ("mentors.csv", mentors)):
            data = text if isinstance(text, bytes) else text.encode()
            Path(name).write_bytes(data)
        code = main(["pair", "leaders.csv", "mentors.csv", "--out", "pairs.csv", *options])
        return code, *capsys.readouterr()

    return run
