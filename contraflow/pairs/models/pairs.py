"""A pair and its sessions: facts here, words in models of their own, sealed for the two."""

import datetime as dt
import hashlib

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from contraflow.core.codes import make_code
from contraflow.core.sealing import SealedField
from contraflow.people.models import Person
from contraflow.programmes.models import Cohort, PlannedSession, Programme, Side


def _mine(person, prefix=""):
    return Q(**{f"{prefix}mentor": person.pk}) | Q(**{f"{prefix}mentee": person.pk})


def left_by(person, prefix=""):
    """Select pairs this person asked to end: for them they are over, for others not yet."""
    return Q(**{f"{prefix}mentor": person.pk, f"{prefix}endings__who": Side.MENTOR}) | Q(
        **{f"{prefix}mentee": person.pk, f"{prefix}endings__who": Side.MENTEE}
    )


def _mine_or_led(person, prefix=""):
    # cohorts, not programmes: the pair holds its cohort, so that no row needs a join to be judged
    led = Cohort.objects.filter(programme__in=Programme.objects.led_by(person).values("pk"))
    return _mine(person, prefix) | Q(**{f"{prefix}cohort__in": led.order_by().values("pk")})


class PairQuerySet(models.QuerySet["Pair"]):
    def visible_to(self, person):
        """Return one's own pairs, and the pairs of a programme to its leads; with the two."""
        return self.filter(_mine_or_led(person)).select_related("mentor", "mentee", "cohort")

    def of(self, person):
        """Return the pairs this person is one of."""
        return self.filter(_mine(person))

    def active(self):
        """Return pairs that meet."""
        return self.filter(state=Pair.State.ACTIVE)

    def forming(self):
        """Return pairs that meet and have not yet signed an agreement with a goal each."""
        return self.active().filter(active_since=None)

    def living(self):
        """Return pairs that have not ended."""
        return self.exclude(state=Pair.State.ENDED)

    def with_words_to_delete(self):
        """Return pairs that have ended and whose words still stand."""
        return self.filter(words_kept_until__isnull=False, words_deleted_at=None)

    def meeting_for(self, person):
        """Return this person's pairs that meet as far as they have heard."""
        unheard = Q(state=Pair.State.PAUSED, hold__told_at=None)
        meets = Q(state=Pair.State.ACTIVE) | unheard
        return self.of(person).filter(meets).exclude(left_by(person))


class Pair(models.Model):
    """A mentor and a leader who meet; `theme` is what most of their common ground is about."""

    class State(models.TextChoices):
        ACTIVE = "active", _("active")
        # by the conflict guard; a pause of the two themselves is a rest
        PAUSED = "paused", _("paused")
        ENDED = "ended", _("ended")

    code = models.SlugField(unique=True, default=make_code, editable=False)
    cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="pairs")
    mentor = models.ForeignKey(Person, models.PROTECT, related_name="pairs_as_mentor")
    mentee = models.ForeignKey(Person, models.PROTECT, related_name="pairs_as_mentee")
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    theme = models.CharField(max_length=120, blank=True)
    # what the common ground card shows: topics one wants and the other knows, open ones only
    common_ground = models.JSONField(default=list)
    started_on = models.DateField(default=timezone.localdate)
    ended_on = models.DateField(null=True)
    # when both had signed their agreement, each with a goal in it; until then the pair forms
    active_since = models.DateTimeField(null=True)
    # once it has ended: the day on which its sealed words are deleted, as both were told, how many
    # of the reminders of it are out, and when it was done
    words_kept_until = models.DateField(null=True)
    words_reminders = models.PositiveSmallIntegerField(default=0)
    words_deleted_at = models.DateTimeField(null=True)

    objects = PairQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["cohort", "state"]),
            models.Index(
                fields=["words_kept_until"], condition=Q(words_deleted_at=None),
                name="words_to_be_deleted",
            ),
        ]  # fmt: skip
        constraints = [
            models.CheckConstraint(
                condition=Q(state="ended") | Q(words_kept_until=None, words_deleted_at=None),
                name="words_are_deleted_after_the_end",
            ),
            models.UniqueConstraint(
                fields=["cohort", "mentor", "mentee"],
                condition=~Q(state="ended"),
                name="pair_lives_once_in_a_cohort",
            ),
            models.CheckConstraint(
                condition=~Q(mentor=models.F("mentee")), name="nobody_mentors_themself"
            ),
        ]

    class Privacy:
        erase: set[str] = set()
        keep = {
            "id", "code", "cohort", "mentor", "mentee", "state", "theme", "common_ground",
            "started_on", "ended_on", "active_since", "words_kept_until", "words_reminders",
            "words_deleted_at",
        }  # fmt: skip

    def __str__(self):
        return f"{self.mentor} and {self.mentee}"

    def get_absolute_url(self):
        return reverse("pairs:pair", args=[self.code])

    @property
    def is_forming(self) -> bool:
        """Tell whether the two meet and have not yet signed an agreement with a goal each."""
        return self.state != Pair.State.ENDED and self.active_since is None

    def partner_of(self, person) -> Person:
        """Return the other of the two."""
        return self.mentee if person.pk == self.mentor_id else self.mentor

    def side_of(self, person) -> str | None:
        """Return which side of the pair a person is, None for everybody else."""
        return {self.mentor_id: Side.MENTOR, self.mentee_id: Side.MENTEE}.get(person.pk)

    @cached_property
    def _gone(self) -> set[str]:
        """Return who ends the pair, while the others have not heard of it."""
        return set(self.endings.values_list("who", flat=True))

    def refresh_from_db(self, *args, **kwargs):
        """Forget also who ends it."""
        self.__dict__.pop("_gone", None)
        super().refresh_from_db(*args, **kwargs)

    def has_left(self, person) -> bool:
        """Tell whether a person asked to end the pair, of which the other hears later."""
        return self.side_of(person) in self._gone

    def is_over_for(self, person) -> bool:
        """Tell whether the pair has ended, as far as this person knows."""
        return self.state == Pair.State.ENDED or self.has_left(person)

    @property
    def is_on_hold(self) -> bool:
        """Tell whether the conflict guard paused the pair, and the two have heard of it."""
        return self.state == Pair.State.PAUSED and self.hold.told_at is not None


