"""The lead's desk: how each pair does, what was done for it, and whom to talk with."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contraflow.core.codes import make_code
from contraflow.core.sealing import SealedField
from contraflow.pairs.models import Pair
from contraflow.people.models import Person
from contraflow.programmes.models import Cohort, Programme


def led_cohorts(person):
    """Return the keys of the cohorts a person leads."""
    led = Cohort.objects.filter(programme__in=Programme.objects.led_by(person).values("pk"))
    return led.order_by().values("pk")


def on_desk_of(person, prefix="pair__"):
    """Select what is about pairs a person leads and is not one of."""
    own = Q(**{f"{prefix}mentor": person.pk}) | Q(**{f"{prefix}mentee": person.pk})
    return Q(**{f"{prefix}cohort__in": led_cohorts(person)}) & ~own


class OnDeskQuerySet(models.QuerySet):
    """Rows about one pair each."""

    def visible_to(self, person):
        """Return rows to the programme's leads, but none about a pair they are in themselves."""
        return self.filter(on_desk_of(person))


class PairHealth(models.Model):
    """The points of a pair as they were last computed: facts only, words are made when shown."""

    class Band(models.TextChoices):
        STEADY = "steady", _("steady")
        WATCH = "watch", _("watch")
        SUPPORT = "support", _("support")
        ACT = "act", _("act")

    pair = models.OneToOneField(Pair, models.CASCADE, primary_key=True, related_name="health")
    points = models.PositiveSmallIntegerField(default=0)
    band = models.CharField(max_length=10, choices=Band, default=Band.STEADY)
    # [{"id": "P4", "points": 15, "days": 47, "every": 28}, ...]
    signals = models.JSONField(default=list)
    band_since = models.DateField()
    computed_at = models.DateTimeField()

    objects = OnDeskQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["band"])]

    class Privacy:
        erase: set[str] = set()
        keep = {"pair", "points", "band", "signals", "band_since", "computed_at"}

    def __str__(self):
        return f"pair {self.pair_id}: {self.points} points"


class DeskPlace(models.Model):
    """Where a pair lies on the desk: put aside until a day, looked after by one of the leads."""

    pair = models.OneToOneField(Pair, models.CASCADE, primary_key=True, related_name="desk_place")
    aside_until = models.DateField(null=True)
    holder = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")

    objects = OnDeskQuerySet.as_manager()

    class Privacy:
        erase = {"holder"}
        keep = {"pair", "aside_until"}

    def __str__(self):
        return f"place of pair {self.pair_id}"


class Step(models.Model):
    """One thing a lead did for a pair; what was written stands in StepWords."""

    class Kind(models.TextChoices):
        NUDGE = "nudge", _("nudged both")
        GUIDE = "guide", _("sent the kick-off guide")
        TALK = "talk", _("invited both to a facilitated talk")
        REMATCH = "rematch", _("offered a new partner")
        TALKED = "talked", _("talked with them")
        ASIDE = "aside", _("put it aside")
        TAKEN_UP = "taken_up", _("took it up again")
        HANDED_OVER = "handed_over", _("handed it over")

    MAILS = (Kind.NUDGE, Kind.GUIDE, Kind.TALK, Kind.REMATCH)

    # made with the form, so that pressing twice does it once
    code = models.SlugField(unique=True, default=make_code, editable=False)
    pair = models.ForeignKey(Pair, models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=12, choices=Kind)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    to = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    until = models.DateField(null=True)
    at = models.DateTimeField(default=timezone.now)
    # mails leave the outbox then, and can be taken back before
    leaves_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    objects = OnDeskQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]

    class Privacy:
        erase = {"by", "to"}
        keep = {"id", "code", "pair", "kind", "until", "at", "leaves_at", "undone_at"}

    def __str__(self):
        return f"{self.kind} for pair {self.pair_id}"

    def get_absolute_url(self):
        return reverse("desk:pair", args=[self.pair.code])


class StepWordsQuerySet(models.QuerySet["StepWords"]):
    def visible_to(self, person):
        """Return what leads wrote to a pair to its leads, and a note to whoever made it."""
        is_note = Q(step__kind=Step.Kind.ASIDE)
        return self.filter(on_desk_of(person, "step__pair__")).filter(
            ~is_note | Q(step__by=person.pk)
        )


class StepWords(models.Model):
    """What a lead wrote: a mail sealed for the leads of the programme, or a note for oneself."""

    step = models.OneToOneField(Step, models.CASCADE, primary_key=True, related_name="words")
    subject = SealedField(null=True)
    text = SealedField()

    objects = StepWordsQuerySet.as_manager()

    class Privacy:
        erase = {"subject", "text"}
        keep = {"step"}

    def __str__(self):
        return f"words of step {self.step_id}"

    def sealed_for(self):
        """Seal a note for its author, everything else for the leads of the programme."""
        if self.step.kind == Step.Kind.ASIDE:
            return f"person:{self.step.by_id}"
        return f"desk:{self.step.pair.cohort.programme_id}"


