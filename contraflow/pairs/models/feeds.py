"""The private address at which a calendar programme reads somebody's sessions."""

import hashlib
import hmac

from django.db import models
from django.urls import reverse
from django.utils import timezone

from contraflow.core.sealing import SealedField
from contraflow.people.models import Person


class CalendarFeedQuerySet(models.QuerySet["CalendarFeed"]):
    def visible_to(self, person):
        """Return one's own feed."""
        return self.filter(person=person.pk)

    def opened_by(self, secret):
        """Return the feed that this secret opens, None for wrong secrets and people who left."""
        digest = hashlib.sha256(secret.encode()).hexdigest()
        feed = self.filter(digest=digest, person__left_on=None).select_related("person").first()
        return feed if feed and hmac.compare_digest(feed.digest, digest) else None


class CalendarFeed(models.Model):
    """A private address at which a calendar programme reads one's sessions; can be revoked."""

    person = models.OneToOneField(
        Person, models.CASCADE, primary_key=True, related_name="calendar_feed"
    )
    digest = models.CharField(max_length=64, unique=True)
    # the address itself, so that its owner can read it again
    secret = SealedField()
    made_at = models.DateTimeField(default=timezone.now)

    objects = CalendarFeedQuerySet.as_manager()

    class Privacy:
        erase = {"digest", "secret"}
        keep = {"person", "made_at"}

    def __str__(self):
        return f"calendar feed of {self.person_id}"

    def get_absolute_url(self):
        return reverse("pairs:feed", args=[self.secret])

    def sealed_for(self):
        """Seal for the owner."""
        return f"person:{self.person_id}"
