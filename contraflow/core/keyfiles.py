"""Secrets in files: made once, whole at the first moment anybody can see them."""

import contextlib
import os
import tempfile
from pathlib import Path


def write_once(path: Path, text: str) -> None:
    """Write a file only its owner can read; leave alone one that is there already.

    Of several processes that start together, one makes the file and the others find it; none
    finds it half written, as it gets its name when it is complete.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # a temporary file is private to its owner from the start
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
        with contextlib.suppress(FileExistsError):  # another process was first
            os.link(draft, path)
    finally:
        os.unlink(draft)
