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
    # of buttons and links in mails and of the line above the pages; empty for the product's own
    accent = models.CharField(_("colour"), max_length=7, blank=True)
    # what the logo's address ends with, so that browsers keep it until it changes; empty for none
    logo_mark = models.CharField(max_length=16, blank=True)
    key_fingerprint = models.CharField(max_length=16, blank=True)
    key_backed_up_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="there_is_one_installation")]

    class Privacy:
        erase: set[str] = set()
        keep = {
            "id", "organisation", "accent", "logo_mark", "key_fingerprint", "key_backed_up_at",
        }  # fmt: skip

    def __str__(self):
        return self.organisation

    @classmethod
    def current(cls) -> "Installation":
        """Return the one row, unsaved and nameless where nothing was set up yet."""
        return cls.objects.first() or cls(pk=1, organisation="")


class SealingKey(models.Model):
    """The key of one person, pair or circle, wrapped by the installation's key."""

    owner = models.CharField(max_length=40)
    wrapped = models.BinaryField()
    made_at = models.DateTimeField(default=timezone.now)
    # from then on it opens what it has sealed and seals nothing more, see rotation.py
    retired_at = models.DateTimeField(null=True, blank=True)
    # from then on the row holds no key, and only keeps another from being made for this owner
    destroyed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner"], condition=models.Q(retired_at=None),
                name="one_key_seals_for_an_owner",
            ),
            models.CheckConstraint(
                condition=models.Q(destroyed_at=None) | models.Q(wrapped=b""),
                name="destroyed_key_is_gone",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["owner"], name="key_of_owner")]

    class Privacy:
        erase = {"wrapped"}
        keep = {"id", "owner", "made_at", "retired_at", "destroyed_at"}

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
        DROPPED = "dropped", _("not needed any more, or not wished for")

    code = models.SlugField(primary_key=True, default=make_code, editable=False)
    kind = models.CharField(max_length=60)
    once = models.CharField(max_length=160, unique=True)
    to_id = models.BigIntegerField(db_index=True)
    address = models.EmailField()
    words = SealedField()
    # which digest it waits for, empty for a mail of its own
    digest = models.CharField(max_length=6, blank=True)
    # ids of what it is about, for kinds that ask again before they are sent
    cause = models.JSONField(default=dict)
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
        keep = {
            "code", "kind", "once", "digest", "cause", "state", "attempts", "not_before",
            "made_at", "sent_at",
        }  # fmt: skip

    def __str__(self):
        return f"{self.kind} {self.code}: {self.state}"

    def sealed_for(self):
        """Seal the words for the person who gets them."""
        return f"person:{self.to_id}"


class Logo(models.Model):
    """The organisation's logo: one PNG, written anew from its pixels when it was uploaded."""

    png = models.BinaryField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="there_is_one_logo")]

    class Privacy:
        erase: set[str] = set()
        keep = {"id", "png", "width", "height"}

    def __str__(self):
        return f"logo, {self.width} x {self.height}"


class MailTextQuerySet(models.QuerySet["MailText"]):
    def visible_to(self, person):
        """Return all texts to those who may write them; they hold nothing of any person."""
        return self if person.has_perm("people.edit_mail_texts") else self.none()

    def of(self, kind, language):
        """Return what was ever written for a kind of mail, newest first."""
        return self.filter(kind=kind, language=language).order_by("-number")


class MailText(models.Model):
    """What the organisation wrote for a kind of mail; the newest of a kind and language counts.

    Rows are only added: what was written before is the history, and can be taken up again.
    """

    kind = models.CharField(max_length=60)
    language = models.CharField(max_length=10)
    number = models.PositiveIntegerField()
    # both empty where the text that ships was taken up again
    subject = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    by_id = models.BigIntegerField(null=True, db_index=True)
    at = models.DateTimeField(default=timezone.now)

    objects = MailTextQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "language", "number"], name="mail_text_is_written_one_by_one"
            )
        ]

    class Privacy:
        erase = {"by_id"}
        keep = {"id", "kind", "language", "number", "subject", "text", "at"}

    def __str__(self):
        return f"{self.kind} in {self.language}, number {self.number}"


class MailChoiceQuerySet(models.QuerySet["MailChoice"]):
    def visible_to(self, person):
        """Return one's own choices; whether somebody wants mail is nobody else's business."""
        return self.filter(person_id=person.pk)


class MailChoice(models.Model):
    """How a person wants mails of one kind; without a row they come at once."""

    class How(models.TextChoices):
        AT_ONCE = "once", _("at once")
        DAILY = "daily", _("once a day")
        WEEKLY = "weekly", _("once a week")
        NEVER = "never", _("never")

    person_id = models.BigIntegerField()
    kind = models.CharField(max_length=60)
    how = models.CharField(max_length=6, choices=How)

    objects = MailChoiceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person_id", "kind"], name="mail_is_chosen_once_a_kind")
        ]

    class Privacy:
        erase = {"person_id"}
        keep = {"id", "kind", "how"}

    def __str__(self):
        return f"{self.kind}: {self.how}"


class BounceQuerySet(models.QuerySet["Bounce"]):
    def visible_to(self, person):
        """Return one's own, and all to those who keep the list of people."""
        may = person.has_perm("people.keep_person")
        return self if may else self.filter(person_id=person.pk)

    def open(self):
        """Return those nobody has answered yet."""
        return self.filter(cleared_at=None)

    def of(self, person):
        """Return what is open about the address a person has now."""
        return self.open().filter(person_id=person.pk, address=person.email)


class Bounce(models.Model):
    """A mail server said that an address does not exist; counts while the person has it."""

    class Source(models.TextChoices):
        REFUSED = "refused", _("refused when it was sent")
        RETURNED = "returned", _("came back later")

    person_id = models.BigIntegerField(db_index=True)
    address = models.EmailField()
    # the enhanced status of RFC 3463, 5.1.1 for one; the server's own words name people
    status = models.CharField(max_length=12)
    source = models.CharField(max_length=10, choices=Source)
    at = models.DateTimeField(default=timezone.now)
    cleared_at = models.DateTimeField(null=True)

    objects = BounceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person_id", "address"],
                condition=Q(cleared_at=None),
                name="address_comes_back_once",
            )
        ]

    class Privacy:
        erase = {"person_id", "address"}
        keep = {"id", "status", "source", "at", "cleared_at"}

    def __str__(self):
        return f"bounce {self.status} of {self.person_id}"


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, person):
        """Return one's own; nobody reads what another was told."""
        return self.filter(for_id=person.pk)

    def unread(self):
        """Return those that were not read yet."""
        return self.filter(read_at=None)


class Notice(models.Model):
    """One line below the bell: facts only; its words are built when it is read."""

    code = models.SlugField(unique=True, default=make_code, editable=False)
    for_id = models.BigIntegerField()
    kind = models.CharField(max_length=60)
    once = models.CharField(max_length=160, unique=True)
    facts = models.JSONField(default=dict)
    path = models.CharField(max_length=200)
    at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["for_id", "-at"], name="notices_of_a_person"),
            models.Index(fields=["at"], name="notices_by_age"),
        ]

    class Privacy:
        erase = {"for_id", "path"}
        keep = {"id", "code", "kind", "once", "facts", "at", "read_at"}

    def __str__(self):
        return f"{self.kind} for {self.for_id}"
