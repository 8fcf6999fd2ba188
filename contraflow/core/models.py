"""What every room shares: the installation, keys, the audit trail, jobs and the outbox."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contraflow.core.codes import make_code
from contraflow.core.sealing import SealedField


class Installation(models.Model):
    """This installation itself: one row, made by `contraflow init` or the demonstration."""

    organisation = models.CharField(_("organisation"), max_length=120)
    key_fingerprint = models.CharField(max_length=16, blank=True)
    key_backed_up_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="there_is_one_installation")]

    class Privacy:
        erase: set[str] = set()
        keep = {"id", "organisation", "key_fingerprint", "key_backed_up_at"}

    def __str__(self):
        return self.organisation

    @classmethod
    def current(cls) -> "Installation":
        """Return the one row, unsaved and nameless where nothing was set up yet."""
        return cls.objects.first() or cls(pk=1, organisation="")


class SealingKey(models.Model):
    """The key of one person, pair or circle, wrapped by the installation's key."""

    owner = models.CharField(max_length=40, unique=True)
    wrapped = models.BinaryField()
    made_at = models.DateTimeField(default=timezone.now)

    class Privacy:
        erase = {"wrapped"}
        keep = {"id", "owner", "made_at"}

    def __str__(self):
        return f"key of {self.owner}"


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    def reads(self):
        """Return what is noted about reading, not about doing."""
        return self.exclude(about="")

    def about(self, subjects):
        """Return who looked at these subjects; `home.reads` knows which ones concern a person."""
        return self.filter(about__in=subjects)


class AuditEntry(models.Model):
    """One announced event; ids only, so nothing here needs erasing but the link to who did it."""

    event = models.CharField(max_length=60)
    facts = models.JSONField()
    # what was looked at, see core.reads; empty for everything that was done
    about = models.CharField(max_length=40, blank=True)
    by_id = models.BigIntegerField(null=True, db_index=True)
    at = models.DateTimeField(default=timezone.now)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["about", "at"], condition=~Q(about=""), name="reads_by_subject")
        ]

    class Privacy:
        erase = {"by_id"}
        keep = {"id", "event", "facts", "about", "at"}

    def __str__(self):
        return f"{self.event} at {self.at}"


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, person):
        """Return the jobs this person started."""
        return self.filter(by_id=person.pk)

    def abandoned(self, now):
        """Return jobs whose worker gave no sign of life within its lease."""
        return self.filter(state=Job.State.RUNNING, leased_until__lt=now)

    def under_way(self):
        """Return jobs that wait or run."""
        return self.filter(state__in=[Job.State.WAITING, Job.State.RUNNING])

    def due(self, now):
        """Return jobs that wait and may start."""
        return self.filter(state=Job.State.WAITING, not_before__lte=now)


class Job(models.Model):
    """Work in the background; this row is the truth, the queue only carries its id."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    code = models.SlugField(unique=True, default=make_code, editable=False)
    kind = models.CharField(max_length=60)
    args = models.JSONField(default=dict)
    # a second job with the same key is not started while the first one waits or runs
    only_one = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True)
    step = models.CharField(max_length=120, blank=True)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    not_before = models.DateTimeField(default=timezone.now)
    # when its id was last put into the queue, where it may get lost
    queued_at = models.DateTimeField(default=timezone.now)
    cancel_asked_at = models.DateTimeField(null=True)
    by_id = models.BigIntegerField(null=True, db_index=True)
    made_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["state", "not_before"])]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "only_one"],
                condition=Q(state="waiting") & ~Q(only_one=""),
                name="job_waits_only_once",
            )
        ]

    class Privacy:
        erase = {"by_id"}
        keep = {
            "id", "code", "kind", "args", "only_one", "state", "done", "total", "step", "result",
            "error", "attempts", "lease", "leased_until", "not_before", "queued_at",
            "cancel_asked_at", "made_at", "ended_at",
        }  # fmt: skip

    def __str__(self):
        return f"{self.kind} {self.code}: {self.state}"

    def get_absolute_url(self):
        return reverse("core:job", args=[self.code])

    @property
    def is_over(self) -> bool:
        """Tell whether nothing more will happen."""
        return self.state in {self.State.DONE, self.State.FAILED, self.State.CANCELLED}

    @property
    def percent(self) -> int | None:
        """Return how far it is, 0 to 100, or None while that is unknown."""
        return min(100, 100 * self.done // self.total) if self.total else None


class OutgoingMailQuerySet(models.QuerySet["OutgoingMail"]):
    def due(self, now):
        """Return mails that wait and may be sent."""
        return self.filter(state=OutgoingMail.State.WAITING, not_before__lte=now)


class OutgoingMail(models.Model):
    """One mail, written in the transaction that caused it and sent after it.

    The words are sealed for the person who gets them: a copy of the database holds neither
    their content nor the links in them. `once` makes a repeated cause send nothing twice.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")

    code = models.SlugField(primary_key=True, default=make_code, editable=False)
    kind = models.CharField(max_length=60)
    once = models.CharField(max_length=160, unique=True)
    to_id = models.BigIntegerField(db_index=True)
    address = models.EmailField()
    words = SealedField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(default=timezone.now)
    error = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["state", "not_before"])]

    class Privacy:
        # a mail server's refusal names the address
        erase = {"address", "words", "to_id", "error"}
        keep = {"code", "kind", "once", "state", "attempts", "not_before", "made_at", "sent_at"}

    def __str__(self):
        return f"{self.kind} {self.code}: {self.state}"

    def sealed_for(self):
        """Seal the words for the person who gets them."""
        return f"person:{self.to_id}"
