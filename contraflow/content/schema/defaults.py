"""Shape `defaults.yaml`, the one place of every default."""

from functools import cache
from typing import Literal

from pydantic import Field, model_validator

from contraflow.content.schema.base import Count, Key, ModuleId, Share, Strict, Text, load


class ProgrammeDefaults(Strict):
    """Set the rhythm of a programme without a template."""

    length_weeks: Count
    sessions: Count
    session_minutes: Count
    cadence_days: Count
    first_session_within_days: Count
    second_session_within_days: Count


class Weights(Strict):
    """Weigh the five parts of a score; together they make 100."""

    skills: float
    interests: float
    logistics: float
    personality: float
    distance: float

    @model_validator(mode="after")
    def _make_100(self) -> "Weights":
        if sum(self.model_dump().values()) != 100:
            raise ValueError("the weights sum to 100")
        return self


class WeightsMean(Strict):
    """Explain each weight in words."""

    skills: Text
    interests: Text
    logistics: Text
    personality: Text
    distance: Text


class Publish(Strict):
    """Say how a pairing becomes known to the two people."""

    mode: Literal["direct", "both_accept"]
    other_mode: Literal["direct", "both_accept"]
    accept_within_days: Count
    decline_without_reason: bool


class PairingDefaults(Strict):
    """Set rules, aims and weights of the pairing."""

    hard_rules: tuple[Key, ...]
    objective: tuple[Key, ...]
    weights: Weights
    weights_mean: WeightsMean
    wish_bonus_per_side: float
    inertia: float
    never_used: tuple[Key, ...]
    identity_rule: Text
    personality_items: Text
    publish: Publish
    human_approval: bool
    explain_match: bool
    standby_partners_share: Share
    leader_capacity: Count
    mentor_capacity: Count
    shapes: tuple[Text, ...]


class GateByRole(Strict):
    """List the modules that each role has done by a moment."""

    mentor: tuple[ModuleId, ...]
    leader: tuple[ModuleId, ...]


class GateForAll(Strict):
    """List the modules that everybody has done by a moment."""

    all: tuple[ModuleId, ...]


class TrainingGate(Strict):
    """Open what follows when the short modules are done."""

    before_session_2: GateByRole
    by_mid_programme: GateByRole
    before_close: GateForAll


class MentorCircles(Strict):
    """Set the meetings of mentors among themselves."""

    count: Count
    minimum_attended: Count
    minutes: Count
    facilitator: Key


class PauseAndExit(Strict):
    """Say how anyone stops."""

    no_fault: bool
    reason_optional: bool
    immediate: bool
    told_at_hour: int = Field(ge=0, le=23)
    suggest_close_again_after_days: Count
    mentor_asked_after_days: tuple[Count, ...]
    standby_offer_within_working_days: Count


class PrivacyDefaults(Strict):
    """Set the smallest groups shown and how long pair words live."""

    k_general: Count
    k_sensitive: Count
    k_free_text: Count
    pair_words_deleted_days_after_close: Count
    # the first reminder to take a copy, and the last; nothing is deleted before the last one is out
    pair_words_reminders_days_before: tuple[Count, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _come_in_order(self) -> "PrivacyDefaults":
        days = self.pair_words_reminders_days_before
        if list(days) != sorted(set(days), reverse=True):
            raise ValueError("reminders come one after the other, the earliest first")
        if days[0] >= self.pair_words_deleted_days_after_close:
            raise ValueError("a reminder comes after the end of a pair")
        return self


class AgendaShares(Strict):
    """Divide a session's length; the six shares make the whole."""

    arrive: Share
    look_back_at_commitment: Share
    activity: Share
    what_i_heard: Share
    next_step: Share
    left_open: Share

    @model_validator(mode="after")
    def _make_the_whole(self) -> "AgendaShares":
        if abs(sum(self.model_dump().values()) - 1) > 1e-9:
            raise ValueError("the shares sum to 1")
        return self


class CheckInDefaults(Strict):
    """Say which questions are asked when."""

    after_each_session: Text
    after_session_2_and_mid_and_end: tuple[Key, ...]
    mentor_also: tuple[Key, ...]


class SponsorDefaults(Strict):
    """Say when a sponsor's words are due, and how rarely a leader hears a personal one."""

    opening_words_weeks_after_start: Count
    closing_words_days_before_end: Count
    closing_words_days_after_end: Count
    personal_word_after_days: Count
    personal_word_weeks_between: Count


class Defaults(Strict):
    """Hold every default of the product in one place."""

    programme: ProgrammeDefaults
    pairing: PairingDefaults
    training_gate: TrainingGate
    mentor_circles: MentorCircles
    scheduling_owner: Literal["leader", "mentor"]
    meeting_place: Text
    reply_expected_hours: Count
    pause_and_exit: PauseAndExit
    privacy: PrivacyDefaults
    agenda_shares: AgendaShares
    check_in: CheckInDefaults
    sponsor: SponsorDefaults


class DefaultsFile(Strict):
    """Wrap the defaults under the file's one key."""

    defaults: Defaults


@cache
def load_defaults() -> Defaults:
    """Return the one place of every default."""
    return load("defaults", DefaultsFile).defaults