class SessionQuerySet(models.QuerySet["Session"]):
    def visible_to(self, person):
        """Return times and states to the two and to the programme's leads; words are elsewhere."""
        seen = self.filter(_mine_or_led(person, "pair__"))
        return seen.select_related("pair__mentor", "pair__mentee", "pair__cohort")

    def held(self):
        """Return sessions that took place."""
        return self.filter(state=Session.State.HELD)

    def of(self, person):
        """Return the sessions this person takes part in, past and to come."""
        return self.filter(_mine(person, "pair__"))

    def ahead_of(self, person):
        """Return the sessions of pairs that this person has not left."""
        return self.of(person).exclude(left_by(person, "pair__"))


class Session(models.Model):
    """One meeting of a pair, facts only: when, how long, and what became of it."""

    class State(models.TextChoices):
        PLANNED = "planned", _("not booked yet")
        BOOKED = "booked", _("booked")
        HELD = "held", _("held")
        MISSED = "missed", _("not held")

    code = models.SlugField(unique=True, default=make_code, editable=False)
    pair = models.ForeignKey(Pair, models.CASCADE, related_name="sessions")
    number = models.PositiveSmallIntegerField()
    planned = models.ForeignKey(PlannedSession, models.PROTECT, null=True, related_name="+")
    # the day the plan has in mind, before either of the two has set a date
    due_on = models.DateField()
    # the day the plan had in mind before the pair's rests moved it, None where none did
    due_at_first = models.DateField(null=True)
    starts_at = models.DateTimeField(_("starts at"), null=True)
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    # the two talk about something else than the plan says; what, is sealed with their words
    has_own_topic = models.BooleanField(default=False)
    # SEQUENCE of RFC 5545: grows with every change that calendars must take over
    sequence = models.PositiveIntegerField(default=0)

    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        indexes = [models.Index(fields=["state", "starts_at"])]
        constraints = [
            models.UniqueConstraint(fields=["pair", "number"], name="session_number_stands_once"),
            models.CheckConstraint(
                condition=Q(minutes__range=(10, 480)), name="session_is_10_to_480_minutes"
            ),
            models.CheckConstraint(
                condition=Q(state="planned") | Q(starts_at__isnull=False),
                name="booked_session_has_a_time",
            ),
        ]

    class Privacy:
        erase: set[str] = set()
        keep = {
            "id", "code", "pair", "number", "planned", "due_on", "due_at_first", "starts_at",
            "minutes", "state", "has_own_topic", "sequence",
        }  # fmt: skip

    def __str__(self):
        return f"session {self.number} of pair {self.pair_id}"

    def get_absolute_url(self):
        return reverse("pairs:session", args=[self.code])

    @property
    def topic(self) -> str:
        """Return, for the two, the plan's topic or that it is their own: its words are sealed."""
        if self.has_own_topic:
            return _("Your own topic")
        return self.planned.topic if self.planned else _("Session")

    @property
    def ends_at(self) -> dt.datetime | None:
        """Return when it ends, None where there is no date yet."""
        return self.starts_at and self.starts_at + dt.timedelta(minutes=self.minutes)

    @property
    def uid(self) -> str:
        """Return the UID by which calendars know this session for ever (RFC 5545)."""
        return f"session-{self.code}@contraflow"

    @property
    def video_link(self) -> str:
        """Return the address of the video room, empty without one; the pattern is a setting."""
        secret = hashlib.sha256(f"{settings.SECRET_KEY}/video/{self.code}".encode()).hexdigest()
        return settings.VIDEO_LINK_PATTERN.format(code=f"{self.code}-{secret[:12]}")


