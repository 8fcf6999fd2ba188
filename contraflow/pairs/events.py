"""What happens to pairs and their sessions, told to the rooms above."""

from dataclasses import dataclass

from contraflow.core.events import Event


@dataclass(frozen=True, kw_only=True)
class PairStarted(Event):
    """Two people begin to meet."""

    pair_id: int
    cohort_id: int


@dataclass(frozen=True, kw_only=True)
class PairEnded(Event):
    """Two people meet no longer."""

    pair_id: int
    cohort_id: int


@dataclass(frozen=True, kw_only=True)
class PairEndAsked(Event):
    """A lead asked for the end of a pair; of what the two ask for nothing is told or kept."""

    pair_id: int
    cohort_id: int


@dataclass(frozen=True, kw_only=True)
class PairEndTakenBack(Event):
    """A lead took back, before its hour, that a pair ends."""

    pair_id: int
    cohort_id: int


@dataclass(frozen=True, kw_only=True)
class PartnerSought(Event):
    """One of the two looks for another partner, after their pair has ended."""

    pair_id: int
    cohort_id: int


@dataclass(frozen=True, kw_only=True)
class PartnerNotSought(Event):
    """Somebody who looked for another partner does so no longer."""

    pair_id: int
    cohort_id: int


@dataclass(frozen=True, kw_only=True)
class PairHeld(Event):
    """The conflict guard paused a pair whose people came too close to each other."""

    pair_id: int
    cohort_id: int


@dataclass(frozen=True, kw_only=True)
class PairReleased(Event):
    """A pair that the conflict guard had paused goes on."""

    pair_id: int
    cohort_id: int


@dataclass(frozen=True, kw_only=True)
class PairResumed(Event):
    """The end of a pair was taken back; the two go on."""

    pair_id: int
    cohort_id: int


@dataclass(frozen=True, kw_only=True)
class SessionEvent(Event):
    """Something happened to one session."""

    session_id: int
    pair_id: int


@dataclass(frozen=True, kw_only=True)
class DateEvent(SessionEvent):
    """A date was changed, by one of the two or by an assistant for one of them."""

    for_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class SessionBooked(DateEvent):
    """A date was set."""


@dataclass(frozen=True, kw_only=True)
class SessionMoved(DateEvent):
    """The date was changed."""


@dataclass(frozen=True, kw_only=True)
class SessionCancelled(DateEvent):
    """The date was given up; the session can be booked again."""


@dataclass(frozen=True, kw_only=True)
class SessionHeld(SessionEvent):
    """The session took place."""


@dataclass(frozen=True, kw_only=True)
class SessionMissed(SessionEvent):
    """The session did not take place."""


@dataclass(frozen=True, kw_only=True)
class SessionCorrected(SessionEvent):
    """Held or not held was said by mistake and taken back."""


@dataclass(frozen=True, kw_only=True)
class LearnedWritten(SessionEvent):
    """One of the two wrote, or took away, the one thing learned."""


@dataclass(frozen=True, kw_only=True)
class QuestionAsked(SessionEvent):
    """The leader wrote, changed or took back a question for the session."""


@dataclass(frozen=True, kw_only=True)
class TopicChosen(SessionEvent):
    """The two talk about something else than was planned, or about the plan's topic again."""


@dataclass(frozen=True, kw_only=True)
class CommitmentMade(SessionEvent):
    """One of the two set themself something to try, or took it away."""


@dataclass(frozen=True, kw_only=True)
class CommitmentReviewed(SessionEvent):
    """One of the two said what became of what they had set themself."""


@dataclass(frozen=True, kw_only=True)
class StoryEvent(Event):
    """Something happened to a story of one of the two."""

    story_id: int
    pair_id: int


@dataclass(frozen=True, kw_only=True)
class StoryTold(StoryEvent):
    """One of the two told something of their own."""


@dataclass(frozen=True, kw_only=True)
class StoryShared(StoryEvent):
    """Both let the cohort hear it."""


@dataclass(frozen=True, kw_only=True)
class StoryKept(StoryEvent):
    """One of the two wants it between them again."""


@dataclass(frozen=True, kw_only=True)
class StoryForgotten(StoryEvent):
    """Its author took it away."""


@dataclass(frozen=True, kw_only=True)
class AgreementEvent(Event):
    """Something happened to the agreement of a pair."""

    pair_id: int


@dataclass(frozen=True, kw_only=True)
class AgreementWritten(AgreementEvent):
    """One of the two changed a section or their goal."""


@dataclass(frozen=True, kw_only=True)
class AgreementReopened(AgreementEvent):
    """One of the two changed what both had signed; both sign anew."""


@dataclass(frozen=True, kw_only=True)
class AgreementSigned(AgreementEvent):
    """One of the two signed what stands there, the leader with their pledge."""


@dataclass(frozen=True, kw_only=True)
class GoalSet(AgreementEvent):
    """One of the two has a whole goal for the first time."""


@dataclass(frozen=True, kw_only=True)
class GoalReviewed(AgreementEvent):
    """One of the two said how their goal stands."""


@dataclass(frozen=True, kw_only=True)
class PairActivated(AgreementEvent):
    """Both have signed for the first time, each with a goal."""

    cohort_id: int


@dataclass(frozen=True, kw_only=True)
class FeedMade(Event):
    """A person has a new private address for their calendar."""

    person_id: int


@dataclass(frozen=True, kw_only=True)
class FeedRevoked(Event):
    """The private address of a person's calendar is gone."""

    person_id: int


@dataclass(frozen=True, kw_only=True)
class AbsenceStated(Event):
    """A person said that they are away; neither when nor why is told."""

    person_id: int


@dataclass(frozen=True, kw_only=True)
class AbsenceEnded(Event):
    """An absence was taken back or ended early."""

    person_id: int


@dataclass(frozen=True, kw_only=True)
class PairPaused(Event):
    """One of the two let the pair rest for a while."""

    pair_id: int
    cohort_id: int


@dataclass(frozen=True, kw_only=True)
class PauseEnded(Event):
    """One of the two let the pair go on."""

    pair_id: int
    cohort_id: int


@dataclass(frozen=True, kw_only=True)
class PairWordsDeleted(Event):
    """The sealed words of so many pairs that ended long ago are gone, with their keys."""

    pairs: int


@dataclass(frozen=True, kw_only=True)
class ShutdownAdded(Event):
    """The lead said when nobody of a cohort meets."""

    cohort_id: int


@dataclass(frozen=True, kw_only=True)
class ShutdownEnded(Event):
    """A shutdown was taken back or ended early."""

    cohort_id: int


@dataclass(frozen=True, kw_only=True)
class GateOpened(Event):
    """A lead let a pair begin session 2 without the training."""

    pair_id: int
    cohort_id: int


@dataclass(frozen=True, kw_only=True)
class AssistantNamed(Event):
    """A person lets somebody keep their diary."""

    person_id: int
    assistant_id: int


@dataclass(frozen=True, kw_only=True)
class AssistantRemoved(Event):
    """Somebody no longer keeps a person's diary."""

    person_id: int
    assistant_id: int


@dataclass(frozen=True, kw_only=True)
class CalendarConnected(Event):
    """A person lets their own calendar be read for busy times."""

    person_id: int


@dataclass(frozen=True, kw_only=True)
class CalendarDisconnected(Event):
    """A person's calendar is read no longer, and what was read is gone."""

    person_id: int


@dataclass(frozen=True, kw_only=True)
class SessionAnswered(SessionEvent):
    """Somebody's calendar accepted, declined or doubted a date."""

    answer: str
