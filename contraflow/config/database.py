"""Turn CONTRAFLOW_DATABASE_URL into Django's DATABASES entry."""

from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from contraflow.core.keyfiles import private_folder

# WAL lets readers go on while one writes; NORMAL is safe with WAL; 128 MB mmap and 20 MB cache
# keep the main lists in memory on a laptop. What is deleted is overwritten: a destroyed key
# must not be found in the file.
_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA mmap_size=134217728;"
    "PRAGMA journal_size_limit=27103364;PRAGMA cache_size=-20000;PRAGMA secure_delete=ON;"
)


def database_from_url(url: str) -> dict:
    """Return the settings of `sqlite:///PATH` or `postgresql://USER:PASSWORD@HOST:PORT/NAME`."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return _sqlite(unquote(parts.path)[1:])
    if parts.scheme in {"postgres", "postgresql"}:
        return _postgresql(parts)
    raise ImproperlyConfigured(
        "CONTRAFLOW_DATABASE_URL must start with sqlite:/// or postgresql://, "
        f"not {parts.scheme or 'nothing'!r}."
    )


def _sqlite(name: str) -> dict:
    private_folder(Path(name).expanduser().parent)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(Path(name).expanduser()),
        # IMMEDIATE takes the write lock at BEGIN: read-then-write transactions wait instead of
        # failing (docs/decisions/0003). ATOMIC_REQUESTS would make every GET wait, so it stays off.
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": _SQLITE_PRAGMAS,
        },
        "CONN_MAX_AGE": None,
    }


def _postgresql(parts) -> dict:
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        # a socket folder is given as ?host=/run/postgresql
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }
