"""How far people came in their training, and the modules a programme wrote for itself."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contraflow.core.codes import make_code
from contraflow.people.models import Person
from contraflow.programmes.models import Enrolment, Programme, Steward


class ProgressQuerySet(models.QuerySet["Progress"]):
    def visible_to(self, person):
        """Return one's own alone; others learn done or not done where `gate` counts it."""
        return self.filter(person=person.pk)

    def done(self):
        """Return modules that were gone through to the end."""
        return self.filter(done_at__isnull=False)


class Progress(models.Model):
    """The screen of a module that a person was at last, and when they had done it.

    No answer, no number of tries and no count of right ones is kept, here or anywhere.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="training")
    # the id of a module that ships, such as M07, or the code of one of the programme's own
    module = models.SlugField(max_length=20)
    screen = models.PositiveSmallIntegerField(default=1)
    done_at = models.DateTimeField(null=True)

    objects = ProgressQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "module"], name="person_is_in_a_module_at_one_place"
            )
        ]

    class Privacy:
        erase = {"screen"}
        keep = {"id", "person", "module", "done_at"}

    def __str__(self):
        return f"{self.person_id} in {self.module}"


class OwnModuleQuerySet(models.QuerySet["OwnModule"]):
    def visible_to(self, person):
        """Return what is published to all of the programme, and everything to its leads."""
        present = Enrolment.objects.filter(person=person.pk, state__in=Enrolment.PRESENT)
        mine = Q(programme__in=present.values("cohort__programme"))
        served = Q(programme__in=Steward.objects.filter(person=person.pk).values("programme"))
        led = Q(programme__in=Programme.objects.led_by(person).order_by().values("pk"))
        return self.filter(led | Q(state=OwnModule.State.PUBLISHED) & (mine | served))

    def published(self):
        """Return what people are to learn."""
        return self.filter(state=OwnModule.State.PUBLISHED)


class OwnModule(models.Model):
    """A module that a programme's lead wrote: text in Markdown, and questions if there are any."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLISHED = "published", _("published")
        ARCHIVED = "archived", _("archived")

    class Role(models.TextChoices):
        ALL = "all", _("mentors and leaders")
        MENTOR = "mentor", _("mentors")
        LEADER = "leader", _("leaders")

    code = models.SlugField(unique=True, default=make_code, editable=False)
    programme = models.ForeignKey(Programme, models.CASCADE, related_name="own_modules")
    title = models.CharField(_("title"), max_length=120)
    minutes = models.PositiveSmallIntegerField(
        _("minutes"), default=8, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    role = models.CharField(_("for"), max_length=6, choices=Role, default=Role.ALL)
    before_session_2 = models.BooleanField(_("to be done before session 2"), default=False)
    text = models.TextField(_("text"), max_length=30_000)
    questions = models.TextField(_("questions"), max_length=6_000, blank=True)
    state = models.CharField(max_length=9, choices=State, default=State.DRAFT)

    objects = OwnModuleQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    class Privacy:
        erase: set[str] = set()
        keep = {
            "id", "code", "programme", "title", "minutes", "role", "before_session_2", "text",
            "questions", "state",
        }  # fmt: skip

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("training:own-module", args=[self.code])


class OwnModuleChange(models.Model):
    """Who changed a module of the programme's own, and when."""

    class Kind(models.TextChoices):
        MADE = "made", _("made")
        CHANGED = "changed", _("changed")
        PUBLISHED = "published", _("published")
        DRAFT = "draft", _("taken back to draft")
        ARCHIVED = "archived", _("archived")

    module = models.ForeignKey(OwnModule, models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=9, choices=Kind)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]

    class Privacy:
        erase = {"by"}
        keep = {"id", "module", "kind", "at"}

    def __str__(self):
        return f"{self.kind} at {self.at}"
