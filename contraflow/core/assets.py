"""Static files straight from the package, each address with a mark of its content.

Nothing has to be collected before a server starts, and after an upgrade every browser asks for
the new file at once. Why not Django's hashed copies: docs/decisions/0005-static-files.md.
"""

from functools import cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage


class MarkedStaticFiles(StaticFilesStorage):
    """Add `?v=` and eight digits of the content's hash to every address."""

    def url(self, name):
        """Return the address of a static file; a name that no room has is a bug."""
        mark = _mark_of.__wrapped__ if settings.DEBUG else _mark_of
        return f"{super().url(name)}?v={mark(name)}"


@cache
def _mark_of(name: str) -> str:
    path = finders.find(name)
    if path is None:
        raise FileNotFoundError(f"No room has the static file {name!r}.")
    return sha256(Path(path).read_bytes()).hexdigest()[:8]
