"""That a mentor is asked, some time after the end of a pair, whether all is well."""

import hashlib

from django.db import models
from django.utils import timezone

from contraflow.pairs.models.pairs import Pair


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def visible_to(self, person):
        """Return what one was asked as a mentor oneself, and nobody else's."""
        return self.filter(pair__mentor=person.pk)

    def opened_by(self, secret):
        """Return what this secret opens, None for wrong ones and mentors who have gone."""
        digest = hashlib.sha256(secret.encode()).hexdigest()
        asked = self.filter(digest=digest, pair__state=Pair.State.ENDED)
        asked = asked.filter(pair__mentor__left_on=None)
        return asked.select_related("pair__mentor", "pair__cohort__programme").first()


class FollowUp(models.Model):
    """That a mentor was asked, so many days after the end: the same after every end.

    Whether they answered, and what, is no row of its own: an answer is a mail to a trusted
    contact, which is deleted once it has been sent.
    """

    pair = models.ForeignKey(Pair, models.CASCADE, related_name="follow_ups")
    days = models.PositiveSmallIntegerField()
    # of the secret in the mailed address
    digest = models.CharField(max_length=64, unique=True)
    asked_at = models.DateTimeField(default=timezone.now)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pair", "days"], name="a_mentor_is_asked_once_a_time")
        ]

    class Privacy:
        erase = {"digest"}
        keep = {"id", "pair", "days", "asked_at"}

    def __str__(self):
        return f"question {self.days} days after pair {self.pair_id}"
