"""What the two of a pair are told by mail and below the bell, by noun."""

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
from contraflow.pairs.mails.keeping import remind_of_copy

__all__ = [
    "LINK",
    "PARTNER",
    "forget_leaving",
    "hears",
    "in_words",
    "next_full_hour",
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
]
