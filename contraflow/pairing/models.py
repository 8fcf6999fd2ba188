"""Drafts of a pairing, what the lead asked of them, and the publication of one."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contraflow.core.codes import make_code
from contraflow.core.models import Job
from contraflow.people.models import Person
from contraflow.programmes.models import Cohort, Enrolment, Programme


class DraftQuerySet(models.QuerySet["Draft"]):
    def visible_to(self, person):
        """Return drafts to the leads of their programme alone."""
        return self.filter(cohort__programme__in=Programme.objects.led_by(person).values("pk"))


class Draft(models.Model):
    """One solved pairing of a cohort: kept, compared, perhaps published."""

    class Kind(models.TextChoices):
        FIRST = "first", _("the first pairs")
        REPAIR = "repair", _("partners for those without one")
        REMATCH = "rematch", _("a re-match with few changes")

    class State(models.TextChoices):
        SOLVING = "solving", _("being solved")
        READY = "ready", _("ready")

    code = models.SlugField(unique=True, default=make_code, editable=False)
    cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="drafts")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.FIRST)
    state = models.CharField(max_length=10, choices=State, default=State.SOLVING)
    # grows each time it is solved anew, so that what is published is what was on the screen
    version = models.PositiveIntegerField(default=0)
    # weights, rules, floor and objective, in the words of content/defaults.yaml
    settings = models.JSONField()
    # hundredths of a full fit that each pair which stays is worth in a re-match
    inertia = models.PositiveSmallIntegerField(default=0)
    # counts, average and least fit, proof, diagnosis, options; nothing about one person
    result = models.JSONField(default=dict)
    job_code = models.CharField(max_length=50, blank=True)
    based_on = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    objects = DraftQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["cohort", "number"], name="draft_number_stands_once_in_its_cohort"
            )
        ]

    class Privacy:
        erase = {"by"}
        keep = {
            "id", "code", "cohort", "number", "kind", "state", "version", "settings", "inertia",
            "result", "job_code", "based_on", "made_at",
        }  # fmt: skip

    def __str__(self):
        return f"draft {self.number}"

    def get_absolute_url(self):
        return reverse("pairing:draft", args=[self.code])

    @property
    def is_first(self) -> bool:
        """Tell whether it is for a cohort whose pairs are not published yet."""
        return self.kind == Draft.Kind.FIRST

    @property
    def job(self) -> Job | None:
        """Return the job that solves it, or solved it last."""
        return Job.objects.filter(code=self.job_code).first() if self.job_code else None

    @property
    def pricing_job(self) -> Job | None:
        """Return the job that prices the options of the draft as it stands, or did."""
        code = self.result.get("options", {}).get("job")
        return Job.objects.filter(code=code).first() if code else None


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def visible_to(self, person):
        """Return proposals of drafts the person may see."""
        return self.filter(draft__in=Draft.objects.visible_to(person))


class Proposal(models.Model):
    """Two people a draft would pair, with the parts of their fit in millionths.

    The private part (personality, wishes) comes from covered answers, so that nobody can work
    back to one, whatever else they read.
    """

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="proposals")
    mentor = models.ForeignKey(Enrolment, models.PROTECT, related_name="+")
    mentee = models.ForeignKey(Enrolment, models.PROTECT, related_name="+")
    skills = models.IntegerField()
    interests = models.IntegerField()
    logistics = models.IntegerField()
    distance = models.IntegerField()
    private = models.IntegerField()
    fit = models.IntegerField()
    # what both have in common, for the reasons and the common ground card:
    # {"topics": [labels], "interests": [...], "languages": [...], "hours": 12, "theme": "..."},
    # open topics only
    common = models.JSONField(default=dict)
    locked = models.BooleanField(default=False)
    # the two are a pair already, and the draft leaves them as they are
    stays = models.BooleanField(default=False)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ["stays", "-fit", "pk"]
        indexes = [models.Index(fields=["draft", "stays", "-fit", "id"])]
        constraints = [
            models.UniqueConstraint(
                fields=["draft", "mentor", "mentee"], name="two_people_are_proposed_once"
            )
        ]

    class Privacy:
        erase: set[str] = set()
        keep = {
            "id", "draft", "mentor", "mentee", "skills", "interests", "logistics", "distance",
            "private", "fit", "common", "locked", "stays",
        }  # fmt: skip

    def __str__(self):
        return f"{self.mentor_id} with {self.mentee_id}"


class WantedQuerySet(models.QuerySet["Wanted"]):
    def visible_to(self, person):
        """Return decisions in drafts the person may see."""
        return self.filter(draft__in=Draft.objects.visible_to(person))


class Wanted(models.Model):
    """What the lead decided about two people in a draft: keep them together, or apart."""

    class Kind(models.TextChoices):
        LOCK = "lock", _("keep together")
        FORBID = "forbid", _("keep apart")

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="wanted")
    mentor = models.ForeignKey(Enrolment, models.PROTECT, related_name="+")
    mentee = models.ForeignKey(Enrolment, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=6, choices=Kind)

    objects = WantedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["draft", "mentor", "mentee"], name="two_people_are_decided_once"
            )
        ]

    class Privacy:
        erase: set[str] = set()
        keep = {"id", "draft", "mentor", "mentee", "kind"}

    def __str__(self):
        return f"{self.kind} {self.mentor_id} and {self.mentee_id}"


class PublicationQuerySet(models.QuerySet["Publication"]):
    def visible_to(self, person):
        """Return publications to the leads of their programme alone."""
        return self.filter(cohort__programme__in=Programme.objects.led_by(person).values("pk"))

    def standing(self):
        """Return publications that were not undone."""
        return self.filter(undone_at__isnull=True)


class Publication(models.Model):
    """A draft made real, once; may be undone within the hour."""

    draft = models.ForeignKey(Draft, models.PROTECT, related_name="publications")
    cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="publications")
    # the draft's, so that a constraint can keep the first one single
    kind = models.CharField(max_length=10, choices=Draft.Kind, default=Draft.Kind.FIRST)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    published_at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True)
    # enrolment codes of those without a partner, whom it put on the bench or the waiting list
    set_aside = models.JSONField(default=list)
    # in a running cohort, for an undo: codes of the pairs it started and of those it ended, and
    # whom it took in: [{"enrolment": code, "state": "waiting", "place": 3}]
    started = models.JSONField(default=list)
    ended = models.JSONField(default=list)
    taken_in = models.JSONField(default=list)

    objects = PublicationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cohort"],
                condition=Q(undone_at__isnull=True, kind="first"),
                name="cohort_gets_its_first_pairs_once",
            ),
            models.UniqueConstraint(
                fields=["draft"],
                condition=Q(undone_at__isnull=True),
                name="draft_is_published_once",
            ),
        ]

    class Privacy:
        erase = {"by"}
        keep = {
            "id", "draft", "cohort", "kind", "published_at", "undone_at", "set_aside", "started",
            "ended", "taken_in",
        }  # fmt: skip

    def __str__(self):
        return f"publication of {self.draft_id}"
