"""A programme and its objectives; a cohort of it, who takes part, and the lots drawn."""

import datetime as dt

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contraflow.core.codes import make_code
from contraflow.people.models import Person


class Side(models.TextChoices):
    """The two sides of reverse mentoring: the junior teaches, the senior learns."""

    MENTOR = "mentor", _("mentor")
    MENTEE = "mentee", _("leader")


class ProgrammeQuerySet(models.QuerySet["Programme"]):
    def led_by(self, person):
        """Return the programmes this person leads."""
        return self.filter(stewards__person=person.pk, stewards__kind=Steward.Kind.LEAD)

    def visible_to(self, person):
        """Return programmes to their leads, sponsors and trusted contacts, and to participants."""
        return self.filter(
            Q(stewards__person=person.pk)
            | Q(
                cohorts__enrolments__person=person.pk,
                cohorts__enrolments__state__in=Enrolment.PRESENT,
            )
        ).distinct()


class Programme(models.Model):
    """A standing offer with a purpose; each run of it is a cohort."""

    code = models.SlugField(unique=True, default=make_code, editable=False)
    title = models.CharField(_("title"), max_length=120)
    purpose = models.TextField(_("purpose"))
    template = models.SlugField(_("template"), blank=True)
    mentor_word = models.CharField(_("word for mentor"), max_length=30, blank=True)
    mentee_word = models.CharField(_("word for leader"), max_length=30, blank=True)
    made_at = models.DateTimeField(default=timezone.now)

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        ordering = ["title", "pk"]

    class Privacy:
        erase: set[str] = set()
        keep = {
            "id", "code", "title", "purpose", "template", "mentor_word", "mentee_word", "made_at",
        }  # fmt: skip

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("programmes:programme", args=[self.code])

    def word_for(self, side: str) -> str:
        """Return what this programme calls a side."""
        own = self.mentor_word if side == Side.MENTOR else self.mentee_word
        return own or str(Side(side).label)


class Steward(models.Model):
    """Who runs a programme, answers for it, or hears its concerns."""

    class Kind(models.TextChoices):
        LEAD = "lead", _("programme lead")
        SPONSOR = "sponsor", _("sponsor")
        TRUSTED_CONTACT = "trusted_contact", _("trusted contact")

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="stewards")
    person = models.ForeignKey(Person, models.PROTECT, related_name="stewardships")
    kind = models.CharField(max_length=20, choices=Kind)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "person", "kind"], name="steward_stands_once"
            )
        ]

    class Privacy:
        erase: set[str] = set()
        keep = {"id", "programme", "person", "kind"}

    def __str__(self):
        return f"{self.person_id}, {self.kind} of {self.programme_id}"


class ObjectiveQuerySet(models.QuerySet["Objective"]):
    def visible_to(self, person):
        """Return the objectives of programmes the person may see."""
        return self.filter(programme__in=Programme.objects.visible_to(person))


class Objective(models.Model):
    """What the programme should achieve: a measure that goes from a baseline to a target."""

    class Source(models.TextChoices):
        INSTRUMENT = "instrument", _("a survey instrument")
        COMPUTED = "computed", _("computed from sessions and pairs")
        MANUAL = "manual", _("entered by hand")

    code = models.SlugField(unique=True, default=make_code, editable=False)
    programme = models.ForeignKey(Programme, models.CASCADE, related_name="objectives")
    statement = models.CharField(_("objective"), max_length=300)
    measure = models.CharField(_("measure"), max_length=200)
    unit = models.CharField(_("unit"), max_length=40, blank=True)
    baseline = models.DecimalField(
        _("baseline"), max_digits=10, decimal_places=2, null=True, blank=True
    )
    target = models.DecimalField(_("target"), max_digits=10, decimal_places=2)
    due_on = models.DateField(_("by"))
    source = models.CharField(_("where the figure comes from"), max_length=12, choices=Source)
    # the instrument's or the computed figure's key, content/instruments.yaml or home/figures.py
    source_key = models.CharField(max_length=60, blank=True)
    is_primary = models.BooleanField(_("the primary outcome"), default=False)
    lower_is_better = models.BooleanField(_("lower is better"), default=False)
    position = models.PositiveSmallIntegerField(default=0)

    objects = ObjectiveQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]

    class Privacy:
        erase: set[str] = set()
        keep = {
            "id", "code", "programme", "statement", "measure", "unit", "baseline", "target",
            "due_on", "source", "source_key", "is_primary", "lower_is_better", "position",
        }  # fmt: skip

    def __str__(self):
        return self.statement

    def get_absolute_url(self):
        return reverse("programmes:objective", args=[self.code])


