"""The files of the repository, as git knows them, and of the package."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "contraflow"


@cache
def tracked() -> tuple[Path, ...]:
    """Return every file of the repository, with new ones that are not yet added."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True,
    ).stdout  # fmt: skip
    found = (ROOT / name for name in listed.decode().split("\0") if name)
    return tuple(sorted(path for path in found if path.is_file()))


def python_files() -> list[Path]:
    """Return the modules that people write: all but migrations."""
    return [path for path in tracked() if path.suffix == ".py" and "migrations" not in path.parts]


def texts() -> list[tuple[Path, str]]:
    """Return every file that is text, with its text."""
    found = []
    for path in tracked():
        content = path.read_bytes()
        if b"\0" not in content[:8000]:
            found.append((path, content.decode(errors="replace")))
    return found


def name(path: Path) -> str:
    """Return a file's name for a message: from the repository's root."""
    return str(path.relative_to(ROOT))
