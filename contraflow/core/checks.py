"""What must hold of the database before anything is served."""

from pathlib import Path

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import connection

from contraflow.core.models import Installation
from contraflow.core.sealing import (
    SealingError,
    installation_key,
    key_fingerprint,
    opens_here,
    previous_key,
)


@register(Tags.database)
def key_is_of_this_installation(app_configs=None, databases=None, **kwargs) -> list[Error]:
    """Refuse another key than the one the installation was set up with, or has sealed with."""
    if not databases or Installation._meta.db_table not in connection.introspection.table_names():
        return []
    expected, (found, *previous) = Installation.current().key_fingerprint, _fingerprints_here()
    if expected in {"", found, *previous}:
        if opens_here():
            return []
        expected = "another key"
    return [
        Error(
            f"The sealing key is {found}, but this installation was set up with {expected}.",
            hint="Put the backup of the key back: CONTRAFLOW_SEALING_KEY, or the file "
            f"{settings.SEALING_KEY_PATH}.",
            id="contraflow.E002",
        )
    ]


def _fingerprints_here() -> list[str]:
    """Return that of the key, and of the one before it while keys are being changed."""
    # asking for a key that is not there would make another one
    if not settings.SEALING_KEY and not Path(settings.SEALING_KEY_PATH).exists():
        return ["missing"]
    try:
        keys = [installation_key(), previous_key()]
    except SealingError:
        return ["unreadable"]
    return [key_fingerprint(key) for key in keys if key]
