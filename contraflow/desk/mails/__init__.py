"""What is told from the desk, by mail and below the bell."""

from contraflow.desk.mails.pairs import (
    has_digest,
    once,
    send_digest,
    send_hand_over,
    send_message,
    send_no_lead,
    send_programme_handed_over,
    send_step,
    send_test,
    week_of,
)
from contraflow.desk.mails.sponsors import (
    send_personal_word,
    send_speech,
    send_sponsor_reminder,
)

__all__ = [
    "has_digest",
    "once",
    "send_digest",
    "send_hand_over",
    "send_message",
    "send_no_lead",
    "send_personal_word",
    "send_programme_handed_over",
    "send_speech",
    "send_sponsor_reminder",
    "send_step",
    "send_test",
    "week_of",
]
