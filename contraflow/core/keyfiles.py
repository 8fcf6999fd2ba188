"""Secrets in files: made once, whole at the first moment anybody can see them."""

import contextlib
import os
import tempfile
from pathlib import Path


def private_folder(path: Path) -> None:
    """Make a folder that no other user of the machine may look into; leave one that is there."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)


def write_once(path: Path, text: str) -> None:
    """Write a file only its owner can read; leave alone one that is there already.

    Of several processes that start together, one makes the file and the others find it; none
    finds it half written, as it gets its name when it is complete, and on disk: a power cut must
    not take away a key that has sealed something.
    """
    private_folder(path.parent)
    # a temporary file is private to its owner from the start
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another process was first
            os.link(draft, path)
    finally:
        os.unlink(draft)
