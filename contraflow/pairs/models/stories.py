"""Stories of one's own: for the partner at once, for the cohort where both want it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contraflow.core.codes import make_code
from contraflow.core.sealing import SealedField
from contraflow.pairs.models.pairs import Pair, _mine
from contraflow.people.models import Person
from contraflow.programmes.models import Cohort, Enrolment, Programme, Side


class StoryQuerySet(models.QuerySet["Story"]):
    def visible_to(self, person):
        """Return stories to the two people of the pair alone."""
        return self.filter(_mine(person, "pair__")).select_related("pair__mentor", "pair__mentee")


class Story(models.Model):
    """That one of the two told something of their own, and who may hear it: facts alone.

    `shared_as` is the author's choice; others of the programme hear it once the partner agrees too.
    """

    class SharedAs(models.TextChoices):
        OURS = "ours", _("Only the two of us")
        WITHOUT_NAME = "without_name", _("Everybody in this cohort, without my name")
        WITH_NAME = "with_name", _("Everybody in this cohort, with my name")

    code = models.SlugField(unique=True, default=make_code, editable=False)
    pair = models.ForeignKey(Pair, models.CASCADE, related_name="stories")
    side = models.CharField(max_length=6, choices=Side)
    shared_as = models.CharField(max_length=12, choices=SharedAs, default=SharedAs.OURS)
    made_at = models.DateTimeField(default=timezone.now)

    objects = StoryQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    class Privacy:
        erase: set[str] = set()
        keep = {"id", "code", "pair", "side", "shared_as", "made_at"}

    def __str__(self):
        return f"story of the {self.side} in pair {self.pair_id}"

    def get_absolute_url(self):
        return f"{self.pair.get_absolute_url()}#stories"

    @property
    def author(self) -> Person:
        """Return who told it."""
        return self.pair.mentor if self.side == Side.MENTOR else self.pair.mentee


class StoryWordsQuerySet(models.QuerySet["StoryWords"]):
    def visible_to(self, person):
        """Return words to the two people of the pair alone; no role overrides this."""
        return self.filter(_mine(person, "story__pair__"))


class StoryWords(models.Model):
    """What was told: sealed for the pair."""

    story = models.OneToOneField(Story, models.CASCADE, primary_key=True, related_name="words")
    prompt = SealedField(null=True)
    text = SealedField()

    objects = StoryWordsQuerySet.as_manager()

    class Privacy:
        erase = {"prompt", "text"}
        keep = {"story"}

    def __str__(self):
        return f"words of story {self.story_id}"

    def sealed_for(self):
        """Seal for the two people of the pair."""
        return f"pair:{self.story.pair_id}"


class SharedStoryQuerySet(models.QuerySet["SharedStory"]):
    def visible_to(self, person):
        """Return the stories of one's cohorts to whoever takes part there, leads or sponsors it."""
        joined = Enrolment.objects.filter(person=person.pk, state=Enrolment.State.ENROLLED)
        kept = Programme.objects.filter(stewards__person=person.pk)
        return self.filter(
            Q(cohort__in=joined.order_by().values("cohort"))
            | Q(cohort__programme__in=kept.order_by().values("pk"))
        )


class SharedStory(models.Model):
    """A story that both of a pair let the cohort hear: a copy in the words they saw, until then.

    Either of the two takes it back at any time, and the copy is gone.
    """

    story = models.OneToOneField(Story, models.CASCADE, primary_key=True, related_name="shared")
    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="shared_stories")
    text = models.TextField()
    # empty where the author wants no name
    name = models.CharField(max_length=200, blank=True)
    shared_at = models.DateTimeField(default=timezone.now)

    objects = SharedStoryQuerySet.as_manager()

    class Meta:
        ordering = ["-shared_at", "-pk"]

    class Privacy:
        erase = {"text", "name"}
        keep = {"story", "cohort", "shared_at"}

    def __str__(self):
        return f"shared story {self.story_id}"
