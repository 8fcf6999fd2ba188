"""Hold the texts and figures that ship: templates, defaults, training, instruments.

Data, not code. `read` gives a file as it stands, `schema` gives it checked and typed.
"""

from copy import deepcopy
from functools import cache
from importlib import resources
from typing import Any

import yaml


def read(name: str) -> Any:
    """Return the content of `<name>.yaml` as the caller's own copy.

    >>> read("defaults")["defaults"]["programme"]["sessions"]
    7
    """
    return deepcopy(_parsed(name))


@cache
def _parsed(name: str) -> Any:
    source = resources.files(__name__).joinpath(f"{name}.yaml")
    return yaml.safe_load(source.read_text(encoding="utf-8"))
