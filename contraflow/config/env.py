"""Read settings from the environment; every name is listed in docs/run/settings.md."""

import ipaddress
import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def env_text(name: str, default: str = "") -> str:
    """Return `CONTRAFLOW_<name>`, or the content of the file `CONTRAFLOW_<name>_FILE` names."""
    key = f"CONTRAFLOW_{name}"
    if path := os.environ.get(f"{key}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{key}_FILE: cannot read {path}: {error}.") from error
    return os.environ.get(key, default)


def env_flag(name: str, default: bool) -> bool:
    """Return a yes/no setting, or say which words are understood."""
    value = env_text(name, str(default)).strip().lower()
    if value not in _TRUE | _FALSE:
        raise ImproperlyConfigured(f"CONTRAFLOW_{name} must be yes or no, not {value!r}.")
    return value in _TRUE


def env_number(name: str, default: int) -> int:
    """Return a whole number, or say what was found instead."""
    value = env_text(name, str(default))
    try:
        return int(value)
    except ValueError as error:
        message = f"CONTRAFLOW_{name} must be a whole number, not {value!r}."
        raise ImproperlyConfigured(message) from error


def env_networks(name: str) -> list[str]:
    """Return networks like 10.1.0.0/16, separated by commas, or say which one is none."""
    found = [each.strip() for each in env_text(name).split(",") if each.strip()]
    for each in found:
        try:
            ipaddress.ip_network(each)
        except ValueError as error:
            message = f"CONTRAFLOW_{name}: {each!r} is not a network like 10.1.0.0/16."
            raise ImproperlyConfigured(message) from error
    return found
