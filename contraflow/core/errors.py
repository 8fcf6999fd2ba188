"""The one exception that people are meant to see."""


class Refusal(Exception):
    """The request was understood and allowed, but the state of things says no.

    The message is for people, already translated; RefusalMiddleware shows it.
    """


def refuse_if(reason: str | None) -> None:
    """Refuse with the answer of a `why_not_…`, where there is one."""
    if reason:
        raise Refusal(reason)
