"""A stretch of time in which nobody is told anything."""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

_held_back: ContextVar[bool] = ContextVar("held_back", default=False)


@contextlib.contextmanager
def no_mail() -> Iterator[None]:
    """Write no mails and notices inside: for the past that the demonstration lives through."""
    token = _held_back.set(True)
    try:
        yield
    finally:
        _held_back.reset(token)


def is_held_back() -> bool:
    """Tell whether mails are not written at present, so that nobody prepares one in vain."""
    return _held_back.get()