class Reading(models.Model):
    """A figure for an objective, entered by hand, with its day."""

    objective = models.ForeignKey(Objective, models.CASCADE, related_name="readings")
    value = models.DecimalField(_("value"), max_digits=10, decimal_places=2)
    read_on = models.DateField(_("on"))
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-read_on", "-pk"]

    class Privacy:
        erase = {"by"}
        keep = {"id", "objective", "value", "read_on"}

    def __str__(self):
        return f"{self.value} on {self.read_on}"


class CohortQuerySet(models.QuerySet["Cohort"]):
    def visible_to(self, person):
        """Return cohorts to stewards, to those who take part, and to all while all may apply."""
        return self.filter(
            Q(programme__stewards__person=person.pk)
            | Q(enrolments__person=person.pk, enrolments__state__in=Enrolment.PRESENT)
            | Q(applications_open=True, state=Cohort.State.ENROLLING)
        ).distinct()

    def open_for_applications(self):
        """Return cohorts that anybody of the organisation may apply to now."""
        return self.filter(applications_open=True, state=Cohort.State.ENROLLING)


class Cohort(models.Model):
    """One run of a programme, with dates, places and people.

    draft -> enrolling -> pairing -> running -> closed; programmes/rules.py says when.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        ENROLLING = "enrolling", _("enrolling")
        PAIRING = "pairing", _("pairing")
        RUNNING = "running", _("running")
        CLOSED = "closed", _("closed")

    code = models.SlugField(unique=True, default=make_code, editable=False)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="cohorts")
    name = models.CharField(_("name"), max_length=80)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    starts_on = models.DateField(_("starts on"))
    length_weeks = models.PositiveSmallIntegerField(
        _("weeks"), validators=[MinValueValidator(1), MaxValueValidator(104)]
    )
    cadence_days = models.PositiveSmallIntegerField(
        _("days between sessions"), validators=[MinValueValidator(1), MaxValueValidator(120)]
    )
    session_minutes = models.PositiveSmallIntegerField(
        _("minutes of a session"), validators=[MinValueValidator(15), MaxValueValidator(240)]
    )
    # open criteria, shown to everybody who may apply
    criteria = models.TextField(_("who can take part"), blank=True)
    applications_open = models.BooleanField(_("people may apply"), default=False)
    mentor_places = models.PositiveIntegerField(_("places for mentors"), null=True, blank=True)
    mentee_places = models.PositiveIntegerField(_("places for leaders"), null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    # out of the way once it is closed; nothing of it is deleted
    archived_at = models.DateTimeField(null=True)

    objects = CohortQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "name"], name="cohort_name_stands_once_in_its_programme"
            )
        ]

    class Privacy:
        erase: set[str] = set()
        keep = {
            "id", "code", "programme", "name", "state", "starts_on", "length_weeks",
            "cadence_days", "session_minutes", "criteria", "applications_open", "mentor_places",
            "mentee_places", "made_at", "archived_at",
        }  # fmt: skip

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("programmes:cohort", args=[self.code])

    @property
    def ends_on(self) -> dt.date:
        """Return the last day of the cohort."""
        return self.starts_on + dt.timedelta(weeks=self.length_weeks, days=-1)

    def places_for(self, side: str) -> int | None:
        """Return how many people of a side there is room for, None for any number."""
        return self.mentor_places if side == Side.MENTOR else self.mentee_places

    def week_of(self, day: dt.date) -> int:
        """Return the week of the cohort a day lies in, the first week being 1."""
        return (day - self.starts_on).days // 7 + 1


class PlannedSession(models.Model):
    """One session of the cohort's plan, from the template: not sealed, the same for all pairs."""

    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="plan")
    number = models.PositiveSmallIntegerField(_("number"))
    topic = models.CharField(_("topic"), max_length=120)
    opening = models.TextField(_("opening question"), blank=True)
    activity = models.TextField(_("activity"), blank=True)
    between = models.TextField(_("until next time"), blank=True)
    reflection = models.TextField(_("reflection"), blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["cohort", "number"], name="planned_session_number_stands_once"
            )
        ]

    class Privacy:
        erase: set[str] = set()
        keep = {
            "id", "cohort", "number", "topic", "opening", "activity", "between", "reflection",
        }  # fmt: skip

    def __str__(self):
        return f"{self.number}. {self.topic}"


