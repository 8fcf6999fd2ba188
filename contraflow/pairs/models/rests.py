"""Days that do not count: a person is away, a pair pauses, a whole cohort is closed.

What a page shows is that a pair rests and until when; which of the three it is, and whose, stays
with whoever said so.
"""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from contraflow.core.codes import make_code
from contraflow.pairs.models.pairs import Pair
from contraflow.people.models import Person
from contraflow.programmes.models import Cohort, Programme


class Rest(models.Model):
    """Days from the first to the last, both included; a reason is never asked for."""

    code = models.SlugField(unique=True, default=make_code, editable=False)
    starts_on = models.DateField()
    ends_on = models.DateField()
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True
        ordering = ["starts_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="%(class)s_ends_after_it_starts"
            )
        ]

    def __str__(self):
        return f"{self.starts_on} to {self.ends_on}"


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def visible_to(self, person):
        """Return one's own absences: when somebody is away is nobody else's business."""
        return self.filter(person=person.pk)


class Absence(Rest):
    """A person is away, for whatever reason."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="absences")

    objects = AbsenceQuerySet.as_manager()

    class Privacy:
        erase = {"starts_on", "ends_on"}
        keep = {"id", "code", "person", "made_at"}


class PauseQuerySet(models.QuerySet["Pause"]):
    def visible_to(self, person):
        """Return the pauses of one's own pairs."""
        return self.filter(Q(pair__mentor=person.pk) | Q(pair__mentee=person.pk))


class Pause(Rest):
    """The two of a pair do not meet for a while."""

    pair = models.ForeignKey(Pair, models.CASCADE, related_name="pauses")

    objects = PauseQuerySet.as_manager()

    class Privacy:
        erase: set[str] = set()
        keep = {"id", "code", "pair", "starts_on", "ends_on", "made_at"}


class ShutdownQuerySet(models.QuerySet["Shutdown"]):
    def visible_to(self, person):
        """Return the shutdowns of cohorts one leads."""
        led = Programme.objects.led_by(person).order_by().values("pk")
        return self.filter(cohort__programme__in=led).select_related("cohort")


class Shutdown(Rest):
    """Nobody of a cohort meets: the company is closed."""

    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="shutdowns")

    objects = ShutdownQuerySet.as_manager()

    class Privacy:
        erase: set[str] = set()
        keep = {"id", "code", "cohort", "starts_on", "ends_on", "made_at"}
