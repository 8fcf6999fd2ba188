"""What the two of a pair are told by mail and below the bell, by noun."""

from contraflow.pairs.mails.agreements import tell_of_change, tell_of_signature
from contraflow.pairs.mails.closings import (
    CLOSING_AGREED,
    CLOSING_NOT_YET,
    CLOSING_READY,
    CLOSING_SUGGESTED,
    forget_closing,
    tell_of_closing,
)
from contraflow.pairs.mails.dates import (
    LINK,
    PARTNER,
    hears,
    in_words,
    send_cancellation,
    send_decline,
    send_invitations,
    send_leaving,
    send_move,
    send_naming,
    send_staying,
)
from contraflow.pairs.mails.endings import (
    forget_leaving,
    next_full_hour,
    ring_for_end,
    send_ending,
    send_hold,
    take_ending_back,
)
from contraflow.pairs.mails.followups import ask_mentor, pass_answer_on
from contraflow.pairs.mails.keeping import remind_of_copy

__all__ = [
    "CLOSING_AGREED",
    "CLOSING_NOT_YET",
    "CLOSING_READY",
    "CLOSING_SUGGESTED",
    "LINK",
    "PARTNER",
    "ask_mentor",
    "forget_closing",
    "forget_leaving",
    "hears",
    "in_words",
    "next_full_hour",
    "pass_answer_on",
    "remind_of_copy",
    "ring_for_end",
    "send_cancellation",
    "send_decline",
    "send_ending",
    "send_hold",
    "send_invitations",
    "send_leaving",
    "send_move",
    "send_naming",
    "send_staying",
    "take_ending_back",
    "tell_of_change",
    "tell_of_closing",
    "tell_of_signature",
]