class CoverDraw(models.Model):
    """The lots of a fortnight: which pairs the lead talks with, whatever anybody answered."""

    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="cover_draws")
    drawn_on = models.DateField()
    # codes of the pairs drawn, in their order, and out of how many
    pairs = models.JSONField(default=list)
    out_of = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cohort", "drawn_on"], name="lots_are_drawn_once")
        ]

    class Privacy:
        erase: set[str] = set()
        keep = {"id", "cohort", "drawn_on", "pairs", "out_of"}

    def __str__(self):
        return f"draw of {self.drawn_on}"


class CoverTalk(models.Model):
    """A short talk of the lead with a pair: due to every pair twice, and to some by lot."""

    class Reason(models.TextChoices):
        WEEK_4 = "week_4", _("every pair in week 4")
        MID_WAY = "mid_way", _("every pair half-way")
        DRAWN = "drawn", _("drawn by lot")

    pair = models.ForeignKey(Pair, models.CASCADE, related_name="cover_talks")
    reason = models.CharField(max_length=10, choices=Reason)
    due_on = models.DateField()
    done_at = models.DateTimeField(null=True)

    objects = OnDeskQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["pair", "reason", "due_on"], name="cover_talk_is_due_once"
            ),
            models.UniqueConstraint(
                fields=["pair", "reason"], condition=~Q(reason="drawn"),
                name="every_pair_is_talked_with_once",
            ),
        ]  # fmt: skip

    class Privacy:
        erase: set[str] = set()
        keep = {"id", "pair", "reason", "due_on", "done_at"}

    def __str__(self):
        return f"talk with pair {self.pair_id}, {self.reason}"


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, person):
        """Return messages to the leads of the programme."""
        return self.filter(cohort__in=led_cohorts(person))


class Message(models.Model):
    """A mail of a lead to the people of a cohort: to whom, how many, when."""

    class To(models.TextChoices):
        EVERYBODY = "everybody", _("everybody who takes part")
        MENTORS = "mentor", _("mentors")
        LEADERS = "mentee", _("leaders")
        NO_DATE = "no_date", _("pairs without a booked session")
        NOT_MET = "not_met", _("pairs that have not met yet")

    # made with the form, so that pressing twice sends once
    code = models.SlugField(unique=True, default=make_code, editable=False)
    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="messages")
    to = models.CharField(max_length=10, choices=To)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    count = models.PositiveIntegerField()
    sent_at = models.DateTimeField(default=timezone.now)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-sent_at", "-pk"]

    class Privacy:
        erase = {"by"}
        keep = {"id", "code", "cohort", "to", "count", "sent_at"}

    def __str__(self):
        return f"message {self.code} to {self.count}"

    def get_absolute_url(self):
        return reverse("desk:message", args=[self.code])


class MessageWordsQuerySet(models.QuerySet["MessageWords"]):
    def visible_to(self, person):
        """Return the words to the leads of the programme; whoever got the mail has it."""
        return self.filter(message__cohort__in=led_cohorts(person))


class MessageWords(models.Model):
    """What a lead wrote to many, sealed for the leads of the programme."""

    message = models.OneToOneField(
        Message, models.CASCADE, primary_key=True, related_name="words"
    )  # fmt: skip
    subject = SealedField()
    text = SealedField()

    objects = MessageWordsQuerySet.as_manager()

    class Privacy:
        erase = {"subject", "text"}
        keep = {"message"}

    def __str__(self):
        return f"words of message {self.message_id}"

    def sealed_for(self):
        """Seal for the leads of the programme."""
        return f"desk:{self.message.cohort.programme_id}"


class LaunchTick(models.Model):
    """A line of the launch checklist that somebody says is done."""

    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="launch_ticks")
    line = models.SlugField(max_length=20)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cohort", "line"], name="a_line_is_ticked_once")
        ]

    class Privacy:
        erase = {"by"}
        keep = {"id", "cohort", "line", "at"}

    def __str__(self):
        return f"{self.line} of cohort {self.cohort_id}"


class LaunchOverride(models.Model):
    """A launch with lines that are open, and the reason, which stays."""

    cohort = models.OneToOneField(
        Cohort, models.CASCADE, primary_key=True, related_name="launch_override"
    )
    reason = models.CharField(max_length=500)
    # keys of the lines that were open then
    open_lines = models.JSONField(default=list)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Privacy:
        erase = {"by"}
        keep = {"cohort", "reason", "open_lines", "at"}

    def __str__(self):
        return f"cohort {self.cohort_id} launches all the same"