class SessionChangeQuerySet(models.QuerySet["SessionChange"]):
    def visible_to(self, person):
        """Return changes of sessions whose facts the person may see."""
        return self.filter(_mine_or_led(person, "session__pair__"))


class SessionChange(models.Model):
    """Booked, moved, cancelled, held or missed: by which side, and how long before."""

    class Kind(models.TextChoices):
        BOOKED = "booked", _("booked")
        MOVED = "moved", _("moved")
        CANCELLED = "cancelled", _("cancelled")
        HELD = "held", _("held")
        MISSED = "missed", _("not held")
        CORRECTED = "corrected", _("set right")

    session = models.ForeignKey(Session, models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=10, choices=Kind)
    # empty where the end of the pair cancelled it: then nobody's side is told
    side = models.CharField(max_length=6, choices=Side, blank=True)
    # who did it for that side, where it was their assistant
    helper = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    # the time the change is about: the new one of a booking, the old one of everything else
    was_at = models.DateTimeField(null=True)
    notice_hours = models.IntegerField(null=True)

    objects = SessionChangeQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]

    class Privacy:
        erase = {"helper"}
        keep = {"id", "session", "kind", "side", "at", "was_at", "notice_hours"}

    def __str__(self):
        return f"{self.kind} by the {self.side}"


class SessionWordsQuerySet(models.QuerySet["SessionWords"]):
    def visible_to(self, person):
        """Return words to the two people of the pair alone; no role overrides this."""
        return self.filter(_mine(person, "session__pair__"))


class SessionWords(models.Model):
    """What is written about a session: sealed for the pair."""

    session = models.OneToOneField(Session, models.CASCADE, primary_key=True, related_name="words")
    learned_by_mentor = SealedField(null=True)
    learned_by_mentee = SealedField(null=True)
    # what the leader would like to ask, told in advance
    question = SealedField(null=True)
    own_topic = SealedField(null=True)
    own_activity = SealedField(null=True)

    objects = SessionWordsQuerySet.as_manager()

    class Privacy:
        erase = {"learned_by_mentor", "learned_by_mentee", "question", "own_topic", "own_activity"}
        keep = {"session"}

    def __str__(self):
        return f"words of session {self.session_id}"

    def sealed_for(self):
        """Seal for the two people of the pair."""
        return f"pair:{self.session.pair_id}"


class CommitmentQuerySet(models.QuerySet["Commitment"]):
    def visible_to(self, person):
        """Return commitments to the two people of the pair alone."""
        return self.filter(_mine(person, "session__pair__")).select_related("session__pair")


class Commitment(models.Model):
    """That one of the two set themself something to try, and when it was looked back at.

    Facts alone: what it is and what became of it are sealed in `CommitmentWords`.
    """

    code = models.SlugField(unique=True, default=make_code, editable=False)
    session = models.ForeignKey(Session, models.CASCADE, related_name="commitments")
    side = models.CharField(max_length=6, choices=Side)
    made_at = models.DateTimeField(default=timezone.now)
    reviewed_at = models.DateTimeField(null=True)

    objects = CommitmentQuerySet.as_manager()

    class Meta:
        ordering = ["session__number", "side"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "side"], name="one_commitment_a_session_and_side"
            )
        ]

    class Privacy:
        erase: set[str] = set()
        keep = {"id", "code", "session", "side", "made_at", "reviewed_at"}

    def __str__(self):
        return f"commitment of the {self.side} in session {self.session_id}"

    def get_absolute_url(self):
        return self.session.pair.get_absolute_url()


class CommitmentWordsQuerySet(models.QuerySet["CommitmentWords"]):
    def visible_to(self, person):
        """Return words to the two people of the pair alone; no role overrides this."""
        return self.filter(_mine(person, "commitment__session__pair__"))


class CommitmentWords(models.Model):
    """If this happens, I will do that, and what became of it: sealed for the pair."""

    class Outcome(models.TextChoices):
        DONE = "done", _("Done")
        CHANGED = "changed", _("Changed")
        DROPPED = "dropped", _("Dropped")

    commitment = models.OneToOneField(
        Commitment, models.CASCADE, primary_key=True, related_name="words"
    )
    condition = SealedField()
    action = SealedField()
    outcome = SealedField(null=True)

    objects = CommitmentWordsQuerySet.as_manager()

    class Privacy:
        erase = {"condition", "action", "outcome"}
        keep = {"commitment"}

    def __str__(self):
        return f"words of commitment {self.commitment_id}"

    def sealed_for(self):
        """Seal for the two people of the pair."""
        return f"pair:{self.commitment.session.pair_id}"

    def outcome_in_words(self) -> str:
        """Return what became of it, empty while nobody looked back."""
        return self.Outcome(self.outcome).label if self.outcome else ""
