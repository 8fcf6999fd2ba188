"""An end that is on its way: who is out already, and when everybody else hears of it.

These rows are gone once the pair has ended, so that nobody can look up later who asked for it.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contraflow.pairs.models.pairs import Pair
from contraflow.programmes.models import Cohort, Programme, Side


def _led(person):
    led = Programme.objects.led_by(person).values("pk")
    return Cohort.objects.filter(programme__in=led).order_by().values("pk")


def _of(person):
    mentor = Q(who=Side.MENTOR, pair__mentor=person.pk)
    return mentor | Q(who=Side.MENTEE, pair__mentee=person.pk)


class EndingQuerySet(models.QuerySet["Ending"]):
    def visible_to(self, person):
        """Return one's own, and a lead's to the leads: what a partner asked for nobody sees."""
        return self.filter(_of(person) | Q(who=Ending.Who.LEAD, pair__cohort__in=_led(person)))

    def of(self, person):
        """Return those by which this person left a pair, until its hour."""
        return self.filter(_of(person))


class Ending(models.Model):
    """That a pair ends at the next fixed hour, because of one of several: each has their own row.

    Whoever of the two asked is out of the pair at once (`Pair.has_left`). For everybody else it
    is as before until the hour.
    """

    class Who(models.TextChoices):
        MENTOR = Side.MENTOR.value, _("the mentor")
        MENTEE = Side.MENTEE.value, _("the leader")
        LEAD = "lead", _("a programme lead")
        DEPARTURE = "departure", _("somebody left the organisation")
        TOGETHER = "together", _("both, who closed together")

    pair = models.ForeignKey(Pair, models.CASCADE, related_name="endings")
    who = models.CharField(max_length=10, choices=Who)
    tells_at = models.DateTimeField()

    objects = EndingQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["tells_at"])]
        constraints = [
            models.UniqueConstraint(fields=["pair", "who"], name="each_ends_a_pair_once")
        ]

    class Privacy:
        erase: set[str] = set()
        keep = {"id", "pair", "who", "tells_at"}

    def __str__(self):
        return f"end of pair {self.pair_id}, told at {self.tells_at}"


class HoldQuerySet(models.QuerySet["Hold"]):
    def visible_to(self, person):
        """Return why a pair was paused to the leads of its programme, and not to the two."""
        return self.filter(pair__cohort__in=_led(person))

    def untold(self):
        """Return those of which the two have not heard yet."""
        return self.filter(told_at=None)


class Hold(models.Model):
    """Why a pair is paused by the conflict guard: the public hard rules that its people break."""

    pair = models.OneToOneField(Pair, models.CASCADE, primary_key=True, related_name="hold")
    rules = models.JSONField()
    held_on = models.DateField()
    # the two hear of it at the next fixed hour, as of an end; until then it is as before for them
    tells_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    class Privacy:
        erase: set[str] = set()
        keep = {"pair", "rules", "held_on", "tells_at", "told_at"}

    def __str__(self):
        return f"pair {self.pair_id} is paused: {', '.join(self.rules)}"


class AfterwardsQuerySet(models.QuerySet["Afterwards"]):
    def visible_to(self, person):
        """Return one's own: whoever wants to stop tells nobody, and the lead reads who looks."""
        return self.filter(
            Q(side=Side.MENTOR, pair__mentor=person.pk)
            | Q(side=Side.MENTEE, pair__mentee=person.pk)
        )


class Afterwards(models.Model):
    """Whether somebody looks for another partner since their pair ended: not before they say so."""

    pair = models.ForeignKey(Pair, models.CASCADE, related_name="afterwards")
    side = models.CharField(max_length=6, choices=Side)
    seeks_since = models.DateTimeField(null=True)

    objects = AfterwardsQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pair", "side"], name="each_looks_once_after_a_pair")
        ]

    class Privacy:
        erase: set[str] = set()
        keep = {"id", "pair", "side", "seeks_since"}

    def __str__(self):
        return f"the {self.side} after pair {self.pair_id}"
