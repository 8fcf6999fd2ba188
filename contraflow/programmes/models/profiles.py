"""What a participant says for matching: what a lead may see, and what nobody may."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contraflow.core.sealing import SealedField
from contraflow.programmes.models.programmes import Enrolment


class Topic(models.Model):
    """A thing to learn or to teach, from the searchable catalogue."""

    class Source(models.TextChoices):
        DIGCOMP = "digcomp", _("DigComp")
        DIGITAL = "digital", _("ESCO digital skills")
        TRANSVERSAL = "transversal", _("ESCO transversal skills")
        TEMPLATE = "template", _("programme templates")
        OWN = "own", _("this organisation")

    key = models.CharField(max_length=120, unique=True)
    source = models.CharField(max_length=12, choices=Source)
    label = models.CharField(_("topic"), max_length=200)
    theme = models.CharField(_("theme"), max_length=120, blank=True)
    description = models.TextField(blank=True)
    # label and other words for it, in lower case, for the search box
    search_text = models.TextField()

    class Meta:
        ordering = ["label", "pk"]
        indexes = [models.Index(fields=["label"])]

    class Privacy:
        erase: set[str] = set()
        keep = {"id", "key", "source", "label", "theme", "description", "search_text"}

    def __str__(self):
        return self.label


class ProfileQuerySet(models.QuerySet["Profile"]):
    def visible_to(self, person):
        """Return profiles of enrolments the person may see."""
        return self.filter(enrolment__in=Enrolment.objects.visible_to(person))


class Profile(models.Model):
    """What a participant says for matching, as far as the programme lead may see it."""

    enrolment = models.OneToOneField(
        Enrolment, models.CASCADE, primary_key=True, related_name="profile"
    )
    interests = models.JSONField(_("interests"), default=list, blank=True)
    # local hours of the week at which a session suits, 0 = Monday 00:00, in the person's time zone
    hours = models.JSONField(_("hours that suit"), default=list, blank=True)
    capacity = models.PositiveSmallIntegerField(
        _("partners at most"), default=1, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    saved_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    objects = ProfileQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(capacity__range=(1, 5)), name="profile_capacity_is_one_to_five"
            )
        ]

    class Privacy:
        erase = {"interests", "hours"}
        keep = {"enrolment", "capacity", "saved_at", "finished_at"}

    def __str__(self):
        return f"profile of {self.enrolment_id}"


class ProfileTopic(models.Model):
    """A topic with its level: what a mentor knows, or what a leader wants to learn."""

    class Consent(models.TextChoices):
        OPEN = "open", _("open")
        ASK = "ask", _("ask first")
        CLOSED = "closed", _("closed")

    profile = models.ForeignKey(Profile, models.CASCADE, related_name="topics")
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField(
        _("level"), validators=[MinValueValidator(0), MaxValueValidator(4)]
    )
    consent = models.CharField(max_length=6, choices=Consent, default=Consent.OPEN)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "topic"], name="topic_stands_once_in_a_profile"
            ),
            models.CheckConstraint(condition=Q(level__range=(0, 4)), name="level_is_0_to_4"),
        ]

    class Privacy:
        erase: set[str] = set()
        keep = {"id", "profile", "topic", "level", "consent"}

    def __str__(self):
        return f"{self.topic_id}: {self.level}"


class PrivateProfileQuerySet(models.QuerySet["PrivateProfile"]):
    def visible_to(self, person):
        """Return nothing but one's own; no role overrides this."""
        return self.filter(enrolment__person=person.pk)


class PrivateProfile(models.Model):
    """Personality, wishes and vetoes: sealed, read by their author and by the matching alone."""

    enrolment = models.OneToOneField(
        Enrolment, models.CASCADE, primary_key=True, related_name="private_profile"
    )
    # {"item number": answer 1-5} of the 16 items of the Mini-IPIP
    personality = SealedField(null=True)
    # up to three enrolment codes, the first most wished
    wishes = SealedField(null=True)
    # any number of enrolment codes
    vetoes = SealedField(null=True)

    objects = PrivateProfileQuerySet.as_manager()

    class Privacy:
        erase = {"personality", "wishes", "vetoes"}
        keep = {"enrolment"}

    def __str__(self):
        return f"private profile of {self.enrolment_id}"

    def sealed_for(self):
        """Seal for the author."""
        return f"person:{self.enrolment.person_id}"
