"""Everything a lead does from the desk, a sponsor says, and is computed for all, by noun."""

from contraflow.desk.actions.launch import (
    hand_programme_over,
    override_launch,
    tick_line,
    untick_line,
)
from contraflow.desk.actions.messages import send_digests, send_message, send_test, write_letters
from contraflow.desk.actions.pairs import (
    hand_over,
    lots,
    note_talk,
    plan_cover_talks,
    put_aside,
    recompute,
    take_up_again,
    tell_sponsors,
    undo_step,
    write_to_both,
)
from contraflow.desk.actions.sponsors import (
    deliver_speech,
    end_personal_word,
    give_personal_words,
    give_speech,
    learn_in_public,
    remind_sponsor,
    take_learning_back,
    undo_speech,
    write_personal_word,
)

__all__ = [
    "deliver_speech",
    "end_personal_word",
    "give_personal_words",
    "give_speech",
    "learn_in_public",
    "remind_sponsor",
    "take_learning_back",
    "undo_speech",
    "write_personal_word",
    "hand_over",
    "hand_programme_over",
    "override_launch",
    "send_digests",
    "tick_line",
    "untick_line",
    "lots",
    "note_talk",
    "plan_cover_talks",
    "put_aside",
    "recompute",
    "send_message",
    "send_test",
    "take_up_again",
    "tell_sponsors",
    "undo_step",
    "write_letters",
    "write_to_both",
]
