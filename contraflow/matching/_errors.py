class MatchingError(Exception):
    """Anything the engine raises on purpose."""


class MatchingInputError(MatchingError, ValueError):
    """The input breaks the documented contract; the message says what would be right."""
