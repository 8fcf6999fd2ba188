"""What a line manager is asked: hours, and nothing else."""

import hashlib

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contraflow.people.models import Person
from contraflow.programmes.models.programmes import Enrolment, Programme


class HoursRequestQuerySet(models.QuerySet["HoursRequest"]):
    def visible_to(self, person):
        """Return what was asked about oneself, and all of it to the programme's leads."""
        led = Programme.objects.led_by(person).order_by().values("pk")
        return self.filter(Q(enrolment__person=person.pk) | Q(enrolment__cohort__programme__in=led))

    def opened_by(self, secret):
        """Return what this secret opens, None for wrong ones and managers who left."""
        digest = hashlib.sha256(secret.encode()).hexdigest()
        asked = self.filter(digest=digest, manager__left_on=None)
        return asked.select_related("enrolment__person", "enrolment__cohort__programme").first()


class HoursRequest(models.Model):
    """That the line manager of somebody who takes part was asked for hours, and the answer."""

    class Answer(models.TextChoices):
        CONFIRMED = "confirmed", _("hours confirmed")
        NOT_NOW = "not_now", _("hours not possible at present")

    enrolment = models.OneToOneField(
        Enrolment, models.CASCADE, primary_key=True, related_name="hours_request"
    )
    manager = models.ForeignKey(Person, models.CASCADE, related_name="+")
    hours = models.PositiveSmallIntegerField()
    # of the secret in the mailed address; a newer mail makes it anew
    digest = models.CharField(max_length=64, unique=True)
    asked_at = models.DateTimeField(default=timezone.now)
    answer = models.CharField(max_length=10, choices=Answer, blank=True)
    answered_at = models.DateTimeField(null=True)

    objects = HoursRequestQuerySet.as_manager()

    class Privacy:
        erase = {"manager", "digest"}
        keep = {"enrolment", "hours", "asked_at", "answer", "answered_at"}

    def __str__(self):
        return f"hours of enrolment {self.enrolment_id}"
