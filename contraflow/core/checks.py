"""What must hold of the database before anything is served."""

from pathlib import Path

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import connection

from contraflow.core.models import Installation
from contraflow.core.sealing import SealingError, key_fingerprint, opens_here


@register(Tags.database)
def key_is_of_this_installation(app_configs=None, databases=None, **kwargs) -> list[Error]:
    """Refuse another key than the one the installation was set up with, or has sealed with."""
    if not databases or Installation._meta.db_table not in connection.introspection.table_names():
        return []
    expected, found = Installation.current().key_fingerprint, _fingerprint_here()
    if expected in {"", found}:
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


def _fingerprint_here() -> str:
    # asking for a key that is not there would make another one
    if not settings.SEALING_KEY and not Path(settings.SEALING_KEY_PATH).exists():
        return "missing"
    try:
        return key_fingerprint()
    except SealingError:
        return "unreadable"
