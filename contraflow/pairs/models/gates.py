"""That a lead opened the second session of a pair whose training is not done."""

from django.db import models
from django.utils import timezone

from contraflow.pairs.models.pairs import Pair
from contraflow.people.models import Person


class GateOpening(models.Model):
    """Session 2 of a pair opens without the training, and why; the reason is for the leads."""

    pair = models.OneToOneField(Pair, models.CASCADE, primary_key=True, related_name="gate_opening")
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Privacy:
        erase = {"by", "reason"}
        keep = {"pair", "at"}

    def __str__(self):
        return f"session 2 of pair {self.pair_id} is open"
