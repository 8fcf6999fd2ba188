"""What can be done to a pair, its sessions and its diary, by noun."""

from contraflow.pairs.actions.answers import take_reply
from contraflow.pairs.actions.diaries import (
    connect_calendar,
    disconnect_calendar,
    name_assistant,
    read_again,
    remove_assistant,
)
from contraflow.pairs.actions.gates import open_gate
from contraflow.pairs.actions.pairs import (
    Couple,
    book_session,
    cancel_session,
    end_pair,
    lock_pair,
    lock_session,
    make_feed,
    move_session,
    record_held,
    record_missed,
    resume_pair,
    revoke_feed,
    start_pair,
    start_pairs,
    undo_record,
    write_learned,
)
from contraflow.pairs.actions.rests import (
    add_shutdown,
    end_absence,
    end_pause,
    end_shutdown,
    pause_pair,
    state_absence,
)
from contraflow.pairs.actions.series import book_series, undo_series

__all__ = [
    "Couple",
    "add_shutdown",
    "book_series",
    "book_session",
    "cancel_session",
    "connect_calendar",
    "disconnect_calendar",
    "end_absence",
    "end_pair",
    "end_pause",
    "end_shutdown",
    "lock_pair",
    "lock_session",
    "make_feed",
    "move_session",
    "name_assistant",
    "open_gate",
    "pause_pair",
    "read_again",
    "record_held",
    "record_missed",
    "remove_assistant",
    "resume_pair",
    "revoke_feed",
    "start_pair",
    "start_pairs",
    "state_absence",
    "take_reply",
    "undo_record",
    "undo_series",
    "write_learned",
]