class CohortMove(models.Model):
    """One step of a cohort from state to state, with the reason where one is asked for."""

    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="moves")
    from_state = models.CharField(max_length=10, choices=Cohort.State)
    to_state = models.CharField(max_length=10, choices=Cohort.State)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    moved_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-moved_at", "-pk"]

    class Privacy:
        erase = {"by"}
        keep = {"id", "cohort", "from_state", "to_state", "reason", "moved_at"}

    def __str__(self):
        return f"{self.from_state} to {self.to_state}"


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    def visible_to(self, person):
        """Return one's own enrolments, and all of a programme to its leads."""
        return self.filter(
            Q(person=person.pk)
            | Q(cohort__programme__in=Programme.objects.led_by(person).values("pk"))
        )

    def on_side(self, side):
        """Return one side only."""
        return self.filter(side=side)

    def enrolled(self):
        """Return those who will be paired."""
        return self.filter(state=Enrolment.State.ENROLLED)

    def holding_a_place(self):
        """Return those who have a place, or were offered one from the waiting list.

        Whoever has left the organisation holds none.
        """
        return self.filter(
            Q(state=Enrolment.State.ENROLLED)
            | Q(state=Enrolment.State.INVITED, waiting_place__isnull=False),
            person__left_on__isnull=True,
        )


class Enrolment(models.Model):
    """A person in a cohort, on one side."""

    class State(models.TextChoices):
        INVITED = "invited", _("invited")
        APPLIED = "applied", _("applied")
        ENROLLED = "enrolled", _("enrolled")
        WAITING = "waiting", _("on the waiting list")
        BENCH = "bench", _("on the reserve bench")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")

    # states in which the person belongs to the cohort
    PRESENT = (State.INVITED, State.APPLIED, State.ENROLLED, State.WAITING, State.BENCH)

    code = models.SlugField(unique=True, default=make_code, editable=False)
    cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="enrolments")
    person = models.ForeignKey(Person, models.PROTECT, related_name="enrolments")
    side = models.CharField(max_length=6, choices=Side)
    state = models.CharField(max_length=10, choices=State)
    # place in the waiting list, drawn by lot; None where no lot was drawn
    waiting_place = models.PositiveIntegerField(null=True)
    invited_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    enrolled_at = models.DateTimeField(null=True)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["cohort", "side", "state"])]
        constraints = [
            models.UniqueConstraint(fields=["cohort", "person"], name="person_is_in_a_cohort_once")
        ]

    class Privacy:
        erase: set[str] = set()
        keep = {
            "id", "code", "cohort", "person", "side", "state", "waiting_place", "invited_at",
            "answered_at", "enrolled_at",
        }  # fmt: skip

    def __str__(self):
        return f"{self.person_id} in {self.cohort_id} as {self.side}"

    def get_absolute_url(self):
        return reverse("programmes:enrolment", args=[self.code])


class LotteryDrawQuerySet(models.QuerySet["LotteryDraw"]):
    def visible_to(self, person):
        """Return draws to all who may see the cohort: a lottery is drawn in the open."""
        return self.filter(cohort__in=Cohort.objects.visible_to(person).values("pk"))


class LotteryDraw(models.Model):
    """One drawing of lots for too few places, with everything needed to draw it again."""

    code = models.SlugField(unique=True, default=make_code, editable=False)
    cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="draws")
    side = models.CharField(max_length=6, choices=Side)
    seed = models.CharField(max_length=64)
    places = models.PositiveIntegerField()
    # [{"enrolment": code, "rank": 1, "placed": true}, ...] in the order drawn
    log = models.JSONField()
    drawn_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")

    objects = LotteryDrawQuerySet.as_manager()

    class Meta:
        ordering = ["-drawn_at", "-pk"]

    class Privacy:
        erase = {"by"}
        keep = {"id", "code", "cohort", "side", "seed", "places", "log", "drawn_at"}

    def __str__(self):
        return f"draw of {self.drawn_at}"

    def get_absolute_url(self):
        return reverse("programmes:draw", args=[self.code])
