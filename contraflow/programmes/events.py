"""What happens in programmes."""

from dataclasses import dataclass

from contraflow.core.events import Event


@dataclass(frozen=True, kw_only=True)
class ProgrammeCreated(Event):
    """A programme was made."""

    programme_id: int


@dataclass(frozen=True, kw_only=True)
class ProgrammeEdited(Event):
    """Title, purpose or role words of a programme were changed."""

    programme_id: int


@dataclass(frozen=True, kw_only=True)
class StewardAdded(Event):
    """Somebody became lead, sponsor or trusted contact of a programme."""

    programme_id: int
    person_id: int
    kind: str


@dataclass(frozen=True, kw_only=True)
class StewardRemoved(Event):
    """Somebody is no longer lead, sponsor or trusted contact of a programme."""

    programme_id: int
    person_id: int
    kind: str


@dataclass(frozen=True, kw_only=True)
class ObjectiveAdded(Event):
    """A programme got an objective."""

    objective_id: int


@dataclass(frozen=True, kw_only=True)
class ObjectiveEdited(Event):
    """An objective was changed."""

    objective_id: int


@dataclass(frozen=True, kw_only=True)
class ObjectiveRemoved(Event):
    """An objective was taken away, with its readings."""

    programme_id: int
    objective_id: int


@dataclass(frozen=True, kw_only=True)
class ReadingEntered(Event):
    """A figure was entered by hand."""

    objective_id: int
    reading_id: int


@dataclass(frozen=True, kw_only=True)
class ReadingUndone(Event):
    """A figure entered by hand was taken back."""

    objective_id: int
    reading_id: int


@dataclass(frozen=True, kw_only=True)
class CohortCreated(Event):
    """A programme got a cohort."""

    cohort_id: int


@dataclass(frozen=True, kw_only=True)
class CohortEdited(Event):
    """Dates, places, criteria or the plan of a cohort were changed."""

    cohort_id: int


@dataclass(frozen=True, kw_only=True)
class EnrolmentOpened(Event):
    """People can be invited and can apply."""

    cohort_id: int


@dataclass(frozen=True, kw_only=True)
class EnrolmentReopened(Event):
    """A cohort went back from pairing to enrolling."""

    cohort_id: int


@dataclass(frozen=True, kw_only=True)
class PairingStarted(Event):
    """Profiles are fixed; the lead makes pairs."""

    cohort_id: int


@dataclass(frozen=True, kw_only=True)
class CohortStarted(Event):
    """The pairs of a cohort are published, it runs."""

    cohort_id: int


@dataclass(frozen=True, kw_only=True)
class CohortReturnedToPairing(Event):
    """The publication of a cohort's pairs was undone."""

    cohort_id: int


@dataclass(frozen=True, kw_only=True)
class CohortClosed(Event):
    """A cohort is over."""

    cohort_id: int


@dataclass(frozen=True, kw_only=True)
class PeopleInvited(Event):
    """People were asked to take part."""

    cohort_id: int
    enrolment_ids: list[int]


@dataclass(frozen=True, kw_only=True)
class EnrolmentEvent(Event):
    """Something happened to one enrolment."""

    enrolment_id: int
    cohort_id: int
    person_id: int


@dataclass(frozen=True, kw_only=True)
class InvitationSentAgain(EnrolmentEvent):
    """An invitation was mailed once more."""


@dataclass(frozen=True, kw_only=True)
class InvitationAccepted(EnrolmentEvent):
    """Somebody said yes; whether there was a place, the enrolment tells."""


@dataclass(frozen=True, kw_only=True)
class InvitationDeclined(EnrolmentEvent):
    """Somebody said no."""


@dataclass(frozen=True, kw_only=True)
class PersonApplied(EnrolmentEvent):
    """Somebody asked to take part."""


@dataclass(frozen=True, kw_only=True)
class PersonAdmitted(EnrolmentEvent):
    """Somebody got a place, by the lead or by lot."""


@dataclass(frozen=True, kw_only=True)
class PlaceOffered(EnrolmentEvent):
    """A place came free for the next of the waiting list."""


@dataclass(frozen=True, kw_only=True)
class PersonMovedToBench(EnrolmentEvent):
    """Somebody stands ready for a pair that needs a new partner."""


@dataclass(frozen=True, kw_only=True)
class PersonMovedToWaitingList(EnrolmentEvent):
    """Somebody for whom there was no partner waits for one."""


@dataclass(frozen=True, kw_only=True)
class PersonWithdrew(EnrolmentEvent):
    """Somebody no longer takes part; `by` of the audit entry tells who decided."""


@dataclass(frozen=True, kw_only=True)
class LotsDrawn(Event):
    """Places were given by lot."""

    cohort_id: int
    draw_id: int


@dataclass(frozen=True, kw_only=True)
class HoursAsked(Event):
    """Line managers were asked for the hours of mentors."""

    cohort_id: int
    count: int


@dataclass(frozen=True, kw_only=True)
class HoursAnswered(Event):
    """A line manager said whether the hours are possible."""

    enrolment_id: int


@dataclass(frozen=True, kw_only=True)
class ProfileFinished(EnrolmentEvent):
    """A profile is ready for matching."""


@dataclass(frozen=True, kw_only=True)
class TopicAdded(Event):
    """The organisation's own topic joined the catalogue."""

    topic_id: int


@dataclass(frozen=True, kw_only=True)
class CohortArchived(Event):
    """A closed cohort was put out of the way."""

    cohort_id: int


@dataclass(frozen=True, kw_only=True)
class CohortBroughtBack(Event):
    """An archived cohort stands among the others again."""

    cohort_id: int
